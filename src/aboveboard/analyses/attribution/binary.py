"""Yes or no: crossed random effects on the log odds, by the approximation that the number of cases calls for.

Laplace's approximation (module `laplace`), its fixed effects integrated out, where every component has many cases per level;
quadrature (module `quadrature`) from there on where one has few.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aboveboard.analyses.attribution import laplace
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.fit import FEW, LARGEST, SMALLEST, Fit
from aboveboard.analyses.attribution.quadrature import Nested
from aboveboard.analyses.shared.arrays import Array

_WILD = 2.0
_STEPS = 25
_REACH = 1e-3
_NEAR = 1e-7
_TRIFLE = 0.01
"""A standard deviation of log odds below this is given as nothing: the differences could not tell."""


def fit(design: Design, count: Array, successes: Array) -> Fit:
    """From `count` cases and how many of them were `successes` per cell, both float64; there must be some of either."""
    found = laplace.restricted(design, count, successes)
    if not any(thin(found, number) for number in range(len(design.sizes))):
        return found
    nested = Nested(design, count, successes, [found.fixed, *found.effects])
    approximate = laplace.Laplace(design, count, successes, restricted=True)
    ratios, deviance = _least(nested, approximate, found.ratios)
    fixed, *effects = nested.predicted(ratios)
    around = approximate.fit(ratios, deviance)
    return replace(around, fixed=fixed, effects=effects, likelihood=nested)


def thin(found: Fit, number: int) -> bool:
    """Whether a component's levels have too few cases for their effects to be taken as normal."""
    return float(found.design.sums(found.equations.weights)[number].mean()) < FEW


def _least(nested: Nested, approximate: laplace.Laplace, start: Array) -> tuple[Array, float]:
    """Where the nested deviance is least, and how small: Newton's steps.

    Slopes and curvatures of each standard deviation by differences; how they bend together is Laplace's, which is near enough
    to point the way and costs next to nothing.
    """
    # Where nearly all cases end alike Laplace may run away: the search begins nearer.
    at = np.clip(start, 0.05, _WILD)
    least = nested(at)
    for _ in range(_STEPS):
        slope, curvature = _bend(nested, approximate, at, least)
        moving = np.flatnonzero((at > SMALLEST) | (slope < 0))
        step = np.zeros_like(at)
        step[moving] = np.linalg.solve(curvature[np.ix_(moving, moving)], slope[moving])
        step *= min(1.0, 0.7 / max(float(np.abs(step / at).max()), 1e-9))
        tried, found = _lower(nested, at, step, least)
        done = float(np.abs(tried - at).max()) < _NEAR
        at, least = tried, found
        if done:
            break
    return at, least


def _lower(nested: Nested, at: Array, step: Array, least: float) -> tuple[Array, float]:
    """The step, halved until it does not climb; a standard deviation that shrinks to a trifle is nothing."""
    for halvings in range(8):
        tried = np.clip(at - 0.5**halvings * step, SMALLEST, LARGEST)
        tried = np.where(tried < _TRIFLE, SMALLEST, tried)
        found = nested(tried)
        if found <= least:
            return tried, found
    return at, least


def _bend(nested: Nested, approximate: laplace.Laplace, at: Array, here: float) -> tuple[Array, Array]:
    """The slope of the deviance, and a curvature that is not negative."""
    slope, diagonal, across = np.empty_like(at), np.empty_like(at), np.empty((len(at), len(at)))
    for one in range(len(at)):
        reach = np.where(np.arange(len(at)) == one, _REACH * at, 0.0)
        above, below = nested(at + reach), nested(at - reach)
        slope[one] = (above - below) / (2 * reach[one])
        diagonal[one] = (above - 2 * here + below) / reach[one] ** 2
        across[one] = (approximate(at + reach)[1] - approximate(at - reach)[1]) / (2 * reach[one])
    # Where it bends down, a step as long as the standard deviation itself points away from there.
    diagonal = np.where(diagonal > 0, diagonal, np.abs(slope) / at + 1e-9)
    curvature = (across + across.T) / 2
    np.fill_diagonal(curvature, diagonal)
    values = np.linalg.eigvalsh(curvature)
    return slope, curvature if values[0] > 1e-9 * values[-1] else np.diag(diagonal)
