"""The only writer of the ledger's table: events are recorded, imported in bulk, and sealed.

The same id is the same event: recording it again adds nothing. An action of another slice calls `record` inside its own
transaction, so that a change of state and its event are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db import DatabaseError, IntegrityError, connection, transaction

from aboveboard.desk.journal import models, queries, rules
from aboveboard.ledger import columns, copy_text, event

_WRITING = 4_716_200_150
"""The advisory lock of PostgreSQL that writers share; any number will do, as long as nobody else takes it."""
_LOCK = f"SELECT pg_advisory_xact_lock_shared({_WRITING})"
_PATIENCE = "1s"
_CHUNK = 20_000
_TOGETHER = 500
"""Rows of one statement."""
_NAMES = ", ".join(f'"{name}"' for name in columns.NAMES)
_MARKS = f"({', '.join(['%s'] * len(columns.NAMES))})"


@dataclass(frozen=True)
class Recorded:
    """How many events were new, and how many the journal knew."""

    recorded: int
    known: int


def record(*, events: Sequence[event.Event], now: datetime) -> Recorded:
    """Add events to the ledger, all or none; `now` is when it learns of them.

    Raises EventError where one cannot be recorded as it is (see `ledger.event`).
    """
    rows = [event.row(one, recorded_at=now) for one in events]
    # Nobody goes on in a transaction whose events were not taken, so that one within another needs no point to go back to.
    with transaction.atomic(savepoint=False):
        recorded = _insert(rows)
    return Recorded(recorded, len(rows) - recorded)


def take(*, part: Path) -> Recorded:
    """Add the events of a checked Parquet file of the ledger's shape (`ledger.store`), all or none, in bulk."""
    file = pq.ParquetFile(part)
    with transaction.atomic():
        _begin_writing()
        recorded = _copy(file) if connection.vendor == "postgresql" else sum(map(_insert, _rows(file)))
    return Recorded(recorded, file.metadata.num_rows - recorded)


def seal(*, now: datetime, most: int = rules.MOST) -> list[rules.Sealed]:
    """Seal what was recorded since the last seal, in batches of at most `most` events; the new seals, oldest first.

    Where somebody has been writing for longer than a second the rest is left for the next time. Two that seal at once do
    not get in each other's way: the later one finds its number taken, and stops.
    """
    until, made = settled(), []
    while until is not None and (batch := queries.batch(after=queries.sealed_until(), until=until, most=most)):
        sealed = _sealed(batch, now)
        try:
            models.Seal.objects.bulk_create([models.Seal(**asdict(sealed), hash=sealed.hash)])
        except DatabaseError:
            if queries.sealed_until() >= sealed.last:
                break
            raise
        made.append(sealed)
    return made


def _sealed(batch: Sequence[queries.Placed], now: datetime) -> rules.Sealed:
    before = queries.last_seal()
    root = rules.root([rules.leaf(sequence, row) for sequence, row in batch])
    return rules.Sealed(
        number=before.number + 1 if before else 1,
        last=batch[-1][0],
        count=len(batch),
        root=root.hex(),
        previous=before.hash if before else rules.NOTHING_BEFORE,
        sealed_at=now,
    )


def settled() -> int | None:
    """The highest sequence up to which no event can appear any more; None where writers do not let us know.

    A transaction of PostgreSQL's takes its sequences when it inserts and shows them when it commits, so a lower one may
    show later than a higher one. While we hold the lock that writers share, none of them is under way.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            try:
                with transaction.atomic():
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITING])
            except DatabaseError:
                return None
        return queries.latest()


def _begin_writing() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)


def _insert(rows: Iterable[event.Row]) -> int:
    adapt = connection.ops.adapt_datetimefield_value
    values = [tuple(adapt(v) if isinstance(v, datetime) else v for v in row) for row in rows]
    if connection.vendor == "postgresql":
        return sum(_insert_at_once(values[n : n + _TOGETHER]) for n in range(0, len(values), _TOGETHER))
    if not values:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO events ({_NAMES}) VALUES {_MARKS} ON CONFLICT (id) DO NOTHING", values)  # noqa: S608
        return int(cursor.rowcount)


def _insert_at_once(values: Sequence[tuple[Any, ...]]) -> int:
    """The writers' lock and these rows in one message to PostgreSQL: its answer to each takes longer than its work."""
    with connection.cursor() as cursor:
        insert = f"INSERT INTO events ({_NAMES}) VALUES {', '.join([_MARKS] * len(values))} ON CONFLICT (id) DO NOTHING"  # noqa: S608
        cursor.execute(f"{_LOCK}; {insert}", [one for row in values for one in row])
        cursor.nextset()
        return int(cursor.rowcount)


def _copy(file: pq.ParquetFile) -> int:
    """PostgreSQL's own bulk load, straight into the table; how many events were new.

    COPY cannot leave out what is known. Where an id is, it fails at the first, and all goes by way of a table of this transaction.
    """
    try:
        with transaction.atomic():
            return _load("events", file)
    except IntegrityError:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {_NAMES} FROM events WITH NO DATA")  # noqa: S608
            _load("incoming", file)
            cursor.execute(f"INSERT INTO events ({_NAMES}) SELECT {_NAMES} FROM incoming ON CONFLICT (id) DO NOTHING")  # noqa: S608
            return int(cursor.rowcount)


def _load(table: str, file: pq.ParquetFile) -> int:
    with connection.cursor() as cursor:
        # Django words what psycopg raises inside its own calls alone.
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({_NAMES}) FROM STDIN") as copy:
            for batch in file.iter_batches(_CHUNK, columns=list(columns.NAMES)):
                copy.write(copy_text.of(batch))
        return int(cursor.rowcount)


def _rows(file: pq.ParquetFile) -> Iterator[Sequence[event.Row]]:
    for batch in file.iter_batches(_CHUNK, columns=list(columns.NAMES)):
        held: list[list[Any]] = [batch.column(name).to_pylist() for name in columns.NAMES]
        yield list(zip(*held, strict=True))
