"""The playbook in memory: one frozen dataclass per kind of entry, as SPEC section 3 names them.

Every entry knows its `name` and the `place` it was read from, so that a finding can point at the line that says it.
Nothing here reads files (`reader`), keeps comments (`writer`) or touches an engine (`conditions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.conditions import Condition, Expression
from aboveboard.playbook.formulas import Formula


@dataclass(frozen=True)
class Place:
    """Where an entry stands: file name (or "<text>") and line, counted from one."""

    file: str = "<text>"
    line: int = 0


@dataclass(frozen=True)
class Within:
    """How long a promise has, as written ("3 hours") and as measured.

    `minutes` is set for minutes, hours and weeks, and for days on the wall clock (24 hours each).
    `open_days` is set instead for days on a calendar: the promise then ends when the n-th open day after the day of the
    start closes.
    """

    says: str
    minutes: float | None = None
    open_days: int | None = None


@dataclass(frozen=True)
class Requirement:
    """One `when → then` of an entry's `requires`, over the facts of the situation; `when` absent means always."""

    then: Condition
    when: Condition | None = None


@dataclass(frozen=True)
class Promise:
    """What is said, what starts its clock, what keeps or cancels it, and how often it is meant to hold.

    Exactly one of `within` and `by` is set. `by` is a ledger column (`due`) or `attributes.<key>`.
    `same` is the column that ties start and end together. `calendar` names the calendar whose open hours the
    clock runs in; None is the wall clock. `objective` is a share, 0–1; None where none is stated.
    """

    name: str
    says: str
    starts: Condition
    kept_by: Condition
    owner: str | None = None
    cancelled_by: Condition | None = None
    same: str = "subject"
    within: Within | None = None
    by: str | None = None
    calendar: str | None = None
    objective: float | None = None
    requires: tuple[Requirement, ...] = ()
    place: Place = Place()

    @property
    def rule(self) -> str:
        """What the ledger's column `rule` holds for it."""
        return f"promise:{self.name}"


@dataclass(frozen=True)
class Policy:
    """A rule, who owns it, how far each level may bend it (in money), and the extra harm its owner would accept.

    `harm_within` is how long after an exception harm may still show, on the wall clock: its `minutes` are always set.
    `evidence` is what a refusal under it rests on; None where nothing is stated.
    """

    name: str
    says: str
    owner: str | None = None
    authority: Mapping[str, float] = field(default_factory=dict)
    harm_margin: float | None = None
    harm_within: Within = Within("60 days", minutes=60 * 1440.0)
    requires: tuple[Requirement, ...] = ()
    place: Place = Place()
    evidence: Literal["abuse", "law", "safety", "impossible"] | None = None

    @property
    def rule(self) -> str:
        """What the ledger's column `rule` holds for it."""
        return f"policy:{self.name}"


@dataclass(frozen=True)
class Step:
    """One step of a procedure: must, default or offer, and why it is there (None where nobody has written it).

    `when` is over the event that starts the procedure: the step is due only where it is true; None is always.
    """

    name: str
    kind: Literal["must", "default", "offer"]
    why: str | None = None
    place: Place = Place()
    when: Condition | None = None


@dataclass(frozen=True)
class Procedure:
    """An ordered list of steps and what starts it."""

    name: str
    starts: Condition | None
    steps: tuple[Step, ...]
    owner: str | None = None
    place: Place = Place()


@dataclass(frozen=True)
class Claim:
    """What is said of an act, the words that say it, and when the record bears it out.

    `words` holds phrases and `/regular expressions/` by language. An entry with the name of a claim that ships may leave any key
    out: `says` and `evidence` are then None, `same` and `commitment` too (`playbook.claims` lays it over the shipped one).
    """

    name: str
    says: str | None = None
    owner: str | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: Formula | None = None
    recorded_by: Condition | None = None
    same: Literal["subject", "customer", "episode"] | None = None
    commitment: bool | None = None
    place: Place = Place()


@dataclass(frozen=True)
class Incentive:
    """Who is paid for what: the condition picks the events that pay; `pays` is the amount over the facts of the situation."""

    name: str
    paid_to: str
    condition: Condition
    requires: tuple[Requirement, ...] = ()
    place: Place = Place()
    pays: Expression | None = None


@dataclass(frozen=True)
class Measure:
    """A survey scale: its ends, the lowest good answer, which end is good ("good" or "easy" high), and the share of good
    answers meant to be had at every touchpoint (0–1; None where nobody says).
    """

    name: str
    scale: tuple[float, float]
    good_from: float | None = None
    high_is: Literal["good", "easy", "hard", "bad"] = "good"
    objective: float | None = None
    place: Place = Place()


@dataclass(frozen=True)
class Fact:
    """One named fact of the situation that the prover reasons over.

    `decision` marks what is ours to choose; `source` (`from:` in YAML) is an expression over the event that starts
    the promise; `options` holds the values of an enumeration. `calendar` names the calendar in whose opening hours it lies.
    `decided` says that rules must leave one value, `refuses` which options refuse the customer, `says` how a person says it.
    """

    name: str
    type: Literal["number", "integer", "boolean", "enumeration", "money", "date", "time", "duration", "string"]
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    decision: bool = False
    source: Expression | None = None
    place: Place = Place()
    calendar: str | None = None
    decided: bool = False
    refuses: tuple[str, ...] = ()
    says: str | None = None


@dataclass(frozen=True)
class WordingRule:
    """A rule of the linter of words: one that ships, switched off for a reason (`off`), or an own one (`patterns`).

    `patterns` and `exceptions` go by language code. Which rules ship is the linter's to know: it checks the name.
    """

    name: str
    off: str | None = None
    says: str = ""
    why: str = ""
    better: str = ""
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience: Literal["customer", "internal"] = "customer"
    severity: Literal["error", "warning", "note"] = "warning"
    place: Place = Place()


@dataclass(frozen=True)
class Playbook:
    """The whole book. Mappings keep the order of the file; every key is the entry's name."""

    organisation: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    incentives: Mapping[str, Incentive] = field(default_factory=dict)
    touchpoints: tuple[str, ...] = ()
    journeys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    situation: Mapping[str, Fact] = field(default_factory=dict)
    wording: Mapping[str, WordingRule] = field(default_factory=dict)
    files: tuple[str, ...] = ()
