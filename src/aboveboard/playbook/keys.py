"""Every key a playbook may hold: one table, from which come the checks, the reference page and the editors' schema.

Change what a playbook can say here, then the dataclass in `model` and the assembly in `reader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text",
    "texts",
    "timezone",
    "currency",
    "hours",
    "hours_by_date",
    "holidays",
    "dates",
    "condition",
    "expression",
    "duration",
    "moment_column",
    "text_column",
    "calendar",
    "share",
    "number",
    "money_by_level",
    "boolean",
    "scale",
    "choice",
    "requirements",
    "steps",
    "touchpoints",
    "formula",
    "words_by_language",
    "patterns",
    "amount",
]

KINDS: dict[Kind, str] = {
    "text": "text",
    "texts": "a list of texts",
    "timezone": "a time zone by its IANA name: `Europe/Berlin`",
    "currency": "a currency by its ISO 4217 code: `EUR`",
    "hours": 'days to opening hours: `{mon-fri: "09:00-12:00, 13:00-17:00", sat: "22:00-02:00", sun: closed}`; `24h` is all day',
    "hours_by_date": 'dates to opening hours: `{2026-12-24: "10:00-14:00"}`',
    "holidays": "a country (`US`), a part of one (`DE-BY`) or an exchange (`XNYS`)",
    "dates": "a list of dates: `[2026-12-24, 2026-12-31]`",
    "condition": "a condition: SQL over the ledger's columns",
    "expression": "an SQL expression over the ledger's columns",
    "amount": "a number, as an SQL expression over the facts of the situation",
    "duration": "a duration: `90 minutes`, `3 hours`, `1 hour 30 minutes`, `2 days`, `1 week`, `2 open days`",
    "moment_column": "a ledger column that holds a time (`due`), or `attributes.<key>`",
    "text_column": "a ledger column that holds text: `subject`, `customer`, …",
    "calendar": "the name of a calendar of this playbook",
    "share": "a share: `0.98` or `98 %`",
    "number": "a number",
    "money_by_level": "levels to amounts of money: `{rep: 0, lead: 100}`",
    "boolean": "`true` or `false`",
    "scale": "the two ends of the scale: `[1, 5]`",
    "choice": "one of the words named",
    "requirements": "a list of `{when: …, then: …}`: conditions over the facts of the situation; `when` may be left out",
    "steps": "steps by name, in their order",
    "touchpoints": "a list of touchpoints of this playbook, in their order",
    "patterns": 'languages to lists of patterns: `{en: ["no can do"], de: ["geht nicht"]}` (see [Wording](wording.md))',
    "formula": "a formula of time over conditions in brackets: `once[0, 2 hours] (type = 'escalation.opened')`",
    "words_by_language": "languages to lists of phrases, or of regular expressions between strokes: "
    "`{en: [sent a technician, /sent (him|her)/]}`",
}


@dataclass(frozen=True)
class Key:
    """One key of an entry. `choices` are the words that a `choice` may be."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One top-level section whose entries have names. `one` is what one entry is called in a sentence."""

    name: str
    one: str
    meaning: str
    keys: tuple[Key, ...]

    @property
    def by_name(self) -> dict[str, Key]:
        """The keys of an entry, by name."""
        return {key.name: key for key in self.keys}


_REQUIRES = Key("requires", "requirements", "What must hold for it to be kept, over the facts of `situation`.")
_OWNER = Key("owner", "text", "Who answers for it: findings go there.")

CALENDARS = Section(
    "calendars",
    "a calendar",
    "Opening hours, by which a promise's clock may run.",
    (
        Key("open", "hours", "When it is open, on the wall clock of its time zone.", required=True),
        Key("timezone", "timezone", "Absent: the organisation's."),
        Key("holidays", "holidays", "Public holidays, on which it is closed."),
        Key("closed", "dates", "Further dates on which it is closed."),
        Key("open_on", "hours_by_date", "The hours of single dates, which win over everything above."),
    ),
)
PROMISES = Section(
    "promises",
    "a promise",
    "What we tell customers they can count on. Exactly one of `within` and `by` says how long it has.",
    (
        Key("says", "text", "The promise in the words that customers read.", required=True),
        _OWNER,
        Key("starts", "condition", "The events that start its clock.", required=True),
        Key(
            "kept_by",
            "condition",
            "The events that keep it: the first one at or after the start counts.",
            required=True,
        ),
        Key("cancelled_by", "condition", "The events that cancel it."),
        Key("same", "text_column", "The column that ties start and end together; absent: `subject`."),
        Key("within", "duration", "How long it has from its start. With `calendar`, days are open days."),
        Key("by", "moment_column", "The column of the starting event that carries the time promised."),
        Key("calendar", "calendar", "Where the clock runs in opening hours only; absent: it always runs."),
        Key("objective", "share", "How often it is meant to be kept."),
        _REQUIRES,
    ),
)
POLICIES = Section(
    "policies",
    "a policy",
    "Rules, who owns them and who may bend them how far.",
    (
        Key("says", "text", "The rule in plain words.", required=True),
        _OWNER,
        Key(
            "authority",
            "money_by_level",
            "How far each level may bend it, in money, from the lowest level to the highest.",
        ),
        Key("harm_margin", "share", "The extra harm that the owner would accept for a softer rule."),
        Key(
            "harm_within",
            "duration",
            "How long after an exception harm may still show, on the wall clock; absent: 60 days.",
        ),
        Key(
            "evidence",
            "choice",
            "What a refusal under this policy rests on; absent: nothing is stated.",
            choices=("abuse", "law", "safety", "impossible"),
        ),
        _REQUIRES,
    ),
)
PROCEDURES = Section(
    "procedures",
    "a procedure",
    "Steps that are to be taken, each with its kind and its why.",
    (
        Key("starts", "condition", "The events that start it."),
        _OWNER,
        Key("steps", "steps", "The steps, in their order.", required=True),
    ),
)
STEP = Section(
    "steps",
    "a step",
    "One step of a procedure.",
    (
        Key(
            "kind",
            "choice",
            "`must`: always; `default`: unless there is a reason not to; `offer`: the customer may decline.",
            required=True,
            choices=("must", "default", "offer"),
        ),
        Key("why", "text", "What it is good for. A step whose why nobody has written is itself a finding."),
        Key("when", "condition", "Where it is due, by the event that starts the procedure; absent: always."),
    ),
)
CLAIMS = Section(
    "claims",
    "a claim",
    "What our messages say was done or will be done, and when the record bears it out. Under the name of a claim that ships "
    "(`asked-superior`, `checked`, `reserved`, `refunded`, `changed`, `will-do`, `policy-forbids`, `not-possible`, `fixed`) the "
    "keys written here take the place of the shipped ones, and `words` are added to them. A claim of your own needs `says`, "
    "`words` and `evidence`.",
    (
        Key("says", "text", "What the claim amounts to, in plain words."),
        _OWNER,
        Key("words", "words_by_language", "Words that make the claim; they count in small and capital letters alike."),
        Key("evidence", "formula", "When the record bears the claim out, at the event that makes it."),
        Key(
            "recorded_by",
            "condition",
            "Events that show that such acts are recorded at all. Where there are none, a claim that nothing bears out is "
            "unverifiable, not contradicted; absent: they always are.",
        ),
        Key(
            "same",
            "choice",
            "Among the events of the same what the evidence is looked for; absent: the subject.",
            choices=("subject", "customer", "episode"),
        ),
        Key("commitment", "boolean", "`true` where it says what will be done, and not what was; absent: false."),
    ),
)
INCENTIVES = Section(
    "incentives",
    "an incentive",
    "Who is paid for what.",
    (
        Key("paid_to", "text", "Who is paid.", required=True),
        Key("for", "condition", "The events that pay.", required=True),
        Key(
            "pays",
            "amount",
            "What is paid, over the facts of `situation`: the prover asks whether the best-paid act is a promised one.",
        ),
        _REQUIRES,
    ),
)
MEASURES = Section(
    "measures",
    "a measure",
    "Survey scales.",
    (
        Key("scale", "scale", "The lowest and the highest answer.", required=True),
        Key("good_from", "number", "The lowest answer that counts as good."),
        Key("objective", "share", "The share of good answers meant to be had at every touchpoint; needs `good_from`."),
        Key("high_is", "choice", "What a high answer means; absent: good.", choices=("good", "easy", "hard", "bad")),
    ),
)
SITUATION = Section(
    "situation",
    "a fact",
    "Named facts that the prover reasons over; hours run on one clock.",
    (
        Key(
            "type",
            "choice",
            "What kind of value it holds.",
            required=True,
            choices=("number", "integer", "boolean", "enumeration", "money", "date", "time", "duration", "string"),
        ),
        Key("min", "number", "Its lowest value."),
        Key("max", "number", "Its highest value."),
        Key("options", "texts", "The values of an enumeration."),
        Key("decision", "boolean", "`true` where it is ours to choose; absent: it is the world's."),
        Key("from", "expression", "Its value for the event that starts the promise, to count real events in a region."),
        Key(
            "calendar",
            "calendar",
            "It lies in the opening hours of this calendar, as hours from midnight: 34 is ten o'clock tomorrow.",
        ),
        Key(
            "decided",
            "boolean",
            "`true` where the rules must leave one value in every situation; where they leave several, that is a gap.",
        ),
        Key(
            "refuses",
            "texts",
            "Of a decision, the options that refuse the customer: a policy that forces one must state its `evidence`.",
        ),
        Key("says", "text", "How a person would say it, with … for the value: `… people wait in the shop`."),
    ),
)
REQUIREMENT = Section(
    "requires",
    "a requirement",
    "One rule over the facts of the situation.",
    (
        Key("when", "condition", "Where it applies; absent: always."),
        Key("then", "condition", "What must then hold.", required=True),
    ),
)

WORDING = Section(
    "wording",
    "a wording rule",
    "What the linter of words does here: a rule that ships switched off, or a rule of one's own.",
    (
        Key("off", "text", "The reason for which the rule is switched off."),
        Key("says", "text", "An own rule's name, as people read it."),
        Key("why", "text", "What the words do to the customer."),
        Key("better", "text", "What to say instead."),
        Key("patterns", "patterns", "The words that are remarked on, by language."),
        Key("exceptions", "patterns", "Words that are not, though a pattern fits."),
        Key(
            "audience",
            "choice",
            "Whom the words are said to; absent: customer. `internal` are words about customers.",
            choices=("customer", "internal"),
        ),
        Key(
            "severity",
            "choice",
            "How much it weighs; absent: warning.",
            choices=("error", "warning", "note"),
        ),
    ),
)

SECTIONS: tuple[Section, ...] = (
    CALENDARS,
    PROMISES,
    POLICIES,
    PROCEDURES,
    CLAIMS,
    INCENTIVES,
    MEASURES,
    SITUATION,
    WORDING,
)
"""The sections whose entries have names and keys."""

PLAIN: tuple[Key, ...] = (
    Key("organisation", "text", "Who speaks here."),
    Key(
        "timezone",
        "timezone",
        "The organisation's time zone: of `local_hour`, dates and times without an offset. Absent: UTC.",
    ),
    Key("currency", "currency", "What amounts of money are in. Absent: they are told as bare numbers."),
    Key("touchpoints", "texts", "The encounters that customers have with us."),
    Key("journeys", "touchpoints", "Journeys by name, each a list of touchpoints in their order."),
)
"""The top-level keys that hold a value of their own."""

TOP: tuple[str, ...] = (
    "organisation",
    "timezone",
    "currency",
    "calendars",
    "promises",
    "policies",
    "procedures",
    "claims",
    "incentives",
    "touchpoints",
    "journeys",
    "measures",
    "situation",
    "wording",
)
"""Every top-level key, in the order in which a playbook is usually written."""
