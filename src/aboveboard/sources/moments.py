"""SQL that reads a time out of text, by the formats and the time zone that the mapping says once.

DuckDB's session runs in that zone, so a time without an offset is a wall-clock time there: the hour that happens
twice in autumn is the first of the two, a time that spring leaves out is counted on from before the gap.
"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.sources.sql import literal

_HOURS = ("%H", "%I", "%-H", "%-I", "%X", "%c")
_OFFSETS = ("%z", "%Z")


def instant(text: str, dates: Sequence[str], *, ends_day: bool = False) -> str:
    """SQL: the moment (TIMESTAMPTZ) that the text names in one of the formats, tried in order; NULL where none fits.

    With `ends_day` a date without a time is the last microsecond of that day, else its first.
    """
    read = [_by(text, pattern, ends_day) for pattern in dates]
    return f"try({read[0]})" if len(read) == 1 else f"try(coalesce({', '.join(read)}))"


def localised(naive: str) -> str:
    """SQL: the moment of a wall-clock TIMESTAMP in the session's zone."""
    later = f"CAST({naive} AS TIMESTAMPTZ)"
    earlier = f"({later} - INTERVAL 1 HOUR)"
    return f"CASE WHEN CAST({earlier} AS TIMESTAMP) = {naive} THEN {earlier} ELSE {later} END"


def end_of_day(date: str) -> str:
    """SQL: the last microsecond of a DATE, as a wall-clock TIMESTAMP."""
    return f"(CAST({date} AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND)"


def written(moment: str) -> str:
    """SQL: the moment as ISO 8601 text in UTC, which every reader of events understands."""
    return f"strftime(timezone('UTC', {moment}), '%Y-%m-%dT%H:%M:%S.%fZ')"


def _by(text: str, pattern: str, ends_day: bool) -> str:
    if pattern == "epoch":
        return f"to_timestamp(try_cast({text} AS DOUBLE))"
    if pattern == "epoch_ms":
        return f"to_timestamp(try_cast({text} AS DOUBLE) / 1000)"
    if pattern == "iso":
        return _iso(text, ends_day)
    read = f"try_strptime({text}, {literal(pattern)})"
    if any(offset in pattern for offset in _OFFSETS):
        return read
    if ends_day and not any(hour in pattern for hour in _HOURS):
        return localised(end_of_day(read))
    return localised(read)


def _iso(text: str, ends_day: bool) -> str:
    offset = f"regexp_matches({text}, ':[0-9.]+ ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
    naive = f"try_cast({text} AS TIMESTAMP)"
    if ends_day:
        alone = f"regexp_full_match(trim({text}), '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
        naive = f"CASE WHEN {alone} THEN {end_of_day(f'try_cast({text} AS DATE)')} ELSE {naive} END"
    return f"CASE WHEN {offset} THEN try_cast({text} AS TIMESTAMPTZ) ELSE {localised(naive)} END"
