"""Writing down many events at once: columns instead of rows, so that a million take seconds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.ledger.columns import MOMENT, SCHEMA

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND


class Clock:
    """Turns a day (counted from the first) and a local hour into UTC microseconds, daylight saving included.

    The offset of a day is that at its noon: nothing in a simulated company happens in the small hours in which
    clocks are changed.
    """

    def __init__(self, first: date, days: int, zone: str) -> None:
        self.first, self.days, self.zone = first, days, ZoneInfo(zone)
        spare = 60  # deliveries and answers reach beyond the last day
        noons = [datetime.combine(first + timedelta(days=n), time(12), self.zone) for n in range(days + spare)]
        self._midnights = np.array([round(noon.timestamp()) * SECOND - 12 * HOUR for noon in noons], dtype=np.int64)
        self.weekdays = np.array([noon.isoweekday() for noon in noons], dtype=np.int64)

    @property
    def end(self) -> int:
        """The midnight at which the record stops."""
        return int(self._midnights[self.days])

    def utc(self, day: Ints, hour: Floats) -> Ints:
        """Return microseconds since 1970, on whole seconds, at local `hour` of `day`."""
        return self._midnights[day] + np.round(hour * 3600).astype(np.int64) * SECOND

    def local(self, at: Ints) -> tuple[Ints, Floats]:
        """Return the day and the local hour of moments."""
        day = np.searchsorted(self._midnights, at, side="right").astype(np.int64) - 1
        return day, (at - self._midnights[day]) / HOUR


def named(prefix: str, numbers: Ints) -> pa.Array:
    """Return `prefix` followed by each number, as Arrow strings."""
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def one_of(names: tuple[str, ...], codes: Ints) -> pa.Array:
    """Return the name that stands at each code."""
    return pa.array(names, pa.string()).take(pa.array(codes))


def joined(*parts: str | pa.Array) -> pa.Array:
    """Return the parts one after the other, row by row; absent where any of them is."""
    return pc.binary_join_element_wise(*parts, "")


def waits(rng: np.random.Generator, count: int) -> Ints:
    """Return how long hand-offs wait to be taken up, in microseconds: an hour and a quarter, some of them far longer."""
    return np.round(rng.lognormal(4.3, 0.6, count)).astype(np.int64) * MINUTE


class Blocks:
    """The events so far. Every block is one type of event and as many rows as `at` has."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._count = 0

    def add(self, type: str, at: Ints, *, where: Flags | None = None, **columns: Any) -> None:
        """Add one event per moment in `at` (where `where` holds). A column is one text for all, or an array."""
        count = len(at)
        ids = named("e", np.arange(self._count, self._count + count))
        self._count += count
        arrays = {"id": ids, "type": same(type, count), "time": pa.array(at).cast(MOMENT)}
        for name, value in columns.items():
            arrays[name] = _column(name, value, count)
        absent = {field.name: pa.nulls(count, field.type) for field in SCHEMA if field.name not in arrays}
        arrays = {**arrays, **absent, "recorded_at": arrays["time"]}
        table = pa.table({name: arrays[name] for name in SCHEMA.names}, schema=SCHEMA)
        self._tables.append(table if where is None else table.filter(pa.array(where)))

    def table(self, *, end: int) -> pa.Table:
        """Return all events before `end` in order of time."""
        table = pa.concat_tables(self._tables)
        table = table.filter(pc.less(table["time"].cast(pa.int64()), end))
        return table.sort_by([("time", "ascending"), ("id", "ascending")]).combine_chunks()


def same(text: str, count: int) -> pa.Array:
    """Return `text`, `count` times."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(count, dtype=np.int64)))


def _column(name: str, value: Any, count: int) -> pa.Array:
    type = SCHEMA.field(name).type
    if isinstance(value, str):
        return same(value, count)
    if isinstance(value, np.ndarray):
        return pa.array(value).cast(type)
    return value.cast(type)
