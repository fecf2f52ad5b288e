from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pytest

from aboveboard.analyses.promises import trend as trend_of
from aboveboard.analyses.promises.tables import TREND

START = datetime(2026, 1, 5, 15, tzinfo=UTC)  # a Monday morning in New York


def rows(outcomes: Any, simulated: ModuleType) -> list[dict[str, Any]]:
    return list(trend_of(ibis.memtable(outcomes), simulated.playbook(), as_of=START).to_pyarrow().to_pylist())


def weeks(simulated: ModuleType, kept: list[int], *, of: int, as_of: datetime | None = None) -> Any:
    """`of` promises each week, so many of them kept."""
    made = [START + timedelta(weeks=week, minutes=index) for week in range(len(kept)) for index in range(of)]
    minutes = [60.0 if index < good else 400.0 for good in kept for index in range(of)]
    return simulated.outcomes_table(made, np.array(minutes), as_of=as_of or made[-1] + timedelta(days=3))


def test_limits_are_worked_out_by_hand() -> None:
    from aboveboard.analyses.promises.trend import limits

    # p̄ = 0.8, σ = 0.04 for n = 100; z = −2.5, 2.5, …: mean moving range 5, σ_z = 5 ÷ 1.128.
    kept, ended = np.array([70, 90, 70, 90]), np.array([100] * 4)
    center, low, high = limits(kept, ended)
    assert center == pytest.approx(0.8)
    np.testing.assert_allclose(low, 0.8 - 3 * 0.04 * 5 / 1.128)
    np.testing.assert_allclose(high, 1)


def test_limits_are_never_narrower_than_chance() -> None:
    from aboveboard.analyses.promises.trend import limits

    _, low, high = limits(np.array([80] * 9), np.array([100] * 9))
    np.testing.assert_allclose((low, high), ([0.68] * 9, [0.92] * 9))


def test_a_bad_week_is_a_signal(simulated: ModuleType) -> None:
    found = rows(weeks(simulated, [27, 28, 26, 27, 29, 27, 28, 26, 27, 12], of=30), simulated)
    assert tuple(found[0]) == TREND.columns
    assert [row["period"] for row in found] == ["week"] * 10
    assert [row["signal"] for row in found] == [False] * 9 + [True]
    assert found[0]["period_start_at"] == datetime(2026, 1, 5, 5, tzinfo=UTC), "midnight in New York"


def test_seven_weeks_have_no_limits(simulated: ModuleType) -> None:
    for row in rows(weeks(simulated, [27, 27, 27, 27, 27, 27, 1], of=30), simulated):
        assert row["limit_low"] is row["limit_high"] is None
        assert not row["signal"]
        assert row["center"] == pytest.approx((6 * 27 + 1) / 210)


def test_a_week_that_still_runs_is_said_to_and_not_judged(simulated: ModuleType) -> None:
    late = START + timedelta(weeks=9, minutes=75)
    *done, young = rows(weeks(simulated, [27] * 9 + [30], of=30, as_of=late), simulated)
    assert all(row["complete"] for row in done)
    assert not young["complete"]
    assert young["kept_share"] is young["limit_low"] is None
    assert young["kept_count"] > 0
    assert young["center"] == pytest.approx(0.9)


def test_a_busy_short_ledger_is_shown_by_day(simulated: ModuleType) -> None:
    made = [START + timedelta(days=day, minutes=index) for day in range(10) for index in range(25)]
    table = simulated.outcomes_table(made, np.full(250, 60.0), as_of=made[-1] + timedelta(days=1))
    found = rows(table, simulated)
    assert [(row["period"], row["ended_count"]) for row in found] == [("day", 25)] * 10


def test_clocks_that_change_leave_days_whole(simulated: ModuleType) -> None:
    # 8 March 2026 is 23 hours long in New York: its last quarter hour still belongs to it.
    late_evening = datetime(2026, 3, 9, 3, 50, tzinfo=UTC)
    made = [late_evening + timedelta(days=day, seconds=index) for day in (-1, 0, 1) for index in range(25)]
    found = rows(simulated.outcomes_table(made, np.full(75, 9.0), as_of=made[-1] + timedelta(days=1)), simulated)
    assert [row["period_start_at"].hour for row in found] == [5, 5, 4]
    assert [row["period_start_at"].day for row in found] == [7, 8, 9]
