"""How sure the standard deviations and shares are: intervals that hold even where a component does nothing.

For one component, the others as estimated, let b̂ be its effects estimated freely and b(λ) those shrunken with a variance of λ
times the residual one. Then b̂′b(λ) ∕ (λσ²) has a χ² distribution with as many degrees of freedom as the component has levels
less one, if λ is the truth (Wald 1940, Annals of Mathematical Statistics 11, 96–100; Harville and Fenech 1985, Biometrics 41,
137–152). The λ at which it meets a quantile of χ² is an end of the interval: exact for one component and normal outcomes, at
few levels too, and 0 where nothing would be no surprise; a Wald interval is neither. Shares mix several variances, so those
are drawn from the same pivots, each on its own, and the shares of the draws counted out (Weerahandi 1993, JASA 88, 899–905).

Where yes-or-no levels have few cases, b̂ is not normal (often infinite). There the pivot is read off the likelihood: in the
textbook's case (one component, equal numbers, normal outcomes) the deviance of λ is above the least by f(x − 1 − log x), where
fx is the pivot and f its degrees of freedom. The same x is taken for the deviance in hand. With many levels that is the
likelihood ratio interval (Wilks 1938, Annals of Mathematical Statistics 9, 60–62); with few, it is as unequal as the textbook's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution.fit import FEW, SMALLEST, Fit
from aboveboard.analyses.shared.arrays import Array

LOGISTIC = np.pi**2 / 3
"""The variance of the logistic distribution: what chance adds on the scale of log odds."""
DRAWS = 4000
TAILS = (0.025, 0.975)
_FREE = 1e-7
"""Precision, in parts of a level's mean weight, at which effects count as estimated freely."""
_STEP = 2.0
_WIDEST = 80
_NEAREST, _FURTHEST = 1e-12, 600.0
"""Where Lambert's function has a root that arithmetic can tell from 1 and from infinity."""


@dataclass(frozen=True)
class Pivot:
    """The pivot of one component as a falling curve: `curve` at log variances (over the residual one) of `at`."""

    freedom: int
    at: Array
    curve: Array

    def variance(self, quantiles: Array) -> Array:
        """The variances (over the residual one) at which the pivot takes these values; 0 above the curve's beginning."""
        from scipy import interpolate

        # Beyond its beginning a curve read off a likelihood is flat but for rounding: the highest point so far, from the right.
        rising = np.log(np.maximum.accumulate(self.curve[::-1]))
        keep = np.append(True, np.diff(rising) > 1e-12)
        back = interpolate.PchipInterpolator(rising[keep], self.at[::-1][keep])
        wanted = np.clip(np.log(quantiles), rising[0], rising[-1])
        return np.where(np.log(quantiles) >= rising[-1], 0.0, np.exp(back(np.minimum(wanted, rising[keep][-1]))))


def pivot(fit: Fit, number: int) -> Pivot:
    """The curve of one component, the others as estimated, wide enough for every draw."""
    from scipy import stats

    freedom = fit.design.sizes[number] - _constant_within(fit, number)
    weight = float(fit.design.sums(fit.equations.weights)[number].mean())
    curve: _Effects | _Ratio = _Effects(fit, number, weight)
    if fit.likelihood is not None and weight < FEW:
        curve = _Ratio(fit, number, freedom, fit.likelihood)
    lowest, highest = stats.chi2.ppf([1e-5, 1 - 1e-5], freedom)
    begin = np.log(max(float(fit.ratios[number]) ** 2, 1 / weight))
    falling = [(begin, curve.pivot(np.exp(begin)))]
    while falling[-1][1] > lowest and len(falling) < _WIDEST:
        falling.append(_point(curve, falling[-1][0] + np.log(_STEP)))
    rising = [falling[0]]
    while rising[-1][1] < highest and rising[-1][0] > 2 * np.log(SMALLEST):
        rising.append(_point(curve, rising[-1][0] - np.log(_STEP)))
    at, values = np.array([*reversed(rising[1:]), *falling]).T
    # Levels that differ less than chance alone would have them say no more against an effect than levels that differ by chance.
    return Pivot(freedom, at, values * max(1.0, freedom / values[0]))


def _point(curve: _Effects | _Ratio, log_variance: float) -> tuple[float, float]:
    return log_variance, curve.pivot(float(np.exp(log_variance)))


class _Ratio:
    """The pivot read off a likelihood."""

    def __init__(self, fit: Fit, number: int, freedom: int, likelihood: Callable[[Array], float]) -> None:
        self.fit, self.number, self.freedom, self.likelihood = fit, number, freedom, likelihood
        self.least = likelihood(fit.ratios)

    def pivot(self, variance: float) -> float:
        from scipy import special

        ratios = self.fit.ratios.copy()
        ratios[self.number] = np.sqrt(variance)
        above = min(max((self.likelihood(ratios) - self.least) / self.freedom, _NEAREST), _FURTHEST)
        # x − 1 − log x = above has a root on either side of 1.
        branch = 0 if variance > self.fit.ratios[self.number] ** 2 else -1
        return float(self.freedom * -special.lambertw(-np.exp(-1 - above), branch).real)


class _Effects:
    """The effects of one component, estimated freely and shrunken."""

    def __init__(self, fit: Fit, number: int, weight: float) -> None:
        self.fit, self.number = fit, number
        self.right = fit.equations.right_side(fit.working)
        self.free = self._effects(_FREE * weight)

    def _effects(self, precision: float) -> Array:
        precisions = 1 / self.fit.ratios**2
        precisions[self.number] = precision
        return self.fit.equations.factor(precisions).solve(self.right)[1][self.number]

    def pivot(self, variance: float) -> float:
        product = float(self.free @ self._effects(1 / variance))
        return product / (variance * self.fit.residual**2)


def _constant_within(fit: Fit, number: int) -> int:
    """How many of the fixed effects do not vary within the levels of a component: the intercept, where every case has one."""
    design, weights = fit.design, fit.equations.weights
    code, size = design.codes[number], design.sizes[number]
    known = (code < size)[:, None]
    means = np.zeros_like(design.fixed)
    count = np.bincount(code, weights, size + 1)
    for column in range(design.fixed.shape[1]):
        sums = np.bincount(code, weights * design.fixed[:, column], size + 1)
        means[:, column] = (sums / np.maximum(count, 1e-300))[code]
    within = (design.fixed - np.where(known, means, 0.0)) * np.sqrt(weights)[:, None]
    scale = np.sqrt((design.fixed**2 * weights[:, None]).sum(axis=0))
    varying = int(np.linalg.matrix_rank(within / scale, tol=1e-6))
    return len(scale) - varying


@dataclass(frozen=True)
class Spread:
    """Ends of 95 % intervals: of each component's standard deviation, and draws of all variances, the residual's last."""

    low: Array
    high: Array
    draws: Array

    def share(self, of: Sequence[int], among: Sequence[int]) -> tuple[float, float]:
        """The interval of the share of some variances (by number) in others."""
        total = self.draws[:, list(among)].sum(axis=1)
        parts = self.draws[:, list(of)].sum(axis=1) / np.where(total > 0, total, 1.0)
        low, high = np.quantile(parts, TAILS)
        return float(low), float(high)

    def around(self, variances: Array, of: Sequence[int], among: Sequence[int]) -> tuple[float, float, float]:
        """The share estimated, and its interval, wide enough to hold it: of many components near 0 the draws are above 0."""
        total = variances[list(among)].sum()
        share = float(variances[list(of)].sum() / total) if total > 0 else 0.0
        low, high = self.share(of, among)
        return share, min(low, share), max(high, share)


def spread(fit: Fit, *, latent: bool) -> Spread:
    """The intervals of a fit; `latent`: of a binary one, whose residual variance is the logistic distribution's."""
    from scipy import stats

    random = np.random.default_rng(20_260)
    cases = float(fit.equations.weights.sum())
    freedom = max(cases - fit.design.fixed.shape[1], 1.0)
    residual = np.full(DRAWS, LOGISTIC) if latent else fit.residual**2 * freedom / random.chisquare(freedom, DRAWS)
    low, high, draws = [], [], []
    for number in range(len(fit.design.sizes)):
        curve = pivot(fit, number)
        ends = curve.variance(stats.chi2.ppf(TAILS, curve.freedom))
        high.append(fit.residual * np.sqrt(ends[0]))
        low.append(fit.residual * np.sqrt(ends[1]))
        drawn = curve.variance(random.chisquare(curve.freedom, DRAWS))
        draws.append(drawn * (1.0 if latent else residual))
    return Spread(np.array(low), np.array(high), np.column_stack([*draws, residual]))
