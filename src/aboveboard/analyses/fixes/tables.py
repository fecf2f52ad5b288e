"""What the analyses of fixes give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

FIXED, PARTLY, NO_EVIDENCE = "fixed", "partly", "no evidence"
WORSE, TOO_EARLY, CAME_BACK = "worse", "too early", "came back"

_FIX = Field("fix", "string", "Id of the `fix.released` event.")
_PROBLEM = Field(
    "problem",
    "string",
    "What it was to end: `attributes.problem` of the release, else its subject without `problem:`, else its rule; absent "
    "where it names none.",
)
_RATE = "in breakdowns per week, or as a share of cases (see `measure`)"

FIXES = TableSpec(
    "fixes",
    "Did the fix work?",
    ("fix",),
    (
        _FIX,
        _PROBLEM,
        Field("rule", "string", "Rule of the release: promise, policy or step; absent where it names none."),
        Field("says", "string", "Text of the release."),
        Field("part", "string", "Where it is in force: `all`, or the release's team or channel: `team north`."),
        Field("released_at", "timestamp", ""),
        Field(
            "measure",
            "string",
            "breakdowns per week; share of occasions that went wrong; share of promises not kept; share of steps not done right; "
            "exceptions asked for per week. "
            "Absent where nothing is on record that could be counted.",
        ),
        Field("criterion", "string", "reduce by (a share of what would be expected), or at most (a rate)."),
        Field("criterion_value", "float64", ""),
        Field(
            "criterion_from",
            "string",
            "record: an event before the release; release: the release itself; playbook: the promise's objective; default: to "
            "halve it.",
        ),
        Field("window_weeks", "int64", "After so many weeks the verdict stands."),
        Field(
            "window_from",
            "string",
            "record, release; default: the shortest of 4, 6, 8, 10, 12, 16, 20 and 26 weeks that shows the criterion in 80 of "
            "100 cases, by the weeks before the change alone.",
        ),
        Field("period", "string", "week, or day where fewer than 26 weeks lie before the change."),
        Field("before_weeks", "int64", "Weeks before the change that were used."),
        Field("after_weeks", "int64", "Whole weeks since then that are known, at most those of the window."),
        Field(
            "control",
            "string",
            "What else was held equal: other teams, other channels (without the fix), other matters (what began in the same "
            "week and is no breakdown); absent where there was none.",
        ),
        Field("trend", "boolean", "A trend from before the change is held equal: with 20 weeks or more before it."),
        Field("breakdowns_before_count", "int64", ""),
        Field("breakdowns_after_count", "int64", ""),
        Field("rate_before", "float64", f"The mean before the change, {_RATE}."),
        Field("rate_after", "float64", "The mean in the window since then; absent while there is no whole week."),
        Field("expected", "float64", "What it would have been in those weeks without the change."),
        Field("effect", "float64", "rate_after − expected, of the fitted values: below zero is fewer."),
        Field("effect_low", "float64", "95 % interval."),
        Field("effect_high", "float64", ""),
        Field("reduced_share", "float64", "By how much less than expected: −effect ÷ expected."),
        Field(
            "reduced_share_low", "float64", "95 % interval (Fieller); absent, with the upper end, where it has no end."
        ),
        Field("reduced_share_high", "float64", ""),
        Field("correlation", "float64", "Of neighbouring periods, as estimated."),
        Field(
            "needed_weeks",
            "int64",
            "The smallest wait that shows a change as large as the criterion in 80 of 100 cases; absent where 26 weeks (12 by "
            "day) do not, or nothing can be said.",
        ),
        Field("power_share", "float64", "The chance that the window shows a change as large as the criterion."),
        Field("shown_at", "timestamp", "The weekly look that settled that there was a change; absent where none did."),
        Field(
            "verdict",
            "string",
            "fixed: fewer, and the criterion is met; partly: fewer, and it is not; no evidence: the window is over and no change "
            "was shown, or none can ever be; worse: more; too early: the window is not over; came back: it was fixed or partly, "
            "and later the old rate returned.",
        ),
        Field("because", "string", "The verdict in one sentence."),
        Field("came_back_at", "timestamp", "The end of the week at which the return was noticed."),
    ),
)

SERIES = TableSpec(
    "fix_weeks",
    "What happened week by week, and what would have?",
    ("fix", "week"),
    (
        _FIX,
        _PROBLEM,
        Field("week", "int64", "Whole weeks from the change: −1 is the last before it, 0 the first after."),
        Field("week_start_at", "timestamp", ""),
        Field("after", "boolean", ""),
        Field("in_window", "boolean", "The verdict rests on it; later weeks are watched for a return."),
        Field("breakdowns_count", "int64", ""),
        Field("cases_count", "int64", "Of so many cases; absent where the measure is a count per week."),
        Field("rate", "float64", f"The week's, {_RATE}; absent where there was no case."),
        Field("expected", "float64", "Before: the fitted rate. After: what it would have been without the change."),
        Field("expected_low", "float64", "95 of 100 weeks would lie in this band; absent before the change."),
        Field("expected_high", "float64", ""),
    ),
)

TABLES = (FIXES, SERIES)
