"""The area under the curve of doubt: right against counting pairs, and fair in its interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.exceptions import doubt

SCORES = st.lists(st.integers(0, 6), min_size=2, max_size=25)


@given(SCORES, SCORES)
def test_it_is_the_share_of_pairs_in_order(harmful: list[int], harmless: list[int]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in harmful for b in harmless]
    assert doubt.auc(np.array(harmful), np.array(harmless)).value == pytest.approx(np.mean(pairs))


def test_its_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        found = doubt.auc(rng.normal(0.5, 1, 30), rng.normal(0, 1, 200))
        held += found.low <= 0.638163 <= found.high  # Φ(0.5 / √2)
    assert 0.92 <= held / 600 <= 0.975


def requests(seed: int, *, tells: bool) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    risky = rng.random(600) < 0.3
    refused = rng.random(600) < np.where(risky & tells, 0.25, 0.04)
    harmed = np.where(refused, np.nan, (rng.random(600) < np.where(risky, 0.4, 0.05)).astype(float))
    codes = np.column_stack([risky.astype(int), rng.integers(0, 4, 600)])
    return codes, rng.lognormal(3, 0.5, 600), rng.integers(0, 2, 600), refused, harmed


def test_an_approver_who_refuses_the_risky_is_told_from_one_who_refuses_blindly() -> None:
    seen = [doubt.discrimination(*requests(seed, tells=True)) for seed in range(10)]
    blind = [doubt.discrimination(*requests(seed, tells=False)) for seed in range(10)]
    assert sum(area.low > 0.5 for area, what in seen if what == doubt.LIKENESS) >= 9
    assert sum(area.low <= 0.5 for area, _ in blind) >= 9


def test_with_few_refusals_only_the_time_taken_is_looked_at() -> None:
    codes, minutes, half, refused, harmed = requests(1, tells=True)
    few = refused & (np.cumsum(refused) <= 5)
    assert doubt.discrimination(codes, minutes, half, few, np.where(np.isnan(harmed), 0.0, harmed))[1] == doubt.TIME


def test_below_ten_harmful_nothing_is_known() -> None:
    codes, minutes, half, refused, harmed = requests(1, tells=True)
    area, what = doubt.discrimination(codes, minutes, half, refused, np.where(np.cumsum(harmed == 1) > 9, 0.0, harmed))
    assert np.isnan(area.value)
    assert what == ""
