"""Drivers: LMG as its definition has it, intervals and p-values that hold, and what is not enough."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from benchmarks import planted_drivers as measured
from scipy import stats

from aboveboard.analyses import journeys
from aboveboard.analyses.journeys import permuting, shares
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_drivers

Floats = Any


def correlated(p: int, n: int = 400, seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    drivers = rng.normal(size=(n, p)) @ rng.normal(size=(p, p))
    return np.column_stack([drivers, drivers @ rng.normal(size=p) + 3 * rng.normal(size=n)])


def by_definition(covariance: Floats) -> Floats:
    """R² of growing models, averaged over every order."""
    p = len(covariance) - 1
    total, orders = np.zeros(p), list(permutations(range(p)))
    for order in orders:
        before = 0.0
        for place in range(p):
            some = list(order[: place + 1])
            of_outcome = covariance[some, -1]
            now = of_outcome @ np.linalg.solve(covariance[np.ix_(some, some)], of_outcome) / covariance[-1, -1]
            total[order[place]] += now - before
            before = now
    return total / len(orders)


@pytest.mark.parametrize("p", [1, 2, 5])
def test_shares_are_the_mean_over_all_orders(p: int) -> None:
    covariance = np.cov(correlated(p).T)
    np.testing.assert_allclose(shares.lmg(covariance), by_definition(covariance), atol=1e-10)


def test_drawn_orders_come_near_the_exact_shares() -> None:
    covariance = np.cov(correlated(7).T)
    drawn = shares._drawn(shares._correlations(covariance[None]))[0]
    np.testing.assert_allclose(drawn, shares.lmg(covariance), atol=0.01)


def test_sixteen_drivers_sum_to_the_whole() -> None:
    covariance = np.cov(correlated(16).T)
    whole = shares.r_squared(shares._correlations(np.cov(correlated(16).T)[None]))[0, -1]
    assert shares.lmg(covariance).sum() == pytest.approx(whole, abs=1e-6)


def test_twins_share_alike_and_what_never_varies_has_nothing() -> None:
    rows = correlated(3)
    rows = np.column_stack([rows[:, :3], rows[:, 0], np.ones(len(rows)), rows[:, 3]])
    found = shares.lmg(np.cov(rows.T))
    assert found[0] == pytest.approx(found[3], abs=1e-9)
    assert found[4] == pytest.approx(0, abs=1e-12)
    assert found.sum() == pytest.approx(shares.lmg(np.cov(np.delete(rows, (3, 4), axis=1).T)).sum())
    assert np.isnan(shares.lmg(np.zeros((3, 3)))).all()


def test_permutation_and_its_approximation_agree() -> None:
    rng = np.random.default_rng(4)
    rows = np.column_stack([rng.normal(size=(150, 3)), np.zeros(150)])
    rows[:, 1] += 0.7 * rows[:, 0]
    rows[:, 3] = 0.3 * rows[:, 0] + 0.14 * rows[:, 2] + rng.normal(size=150)
    shuffled = permuting.p_values(rows)
    near = permuting.approximated(np.cov(rows.T), 150)
    np.testing.assert_allclose(shuffled, near, atol=0.04)
    # The approximation is the t-test of the coefficient.
    design = np.column_stack([np.ones(150), rows[:, :3]])
    coefficients, left, *_ = np.linalg.lstsq(design, rows[:, 3], rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * left[0] / 146)
    np.testing.assert_allclose(near, 2 * stats.t.sf(np.abs(coefficients / errors)[1:], 146), rtol=1e-6)


def test_false_drivers_at_five_in_a_hundred() -> None:
    rng = np.random.default_rng(5)
    low = 0
    for _ in range(80):
        rows = rng.normal(size=(60, 4))
        rows[:, 1] += rows[:, 0]
        rows[:, 3] += 2 * rows[:, 0] * rng.exponential(size=60)
        low += int((permuting.p_values(rows, times=199)[1:] <= 0.05).sum())
    assert low <= 19  # 160 tests at 5 %: 8 expected, more than 19 in fewer than one of five thousand


def test_what_is_planted_is_found() -> None:
    told = {one.name: one for one in measured.company(11, 3_000)}
    assert set(told) == set(planted_drivers.ADDS)
    assert sum(one.share for one in told.values()) == pytest.approx(1)
    assert all(told[name].drives for name in ("advice", "delivery", "fitting", "invoice"))
    assert sum(one.drives for one in told.values()) <= 5
    assert sum(one.held for one in told.values()) >= 6


def test_a_whole_asked_as_yes_or_no() -> None:
    events = planted_drivers.events(12, 600, yes=True)
    with Ledger.of(events) as led:
        rows = led.arrow(journeys.drivers(led.events, reader.read(planted_drivers.playbook()))).to_pylist()
    assert {(row["measure"], row["outcome_kind"]) for row in rows} == {("recommends", "yes or no")}
    assert max(rows, key=lambda row: row["share"])["driver"] == "advice"


def test_too_few_answers_say_so() -> None:
    with Ledger.of(planted_drivers.events(13, 60)) as led:
        rows = led.arrow(journeys.drivers(led.events, reader.read(planted_drivers.playbook()))).to_pylist()
    # 60 cases carry six drivers; those beyond are not enough data.
    assert {row["verdict"] for row in rows} == {"known", "not enough data"}
    assert sum(row["verdict"] == "known" for row in rows) == 6
    with Ledger.of(planted_drivers.events(13, 45)) as led:
        assert led.arrow(journeys.drivers(led.events, reader.read(planted_drivers.playbook()))).num_rows == 0


@pytest.mark.slow
def test_intervals_hold_and_nothing_is_made_up() -> None:
    told = [one for seed in range(40, 70) for one in measured.company(seed, 1_000)]
    assert sum(one.held for one in told) >= 0.90 * len(told)
    idle = [one for one in told if one.name in planted_drivers.IDLE]
    assert sum(one.p <= 0.05 for one in idle) <= 0.12 * len(idle)
