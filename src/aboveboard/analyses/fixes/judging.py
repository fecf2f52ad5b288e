"""One fix judged: was there a change, how large, does it meet its criterion, and how long a wait could have shown it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.fixes import looks, regression
from aboveboard.analyses.fixes.looks import Yardstick
from aboveboard.analyses.fixes.regression import Floats
from aboveboard.analyses.fixes.releases import Criterion
from aboveboard.analyses.fixes.series import LONGEST_WAIT, Series

WINDOWS = (4, 6, 8, 10, 12, 16, 20, 26)
"""Weeks of a window that nobody has stated: the shortest with enough power."""
ENOUGH_POWER = 0.8


@dataclass(frozen=True)
class Plan:
    """A window of so many weeks, its power at the criterion, and the smallest wait that has enough (None: none has)."""

    weeks: int
    power: float
    needed: int | None
    thresholds: Floats
    yardstick: Yardstick


@dataclass(frozen=True)
class Estimate:
    """The rate after, what it would have been, the step between them and the share by which it is less, with intervals.

    `values` are the coefficients and `covariance` theirs; `columns` the design without the step; `spread` the standard deviation of
    a period of mean size around its mean before the change; `reach` how many standard errors an interval reaches.
    """

    after: float
    expected: float
    effect: tuple[float, float, float]
    reduced: tuple[float, float, float]
    rho: float
    values: Floats
    covariance: Floats
    columns: Floats
    spread: float
    reach: float


def plan(series: Series, criterion: Criterion, weeks: int | None) -> Plan:
    """The window: as stated, or the shortest that shows the criterion; from the periods before the change alone."""
    longest = max(LONGEST_WAIT[series.days], weeks or 0)
    design = series.planned(longest)
    yardstick = looks.yardstick(design)
    past = series.first(0)
    held = regression.fit(past.stable[:, None], _without_step(past))
    rho, spread = float(held.rho[0, 0]), float(held.spread[0, 0])
    level = float(past.bad.sum() / past.size.sum())
    goal = level * (1 - criterion.value) if criterion.kind == "reduce by" else criterion.value
    if goal >= level:
        goal = level / 2
    step = (series.stable_of(goal) - series.stable_of(level)) / max(spread, 1e-9)
    known: dict[int, tuple[float, Floats]] = {}
    for window in [each for each in WINDOWS if each <= len(design.looks)] + ([weeks] if weeks else []):
        if window not in known:
            thresholds = yardstick.thresholds(min(window, len(design.looks)))
            known[window] = float(yardstick.power(thresholds, rho, step)[-1]), thresholds
        if not weeks and known[window][0] >= ENOUGH_POWER:
            break
    needed = next((window for window in sorted(known) if known[window][0] >= ENOUGH_POWER), None)
    chosen = weeks or needed or max(known)
    return Plan(chosen, known[chosen][0], needed, known[chosen][1], yardstick)


def shown(series: Series, plan: Plan) -> tuple[int, int] | None:
    """The first weekly look at which a change was shown, and its direction (−1: fewer); None where none was.

    Each look sees what was known then and no more.
    """
    weeks = min(series.known, plan.weeks)
    skipped = series.first_look()
    if weeks <= skipped:
        return None
    seen = series.first(weeks)
    past = [seen.seen(week) for week in range(skipped + 1, weeks + 1)]
    design = seen.design(stable=True)
    found = regression.fit(seen.stable[:, None], regression.Design(design.columns, design.weight, tuple(past)))
    for look in range(min(len(past), len(plan.thresholds))):
        if abs(found.t[look, 0]) > plan.yardstick.threshold(plan.thresholds, found.rho[look, 0], look):
            return skipped + look + 1, int(np.sign(found.step[look, 0]))
    return None


def estimate(series: Series, plan: Plan) -> Estimate | None:
    """How large the change is by what is known of the window; None before its first week is over.

    On the scale of the rates themselves, with the variance that rates of that size have before the change and after it.
    """
    seen = series.first(plan.weeks)
    after = seen.place >= 0
    if not after.any():
        return None
    design = seen.design(weight=_by_rate(seen))
    found = regression.fit(seen.rate[:, None], design)
    rho = float(found.rho[0, 0])
    values, covariance, spread = regression.coefficients(seen.rate, design, rho)
    look = min(seen.known - series.first_look(), len(plan.yardstick.t)) - 1
    reach = plan.yardstick.reach(rho, max(look, 0))
    columns = design.columns.copy()
    columns[:, -1] = 0
    share = seen.size[after] / seen.size[after].sum()
    without, with_it = share @ columns[after], share @ design.columns[after]
    step, error = float(values[-1]), float(np.sqrt(covariance[-1, -1]))
    expected, level = float(without @ values), float(with_it @ values)
    return Estimate(
        level, expected, (step, step - reach * error, step + reach * error),
        _reduced(level, expected, with_it, without, covariance, reach), rho, values, covariance, columns, spread, reach,
    )  # fmt: skip


def meets(criterion: Criterion, found: Estimate) -> bool:
    """The best guess meets the criterion."""
    if criterion.kind == "at most":
        return found.after <= criterion.value
    return found.reduced[0] >= criterion.value


def _without_step(past: Series) -> regression.Design:
    design = past.design(stable=True)
    return regression.Design(design.columns[:, :-1], design.weight, design.looks)


def _by_rate(seen: Series) -> Floats:
    """One over the variance that a rate has by its level and size, before and after; one breakdown more keeps it above nothing."""
    weight = np.empty(len(seen.place))
    for side in (seen.place < 0, seen.place >= 0):
        size = seen.size[side].sum()
        level = (seen.bad[side].sum() + 1) / (size + (2 if seen.share else 0))
        weight[side] = seen.size[side] / (level * (1 - level) if seen.share else level)
    return np.asarray(weight / weight[: seen.before].mean())


def _reduced(
    after: float, expected: float, with_it: Floats, without: Floats, covariance: Floats, reach: float
) -> tuple[float, float, float]:
    """By what share it is less than expected, with the interval of a ratio.

    Fieller, E. C. (1954). Some problems in interval estimation. JRSS B 16, 175–185. NaN where the interval has no end.
    """
    if expected <= 0:
        return np.nan, np.nan, np.nan
    g = reach**2
    top, bottom, both = (
        one @ covariance @ other for one, other in ((with_it, with_it), (without, without), (with_it, without))
    )
    a, b, c = expected**2 - g * bottom, after * expected - g * both, after**2 - g * top
    inside = b * b - a * c
    if a <= 0 or inside < 0:
        return 1 - after / expected, np.nan, np.nan
    ends = sorted(1 - (b + sign * np.sqrt(inside)) / a for sign in (-1, 1))
    return 1 - after / expected, float(ends[0]), float(ends[1])
