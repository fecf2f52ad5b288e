from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pytest

from aboveboard.analyses.promises.kept_share import kept_shares
from aboveboard.analyses.promises.summary import summary
from aboveboard.analyses.promises.tables import SUMMARY

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rows(table: Any) -> list[dict[str, Any]]:
    return list(table.to_pyarrow().to_pylist())


@pytest.fixture
def seven(simulated: ModuleType) -> Any:
    """Made an hour apart, all but the last two long over: kept at 60 and 180 minutes, late at 200 and 260, never."""
    made = [NOON + timedelta(hours=hour) for hour in range(7)]
    minutes = np.array([60, 180, 200, 260, 9999, 9999, 9999])
    as_of = made[6] + timedelta(minutes=90)
    cancelled = np.array([1e6] * 6 + [45])
    return simulated.outcomes_table(made, minutes, as_of=as_of, cancelled_after=cancelled)


def test_every_outcome_is_counted(seven: Any, simulated: ModuleType) -> None:
    (row,) = rows(summary(ibis.memtable(seven), simulated.playbook(), as_of=NOON))
    assert tuple(row) == SUMMARY.columns
    wanted = {"starts_count": 7, "kept_count": 2, "late_count": 2, "broken_count": 1, "open_count": 1}
    wanted |= {"cancelled_count": 1, "at_risk_count": 0, "undated_count": 0, "missed_count": 3}
    assert {name: row[name] for name in wanted} == wanted
    assert row["late_minutes_median"] == pytest.approx((20 + 80) / 2)
    assert row["budget_count"] == pytest.approx(5 * 0.05)
    assert row["budget_spent_share"] == pytest.approx(3 / (5 * 0.05))
    assert row["as_of"] == NOON


def test_the_kept_share_counts_the_censored_as_far_as_they_were_watched(seven: Any, simulated: ModuleType) -> None:
    (row,) = rows(summary(ibis.memtable(seven), simulated.playbook(), as_of=NOON))
    # At u = 45/180 the cancelled one leaves; at 60/180 one of six is kept; at 150/180 the open one leaves;
    # at 180/180 one of four is kept. S(1) = 5/6 · 3/4.
    assert row["kept_share"] == pytest.approx(1 - 5 / 6 * 3 / 4)
    assert row["kept_share_low"] < row["kept_share"] < row["kept_share_high"]


def test_without_censoring_it_is_the_plain_share(simulated: ModuleType) -> None:
    rng = np.random.default_rng(5)
    made, _ = simulated.shop_day(rng, 300, 20)
    minutes = simulated.log_normal_minutes(rng, 300, 0.8)
    table = simulated.outcomes_table(made, minutes, as_of=max(made) + timedelta(days=9))
    (row,) = rows(summary(ibis.memtable(table), simulated.playbook(), as_of=NOON))
    assert row["kept_share"] == pytest.approx(float((minutes <= 180).mean()))


def test_kept_to_the_microsecond_is_kept_though_the_clock_counts_seconds(simulated: ModuleType) -> None:
    table = simulated.outcomes_table([NOON] * 2, np.array([180.0, 180.0 + 1e-7]), as_of=NOON + timedelta(days=1))
    # The second is a microsecond late: minutes are the same, the outcome is not.
    outcome = ["kept", "late"]
    table = table.set_column(table.column_names.index("outcome"), "outcome", [outcome])
    shares = dict(kept_shares(ibis.memtable(table), "promise"))
    assert shares["p",].kept.value == pytest.approx(0.5)


def test_a_promise_that_never_started_has_a_row_of_zeros(seven: Any, simulated: ModuleType) -> None:
    empty = ibis.memtable(seven.slice(0, 0))
    (row,) = rows(summary(empty, simulated.playbook(), as_of=NOON))
    assert (row["promise"], row["starts_count"], row["kept_share"]) == ("p", 0, None)


def test_what_is_promised_outside_the_playbook_has_its_row_without_objective(seven: Any, simulated: ModuleType) -> None:
    named = seven.set_column(0, "promise", [["(unnamed)"] * 7])
    found = {row["promise"]: row for row in rows(summary(ibis.memtable(named), simulated.playbook(), as_of=NOON))}
    assert found["(unnamed)"]["starts_count"] == 7
    assert found["(unnamed)"]["objective"] is found["(unnamed)"]["budget_count"] is None
    assert found["p"]["starts_count"] == 0


def test_undated_starts_are_counted_and_left_out_of_the_share(seven: Any, simulated: ModuleType) -> None:
    outcome = [None, *seven["outcome"].to_pylist()[1:]]
    undated = seven.set_column(seven.column_names.index("outcome"), "outcome", [outcome])
    (row,) = rows(summary(ibis.memtable(undated), simulated.playbook(), as_of=NOON))
    assert (row["undated_count"], row["starts_count"], row["kept_count"]) == (1, 7, 1)
    assert row["kept_share"] == pytest.approx(1 / 4)
