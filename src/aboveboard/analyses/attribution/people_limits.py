"""Where an employee's chart says something: the limit at which a steady record raises an alarm in one week of 112.

By simulation, because the number of contacts, the shares and the spread beyond chance are the organisation's own: weeks are drawn
from its record and lived through again with nothing changed but chance (a beta-binomial with the intraclass correlation found).
What the sum comes to in such records says how rare a height is; beyond what was simulated its tail is exponential (Lundberg's
inequality, as for any random walk with a drift downward).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution import people_charts
from aboveboard.analyses.attribution.people_periods import Records
from aboveboard.analyses.shared.arrays import Array

ALARMS = 1 / 112
"""Of the weeks of a steady record so many raise an alarm."""
LEAST_LIMIT = people_charts.CLIP - people_charts.ALLOWANCE + 0.1
"""One week moves the sum by CLIP − ALLOWANCE at most: no limit is below that."""
LIVES, WEEKS, SETTLING = 1200, 200, 30
TAIL = (0.99, 0.999)
"""The quantiles between which the tail's slope is taken."""


@dataclass(frozen=True)
class Limits:
    """`limit` of the sum; `heights` that steady records come to, sorted; the tail beyond `start` falls by `rate` per unit."""

    limit: float
    heights: Array
    start: float
    rate: float

    def rarity(self, height: Array) -> Array:
        """The share of steady records' weeks that stand at least so high."""
        count = len(self.heights)
        below = np.searchsorted(self.heights, height, side="left")
        within = (count - below + 1) / (count + 1)
        beyond = (1 - TAIL[0]) * np.exp(-self.rate * (height - self.start))
        rare: Array = np.minimum(np.where(height > self.start, beyond, within), 1.0)
        return rare


def limits(records: Records, alike: float) -> Limits:
    """From the periods of all employees together, whoever they are: names and their order do not matter."""
    there = records.n > 0
    n, share = records.n[there], np.round(records.expected[there] / records.n[there], 6)
    order = np.lexsort([share, n])
    random = np.random.default_rng(20_262)
    drawn = order[random.integers(len(order), size=(LIVES, WEEKS))]
    z = _lived(random, n[drawn], share[drawn], alike)
    heights, height = np.zeros(z.shape), np.zeros(LIVES)
    for week in range(WEEKS):
        height = people_charts.step(height, z[:, week])
        heights[:, week] = height
    sorted_heights = np.sort(heights[:, SETTLING:], axis=None)
    start, far = np.quantile(sorted_heights, TAIL)
    rate = float(np.log((1 - TAIL[0]) / (1 - TAIL[1])) / max(far - start, 1e-9))
    return Limits(_limit(z), sorted_heights, float(start), rate)


def _lived(random: np.random.Generator, n: Array, share: Array, alike: float) -> Array:
    """Standardised residuals of weeks in which nothing changed."""
    if alike > 0:
        strength = (1 - alike) / alike
        share_then = random.beta(np.maximum(share * strength, 1e-6), np.maximum((1 - share) * strength, 1e-6))
    else:
        share_then = share
    good = random.binomial(n.astype(np.int64), share_then)
    spread = n * share * (1 - share) * (1 + (n - 1) * alike)
    z: Array = (good - n * share) / np.sqrt(np.maximum(spread, 1e-9))
    return z


def _limit(z: Array) -> float:
    """The limit at which ALARMS of the weeks raise one, found by halving."""
    low, high = LEAST_LIMIT, 12.0
    there = np.ones(z.shape, dtype=bool)
    for _ in range(12):
        middle = (low + high) / 2
        rate = people_charts.alarms(z, there, middle)[:, SETTLING:].mean()
        low, high = (middle, high) if rate > ALARMS else (low, middle)
    return high
