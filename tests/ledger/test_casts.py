"""Moments out of text, numbers, dates and timestamps, in every zone, as Python's zoneinfo has them with fold=0."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.ledger import casts

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
]
CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'")
QUICK = settings(max_examples=25, deadline=None)


def moments(values: list[Any], type_: str, zone: str = "UTC", *, ends_day: bool = False) -> list[datetime | None]:
    shown = casts.shown("x", type_, ends_day=ends_day)
    sql = casts.moment("shown", "x", type_, ZoneInfo(zone), ends_day=ends_day)
    listed = f"(SELECT *, {shown} AS shown FROM (SELECT unnest(?::{type_}[]) AS x))"
    found = CONNECTION.execute(f"SELECT epoch_us({sql}) FROM {listed}", [values]).fetchall()
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return [None if micros is None else start + timedelta(microseconds=micros) for (micros,) in found]


def moment(value: Any, type_: str = "VARCHAR", zone: str = "UTC", *, ends_day: bool = False) -> datetime | None:
    return moments([value], type_, zone, ends_day=ends_day)[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (" 2026-03-01 10:00:00.25 ", datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00-0330", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-03-01 10:00:00+02", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456789Z", datetime(2026, 3, 1, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("1521000000", datetime(2018, 3, 14, 4, tzinfo=UTC)),
        ("1521000000.5", datetime(2018, 3, 14, 4, 0, 0, 500_000, tzinfo=UTC)),
        ("1521000000123", datetime(2018, 3, 14, 4, 0, 0, 123_000, tzinfo=UTC)),
        ("1521000000123456", datetime(2018, 3, 14, 4, 0, 0, 123_456, tzinfo=UTC)),
        ("1521000000123456789", datetime(2018, 3, 14, 4, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_what_counts_as_a_time(written: str, expected: datetime) -> None:
    assert moment(written) == expected


@pytest.mark.parametrize(
    "written",
    ["", "soon", "epoch", "infinity", "-infinity", "20260301", "2026", "31/12/2026", "2026-02-30", "2026-03-01 25:00",
     "2026-03-01 10:00 PM", "294247-01-10 04:00:00", "294247-01-10", "10:00", "2026-W05-1", "99999999999999999999"],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_what_does_not(written: str, zone: str) -> None:
    assert moment(written, zone=zone) is None


@QUICK
@given(
    st.lists(st.datetimes(datetime(1970, 1, 3), datetime(2099, 12, 29)), min_size=1, max_size=40),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_a_time_without_an_offset_is_read_on_the_clock_of_the_zone(walls: list[datetime], zone: str) -> None:
    expected = [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]
    assert (
        moments([wall.isoformat() + ("" if wall.microsecond else ".0") for wall in walls], "VARCHAR", zone) == expected
    )
    assert moments(walls, "TIMESTAMP", zone) == expected


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("type_", ["VARCHAR", "TIMESTAMP"])
def test_every_half_hour_of_a_year_with_its_gaps_and_overlaps(zone: str, type_: str) -> None:
    walls = [datetime(2026, 1, 1) + timedelta(minutes=30 * n) for n in range(365 * 48)]  # noqa: DTZ001
    values = walls if type_ == "TIMESTAMP" else [wall.isoformat(sep=" ") for wall in walls]
    assert moments(values, type_, zone) == [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]


def test_the_hour_that_comes_twice_is_the_first_and_the_one_left_out_is_counted_on() -> None:
    assert moment("2026-11-01 01:30", zone="America/New_York") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert moment("2026-03-08 02:30", zone="America/New_York") == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@QUICK
@given(st.lists(st.dates(date(1970, 1, 3), date(2099, 12, 29)), min_size=1, max_size=40), st.sampled_from(ZONES))
def test_a_due_date_alone_ends_with_the_day(days: list[date], zone: str) -> None:
    nights = [datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)) + timedelta(days=1) for d in days]
    expected = [night.astimezone(UTC) - timedelta(microseconds=1) for night in nights]
    assert moments(days, "DATE", zone, ends_day=True) == expected
    assert moments([day.isoformat() for day in days], "VARCHAR", zone, ends_day=True) == expected


def test_a_due_with_a_time_ends_then() -> None:
    assert moment("2026-03-01 10:00", ends_day=True) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert moment("2026-03-01T00:00:00Z", zone="America/New_York", ends_day=True) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("type_", ["BIGINT", "DOUBLE", "DECIMAL(20, 3)"])
def test_numbers_are_epochs(type_: str) -> None:
    assert moment(1_521_000_000, type_) == datetime(2018, 3, 14, 4, tzinfo=UTC)
    assert moment(1_521_000_000_500, type_) == datetime(2018, 3, 14, 4, 0, 0, 500_000, tzinfo=UTC)


def test_typed_moments_keep_their_instant() -> None:
    assert moment(datetime(2026, 3, 1, 10, tzinfo=UTC), "TIMESTAMPTZ", "Asia/Kathmandu") == datetime(
        2026, 3, 1, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("type_", "kind"),
    [("VARCHAR", "text"), ("JSON", "text"), ("BIGINT", "number"), ("DECIMAL(10,2)", "number"), ("DATE", "date"),
     ("TIMESTAMP_NS", "local"), ("TIMESTAMP WITH TIME ZONE", "moment"), ("STRUCT(a INTEGER)", "nested"),
     ("BIGINT[]", "other"), ("BLOB", "bytes"), ("BOOLEAN", "other"), ("ENUM('a', 'b')", "text"), ("STRUCT(a INTEGER)[]", "other")],
)  # fmt: skip
def test_the_kinds_of_types(type_: str, kind: str) -> None:
    assert casts.kind(type_) == kind
