"""What the episode analyses give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_EPISODE = Field("episode", "string", "Stable key: the id of the episode's first event.")

EPISODES = TableSpec(
    "episodes",
    "What did one need cost the customer?",
    ("episode",),
    (
        _EPISODE,
        Field("customer", "string", "The person after linkage; absent where only the subject is known."),
        Field("subjects", "string", "Subjects touched, sorted, joined by `, ` (at most twenty)."),
        Field("started_at", "timestamp", "First event."),
        Field("ended_at", "timestamp", "Last event."),
        Field("events_count", "int64", ""),
        Field(
            "contacts_count",
            "int64",
            "Times the customer was in contact (contact.started, or a visit of messages on one channel).",
        ),
        Field("channels_count", "int64", "Different channels of those contacts."),
        Field("channels", "string", "In order of first use, joined by ` → `."),
        Field("teams_count", "int64", "Different teams that acted."),
        Field(
            "restarts_count",
            "int64",
            "Contacts on another channel or with another team than the one before, in which the customer began again.",
        ),
        Field("contact_minutes", "float64", "Minutes in contact, where contact.ended says them; absent if none does."),
        Field("elapsed_minutes", "float64", "From first to last event."),
        Field("handoffs_count", "int64", ""),
        Field("lost_handoffs_count", "int64", ""),
        Field("returns_count", "int64", "A→B→A among teams."),
        Field(
            "repeat_within_window",
            "boolean",
            "The customer came back on the same need within the FCR window after it was called resolved.",
        ),
        Field("contradictions_count", "int64", ""),
        Field(
            "effort",
            "float64",
            "Contacts + restarts + returns + lost hand-offs: how many times the customer had to act or begin again.",
        ),
    ),
)

MEMBERS = TableSpec(
    "episode_events",
    "Which events make up the episode?",
    ("event",),
    (
        _EPISODE,
        Field("event", "string", "Event id."),
        Field(
            "customer",
            "string",
            "The person after linkage: the subject's, where the event names none; absent where nobody is named.",
        ),
    ),
)

HANDOFFS = TableSpec(
    "handoffs",
    "Where does work wait or get lost between hands?",
    ("subject", "sent_at", "sender", "receiver"),
    (
        Field("subject", "string", ""),
        Field("customer", "string", ""),
        Field("between", "string", "team, channel, or vendor (attributes.vendor is true on either side)."),
        Field("sender", "string", "Team or channel that gave it away."),
        Field("receiver", "string", "Team or channel that was to have it."),
        Field(
            "basis",
            "string",
            "told: handoff.sent/received events; seen: two successive acts by different teams on one subject.",
        ),
        Field("sent_at", "timestamp", ""),
        Field("received_at", "timestamp", "Absent when it never arrived, or has not yet."),
        Field("waiting_minutes", "float64", "sent_at to received_at; to as_of when it never arrived."),
        Field(
            "lost",
            "boolean",
            "Told, and not received within the loss window, if later at all. Never true of one only seen.",
        ),
        Field(
            "returned",
            "boolean",
            "This hand-off brings the work back to a team that gave it away one hand-off earlier (A→B→A).",
        ),
        Field("event", "string", "Id of the event that sent it."),
    ),
)

FLOWS = TableSpec(
    "handoff_flows",
    "Between whom?",
    ("between", "sender", "receiver"),
    (
        Field("between", "string", ""),
        Field("sender", "string", ""),
        Field("receiver", "string", ""),
        Field("handoffs_count", "int64", ""),
        Field("subjects_count", "int64", ""),
        Field("told_count", "int64", "Of them, those with basis told: only these can be known to be lost."),
        Field("lost_count", "int64", ""),
        Field("lost_share", "float64", "lost_count ÷ told_count; absent where none was told, and so are its ends."),
        Field("lost_share_low", "float64", "95 % Wilson interval."),
        Field("lost_share_high", "float64", ""),
        Field("returned_count", "int64", ""),
        Field("waiting_minutes_median", "float64", "Among those received, nearest rank; absent where none was."),
        Field("waiting_minutes_p90", "float64", "Among those received, nearest rank; absent where none was."),
    ),
)

REPEATS = TableSpec(
    "repeats",
    "How often does the customer have to come back?",
    ("slice", "value"),
    (
        Field("slice", "string", "all, team, channel, touchpoint of the contact that called it resolved."),
        Field("value", "string", ""),
        Field("window_days", "float64", "The FCR window."),
        Field("resolved_count", "int64", "Contacts or cases called resolved, with a full window behind them."),
        Field("repeat_count", "int64", "Of them, the customer came back on the same need within the window."),
        Field("fcr_share", "float64", "1 − repeat ÷ resolved."),
        Field("fcr_share_low", "float64", "95 % Wilson interval."),
        Field("fcr_share_high", "float64", ""),
    ),
)

CONTRADICTIONS = TableSpec(
    "contradictions",
    "Who was told two things?",
    ("subject", "fact", "first_event", "second_event"),
    (
        Field("subject", "string", ""),
        Field("customer", "string", ""),
        Field("fact", "string", "What the statements are about: a key of `attributes.says`."),
        Field("first_event", "string", ""),
        Field("first_at", "timestamp", ""),
        Field("first_by", "string", "Channel (and team, where known) that said it: `chat`, `store / Main Street`."),
        Field("first_says", "string", ""),
        Field("second_event", "string", ""),
        Field("second_at", "timestamp", ""),
        Field("second_by", "string", ""),
        Field("second_says", "string", ""),
        Field("against", "string", "channel: two channels disagree; record: the second is what the record shows."),
    ),
)

LINKS = TableSpec(
    "links",
    "Which customer keys are one person?",
    ("left", "right"),
    (
        Field("left", "string", "Customer key (the lesser of the two)."),
        Field("right", "string", "Customer key."),
        Field("probability", "float64", "Fellegi–Sunter posterior that they are one person."),
        Field("weight", "float64", "Match weight, log2 Bayes factor."),
        Field(
            "band",
            "string",
            "linked (≥ 0.95, and e-mail or given name agrees), clerical (≥ 0.5 otherwise: a person should look).",
        ),
        Field("because", "string", "What agreed: `email exact, name close`."),
    ),
)

TABLES = (EPISODES, MEMBERS, HANDOFFS, FLOWS, REPEATS, CONTRADICTIONS, LINKS)
