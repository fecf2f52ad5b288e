"""The regression with AR(1) errors is what the textbook's matrices give, at every look and whatever the level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aboveboard.analyses.fixes import looks, regression
from aboveboard.analyses.fixes.regression import Design, Floats

SHAPE = regression.design(np.arange(-30, 8), trend=True, looks=(32, 35, 38))


def drawn(seed: int, size: int = 38, runs: int = 5, rho: float = 0.6) -> Floats:
    return looks.correlated(np.random.default_rng(seed).standard_normal((size, runs)), rho)


def by_matrices(values: Floats, shape: Design, rho: float) -> tuple[float, float, float]:
    """Likelihood, step and variance of the step, with the whole covariance matrix written out."""
    size, width = shape.columns.shape
    gaps = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    root = 1 / np.sqrt(shape.weight)
    covariance = rho**gaps / (1 - rho**2) * np.outer(root, root)
    inverse = np.linalg.inv(covariance)
    square = shape.columns.T @ inverse @ shape.columns
    found = np.linalg.solve(square, shape.columns.T @ inverse @ values)
    left = values - shape.columns @ found
    total = float(left @ inverse @ left)
    freedom = size - width
    likelihood = -0.5 * (np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(square)[1] + freedom * np.log(total))
    return likelihood, float(found[-1]), float(np.linalg.inv(square)[-1, -1] * total / freedom)


def test_each_look_is_the_best_of_the_grid_by_the_whole_covariance_matrix() -> None:
    values = drawn(1)
    weighted = replace(SHAPE, weight=np.random.default_rng(2).uniform(0.5, 2, 38))
    found = regression.fit(values, weighted)
    for number, size in enumerate(weighted.looks):
        part = Design(weighted.columns[:size], weighted.weight[:size], (size,))
        for run in range(values.shape[1]):
            tried = [by_matrices(values[:size, run], part, rho) for rho in regression.GRID]
            best = max(range(len(tried)), key=lambda place: tried[place][0])
            assert found.rho[number, run] == regression.GRID[best]
            assert found.step[number, run] == pytest.approx(tried[best][1])
            assert found.error[number, run] ** 2 == pytest.approx(tried[best][2])


def test_a_look_knows_nothing_of_what_comes_later() -> None:
    values = drawn(3)
    other = values.copy()
    other[35:] += 100
    one, two = regression.fit(values, SHAPE), regression.fit(other, SHAPE)
    assert np.array_equal(one.t[:2], two.t[:2]) and not np.allclose(one.t[2], two.t[2])


def test_level_trend_and_scale_move_nothing_and_a_step_moves_itself_alone() -> None:
    values, place = drawn(4), np.arange(-30, 8)
    plain = regression.fit(values, SHAPE)
    moved = regression.fit(7 + 0.3 * place[:, None] + 5 * values, SHAPE)
    assert moved.t == pytest.approx(plain.t)
    stepped = regression.fit(values + 2.5 * (place >= 0)[:, None], SHAPE)
    assert stepped.step == pytest.approx(plain.step + 2.5)
    assert stepped.error == pytest.approx(plain.error) and np.array_equal(stepped.rho, plain.rho)


def test_days_of_the_week_and_a_control_are_held_equal() -> None:
    place = np.arange(-56, 14)
    control = np.random.default_rng(5).normal(10, 3, len(place))
    shape = regression.design(place, season=7, control=control)
    noise = np.random.default_rng(6).normal(0, 0.1, len(place))
    series = 20 + np.array([0, 3, 1, 4, 1, 5, 9.0])[place % 7] + 0.7 * control - 2.0 * (place >= 0) + noise
    found = regression.fit(series[:, None], shape)
    assert found.step[0, 0] == pytest.approx(-2, abs=4 * found.error[0, 0]) and found.error[0, 0] < 0.1
