"""The queue of small steps: the order is the exact knapsack's, alternatives do not add up, employees say what work it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.analyses import journeys
from aboveboard.analyses.journeys import candidates, knapsack
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
ITEMS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=15)


def brute(worths: list[float], efforts: list[float], capacity: float) -> float:
    places = range(len(worths))
    fitting = (
        some
        for n in range(len(worths) + 1)
        for some in combinations(places, n)
        if sum(efforts[at] for at in some) <= capacity
    )
    return max(sum(worths[at] for at in some) for some in fitting)


@settings(max_examples=15, deadline=None)
@given(
    items=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=10), room=st.integers(0, 90)
)
def test_the_set_is_the_best_there_is(items: list[tuple[int, int]], room: int) -> None:
    worths, efforts = [float(worth) for worth, _ in items], [effort / 4 for _, effort in items]
    chosen = knapsack.best(worths, efforts, room / 4)
    assert sum(efforts[at] for at in chosen) <= room / 4
    assert sum(worths[at] for at in chosen) == brute(worths, efforts, room / 4)


@settings(max_examples=60, deadline=None)
@given(items=ITEMS)
def test_every_head_of_the_queue_is_the_best_set_of_its_effort(items: list[tuple[int, int]]) -> None:
    worths, efforts = [float(worth) for worth, _ in items], [effort / 4 for _, effort in items]
    order = knapsack.order(worths, efforts)
    for length in range(1, len(order) + 1):
        head = order[:length]
        best = knapsack.best(worths, efforts, sum(efforts[at] for at in head))
        assert sum(worths[at] for at in head) == pytest.approx(sum(worths[at] for at in best))


def test_of_many_parts_the_worst_is_pulled_back() -> None:
    rng = np.random.default_rng(2)
    gaps, variances = rng.normal(0, 0.05, 20), np.full(20, 0.05**2)
    means, left = candidates.shrunk(gaps, variances)
    assert np.abs(means).max() < 0.5 * np.abs(gaps).max()
    real, _ = candidates.shrunk(np.array([0.5, -0.5, 0.4]), np.full(3, 0.0001))
    assert real[0] == pytest.approx(0.5, abs=0.01)
    assert (left >= 0).all()


def part(cut: str, value: str, ended: int, missed: int, *, differs: bool = False) -> dict[str, Any]:
    return {
        "promise": "ready", "slice": cut, "value": value, "ended_count": ended, "missed_count": missed,
        "kept_share": 1 - missed / ended, "differs": differs,
    }  # fmt: skip


def test_the_queue_of_a_promise() -> None:
    book = reader.read(
        "promises: {ready: {says: Ready., owner: ops, starts: type = 'a', kept_by: type = 'b', within: 1 hour}}"
    )
    slices = [
        part("all", "all", 1400, 400),
        part("team", "north", 700, 300, differs=True),
        part("team", "south", 700, 100),
    ]
    honest = [
        {"promise": "ready", "slice": "all", "verdict": "not deliverable", "honest": "5 hours", "objective": 0.95}
    ]
    policies = [
        {"policy": "no-cash", "verdict": "change the rule", "region": "value at most 50", "requests_count": 140,
         "ordinary_count": 0, "owner": "finance", "proposed_level": None},
    ]  # fmt: skip
    tables = {"promise_slices": slices, "deliverability": honest, "policies": policies}
    made = {"type": "suggestion.made", "recorded_at": FIRST, "text": "Please."}
    rows = [
        {"id": "a", "type": "x", "time": FIRST, "recorded_at": FIRST},
        made | {"id": "b", "time": FIRST, "rule": "policy:no-cash", "attributes": '{"effort": "0.5"}'},
        made | {"id": "c", "time": FIRST, "rule": "policy:no-cash", "attributes": None},
        {"id": "d", "type": "x", "time": FIRST + timedelta(weeks=10), "recorded_at": FIRST},
    ]
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        held = {name: ibis.memtable(pa.Table.from_pylist(table)) for name, table in tables.items()}
        found = led.arrow(journeys.small_steps(led.events, held, book, capacity_days=1)).to_pylist()
        assert led.arrow(journeys.small_steps(led.events, {}, book)).num_rows == 0
    say, rule, where = sorted(found, key=lambda row: ("promise what", "change", "do there").index(
        next(word for word in ("promise what", "change", "do there") if row["kind"].startswith(word))
    ))  # fmt: skip
    assert say["says"] == "Promise what can be kept: 5 hours."
    assert (say["reach_weekly"], say["owner"]) == (pytest.approx(140), "ops")
    assert say["spared_weekly"] == pytest.approx(140 * (400.5 / 1401 - 0.05))
    assert (where["rank"], where["chosen"]) == (None, False)
    assert where["spared_weekly"] == pytest.approx(70 * (300.5 / 701 - 100.5 / 701), rel=0.02)
    assert (rule["effort_days"], rule["effort_from"], rule["suggestions_count"]) == (0.5, "a suggestion", 2)
    assert {say["rank"], rule["rank"]} == {1, 2}
    assert say["chosen"] and not rule["chosen"]
