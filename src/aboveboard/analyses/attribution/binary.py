"""Yes or no (resolved, kept, granted): crossed random effects on the log odds, by Laplace's approximation on binomial cells.

The effects at which the penalised likelihood is greatest are found by iterated weighted least squares; around them the
likelihood is taken as normal, and maximised over the standard deviations and the fixed effects with its exact gradient (the
weights' own dependence on the solution included). Breslow and Clayton (1993), JASA 88, 9–25; Bates et al., lme4's `glmer`
with `nAGQ = 1`, whose estimates these are. The approximation is too low where levels hold few cases; docs/measures says how much.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import Equations, Factored
from aboveboard.analyses.attribution.fit import Fit, smallest_of
from aboveboard.analyses.shared.arrays import Array

ROUNDS = 100
"""Weighted least squares are iterated no more often; ten rounds are many."""
CLOSE = 1e-9
"""Relative change of the penalised deviance at which the iteration ends."""


def fit(design: Design, count: Array, successes: Array) -> Fit:
    """From `count` cases and how many of them were `successes` per cell, both float64; there must be some of either."""
    laplace = _Laplace(design, count, successes)
    share = successes.sum() / count.sum()
    fixed = np.zeros(design.fixed.shape[1])
    fixed[0] = np.log(share / (1 - share))
    start = np.append(np.full(len(design.sizes), 0.5), fixed)
    return laplace.fit(*smallest_of(laplace, start, free=len(fixed)))


class _Laplace:
    """The deviance (−2 log likelihood, binomial coefficients left out) as a function of standard deviations and fixed effects."""

    def __init__(self, design: Design, count: Array, successes: Array) -> None:
        self.design, self.count, self.successes = design, count, successes
        self.components = len(design.sizes)
        self.effects = [np.zeros(size) for size in design.sizes]

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        variances, offset = self._split(parameters)
        solved, effects, odds = self._mode(variances, offset)
        share = _share(odds)
        weights = self.count * share * (1 - share)
        sizes = np.array(self.design.sizes)
        squares = np.array([effect @ effect for effect in effects]) / variances
        deviance = self._deviance(odds) + squares.sum() + solved.log_determinant + sizes @ np.log(variances)
        # What moves the determinant through the weights: half of lme4's cost is to find this slope by trial.
        pull = solved.leverages() * weights * (1 - 2 * share)
        _, moved = solved.solve(solved.equations.right_side(pull))
        traces = np.array([diagonal.sum() for diagonal in solved.diagonals()])
        through = np.array([effect @ move for effect, move in zip(effects, moved, strict=True)])
        by_variance = sizes - (traces - through) / variances - squares
        residuals = self.successes - self.count * share
        by_fixed = self.design.fixed.T @ (pull - weights * self.design.spread(moved) - 2 * residuals)
        return float(deviance), np.append(2 * by_variance / parameters[: self.components], by_fixed)

    def _split(self, parameters: Array) -> tuple[Array, Array]:
        """The variances of the components, and what the fixed effects add to each cell."""
        return parameters[: self.components] ** 2, self.design.fixed @ parameters[self.components :]

    def _mode(self, variances: Array, offset: Array) -> tuple[Factored, list[Array], Array]:
        """The equations, effects and log odds per cell where the penalised likelihood is greatest."""
        effects = self.effects
        odds = offset + self.design.spread(effects)
        before = self._penalised(odds, effects, variances)
        for _ in range(ROUNDS):
            wanted = self._step(odds, offset, variances)
            effects, odds, after = self._shortened(effects, wanted, offset, variances, before)
            if before - after <= CLOSE * (abs(after) + 1):
                break
            before = after
        self.effects = effects
        return self._equations(odds).factor(1 / variances), effects, odds

    def _equations(self, odds: Array) -> Equations:
        share = _share(odds)
        return Equations(self.design, self.count * share * (1 - share), with_fixed=False)

    def _step(self, odds: Array, offset: Array, variances: Array) -> list[Array]:
        equations = self._equations(odds)
        working = equations.weights * (odds - offset) + self.successes - self.count * _share(odds)
        return equations.factor(1 / variances).solve(equations.right_side(working))[1]

    def _shortened(
        self, effects: list[Array], wanted: list[Array], offset: Array, variances: Array, before: float
    ) -> tuple[list[Array], Array, float]:
        """The step, halved until it does not climb."""
        for halvings in range(12):
            part = 0.5**halvings
            tried = [old + part * (new - old) for old, new in zip(effects, wanted, strict=True)]
            odds = offset + self.design.spread(tried)
            after = self._penalised(odds, tried, variances)
            if after <= before * (1 + CLOSE) + CLOSE:
                break
        return tried, odds, after

    def _penalised(self, odds: Array, effects: list[Array], variances: Array) -> float:
        pairs = zip(effects, variances, strict=True)
        return self._deviance(odds) + sum(float(effect @ effect / variance) for effect, variance in pairs)

    def _deviance(self, odds: Array) -> float:
        return float(2 * (self.count * np.logaddexp(0, odds) - self.successes * odds).sum())

    def fit(self, parameters: Array, deviance: float) -> Fit:
        variances, offset = self._split(parameters)
        _, effects, odds = self._mode(variances, offset)
        share = _share(odds)
        weights = self.count * share * (1 - share)
        equations = Equations(self.design, weights)
        solved = equations.factor(1 / variances)
        count = self.design.fixed.shape[1]
        return Fit(
            design=self.design,
            ratios=parameters[: self.components],
            residual=1.0,
            fixed=parameters[self.components :],
            fixed_sd=np.sqrt(np.diag(solved.inverse)[:count]),
            effects=effects,
            effects_sd=[np.sqrt(diagonal) for diagonal in solved.diagonals()],
            equations=equations,
            working=weights * odds + self.successes - self.count * share,
            deviance=deviance,
        )


def _share(odds: Array) -> Array:
    return np.exp(-np.logaddexp(0, -odds))
