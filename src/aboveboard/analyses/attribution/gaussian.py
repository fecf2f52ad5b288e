"""Numbers (scores, minutes on a log scale): crossed random effects by restricted maximum likelihood (REML).

The cases of a cell differ only by chance, so their count, sum and sum of squares say everything. Patterson and Thompson
(1971), Biometrika 58, 545–554; the likelihood profiled over the residual variance as in Bates et al. (2015), Journal of
Statistical Software 67(1); its gradient as in Searle, Casella and McCulloch (1992), section 6.6.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import Equations
from aboveboard.analyses.attribution.fit import Fit, smallest_of
from aboveboard.analyses.shared.arrays import Array


def fit(design: Design, count: Array, total: Array, squares: Array) -> Fit:
    """From `count` cases, their `total` and the sum of their `squares` per cell, all float64.

    The outcome must vary within or between cells, and there must be more cases than fixed effects.
    """
    middle = total.sum() / count.sum()
    # Sums of squares about the mean lose fewer digits.
    centred = total - count * middle
    around = float((squares - 2 * middle * total + count * middle**2).sum())
    restricted = _Restricted(design, count, centred, around)
    ratios, deviance = smallest_of(restricted, np.full(len(design.sizes), 0.3), free=0)
    return restricted.fit(ratios, deviance, middle)


class _Restricted:
    """The restricted deviance (−2 log likelihood) as a function of the ratios of standard deviations to the residual one."""

    def __init__(self, design: Design, count: Array, total: Array, squares: float) -> None:
        self.design, self.total, self.squares = design, total, squares
        self.equations = Equations(design, count)
        self.right = self.equations.right_side(total)
        self.freedom = float(count.sum()) - design.fixed.shape[1]

    def __call__(self, ratios: Array) -> tuple[float, Array]:
        variances = ratios**2
        solved = self.equations.factor(1 / variances)
        fixed, effects = solved.solve(self.right)
        residual = self._residual(fixed, effects)
        sizes = np.array(self.design.sizes)
        deviance = self.freedom * (1 + np.log(2 * np.pi * residual)) + solved.log_determinant
        traces = np.array([diagonal.sum() for diagonal in solved.diagonals()])
        squares = np.array([effect @ effect for effect in effects])
        slope = sizes - traces / variances - squares / variances / residual
        return float(deviance + sizes @ np.log(variances)), 2 * slope / ratios

    def _residual(self, fixed: Array, effects: list[Array]) -> float:
        """The residual variance at which the likelihood is greatest, given the ratios."""
        solution = np.concatenate([fixed, *(effects[number] for number in self.equations.rest)])
        explained = self.right[0] @ effects[self.equations.first] + self.right[1] @ solution
        return float((self.squares - explained) / self.freedom)

    def fit(self, ratios: Array, deviance: float, middle: float) -> Fit:
        solved = self.equations.factor(1 / ratios**2)
        fixed, effects = solved.solve(self.right)
        residual = float(np.sqrt(self._residual(fixed, effects)))
        count = len(fixed)
        return Fit(
            design=self.design,
            ratios=ratios,
            residual=residual,
            fixed=fixed + middle * (np.arange(count) == 0),
            fixed_sd=residual * np.sqrt(np.diag(solved.inverse)[:count]),
            effects=effects,
            effects_sd=[residual * np.sqrt(diagonal) for diagonal in solved.diagonals()],
            equations=self.equations,
            working=self.total,
            deviance=deviance,
        )
