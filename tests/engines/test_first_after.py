"""The first event after another, held against a search row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.engines import first_after, grouping

START = datetime(2026, 11, 22, tzinfo=UTC)
MOMENT = pa.timestamp("us", tz="UTC")
SHAPE = pa.schema({"key": pa.string(), "at": MOMENT, "marked": pa.bool_()})
Row = dict[str, Any]

ROWS = st.lists(
    st.builds(
        lambda key, step, marked: {"key": key, "at": START + timedelta(microseconds=step), "marked": marked},
        st.sampled_from((None, "", "a", "a ", "ä", "order:1")),
        st.integers(0, 3),
        st.sampled_from((None, True, False)),
    ),
    max_size=12,
)


def table(rows: list[Row]) -> Any:
    return ibis.duckdb.connect().create_table("rows", pa.Table.from_pylist(rows, schema=SHAPE))


def expected(rows: list[Row], *, absent_keys_tie: bool) -> list[tuple[Any, ...]]:
    """Every row with the earliest marked row of its key from its own time on."""
    found = []
    for row in rows:
        times = [other["at"] for other in rows if other["marked"] and other["key"] == row["key"]]
        tied = absent_keys_tie or row["key"] is not None
        found.append((*row.values(), min((t for t in times if t >= row["at"]), default=None) if tied else None))
    return sorted(found, key=repr)


def rows_of(found: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in found.to_pyarrow().to_pylist()), key=repr)


@given(ROWS)
@settings(max_examples=30, deadline=None)
def test_every_row_finds_the_first_of_its_group_from_its_own_moment_on(rows: list[Row]) -> None:
    events = table(rows)
    found = first_after.next_times(events, by=["key"], at="at", next=events.marked)
    assert rows_of(found) == expected(rows, absent_keys_tie=True)


@given(ROWS)
@settings(max_examples=30, deadline=None)
def test_starts_and_ends_may_be_two_tables_and_an_absent_key_ties_nothing(rows: list[Row]) -> None:
    events = table(rows)
    ends = events.filter(events.marked).select("key", over="at")
    found = first_after.first_after(events, ends, by=["key"], at="at", end_at="over", name="next")
    assert rows_of(found.select(*SHAPE.names, "next")) == expected(rows, absent_keys_tie=False)


def test_keys_whose_hashes_collide_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "_hash", lambda key: key.isnull())
    keys = ("a", "b", "a ", None)
    rows = [
        {"key": key, "at": START + timedelta(days=day), "marked": day > number}
        for (number, key), day in product(enumerate(keys), range(5))
    ]
    events = table(rows)
    found = first_after.next_times(events, by=["key"], at="at", next=events.marked)
    assert rows_of(found) == expected(rows, absent_keys_tie=True)
