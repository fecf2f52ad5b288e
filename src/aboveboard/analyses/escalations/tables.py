"""What the analyses of escalations give, column by column: the contract that code and reference page follow."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

ESCALATIONS = TableSpec(
    "escalations",
    "Which escalations changed anything for the customer?",
    ("event",),
    (
        Field("event", "string", "Id of the `escalation.opened`."),
        Field("subject", "string", "Absent: nothing can be tied to it, and all that follows from a tie is absent."),
        Field("customer", "string", "Pseudonymous key."),
        Field("team", "string", "The team that asked."),
        Field("rule", "string", "The rule it was about, of the opening or else of the decision."),
        Field("policy", "string", "The name of that rule where it is a policy (`policy:…`)."),
        Field("opened_at", "timestamp", ""),
        Field("authority_needed", "string", "The level asked for: attributes.authority of the opening."),
        Field("decision", "string", "Id of the `escalation.decided` that answers it; absent where none has yet."),
        Field("decided_at", "timestamp", ""),
        Field("authority_used", "string", "The level that decided: attributes.authority of the decision."),
        Field("outcome", "string", "What was decided, in the record's own word."),
        Field("latency_minutes", "float64", "opened_at to decided_at; absent where undecided."),
        Field(
            "climbed",
            "boolean",
            "Somebody beyond the frontline decided. The frontline is the first level of the policy's authority, "
            "the `owner` of a rule is beyond it; absent where undecided, or where the level used is not known.",
        ),
        Field("changed", "string", "Type of the first event that changed something for the customer; see `changes`."),
        Field("changed_event", "string", "Its id."),
        Field("changed_at", "timestamp", "When: from the opening to the end of the window after the decision."),
        Field(
            "ending",
            "string",
            "changed; told no (a no with its reason, and words to the customer after it); nothing; undecided (past "
            "the patience for a decision); absent while it is too early to tell.",
        ),
        Field(
            "theatre",
            "boolean",
            "True: the window is over and nothing changed for the customer, whatever was said; false: something did; "
            "absent while it is too early to tell.",
        ),
        Field("needless", "boolean", "The frontline could have decided; absent where the rule is not known."),
        Field(
            "needless_because",
            "string",
            "`decided by the frontline`, `within the frontline's authority`, or the verdict on the policy.",
        ),
    ),
)

SUMMARY = TableSpec(
    "escalation_summary",
    "How often does asking higher up change anything, and how long does it take?",
    ("slice", "value"),
    (
        Field("slice", "string", "all, team, policy."),
        Field("value", "string", ""),
        Field("opened_count", "int64", ""),
        Field("decided_count", "int64", ""),
        Field("climbed_count", "int64", "Decided beyond the frontline."),
        Field(
            "latency_minutes_median",
            "float64",
            "Kaplan–Meier over all openings: those not yet decided count for as long as they have waited. Absent "
            "where fewer than half are decided in what was watched.",
        ),
        Field("latency_minutes_median_low", "float64", "95 % Brookmeyer–Crowley interval."),
        Field("latency_minutes_median_high", "float64", ""),
        Field("latency_minutes_p90", "float64", "As the median, for nine tenths."),
        Field("judged_count", "int64", "Openings of which can be told whether anything changed."),
        Field("changed_count", "int64", ""),
        Field("theatre_count", "int64", "Of the judged, those after which nothing changed."),
        Field("theatre_share", "float64", "theatre_count ÷ judged_count; absent where none is judged."),
        Field("theatre_share_low", "float64", "95 % Wilson interval."),
        Field("theatre_share_high", "float64", ""),
        Field("told_no_count", "int64", "Of theatre_count, those that ended in a no with its reason, told."),
        Field("undecided_count", "int64", "Of theatre_count, those that were never decided."),
        Field("needless_known_count", "int64", "Openings of which can be told whether the frontline could decide."),
        Field("needless_count", "int64", "Of them, those that need not have climbed."),
        Field("needless_share", "float64", "needless_count ÷ needless_known_count; absent where none is known."),
        Field("needless_share_low", "float64", "95 % Wilson interval."),
        Field("needless_share_high", "float64", ""),
    ),
)

BY_EMPLOYEE = TableSpec(
    "escalations_by_employee",
    "On request only, and recorded: what became of the escalations that one person decided?",
    ("employee",),
    (
        Field(
            "employee", "string", "Pseudonymous key of who decided. Rows are in the order of the keys, not of a rate."
        ),
        Field("decided_count", "int64", ""),
        Field("judged_count", "int64", "Of them, those of which can be told whether anything changed."),
        Field("theatre_count", "int64", "Of the judged, those after which nothing changed."),
        Field("theatre_share", "float64", "Absent below 20 judged: not enough data."),
        Field("theatre_share_low", "float64", "95 % Wilson interval."),
        Field("theatre_share_high", "float64", ""),
    ),
)

TABLES = (ESCALATIONS, SUMMARY)
"""Those of every run. BY_EMPLOYEE is made on request alone (see `by_employee`)."""
