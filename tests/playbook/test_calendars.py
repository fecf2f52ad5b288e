"""Opening hours: cases worked out by hand, and what must hold for any calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.playbook import calendars, opening_hours, public_holidays
from aboveboard.playbook.calendars import Calendar, CalendarError
from aboveboard.playbook.model import Within

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
ALL_DAY = opening_hours.spans("24h")


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def calendar(hours: dict[str, str], zone: ZoneInfo = NEW_YORK, **more: object) -> Calendar:
    week = {day: opening_hours.spans(text) for days, text in hours.items() for day in opening_hours.weekdays(days)}
    return Calendar("store", zone, week, **more)  # type: ignore[arg-type]


STORE = calendar({"mon-sat": "10:00-20:00", "sun": "11:00-18:00"})
OFFICE = calendar({"mon-fri": "09:00-12:00, 13:00-17:00"}, BERLIN)
BAR = calendar({"fri-sat": "22:00-02:00"})
NIGHT = calendar({"daily": "00:00-04:00"})


def test_minutes_within_a_day_and_over_a_lunch_break() -> None:
    assert STORE.minutes_between(at(NEW_YORK, "2026-11-21 16:15"), at(NEW_YORK, "2026-11-21 19:15")) == 180
    assert OFFICE.minutes_between(at(BERLIN, "2026-11-20 11:30"), at(BERLIN, "2026-11-20 13:30")) == 60


def test_minutes_over_a_weekend() -> None:
    # Friday 16:00 to Monday 10:00: one hour on Friday, one on Monday.
    assert OFFICE.minutes_between(at(BERLIN, "2026-11-20 16:00"), at(BERLIN, "2026-11-23 10:00")) == 120


def test_seconds_are_cut_and_count_as_parts_of_minutes() -> None:
    start, end = at(NEW_YORK, "2026-11-20 10:00:00.900000"), at(NEW_YORK, "2026-11-20 10:00:30.100000")
    assert STORE.minutes_between(start, end) == 0.5


@pytest.mark.parametrize(
    ("zone", "day", "hours", "minutes"),
    [
        (NEW_YORK, date(2026, 3, 8), "00:00-04:00", 180),  # 02:00 → 03:00: one hour is missing
        (NEW_YORK, date(2026, 11, 1), "00:00-04:00", 300),  # 01:00–02:00 passes twice
        (NEW_YORK, date(2026, 3, 8), "24h", 23 * 60),
        (NEW_YORK, date(2026, 11, 1), "24h", 25 * 60),
        (NEW_YORK, date(2026, 3, 8), "02:30-05:00", 120),  # 02:30 is never shown: open from the jump to 03:00
        (NEW_YORK, date(2026, 11, 1), "01:30-03:00", 150),  # opens at the first 01:30
        (NEW_YORK, date(2026, 11, 1), "00:00-01:30", 150),  # closes at the second 01:30
        (BERLIN, date(2026, 3, 29), "00:00-04:00", 180),
        (BERLIN, date(2026, 10, 25), "00:00-04:00", 300),
        (BERLIN, date(2026, 10, 25), "22:00-02:00", 240),  # the evening after the change
        (BERLIN, date(2026, 10, 24), "22:00-06:00", 540),  # the night of the change
        (BERLIN, date(2026, 3, 28), "22:00-06:00", 420),
    ],
)
def test_the_nights_of_the_change(zone: ZoneInfo, day: date, hours: str, minutes: float) -> None:
    one = Calendar("x", zone, {}, special={day: opening_hours.spans(hours)})
    around = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert one.minutes_between(around - timedelta(days=2), around + timedelta(days=3)) == minutes


def test_a_span_past_midnight_belongs_to_the_day_it_starts_on() -> None:
    assert BAR.is_open(at(NEW_YORK, "2026-11-22 01:59"))  # Sunday, open since Saturday 22:00
    assert not BAR.is_open(at(NEW_YORK, "2026-11-22 02:00"))
    assert not BAR.is_open(at(NEW_YORK, "2026-11-20 01:00"))  # Friday early: Thursday is closed
    assert BAR.due(at(NEW_YORK, "2026-11-20 23:00"), Within("4 hours", 240)) == at(NEW_YORK, "2026-11-21 23:00")


def test_holidays_closed_dates_and_single_days() -> None:
    store = calendar(
        {"mon-sat": "10:00-20:00"},
        holidays="US",
        closed=frozenset({date(2026, 11, 27)}),
        special={date(2026, 12, 25): ((time(12), time(14)),)},
    )
    assert store.spans(date(2026, 11, 26)) == ()  # Thanksgiving
    assert store.spans(date(2026, 11, 27)) == ()
    assert store.spans(date(2026, 12, 25)) == ((time(12), time(14)),)  # a single day wins over the holiday
    assert store.minutes_between(at(NEW_YORK, "2026-11-25 19:00"), at(NEW_YORK, "2026-11-28 11:00")) == 120
    bavaria, germany = (
        calendar({"daily": "24h"}, BERLIN, holidays="DE-BY"),
        calendar({"daily": "24h"}, BERLIN, holidays="DE"),
    )
    epiphany = date(2026, 1, 6)
    assert bavaria.spans(epiphany) == () and germany.spans(epiphany) == ALL_DAY
    assert calendar({"mon-fri": "09:30-16:00"}, holidays="XNYS").spans(date(2026, 4, 3)) == ()  # Good Friday


def test_days_that_touch_at_midnight_are_one_interval() -> None:
    always = calendar({"daily": "24h"})
    assert len(always.intervals(date(2026, 11, 16), date(2026, 11, 22))) == 1
    assert always.due(at(NEW_YORK, "2026-10-31 12:00"), Within("48 hours", 2880)) == at(NEW_YORK, "2026-11-02 11:00")


def test_due_runs_only_while_open() -> None:
    assert STORE.due(at(NEW_YORK, "2026-11-21 16:15"), Within("3 hours", 180)) == at(NEW_YORK, "2026-11-21 19:15")
    # Saturday 19:00: an hour is left; Sunday opens at 11:00.
    assert STORE.due(at(NEW_YORK, "2026-11-21 19:00"), Within("3 hours", 180)) == at(NEW_YORK, "2026-11-22 13:00")
    # What ends exactly at closing time is due then, not at the next opening.
    assert STORE.due(at(NEW_YORK, "2026-11-21 17:00"), Within("3 hours", 180)) == at(NEW_YORK, "2026-11-21 20:00")
    # Before opening the clock stands still.
    assert STORE.due(at(NEW_YORK, "2026-11-20 03:00"), Within("3 hours", 180)) == at(NEW_YORK, "2026-11-20 13:00")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20 10:00", 1, "2026-11-23 17:00"),  # Friday at work: Monday
        ("2026-11-20 08:00", 1, "2026-11-23 17:00"),  # Friday before opening: still Friday's
        ("2026-11-20 12:30", 2, "2026-11-24 17:00"),  # in the lunch break
        ("2026-11-20 17:00", 1, "2026-11-24 17:00"),  # at closing: made on Monday
        ("2026-11-21 12:00", 1, "2026-11-24 17:00"),  # Saturday: made on Monday
    ],
)
def test_open_days(start: str, days: int, due: str) -> None:
    assert OFFICE.due(at(BERLIN, start), Within(f"{days} open days", None, days)) == at(BERLIN, due)


def test_open_days_of_a_place_that_closes_after_midnight() -> None:
    # Saturday 01:00 is still Friday's evening, so the next open day is Saturday, which closes on Sunday at 02:00.
    assert BAR.due(at(NEW_YORK, "2026-11-21 01:00"), Within("1 open day", None, 1)) == at(NEW_YORK, "2026-11-22 02:00")


def test_what_never_opens_says_so() -> None:
    never = Calendar("never", NEW_YORK, {})
    for within in (Within("1 hour", 60), Within("1 open day", None, 1)):
        with pytest.raises(CalendarError, match="never"):
            never.due(at(NEW_YORK, "2026-11-20 10:00"), within)
    with pytest.raises(CalendarError, match="need a calendar"):
        calendars.due(at(NEW_YORK, "2026-11-20 10:00"), Within("1 open day", None, 1), None)


def test_wall_clock_days_are_24_hours() -> None:
    assert calendars.due(at(NEW_YORK, "2026-10-31 12:00"), Within("1 day", 1440), None) == at(
        NEW_YORK, "2026-11-01 11:00"
    )


@pytest.mark.parametrize(("name", "suggestion"), [("us", "US"), ("DE-by", "DE-BY"), ("DE-XX", None), ("", None)])
def test_unknown_holidays(name: str, suggestion: str | None) -> None:
    with pytest.raises(public_holidays.UnknownHolidaysError) as error:
        public_holidays.check(name)
    assert error.value.suggestion == suggestion


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
some = st.sampled_from((STORE, OFFICE, BAR, NIGHT))


@given(calendar=some, points=st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_minutes_add_up_and_never_fall(calendar: Calendar, points: list[datetime]) -> None:
    a, b, c = points
    whole = [point.replace(microsecond=0) for point in (a, b, c)]
    first, second = calendar.minutes_between(whole[0], whole[1]), calendar.minutes_between(whole[1], whole[2])
    assert first + second == pytest.approx(calendar.minutes_between(whole[0], whole[2]))
    assert 0 <= first <= (whole[1] - whole[0]) / timedelta(minutes=1)
    assert calendar.minutes_between(b, a) == -calendar.minutes_between(a, b)


@given(calendar=some, start=moments, minutes=st.integers(1, 5_000))
def test_due_is_the_inverse_of_minutes(calendar: Calendar, start: datetime, minutes: int) -> None:
    start = start.replace(microsecond=0)
    due = calendar.due(start, Within("some", float(minutes)))
    assert calendar.minutes_between(start, due) == minutes
    # It is the earliest such moment: a second before, a second is missing.
    assert calendar.minutes_between(start, due - timedelta(seconds=1)) == pytest.approx(minutes - 1 / 60)


@given(calendar=some, start=moments, days=st.integers(0, 20))
def test_open_days_come_one_after_the_other(calendar: Calendar, start: datetime, days: int) -> None:
    due = calendar.due(start, Within("some", None, days))
    later = calendar.due(start, Within("more", None, days + 1))
    assert start < due < later
    assert not calendar.is_open(due) or calendar.is_open(due - timedelta(seconds=1))


@given(calendar=some, day=st.dates(date(2025, 1, 1), date(2027, 12, 31)), length=st.integers(0, 40))
def test_intervals_are_in_order_and_apart(calendar: Calendar, day: date, length: int) -> None:
    found = calendar.intervals(day, day + timedelta(days=length))
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))
