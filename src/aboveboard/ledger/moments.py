"""Text that says a time: which forms count, and the moment in UTC that each means.

`2026-11-21`, `2026-11-21 16:15`, `2026-11-21T16:15:00`, `2026-11-21 16:15:00.25+01:00`, `2026-11-21T15:15Z`: ISO 8601
with a blank or a T, years 1000 to 9999, up to six digits of a second. A date alone is its first moment. A time without an
offset is read on the wall clock of the zone given: the hour that happens twice in autumn is the first of the two, a
time in the hour that spring leaves out is counted on from before the gap. Anything else is no time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.ledger import local_time

Text = Any  # an ibis StringValue: ibis ships no types
Integer = Any  # an ibis IntegerValue
Moment = Any  # an ibis TimestampValue

_LEAP = "(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)"
_DATE = (
    "(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_LEAP}-02-29)"
)
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,6})?)?"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
PATTERN = f"^{_DATE}(?:[ T]{_CLOCK}{_OFFSET}?)?$"
_READ = re.compile(PATTERN)


def moment_of(written: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment in UTC that the text says, or None where it says none."""
    if "\n" in written or not _READ.fullmatch(written):
        return None
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def moment(written: Text, zone: ZoneInfo) -> Moment:
    """Return an ibis timestamp in UTC from ibis text, as `moment_of` does for one text; NULL where it says no time."""
    wall = _epoch_days(written) * 86_400 + _seconds_of_day(written)
    offset = ibis.cases((_has_offset(written), _written_offset(written)), else_=_zone_offset(wall, zone))
    micros = (wall - offset) * 1_000_000 + _micros(written)
    # A last line break stands beyond `$` in some engines, so line breaks are ruled out by themselves.
    readable = written.re_search(PATTERN) & ~written.contains("\n")
    return local_time.from_micros(ibis.cases((readable, micros)))


def _part(written: Text, start: int, length: int) -> Integer:
    """A whole number out of the text; 0 where the text ends before it."""
    piece = written.substr(start, length)
    return ibis.cases((piece.re_search("^[0-9]+$"), piece.cast("int64")), else_=0)


def _epoch_days(written: Text) -> Integer:
    """Days since 1970-01-01 of the date that the text starts with, by the rules of the Gregorian calendar.

    Counting years from March puts the leap day last, so that days before a month follow from (153 m + 2) / 5.
    """
    year, month, day = _part(written, 0, 4), _part(written, 5, 2), _part(written, 8, 2)
    late = month > 2
    march_year = year - late.ifelse(0, 1)
    march_month = month + late.ifelse(-3, 9)
    leaps = _whole(march_year, 4) - _whole(march_year, 100) + _whole(march_year, 400)
    return march_year * 365 + leaps + _whole(march_month * 153 + 2, 5) + day - 1 - _MARCH_0000_TO_1970


_MARCH_0000_TO_1970 = 719_468


def _whole(number: Integer, by: int) -> Integer:
    return (number / by).floor().cast("int64")


def _seconds_of_day(written: Text) -> Integer:
    return _part(written, 11, 2) * 3600 + _part(written, 14, 2) * 60 + _seconds(written)


def _seconds(written: Text) -> Integer:
    """Seconds are there only where a second colon is: the offset may stand in their place."""
    return ibis.cases((written.substr(16, 1) == ":", _part(written, 17, 2)), else_=0)


def _micros(written: Text) -> Integer:
    """The digits after the point, filled up to six."""
    digits = written.substr(20, 6).re_replace("[^0-9].*$", "")
    padded = (digits + "000000").substr(0, 6)
    return ibis.cases((written.substr(19, 1) == ".", padded.cast("int64")), else_=0)


def _has_offset(written: Text) -> Any:
    return (written.length() > 16) & written.re_search(f"{_OFFSET}$")


def _written_offset(written: Text) -> Integer:
    """Seconds east of UTC that the text ends with."""
    plain = written.re_replace(":", "")
    tail = plain.substr(plain.length() - 5, 5)
    seconds = _part(tail, 1, 2) * 3600 + _part(tail, 3, 2) * 60
    return ibis.cases((written.endswith("Z"), 0), (tail.substr(0, 1) == "-", -seconds), else_=seconds)


def _zone_offset(wall: Integer, zone: ZoneInfo) -> Integer:
    """The zone's offset when its clock shows `wall`: the first of two in autumn, the one before the gap in spring."""
    changes, seconds = local_time.offsets(zone)
    turns = tuple(change + max(seconds[i], seconds[i + 1]) for i, change in enumerate(changes))
    return local_time.search(wall, turns, seconds)
