"""One condition, one answer: the plain Python predicate and every engine agree, value for value, NULL for NULL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.playbook import trees

from aboveboard.ledger import columns
from aboveboard.playbook import conditions
from aboveboard.playbook.expressions import to_python, tree

WHEN = datetime(2026, 11, 21, 16, 15, tzinfo=UTC)
cases = st.tuples(
    st.lists(trees.expressions(), min_size=1, max_size=5),
    st.lists(trees.rows, min_size=1, max_size=12),
)


def events(rows: list[dict[str, Any]]) -> pa.Table:
    """The rows as events, with their number as id."""
    whole = [{"type": "x", "recorded_at": WHEN, "time": WHEN, **row, "id": f"{n:06}"} for n, row in enumerate(rows)]
    return pa.Table.from_pylist(whole, schema=columns.SCHEMA)


def agree(opened: Any, found: list[tree.Node], rows: list[dict[str, Any]]) -> None:
    """Every expression gives on the engine what it gives in Python, row by row."""
    with opened(events(rows)) as ledger:
        asked = {
            f"x{number}": conditions.Expression("", node).to_ibis(ledger.events) for number, node in enumerate(found)
        }
        answers = ledger.arrow(ledger.events.select("id", **asked).order_by("id"))
    for node, name in zip(found, asked, strict=True):
        function = to_python.function(node)
        assert answers[name].to_pylist() == [function(row) for row in rows], node


@given(case=cases)
@settings(max_examples=8)
def test_engines_answer_as_python(opened: Any, case: Any) -> None:
    agree(opened, *case)


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=300)
def test_engines_answer_as_python_often(opened: Any, case: Any) -> None:
    agree(opened, *case)


SAYINGS = (
    "team = 'north' and channel in ('web', 'phone')",
    "channel not in ('web', null)",
    "value / value",
    "value / 0 is null",
    "-value - -3 * (2 - 1)",
    "1 / 3 * 3 = 1",
    "7 / 2",
    "cast(value as integer)",
    "cast(attributes.n as integer)",
    "cast(attributes.n as double) > 3 or cast(attributes.n as double) is null",
    "cast(attributes.at as timestamp)",
    "cast(attributes.flag as double)",
    "cast(value > 1 as text)",
    "local_hour(time)",
    "local_weekday(time)",
    "text like 'a\\b%'",
    "text like '%\\%'",
    "text like '_é%'",
    "text like ''",
    "trim(text)",
    "lower(text)",
    "upper(text)",
    "length(text)",
    "case when value > 1 then 'a' when value < 0 then null else 'c' end",
    "case value when 3 then 1 else 0 end",
    "coalesce(attributes.n, team, 'none')",
    "time >= timestamp '2018-03-11 02:30'",
    "due between time and timestamp '2030-01-01'",
    "not (value > 0 or team = 'south')",
    "null and value > 0",
    "attributes.flag = 'true'",
    "attributes.\"ship to\" = 'Köln'",
    "attributes.nothing is null",
    "abs(value) * 2 <= 7",
)
ROWS: list[dict[str, Any]] = [
    {
        "team": "north",
        "channel": "web",
        "value": 3.0,
        "time": datetime(2018, 3, 11, 6, 59, 59, 700_000, tzinfo=UTC),
        "due": datetime(2018, 3, 11, 7, tzinfo=UTC),
        "attributes": '{"n": "12.7", "at": "2018-03-11 02:30", "flag": true, "ship to": "Köln", "nothing": null}',
        "text": "a\\b_%\nc",
    },
    {"team": None, "channel": None, "value": None, "attributes": None, "text": None},
    {
        "team": "south",
        "channel": "phone",
        "value": -3.5,
        "time": datetime(1971, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        "attributes": '{"n": " -1e3 ", "at": "2018-11-04T01:30:05.12-05:00", "flag": 1}',
        "text": "  ÉéÄä ",
    },
    {"channel": "store", "value": 0.0, "attributes": '{"n": "abc", "at": "2016-02-29T01:30Z"}', "text": ""},
    {"channel": "store", "value": 1e300, "attributes": '{"n": "-0.9", "at": "2018-11-04 01:30"}', "text": "ΣΑσ"},
    {"channel": "Web", "value": -0.0, "attributes": '{"n": 17, "at": "2017-02-29"}', "text": "Жж\\"},
    {"channel": "web ", "value": 2.0**53, "attributes": '{"n": "1e9", "at": "2018-07-01"}', "text": "Привет"},
]


def test_what_people_write(opened: Any) -> None:
    found = [conditions.parse_expression(sql, timezone=trees.ZONE).tree for sql in SAYINGS]
    agree(opened, found, [{"time": WHEN, **row} for row in ROWS])


@pytest.mark.slow
def test_what_people_write_on_spark(opened_on_spark: Any) -> None:
    found = [conditions.parse_expression(sql, timezone=trees.ZONE).tree for sql in SAYINGS]
    agree(opened_on_spark, found, [{"time": WHEN, **row} for row in ROWS])


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=25)
def test_spark_answers_as_python(opened_on_spark: Any, case: Any) -> None:
    agree(opened_on_spark, *case)


def test_a_moment_between_seconds_is_before_the_next(opened: Any) -> None:
    """Comparisons use the whole timestamp, to the microsecond."""
    sql = "time < timestamp '2018-03-11 02:00:00.000001' and time > timestamp '2018-03-11 06:59:59.699999+00:00'"
    agree(opened, [conditions.parse(sql, timezone=trees.ZONE).tree], [{"time": WHEN, **row} for row in ROWS])


NOTHING_FOLLOWS = (
    "(not (team = 'south')) is null",
    "(not true) is null",
    "(not (team = 'south')) = (value > 0)",
    "(not (value > 0)) in (true, null)",
    "(team like 's%') is null",
    "(team like 's%') = (value > 0)",
    "(channel in ('web', null)) is null",
    "(team is null) is null",
    "(team is null) = (value > 0)",
    "(team is not null) is not null",
    "(team in ('south')) = (not (value > 0))",
    "(value between 0 and 2) is null",
    "(value between 0 and 2) = (team = 'south')",
    "(not (value between 0 and 2)) is null",
    "(-value) is null",
    "(team = 'south' and value > 0) is null",
)


def test_what_stands_in_parentheses_ends_with_them(opened: Any) -> None:
    found = [conditions.parse_expression(sql, timezone=trees.ZONE).tree for sql in NOTHING_FOLLOWS]
    agree(opened, found, [{"time": WHEN, **row} for row in ROWS])


@pytest.mark.slow
def test_what_stands_in_parentheses_ends_with_them_on_spark(opened_on_spark: Any) -> None:
    found = [conditions.parse_expression(sql, timezone=trees.ZONE).tree for sql in NOTHING_FOLLOWS]
    agree(opened_on_spark, found, [{"time": WHEN, **row} for row in ROWS])
