"""What the analyses of money give: the contract for findings, report and tests."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_CAUSE = Field("cause", "string", "promise:… (missed, against kept) or problem:… (struck, against not).")

CONSEQUENCES = TableSpec(
    "consequences",
    "What do customers do after they were let down?",
    ("cause", "outcome"),
    (
        _CAUSE,
        Field(
            "outcome",
            "string",
            "left (`customer.left`), bought again, spent, refunded (`payment.refunded`), remedies (`remedy.given`), contacts, "
            "contact minutes: each within the window.",
        ),
        Field("unit", "string", "share, money, count or minutes."),
        Field(
            "window_days", "int64", "How long each customer was followed from the time due; absent where too few were."
        ),
        Field("struck_count", "int64", "Customers let down whose window is over, one case each: the first."),
        Field("peers_count", "int64", "Customers not let down, likewise."),
        Field("struck_mean", "float64", "Mean of the outcome among those let down (a share for yes and no)."),
        Field("peers_mean", "float64", "The same among the others, as they stand."),
        Field(
            "effect",
            "float64",
            "What being let down adds, for those who were: against peers with equal case mix. Absent where either side has fewer "
            "than 20 comparable customers, no such event is on record, or fewer than half of those let down have peers.",
        ),
        Field("effect_low", "float64", "95 % interval."),
        Field("effect_high", "float64", ""),
        Field("naive", "float64", "The plain difference of the two means: for comparison only."),
        Field("overlap_share", "float64", "Of those let down, the ones that have peers (propensity up to 0.95)."),
        Field("effective_count", "float64", "How many evenly weighted customers the estimate is as good as (Kish)."),
        Field("p", "float64", "Two-sided, that the effect is nothing."),
        Field("q", "float64", "The same with a false-discovery limit over all causes and outcomes."),
        Field(
            "e_value",
            "float64",
            "How strongly (as a risk ratio) something that nobody wrote down would have to go both with being let down and with "
            "the outcome to explain the effect away; 1: nothing would have to.",
        ),
        Field("e_value_limit", "float64", "The same for the end of the interval nearer to nothing."),
        Field("verdict", "string", "more, less, no effect shown, not enough data."),
    ),
)

VALUE_AT_STAKE = TableSpec(
    "value_at_stake",
    "What does it cost?",
    ("cause",),
    (
        _CAUSE,
        Field("promise", "string", "The promise; absent for a problem that is of none."),
        Field("problem", "string", "The problem; absent for a promise."),
        Field("owner", "string", "Of the promise; absent where none is stated."),
        Field("struck_count", "int64", "Customers let down at least once in the record."),
        Field("followed_count", "int64", "Of them, those from whom the estimate is made."),
        Field("window_days", "int64", "As in `consequences`."),
        Field(
            "basis",
            "string",
            "spent: money that customers no longer spend within the window; left: customers who leave, at `worth` each; none: "
            "neither is on record. Refunds, remedies and contact minutes come on top, where they are on record.",
        ),
        Field("worth", "float64", "Money that goes with a customer who leaves; absent on another basis."),
        Field(
            "worth_from",
            "string",
            "given; customer.left (its value, the money lost per year); paid so far (mean of what those let down had paid).",
        ),
        Field(
            "value_each",
            "float64",
            "Money lost for each customer let down, by equal case mix; absent without an estimate.",
        ),
        Field("value_each_low", "float64", "95 % interval."),
        Field("value_each_high", "float64", ""),
        Field("value", "float64", "The same for all of `struck_count`: the value at stake in the record."),
        Field("low", "float64", "95 % interval."),
        Field("high", "float64", ""),
        Field("value_yearly", "float64", "At the pace of the record; absent for a record of less than 28 days."),
        Field(
            "refunded_sum",
            "float64",
            "Refunds and remedies on record to those let down, in their windows: counted, not estimated.",
        ),
        Field("e_value_limit", "float64", "As in `consequences`, of the value."),
        Field("not_identified", "string", "What the number cannot say, in one sentence."),
        Field("verdict", "string", "costs, no cost shown, not enough data."),
    ),
)

COST_TO_SERVE = TableSpec(
    "cost_to_serve",
    "Where does the work after a breakdown go?",
    ("cause", "kind"),
    (
        _CAUSE,
        Field("kind", "string", "refunds, remedies, contact minutes: what is on record after customers were let down."),
        Field("struck_count", "int64", "Customers let down whose window is over."),
        Field("sum", "float64", "Money; minutes for contact minutes."),
        Field("mean", "float64", "For each customer let down."),
        Field("peers_mean", "float64", "For each of the others."),
    ),
)

TABLES = (CONSEQUENCES, VALUE_AT_STAKE, COST_TO_SERVE)
