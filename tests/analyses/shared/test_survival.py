"""Golden values: remission of leukaemia under 6-MP (Freireich et al. 1963), the worked example of most textbooks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.shared import survival

RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
# Week: S, and the log–log Greenwood interval, as survival packages print them.
PUBLISHED = {
    6: (0.857, 0.620, 0.952),
    7: (0.807, 0.563, 0.923),
    10: (0.753, 0.503, 0.889),
    13: (0.690, 0.432, 0.849),
    16: (0.627, 0.368, 0.805),
    22: (0.538, 0.268, 0.747),
    23: (0.448, 0.188, 0.680),
}


@pytest.fixture
def remission() -> survival.Curve:
    ended = [1] * len(RELAPSED) + [0] * len(STILL_WELL)
    return survival.curve(RELAPSED + STILL_WELL, ended, 1 - np.array(ended))


@pytest.mark.parametrize("week", PUBLISHED)
def test_the_curve_and_its_interval_are_the_published_ones(remission: survival.Curve, week: int) -> None:
    found = remission.at(week)
    assert (found.value, found.low, found.high) == pytest.approx(PUBLISHED[week], abs=6e-4)


def test_the_median_and_its_open_interval_are_the_published_ones(remission: survival.Curve) -> None:
    median = remission.quantile(0.5)
    assert (median.value, median.low) == (23, 13)
    assert math.isnan(median.high), "eleven are still well: the data do not bound it"


def test_a_quantile_that_is_never_reached_is_absent(remission: survival.Curve) -> None:
    assert math.isnan(remission.quantile(0.9).value)


def test_between_steps_the_last_one_holds(remission: survival.Curve) -> None:
    assert remission.at(12.9) == remission.at(10)
    before = remission.at(5.9)
    assert before.value == 1
    assert 0.8 < before.low < 1


def test_counts_weigh_like_cases() -> None:
    one_by_one = survival.curve([1, 2, 2, 3, 3, 3], [1, 1, 0, 1, 1, 0], [0, 0, 1, 0, 0, 1])
    counted = survival.curve([3, 1, 2], [2, 1, 1], [1, 0, 1])
    assert counted.cases == one_by_one.cases == 6
    np.testing.assert_allclose(counted.survival, one_by_one.survival)
    np.testing.assert_allclose(counted.low, one_by_one.low)


def test_no_case_knows_nothing() -> None:
    assert math.isnan(survival.curve([], [], []).at(1).value)
    assert math.isnan(survival.curve([], [], []).quantile(0.5).value)


def test_all_ended_leaves_the_upper_bound_of_the_last_quantile_open() -> None:
    found = survival.curve(np.arange(1, 51), np.ones(50), np.zeros(50)).quantile(0.98)
    assert found.value == 49
    assert math.isnan(found.high)


def test_all_or_none_ended_takes_the_interval_of_wilson() -> None:
    all_kept = survival.share_ended(survival.curve([5], [30], [0]), 10, of=30)
    assert (all_kept.value, all_kept.high) == (1, 1)
    assert all_kept.low == pytest.approx(30 / (30 + 1.959964**2))
    none_kept = survival.share_ended(survival.curve([20], [0], [30]), 10, of=30)
    assert (none_kept.value, none_kept.low) == (0, 0)
    assert none_kept.high == pytest.approx(1.959964**2 / (30 + 1.959964**2))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
def test_without_censoring_it_is_the_plain_share_and_the_order_statistic(times: list[int]) -> None:
    found = survival.curve(times, np.ones(len(times)), np.zeros(len(times)))
    for time in {*times, 0}:
        assert found.at(time).value == pytest.approx(sum(t > time for t in times) / len(times))
    for share in (0.1, 0.5, 0.95):
        assert found.quantile(share).value == sorted(times)[math.ceil(share * len(times) - 1e-9) - 1]


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_bounds_hold_the_curve_and_never_rise(cases: list[tuple[int, bool]]) -> None:
    times, ended = zip(*cases, strict=True)
    found = survival.curve(times, np.array(ended, float), 1 - np.array(ended, float))
    assert (found.low[:-1] <= found.survival[:-1] + 1e-12).all()
    assert (found.survival <= found.high + 1e-12).all()
    assert (np.diff(found.survival) <= 0).all()
