from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pytest

from aboveboard.analyses.promises.slices import slices
from aboveboard.analyses.promises.tables import SLICES

NEW_YORK = ZoneInfo("America/New_York")


def rows(table: Any) -> list[dict[str, Any]]:
    return list(table.to_pyarrow().to_pylist())


@pytest.fixture(scope="module")
def spring(simulated: ModuleType) -> Any:
    """1,200 promises round the clock over the four weeks in which the clocks change, from six teams and none."""
    rng = np.random.default_rng(8)
    start = datetime(2026, 2, 22, tzinfo=UTC)
    made = [start + timedelta(minutes=int(minute)) for minute in rng.integers(0, 28 * 1440, 1200)]
    team = [None if t == 6 else f"team {t}" for t in rng.integers(0, 7, 1200)]
    minutes = np.where(rng.random(1200) < 0.85, 60.0, 400.0)
    return simulated.outcomes_table(made, minutes, as_of=max(made) + timedelta(hours=4), team=team)


def counted_in_python(table: Any) -> dict[tuple[str, str], tuple[int, int]]:
    ended: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for row in table.to_pylist():
        if row["outcome"] not in ("kept", "late", "broken"):
            continue
        local = row["made_at"].astimezone(NEW_YORK)
        keys = [("all", "all"), ("hour", str(local.hour)), ("weekday", str(local.isoweekday()))]
        keys.append(("hour_weekday", f"{local.isoweekday()}/{local.hour}"))
        keys += [(name, row[name] or "(none)") for name in ("team", "channel", "touchpoint")]
        ended.update(keys)
        missed.update(keys if row["outcome"] != "kept" else [])
    return {key: (ended[key], missed[key]) for key in ended}


def test_it_counts_as_plain_python_does_across_the_change_of_clocks(spring: Any, simulated: ModuleType) -> None:
    found = rows(slices(ibis.memtable(spring), simulated.playbook(), as_of=datetime(2026, 4, 1, tzinfo=UTC)))
    assert tuple(found[0]) == SLICES.columns
    counts = {(row["slice"], row["value"]): (row["ended_count"], row["missed_count"]) for row in found}
    assert counts == counted_in_python(spring)


def test_shares_come_with_their_interval(spring: Any, simulated: ModuleType) -> None:
    for row in rows(slices(ibis.memtable(spring), simulated.playbook(), as_of=datetime(2026, 4, 1, tzinfo=UTC))):
        assert row["kept_share"] == pytest.approx(1 - row["missed_count"] / row["ended_count"])
        assert row["kept_share_low"] <= row["kept_share"] <= row["kept_share_high"]


def test_a_part_or_a_rest_below_twenty_is_never_called_different(simulated: ModuleType) -> None:
    made = [datetime(2026, 3, 2, 15, tzinfo=UTC) + timedelta(days=i % 30) for i in range(219)]
    minutes = np.array([60.0] * 200 + [400.0] * 19)
    team = ["good"] * 200 + ["bad, but nineteen"] * 19
    table = simulated.outcomes_table(made, minutes, as_of=made[0] + timedelta(days=60), team=team)
    assert not any(row["differs"] for row in rows(slices(ibis.memtable(table), simulated.playbook(), as_of=made[0])))


def test_one_bad_team_is_found(simulated: ModuleType) -> None:
    _, false, found = simulated.slice_discoveries(np.random.default_rng(1), 5, bad_kept=0.7)
    assert found == 1
    assert false <= 0.1


def test_where_nothing_differs_nothing_is_found_though_days_vary(simulated: ModuleType) -> None:
    any_false, _, _ = simulated.slice_discoveries(np.random.default_rng(2), 10)
    assert any_false <= 0.1


def test_no_outcomes_no_rows(spring: Any, simulated: ModuleType) -> None:
    empty = ibis.memtable(spring.slice(0, 0))
    assert rows(slices(empty, simulated.playbook(), as_of=datetime(2026, 4, 1, tzinfo=UTC))) == []
