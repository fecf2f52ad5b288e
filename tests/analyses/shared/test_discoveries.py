"""Golden values: the fifteen p-values of Benjamini and Hochberg (1995), and Fisher's lady tasting tea."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.shared import discoveries

PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
PUBLISHED += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]


def test_the_published_example_has_four_discoveries() -> None:
    found = discoveries.benjamini_hochberg(PUBLISHED[::-1])
    assert found.tolist() == [False] * 11 + [True] * 4


def test_what_was_not_tested_neither_counts_nor_is_found() -> None:
    found = discoveries.benjamini_hochberg([math.nan, 0.04, math.nan])
    assert found.tolist() == [False, True, False]
    assert discoveries.benjamini_hochberg([]).tolist() == []


def test_a_later_small_one_carries_the_earlier_ones() -> None:
    assert discoveries.benjamini_hochberg([0.03, 0.04, 0.045]).all()


def test_the_lady_tasting_tea() -> None:
    assert discoveries.fisher(3, 4, 4, 8) == pytest.approx(34 / 70)
    assert discoveries.fisher(4, 4, 4, 8) == pytest.approx(2 / 70)


def test_on_one_day_it_is_the_chi_square_test() -> None:
    # 30 of 100 against 50 of 100: chi² without correction is 200·(30·50 − 50·70)² ÷ (100·100·80·120).
    z, p = discoveries.against_rest([30], [100], [80], [200])
    assert z * z == pytest.approx(200 * (30 * 50 - 50 * 70) ** 2 / (100 * 100 * 80 * 120))
    assert z < 0
    assert p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))


def test_bad_days_are_weaker_witnesses_than_bad_cases() -> None:
    # 40 of 100 against 20 of 200 both times: four misses a day, or ten on each of four days.
    even, even_p = discoveries.against_rest([4] * 10, [10] * 10, [6] * 10, [30] * 10)
    clumped, clumped_p = discoveries.against_rest([10] * 4 + [0] * 6, [10] * 10, [12] * 4 + [2] * 6, [30] * 10)
    assert even > 6
    assert 0 < clumped < even / 3
    assert even_p < 1e-6 < 0.05 < clumped_p


@pytest.mark.parametrize(
    ("t", "freedom", "p"), [(2.228, 10, 0.05), (2.571, 5, 0.05), (3.169, 10, 0.01), (4.604, 4, 0.01)]
)
def test_student_is_read_as_the_tables_have_it(t: float, freedom: int, p: float) -> None:
    assert discoveries.two_sided(discoveries._normal_of_t(t, freedom)) == pytest.approx(p, rel=0.06)


def test_few_cases_are_tested_exactly() -> None:
    _, p = discoveries.against_rest([2], [20], [2], [400])
    assert p == pytest.approx(discoveries.fisher(2, 20, 2, 400))


@pytest.mark.parametrize(("missed", "ended", "all_missed", "all_ended"), [(0, 5, 0, 50), (5, 5, 50, 50), (3, 9, 3, 9)])
def test_where_nothing_can_differ_nothing_does(missed: int, ended: int, all_missed: int, all_ended: int) -> None:
    assert discoveries.against_rest([missed], [ended], [all_missed], [all_ended]) == (0.0, 1.0)


@pytest.mark.parametrize("days", [6, 40])
def test_days_that_vary_together_do_not_raise_false_alarms(days: int) -> None:
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(600):
        daily = rng.beta(4, 16, days)
        # The part works on other days than the rest, the worst case: whole days then tell the two apart.
        many = rng.random(days) < 0.5
        part, rest = np.where(many, rng.poisson(20, days), 1), np.where(many, 1, rng.poisson(20, days))
        x, y = rng.binomial(part, daily), rng.binomial(rest, daily)
        alarms += discoveries.against_rest(x, part, x + y, part + rest)[1] < 0.05
    assert alarms / 600 <= 0.075


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_fisher_is_a_probability_and_symmetric(ended: int, rest: int, data: st.DataObject) -> None:
    missed = data.draw(st.integers(0, ended))
    rest_missed = data.draw(st.integers(0, rest))
    p = discoveries.fisher(missed, ended, missed + rest_missed, ended + rest)
    assert 0 < p <= 1
    assert p == pytest.approx(discoveries.fisher(rest_missed, rest, missed + rest_missed, ended + rest))
