"""The score test of a margin: the constrained rates are the likeliest ones, and the test errs as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from aboveboard.analyses.exceptions import margins
from aboveboard.analyses.exceptions.margins import Cases


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1), st.floats(-0.6, 0.6)
)  # fmt: skip
def test_the_constrained_rates_are_the_likeliest(n: int, m: int, p: float, q: float, difference: float) -> None:
    x, y = round(n * p), round(m * q)

    def unlikely(rate: float) -> float:
        return -float(stats.binom.logpmf(x, n, rate) + stats.binom.logpmf(y, m, rate - difference))

    low, high = max(0.0, difference), min(1.0, 1 + difference)
    best = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    rate, other = margins.likeliest(Cases(x, n), Cases(y, m), difference)
    assert rate - other == pytest.approx(difference)
    # A likelihood is flat at its top: what counts is that none is better.
    assert unlikely(float(rate)) <= float(best.fun) + 1e-6


def test_without_a_margin_it_is_the_pooled_z_test() -> None:
    x, n, y, m = 30, 200, 12, 150
    pooled = (x + y) / (n + m)
    z = (x / n - y / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    assert float(margins.score(Cases(x, n), Cases(y, m), 0.0)) == pytest.approx(z)


def test_the_interval_ends_where_the_test_begins_to_reject() -> None:
    granted, ordinary = Cases(9, 240), Cases(14, 700)
    found = margins.interval(granted, ordinary)
    assert margins.judge(granted, ordinary, found.high).within_p == pytest.approx(0.025, abs=1e-6)
    assert margins.judge(granted, ordinary, found.low).beyond_p == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize("counts", [(0, 5, 0, 5), (5, 5, 0, 5), (0, 5, 5, 5), (0.4, 0.9, 0, 1000)])
def test_the_interval_stays_between_the_differences_there_are(counts: tuple[float, float, float, float]) -> None:
    x, n, y, m = counts
    found = margins.interval(Cases(x, n), Cases(y, m))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_against_the_margin_alone_it_is_the_exact_binomial_test() -> None:
    judged = margins.judge(Cases(2, 357), None, 0.02)
    assert judged.within_p == pytest.approx(stats.binom.cdf(2, 357, 0.02))
    assert judged.beyond_p == pytest.approx(stats.binom.sf(1, 357, 0.02))


def test_no_margin_no_judgement_and_nothing_followed_nothing_known() -> None:
    assert np.isnan(margins.judge(Cases(2, 357), None, None).within_p)
    assert np.isnan(margins.judge(Cases(0, 0), Cases(3, 100), 0.02).difference.value)


@pytest.mark.parametrize(
    ("n", "m", "usual", "margin"), [(60, 180, 0.02, 0.03), (300, 900, 0.015, 0.02), (150, 150, 0.1, 0.05)]
)
def test_harm_right_at_the_margin_is_seldom_called_within_or_beyond_it(
    n: int, m: int, usual: float, margin: float
) -> None:
    rng = np.random.default_rng(1)
    harmed, ordinary = rng.binomial(n, usual + margin, 8_000), rng.binomial(m, usual, 8_000)
    z = margins.score(Cases(harmed, n), Cases(ordinary, m), margin)
    assert np.mean(z <= stats.norm.ppf(0.025)) <= 0.028
    assert np.mean(z >= stats.norm.ppf(0.975)) <= 0.042
