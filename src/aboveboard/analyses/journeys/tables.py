"""What the analyses of journeys give: the contract for findings, report and tests."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_MEASURE = Field("measure", "string", "The measure of the playbook that was answered; measures are never mixed.")

JOURNEYS = TableSpec(
    "journeys",
    "How near to perfect was each journey?",
    ("subject", "measure"),
    (
        Field("subject", "string", "What the journey was about: an order, a visit, a case."),
        Field("customer", "string", "Absent where no answer names one."),
        _MEASURE,
        Field(
            "journey",
            "string",
            "The journey of the playbook that holds every touchpoint rated; absent where none does.",
        ),
        Field("first_at", "timestamp", "The first answer."),
        Field("last_at", "timestamp", "The last answer."),
        Field("answers_count", "int64", "Answers that name a touchpoint."),
        Field("touchpoints_count", "int64", "Touchpoints rated."),
        Field("score", "float64", "0 to 100: the mean over touchpoints; 100 is the best answer at every one."),
        Field("points_lost", "float64", "100 less the score."),
        Field("blemishes_count", "int64", "Touchpoints rated below the best answer."),
        Field("blemishes", "string", "Those, the costliest first, at most twenty; absent where there are none."),
        Field("excellent_count", "int64", "Touchpoints rated with the best answer."),
        Field("excellent", "string", "Those, in order of their names, at most twenty; absent where there are none."),
    ),
)

TOUCHPOINTS = TableSpec(
    "touchpoints",
    "Where do journeys lose points?",
    ("touchpoint", "measure"),
    (
        Field("touchpoint", "string", "The encounter that was rated."),
        _MEASURE,
        Field("answers_count", "int64", "Answers within the scale."),
        Field("customers_count", "int64", "Customers who gave them (subjects where no customer is known)."),
        Field("score", "float64", "0 to 100: the mean answer as a part of the scale; 100 is the best answer."),
        Field(
            "score_low", "float64", "Lower end of the 95 % interval, customers as witnesses; absent below two of them."
        ),
        Field("score_high", "float64", "Upper end."),
        Field("best_count", "int64", "Answers that are the best of the scale."),
        Field("best_share", "float64", "Their share."),
        Field("best_share_low", "float64", "Wilson interval."),
        Field("best_share_high", "float64", ""),
        Field("good_count", "int64", "Answers from `good_from` on; absent where the playbook names none."),
        Field("good_share", "float64", "Their share; CSAT where the measure is one."),
        Field("good_share_low", "float64", "Wilson interval."),
        Field("good_share_high", "float64", ""),
        Field("points_lost_share", "float64", "This touchpoint's part of all points lost on the measure."),
        Field("rest_score", "float64", "The score of all other touchpoints; absent where there are none."),
        Field(
            "p_value",
            "float64",
            "That it scores as the others do, two-sided; absent below 20 customers on either side.",
        ),
        Field(
            "differs", "boolean", "A discovery at a false-discovery rate of 5 % over the touchpoints of the measure."
        ),
    ),
)

MEASURES = TableSpec(
    "measure_scores",
    "How are we rated?",
    ("measure", "slice", "value"),
    (
        _MEASURE,
        Field("kind", "string", "nps, csat, ces or rating: what the score is made by."),
        Field("slice", "string", "What it is cut by: all, touchpoint, channel, team."),
        Field("value", "string", "Which one; `all`. Answers that name none are in `all` alone."),
        Field("formula", "string", "How the score is made, with scale and rule."),
        Field("unit", "string", "points (NPS, −100 to 100), share (CSAT, 0 to 1), mean (on the scale of the measure)."),
        Field("answers_count", "int64", "Answers on the scale."),
        Field("customers_count", "int64", "Customers who gave them (subjects, else answers, where none is known)."),
        Field("off_scale_count", "int64", "Answers outside the scale, left out; on the row of `all` alone."),
        Field("score", "float64", "By `formula`, in `unit`."),
        Field(
            "score_low",
            "float64",
            "95 % interval: NPS adjusted Wald (Rocks 2016), shares Wilson, means Student's t; wider where customers answer "
            "more than once. A mean has none below two customers.",
        ),
        Field("score_high", "float64", ""),
        Field("standard_error", "float64", "NPS: 100 √((p + d − (p − d)²) ÷ n); the others likewise, in `unit`."),
        Field("mean", "float64", "The mean answer, whatever the kind."),
        Field("good_count", "int64", "Answers from `good_from` on; absent where the playbook names none."),
        Field("good_share", "float64", "Their share (CES: beside the mean)."),
        Field("good_share_low", "float64", "Wilson interval."),
        Field("good_share_high", "float64", ""),
        Field("promoters_count", "int64", "NPS: 9–10; absent for other kinds."),
        Field("passives_count", "int64", "NPS: 7–8."),
        Field("detractors_count", "int64", "NPS: 0–6."),
        Field("rest_score", "float64", "The score of all other parts of the slice; absent where there are none."),
        Field("p_value", "float64", "That it is the same, two-sided; absent below 20 customers on either side."),
        Field("differs", "boolean", "A discovery at a false-discovery rate of 5 % over the parts of the slice."),
    ),
)

RESPONSE = TableSpec(
    "survey_response",
    "Who answered, and who did not?",
    ("measure", "record"),
    (
        _MEASURE,
        Field(
            "record",
            "string",
            "all; a promise was missed, promises were kept, no promise ended: what the record holds of the customer.",
        ),
        Field("basis", "string", "asked: who was asked is on record; seen: every customer in the record is counted."),
        Field("customers_count", "int64", "Customers who could have answered."),
        Field("answered_count", "int64", "Of them, those who did."),
        Field("response_share", "float64", "Their share."),
        Field("response_share_low", "float64", "Wilson interval."),
        Field("response_share_high", "float64", ""),
        Field("score", "float64", "0 to 100: the mean over those who answered; absent where nobody did."),
        Field(
            "standardised_score",
            "float64",
            "On `all`: the score if the silent thought as those with the same record do who answered; absent where the record "
            "tells nobody apart, or one group is silent.",
        ),
        Field(
            "p_value",
            "float64",
            "On `all`: that customers let down answer as often as the others; absent below 20 of either.",
        ),
        Field("differs", "boolean", "On `all`: that p is below 0.05."),
    ),
)

TREND = TableSpec(
    "measure_trend",
    "How far from perfect are we, and is it getting better?",
    ("measure", "period_start_at"),
    (
        _MEASURE,
        Field("period_start_at", "timestamp", "Start of the period in the organisation's time zone."),
        Field("period", "string", "day, week (from Monday) or month: the shortest with 20 answers on average."),
        Field("complete", "boolean", "The period was over at as_of."),
        Field("answers_count", "int64", ""),
        Field("customers_count", "int64", ""),
        Field("unit", "string", "Of the score: points, share or mean, as in `measure_scores`."),
        Field("score", "float64", "As in `measure_scores`, of this period."),
        Field("score_low", "float64", "95 % interval."),
        Field("score_high", "float64", ""),
        Field("distance", "float64", "0 to 100: 100 less the mean answer as a part of its scale; 0 is perfect."),
        Field("center", "float64", "Distance over all complete periods."),
        Field("limit_low", "float64", "Laney control limit; absent with fewer than 8 complete periods."),
        Field("limit_high", "float64", ""),
        Field("signal", "boolean", "Outside the limits."),
    ),
)

DRIVERS = TableSpec(
    "drivers",
    "What is overall satisfaction made of?",
    ("measure", "driver", "driver_measure"),
    (
        Field("measure", "string", "The overall measure: its answers name no touchpoint."),
        Field("driver", "string", "A touchpoint, or a promise."),
        Field("driver_measure", "string", "The measure on which the touchpoint was rated; `kept` for a promise."),
        Field("outcome_kind", "string", "scale, or yes or no (two values: shares are of their variance)."),
        Field("verdict", "string", "known; not enough data: too few complete cases, or rated in too few."),
        Field("overall_count", "int64", "Subjects (or customers) with an overall answer."),
        Field("cases_count", "int64", "Of them, those of which every driver in the model is known."),
        Field("customers_count", "int64", "Customers who gave those."),
        Field("drivers_count", "int64", "Drivers in the model."),
        Field("known_count", "int64", "Overall answers of which this driver is known."),
        Field("share", "float64", "Its part of what all drivers explain (LMG); the parts sum to 1."),
        Field("share_low", "float64", "95 % bootstrap interval, customers kept together."),
        Field("share_high", "float64", ""),
        Field("r2_part", "float64", "The same as a part of all variance: the parts sum to `r2`."),
        Field("r2", "float64", "The share of variance that all drivers explain."),
        Field("slope", "float64", "Points (of 100) of the outcome per point of the driver, the others held equal."),
        Field("slope_low", "float64", "95 % bootstrap interval."),
        Field("slope_high", "float64", ""),
        Field("driver_score", "float64", "0 to 100: the driver's own mean, in these cases."),
        Field("p_value", "float64", "That it adds nothing to the others: permutation test, two-sided."),
        Field("q_value", "float64", "The same with a false-discovery limit over the drivers of the measure."),
        Field("drives", "boolean", "q_value is at most 0.05."),
    ),
)

BUDGETS = TableSpec(
    "touchpoint_budgets",
    "How much may still go wrong at each touchpoint?",
    ("touchpoint", "source", "window"),
    (
        Field("touchpoint", "string", ""),
        Field("source", "string", "promise:… or measure:…: whose objective it is. Sources are never added up."),
        Field("window", "string", "all, or 30 days: the last thirty."),
        Field("objective", "float64", "The share meant to go well, from the playbook."),
        Field("ended_count", "int64", "Promises that ended, or answers given."),
        Field("missed_count", "int64", "Late or broken; or not good."),
        Field("missed_share", "float64", "Absent where nothing ended."),
        Field("missed_share_low", "float64", "Wilson interval."),
        Field("missed_share_high", "float64", ""),
        Field("allowed_count", "float64", "Misses that the objective allows on this many."),
        Field("left_count", "float64", "Those still allowed; below zero: beyond the budget."),
        Field("budget_spent_share", "float64", "missed ÷ allowed; absent where nothing is allowed."),
        Field(
            "state",
            "string",
            "within; spent; surely spent (the whole interval lies beyond the objective); not enough data (below 20).",
        ),
    ),
)

SMALL_STEPS = TableSpec(
    "small_steps",
    "What should be done first?",
    ("step",),
    (
        Field("step", "string", "The kind of change and what it is about."),
        Field("kind", "string", "promise what can be kept, let a no be an answer, change the rule, …"),
        Field("about", "string", "The promise, policy or step as the ledger's `rule` names it, or the touchpoint."),
        Field("says", "string", "What to do, in one sentence."),
        Field("owner", "string", "Absent where none is stated."),
        Field("reach_weekly", "float64", "People whom it reaches each week."),
        Field("spared_share", "float64", "Of them, those let down now who would not be if it worked wholly."),
        Field("spared_weekly", "float64", "Breakdowns spared each week: the product of the two."),
        Field("spared_weekly_low", "float64", "95 % posterior interval."),
        Field("spared_weekly_high", "float64", ""),
        Field("effort_days", "float64", "Days of work."),
        Field("effort_from", "string", "a suggestion (its attributes.effort), or usual for its kind."),
        Field("suggestions_count", "int64", "`suggestion.made` about the rule."),
        Field("spared_per_day", "float64", "spared_weekly ÷ effort_days: what the order goes by."),
        Field("information_weekly", "float64", "Breakdowns a week that knowing the effect for sure is worth."),
        Field("rank", "int64", "Place in the queue; absent for an alternative to a better change."),
        Field("chosen", "boolean", "In the best set that fits into the days there are (ten)."),
    ),
)

TABLES = (JOURNEYS, TOUCHPOINTS, MEASURES, RESPONSE, TREND, DRIVERS, BUDGETS, SMALL_STEPS)
