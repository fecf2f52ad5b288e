"""What was said to customers: the messages, notices and public statuses of a ledger, and the claims in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.analyses.claims import extraction, refusals
from aboveboard.analyses.claims.extraction import sentences, times
from aboveboard.engines import ledgers
from aboveboard.playbook import claims as playbook_claims
from aboveboard.playbook.model import Claim

Row = Mapping[str, Any]
Table = Any  # an ibis Table: ibis ships no types

BY_CUSTOMERS = (
    "complaint.received", "message.received", "post.published", "review.posted", "survey.answered", "pulse.answered",
    "suggestion.made", "conduct.reported",
)  # fmt: skip
"""Events whose words are not the organisation's, whoever can read them."""
_READ = ("id", "type", "time", "subject", "customer", "channel", "team", "rule")
STATUSES = {
    "refunded": "refunded", "credited": "refunded", "cancelled": "changed", "canceled": "changed", "escalated": "asked-superior",
    "reserved": "reserved", "fixed": "fixed", "repaired": "fixed", "erstattet": "refunded", "gutgeschrieben": "refunded",
    "storniert": "changed", "eskaliert": "asked-superior", "reserviert": "reserved", "behoben": "fixed", "repariert": "fixed",
}  # fmt: skip
"""Public statuses that claim an act by themselves. Others (open, in progress, delivered) are the record, not a claim."""
_BARE_DATES = frozenset({"change", "check", "escalate", "reserve"})
"""Kinds of commitment whose sentence often names the date of something else: the flight, the visit."""
CANCEL, BOOK, CHANGE = "cancel", "book", "change"
_ACTS = {
    CANCEL: ("cancel", "storn", "kündig", "gekündigt", "terminat", "unsubscrib", "abbestell", "beendet", "gelöscht"),
    BOOK: ("booked", "placed", "gebucht", "bestellt", "aufgegeben", "scheduled", "ordered", "vereinbart"),
}
AGAIN = "again"
_AGAIN = re.compile(
    r"\b(?:double|re-?check|cross-?check|again|once more|another|second|erneut|noch ?mals?|noch einmal)"
)
"""A look that is said to be a new one, which the look before the question does not bear out."""
_NOT_BOOKED = ("rebooked", "umgebucht", "hinzugebucht", "dazugebucht")


@dataclass(frozen=True)
class Made:
    """One claim as it was made: where it was found, what it speaks of (`topic`), and when it falls due."""

    found: extraction.Found
    topic: str | None
    due: times.When | None


def statements(events: Table) -> Table:
    """The events that speak to a customer, with `words`: the text, or the status that a customer sees where there is none.

    Words count as said to the customer where the audience is `customer`, and for `message.sent` where none is named.
    """
    said = (events.audience == "customer") | (events.audience.isnull() & (events.type == "message.sent"))
    status = (events.type == "status.changed") & events.text.isnull() & events.outcome.lower().isin(list(STATUSES))
    words = events.text.coalesce(events.outcome)
    speaking = events.filter(said, ~events.type.isin(BY_CUSTOMERS), events.text.notnull() | status)
    return speaking.select(*_READ, words=words.name("words"), status=status.name("status"))


def made(events: Table, applied: Mapping[str, Claim], zone: ZoneInfo) -> Iterator[tuple[Row, Made, datetime | None]]:
    """Every claim in the words said to customers, in order of time: its event, the claim, and when it is due.

    Executes: the words leave the engine, those of the events that speak to a customer alone. Equal words are read once.
    """
    rows = ledgers.arrow(statements(events).order_by("time", "id"))
    own = own_words(applied)
    commitments = {name for name, claim in applied.items() if claim.commitment}
    known = {
        key: _read(words, status, own, commitments)
        for key, words, status in _distinct(rows)
    }  # fmt: skip
    held = pa.array([bool(known[key]) for key in _keys(rows)], pa.bool_())
    for row in rows.filter(held).to_pylist():
        for one in known[row["words"], row["status"]]:
            yield row, one, one.due.after(row["time"], zone) if one.due else None


def of_text(text: str, applied: Mapping[str, Claim]) -> list[Made]:
    """The claims of one text by themselves, as `made` finds them in a message."""
    return _read(text, False, own_words(applied), {name for name, claim in applied.items() if claim.commitment})


def own_words(applied: Mapping[str, Claim]) -> extraction.OwnWords:
    """The words that the playbook adds, as patterns by language. Raises WordsError for a wrong regular expression."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, claim in applied.items():
        for code, phrases in claim.words.items():
            found.setdefault(code, []).extend((name, playbook_claims.pattern(phrase)) for phrase in phrases)
    return found


def _distinct(rows: pa.Table) -> Iterator[tuple[tuple[str, bool], str, bool]]:
    for one in rows.select(["words", "status"]).group_by(["words", "status"]).aggregate([]).to_pylist():
        yield (one["words"], one["status"]), one["words"], one["status"]


def _keys(rows: pa.Table) -> Iterator[tuple[str, bool]]:
    return zip(rows["words"].to_pylist(), pc.cast(rows["status"], pa.bool_()).to_pylist(), strict=True)


def _read(words: str, status: bool, own: extraction.OwnWords, commitments: set[str]) -> list[Made]:
    if status:
        label = words.strip().lower()
        shown = extraction.Found(STATUSES[label], words, 0, len(words), (0, len(words)), None, "status", 1.0)
        return [Made(shown, topic_of(shown), None)]
    found = extraction.extract(words, own)
    plain = sentences.plain(words) if found else ""
    return [
        Made(one, refusals.act(plain, one) or topic_of(one), _due(plain, one) if one.claim in commitments else None)
        for one in found
    ]  # fmt: skip


def _due(plain: str, one: extraction.Found) -> times.When | None:
    return times.when(plain, one.sentence, one.start, limits_only=one.kind in _BARE_DATES)


def topic_of(found: extraction.Found) -> str | None:
    """What a formula may ask as `claim.topic`: the kind of a commitment; of `changed`: cancel, book or change; of `checked`:
    again, where it is said to have been a new look.

    Of a refusal it is what `refusals.act` reads out of its sentence.
    """
    if found.claim == "checked":
        return AGAIN if _AGAIN.search(found.words.lower()) else None
    if found.claim != "changed":
        return found.kind
    words = found.words.lower()
    if any(stem in words for stem in _ACTS[CANCEL]):
        return CANCEL
    if any(stem in words for stem in _ACTS[BOOK]) and not any(stem in words for stem in _NOT_BOOKED):
        return BOOK
    return CHANGE
