"""Problems give the same rows on every engine; the register and the voices the same as plain Python."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from tests.agreement import problems_reference as reference

from aboveboard.analyses import episodes, problems, promises
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.simulate import planted_problems
from aboveboard.simulate.planted_problems import Planted

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
PAID = "incentives: {over-the-counter: {paid_to: shops, for: \"type = 'order.paid' and channel = 'store'\"}}\n"
BOOK = reader.read(planted_problems.PLAYBOOK + PAID)
AS_OF = planted_problems.FIRST + timedelta(days=160, hours=13)
NAMED = "P-17"


@cache
def company() -> list[Row]:
    """Orders with two planted causes, and around them everything that the tables look at."""
    causes = (Planted(1, 40, 54, 24), Planted(4, 90, 97, 14))
    made = planted_problems.company(31, causes, orders=1_500, rate=0.04)
    rows: list[Row] = made.events.to_pylist()
    draw = random.Random(5)
    paid = {row["subject"]: row for row in rows if row["type"] == "order.paid"}
    for number, subject in enumerate(sorted(paid)):
        start = paid[subject]
        for _ in range(draw.choice((0, 0, 1, 2))):
            rows.append(_event(f"x{len(rows)}", start, draw))
        if number % 11 == 0:
            rows += [
                _case(name, place, start, subject) for place, name in enumerate(("opened", "closed")[: number % 3 + 1])
            ]
    struck = [row for row in rows if row["subject"] in made.struck[0] and row["type"] == "order.ready"]
    for row in struck[:15]:
        row["attributes"] = json.dumps({"problem": NAMED})
    fix = dict.fromkeys(SCHEMA.names) | {"type": "fix.released", "time": AS_OF - timedelta(days=3)}
    for name, more in (("fix-1", {"subject": "problem:P-17"}), ("fix-2", {"attributes": '{"problem": "P-18"}'})):
        rows.append(fix | more | {"id": name, "recorded_at": AS_OF})
    lone = {"type": "message.received", "customer": "customer-7", "attributes": '{"problem": "P-19"}', "id": "lone"}
    return [*rows, fix | lone | {"recorded_at": AS_OF}]


def _event(id: str, start: Row, draw: random.Random) -> Row:
    type, value, outcome = draw.choice((
        ("contact.started", None, None), ("message.received", None, None), ("review.posted", 1.0, None),
        ("review.posted", 5.0, None), ("review.posted", 9.0, None), ("survey.answered", 2.0, "csat"),
        ("survey.answered", 2.0, "other"), ("case.reopened", None, None), ("complaint.received", None, None),
        ("contact.started", None, None),
    ))  # fmt: skip
    later = timedelta(hours=draw.choice((-30, 0, 5, 50, 24 * 35)))
    where = draw.choice(({}, {"subject": None}, {"customer": None}, {"subject": "talk:" + id}))
    more = {"type": type, "value": value, "outcome": outcome, "time": start["time"] + later, "id": id, "due": None}
    return (
        start | more | {"attributes": draw.choice((None, '{"category": "hats"}', '{"says": {"ready": "now"}}'))} | where
    )


def _case(name: str, place: int, start: Row, subject: str) -> Row:
    time = start["time"] + timedelta(days=1 + place)
    return start | {"id": f"case-{name}-{subject}", "type": f"case.{name}", "subject": f"case-{subject}", "time": time}


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def everything(opened: Opener) -> dict[str, list[Row]]:
    with opened(table(company())) as led:
        given = {"promises": led.keep(promises.outcomes(led.events, BOOK, as_of=AS_OF), "promises")}
        given["contradictions"] = led.keep(episodes.contradictions(led.events, as_of=AS_OF), "contradictions")
        register = led.keep(problems.occasions(led.events, BOOK, tables=given, as_of=AS_OF), "occasions")
        found = problems.clusters(led.events, register, BOOK, as_of=AS_OF)
        cases = led.keep(problems.cases(led.events, found, BOOK, as_of=AS_OF), "problem_cases")
        made = {
            "occasions": register,
            "problem_cases": cases,
            "problems": problems.problems(found, cases, BOOK),
            "problem_factors": problems.factors(led.events, found, BOOK, tables=given, as_of=AS_OF),
        }
        return {name: led.arrow(each).to_pylist() for name, each in made.items()}


def plain(rows: list[Row], names: tuple[str, ...] | None = None) -> list[str]:
    kept = ({name: row[name] for name in names or row} for row in rows)
    return sorted(
        json.dumps({name: _flat(value) for name, value in row.items()}, default=str, sort_keys=True) for row in kept
    )


def _flat(value: Any) -> Any:
    if hasattr(value, "timestamp"):
        return round(value.timestamp() * 1e6)
    return round(value, 9) if isinstance(value, float) else value


@cache
def on_duckdb() -> Mapping[str, list[Row]]:
    return everything(lambda events: Ledger.of(events))


def test_the_register_and_the_voices_are_those_of_plain_python() -> None:
    rows = company()
    known = [row for row in on_duckdb()["occasions"] if row["kind"] != "told two things"]
    expected = reference.occasions(rows, AS_OF)
    names = tuple(expected[0])
    assert {row["kind"] for row in expected} == {"promise missed", "complaint", "bad rating", "reopened"}
    assert plain(known, names) == plain(expected, names)
    cases = on_duckdb()["problem_cases"]
    assert {row["voice"] for row in cases} == {"complained", "asked", "silent"}
    for row in cases:
        assert row["voice"] == reference.voice(row["subject"], row["customer"], row["since"], rows, AS_OF), row


def test_what_is_found_bears_the_name_that_the_record_has_for_it() -> None:
    rows = {row["problem"]: row for row in on_duckdb()["problems"]}
    assert rows[NAMED]["found"] == "both" and rows[NAMED]["team"] == "shop 1" and rows[NAMED]["n"] >= 15
    assert rows["P-19"]["found"] == "record" and rows["P-19"]["affected_count"] == 1
    assert "P-18" not in rows, "a fix is no case"
    assert any(row["team"] == "shop 4" and row["found"] == "scan" for row in rows.values())
    assert len(on_duckdb()["problem_factors"]) == 7 * len(rows)


def agree(opened: Opener) -> None:
    found = everything(opened)
    for name, rows in on_duckdb().items():
        assert plain(found[name]) == plain(rows), name


def test_postgres_gives_the_same(postgres: str) -> None:
    agree(lambda events: Ledger.of(events, engine="postgres", url=postgres))


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    agree(opened_on_spark)
