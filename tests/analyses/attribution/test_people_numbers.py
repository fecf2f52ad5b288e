"""The parts of the verdicts against what is known of them: spread, residuals, limit, funnel, shrinking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from aboveboard.analyses.attribution import (
    people_charts,
    people_funnel,
    people_limits,
    people_periods,
    people_single_days,
    people_tails,
)

Array = Any


def records(n: Array, good: Array, share: float = 0.85) -> people_periods.Records:
    """Employees × weeks with the same expectation everywhere."""
    n, good = np.asarray(n, float), np.asarray(good, float)
    names = tuple(f"e{number:03}" for number in range(len(n)))
    weeks = np.broadcast_to(np.arange(n.shape[1]), n.shape) * (n > 0)
    return people_periods.Records(names, n, good, n * share, n * share * (1 - share), weeks, (n > 0).astype(int))


def drawn(seed: int, employees: int, weeks: int, alike: float, share: float = 0.85) -> people_periods.Records:
    random = np.random.default_rng(seed)
    n = random.poisson(25, (employees, weeks)).clip(1)
    strength = (1 - alike) / max(alike, 1e-9)
    then = random.beta(share * strength, (1 - share) * strength, n.shape) if alike else np.full(n.shape, share)
    return records(n, random.binomial(n, then))


@pytest.mark.parametrize("alike", [0.0, 0.05, 0.1])
def test_the_spread_beyond_chance_is_found(alike: float) -> None:
    sigma, found = people_charts.spreads(drawn(3, 200, 52, alike))
    assert found == pytest.approx(alike, abs=0.006)
    assert sigma.mean() == pytest.approx(np.sqrt(1 + 24 * alike), rel=0.05)
    assert sigma.min() >= 1


def test_the_spread_is_everybodys_where_employees_do_not_differ_in_it_and_their_own_where_they_do() -> None:
    alike = drawn(7, 200, 52, 0.05)
    sigma, _ = people_charts.spreads(alike)
    assert sigma.std() / sigma.mean() < 0.02
    calm, uneven = drawn(8, 100, 52, 0.01), drawn(9, 100, 52, 0.15)
    both = records(np.vstack([calm.n, uneven.n]), np.vstack([calm.good, uneven.good]))
    sigma, _ = people_charts.spreads(both)
    assert sigma[100:].mean() > 1.25 * sigma[:100].mean()


@pytest.mark.parametrize("alike", [0.0, 0.05])
def test_residuals_of_steady_records_are_standard_and_independent(alike: float) -> None:
    held = drawn(4, 300, 52, alike)
    sigma = np.full(300, np.sqrt(1 + 24 * alike))
    z = people_charts.chart(held, sigma, 0.05).z
    assert z.mean() == pytest.approx(0, abs=0.03)
    assert z.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(z[:, :-1].ravel(), z[:, 1:].ravel())[0, 1] == pytest.approx(0, abs=0.03)


def test_alarms_come_as_often_as_the_simulation_says() -> None:
    held = drawn(5, 400, 60, 0.05)
    sigma, alike = people_charts.spreads(held)
    known = people_limits.limits(held, alike)
    z = people_charts.chart(held, sigma, 0.01).z
    rate = people_charts.alarms(z, held.n > 0, known.limit)[:, 8:].mean()
    assert rate == pytest.approx(people_limits.ALARMS, rel=0.25)


def test_rarity_falls_with_height_and_goes_on_beyond_what_was_simulated() -> None:
    known = people_limits.limits(drawn(6, 50, 30, 0.02), 0.02)
    heights = np.array([0.0, 1.0, 3.0, 5.0, 8.0, 12.0, 20.0])
    rare = known.rarity(heights)
    assert rare[0] == 1
    assert (np.diff(rare) < 0).all() and 0 < rare[-1] < 1e-5
    # With drift −k and variance 1 a random walk exceeds a height with a chance that falls by e to the 2k per unit (Siegmund 1985).
    assert known.rate == pytest.approx(2 * people_charts.ALLOWANCE, abs=0.2)


def test_the_funnel_finds_the_spread_between_employees_and_who_is_apart() -> None:
    random = np.random.default_rng(7)
    count, share = 300, 0.8
    n = random.integers(50, 800, count).astype(float)
    level = random.normal(0, 0.3, count)
    level[:5] = -2.0
    good = random.binomial(n.astype(int), people_charts.levelled(np.full(count, share), level)).astype(float)
    found = people_funnel.funnel(good, n * share, n * share * (1 - share), np.ones(count), n >= 20)
    assert np.sqrt(found.between) == pytest.approx(0.3, rel=0.35)
    assert found.apart[:5].all() and found.apart[5:].sum() <= 2


def test_shrunken_intervals_hold_what_is_true() -> None:
    random = np.random.default_rng(8)
    held, count = 0, 0
    for between in (0.0, 0.1, 0.3):
        for _ in range(8):
            level = random.normal(0, between, 60)
            n = random.integers(20, 400, 60).astype(float)
            good = random.binomial(n.astype(int), people_charts.levelled(np.full(60, 0.8), level)).astype(float)
            found = people_funnel.funnel(good, n * 0.8, n * 0.16, np.ones(60), n >= 20)
            low, high = people_funnel.reach(found)
            held, count = held + int(((low <= level) & (level <= high)).sum()), count + 60
    assert 0.93 <= held / count <= 0.995


def test_weeks_are_taken_together_until_there_are_ten_contacts() -> None:
    days = {
        "employee": np.array(["a"] * 6 + ["b"] * 2, dtype=object),
        "team": np.array([""] * 8, dtype=object),
        "day": np.array([4, 11, 18, 25, 32, 39, 4, 11]),
        "n": np.array([12.0, 4.0, 7.0, 30.0, 2.0, 3.0, 1.0, 2.0]),
    }
    for name in ("good", "expected", "spread"):
        days[name] = days["n"] / 2
    found, period = people_periods.records(days)
    assert found.n.tolist() == [[12, 11, 35], [3, 0, 0]]
    assert found.weeks.tolist() == [[1, 2, 3], [2, 0, 0]]
    assert period.tolist() == [0, 1, 1, 2, 2, 2, 0, 0]


def test_a_rare_day_is_one_that_the_beta_binomial_calls_rare() -> None:
    days = {
        name: np.array(values, float)
        for name, values in {"n": [12, 12, 3], "good": [1, 10, 0], "expected": [10.2, 10.2, 2.55]}.items()
    }
    rest = {name: np.zeros(3) for name in ("n", "good", "expected")}
    rare = people_single_days.foreseen(days, rest, np.zeros(3), 0.05).chance
    assert rare[0] == pytest.approx(stats.betabinom.cdf(1, 12, 0.85 * 19, 0.15 * 19), rel=0.02)
    assert rare[1] > 0.3 and np.isnan(rare[2])


@pytest.mark.parametrize("strength", [0.5, 20.0, 1e6])
def test_tails_are_those_of_the_beta_binomial(strength: float) -> None:
    n = np.repeat([1.0, 12.0, 60.0, 900.0], 3)
    good = np.floor(n * np.tile([0.0, 0.4, 1.0], 4))
    share = np.tile([0.5, 0.85], 6)
    found = people_tails.at_most(good, n, share, np.full(12, strength))
    assert found == pytest.approx(
        stats.betabinom.cdf(good, n, share * strength, (1 - share) * strength), rel=1e-6, abs=1e-300
    )
    # As rare as it is: by that many and fewer. A shade rarer: by one fewer, and where it was none already, never.
    exact = people_tails.attained(found * (1 + 1e-9), n, share, np.full(12, strength))
    assert exact == pytest.approx(found, rel=1e-6)
    rarer = people_tails.attained(found * (1 - 1e-6), n, share, np.full(12, strength))
    assert (rarer[good == 0] == 0).all() and (rarer <= found).all()


def test_the_rarest_of_many_days_is_as_rare_as_it_says() -> None:
    """Steady records of a year of small days: the chance given to the rarest is as often below 5 % as 5 %, below 1 % as 1 %."""
    random = np.random.default_rng(11)
    people, days, strength = 1500, 150, 30.0
    n = random.integers(5, 13, people * days).astype(float)
    share = np.full(len(n), 0.85)
    good = random.binomial(n.astype(int), random.beta(share * strength, (1 - share) * strength)).astype(float)
    known = people_single_days.Foreseen(n, good, share, np.full(len(n), strength))
    who, day = np.repeat(np.arange(people), days), np.tile(np.arange(days), people)
    rarest = people_single_days.by_employee(known, who, day, people, days)
    for chance in (0.01, 0.05, 0.2):
        assert 0.6 * chance <= (rarest.chance <= chance).mean() <= chance + 2.6 * np.sqrt(chance / people)
    # As many days as 150 would have to be, had each any chance whatever.
    assert 20 < rarest.worth.mean() < 100
