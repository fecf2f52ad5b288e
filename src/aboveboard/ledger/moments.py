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

from aboveboard.ledger import engine_functions, epochs, local_time

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
    # A last line break stands beyond `$` in some engines, so line breaks are ruled out by themselves.
    readable = written.re_search(PATTERN) & ~written.contains("\n")
    with_offset = (written.length() > _DATE_LENGTH) & written.re_search(f"{_OFFSET}$")
    # PostgreSQL has no cast that gives NULL, and works out constants before it looks at any CASE: it sees clean text only.
    clean = ibis.cases((readable, written)) if ibis.get_backend(written).name == "postgres" else written
    micros = ibis.cases((with_offset, _micros(clean)), else_=_local_micros(clean, zone))
    return epochs.moment(ibis.cases((readable, micros)))


def _local_micros(written: Text, zone: ZoneInfo) -> Integer:
    """Microseconds since 1970 of a time without an offset: what the clock of UTC would show, less the zone's offset."""
    midnight = ibis.cases((written.length() == _DATE_LENGTH, " 00:00Z"), else_="Z")
    shown = _micros(written + midnight)
    changes, seconds = local_time.offsets(zone)
    # The clock turns at the later of its two readings: the first of the hour that happens twice, on from before the gap.
    turns = tuple((change + max(seconds[i], seconds[i + 1])) * epochs.SECOND for i, change in enumerate(changes))
    return shown - local_time.search(shown, turns, tuple(offset * epochs.SECOND for offset in seconds))


def _micros(written: Text) -> Integer:
    """Microseconds since 1970 of a text with its offset: no session setting plays a part."""
    engine = ibis.get_backend(written).name
    if engine == "pyspark":
        # Spark reads no time without seconds, and no offset without a colon.
        minutes = ibis.cases((written.substr(16, 1) == ":", written), else_=_with_seconds(written))
        written = minutes.re_replace("([+-][0-9]{2})([0-9]{2})$", r"\1:\2")
    cast = written.cast if engine == "postgres" else written.try_cast
    return epochs.micros(cast(engine_functions.MOMENT))


def _with_seconds(written: Text) -> Text:
    return written.substr(0, 16) + ":00" + written.substr(16)


_DATE_LENGTH = len("2026-11-21")
