"""The wall clock of a place, worked out from UTC by the zone's table of offsets: the same on every engine.

The engines' own time zone functions are not used: they read different copies of the zone data, depend on session
settings, and disagree on the hour that happens twice. Instead the offsets of a zone are looked up once (by `zoneinfo`)
and become a CASE, nested like a search tree, so that a zone with hundreds of changes costs eight comparisons a row
(on PostgreSQL an array, which has a function of its own for the search).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.ledger import engine_functions, epochs

FIRST_YEAR, LAST_YEAR = 1970, 2099
_DAY = 86_400

# How many of a sorted array's values are not above the one sought.
_postgres_place = engine_functions.binary("width_bucket", ("int64", "array<int64>"), "int64")

Integer = Any  # an ibis IntegerValue
Moment = Any  # an ibis TimestampValue


@lru_cache(maxsize=64)
def offsets(
    zone: ZoneInfo, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return when the zone's UTC offset changes and what it is: `(moments, seconds)`.

    `moments` are epoch seconds in rising order; `seconds[i]` is the offset before `moments[i]`, and the last one holds
    from the last moment on, so `seconds` is one longer. Outside the years asked for the nearest offset is used.
    """
    start, end = (epochs.seconds_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (first_year, last_year + 1))
    moments: list[int] = []
    seconds = [offset_at(zone, start)]
    for day in range(start, end, _DAY):
        low, high = day, min(day + _DAY, end)
        if offset_at(zone, high) != seconds[-1]:
            moments.append(_change(zone, low, high))
            seconds.append(offset_at(zone, high))
    return tuple(moments), tuple(seconds)


def offset_at(zone: ZoneInfo, epoch: int) -> int:
    """Return the zone's offset from UTC, in seconds east, at an epoch second."""
    offset = (epochs.START + timedelta(seconds=epoch)).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """Find the first second in (low, high] that has the offset of `high`."""
    after = offset_at(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset_at(zone, middle) == after else (middle, high)
    return high


def local(moment: Moment, zone: ZoneInfo, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Integer:
    """Return what the wall clock of `zone` shows at `moment`, as seconds since 1970-01-01 00:00 of that clock.

    `moment` is an ibis timestamp in UTC. `result % 86400` are the seconds since local midnight, `result // 86400`
    counts local days. NULL where `moment` is NULL.
    """
    moments, seconds = offsets(zone, first_year, last_year)
    epoch = epochs.seconds(moment)
    return epoch + search(epoch, moments, seconds)


def search(at: Integer, moments: tuple[int, ...], seconds: tuple[int, ...]) -> Integer:
    """Return the `seconds` that hold at `at`: `seconds[i]` before `moments[i]`, the last from the last moment on."""
    if not moments:
        return ibis.literal(seconds[0], type="int64")
    engine = ibis.get_backend(at).name
    if engine == "postgres":
        place = _postgres_place(at, ibis.literal(moments, type="array<int64>"))
        return ibis.literal(seconds, type="array<int64>")[place]
    if engine == "pyspark":
        # Spark reads long SQL slowly: in a list of one, `at` is written once and not at every comparison.
        return ibis.array([at]).map(lambda once: _tree(once, moments, seconds))[0]
    return _tree(at, moments, seconds)


def _tree(at: Integer, moments: tuple[int, ...], seconds: tuple[int, ...]) -> Integer:
    """CASEs nested like a search tree over the moments of change."""
    if not moments:
        return ibis.literal(seconds[0], type="int64")
    middle = len(moments) // 2
    before = _tree(at, moments[:middle], seconds[: middle + 1])
    after = _tree(at, moments[middle + 1 :], seconds[middle + 1 :])
    return ibis.cases((at < moments[middle], before), else_=after)


def local_of(moment: datetime, zone: ZoneInfo, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> int:
    """Return what `local` gives, for one moment in plain Python. A moment without an offset is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    epoch = epochs.seconds_of(aware)
    moments, seconds = offsets(zone, first_year, last_year)
    return epoch + seconds[bisect_right(moments, epoch)]
