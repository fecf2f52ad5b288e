"""Intervals that hold the truth as often as they say, for few levels and for components that do nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.analyses.attribution import made

from aboveboard.analyses.attribution import gaussian, spread
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.fit import Fit


def _one_way(random: np.random.Generator, sd: float, *, levels: int, each: int) -> Fit:
    code = np.repeat(np.arange(levels), each)
    y = random.normal(0, sd, levels)[code] + random.normal(size=len(code))
    design = Design(("team",), (tuple(map(str, range(levels))),), (np.arange(levels),), np.ones((levels, 1)))
    sums = [np.bincount(code, weights) for weights in (np.ones(len(code)), y, y * y)]
    return gaussian.fit(design, *sums)


def test_the_pivot_of_a_balanced_design_is_that_of_the_textbook() -> None:
    """One way, equal numbers: (SSB / (σ² + n σ_b²)) has a χ² distribution, so the interval can be written down."""
    fit = _one_way(np.random.default_rng(1), 0.5, levels=6, each=40)
    total = fit.working
    between = float((total**2 / 40).sum() - total.sum() ** 2 / 240)
    expected = [
        np.sqrt(max((between / stats.chi2.ppf(tail, 5) / fit.residual**2 - 1) / 40, 0)) * fit.residual
        for tail in (0.975, 0.025)
    ]
    ends = spread.spread(fit, latent=False)
    assert [ends.low[0], ends.high[0]] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("sd", "levels"), [(0.5, 4), (0.2, 12)])
def test_intervals_hold_the_truth(sd: float, levels: int) -> None:
    random = np.random.default_rng(levels)
    ends = [spread.spread(_one_way(random, sd, levels=levels, each=30), latent=False) for _ in range(200)]
    held = sum(float(end.low[0]) <= sd <= float(end.high[0]) for end in ends)
    assert 183 <= held <= 198
    share = sd**2 / (sd**2 + 1)
    shares = [end.share([0], [0, 1]) for end in ends]
    assert 183 <= sum(low <= share <= high for low, high in shares) <= 198


def test_of_nothing_the_interval_begins_at_nothing() -> None:
    random = np.random.default_rng(3)
    lows = [spread.spread(_one_way(random, 0.0, levels=10, each=30), latent=False).low[0] for _ in range(100)]
    assert sum(low > 0 for low in lows) <= 7


def test_a_level_more_than_chance_leaves_room_above_nothing() -> None:
    """Levels that differ less than chance would have them: the interval is not 0 to 0."""
    code = np.arange(8)
    design = Design(("team",), (tuple(map(str, code)),), (code,), np.ones((8, 1)))
    fit = gaussian.fit(design, np.full(8, 30.0), np.full(8, 15.0) + 0.01 * code, np.full(8, 37.5))
    ends = spread.spread(fit, latent=False)
    assert ends.low[0] == 0.0
    assert ends.high[0] > 0.1


def test_draws_are_the_same_on_every_run() -> None:
    fit = _one_way(np.random.default_rng(1), 0.5, levels=6, each=40)
    assert np.array_equal(spread.spread(fit, latent=False).draws, spread.spread(fit, latent=False).draws)


def test_shares_of_all_are_one() -> None:
    levels, y = made.drawn(1, {"employee": (9, 0.5), "team": (4, 0.8)}, 400)
    held = made.gathered(levels, y + np.random.default_rng(2).normal(size=400))
    ends = spread.spread(gaussian.fit(held.design, held.count, held.total, held.squares), latent=False)
    assert ends.share([0, 1, 2], [0, 1, 2]) == pytest.approx((1, 1))
