"""Reads of the journal: how far it goes, whether it is whole, and the proof of a single event."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, DataError, connection
from django.db.models import F, Max, Q

from aboveboard.desk.journal import models, rules
from aboveboard.ledger import columns
from aboveboard.ledger.event import Event

Placed = tuple[int, Sequence[Any]]
"""An event: its sequence, and its values in the order of the ledger's columns."""
_FIELDS = tuple("event" if name == "id" else name for name in columns.NAMES)
_CHUNK = 5_000
_MOMENTS = ("time", "recorded_at", "due")
_SECOND = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
UNREADABLE = (DatabaseError, ValueError, TypeError, AttributeError, OverflowError)
"""What reading something ends in that a hand in the database's file has left there."""


@dataclass(frozen=True)
class Verified:
    """What checking every seal against the events gave. It is whole where there are no `faults`.

    `unsealed` events came after the last seal, and nothing vouches for them yet. `head` is the number and hash of the last
    seal: written down elsewhere, it shows later whether seals themselves were made anew.
    """

    seals: int
    events: int
    unsealed: int
    head: str | None
    faults: tuple[str, ...]


def latest() -> int:
    """The highest sequence; 0 where there is none."""
    return models.Event.objects.aggregate(most=Max("sequence"))["most"] or 0


def last_seal() -> rules.Sealed | None:
    """The last seal, as it should have been written."""
    found = models.Seal.objects.order_by("-number").first()
    return _sealed(found) if found else None


def sealed_until() -> int:
    """The sequence up to which events are sealed; 0 where none are."""
    return models.Seal.objects.aggregate(most=Max("last"))["most"] or 0


def unsealed() -> int:
    """How many events came after the last seal."""
    return models.Event.objects.filter(sequence__gt=sealed_until()).count()


def batch(*, after: int, until: int, most: int) -> list[Placed]:
    """The next events after a sequence, in order, `most` at most."""
    found = _events(after, until)[:most]
    return [(sequence, row) for sequence, *row in found.values_list("sequence", *_FIELDS)]


def events(*, after: int, until: int) -> Iterator[Placed]:
    """All events in the open-closed span of sequences, in order, a few thousand in memory at a time."""
    for sequence, *row in _events(after, until).values_list("sequence", *_FIELDS).iterator(_CHUNK):
        yield sequence, row


@dataclass(frozen=True)
class Happened:
    """An event with its place in the journal and the moment that it was recorded."""

    sequence: int
    recorded_at: datetime
    event: Event


def happened(
    *, subject: str | None = None, customer: str | None = None, types: Sequence[str] = (), most: int = 500
) -> list[Happened]:
    """What happened to a subject or a customer, or of some types, in the order of its time: the last `most` of it.

    At least one of them must be given: everything is `events`.
    """
    if not (subject or customer or types):
        raise ValueError("say whose events, or of which types")
    found = models.Event.objects.all()
    found = found.filter(subject=subject) if subject else found
    found = found.filter(customer=customer) if customer else found
    found = found.filter(type__in=types) if types else found
    last = found.order_by("-time", "-sequence").values_list("sequence", "recorded_at", *_FIELDS)[:most]
    return [_happened(sequence, recorded_at, row) for sequence, recorded_at, *row in reversed(last)]


def known(*, event: str) -> Happened | None:
    """The event of this id; None where there is none."""
    found = models.Event.objects.filter(event=event).values_list("sequence", "recorded_at", *_FIELDS).first()
    return _happened(found[0], found[1], found[2:]) if found else None


def types(*, after: int = 0) -> set[str]:
    """The types of the events after a sequence. From 0 it reads every event: remember how far it was read."""
    return set(models.Event.objects.filter(sequence__gt=after).order_by().values_list("type", flat=True).distinct())


def named(*, events: Sequence[str]) -> list[Happened]:
    """The events with these ids, as far as the journal has them, in the order of their time."""
    found = models.Event.objects.filter(event__in=list(events)).order_by("time", "sequence")
    return [
        _happened(sequence, at, row) for sequence, at, *row in found.values_list("sequence", "recorded_at", *_FIELDS)
    ]


def has_more_than_notes() -> bool:
    """Whether there is any event about somebody or something, beside what the desk notes of itself."""
    return models.Event.objects.exclude(source="desk", subject=None, customer=None).exists()


def last_times(
    *, types: Sequence[str], subjects: Collection[str], customers: Collection[str], until: datetime
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """When an event of these types last happened to each of the subjects, and of the customers, up to `until`."""
    found = models.Event.objects.filter(type__in=types, time__lte=until)
    return _last(found, "subject", subjects), _last(found, "customer", customers)


_BRIEF = ("type", "outcome", "audience", "time", "subject", "customer")
_AT_ONCE = 500


def brief(
    *,
    types: Sequence[str],
    families: Sequence[str] = (),
    subjects: Collection[str],
    customers: Collection[str] = (),
    since: datetime,
) -> list[tuple[Any, ...]]:
    """Events from `since` on, of these types or families (`booking.`), on these subjects, or about these customers and no subject.

    Each as (type, outcome, audience, time, subject, customer), in the order of time.
    """
    kinds = Q(type__in=types)
    for family in families:
        kinds |= Q(type__startswith=family)
    found = models.Event.objects.filter(kinds, time__gte=since).order_by("time", "sequence").values_list(*_BRIEF)
    rows = [row for part in _parts(subjects) for row in found.filter(subject__in=part)]
    rows += [row for part in _parts(customers) for row in found.filter(subject=None, customer__in=part)]
    return sorted(rows, key=lambda row: row[3])


def _parts(wanted: Collection[str]) -> Iterator[list[str]]:
    held = sorted(set(wanted))
    yield from (held[at : at + _AT_ONCE] for at in range(0, len(held), _AT_ONCE))


def count_after(*, sequence: int) -> int:
    """How many events came after a sequence."""
    return models.Event.objects.filter(sequence__gt=sequence).count()


def _last(found: Any, column: str, wanted: Collection[str]) -> dict[str, datetime]:
    last = found.filter(**{f"{column}__in": wanted}).order_by().values(column).annotate(last=Max("time"))
    return {row[column]: row["last"] for row in last}


def _happened(sequence: int, recorded_at: datetime, row: Sequence[Any]) -> Happened:
    held = dict(zip(columns.NAMES, row, strict=True))
    del held["recorded_at"]
    attributes = json.loads(held.pop("attributes") or "{}")
    return Happened(sequence, recorded_at, Event(**held, attributes=attributes if isinstance(attributes, dict) else {}))


def verify(*, anchor: str | None = None) -> Verified:
    """Check every seal: its own hash, its place after the one before, and the events under it, to the letter.

    A value that cannot be read any more is a fault, and so is one that says the same in another spelling. `anchor` is a
    head that was written down earlier, `<number>:<hash>`: that seal must still have that hash. Raises JournalError where it
    does not read so.
    """
    faults: list[str] = []
    before = None
    counted = 0
    for sealed, written in _seals(faults):
        faults += _of_seal(sealed, written, before)
        after = before.last if before else 0
        try:
            leaves = [rules.leaf(sequence, row) for sequence, row in events(after=after, until=sealed.last)]
            faults += _of_events(sealed, leaves)
            faults += _of_spelling(sealed, after)
            counted += len(leaves)
        except UNREADABLE as error:
            _really(error)
            faults.append(f"under seal {sealed.number} an event cannot be read any more ({type(error).__name__})")
        before = sealed
    if anchor is not None:
        faults += _of_anchor(anchor)
    return Verified(
        seals=before.number if before else 0,
        events=counted,
        unsealed=_left(before, faults),
        head=f"{before.number}:{before.hash}" if before else None,
        faults=tuple(faults),
    )


def _left(last: rules.Sealed | None, faults: list[str]) -> int:
    try:
        return count_after(sequence=last.last if last else 0)
    except UNREADABLE as error:
        _really(error)
        faults.append(f"the events after the last seal cannot be counted ({type(error).__name__})")
        return 0


def _seals(faults: list[str]) -> Iterator[tuple[rules.Sealed, str]]:
    """Every seal, and its hash as it is written; where one cannot be read it is a fault, and the rest is not looked at."""
    try:
        # Not by the index, which has the number once more: what counts is what the table says.
        for found in models.Seal.objects.order_by(F("number") + 0).iterator():
            sealed = _sealed(found)
            if not isinstance(sealed.sealed_at, datetime) or not isinstance(sealed.number, int):
                raise TypeError("what a seal holds is of another kind")
            yield sealed, found.hash
    except UNREADABLE as error:
        _really(error)
        faults.append(f"a seal cannot be read any more ({type(error).__name__}): no later one was looked at")
        return
    if _spelt_otherwise("event_seals", ("sealed_at",), (), ("root", "previous", "hash"), "1 = 1"):
        faults.append("a seal is not written as the journal writes it")


def _really(error: Exception) -> None:
    """Raise it again where it says nothing of what is stored: the server of a database is gone, or the like."""
    if connection.vendor == "postgresql" and isinstance(error, DatabaseError) and not isinstance(error, DataError):
        raise error


def _of_spelling(sealed: rules.Sealed, after: int) -> Iterator[str]:
    texts = [n for n in columns.NAMES if n not in (*_MOMENTS, "value")]
    if _spelt_otherwise(
        "events", _MOMENTS, ("value",), texts, f"sequence > {int(after)} AND sequence <= {int(sealed.last)}"
    ):
        yield f"under seal {sealed.number} a value is not written as the journal writes it"


def _spelt_otherwise(
    table: str, moments: Sequence[str], numbers: Sequence[str], texts: Sequence[str], where: str
) -> bool:
    """Whether a row is written as SQLite could be made to keep it, and nobody but a hand in the file would write it.

    SQLite keeps a moment as text, in which a T can stand for the space, and any kind of value in any column. PostgreSQL's
    columns have one form for each value.
    """
    if connection.vendor != "sqlite":
        return False
    tests = [
        f"({name} IS NOT NULL AND (typeof({name}) <> 'text' OR {name} LIKE '%.000000' "
        f"OR NOT ({name} GLOB '{_SECOND}' OR {name} GLOB '{_SECOND}.{'[0-9]' * 6}')))"
        for name in moments
    ]
    tests += [f"typeof({name}) NOT IN ('null', 'real')" for name in numbers]
    tests += [f"typeof({name}) NOT IN ('null', 'text')" for name in texts]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {where} AND ({' OR '.join(tests)}))")  # noqa: S608 - ours
        return bool(cursor.fetchone()[0])


def proof(*, event: str) -> rules.Proof:
    """The proof that an event is in the journal as it stands there. Raises JournalError where it is not, or not sealed yet."""
    found = models.Event.objects.filter(event=event).values_list("sequence", *_FIELDS).first()
    if found is None:
        raise rules.JournalError(f"there is no event {event} in the journal")
    sequence, *row = found
    seal = models.Seal.objects.filter(last__gte=sequence).order_by("number").first()
    if seal is None:
        raise rules.JournalError(f"event {event} is not sealed yet; `aboveboard journal seal` seals what is new")
    before = models.Seal.objects.filter(number__lt=seal.number).aggregate(most=Max("last"))["most"] or 0
    placed = list(events(after=before, until=seal.last))
    leaves = [rules.leaf(number, values) for number, values in placed]
    place = [number for number, _ in placed].index(sequence)
    held = {name: value for name, value in zip(columns.NAMES, row, strict=True) if value is not None}
    return rules.Proof(sequence, held, rules.path(leaves, place), _sealed(seal))


def _events(after: int, until: int) -> Any:
    return models.Event.objects.filter(sequence__gt=after, sequence__lte=until).order_by("sequence")


def _sealed(found: models.Seal) -> rules.Sealed:
    return rules.Sealed(found.number, found.last, found.count, found.root, found.previous, found.sealed_at)


def _of_seal(sealed: rules.Sealed, written: str, before: rules.Sealed | None) -> Iterator[str]:
    number = before.number + 1 if before else 1
    if sealed.number != number:
        yield f"seal {number} is missing: seal {sealed.number} follows"
    if sealed.hash != written:
        yield f"seal {sealed.number} was changed: its hash is not that of what it says"
    if sealed.previous != (before.hash if before else rules.NOTHING_BEFORE):
        yield f"seal {sealed.number} does not follow the seal before it"


def _of_events(sealed: rules.Sealed, leaves: Sequence[bytes]) -> Iterator[str]:
    if len(leaves) != sealed.count:
        yield f"seal {sealed.number} is over {sealed.count:,} events, and {len(leaves):,} are there"
    elif rules.root(leaves).hex() != sealed.root:
        yield f"under seal {sealed.number} an event was changed"


def _of_anchor(anchor: str) -> Iterator[str]:
    number, _, hash_ = anchor.partition(":")
    if not number.isdecimal() or len(hash_) != len(rules.NOTHING_BEFORE):
        raise rules.JournalError(f"{anchor!r} is no head; write it as `aboveboard verify` printed it, NUMBER:HASH")
    found = models.Seal.objects.filter(number=int(number)).first()
    if found is None:
        yield f"seal {number} is missing, and its hash was written down"
    elif found.hash != hash_:
        yield f"seal {number} is not the one whose hash was written down"
