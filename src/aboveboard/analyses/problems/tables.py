"""What the analyses of problems give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_KIND = Field(
    "kind",
    "string",
    "What goes wrong: promise missed, hand-off lost, told two things, claim not borne out, escalation without effect, "
    "refused without evidence, asked again after a no, step not done, complaint, bad rating, reopened.",
)
_RULE = Field(
    "rule",
    "string",
    "Of which promise, policy, step or claim, with its sort before it (`promise:…`); absent where the kind has none.",
)
_PROBLEM = Field(
    "problem",
    "string",
    "Stable key: the `attributes.problem` under which the record knows it, else made of kind, rule and place, never of "
    "numbers or dates; the same cause has the same key next week.",
)

OCCASIONS = TableSpec(
    "occasions",
    "Where could we have let a customer down, and did we?",
    ("kind", "rule", "event"),
    (
        _KIND,
        _RULE,
        Field("event", "string", "Id of the event with which the occasion began."),
        Field("subject", "string", "Absent where it names none."),
        Field("customer", "string", "Absent where none is known."),
        Field("at", "timestamp", "When it began: a promise when it was made, a complaint when its subject began."),
        Field("team", "string", "Of the occasion, else of its event."),
        Field("channel", "string", "Of its event."),
        Field("product", "string", "`attributes.product`, else `attributes.category`, of its event."),
        Field("broken", "boolean", "It went wrong. What is not settled yet is no occasion."),
    ),
)

PROBLEMS = TableSpec(
    "problems",
    "Which cases share a cause?",
    ("problem",),
    (
        _PROBLEM,
        Field("cause", "string", "What goes wrong, and where and when, in words."),
        Field("region", "string", "Where and when alone; absent for a problem that only the record names."),
        Field("found", "string", "scan; record (events carry it as `attributes.problem`); both."),
        Field("kind", "string", "As in `occasions`; absent for a problem that only the record names."),
        _RULE,
        Field("promise", "string", "The promise, where the rule is one."),
        Field("policy", "string", "The policy, where the rule is one."),
        Field("team", "string", "Where it is one team's; absent where it is not, and so are the next two."),
        Field("channel", "string", ""),
        Field("product", "string", ""),
        Field("hours", "string", "Local hours of the day, as `16–20`; absent where it is not by the hour."),
        Field("weekdays", "string", "As `1–2`, Monday is 1; absent where it is not by the day of the week."),
        Field("also", "string", "What else went wrong for the same customers and was taken for the same cause."),
        Field("since", "timestamp", "First occasion in it that went wrong."),
        Field("until", "timestamp", "Last one; absent while it goes on."),
        Field("occasions_count", "int64", "Occasions in it."),
        Field("n", "int64", "Of them, those that went wrong."),
        Field("expected", "float64", "How many had gone wrong at the rate of `against`."),
        Field("against", "string", "the rest: all occasions of the kind and rule outside any problem; the objective."),
        Field("relative_risk", "float64", "Rate in it ÷ rate of `against`; absent where nothing was scanned."),
        Field("relative_risk_low", "float64", "95 % interval, days that go wrong together allowed for."),
        Field("relative_risk_high", "float64", ""),
        Field("q", "float64", "The least false-discovery rate over all searches at which it is a discovery."),
        Field("affected_count", "int64", "Customers (subjects where no customer is known) for whom it went wrong."),
        Field(
            "complained_count",
            "int64",
            "Of them, those who complained, had the case reopened, or gave a bad answer or review.",
        ),
        Field("asked_count", "int64", "Those who said something else: a contact, a message, an answer."),
        Field("silent_count", "int64", "Those who never said a word."),
    ),
)

CASES = TableSpec(
    "problem_cases",
    "Who was affected, and who of them never said a word?",
    ("problem", "subject", "customer"),
    (
        _PROBLEM,
        Field("subject", "string", "Absent where the occasion names none."),
        Field("customer", "string", "Absent where none is known."),
        Field(
            "since", "timestamp", "First occasion that went wrong for it; the first event that the record ties to it."
        ),
        Field(
            "kinds_count", "int64", "Different things that went wrong; 0 where only the record ties it to the problem."
        ),
        Field("recorded", "boolean", "Events of it carry the problem."),
        Field(
            "voice",
            "string",
            "complained, asked, silent: the loudest they said after it began, on the same subject at any time or on any "
            "other within 30 days.",
        ),
    ),
)

FACTORS = TableSpec(
    "problem_factors",
    "What contributes to each problem, in order, the person last?",
    ("problem", "place"),
    (
        _PROBLEM,
        Field("place", "int64", "1 to 7: the order in which to ask."),
        Field(
            "factor",
            "string",
            "promise, channels, incentives, staffing, training and tools, vendor, person.",
        ),
        Field("question", "string", "What is asked."),
        Field("answer", "string", "contributes; no sign of it (evidence, and it does not point there); no evidence."),
        Field("evidence", "string", "In words, with the numbers; what is missing where there is none."),
        Field("measure", "string", "What `estimate` is; absent without evidence, and so are all that follow."),
        Field("n", "int64", "Cases it rests on."),
        Field("estimate", "float64", "A share, or a difference of two shares."),
        Field("low", "float64", "95 % interval."),
        Field("high", "float64", ""),
        Field("source", "string", "The analysis table or events it was read from."),
    ),
)

TABLES = (OCCASIONS, PROBLEMS, CASES, FACTORS)
