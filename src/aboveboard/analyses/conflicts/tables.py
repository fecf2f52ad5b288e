"""What the proof of a playbook and its count of real cases give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_RULES = Field(
    "rules",
    "string",
    "The rules that cannot all be kept (`promise:…`, `policy:…`, …), joined by ` + `.",
)

CONFLICTS = TableSpec(
    "conflicts",
    "Which rules cannot all be kept?",
    ("rules",),
    (
        _RULES,
        Field(
            "verdict",
            "string",
            "proved; `proved, not checked again` where there are too many choices to try them all in plain Python.",
        ),
        Field(
            "when",
            "string",
            "Where it bites, as a condition over the facts of the situation: there no choice keeps all of them, and without any "
            "one of them some choice does. Absent where that had no answer in time.",
        ),
        Field("where_words", "string", "The same as a person would say it."),
        Field("says", "string", "A sample customer, as a story of two sentences."),
        Field("sample", "string", "The sample's facts, as a JSON object."),
        Field(
            "edits",
            "string",
            "The edits that free it, the smallest first, as a JSON list; absent where none was found.",
        ),
        Field(
            "promise",
            "string",
            "The first promise among the rules, whose starts are counted; absent where there is none.",
        ),
        Field("incentive", "string", "The first incentive among the rules; absent where there is none."),
        Field(
            "events_count",
            "int64",
            "Starts of that promise that fell where it bites; absent where they cannot be counted.",
        ),
        Field("outside_count", "int64", "Starts of that promise that fell elsewhere."),
        Field(
            "unknown_count",
            "int64",
            "Starts of which the record does not say where they fell, or whose facts lie beyond `min` and `max`.",
        ),
        Field("uncounted_because", "string", "Why nothing was counted; absent where it was."),
        Field("ended_count", "int64", "Of those where it bites: kept, late or broken by now."),
        Field("missed_count", "int64", "Of them, late or broken."),
        Field("missed_share", "float64", "missed ÷ ended; absent where none has ended, and so are its ends."),
        Field("missed_share_low", "float64", "95 % Wilson interval."),
        Field("missed_share_high", "float64", ""),
        Field("outside_ended_count", "int64", "The same elsewhere."),
        Field("outside_missed_count", "int64", ""),
        Field("outside_missed_share", "float64", ""),
        Field("outside_missed_share_low", "float64", ""),
        Field("outside_missed_share_high", "float64", ""),
    ),
)

EDITS = TableSpec(
    "conflict_edits",
    "What would free them?",
    ("rules", "rule", "requirement", "key", "new"),
    (
        _RULES,
        Field("rule", "string", "The rule that is edited."),
        Field("kind", "string", "number: one number in it is softened; exclusion: it does not apply where it bites."),
        Field("requirement", "int64", "Which of its requirements, from 1."),
        Field("key", "string", "Which half of it: when or then."),
        Field("old", "string", "What is written there; absent where nothing is."),
        Field("new", "string", "What would be written there."),
        Field("says", "string", "The edit in one sentence."),
        Field(
            "size",
            "float64",
            "How far a number moves against the range of what it is compared with; 1 and more for exclusions.",
        ),
    ),
)

BOXES = TableSpec(
    "conflict_boxes",
    "Where does it bite, over two facts?",
    ("rules", "box"),
    (
        _RULES,
        Field("box", "int64", "From 1: the region is their union, but for what facts beyond these two say."),
        Field("x_fact", "string", "The first number among the facts that decide; absent where there is none."),
        Field(
            "x_low",
            "float64",
            "Where the box begins and ends along it: its own comparison, else the fact's `min` and `max`.",
        ),
        Field("x_high", "float64", ""),
        Field("x_clock", "boolean", "Whether it is hours from midnight."),
        Field("y_fact", "string", "The second; absent where there is none."),
        Field("y_low", "float64", ""),
        Field("y_high", "float64", ""),
        Field("y_clock", "boolean", ""),
        Field("rest", "string", "What else is asked there, of other facts; absent where nothing is."),
    ),
)

CASES = TableSpec(
    "conflict_cases",
    "Which real cases fell there?",
    ("rules", "event"),
    (
        _RULES,
        Field(
            "event",
            "string",
            "Id of the event that started the promise: at most 1,500 per conflict, chosen by the MD5 of the id.",
        ),
        Field("x", "float64", "The fact `x_fact` of `conflict_boxes`, in this case."),
        Field("y", "float64", "The fact `y_fact`; absent where there is none."),
        Field("inside", "boolean", "Whether the conflict bites here."),
        Field("outcome", "string", "What became of the promise: kept, late, broken, open, at risk, cancelled."),
    ),
)

REMARKS = TableSpec(
    "rule_remarks",
    "What else do the rules show when they are read whole?",
    ("remark",),
    (
        Field("remark", "int64", "From 1."),
        Field(
            "kind",
            "string",
            "gap; refuses without evidence; pays for another act; nobody may bend it; authority nobody holds; never applies; "
            "says nothing; says nothing new; says the same; not decided.",
        ),
        Field("rules", "string", "The rules it is about, joined by ` + `; absent where it is about none."),
        Field("by", "string", "The rules that already say it; absent where it is no repetition."),
        Field("fact", "string", "The decision that a gap leaves open."),
        Field(
            "when",
            "string",
            "Where it holds, as a condition; absent where it holds everywhere or is about no situation.",
        ),
        Field("sample", "string", "A situation there, as a JSON object."),
        Field("says", "string", "The remark in one or two sentences."),
    ),
)

TABLES = (CONFLICTS, EDITS, BOXES, CASES, REMARKS)
