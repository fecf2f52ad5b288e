"""Would somebody else have fared better? The contract of the substitution test."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

SUBSTITUTION = TableSpec(
    "substitution",
    "How did it end when others stood there?",
    ("kind", "employee", "event", "note"),
    (
        Field(
            "kind",
            "string",
            "breakdown (a contact that ended unresolved or abandoned), note (one, or any contact, about which a disciplinary note "
            "names the employee), all (the employee's breakdowns together).",
        ),
        Field("employee", "string", "Pseudonymous key of who served, or whom the note names."),
        Field(
            "event",
            "string",
            "Id of the contact; absent for all, and for a note to which there is no contact on record.",
        ),
        Field("subject", "string", "What it was about; absent for all."),
        Field("at", "timestamp", "When the contact ended (a note without one: when it was written); absent for all."),
        Field("outcome", "string", "How it ended: unresolved, abandoned, resolved; absent for all."),
        Field(
            "note",
            "string",
            "Id of the first disciplinary note (`note.written`, attributes about and kind); absent if none.",
        ),
        Field(
            "alike", "string", "In what the other contacts were like this one; absent where too few were, and for all."
        ),
        Field("cases_count", "int64", "Breakdowns: 1, or for all how many there are."),
        Field("matched_count", "int64", "Of them with 20 others in like situations."),
        Field("contacts_count", "int64", "Contacts of others in like situations; absent for all."),
        Field("peers_count", "int64", "How many others had them (all: the fewest of any case)."),
        Field("same_count", "int64", "Of those contacts not resolved either; absent for all."),
        Field("same_share", "float64", "Share not resolved either (all: mean over the matched breakdowns)."),
        Field("same_share_low", "float64", "Lower end of its 95 % interval, others as clusters."),
        Field("same_share_high", "float64", "Upper end."),
        Field(
            "verdict",
            "string",
            "system-induced (the interval is above one half), mostly ends well (below), cannot tell (it holds one half, or fewer "
            "than 20 others were in like situations, or the contact was resolved).",
        ),
        Field(
            "earlier_event",
            "string",
            "note: an event before the contact, not the employee's, with which such contacts fail; absent if none.",
        ),
        Field("earlier_employee", "string", "Whose event it was; absent where the event names nobody."),
        Field("earlier_fact", "string", "What it says: type, attribute and value."),
        Field("earlier_count", "int64", "Contacts of others after an event that says the same."),
        Field("earlier_share", "float64", "Share of them not resolved."),
        Field("earlier_share_low", "float64", "Lower end of its 95 % interval."),
        Field("earlier_share_high", "float64", "Upper end."),
        Field("otherwise_share", "float64", "The same share after events that say something else there."),
    ),
)
