"""The wall clock from the table of offsets: against the zone data itself, and DuckDB against plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.ledger import attributes, engine_functions, local_time, moments

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a wall clock shows
times = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def column(values: list[Any], kind: pa.DataType) -> Any:
    table = ibis.duckdb.connect().create_table("t", pa.table({"x": pa.array(values, kind)}))
    return table.x


@pytest.mark.parametrize("name", ZONES)
def test_the_table_of_offsets_is_the_zone(name: str) -> None:
    zone = ZoneInfo(name)

    @given(moment=times)
    @settings(max_examples=100)
    def holds(moment: datetime) -> None:
        shown = moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
        assert EPOCH + timedelta(seconds=local_time.local_of(moment, zone)) == shown

    holds()


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Lord_Howe", "UTC"])
def test_duckdb_shows_the_same_clock(name: str) -> None:
    zone = ZoneInfo(name)
    edges = [second + step for second in local_time.offsets(zone, 2020, 2030)[0] for step in (-1, 0, 1)]
    found = [datetime.fromtimestamp(second, UTC) for second in edges] + [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 7, 1, 12, 0, 0, 999_999, tzinfo=UTC),
    ]
    asked = local_time.local(column([*found, None], pa.timestamp("us", "UTC")), zone)
    assert asked.to_pyarrow().to_pylist() == [*(local_time.local_of(moment, zone) for moment in found), None]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21", "2026-11-21T05:00:00"),
        ("2026-11-21 16:15", "2026-11-21T21:15:00"),
        ("2026-11-21T16:15:00.25", "2026-11-21T21:15:00.250000"),
        ("2026-11-21T16:15Z", "2026-11-21T16:15:00"),
        ("2026-11-21 16:15:00+01:00", "2026-11-21T15:15:00"),
        ("2026-11-21 16:15:00-0530", "2026-11-21T21:45:00"),
        ("2026-11-01 01:30", "2026-11-01T05:30:00"),  # the first of two
        ("2026-03-08 02:30", "2026-03-08T07:30:00"),  # never shown: counted on from before the gap
        ("2024-02-29", "2024-02-29T05:00:00"),
        ("2023-02-29", None),
        ("2026-04-31", None),
        ("2026-11-21 24:00", None),
        ("2026-11-21\n", None),
        (" 2026-11-21", None),
        ("21/11/2026", None),
        ("0999-01-01", None),
        ("", None),
        (None, None),
    ],
)
def test_times_in_text(text: str | None, moment: str | None) -> None:
    zone = ZoneInfo("America/New_York")
    meant = None if moment is None else datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert text is None or moments.moment_of(text, zone) == meant
    assert moments.moment(column([text], pa.string()), zone).to_pyarrow().to_pylist() == [meant]


@pytest.mark.parametrize(
    ("document", "key", "value"),
    [
        ('{"a": "x"}', "a", "x"),
        ('{"a": ""}', "a", ""),
        ('{"a": null}', "a", None),
        ('{"b": 1}', "a", None),
        ('{"a": 12}', "a", "12"),
        ('{"a": 1.5}', "a", "1.5"),
        ('{"a": true}', "a", "true"),
        ('{"a": "é\\n"}', "a", "é\n"),
        ('{"a": {"b":1}}', "a", '{"b":1}'),
        ('{"a.b": "dot", "a": {"b": "nested"}}', "a.b", "dot"),
        ('{"ship to": "Köln"}', "ship to", "Köln"),
        ("[1]", "a", None),
        (None, "a", None),
    ],
)
def test_attributes(document: str | None, key: str, value: str | None) -> None:
    assert attributes.text_of(document, key) == value
    table = ibis.duckdb.connect().create_table("t", pa.table({"attributes": pa.array([document], pa.string())}))
    assert attributes.text(table, key).to_pyarrow().to_pylist() == [value]


@pytest.mark.parametrize("key", ['a"b', "a'b", "a\\b", "$", "a[0]", "*", "", "x" * 300, "a\nb"])
def test_keys_that_mean_something_to_an_engine_are_refused(key: str) -> None:
    with pytest.raises(attributes.AttributeKeyError):
        attributes.check(key)


def test_engine_functions_are_called_by_their_name() -> None:
    reverse = engine_functions.unary("reverse", "string", "string")
    assert reverse(column(["abc", None], pa.string())).to_pyarrow().to_pylist() == ["cba", None]
