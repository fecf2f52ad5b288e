"""What the analyses of wording give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_AUDIENCE = Field("audience", "string", "`customer`: said to a customer; `internal`: said about one.")
_POLICY = Field(
    "policy",
    "string",
    "The policy, or procedure/step, in play: the event's own rule, else that of the exception or step on the same subject "
    "nearest in time, within an hour; absent where there is none.",
)
_LANGUAGE = Field("language", "string", "Language by code.")

WORDING = TableSpec(
    "wording",
    "Which words put customers in debt, hide behind rules, or speak of them with contempt?",
    ("event", "part", "rule", "start"),
    (
        Field("event", "string", "Id of the event that holds the words."),
        Field("part", "string", "`text`, or `cause`: the cause with which a case was closed."),
        Field("said_at", "timestamp", "The event's time."),
        Field("subject", "string", "From the event; absent where it names none."),
        Field("customer", "string", "From the event."),
        Field("channel", "string", "From the event."),
        Field("team", "string", "From the event."),
        _AUDIENCE,
        Field("rule", "string", "The wording rule (see Wording in the reference)."),
        Field("words", "string", "The words remarked on."),
        Field("start", "int64", "Where they begin in the text (or cause), counted in characters from 0."),
        Field("end", "int64", "Where they end (the first character after them)."),
        Field("better", "string", "The sentence put better, or advice."),
        Field("why", "string", "What the words do."),
        _LANGUAGE,
        _POLICY,
    ),
)

READ = TableSpec(
    "wording_read",
    "How much of what was said could be read?",
    ("audience", "policy", "language"),
    (
        _AUDIENCE,
        _POLICY,
        Field("language", "string", "Language by code; absent where it is none that has rules: those were not read."),
        Field("messages_count", "int64", "Texts (and closing causes)."),
    ),
)

BY_POLICY = TableSpec(
    "wording_by_policy",
    "Which of our rules breeds which words?",
    ("policy", "rule"),
    (
        Field("policy", "string", "The policy, or procedure/step, in play."),
        Field("rule", "string", "The wording rule; words to customers only."),
        Field("messages_count", "int64", "Messages to customers under the policy, in a language that has rules."),
        Field("remarked_count", "int64", "Those with such words."),
        Field("share", "float64", "remarked ÷ messages."),
        Field("share_low", "float64", "Lower end of its 95 % Wilson interval."),
        Field("share_high", "float64", "Upper end."),
        Field("other_messages_count", "int64", "All other messages to customers."),
        Field("other_remarked_count", "int64", "Those with such words."),
        Field("other_share", "float64", "Absent where there are no others."),
        Field("differs", "boolean", "More than in the others, at a false-discovery rate of 5 % over all rows."),
    ),
)

TABLES = (WORDING, READ, BY_POLICY)
