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

TABLES = (JOURNEYS, TOUCHPOINTS)
