from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import numpy as np
import pytest

from aboveboard.analyses.promises import until


def day_cells(chance_missed: dict[int, float], *, days: int, each: int, seed: int = 1) -> dict[str, np.ndarray]:
    """`each` promises per day in each quarter hour of `chance_missed`."""
    rng = np.random.default_rng(seed)
    day, slot = (grid.ravel() for grid in np.meshgrid(np.arange(days), list(chance_missed), indexing="ij"))
    missed = rng.binomial(each, [chance_missed[s] for s in slot.tolist()])
    return {"day": day, "slot": slot, "ended": np.full(len(day), each), "missed": missed}


def test_a_cut_round_the_clock_has_both_ends() -> None:
    chance = {slot: 0.01 if 28 <= slot < 63 else 0.9 for slot in range(96)}
    found = until.find(day_cells(chance, days=40, each=1), 0.95)
    assert found == until.Until(28, 63, opens=True)


def test_a_cut_may_run_over_midnight() -> None:
    chance = {slot: 0.9 if 36 <= slot < 60 else 0.01 for slot in range(96)}
    found = until.find(day_cells(chance, days=40, each=1), 0.95)
    assert found == until.Until(60, 36, opens=True)


def test_hours_in_which_nobody_asks_are_no_opening() -> None:
    chance = {slot: 0.01 if slot < 63 else 0.9 for slot in range(40, 80)}
    assert until.find(day_cells(chance, days=40, each=1), 0.95) == until.Until(40, 63, opens=False)


def test_few_promises_are_cut_by_the_hour() -> None:
    chance = {slot: 0.02 if slot < 64 else 0.9 for slot in range(40, 80, 2)}
    found = until.find(day_cells(chance, days=16, each=1), 0.95)
    assert found is not None
    assert found.end == 64


def test_where_it_fades_the_last_hour_still_holds() -> None:
    # From 14:00 on it gets worse quarter by quarter: on average 10:00–16:00 would still be at the objective.
    chance = {slot: 0.005 if slot < 56 else min(0.95, 0.04 * (slot - 55)) for slot in range(40, 80)}
    found = until.find(day_cells(chance, days=200, each=3), 0.9)
    assert found is not None
    assert chance[found.end - 2] <= 0.12
    assert 56 <= found.end <= 60


def test_an_hour_that_few_use_is_not_a_promise() -> None:
    chance = {slot: 0.0 if 72 <= slot < 76 else 0.3 for slot in range(40, 80)}
    assert until.find(day_cells(chance, days=200, each=2), 0.95) is None


def test_what_never_holds_has_no_cut() -> None:
    chance = {slot: 0.3 if slot < 63 else 0.9 for slot in range(40, 80)}
    assert until.find(day_cells(chance, days=40, each=1), 0.95) is None


def test_a_pattern_on_one_half_of_the_days_only_is_not_believed() -> None:
    chance = {slot: 0.01 if slot < 63 else 0.5 for slot in range(40, 80)}
    cells = day_cells(chance, days=40, each=1)
    odd = cells["day"] % 2 == 1
    cells["missed"] = np.where(odd, (np.arange(len(odd)) % 20 == 0).astype(int), cells["missed"])
    assert until.find(cells, 0.95) is None


@pytest.mark.parametrize("days", [0, 1, 2])
def test_next_to_nothing_has_no_cut(days: int) -> None:
    assert until.find(day_cells(dict.fromkeys(range(40, 80), 0.5), days=days, each=1), 0.95) is None


@pytest.mark.parametrize("cut", [12.5, 15 + 2 / 3, 18.25])
def test_a_planted_cut_is_found_within_half_an_hour(simulated: ModuleType, cut: float) -> None:
    near, _ = simulated.cuts_found(np.random.default_rng(6), 10, 1000, cut)
    assert near >= 0.9


@pytest.mark.parametrize("kept", [0.6, 0.9, 0.95])
def test_where_all_hours_are_alike_no_cut_is_invented(simulated: ModuleType, kept: float) -> None:
    assert simulated.cuts_invented(np.random.default_rng(7), 20, 1000, kept) <= 0.05


def test_a_whole_bad_week_is_not_taken_for_bad_hours(simulated: ModuleType) -> None:
    rng = np.random.default_rng(9)
    made, _ = simulated.shop_day(rng, 2000, 28)
    first = min(made)
    bad_week = np.array([moment - first < timedelta(days=7) for moment in made])
    kept = rng.random(2000) < np.where(bad_week, 0.4, 0.97)
    assert until.find(simulated.cells_of(made, kept), 0.95) is None
