"""What the analyses of denials and of abuse give, column by column: the contract that code and reference page follow."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

ABUSE = TableSpec(
    "abuse",
    "Whose record of abuse is unlike that of honest customers?",
    ("customer",),
    (
        Field("customer", "string", "Pseudonymous key. Only customers with a finding in force have a row."),
        Field("segment", "string", "attributes.segment of the customer's latest event that states one; else (all)."),
        Field("exposure", "string", "What an occasion is: `exceptions granted` unless the caller says otherwise."),
        Field("exposure_count", "int64", "Occasions within the window (365 days); never fewer than abuse_count."),
        Field("abuse_count", "int64", "Abuse events within the window."),
        Field("rate", "float64", "abuse_count ÷ exposure_count."),
        Field("segment_rate", "float64", "Median rate of the honest customers it is held against, per occasion."),
        Field("segment_count", "int64", "Customers with an occasion in the window that it is held against."),
        Field("posterior_rate", "float64", "The customer's rate, drawn towards the segment's: posterior mean."),
        Field("posterior_rate_low", "float64", "95 % credible interval."),
        Field("posterior_rate_high", "float64", ""),
        Field("times", "float64", "The multiple of segment_rate that the next column asks about."),
        Field("probability", "float64", "Posterior probability that the rate is above times × segment_rate."),
        Field("p_value", "float64", "Chance that an honest customer of the segment has at least so many."),
        Field("q_value", "float64", "The same, adjusted over all customers tested (Benjamini–Hochberg)."),
        Field("found_at", "timestamp", "The abuse event with which the record came to suffice."),
        Field("expires_at", "timestamp", "When it will no longer suffice, if nothing is added to it."),
        Field("events", "string", "Ids of the abuse events within the window, the latest first, at most twenty."),
        Field("appeal", "string", "What to tell the customer: the record, until when, and how to object."),
    ),
)

DENIALS = TableSpec(
    "denials",
    "What was refused, and on what evidence?",
    ("event",),
    (
        Field("event", "string", "Id of the `exception.denied`."),
        Field("subject", "string", ""),
        Field("customer", "string", "Pseudonymous key."),
        Field("policy", "string", "Name of the rule; (unnamed) where the event names none."),
        Field("clause", "string", "attributes.clause."),
        Field("denied_at", "timestamp", ""),
        Field("level", "string", "attributes.level: the authority that refused."),
        Field("reason", "string", "attributes.reason, else the text."),
        Field(
            "evidence",
            "string",
            "abuse, law, safety, impossible, none. abuse only where a finding on that customer was in force then, "
            "whatever the event says; the others by attributes.evidence, else by the words of the reason.",
        ),
        Field("basis", "string", "stated (attributes.evidence), words (of the reason), finding; absent where none."),
        Field("claimed", "string", "What attributes.evidence says, as it stands."),
        Field(
            "evidence_of",
            "string",
            "Ids of the events behind it: the abuse events of the finding, else the refusal itself; absent where none.",
        ),
        Field("answered_minutes", "float64", "From the last request before it; absent where none is on record."),
        Field("appealed", "boolean", "Asked again later on the same subject and rule, or marked attributes.appeal."),
        Field("overturned", "boolean", "Granted later on the same subject and rule."),
    ),
)

DENIAL_SUMMARY = TableSpec(
    "denial_summary",
    "Which rules are refused without evidence?",
    ("policy",),
    (
        Field("policy", "string", ""),
        Field("denials_count", "int64", ""),
        Field("abuse_count", "int64", "By evidence."),
        Field("law_count", "int64", ""),
        Field("safety_count", "int64", ""),
        Field("impossible_count", "int64", ""),
        Field("without_count", "int64", "Evidence none."),
        Field("without_share", "float64", "without_count ÷ denials_count."),
        Field("without_share_low", "float64", "95 % Wilson interval."),
        Field("without_share_high", "float64", ""),
        Field("appealed_count", "int64", ""),
        Field("overturned_count", "int64", ""),
        Field("overturned_share", "float64", "overturned_count ÷ denials_count."),
        Field("overturned_share_low", "float64", "95 % Wilson interval."),
        Field("overturned_share_high", "float64", ""),
        Field("answered_minutes_median", "float64", "Nearest rank, of those with a request on record."),
    ),
)

TABLES = (ABUSE, DENIALS, DENIAL_SUMMARY)
