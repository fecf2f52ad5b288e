"""Honest customers' rates: the laws they may have, what is learned of them, and that honest customers are left in peace."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import honest_customers
from scipy import integrate, stats

from aboveboard.analyses.exceptions import honest_rates
from aboveboard.analyses.exceptions.abuse import adjusted
from aboveboard.analyses.exceptions.honest_rates import Gamma, Lognormal
from aboveboard.analyses.shared import discoveries

COUNTS, EXPOSURES = np.array([0.0, 1.0, 3.0, 7.0]), np.array([2.0, 9.0, 4.0, 30.0])


def test_gamma_rates_make_negative_binomial_counts() -> None:
    law = Gamma(np.array([0.2, 0.05]), np.array([0.5, 3.0]))
    for at, (mean, shape) in enumerate(zip(law.mean, law.shape, strict=True)):
        known = stats.nbinom(shape, (shape / mean) / (shape / mean + EXPOSURES))
        assert law.mass(COUNTS, EXPOSURES)[:, at] == pytest.approx(known.pmf(COUNTS))
        assert law.tail(COUNTS, EXPOSURES)[:, at] == pytest.approx(known.sf(COUNTS - 1))
        assert law.median[at] == pytest.approx(stats.gamma(shape, scale=mean / shape).median())


def test_lognormal_rates_by_numerical_integration() -> None:
    law = Lognormal.of(np.log([0.1]), np.log([0.8]), 0.15)
    rates = stats.lognorm(0.8, scale=0.1)
    for count, exposure, mass in zip(COUNTS, EXPOSURES, law.mass(COUNTS, EXPOSURES)[:, 0], strict=True):

        def density(rate: float, count: float = count, exposure: float = exposure) -> float:
            return float(rates.pdf(rate) * stats.poisson.pmf(count, rate * exposure))

        assert mass == pytest.approx(integrate.quad(density, 0, 20, points=[0.1, 0.5])[0], rel=1e-3)


def test_the_household_takes_part_in_the_prior() -> None:
    """By hand: with a prior gamma(a, b) and two more events on five occasions it is gamma(a + 2, b + 5)."""
    law, other = Gamma(np.array([0.2]), np.array([1.0])), Gamma(np.array([3.0 / 10.0]), np.array([3.0]))
    assert law.tail(COUNTS, EXPOSURES, 2.0, 5.0) == pytest.approx(other.tail(COUNTS, EXPOSURES))


def population(seed: int, shape: float = 2.0, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    exposures = honest_customers.occasions(rng, n, 8)
    return rng.poisson(0.05 * honest_customers.gamma(shape)(rng, n) * exposures).astype(float), exposures


def test_what_is_learned_is_what_was_planted() -> None:
    counts, exposures = population(1)
    rates = honest_rates.fit(*honest_rates.records(counts, exposures, np.ones(len(counts))))
    assert rates is not None
    median = stats.gamma(2.0, scale=0.05 / 2).median()
    assert (rates.mean, rates.median) == (pytest.approx(0.05, rel=0.06), pytest.approx(median, rel=0.1))
    assert rates.customers == 4000
    # A long honest-looking record is drawn only a little towards the others, a short one nearly all the way.
    assert rates.rate(10, 200).mean == pytest.approx(0.05, abs=0.01)
    assert rates.rate(0, 1).mean == pytest.approx(0.05, abs=0.015)
    rate = rates.rate(14, 15)
    assert rate.low < 14 / 15 < rate.high
    assert rates.above(14, 15, 5.0) > 0.9
    assert rates.above(1, 20, 5.0) < 0.05


def test_nobody_bends_the_yardstick_he_is_held_against() -> None:
    """A few honest customers, and one with a long record: with him among them the others would look like him."""
    counts, exposures = np.array([0.0, 1.0, 0.0, 1.0, 12.0]), np.array([1.0, 1.0, 2.0, 2.0, 12.0])
    customers = np.array([330.0, 20.0, 70.0, 7.0, 1.0])
    rates = honest_rates.fit(counts, exposures, customers)
    assert rates is not None
    with_him = rates.gamma.posterior.sum(axis=1) @ rates.gamma.family.tail(counts[4:], exposures[4:])[0]
    (alone,) = rates.unlike(counts[4:], exposures[4:])
    assert alone < 1e-3
    assert alone == pytest.approx(rates.chances(counts[4:], exposures[4:], rates.weights(12, 12))[0])
    (without_longer_tail,) = (
        rates.gamma.without(counts[4:], exposures[4:]) * rates.gamma.family.tail(counts[4:], exposures[4:])
    ).sum(axis=1)
    assert without_longer_tail < with_him


def test_a_household_with_the_same_trouble_speaks_for_its_member() -> None:
    counts, exposures = population(2)
    rates = honest_rates.fit(*honest_rates.records(counts, exposures, np.ones(len(counts))))
    assert rates is not None
    x, e, weights = np.array([6.0]), np.array([10.0]), rates.weights(6, 10)
    alone = rates.chances(x, e, weights)[0]
    assert rates.chances(x, e, weights, (12.0, 20.0))[0] > 20 * alone
    assert rates.chances(x, e, weights, (0.0, 20.0))[0] == alone, "quiet housemates are no witnesses against him"


def test_without_any_event_there_is_no_rate() -> None:
    assert honest_rates.fit(np.array([0.0]), np.array([5.0]), np.array([100.0])) is None


def test_records_are_few_and_keep_their_sum() -> None:
    counts, exposures, customers = honest_rates.records([1, 1, 1, 0], [5, 1234, 1235, 5], [2, 1, 1, 7])
    assert exposures.tolist() == [5, 5, 1200]
    assert customers.tolist() == [7, 2, 2]
    assert counts.tolist() == [0, 1, 1]


def test_those_not_looked_at_count_as_one() -> None:
    p = np.array([0.001, 0.004, 0.2])
    padded = np.concatenate([p, np.ones(17)])
    assert adjusted(p, 20) == pytest.approx(discoveries.adjusted(padded)[:3])
    assert adjusted(p, 20)[0] == pytest.approx(0.02)


@pytest.mark.parametrize("law", ["gamma, shape 0.25", "lognormal, spread 1.0"])
def test_ten_thousand_honest_customers(law: str) -> None:
    """One run in twenty may accuse somebody: two of four would have a chance of 1.4 %."""
    accused = honest_customers.honest_runs(honest_customers.LAWS[law], range(4))
    assert sum(number > 0 for number in accused) <= 1
    assert sum(accused) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("law", honest_customers.LAWS)
def test_honest_customers_of_every_law(law: str) -> None:
    """Of twenty runs five or more would have a chance of 0.3 %."""
    accused = honest_customers.honest_runs(honest_customers.LAWS[law], range(100, 120))
    assert sum(number > 0 for number in accused) <= 4


def test_the_few_who_abuse_are_found_and_nearly_nobody_else() -> None:
    found, false = honest_customers.planted_runs(
        honest_customers.LAWS["gamma, shape 2"], range(3), abusers=20, often=(10, 31), abuse=0.9
    )
    assert found > 0.8
    assert false <= 0.05
