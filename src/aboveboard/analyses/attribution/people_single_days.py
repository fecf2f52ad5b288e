"""A day that does not fit an otherwise steady record.

Each day with enough contacts is set against the employee's own level and the rest of the same week: how often would so few be
resolved by chance, with the usual spread between weeks and days (a beta-binomial)? Of the last year's days the rarest counts,
and how rare the rarest of that many days is comes from what each of them could have been: a day of six contacts cannot be as rare
as one of twelve with none resolved, and the next step is often ten times as rare (Westfall and Wolfinger 1997, American
Statistician 51, 3–8; days that could never be so rare do not count at all, as in Tarone 1990, Biometrics 46, 515–522).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aboveboard.analyses.attribution import people_charts, people_shared_days, people_tails
from aboveboard.analyses.shared.arrays import Array, Cells

LEAST_IN_DAY = 5.0
ENOUGH_DAYS = 20
YEAR = 366
"""Older days are no matter any more."""
_ALIKE = 1 + 1e-9
"""Chances so near to one another are the same."""


@dataclass(frozen=True)
class Foreseen:
    """Per row of days: contacts, how many were resolved, the share that was to be expected, and how many contacts that is worth."""

    n: Array
    good: Array
    share: Array
    strength: Array

    @cached_property
    def chance(self) -> Array:
        """The chance of so few resolved; NaN where there are too few contacts."""
        rare = people_tails.at_most(self.good, self.n, self.share, self.strength)
        return np.where(self.n >= LEAST_IN_DAY, rare, np.nan)

    def attained(self, rows: Array, chance: Array) -> Array:
        """Of some rows: the chance that the day comes out as rare as `chance` (one per row) or rarer."""
        return people_tails.attained(chance, self.n[rows], self.share[rows], self.strength[rows])


@dataclass(frozen=True)
class Rarest:
    """Per employee: the `chance` that the rarest day of the last year is as rare as it is (NaN without any), its `row` (−1), and
    how many days (`worth`) would each have to be so rare by themselves for that."""

    chance: Array
    row: Array
    worth: Array


def foreseen(days: Cells, rest: Cells, level: Array, alike: float) -> Foreseen:
    """The share of each day (one row per employee and day) as its week foretells it, and how many contacts that is worth.

    `rest` holds n, good and expected of the same weeks without the day, `level` the employee's own log odds, both per row;
    `alike` is the intraclass correlation of contacts of one week. A week is better or worse as a whole, by a beta distribution
    about the employee's level; the rest of the week says which. Days may differ beyond that: their further correlation, by
    moments, takes from the worth.
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
    return Foreseen(n, days["good"], after, np.maximum(1 / (1 / worth + further) - 1, 1e-3))


def by_employee(known: Foreseen, who: Array, day: Array, count: int, last_day: int) -> Rarest:
    """The rarest day of each of `count` employees; `who` and `day` per row."""
    chance, row, worth = np.full(count, np.nan), np.full(count, -1), np.ones(count)
    rare = known.chance
    places = np.flatnonzero(~np.isnan(rare) & (day > last_day - YEAR))
    for place in places[np.lexsort([day[places], rare[places]])][::-1]:
        row[who[place]] = place
    has = row >= 0
    least = np.where(has, rare[row], 1.0)
    attained = known.attained(places, least[who[places]] * _ALIKE)
    # None of the days comes out so rare: one chance of not doing so after another.
    none = np.bincount(who[places], np.log1p(-np.minimum(attained, 1 - 1e-12)), minlength=count)
    chance[has] = -np.expm1(none[has])
    worth[has] = none[has] / np.log1p(-np.minimum(least[has], 1 - 1e-12))
    return Rarest(chance, row, worth)


def by_day(days: Cells) -> tuple[Cells, Array]:
    """Rows of days (employee, team, day) with the teams of one day together, and the place of each row among them."""
    _, who = np.unique(days["employee"].astype(str), return_inverse=True)
    pairs, place = np.unique(np.column_stack([who, days["day"]]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    sums = {name: np.bincount(place, days[name]) for name in ("n", "good", "expected", "spread")}
    return sums | {"who": pairs[:, 0], "day": pairs[:, 1], "week": people_shared_days.weeks(pairs[:, 1])}, place
