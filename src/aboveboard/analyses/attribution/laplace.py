"""Yes or no (resolved, kept, granted): crossed random effects on the log odds, by Laplace's approximation on binomial cells.

The effects at which the penalised likelihood is greatest are found by iterated weighted least squares; around them the
likelihood is taken as normal, and maximised with its exact gradient (the weights' own dependence on the solution included).
Breslow and Clayton (1993), JASA 88, 9–25. `plain` maximises over the standard deviations and the fixed effects: these are the
estimates of lme4's `glmer` with `nAGQ = 1`. `restricted` integrates the fixed effects out with the others, under a flat prior,
as REML does for numbers (Stiratelli, Laird and Ware 1984, Biometrics 40, 961–971): maximum likelihood finds the standard
deviation of four levels a seventh too small, this does not.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import Equations, Factored
from aboveboard.analyses.attribution.fit import LARGEST, SMALLEST, Fit, smallest_of
from aboveboard.analyses.shared.arrays import Array

ROUNDS = 100
"""Weighted least squares are iterated no more often; ten rounds are many."""
CLOSE = 1e-9
"""Relative change of the penalised deviance at which the iteration ends."""
START = 0.5
LOOKS, SETTLED = 12, 1e-9
"""The standard deviations are settled where a step would move none by more; so many looks at the deviance are many."""
REACH = 1e-4


def plain(design: Design, count: Array, successes: Array) -> Fit:
    """Maximum likelihood, from `count` cases and how many were `successes` per cell, both float64; there must be some of either."""
    laplace = Laplace(design, count, successes, restricted=False)
    start = np.append(np.full(len(design.sizes), 0.5), laplace.start)
    return laplace.fit(*smallest_of(laplace, start, free=len(laplace.start)))


def restricted(design: Design, count: Array, successes: Array) -> Fit:
    """The same with the fixed effects integrated out."""
    laplace = Laplace(design, count, successes, restricted=True)
    start = np.full(len(design.sizes), START)
    return laplace.fit(*(_from_frozen(laplace, start) or smallest_of(laplace, start, free=0)))


def _from_frozen(laplace: Laplace, start: Array) -> tuple[Array, float] | None:
    """Where the deviance is least, by few looks at it; None where that does not settle quickly.

    With the weights as they are at `start` it is that of numbers with known variances, which costs little (penalised
    quasi-likelihood). From where that is least its curvature points the way: what it leaves out hardly bends.
    """
    frozen = _Frozen(laplace, start)
    at = frozen.least(start)
    curvature, moved = frozen.curvature(at), np.inf
    for _ in range(LOOKS):
        deviance, slope = laplace(at)
        moving = np.flatnonzero((at > SMALLEST) | (slope < 0))
        step = np.zeros_like(at)
        step[moving] = np.linalg.solve(curvature[np.ix_(moving, moving)], slope[moving])
        after = np.clip(at - step, SMALLEST, LARGEST)
        before, moved = moved, float(np.abs(after - at).max(initial=0.0))
        if moved <= SETTLED:
            return at, deviance
        if moved > before / 3:
            return None
        at = after
    return None


class _Frozen:
    """The restricted deviance with the weights and the working outcome of one set of standard deviations, up to a constant."""

    def __init__(self, laplace: Laplace, ratios: Array) -> None:
        solved, _, odds = laplace.mode(ratios)
        self.equations = solved.equations
        share = sigmoid(odds)
        working = self.equations.weights * odds + laplace.successes - laplace.count * share
        self.right = self.equations.right_side(working)

    def __call__(self, ratios: Array) -> tuple[float, Array]:
        variances, sizes = ratios**2, np.array(self.equations.design.sizes)
        solved = self.equations.factor(1 / variances)
        fixed, effects = solved.solve(self.right)
        others = np.concatenate([fixed, *(effects[number] for number in self.equations.rest)])
        explained = self.right[0] @ effects[self.equations.first] + self.right[1] @ others
        traces = np.array([diagonal.sum() for diagonal in solved.diagonals()])
        squares = np.array([effect @ effect for effect in effects])
        deviance = solved.log_determinant + sizes @ np.log(variances) - explained
        return float(deviance), 2 * (sizes - (traces + squares) / variances) / ratios

    def least(self, start: Array) -> Array:
        """Where it is least, roughly: searched on the logarithms, in which one step is as long as another."""
        from scipy import optimize

        def on_logs(logs: Array) -> tuple[float, Array]:
            ratios = np.exp(logs)
            deviance, slope = self(ratios)
            return deviance, slope * ratios

        ends = [(np.log(SMALLEST), np.log(LARGEST))] * len(start)
        options = {"ftol": 1e-7, "gtol": 1e-3}
        found = optimize.minimize(on_logs, np.log(start), jac=True, method="L-BFGS-B", bounds=ends, options=options)
        least: Array = np.clip(np.exp(found.x), SMALLEST, LARGEST)
        return least

    def curvature(self, at: Array) -> Array:
        """Of the deviance there, by differences of the slope."""
        here = self(at)[1]
        reach = REACH * np.maximum(at, 0.01)
        rows = [(self(at + one)[1] - here) / one.max() for one in np.diag(reach)]
        curvature = (np.array(rows) + np.array(rows).T) / 2
        return curvature if np.linalg.eigvalsh(curvature)[0] > 0 else np.diag(np.abs(np.diag(curvature)) + 1e-9)


Point = list[Array]
"""The fixed effects, then the effects of each component."""


class Laplace:
    """The deviance (−2 log likelihood, binomial coefficients left out) as a function of standard deviations.

    Not `restricted`: of standard deviations and fixed effects.
    """

    def __init__(self, design: Design, count: Array, successes: Array, *, restricted: bool) -> None:
        self.design, self.count, self.successes, self.restricted = design, count, successes, restricted
        self.components = len(design.sizes)
        share = successes.sum() / count.sum()
        self.start = np.zeros(design.fixed.shape[1])
        self.start[0] = np.log(share / (1 - share))
        self.point: Point = [self.start, *(np.zeros(size) for size in design.sizes)]

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        variances = parameters[: self.components] ** 2
        solved, (_, *effects), odds = self.mode(parameters)
        share = sigmoid(odds)
        weights = self.count * share * (1 - share)
        sizes = np.array(self.design.sizes)
        squares = np.array([effect @ effect for effect in effects]) / variances
        deviance = binomial(self.count, self.successes, odds) + squares.sum()
        deviance += solved.log_determinant + sizes @ np.log(variances)
        # What moves the determinant through the weights: half of lme4's cost is to find this slope by trial.
        pull = solved.leverages() * weights * (1 - 2 * share)
        _, moved = solved.solve(solved.equations.right_side(pull))
        traces = np.array([diagonal.sum() for diagonal in solved.diagonals()])
        through = np.array([effect @ move for effect, move in zip(effects, moved, strict=True)])
        slope = 2 * (sizes - (traces - through) / variances - squares) / parameters[: self.components]
        if self.restricted:
            return float(deviance), slope
        residuals = self.successes - self.count * share
        by_fixed = self.design.fixed.T @ (pull - weights * self.design.spread(moved) - 2 * residuals)
        return float(deviance), np.append(slope, by_fixed)

    def mode(self, parameters: Array) -> tuple[Factored, Point, Array]:
        """The equations, the effects and the log odds per cell where the penalised likelihood is greatest."""
        variances, fixed = parameters[: self.components] ** 2, parameters[self.components :]
        point = self.point if self.restricted else [fixed, *self.point[1:]]
        before, odds = self._penalised(point, variances)
        for _ in range(ROUNDS):
            point, after, odds = self._shortened(point, self._step(point, odds, variances), variances, before)
            if before - after <= CLOSE * (abs(after) + 1):
                break
            before = after
        self.point = point
        return self._equations(sigmoid(odds)).factor(1 / variances), point, odds

    def _equations(self, share: Array) -> Equations:
        return Equations(self.design, self.count * share * (1 - share), with_fixed=self.restricted)

    def _step(self, point: Point, odds: Array, variances: Array) -> Point:
        share = sigmoid(odds)
        equations = self._equations(share)
        offset = 0.0 if self.restricted else self.design.fixed @ point[0]
        working = equations.weights * (odds - offset) + self.successes - self.count * share
        fixed, effects = equations.factor(1 / variances).solve(equations.right_side(working))
        return [fixed if self.restricted else point[0], *effects]

    def _shortened(self, point: Point, wanted: Point, variances: Array, before: float) -> tuple[Point, float, Array]:
        """The step, halved until it does not climb."""
        for halvings in range(12):
            part = 0.5**halvings
            tried = [old + part * (new - old) for old, new in zip(point, wanted, strict=True)]
            after, odds = self._penalised(tried, variances)
            if after <= before * (1 + CLOSE) + CLOSE:
                break
        return tried, after, odds

    def _penalised(self, point: Point, variances: Array) -> tuple[float, Array]:
        fixed, *effects = point
        odds = self.design.fixed @ fixed + self.design.spread(effects)
        pairs = zip(effects, variances, strict=True)
        against = sum(float(effect @ effect / variance) for effect, variance in pairs)
        return binomial(self.count, self.successes, odds) + against, odds

    def fit(self, parameters: Array, deviance: float) -> Fit:
        """What was found, at these parameters."""
        _, (fixed, *effects), odds = self.mode(parameters)
        share = sigmoid(odds)
        weights = self.count * share * (1 - share)
        equations = Equations(self.design, weights)
        ratios = parameters[: self.components]
        solved = equations.factor(1 / ratios**2)
        return Fit(
            design=self.design,
            ratios=ratios,
            residual=1.0,
            fixed=fixed,
            fixed_sd=np.sqrt(np.diag(solved.inverse)[: len(fixed)]),
            effects=effects,
            effects_sd=[np.sqrt(diagonal) for diagonal in solved.diagonals()],
            equations=equations,
            working=weights * odds + self.successes - self.count * share,
            deviance=deviance,
        )


def binomial(count: Array, successes: Array, odds: Array) -> float:
    """−2 log likelihood of binomial cells, the coefficients left out."""
    # log(1 + exp(odds)), in two of the functions that numpy runs fastest.
    grown = np.maximum(odds, 0) + np.log(1 + np.exp(-np.abs(odds)))
    return 2 * float(count @ grown - successes @ odds)


def sigmoid(odds: Array) -> Array:
    """The probability of log odds."""
    share: Array = special.expit(odds)
    return share
