"""Thresholds at weekly looks: chance alone passes them seldom, with plain methods beside them on the same series."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import planted_fixes as bench

from aboveboard.analyses.fixes import looks


def test_what_is_spent_is_spent_and_not_more() -> None:
    drawn = looks.yardstick(bench.design(30, 8, 7))
    thresholds = drawn.thresholds(8)
    needed = np.take_along_axis(thresholds, looks._place(drawn.rho[:8]), axis=1)
    crossed = np.logical_or.accumulate(drawn.t[:8] >= needed, axis=0).mean(axis=1)
    assert (crossed <= looks.ERROR * (np.arange(1, 9) / 8) ** looks.SPENDING + 0.004).all()
    assert crossed[-1] == pytest.approx(looks.ERROR, abs=0.004)


def test_the_same_series_are_drawn_each_time() -> None:
    one = looks.yardstick(bench.design(30, 8, 7)).thresholds(8)
    looks._drawn.cache_clear()
    assert np.array_equal(one, looks.yardstick(bench.design(30, 8, 7)).thresholds(8))


def test_a_greater_step_is_shown_more_often_and_a_later_look_shows_no_less() -> None:
    drawn = looks.yardstick(bench.design(30, 8, 7))
    thresholds = drawn.thresholds(8)
    small, large = (drawn.power(thresholds, 0.4, step) for step in (-0.5, -2.0))
    assert (np.diff(small) >= 0).all() and (large >= small).all() and large[-1] > small[-1] + 0.3


def test_chance_alone_passes_seldom_where_plain_methods_pass_often() -> None:
    shape = bench.design(52, 12, 7)
    series = bench.bells(shape, 150, rho=0.5, days=7, seed=900)
    shown, missed = bench.ours(series, shape)
    assert shown.mean() <= 0.08 and missed.mean() <= 0.12
    for newey_west in (False, True):
        weekly, once = bench.plain(series, shape, newey_west=newey_west)
        assert weekly.mean() > 0.25 and once.mean() > 0.12


@pytest.mark.slow
@pytest.mark.parametrize("name", bench.DESIGNS)
def test_the_error_is_kept_on_a_thousand_series(name: str) -> None:
    before, after, days = bench.DESIGNS[name]
    shape = bench.design(before, after, days)
    shown, missed = bench.ours(bench.bells(shape, 1_000, rho=0.5, days=days, seed=901), shape)
    # Three standard errors of a thousand runs above 5 %.
    assert shown.mean() <= 0.05 + 0.021 and 0.02 <= missed.mean() <= 0.09
