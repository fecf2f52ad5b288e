"""Requests, ordinary cases and the replay of a rule: the same rows on every engine, and the same as plain Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agreement import exceptions_reference as reference
from tests.agreement.gathered import gathered, together

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions.tables import CLAUSES, ORDINARY, POLICIES, RELAXATIONS, REPLAY, REQUESTS
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=40)
BOOK = reader.read(
    "policies:\n"
    "  no-refund: {says: No refunds., authority: {rep: 0, lead: 20, boss: 90}, harm_margin: 0.1, harm_within: 3 days}\n"
    "  closed: {says: Closed is closed., harm_margin: 0.5}\n"
)
PROPOSALS = (
    {"policy": "no-refund", "verdict": "change the rule", "region": "x", "condition": "value <= 40 or channel = 'web'"},
    {"policy": "closed", "verdict": "push authority down", "region": "every request", "condition": "true"},
)
TYPES = (
    ("exception.requested",) * 4
    + ("exception.granted",) * 3
    + ("exception.denied", "harm.found", "harm.found", "order.paid")
)
RULES = ("policy:no-refund", "policy:closed")
MOMENTS = st.one_of(
    st.integers(0, 20).map(lambda n: n * timedelta(minutes=7)),
    st.integers(0, 45).map(lambda n: n * timedelta(days=1)),
    st.integers(0, 20).map(lambda n: n * timedelta(hours=30, microseconds=700_001)),
)


def maybe(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.sampled_from(values))


ATTRIBUTES = st.one_of(
    st.none(),
    st.sampled_from(("rep", "lead", "boss", "chief")).map(lambda level: json.dumps({"level": level})),
    st.sampled_from(('{"clause": "a"}', '{"level": null, "clause": "ß"}', '{"level": "lead", "clause": "a"}', "{}")),
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(TYPES),
            "time": MOMENTS.map(lambda since: FIRST + since),
            "customer": maybe(("ann", "Bö")),
            "subject": maybe(("order:1", "order:2", "order:ß", "ticket:3", "t")),
            "rule": st.one_of(st.sampled_from(RULES), maybe(("policy:new", "promise:x", "policy:"))),
            "channel": maybe(("web", "phone")),
            "employee": maybe(("e1", "e2")),
            "value": st.one_of(st.none(), st.integers(0, 90).map(float)),
            "attributes": ATTRIBUTES,
        }
    ),
    max_size=40,
).flatmap(
    lambda rows: st.permutations([f"e{n:02d}" for n in range(len(rows))]).map(
        lambda ids: [{**row, "id": key, "recorded_at": FIRST} for row, key in zip(rows, ids, strict=True)]
    )
)  # fmt: skip


def told(opened: Opener, rows: list[Row]) -> tuple[list[Row], dict[str, tuple[int, int]], list[Row]]:
    """Requests, ordinary cases per policy, and the replay, as the engine gives them."""
    with opened(pa.Table.from_pylist(rows, schema=SCHEMA)) as ledger:
        asked = ledger.keep(exceptions.requests(ledger.events, BOOK, as_of=AS_OF), "asked")
        found = ledger.arrow(asked).to_pylist()
        counts: dict[str, tuple[int, int]] = {}
        for row in ledger.arrow(exceptions.ordinary(ledger.events, asked, BOOK, as_of=AS_OF)).to_pylist():
            n, x = counts.get(row["policy"], (0, 0))
            counts[row["policy"]] = n + row["cases_count"], x + row["cases_count"] * row["harmed"]
        replayed = exceptions.replay(ledger.events, asked, ibis.memtable(list(PROPOSALS)), BOOK)
        return sorted(found, key=lambda row: row["event"]), counts, ledger.arrow(replayed).to_pylist()


def check(opened: Opener, rows: list[Row]) -> None:
    found, beside, replayed = told(opened, rows)
    expected = reference.requests(rows, BOOK, AS_OF)
    assert [{**row, "followed_minutes": pytest.approx(row["followed_minutes"])} for row in expected] == found
    assert beside == reference.ordinary(rows, expected, BOOK, AS_OF)
    assert [row["policy"] for row in replayed] == ["closed", "no-refund"]
    for row, proposal in zip(replayed, sorted(PROPOSALS, key=lambda one: one["policy"]), strict=True):
        brute = reference.replay(rows, expected, proposal)
        cost = brute.pop("cost")
        assert {name: row[name] for name in brute} == brute
        assert row["cost"] == (None if cost is None else pytest.approx(cost))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=EVENTS)
def test_the_rows_are_those_of_plain_python(rows: list[Row]) -> None:
    check(lambda events: Ledger.of(events), rows)


def test_on_every_engine(opened: Opener) -> None:
    check(opened, together(gathered(EVENTS, 60)))


@pytest.mark.slow
def test_on_spark(opened_on_spark: Opener) -> None:
    check(opened_on_spark, together(gathered(EVENTS, 60)))


SPECS = {
    "asked": REQUESTS,
    "beside": ORDINARY,
    "regions": RELAXATIONS,
    "policies": POLICIES,
    "clauses": CLAUSES,
    "replay": REPLAY,
}


def judged(opened: Opener, events: pa.Table) -> dict[str, list[Row]]:
    """Every table of the family, as the engine gives it."""
    with opened(events) as ledger:
        held: dict[str, Any] = {}

        def keep(name: str, table: Any) -> Any:
            assert tuple(table.columns) == SPECS[name].columns
            held[name] = ledger.keep(table, name)
            return held[name]

        asked = keep("asked", exceptions.requests(ledger.events, BOOK, as_of=AS_OF))
        beside = keep("beside", exceptions.ordinary(ledger.events, asked, BOOK, as_of=AS_OF))
        regions = keep("regions", exceptions.relaxations(asked, ledger.events, beside, BOOK))
        rules = keep("policies", exceptions.policies(ledger.events, asked, beside, regions, BOOK, as_of=AS_OF))
        keep("clauses", exceptions.clauses(ledger.events, asked, beside, BOOK))
        keep("replay", exceptions.replay(ledger.events, asked, rules, BOOK))
        return {name: ledger.arrow(table).to_pylist() for name, table in held.items()}


def test_a_ledger_without_events_has_a_row_per_policy_and_no_more(opened: Opener) -> None:
    found = judged(opened, SCHEMA.empty_table())
    assert [(row["policy"], row["verdict"], row["requests_count"]) for row in found.pop("policies")] == [
        ("no-refund", "not enough data", 0),
        ("closed", "not enough data", 0),
    ]
    assert not any(found.values())


def test_verdicts_are_the_same_on_postgresql(postgres: str) -> None:
    same_verdicts(lambda table: Ledger.of(table, engine="postgres", url=postgres))


@pytest.mark.slow
def test_verdicts_are_the_same_on_spark(opened_on_spark: Opener) -> None:
    same_verdicts(opened_on_spark)


def same_verdicts(opened: Opener) -> None:
    events = pa.Table.from_pylist(together(gathered(EVENTS, 40)), schema=SCHEMA)
    here, there = judged(Ledger.of, events), judged(opened, events)
    for name, table in here.items():
        for one, other in zip(sorted(table, key=str), sorted(there[name], key=str), strict=True):
            assert {key: _near(value) for key, value in one.items()} == other, name


def _near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
