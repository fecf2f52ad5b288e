"""Is harm within the margin that the owner accepts? The score test of a risk difference, and its interval.

Farrington, C. P. and Manning, G. (1990). Test statistics and sample size formulae for comparative binomial trials with
null hypothesis of non-zero risk difference or non-unity relative risk. Statistics in Medicine 9, 1447–1454: the
standard error is that of the two rates which are likeliest among those that differ by just the margin.
Counts may be fractions: an effective number of cases is as good (see `harm`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from aboveboard.analyses.shared import intervals
from aboveboard.analyses.shared.survival import Estimate

Floats = npt.NDArray[np.float64]
_TINY = 1e-12


@dataclass(frozen=True)
class Cases:
    """How many cases came to harm, of how many; both may be fractions, and columns of numbers."""

    harmed: npt.ArrayLike
    n: npt.ArrayLike

    def share(self) -> Estimate:
        """The share of one group, with its Wilson interval; NaN where there is no case."""
        low, high = intervals.wilson(self.harmed, self.n)
        return Estimate(float(intervals.share(self.harmed, self.n)), float(low), float(high))


@dataclass(frozen=True)
class Judgement:
    """Harm against the margin. `difference` is that of the two rates, or the rate itself where nothing is compared with.

    `within_p` is small where harm is within the margin, `beyond_p` where it is beyond; NaN where there is no margin.
    """

    difference: Estimate
    within_p: float
    beyond_p: float


def judge(granted: Cases, ordinary: Cases | None, margin: float | None) -> Judgement:
    """Hold harm after exceptions against ordinary cases plus the margin, or against the margin alone where there are none.

    Against the margin alone the test is the exact binomial one. Everything is NaN where no exception was followed.
    """
    if not np.all(np.asarray(granted.n) > 0):
        return Judgement(Estimate(np.nan, np.nan, np.nan), np.nan, np.nan)
    difference = granted.share() if ordinary is None else interval(granted, ordinary)
    if margin is None:
        return Judgement(difference, np.nan, np.nan)
    if ordinary is None:
        return Judgement(difference, *_exact(float(np.asarray(granted.harmed)), float(np.asarray(granted.n)), margin))
    z = float(score(granted, ordinary, margin))
    return Judgement(difference, float(special.ndtr(z)), float(special.ndtr(-z)))


def score(first: Cases, second: Cases, difference: float) -> Floats:
    """The score statistic of “first rate − second rate = difference”: below 0 where the rates differ by less."""
    x, n, y, m = (np.asarray(part, float) for part in (first.harmed, first.n, second.harmed, second.n))
    p, q = likeliest(first, second, difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.maximum(p * (1 - p) / n + q * (1 - q) / m, _TINY))
        return np.asarray((x / n - y / m - difference) / spread)


def likeliest(first: Cases, second: Cases, difference: float) -> tuple[Floats, Floats]:
    """The two rates of greatest likelihood among those that differ by `difference`: the cubic of the paper's appendix."""
    x, n, y, m = (np.asarray(part, float) for part in (first.harmed, first.n, second.harmed, second.n))
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q, ratio, d = x / n, y / m, m / n, difference
        a = 1 + ratio
        b = -(1 + ratio + p + ratio * q + d * (ratio + 2))
        c = d * d + d * (2 * p + ratio + 1) + p + ratio * q
        e = -p * d * (1 + d)
        v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + e / (2 * a)
        u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum((b / (3 * a)) ** 2 - c / (3 * a), 0))
        turn = np.clip(np.where(u == 0, 0.0, v / np.where(u == 0, 1.0, u) ** 3), -1, 1)
        root = 2 * u * np.cos((np.pi + np.arccos(turn)) / 3) - b / (3 * a)
    low, high = max(0.0, difference), min(1.0, 1 + difference)
    rate = np.clip(root, low, high)
    return rate, rate - difference


def interval(first: Cases, second: Cases, z: float = intervals.Z95) -> Estimate:
    """The difference of two rates and the 95 % interval of differences that the score test does not reject."""
    x, n, y, m = (float(np.asarray(part)) for part in (first.harmed, first.n, second.harmed, second.n))
    seen = x / n - y / m

    def edge(level: float, end: float) -> float:
        """Where the score comes to `level` between the difference seen and `end`; `end` where it never does."""

        def off(difference: float) -> float:
            return float(score(first, second, difference)) - level

        outermost = end * (1 - 1e-9)
        if not min(off(seen), off(outermost)) < 0 < max(off(seen), off(outermost)):
            return end
        return float(optimize.brentq(off, min(seen, outermost), max(seen, outermost)))

    return Estimate(seen, edge(z, -1.0), edge(-z, 1.0))


def _exact(x: float, n: float, margin: float) -> tuple[float, float]:
    """P(X ≤ x) and P(X ≥ x) of the binomial at the margin, by the incomplete beta function: fractions do too."""
    if not 0 < margin < 1:
        within = 1.0
        return within, float(x == 0) if margin == 0 else 1.0
    return (
        float(special.betainc(n - x, x + 1, 1 - margin)) if x < n else 1.0,
        float(special.betainc(x, n - x + 1, margin)) if x > 0 else 1.0,
    )
