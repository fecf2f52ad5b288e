"""The same likelihoods written out in full: a matrix of cases × cases, no cells, no elimination, no gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tests.analyses.attribution.made import Levels


def markers(levels: Sequence[str | None]) -> Any:
    """One column per level, 1 where a case has it; a case without one has only zeros."""
    names = sorted({level for level in levels if level is not None})
    return np.array([[float(level == name) for name in names] for level in levels])


def restricted_deviance(levels: Levels, y: Any, sds: Sequence[float], residual: float) -> float:
    """−2 log restricted likelihood: the density of all contrasts of y that do not hang on the intercept (up to log|X′X|)."""
    covariance = residual**2 * np.eye(len(y))
    for column, sd in zip(levels.values(), sds, strict=True):
        z = markers(column)
        covariance += sd**2 * z @ z.T
    ones = np.ones((len(y), 1))
    inverse = np.linalg.inv(covariance)
    information = ones.T @ inverse @ ones
    left = y - (np.linalg.inv(information) @ ones.T @ inverse @ y)[0]
    logs = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return float(logs + left @ inverse @ left + (len(y) - 1) * np.log(2 * np.pi))


def laplace_deviance(levels: Levels, successes: Any, sds: Sequence[float], middle: float) -> float:
    """−2 log likelihood by Laplace: the mode by Newton's method on all effects at once, standardised to variance 1."""
    z = np.hstack([sd * markers(column) for column, sd in zip(levels.values(), sds, strict=True)])
    effects = np.zeros(z.shape[1])
    for _ in range(200):
        share = 1 / (1 + np.exp(-(middle + z @ effects)))
        curvature = z.T @ (z * (share * (1 - share))[:, None]) + np.eye(z.shape[1])
        step = np.linalg.solve(curvature, z.T @ (successes - share) - effects)
        effects += step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-9))
    odds = middle + z @ effects
    likelihood = (successes * odds - np.logaddexp(0, odds)).sum()
    return float(-2 * likelihood + effects @ effects + np.linalg.slogdet(curvature)[1])


def integrated_deviance(levels: Sequence[str | None], successes: Any, sd: float, middle: float) -> float:
    """−2 log likelihood of one component: the product of every level's integral over a grid of 4,001 points."""
    effects = np.linspace(-8 * sd, 8 * sd, 4001)
    density = np.exp(-(effects**2) / (2 * sd**2)) / (sd * np.sqrt(2 * np.pi))
    total = 0.0
    for level in sorted({level for level in levels if level is not None}):
        mine = np.array([each == level for each in levels])
        odds = middle + effects
        logs = successes[mine].sum() * odds - mine.sum() * np.logaddexp(0, odds)
        total += np.log(np.trapezoid(np.exp(logs) * density, effects))
    alone = np.array([level is None for level in levels])
    total += (successes[alone] * middle - np.logaddexp(0, middle)).sum()
    return float(-2 * total)
