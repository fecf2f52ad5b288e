"""What the claims analyses give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

KINDS: dict[str, str] = {
    "asked-superior": "somebody above was asked, or the matter was passed up: “I asked my manager”, “it has been escalated”",
    "checked": "somebody looked, checked or searched: “I have checked your booking”, “I found two orders”",
    "reserved": "something was set aside for the customer: “I have reserved it in your name”",
    "refunded": "money was given back, credited or not charged: “the fee has been refunded”",
    "changed": "an order or contract was changed, cancelled or booked: “your flight has been cancelled”",
    "will-do": "a commitment: we (or one of us) will do something, by a time or without one: “I will call you by Friday”",
    "policy-forbids": "a rule, policy or contract is given as the reason why not: “our policy does not allow that”",
    "not-possible": "it cannot be done, or there is none, no rule being named: “we are sold out”, “I am unable to”",
    "fixed": "a fault was put right: “the problem has been solved”",
}
"""The claim types that ship, and what counts as each. A playbook may add its own."""

VERDICTS = ("supported", "contradicted", "not yet", "unverifiable")

_CLAIM = Field("claim", "string", f"What is claimed: {', '.join(KINDS)}, or a name from the playbook.")
_VERDICT = Field(
    "verdict",
    "string",
    "supported; contradicted (the time in which the record had to show it is over); not yet (it still runs); "
    "unverifiable (no subject, no formula, or a record that never shows such acts).",
)

CLAIMS = TableSpec(
    "claims",
    "Is what we say what we do?",
    ("event", "claim", "start"),
    (
        Field("event", "string", "Id of the message, notice or public status."),
        _CLAIM,
        Field("start", "int64", "Where the words begin in the event's text, counted in characters from 0."),
        Field("end", "int64", "Where they end (the first character after them)."),
        Field("subject", "string", "From the event; absent where it names none."),
        Field("customer", "string", "From the event."),
        Field("said_at", "timestamp", "The event's time."),
        Field("channel", "string", "From the event."),
        Field("team", "string", "From the event."),
        Field("rule", "string", "The policy or other rule that the event carries; absent where it carries none."),
        Field("words", "string", "The words that make the claim."),
        Field("language", "string", "Language of the pattern: en, de; absent for a public status."),
        Field("pattern", "string", "Id of the pattern that found it, or `status` for a public status."),
        Field("probability", "float64", "The model's probability that these words make this claim; 1 for a status."),
        Field("kind", "string", "Of a commitment: the kind of act promised (`call-back`, `refund`, …); else absent."),
        Field("due", "timestamp", "Of a commitment: when it falls due; absent where no time was said."),
        Field("due_words", "string", "Of a commitment: the words that say when; absent where none do."),
        _VERDICT,
        Field(
            "evidence",
            "string",
            "Ids of the events that bear the claim out, at most ten, the earliest first, joined by `, `; absent if none.",
        ),
        Field("window_from", "timestamp", "From when on the record was read for it; absent where all of it was."),
        Field("window_to", "timestamp", "Up to when; absent where nothing was read."),
        Field("formula", "string", "The evidence formula; absent where the claim has none."),
        Field("why", "string", "The reason for the verdict, in a sentence."),
    ),
)

SUMMARY = TableSpec(
    "claim_summary",
    "How often is what we say borne out?",
    ("claim", "slice", "value"),
    (
        Field("claim", "string", "The claim, or `all`."),
        Field("slice", "string", "all, channel, team, policy."),
        Field("value", "string", "Which one; `all`."),
        Field("claims_count", "int64", "Claims made."),
        Field("supported_count", "int64", ""),
        Field("contradicted_count", "int64", ""),
        Field("not_yet_count", "int64", ""),
        Field("unverifiable_count", "int64", ""),
        Field("true_share", "float64", "supported ÷ (supported + contradicted); absent where neither is known."),
        Field("true_share_low", "float64", "95 % Wilson interval."),
        Field("true_share_high", "float64", ""),
        Field(
            "differs",
            "boolean",
            "Contradicted more often than the rest of the same claim, 20 or more on both sides, false-discovery rate 5 %.",
        ),
    ),
)

COMMITMENTS = TableSpec(
    "commitments",
    "What did somebody say that we would do, and by when?",
    ("event", "start"),
    (
        Field("event", "string", "Id of the message."),
        Field("start", "int64", "Where the words begin in the text, in characters from 0."),
        Field("subject", "string", "What it is about: the subject into which the case was merged, where it was."),
        Field("customer", "string", "From the event."),
        Field("channel", "string", "From the event."),
        Field("team", "string", "From the event."),
        Field("words", "string", "The words."),
        Field("kind", "string", "The kind of act promised: call-back, reply, refund, send, visit, …"),
        Field("made_at", "timestamp", "The event's time."),
        Field("due", "timestamp", "When it falls due, from the words; absent where no time was said."),
        Field("due_words", "string", "The words that say when; absent where none do."),
        Field("kept_at", "timestamp", "First event that bears it out, up to as_of; absent if none."),
        Field(
            "counted",
            "boolean",
            "Whether it runs as a promise with its own clock: it has a due time and a subject, the record of this "
            "organisation shows such acts, and no `promise.made` stands for the same words.",
        ),
    ),
)

DISSONANCE = TableSpec(
    "dissonance",
    "What did the customer see while inside it was something else?",
    ("shown", "inside"),
    (
        Field("shown", "string", "The status that the customer saw."),
        Field("inside", "string", "The status inside at the same time."),
        Field("differs", "boolean", "The two do not say the same: one moves, waits or is over, and the other is not."),
        Field("minutes", "float64", "Minutes in which both stood, up to as_of; stretches over on both sides left out."),
        Field("spells_count", "int64", "Stretches of time."),
        Field("subjects_count", "int64", "Subjects that had one."),
        Field("longest_minutes", "float64", "The longest stretch."),
        Field("longest_subject", "string", "The subject that had it; the lesser name of equals."),
        Field("share", "float64", "minutes ÷ minutes of all pairs; absent where these are 0."),
    ),
)

TABLES = (CLAIMS, SUMMARY, COMMITMENTS, DISSONANCE)
