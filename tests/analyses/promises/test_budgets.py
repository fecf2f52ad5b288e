from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pytest

from aboveboard.analyses.promises.budgets import WINDOWS, budgets
from aboveboard.analyses.promises.tables import BUDGETS

AS_OF = datetime(2026, 3, 4, 12, tzinfo=UTC)


def burn(simulated: ModuleType, due_hours_ago: list[float], missed: list[bool]) -> dict[float, dict[str, Any]]:
    made = [AS_OF - timedelta(hours=ago, minutes=180) for ago in due_hours_ago]
    minutes = np.where(missed, 1e6, 60.0)
    table = simulated.outcomes_table(made, minutes, as_of=AS_OF)
    found = budgets(ibis.memtable(table), simulated.playbook(), as_of=AS_OF).to_pyarrow().to_pylist()
    return {row["window_hours"]: row for row in found}


def test_windows_count_by_due_time_and_include_their_start_only(simulated: ModuleType) -> None:
    rows = burn(simulated, [0.5, 1.0, 5.9, 71, 100, 700, 721], [True, True, False, False, True, False, True])
    assert tuple(rows[1.0]) == BUDGETS.columns
    counts = {hours: (row["ended_count"], row["missed_count"]) for hours, row in rows.items()}
    assert counts == {1: (1, 1), 6: (3, 2), 72: (4, 2), 168: (5, 3), 720: (6, 3)}
    assert rows[6]["burn_rate"] == pytest.approx(2 / 3 / 0.05)


def test_a_storm_that_goes_on_alarms_in_the_fast_window(simulated: ModuleType) -> None:
    rows = burn(simulated, [minute / 60 for minute in range(1, 41)], [True] * 40)
    assert rows[1]["alarm"]
    assert rows[1]["partner_burn_rate"] == pytest.approx(20)


def test_a_storm_that_is_over_does_not(simulated: ModuleType) -> None:
    ago = [minute / 60 for minute in range(1, 60)]
    rows = burn(simulated, ago, [hours > 0.2 for hours in ago])
    assert rows[1]["burn_rate"] > rows[1]["threshold"]
    assert rows[1]["partner_burn_rate"] == 0
    assert not rows[1]["alarm"]


def test_a_few_misses_by_chance_do_not(simulated: ModuleType) -> None:
    rows = burn(simulated, [10.0 * index for index in range(1, 11)], [True] + [False] * 9)
    assert rows[168]["burn_rate"] == pytest.approx(2), "above 1, which the workbook alone would call an alarm"
    assert not rows[168]["alarm"]


def test_one_or_two_misses_call_nobody(simulated: ModuleType) -> None:
    assert not any(row["alarm"] for row in burn(simulated, [0.01, 0.02], [True, True]).values())
    assert any(row["alarm"] for row in burn(simulated, [0.01, 0.02, 0.03], [True, True, True]).values())


def test_a_slow_promise_alarms_without_anything_due_just_now(simulated: ModuleType) -> None:
    rows = burn(simulated, [100.0 + index for index in range(20)], [True] * 8 + [False] * 12)
    assert rows[168]["partner_burn_rate"] is None
    assert rows[168]["alarm"]
    assert not rows[6]["alarm"]


def test_nothing_due_is_nothing_known(simulated: ModuleType) -> None:
    rows = burn(simulated, [1000.0], [True])
    assert len(rows) == len(WINDOWS)
    assert all(row["burn_rate"] is None and not row["alarm"] for row in rows.values())


def test_at_the_objective_alarms_are_rare_and_far_from_it_sure(simulated: ModuleType) -> None:
    rng = np.random.default_rng(4)
    assert simulated.budget_alarms(rng, 10, kept=0.95) <= 0.2
    assert simulated.budget_alarms(rng, 5, kept=0.8) == 1
