"""A day that does not fit an otherwise steady record.

Each day with enough contacts is set against the employee's own level and the rest of the same week: how often would so few be
resolved by chance, with the usual spread between weeks and days (a beta-binomial)? Of the last year's days the rarest counts,
corrected for how many there were (Šidák 1967, JASA 62, 626–633); days too small ever to be rare are not among them (Tarone 1990,
Biometrics 46, 515–522).
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.attribution import people_charts, people_shared_days
from aboveboard.analyses.shared.arrays import Array, Cells

LEAST_IN_DAY = 5.0
ATTAINABLE = 1e-3
"""A day that would not be so rare though nobody's matter had been resolved is not among those looked at."""
ENOUGH_DAYS = 20
YEAR = 366
"""Older days are no matter any more."""


def rarity(days: Cells, rest: Cells, level: Array, alike: float) -> Array:
    """Per row of days (one per employee and day): the chance of so few resolved; NaN where there are too few contacts.

    `rest` holds n, good and expected of the same weeks without the day, `level` the employee's own log odds, both per row; `alike`
    is the intraclass correlation of contacts of one week.
    """
    from scipy import stats

    n, nothing = days["n"], np.zeros(len(days["n"]))
    share, strength = _foreseen(days, rest, level, alike)
    chance = stats.betabinom.cdf(np.vstack([days["good"], nothing]), n, share * strength, (1 - share) * strength)
    return np.where((n >= LEAST_IN_DAY) & (chance[1] <= ATTAINABLE), chance[0], np.nan)


def _foreseen(days: Cells, rest: Cells, level: Array, alike: float) -> tuple[Array, Array]:
    """The share of each day as its week foretells it, and how many contacts that foresight is worth.

    A week is better or worse as a whole, by a beta distribution about the employee's level; the rest of the week says which.
    Days may differ beyond that: their further correlation, by moments, takes from the worth.
    """
    n = days["n"]
    share = people_charts.levelled(days["expected"] / n, level)
    strength = (1 - alike) / max(alike, 1e-6)
    usual = people_charts.levelled(rest["expected"] / np.maximum(rest["n"], 1e-9), level) * rest["n"]
    after = np.clip(share + (rest["good"] - usual) / (strength + rest["n"]), 0.01 * share, 1 - 0.01 * (1 - share))
    worth = strength + rest["n"] + 1
    chance = n * after * (1 - after)
    further = 0.0
    several = n >= 2
    if several.sum() >= ENOUGH_DAYS:
        off = (days["good"] - n * after)[several] / np.sqrt(chance[several] * (1 + (n[several] - 1) / worth[several]))
        # Days like those looked for are not what is usual.
        low, high = np.quantile(off, [0.005, 0.995])
        widened = np.clip(off, low, high) ** 2 - 1
        scale = (n[several] - 1) / (1 + (n[several] - 1) / worth[several])
        further = max(float((widened * scale).sum() / (scale**2).sum()), 0.0)
    return after, np.maximum(1 / (1 / worth + further) - 1, 1e-3)


def by_employee(rare: Array, who: Array, day: Array, count: int, last_day: int) -> tuple[Array, Array]:
    """Per employee: the chance that the rarest day of the last year is as rare as it is (NaN without), and its row (−1)."""
    chance, row = np.full(count, np.nan), np.full(count, -1)
    recent = ~np.isnan(rare) & (day > last_day - YEAR)
    places = np.flatnonzero(recent)
    for place in places[np.lexsort([day[places], rare[places]])][::-1]:
        row[who[place]] = place
    many = np.bincount(who[places], minlength=count)
    known = row >= 0
    chance[known] = -np.expm1(many[known] * np.log1p(-np.minimum(rare[row[known]], 1 - 1e-12)))
    return chance, row


def by_day(days: Cells) -> tuple[Cells, Array]:
    """Rows of days (employee, team, day) with the teams of one day together, and the place of each row among them."""
    _, who = np.unique(days["employee"].astype(str), return_inverse=True)
    pairs, place = np.unique(np.column_stack([who, days["day"]]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    sums = {name: np.bincount(place, days[name]) for name in ("n", "good", "expected", "spread")}
    return sums | {"who": pairs[:, 0], "day": pairs[:, 1], "week": people_shared_days.weeks(pairs[:, 1])}, place
