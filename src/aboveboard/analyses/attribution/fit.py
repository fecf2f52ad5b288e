"""What a fitted mixed model holds, for either sort of outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import Equations
from aboveboard.analyses.shared.arrays import Array

SMALLEST = 1e-5
"""Standard deviations over the residual one are not told from nothing below this, and are given as 0."""
LARGEST = 1e3
FEW = 30.0
"""A yes-or-no component is thin where its levels have less information than this on average: p (1 − p) summed over their cases."""
POLISHING = 4


@dataclass(frozen=True)
class Fit:
    """One mixed model.

    `ratios` are the standard deviations of the components over `residual` (Gaussian: the residual standard deviation, in
    the outcome's unit; binary: 1, for the cells' own variance is in the weights). `fixed` are the fixed effects, `fixed_sd`
    their standard errors; `effects` and `effects_sd` the shrunken effects per component. `equations` and `working` (weights
    times outcome, per cell) are the normal equations at the solution, with which intervals are found; where levels have too few
    cases for those to be trusted, `likelihood` is the deviance as a function of `ratios`.
    """

    design: Design
    ratios: Array
    residual: float
    fixed: Array
    fixed_sd: Array
    effects: Sequence[Array]
    effects_sd: Sequence[Array]
    equations: Equations
    working: Array
    deviance: float
    likelihood: Callable[[Array], float] | None = None

    @property
    def sds(self) -> Array:
        """The standard deviation of each component, in the outcome's unit (binary: log odds)."""
        return np.where(self.ratios <= SMALLEST, 0.0, self.ratios * self.residual)


Deviance = Callable[[Array], tuple[float, Array]]
"""A deviance (−2 log likelihood) and its gradient."""


def smallest_of(deviance: Deviance, start: Array, free: int) -> tuple[Array, float]:
    """Where a deviance is smallest, and how small.

    The first `len(start) − free` parameters are ratios of standard deviations, not below SMALLEST; the rest are free.
    """
    from scipy import optimize

    bounds = [(SMALLEST, LARGEST)] * (len(start) - free) + [(None, None)] * free
    options = {"maxiter": 500, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-6}
    found = optimize.minimize(deviance, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    least = np.append(np.full(len(start) - free, SMALLEST), np.full(free, -np.inf))
    at = _polished(deviance, found.x, least)
    return at, float(deviance(at)[0])


def _polished(deviance: Deviance, at: Array, least: Array) -> Array:
    """A few of Newton's steps: where a search stops hangs on its path, and so on the order of cells; the root does not."""
    moving = np.flatnonzero(at > least).tolist()
    if not moving:
        return at
    slope = deviance(at)[1]
    curvature = np.array([_slope_of_slope(deviance, at, one)[moving] for one in moving])
    if np.linalg.eigvalsh((curvature + curvature.T) / 2)[0] <= 0:
        return at
    for _ in range(POLISHING):
        step = np.linalg.solve((curvature + curvature.T) / 2, slope[moving])
        tried = at.copy()
        tried[moving] = np.maximum(at[moving] - step, least[moving])
        after = deviance(tried)[1]
        if not np.abs(after[tried > least]).max(initial=0.0) < np.abs(slope[moving]).max():
            break
        at, slope = tried, after
    return at


def _slope_of_slope(deviance: Deviance, at: Array, one: int) -> Array:
    reach = np.zeros_like(at)
    reach[one] = 1e-4 * max(abs(at[one]), 0.01)
    slope: Array = (deviance(at + reach)[1] - deviance(at - reach)[1]) / (2 * reach[one])
    return slope
