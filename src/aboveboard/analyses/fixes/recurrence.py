"""Did it come back? After a fix was shown to work its weeks are watched, for as long as there are any.

A cumulative sum for counts, tuned to the step from the rate after the fix to the one before it: Lucas, J. M. (1985).
Counted data CUSUM's. Technometrics 27, 129–144. What it may reach by chance is found by drawing such weeks: over-dispersed and
alike from week to week as those before the change, their rate as uncertain as the few weeks make it from which it is known.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.fixes import looks
from aboveboard.analyses.fixes.regression import Floats

FALSE_PER_YEAR = 0.05
"""Of fixes that hold, so many may be called back within 52 weeks of watching."""
WEEKS_LEAST = 4
"""The new rate is taken from no fewer weeks than this."""
_DRAWN, _WEEKS, _SEED, _CLOSE = 4_000, 52, 20_260_302, 1.25


def came_back(bad: Floats, size: Floats, *, calm: int, before: float, dispersion: float, rho: float) -> int | None:
    """The week (counted from 0) by the end of which the return was noticed; None where there was none.

    `bad` and `size` are the weeks since the change; from the first `calm` of them (four
    at least) the new rate is taken, the others are watched.
    `before` is the rate before the change, `dispersion` how many times the variance is that of pure chance, `rho` the
    correlation of neighbouring weeks.
    """
    calm = max(calm, WEEKS_LEAST)
    if len(bad) <= calm or size[:calm].sum() <= 0:
        return None
    quiet = (bad[:calm].sum() + 0.5) / size[:calm].sum()
    if before < _CLOSE * quiet:
        return None
    middle = (before - quiet) / np.log(before / quiet)
    most = _limit(bad[:calm].sum(), size[:calm].sum(), float(size.mean()), middle, before, dispersion, rho)
    sums = 0.0
    for week in range(calm, len(bad)):
        sums = max(0.0, sums + bad[week] - middle * size[week])
        if sums > most:
            return week
    return None


def _limit(
    count: float, known: float, size: float, middle: float, before: float, dispersion: float, rho: float
) -> float:
    """What the sum stays below in all but FALSE_PER_YEAR of years in which the fix holds."""
    rng = np.random.default_rng(_SEED)
    # Weeks that are alike tell less of the rate than so many strangers.
    vague = dispersion * (1 + rho) / (1 - rho)
    rate = rng.gamma((count + 0.5) / vague, vague / known, _DRAWN)
    # Weeks vary by a factor of their own, as those before the change did.
    varies = min((dispersion - 1) / max(before * size, 1e-9), 1.0)
    log_variance = np.log1p(varies)
    # Chance within a week hides how alike the factors are: what is seen is less than what there is.
    alike = min(0.95, rho * dispersion / (dispersion - 1)) if dispersion > 1.05 else 0.0
    waves = looks.correlated(rng.standard_normal((_WEEKS, _DRAWN)), alike)
    mean = rate * size * np.exp(waves * np.sqrt(log_variance) - log_variance / 2)
    drawn = rng.poisson(mean)
    sums, most = np.zeros(_DRAWN), np.zeros(_DRAWN)
    for week in drawn:
        sums = np.maximum(0.0, sums + week - middle * size)
        most = np.maximum(most, sums)
    return float(np.quantile(most, 1 - FALSE_PER_YEAR))
