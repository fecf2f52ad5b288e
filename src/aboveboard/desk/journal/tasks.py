"""Timed work of the journal: keep the Parquet copy fresh, from which the analyses read.

The copy is a ledger folder (`ledger.store`). It is derived: it can be thrown away and is made again. Only sealed events are
copied, for below a seal nothing can appear any more. Each part says in its own metadata how far it goes and of which journal it
is, so that part and place are on the disk together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.desk.journal import models, queries, rules
from aboveboard.ledger import columns, store

_UNTIL, _OF, _RECORDED = b"aboveboard.until", b"aboveboard.first_seal", b"aboveboard.recorded_at"
_CHUNK = 100_000


@dataclass(frozen=True)
class Freshness:
    """How fresh a copy is: events in the journal that it lacks, and when the journal learned of the last one it has.

    `recorded_at` is None while the copy is empty.
    """

    behind: int
    recorded_at: datetime | None


def copy(*, folder: Path) -> int:
    """Bring the copy in `folder` up to the last seal; how many events that added.

    Raises JournalError where the folder is the copy of another journal, and LedgerError where it cannot be written.
    """
    until = queries.sealed_until()
    if not until:
        return 0
    kept = store.Store(folder)
    with kept.writing() as writing:
        start = _until(kept)
        if start >= until:
            return 0
        part = writing.working / "copied.parquet"
        added = _write(part, start, until)
        if added:
            writing.append(part)
    return added


def freshness(*, folder: Path) -> Freshness:
    """How far the copy is behind. Raises JournalError where it is the copy of another journal."""
    kept = store.Store(folder)
    start = _until(kept)
    parts = kept.parts()
    recorded = _metadata(parts[-1]).get(_RECORDED) if parts else None
    behind = models.Event.objects.filter(sequence__gt=start).count()
    return Freshness(behind, datetime.fromisoformat(recorded.decode()) if recorded else None)


def _write(part: Path, start: int, until: int) -> int:
    added, latest = 0, ""
    writer = None
    try:
        for rows in _chunks(queries.events(after=start, until=until)):
            arrays = [
                pa.array(held, field.type) for held, field in zip(zip(*rows, strict=True), columns.SCHEMA, strict=True)
            ]
            table = pa.Table.from_arrays(arrays, schema=columns.SCHEMA)
            writer = writer or pq.ParquetWriter(part, columns.SCHEMA)
            writer.write_table(table)
            added += len(rows)
            latest = rows[-1][columns.NAMES.index("recorded_at")].isoformat()
        if writer:
            writer.add_key_value_metadata({_UNTIL: str(until), _OF: _first(), _RECORDED: latest})
    finally:
        if writer:
            writer.close()
    return added


def _chunks(placed: Iterator[queries.Placed]) -> Iterator[Sequence[Sequence[Any]]]:
    while rows := [row for _, row in islice(placed, _CHUNK)]:
        yield rows


def _until(kept: store.Store) -> int:
    parts = kept.parts()
    if not parts:
        return 0
    said = _metadata(parts[-1])
    if said.get(_OF, b"").decode() != _first():
        raise rules.JournalError(
            f"{kept.path}: this is no copy of this journal; name another folder, or remove this one"
        )
    return int(said[_UNTIL])


def _first() -> str:
    first = models.Seal.objects.filter(number=1).first()
    return first.hash if first else ""


def _metadata(part: Path) -> dict[bytes, bytes]:
    return pq.read_metadata(part).metadata or {}
