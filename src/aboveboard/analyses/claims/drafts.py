"""One message that is still being written: what it claims and promises, and what the record shows of that now.

The same reading and the same formulas as `claims` over a whole ledger, for one message and the events of its matter in memory,
so that whoever writes has the answer within a pause of the hand. `tests/agreement` holds the two to one another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

import numpy as np

from aboveboard.analyses.claims import applying, reasons, statements
from aboveboard.analyses.claims.monitor import FAR, Traces, Truth
from aboveboard.analyses.claims.monitor.evaluation import Evaluation
from aboveboard.analyses.claims.monitor.reach import reach
from aboveboard.analyses.claims.monitor.truth import NOT_YET, UNVERIFIABLE, verdict
from aboveboard.analyses.claims.monitor.witnesses import Witnesses
from aboveboard.ledger import epochs
from aboveboard.playbook.formulas import Formula
from aboveboard.playbook.model import Claim, Playbook

Row = Mapping[str, Any]
"""An event by the ledger's columns: moments with a time zone, `attributes` as a mapping; what is absent may be left out."""
_OF_CLAIM = ("time", "subject", "customer", "employee", "value")


@dataclass(frozen=True)
class Said:
    """One claim in a draft: its words and their place, what it speaks of, and for a commitment when it falls due (UTC).

    `until` is where its sentence ends.
    """

    claim: str
    words: str
    start: int
    end: int
    until: int
    topic: str | None
    commitment: bool
    due: datetime | None = None
    due_words: str | None = None


@dataclass(frozen=True)
class Shown:
    """What the record shows of one claim: the verdict, and the ids of the events that show it.

    `not yet`: nothing bears the claim out so far. `act` is what would be on record, `since` how far back it was looked for;
    None where from the beginning.
    """

    said: Said
    verdict: str
    act: str
    evidence: tuple[str, ...] = ()
    since: timedelta | None = None


def read(text: str, playbook: Playbook, *, said_at: datetime) -> list[Said]:
    """The claims and commitments of a text, in order of place; times in the playbook's time zone, as if said at `said_at`."""
    applied = applying.applied(playbook)
    found = statements.of_text(text, applied)
    return [
        Said(
            one.found.claim,
            one.found.words,
            one.found.start,
            one.found.end,
            one.found.sentence[1],
            one.topic,
            bool(applied[one.found.claim].commitment),
            one.due.after(said_at, playbook.timezone) if one.due else None,
            one.due.words if one.due else None,
        )
        for one in found
    ]


def shown(
    said: Sequence[Said], record: Sequence[Row], draft: Row, playbook: Playbook, *, types: Collection[str]
) -> list[Shown]:
    """What the record shows now of each claim of a draft that can be held against it; commitments are left out.

    `draft` is the event that the message would be, `record` the events of its subject, or of its customer: those of another
    subject are left out where a claim goes by subject, as those that go by episode do here. `types` are the event types that
    the whole ledger holds: where it never holds such an act, that none is found shows nothing, and the claim is
    `unverifiable`, as is one whose formula would wait for ever.
    """
    applied = applying.applied(playbook)
    judged = (one for one in said if not one.commitment and applied[one.claim].evidence is not None)
    return [_shown(one, record, draft, applied[one.claim], types) for one in judged]


def ask_customers(said: Sequence[Said], playbook: Playbook) -> bool:
    """Whether any of the claims is held against the record of the customer, beyond that of the subject."""
    applied = applying.applied(playbook)
    return any(applied[one.claim].same == "customer" for one in said if not one.commitment)


def _shown(said: Said, record: Sequence[Row], draft: Row, claim: Claim, types: Collection[str]) -> Shown:
    assert claim.evidence is not None
    act = reasons.act({"claim": said.claim, "topic": said.topic})
    by = "customer" if claim.same == "customer" else "subject"
    if draft.get(by) is None:
        return Shown(said, UNVERIFIABLE, act)
    rows = [row for row in record if row.get(by) == draft[by] and row["time"] <= draft["time"]]
    rows = sorted([*rows, draft], key=lambda row: (row["time"], row["id"]))
    truth, evidence = _judged(rows, draft, said, claim.evidence)
    span = reach(claim.evidence.tree)
    recorded = _recorded(said, claim, types)
    found = verdict(truth, recorded=recorded, witnessed=bool(evidence))
    if found == NOT_YET and (span.end == inf or not recorded):
        found = UNVERIFIABLE
    since = None if span.begin == -inf or not span.begin else timedelta(microseconds=-span.begin)
    return Shown(said, found, act, evidence, since)


def _judged(rows: Sequence[Row], draft: Row, said: Said, formula: Formula) -> tuple[Truth, tuple[str, ...]]:
    """The formula's value at the draft, the record ending there, and the events that show it where it is so for good."""
    asked = {f"claim.{name}": draft.get(name) for name in _OF_CLAIM} | {"claim.event": draft["id"]}
    asked |= {"claim.topic": said.topic, "claim.due": said.due}
    bound = [{**row, **asked} for row in rows]
    atoms = {}
    for condition in formula.conditions:
        met = condition.to_python()
        atoms[condition] = np.array([met(row) is True for row in bound])
    times = np.array([epochs.micros_of(row["time"]) for row in rows], dtype=np.int64)
    due = np.full(len(rows), FAR if said.due is None else epochs.micros_of(said.due))
    evaluation = Evaluation(
        Traces(np.zeros(len(rows), dtype=np.int64), times, atoms, epochs.micros_of(draft["time"]), due)
    )
    place = next(number for number, row in enumerate(rows) if row["id"] == draft["id"])
    truth = Truth(int(evaluation.values(formula.tree)[place]))
    if truth not in (Truth.TRUE, Truth.FALSE):
        return truth, ()
    found = Witnesses(evaluation).of(formula.tree, place, truth)
    return truth, tuple(rows[number]["id"] for number in sorted(found))


def _recorded(said: Said, claim: Claim, types: Collection[str]) -> bool:
    """Whether the ledger may hold such acts: an event of a type that meets the conditions, whatever else they ask."""
    assert claim.evidence is not None
    kept = claim.recorded_by.to_python() if claim.recorded_by is not None else None
    if kept is not None and all(kept({"type": one}) is False for one in types):
        return False
    asked = [condition.to_python() for condition in claim.evidence.conditions]
    return any(met({"type": one, "claim.topic": said.topic}) is not False for one in types for met in asked)
