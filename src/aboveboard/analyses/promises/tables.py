"""What the promise analyses give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_PROMISE = Field("promise", "string", "Name of the playbook entry, or `(unnamed)` for a `promise.made` without rule.")
_SLICE = Field(
    "slice", "string", "What it is cut by: all, team, channel, touchpoint, hour, weekday, hour_weekday, load."
)
_VALUE = Field(
    "value",
    "string",
    "Which one: the team's or channel's name; hour 0–23 or weekday 1 (Monday) – 7 in the organisation's time zone, "
    "of the start; `<weekday>/<hour>`; load quarter 1 (calm) – 4 (busy); `all`.",
)

OUTCOMES = TableSpec(
    "promises",
    "Was each promise kept?",
    ("promise", "event"),
    (
        _PROMISE,
        Field("event", "string", "Id of the event that started the clock."),
        Field("subject", "string", "Value of the column that ties start and end (the promise's `same`)."),
        Field("customer", "string", "From the starting event."),
        Field("team", "string", "From the starting event."),
        Field("channel", "string", "From the starting event."),
        Field("touchpoint", "string", "From the starting event."),
        Field("made_at", "timestamp", "When the clock started."),
        Field("due_at", "timestamp", "When the promise ran out; absent when the event carries no time promised."),
        Field("met_at", "timestamp", "First event at or after the start that keeps it, up to `as_of`; absent if none."),
        Field("cancelled_at", "timestamp", "First event at or after the start that cancels it; absent if none."),
        Field("outcome", "string", "kept, late, broken, open, at risk, cancelled; absent where due_at is."),
        Field(
            "minutes_late",
            "float64",
            "From due_at to met_at on the promise's clock, below zero when early; absent if unmet.",
        ),
        Field("minutes_taken", "float64", "From made_at to met_at on the promise's clock; absent if unmet."),
        Field("minutes_allowed", "float64", "From made_at to due_at on the promise's clock."),
        Field(
            "minutes_observed",
            "float64",
            "From made_at to whichever is first of met_at, cancelled_at and as_of, on the promise's clock: "
            "how long it has been watched, which is what a survival estimate needs of the unmet.",
        ),
    ),
)

SUMMARY = TableSpec(
    "promise_summary",
    "How often is each promise kept?",
    ("promise",),
    (
        _PROMISE,
        Field("starts_count", "int64", "Promises made."),
        Field("kept_count", "int64", ""),
        Field("late_count", "int64", ""),
        Field("broken_count", "int64", ""),
        Field("open_count", "int64", "Running, and not at risk."),
        Field("at_risk_count", "int64", "Running, and more likely to break than to be kept."),
        Field("cancelled_count", "int64", ""),
        Field("undated_count", "int64", "Starts that carry no time promised, so that nothing can be said."),
        Field("kept_share", "float64", "Kaplan–Meier share kept by its time; open and cancelled ones are censored."),
        Field("kept_share_low", "float64", "95 % interval, log–log Greenwood."),
        Field("kept_share_high", "float64", ""),
        Field("objective", "float64", "From the playbook; absent where none is stated."),
        Field("budget_count", "float64", "Misses the objective allows on this many ended promises."),
        Field("missed_count", "int64", "late + broken."),
        Field("budget_spent_share", "float64", "missed_count ÷ budget_count; above 1 the budget is gone."),
        Field("late_minutes_median", "float64", "Median minutes late among those met late; absent if none."),
        Field("as_of", "timestamp", "The moment at which everything is judged."),
    ),
)

SLICES = TableSpec(
    "promise_slices",
    "Where, when and for whom does it break?",
    ("promise", "slice", "value"),
    (
        _PROMISE,
        _SLICE,
        _VALUE,
        Field("ended_count", "int64", "kept + late + broken."),
        Field("missed_count", "int64", "late + broken."),
        Field("kept_share", "float64", "kept ÷ ended."),
        Field("kept_share_low", "float64", "95 % Wilson interval."),
        Field("kept_share_high", "float64", ""),
        Field("differs", "boolean", "Differs from the rest of this promise at a false-discovery rate of 5 %."),
    ),
)

EVERY_TIME = TableSpec(
    "every_time",
    "For how many customers was every promise kept?",
    ("span", "period_start_at"),
    (
        Field("span", "string", "all: the whole record; week: the promises made in one week."),
        Field("period_start_at", "timestamp", "Monday of the week (the organisation's time zone); absent for all."),
        Field(
            "customers_count",
            "int64",
            "Customers of whose promises made in the span one has ended; unknown ones by subject.",
        ),
        Field("whole_count", "int64", "Of them, those to whom every one that ended was kept."),
        Field(
            "whole_share",
            "float64",
            "whole ÷ customers; absent for a week of which promises still run.",
        ),
        Field("whole_share_low", "float64", "95 % Wilson interval."),
        Field("whole_share_high", "float64", ""),
        Field("ended_count", "int64", "Promises: kept + late + broken."),
        Field("kept_count", "int64", ""),
    ),
)

TREND = TableSpec(
    "promise_trend",
    "Is it getting better?",
    ("promise", "period_start_at"),
    (
        _PROMISE,
        Field(
            "period_start_at",
            "timestamp",
            "Start of the day or week (the organisation's time zone) in which the promise was made.",
        ),
        Field("period", "string", "day or week."),
        Field("ended_count", "int64", "kept + late + broken."),
        Field("kept_count", "int64", ""),
        Field("complete", "boolean", "No promise made in the period still runs."),
        Field(
            "kept_share",
            "float64",
            "kept ÷ ended; absent where the period is not complete, as the early ones are mostly kept.",
        ),
        Field("center", "float64", "Share over all complete periods."),
        Field("limit_low", "float64", "Laney p′ control limit; absent with fewer than 8 periods."),
        Field("limit_high", "float64", ""),
        Field("signal", "boolean", "Outside the limits."),
    ),
)

BUDGETS = TableSpec(
    "error_budgets",
    "How fast is the error budget being spent?",
    ("promise", "window_hours"),
    (
        _PROMISE,
        Field("window_hours", "float64", "Length of the window that ends at as_of."),
        Field("ended_count", "int64", "Promises that fell due in the window."),
        Field("missed_count", "int64", "Of them, late or broken."),
        Field("burn_rate", "float64", "Missed share ÷ share the objective allows; 1 spends the budget exactly."),
        Field("threshold", "float64", "Burn rate above which this window alone would alarm."),
        Field("partner_hours", "float64", "Length of the short window that says whether it still goes on."),
        Field("partner_burn_rate", "float64", "Burn rate in the short window; absent when nothing fell due in it."),
        Field("alarm", "boolean", "This window and its short partner are both above the threshold, beyond chance."),
    ),
)

DELIVERABILITY = TableSpec(
    "deliverability",
    "What promise could be kept?",
    ("promise", "slice", "value"),
    (
        _PROMISE,
        _SLICE,
        _VALUE,
        Field("starts_count", "int64", "Promises in the slice, censored ones included."),
        Field("kept_share", "float64", "Kaplan–Meier share kept of the promise as it stands."),
        Field("kept_share_low", "float64", "95 % interval."),
        Field("kept_share_high", "float64", ""),
        Field("objective", "float64", "The share asked for (0.95 where the playbook states none)."),
        Field("minutes_promised", "float64", "Median of minutes_allowed."),
        Field(
            "minutes_deliverable",
            "float64",
            "Time within which the objective's share is met; absent if it never is.",
        ),
        Field("minutes_deliverable_low", "float64", "95 % interval (Brookmeyer–Crowley on the log–log scale)."),
        Field("minutes_deliverable_high", "float64", "Absent where the data do not bound it."),
        Field(
            "minutes_added",
            "float64",
            "For promises by a date: minutes after it (below zero: before) by which the objective's share is met; "
            "absent for the others, or if it never is.",
        ),
        Field("verdict", "string", "deliverable, not deliverable, not enough data."),
        Field("honest", "string", "The promise that could be kept, in words; on the row of slice `all`."),
    ),
)

TABLES = (OUTCOMES, SUMMARY, EVERY_TIME, SLICES, TREND, BUDGETS, DELIVERABILITY)
