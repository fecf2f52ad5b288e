"""What the analyses of procedures give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_PROCEDURE = Field("procedure", "string", "Name in the playbook.")
_VISIT = Field("visit", "string", "Id of the event that starts the procedure: one visit.")
_SUBJECT = Field("subject", "string", "What the visit is about; a later start on the same subject is another visit.")
_STEP = Field("step", "string", "`<procedure>/<step>`, as in the playbook.")

DUTIES = TableSpec(
    "duties",
    "Was each step done right?",
    ("visit", "step"),
    (
        _PROCEDURE,
        _VISIT,
        _SUBJECT,
        Field("customer", "string", "Of the starting event."),
        Field("team", "string", "Of the starting event."),
        Field("started_at", "timestamp", ""),
        _STEP,
        Field("kind", "string", "must, default or offer."),
        Field(
            "met",
            "boolean",
            "must: done, or adapted with a reason; default: also skipped with a reason, or declined; offer: answered, and not "
            "offered again after a no. Absent while the visit is young, and where a customer declined a must.",
        ),
        Field(
            "unmet_because",
            "string",
            "not done, skipped, skipped without a reason, adapted without a reason, never offered, no answer on record, "
            "offered again after a no. Absent where it is met. That a customer declined is never a reason.",
        ),
        Field(
            "answer", "string", "done, declined, adapted or skipped: the last on record; absent where there is none."
        ),
        Field("undertaken", "boolean", "Offered, done, declined or adapted; absent while the visit is young."),
        Field("offers_count", "int64", "`step.offered` in this visit."),
        Field("insisted_count", "int64", "Of them, those after a decline."),
        Field("events_count", "int64", "Events of this step in this visit."),
        Field("event", "string", "Id of the last of them; absent where there is none."),
    ),
)

INSISTENCE = TableSpec(
    "insistence",
    "Who was asked again after a no?",
    ("event",),
    (
        _SUBJECT,
        Field("customer", "string", "Of the offer, else of the starting event."),
        _VISIT,
        _PROCEDURE,
        _STEP,
        Field("event", "string", "Id of the offer that came after a no."),
        Field("declined_event", "string", "Id of the last decline before it."),
        Field("declined_at", "timestamp", ""),
        Field("offered_at", "timestamp", ""),
        Field("times", "int64", "1 for the first offer after a no in this visit, 2 for the next, …"),
        Field(
            "accepted",
            "boolean",
            "The step was done at or after this offer: the customer gave in, or changed his mind.",
        ),
        Field("team", "string", "Of the offer, else of the starting event."),
    ),
)

STEPS = TableSpec(
    "steps",
    "Which steps help the customer, and where?",
    ("step", "context"),
    (
        _STEP,
        Field("context", "string", "`all`, or where: `at home`, `channel phone`, `kind business`."),
        _PROCEDURE,
        Field("kind", "string", "must, default or offer."),
        Field("why", "string", "As written in the playbook; absent where nobody has written it."),
        Field("owner", "string", "Of the procedure; absent where none is stated."),
        Field("condition", "string", "The context as a condition over the starting event; absent for `all`."),
        Field("visits_count", "int64", "Visits in which the step was due."),
        Field("done_count", "int64", "Of them, the last answer was done."),
        Field("declined_count", "int64", "The last answer was declined."),
        Field("skipped_count", "int64", "The last answer was skipped."),
        Field("met_count", "int64", ""),
        Field("unmet_count", "int64", ""),
        Field("met_share", "float64", "met ÷ (met + unmet); absent where neither is known, and so are its ends."),
        Field("met_share_low", "float64", "95 % Wilson interval."),
        Field("met_share_high", "float64", ""),
        Field("unmet_because", "string", "The most common reason; absent where all are met."),
        Field(
            "measure",
            "string",
            "What the worth is counted in: the survey answered on most visits, else `resolved` (share), else `contacts` "
            "(later ones, fewer is better); absent where too few visits carry any.",
        ),
        Field(
            "scored_count", "int64", "Visits with that measure in which it is known whether the step was undertaken."
        ),
        Field("undertaken_count", "int64", "Of them, it was undertaken; the others are what they are compared with."),
        Field(
            "effect",
            "float64",
            "What undertaking the step adds to the measure, in its points, upward is better; absent where either side "
            "has fewer than 20 comparable visits, and so is all that follows from it.",
        ),
        Field("effect_low", "float64", "95 % interval."),
        Field("effect_high", "float64", ""),
        Field("naive", "float64", "The plain difference of means, which case mix distorts: for comparison only."),
        Field("worth_from", "float64", "The smallest effect worth having here, in points of the measure."),
        Field("overlap_share", "float64", "Scored visits that could have gone either way (propensity 0.05–0.95)."),
        Field("effective_count", "float64", "How many evenly weighted visits the estimate is as good as."),
        Field("p", "float64", "Two-sided, that the effect is nothing."),
        Field("q", "float64", "The same with a false-discovery limit over all steps and contexts."),
        Field("q_too_small", "float64", "One-sided, that it is as large as `worth_from`, with the same limit."),
        Field(
            "advice",
            "string",
            "keep: it is worth having in every context with data; make conditional: here it is not, elsewhere it is (on "
            "`all`: both occur); drop: nowhere; not enough data.",
        ),
        Field("proposed_when", "string", "With make conditional: the step's `when` for the playbook; else absent."),
        Field("says", "string", "The row in one sentence."),
    ),
)

TABLES = (DUTIES, INSISTENCE, STEPS)
