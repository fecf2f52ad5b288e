"""Between people: how far each employee's share is from the middle, against chance and the usual spread between employees.

The funnel is Spiegelhalter's (2005, Statistics in Medicine 24, 1185–1202) on log odds: z-values winsorised at 10 % (and scaled by
what that takes from normal ones), from them an additive variance by the moments of DerSimonian and Laird (1986). Who is apart is
said at a false-discovery rate of 5 %. The shrunken share averages over what that variance may be (a flat prior on its root: Gelman
2006, Bayesian Analysis 1, 515–534), so that its interval does not close where the moments happen to give no variance at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.shared import discoveries, intervals
from aboveboard.analyses.shared.arrays import Array

WINSORISED, LEFT = 0.1, 0.6786
"""So much of either tail is drawn in; so much of a normal distribution's variance is left of it."""
WIDEST, STEPS = 2.0, 81
"""The greatest standard deviation between employees considered, in log odds, and how many are."""


@dataclass(frozen=True)
class Funnel:
    """Per employee, in log odds: `off`, the plain distance from what is expected; `shrunken` and `shrunken_sd`; `z`; `apart`.

    `between` is the additive variance of the funnel, `spread` the mean of the shrunken estimates' one.
    """

    off: Array
    shrunken: Array
    shrunken_sd: Array
    z: Array
    apart: Array
    between: float
    spread: float


def funnel(good: Array, expected: Array, spread: Array, sigma: Array, enough: Array) -> Funnel:
    """From sums per employee; `sigma` is what chance is widened by within an employee; only those with `enough` are judged."""
    off = (good - expected) / np.maximum(spread, 1e-9)
    # One step of Newton's overshoots where nearly all or nearly none are good.
    off = np.clip(off, -3.0, 3.0)
    error = sigma**2 / np.maximum(spread, 1e-9)
    between = _between(off[enough], error[enough])
    z = np.where(enough, off / np.sqrt(error + between), np.nan)
    shrunken, sd, mean = _shrunken(off, error, enough)
    from scipy import stats

    apart = discoveries.benjamini_hochberg(2 * stats.norm.sf(np.abs(z)))
    return Funnel(off, shrunken, sd, z, apart, between, mean)


def _between(off: Array, error: Array) -> float:
    """The additive variance: DerSimonian and Laird's moment of the winsorised z-values."""
    if len(off) < 3:
        return 0.0
    z = off / np.sqrt(error)
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    widened = float((np.clip(z, low, high) ** 2).mean()) / LEFT
    weight = 1 / error
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return max(0.0, float((len(off) * widened - (len(off) - 1)) / scale))


def _shrunken(off: Array, error: Array, enough: Array) -> tuple[Array, Array, float]:
    """Mean and standard deviation of each employee's level, averaged over the variance between employees."""
    sds = np.linspace(0.0, WIDEST, STEPS)
    variances = error[:, None] + sds**2
    judged = enough if enough.any() else np.ones(len(off), dtype=bool)
    logs = (-0.5 * np.log(variances) - 0.5 * off[:, None] ** 2 / variances)[judged].sum(axis=0)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    part = sds**2 / variances
    means = part * off[:, None]
    mean = means @ weight
    variance = (part * error[:, None] + (means - mean[:, None]) ** 2) @ weight
    return mean, np.sqrt(variance), float(weight @ sds**2)


def reach(funnel: Funnel) -> tuple[Array, Array]:
    """The ends of the 95 % intervals of the shrunken levels."""
    return funnel.shrunken - intervals.Z95 * funnel.shrunken_sd, funnel.shrunken + intervals.Z95 * funnel.shrunken_sd
