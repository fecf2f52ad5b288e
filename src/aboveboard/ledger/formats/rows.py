"""Rows read from XML, JSON or SQLite become Arrow batches of the ledger's columns; texts become moments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pyarrow as pa

from aboveboard.ledger import columns

LINE = "_line"
READ_SCHEMA: pa.Schema = pa.schema([pa.field(c.name, c.type) for c in columns.COLUMNS] + [pa.field(LINE, pa.int64())])
BATCH = 20_000

_DATE_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_END_OF_DAY = timedelta(days=1) - timedelta(microseconds=1)

Row = Mapping[str, Any]


def batches(rows: Iterable[Row], size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """Arrow batches of `READ_SCHEMA` (the 18 columns of the ledger and `_line`); a key that a row lacks is null.

    No row, no batch.
    """
    waiting: list[Row] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == size:
            yield batch(waiting)
            waiting = []
    if waiting:
        yield batch(waiting)


def batch(rows: Sequence[Row]) -> pa.RecordBatch:
    """One Arrow batch of `READ_SCHEMA`."""
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in READ_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=READ_SCHEMA)


def moment(text: str | None, zone: tzinfo, *, ends_day: bool = False) -> datetime | None:
    """The moment that an ISO 8601 text names, in UTC; None where it names none.

    Without an offset it is read in `zone`. With `ends_day`, a date without a time is the last microsecond of that day
    (a promise "by Friday" runs to the end of Friday). Digits beyond the microsecond are cut off.
    """
    if text is None:
        return None
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
        if ends_day and _DATE_ALONE.match(text):
            found += _END_OF_DAY
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(when: datetime) -> str:
    """ISO 8601 with an offset, as XES, OCEL and pm4py write it: milliseconds, or microseconds where there are any."""
    return when.isoformat(timespec="milliseconds" if when.microsecond % 1000 == 0 else "microseconds")
