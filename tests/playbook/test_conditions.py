"""Conditions: what they mean, what they refuse and how they say so, and the way back to text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from tests.playbook import trees

from aboveboard.playbook import conditions
from aboveboard.playbook.conditions import ConditionError
from aboveboard.playbook.expressions import parse, to_sql, tree

NEW_YORK = ZoneInfo("America/New_York")
SCOPE = parse.Scope(conditions.LEDGER, trees.ZONE, {})


@given(node=trees.expressions())
@settings(max_examples=80)
def test_text_and_back(node: tree.Node) -> None:
    assert parse.parse(to_sql.text(node), SCOPE) == node


@pytest.mark.parametrize(
    ("sql", "row", "truth"),
    [
        ("value > 1", {"value": None}, None),
        ("value <> 1", {"value": None}, None),
        ("not (value > 1)", {"value": None}, None),
        ("value > 1 or team = 'a'", {"value": None, "team": "a"}, True),
        ("value > 1 and team = 'a'", {"value": None, "team": "b"}, False),
        ("value > 1 and team = 'a'", {"value": None, "team": "a"}, None),
        ("team in ('a', null)", {"team": "a"}, True),
        ("team in ('a', null)", {"team": "b"}, None),
        ("team not in ('a', null)", {"team": "b"}, None),
        ("value between 1 and 3", {"value": 3.0}, True),
        ("value not between 1 and null", {"value": 0.0}, True),
        ("value not between 1 and null", {"value": 2.0}, None),
        ("1 / value > 0 or value = 0", {"value": 0.0}, True),
        ("1 / value > 0", {"value": 0.0}, None),
        ("7 / 2 = 3.5", {}, True),
        ("team like '_a%'", {"team": "ba\nc"}, True),
        ("team like 'A%'", {"team": "abc"}, False),
        ("lower(team) like '%é'", {"team": "CAFÉ"}, True),
        ("case when value > 1 then team = 'a' end", {"value": 0.0, "team": "a"}, None),
        ("case team when 'a' then true else false end", {"team": "a"}, True),
        ("coalesce(value, 0) = 0", {}, True),
        ("attributes.level = 'lead'", {"attributes": '{"level": "lead"}'}, True),
        ("cast(attributes.n as double) >= 12.5", {"attributes": '{"n": 12.5}'}, True),
        ("cast(attributes.n as integer) = -1", {"attributes": '{"n": "-1.9"}'}, True),
        ("cast(attributes.n as double) is null", {"attributes": '{"n": "1,000"}'}, True),
        ("time >= timestamp '2026-11-21 16:15'", {"time": datetime(2026, 11, 21, 21, 15, tzinfo=UTC)}, True),
        ("time >= date '2026-11-21'", {"time": datetime(2026, 11, 21, 4, 59, tzinfo=UTC)}, False),
        ("local_hour(time) = 16.25", {"time": datetime(2026, 11, 21, 21, 15, tzinfo=UTC)}, True),
        ("local_weekday(time) = 6", {"time": datetime(2026, 11, 22, 4, 59, tzinfo=UTC)}, True),
        ("TYPE = 'a'", {"type": "a"}, True),
    ],
)
def test_what_it_means(sql: str, row: dict[str, Any], truth: bool | None) -> None:
    assert conditions.parse(sql, timezone=NEW_YORK).to_python()(row) is truth


@pytest.mark.parametrize(
    ("sql", "said", "at", "suggestion"),
    [
        ("chanel = 'web'", "unknown column 'chanel'", 0, "channel"),
        ("type = 'a' and chanel = 'web'", "unknown column 'chanel'", 15, "channel"),
        ('type = "order.paid"', "single quotes", 7, "'order.paid'"),
        ("value > 'a'", "a number and text", 8, None),
        ("type > 'a'", "needs numbers or timestamps", 0, None),
        ("time > '2026-01-01'", "write timestamp '2026-01-01'", 7, None),
        ("time > timestamp 'noon'", "this is no time", 17, None),
        ("attributes.n > 3", "write cast(attributes.n as double)", 15, None),
        ("attributes = 'x'", "name one", 0, None),
        ("attributes.a.b = 'c'", "only attributes.<key> has a dot", 0, "attributes.b"),
        ("type = null", "never true", None, "is null"),
        ("type = 'a' and", "something is missing", 11, None),
        ("type = 'a", "not closed", None, None),
        ("type = 'a'; drop table x", "one condition", 10, None),
        ("select 1", "'select' cannot be used", None, None),
        ("exists (select 1)", "exists() cannot be used", None, None),
        ("type in (select 1)", "needs a list", 0, None),
        ("read_csv('/etc/passwd') is null", "read_csv() cannot be used", 0, None),
        ("count(*) > 1", "count() cannot be used", 0, None),
        ("locl_hour(time) > 3", "unknown function", 0, "local_hour"),
        ("local_hour(value) > 3", "must be a timestamp", 11, None),
        ("local_hour(cast(attributes.at as timestamp)) > 3", "not a cast", None, None),
        ("type like team", "pattern in single quotes", 10, None),
        ("cast(value as text) = '1'", "a number cannot be cast to text", 5, None),
        ("value", "true or false", None, None),
        ("  ", "empty", None, None),
        ("(" * 3000, "", None, None),
        ("value > 1e999", "too large", 8, None),
        ("team = 'x' or " * 3000 + "value > 1", "longer than", None, None),
    ],
)
def test_what_it_refuses(sql: str, said: str, at: int | None, suggestion: str | None) -> None:
    with pytest.raises(ConditionError) as error:
        conditions.parse(sql)
    assert said in error.value.message
    assert suggestion == error.value.suggestion
    assert at is None or error.value.at == at


def test_facts_have_options() -> None:
    asked = {"columns": {"mood": "text", "hour": "number"}, "options": {"mood": ("calm", "angry")}, "called": "fact"}
    assert conditions.parse("mood = 'calm' and hour > 3", **asked).columns == {"mood", "hour"}  # type: ignore[arg-type]
    with pytest.raises(ConditionError, match="mood is never 'clam'") as error:
        conditions.parse("mood in ('clam')", **asked)  # type: ignore[arg-type]
    assert error.value.suggestion == "calm"


def test_it_knows_what_it_reads() -> None:
    found = conditions.parse("type = 'a' and (attributes.level = 'x' or local_hour(time) > 3)")
    assert found.columns == {"type", "attributes", "time"}
    assert found.attributes == {"level"}


def test_many_choices_are_no_trouble() -> None:
    sql = " or ".join(f"team = 'team {number}'" for number in range(800))
    assert conditions.parse(sql).to_python()({"team": "team 799"}) is True
