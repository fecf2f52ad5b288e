"""How long things take when some have not ended yet: Kaplan–Meier on counts per time.

The engine counts how many ended, and how many were last seen, at each time; only those counts come here, so ten
million cases weigh as little as ten thousand. Time may be in any unit and may be below zero (minutes late).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.shared import intervals

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval. Each is NaN where the data do not give it (an end left open)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The share S(t) that has not ended by time t: a step function, one step per time at which something ended.

    `times` ascending; `survival`, `low` and `high` hold from that time on. Before the first step S is 1.
    `cases` is how many the curve rests on, those only watched for a while included.
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    cases: float

    def at(self, time: float) -> Estimate:
        """S(time): the share still waiting just after `time`; NaN when there is no case."""
        if not self.cases:
            return Estimate(np.nan, np.nan, np.nan)
        step = int(np.searchsorted(self.times, time, side="right")) - 1
        if step < 0:
            return Estimate(1.0, float(1 - intervals.wilson(0, self.cases)[1]), 1.0)
        return Estimate(float(self.survival[step]), float(self.low[step]), float(self.high[step]))

    def quantile(self, share: float) -> Estimate:
        """The time by which `share` of the cases has ended, with its interval.

        The interval holds every time at which the interval of S still contains 1 − share: Brookmeyer, R. and
        Crowley, J. (1982). A confidence interval for the median survival time. Biometrics 38, 29–41, on the
        log–log scale. NaN where the curve, or its bound, never comes down so far.
        """
        # Shares such as 0.95 are not binary fractions: a curve that stands exactly there must count as there.
        waiting = 1 - share + 1e-12
        return Estimate(*(self._first(curve <= waiting) for curve in (self.survival, self.low, self.high)))

    def _first(self, reached: npt.NDArray[np.bool_]) -> float:
        return float(self.times[int(np.argmax(reached))]) if reached.any() else float("nan")


def curve(times: npt.ArrayLike, ended: npt.ArrayLike, censored: npt.ArrayLike) -> Curve:
    """The Kaplan–Meier curve of grouped counts.

    `times` in any order, repeats allowed; `ended` how many ended at that time; `censored` how many were last seen
    then, not ended. At equal times the ended come first (the usual convention). Kaplan, E. L. and Meier, P. (1958).
    Nonparametric estimation from incomplete observations. JASA 53, 457–481.

    The interval is Greenwood's variance on the log–log scale: Kalbfleisch, J. D. and Prentice, R. L. (2002). The
    Statistical Analysis of Failure Time Data, 2nd ed., eq. 1.14. Where S has come down to 0 that scale has no
    answer: the bounds of the step before are carried on, which leaves the upper one open, as it is.
    """
    at, place = np.unique(np.asarray(times, float), return_inverse=True)
    ends, leaves = np.zeros(len(at)), np.zeros(len(at))
    np.add.at(ends, place, np.asarray(ended, float))
    np.add.at(leaves, place, np.asarray(ended, float) + np.asarray(censored, float))
    total = float(leaves.sum())
    at_risk = total - np.concatenate(([0.0], np.cumsum(leaves)[:-1]))[: len(at)]
    steps = ends > 0
    at, ends, at_risk = at[steps], ends[steps], at_risk[steps]
    survival = np.cumprod(1 - ends / at_risk)
    return Curve(at, survival, *_bounds(survival, ends, at_risk), cases=total)


def _bounds(survival: Floats, ends: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ends / (at_risk * (at_risk - ends)))
        log = np.log(survival)
        reach = np.exp(intervals.Z95 * np.sqrt(greenwood) / np.abs(log))
        low, high = np.exp(log * reach), np.exp(log / reach)
    if len(survival) and survival[-1] == 0:
        low[-1], high[-1] = (low[-2], high[-2]) if len(survival) > 1 else (0.0, float(intervals.wilson(0, ends[0])[1]))
    return low, high


def share_ended(curve: Curve, time: float, *, of: float) -> Estimate:
    """The share that has ended by `time`, 1 − S(time), with its interval; NaN when there is no case.

    Where all or none have ended the log–log scale has no interval, and Wilson's on the `of` cases whose end by
    `time` is known takes its place.
    """
    still = curve.at(time)
    ended = Estimate(1 - still.value, 1 - still.high, 1 - still.low)
    if not 0 < still.value < 1 and of > 0:
        low, high = intervals.wilson(of * ended.value, of)
        return Estimate(ended.value, float(low), float(high))
    return ended
