"""What chance alone would show at every weekly look: thresholds, the corrected correlation, power, by parametric bootstrap.

The step in standard errors does not depend on the level, the trend or the spread of a series, only on its design and its
correlation. So series without any step are drawn for a few correlations, fitted as the real one is at every look, and what
they show is the yardstick (parametric bootstrap: Efron, B. and Tibshirani, R. (1993). An Introduction to the Bootstrap,
chapter 6; of a regression with autocorrelated errors: McKnight, S. D., McKean, J. W. and Huitema, B. E. (2000). A double
bootstrap method to analyze linear models with autoregressive error terms. Psychological Methods 5, 87–101).

Looking every week would find something sooner or later. What may go wrong is therefore spent over the looks of the
window, as (share of the window)^1.5 (Lan, K. K. G. and DeMets, D. L. (1983). Discrete sequential boundaries for clinical
trials. Biometrika 70, 659–663; Kim, K. and DeMets, D. L. (1987). Design and analysis of group sequential tests based on the
type I error spending rate function. Biometrika 74, 149–154). The thresholds come from the drawn series themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.fixes import regression
from aboveboard.analyses.fixes.regression import GRID, Design, Floats

ERROR = 0.035
"""What is spent over the looks of a window. Of the 5 % that may go wrong 1.5 are kept back for what nobody knows beforehand: how
alike neighbouring weeks are, and what counts do that are no bell curve (docs/measures/fixes.md has what that gives)."""
SPENDING = 1.5
CORRELATIONS: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Correlations that series are drawn with, each as often."""
DRAWN = 1_500
"""Series per correlation."""
NEAR = 0.1
"""Series whose estimated correlation is no further away than this count as like the one at hand."""
SEED = 20_260_301


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What series without a step show: the fitted step, its standard error and the correlation estimated; look × series."""

    step: Floats
    error: Floats
    rho: Floats

    @cached_property
    def t(self) -> Floats:
        """The step in standard errors, either way."""
        return np.abs(self.step / self.error)

    def thresholds(self, count: int) -> Floats:
        """For a window of `count` looks: how many standard errors the step must reach, by look and estimated correlation.

        Infinite where less may be spent than one drawn series: at such a look nothing is sure yet.
        """
        return _thresholds(self, count)

    def threshold(self, thresholds: Floats, rho: float, look: int) -> float:
        """The threshold at one look where the correlation `rho` was estimated."""
        return float(thresholds[look, _place(np.array(rho))])

    def reach(self, rho: float, look: int, share: float = 0.95) -> float:
        """How many standard errors an interval reaches to either side, so that it holds the truth with chance `share`."""
        return float(np.quantile(self.t[look, self.alike(rho, look)], share))

    def power(self, thresholds: Floats, rho: float, step: float) -> Floats:
        """The chance that a true step of so many spreads has been shown, by look; `rho` as estimated at the first look.

        A step moves the estimate and nothing else, so the drawn series serve again.
        """
        count, alike = len(thresholds), self.alike(rho, 0)
        moved = np.sign(step) * (self.step[:count, alike] + step)
        needed = np.take_along_axis(thresholds, _place(self.rho[:count, alike]), axis=1)
        return np.asarray(np.logical_or.accumulate(moved > needed * self.error[:count, alike], axis=0).mean(axis=1))

    def alike(self, rho: float, look: int) -> npt.NDArray[np.bool_]:
        """The drawn series whose correlation looked so at that look."""
        return np.asarray(np.abs(self.rho[look] - rho) <= NEAR + 1e-9)


def yardstick(design: Design) -> Yardstick:
    """Draw series without a step and fit them; the same design gives the same answer and is drawn once."""
    return _drawn(design.columns.tobytes(), design.columns.shape, design.weight.tobytes(), design.looks)


@lru_cache(maxsize=64)
def _drawn(columns: bytes, shape: tuple[int, int], weight: bytes, known: tuple[int, ...]) -> Yardstick:
    design = Design(np.frombuffer(columns).reshape(shape), np.frombuffer(weight), known)
    shocks = np.random.default_rng(SEED).standard_normal((shape[0], DRAWN * len(CORRELATIONS)))
    series = correlated(shocks, np.repeat(CORRELATIONS, DRAWN))
    found = regression.fit(series / np.sqrt(design.weight)[:, None], design)
    return Yardstick(found.step, found.error, found.rho)


def correlated(shocks: Floats, rho: Floats | float) -> Floats:
    """Independent standard normal numbers as AR(1) series of variance one, down the rows."""
    found: Floats = shocks * np.sqrt(1 - np.asarray(rho) ** 2)
    found[0] = shocks[0]
    for row in range(1, len(found)):
        found[row] += rho * found[row - 1]
    return found


@lru_cache(maxsize=256)
def _thresholds(drawn: Yardstick, count: int) -> Floats:
    standing, found = np.ones(drawn.t.shape[1], dtype=bool), np.full((count, len(GRID)), np.inf)
    for look in range(count):
        allowed = ERROR * ((look + 1) / count) ** SPENDING - (1 - standing.mean())
        share = allowed / standing.mean()
        for place, rho in enumerate(GRID):
            alike = drawn.t[look, standing & drawn.alike(rho, look)]
            most = round(share * len(alike))
            if most > 0:
                found[look, place] = np.partition(alike, len(alike) - most)[len(alike) - most]
        standing &= drawn.t[look] < found[look, _place(drawn.rho[look])]
    return found


def _place(rho: Floats) -> npt.NDArray[np.int64]:
    """Where in the grid of correlations."""
    return np.asarray(np.rint(rho / (GRID[1] - GRID[0])), dtype=np.int64)
