"""An employee's record over time: Laney's p′ limits, and a clipped, risk-adjusted cumulative sum against all weeks before.

Each week is set against what was expected of its contacts at the employee's own level, as known *before* that week: the residuals
of a recursive fit, which are independent with variance 1 while nothing changes (Brown, Durbin and Evans 1975, JRSS B 37, 149–163;
Hawkins 1987, The Statistician 36, 315–321). Their spread from week to week is wider than chance by Laney's σz (2002, Quality
Engineering 14, 531–537), taken from moving ranges and drawn towards what all employees have.

The sum (Steiner et al. 2000, Biostatistics 1, 441–452, on standardised residuals) takes a week for no more than CLIP and gives
back ALLOWANCE each week: from rest, one week moves it by 2 at most, below any limit in use. A day alone cannot raise an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution.people_periods import Records
from aboveboard.analyses.shared.arrays import Array

CLIP, ALLOWANCE = 2.4, 0.4
"""In standard deviations of a week: the most that one counts, and what the sum gives back."""
RANGE = 1.1
"""Mean range of two normal values in standard deviations, 1.128, less 2.5 % for those that UNUSUAL leaves out."""
UNUSUAL = 3.267
"""A moving range so many times the mean one is a jump, not spread, and is left out (Nelson 1982, J. Quality Technology 14, 172)."""
POOLED, LEAST_POOLED = 60.0, 10.0
"""So many ranges of one's own the spread common to all weighs as much as: where nothing says how far employees differ; at least."""
UNSURE = 4.0
"""Variance of a squared σz from one range, in squares of what it is of: 3.3 where values are normal, more where they are skewed."""


@dataclass(frozen=True)
class Chart:
    """Employees × periods. `level` is the log odds by which the employee is off the expected, as known before the period."""

    z: Array
    level: Array
    climb: Array


def levelled(share: Array, level: Array) -> Array:
    """Shares moved by log odds."""
    clipped = np.clip(share, 1e-9, 1 - 1e-9)
    moved: Array = 1 / (1 + np.exp(-(np.log(clipped / (1 - clipped)) + level)))
    return moved


def expected(records: Records, level: Array) -> tuple[Array, Array]:
    """What is expected at a level, and its binomial variance; 0 where there is no period."""
    n = np.maximum(records.n, 1e-9)
    share = np.clip(records.expected / n, 1e-9, 1 - 1e-9)
    moved = levelled(share, level)
    return records.n * moved, records.spread * moved * (1 - moved) / (share * (1 - share))


def chart(records: Records, sigma: Array, between: float) -> Chart:
    """The chart of each employee; `sigma` is σz of each, `between` the variance of levels between employees."""
    shape = records.n.shape
    z, levels, climb = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    level, known = np.zeros(shape[0]), np.full(shape[0], 1 / max(between, 1e-4))
    height = np.zeros(shape[0])
    for period in range(shape[1]):
        at = records.at(period)
        wanted, spread = expected(at, level)
        any_n, noise = at.n > 0, sigma**2
        off = at.good - wanted
        z[:, period] = np.where(any_n, off / np.sqrt(np.where(any_n, noise * spread + spread**2 / known, 1.0)), 0.0)
        levels[:, period] = level
        height = np.where(any_n, step(height, z[:, period]), height)
        climb[:, period] = height
        known = known + spread / noise
        level = level + off / noise / known
    return Chart(z, levels, climb)


def step(height: Array, z: Array) -> Array:
    """The sum after one more period."""
    risen: Array = np.maximum(0.0, height + np.minimum(-z, CLIP) - ALLOWANCE)
    return risen


def alarms(z: Array, there: Array, limit: float) -> Array:
    """The periods in which the sum, begun anew after each alarm, is above the limit."""
    found, height = np.zeros(z.shape, dtype=bool), np.zeros(len(z))
    for period in range(z.shape[1]):
        height = np.where(there[:, period], step(height, z[:, period]), height)
        found[:, period] = (height > limit) & there[:, period]
        height = np.where(height > limit, 0.0, height)
    return found


def own_level(records: Records, sigma: Array, between: float, weight: Array | None = None) -> Array:
    """Each employee's level over the whole record (or its periods with weight 1), drawn to 0 by how little is known."""
    weights = np.ones(records.n.shape) if weight is None else weight
    level = np.zeros(len(records.n))
    for _ in range(8):
        wanted, spread = expected(records, level[:, None])
        known = (weights * spread).sum(axis=1) / sigma**2 + 1 / max(between, 1e-4)
        slope = (weights * (records.good - wanted)).sum(axis=1) / sigma**2 - level / max(between, 1e-4)
        level = level + np.clip(slope / known, -2, 2)
    return level


def spreads(records: Records) -> tuple[Array, float]:
    """σz of each employee (1 or more), and the intraclass correlation within a period that all have in common (0 or more)."""
    level = own_level(records, np.ones(len(records.n)), 1.0)
    wanted, spread = expected(records, level[:, None])
    there = records.n > 0
    z = np.where(there, (records.good - wanted) / np.sqrt(np.where(there, spread, 1.0)), 0.0)
    ranges, both = np.abs(np.diff(z, axis=1)), there[:, 1:]
    for _ in range(2):
        mean = np.where(both, ranges, 0).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        both = both & (ranges <= UNUSUAL * mean[:, None])
    count = both.sum(axis=1)
    own = (np.where(both, ranges, 0).sum(axis=1) / np.maximum(count, 1) / RANGE) ** 2
    more = np.maximum(records.n.sum(axis=1) / np.maximum(records.lengths, 1) - 1, 1e-9)
    alike = _alike(np.where(there[:, 1:], ranges, 0.0), there[:, 1:].sum(axis=1), more)
    pooled = 1 + more * alike
    weight = _weight(own / pooled, count)
    squared = (weight * pooled + count * own) / (weight + count)
    return np.sqrt(np.maximum(squared, 1.0)), alike


def _weight(ratio: Array, count: Array) -> float:
    """How many ranges of one's own the common spread is worth: the fewer, the more employees' spreads differ beyond chance.

    How far is taken by moments from the own estimates, as in empirical Bayes (Robbins 1956).
    """
    known = count >= 4
    if known.sum() < 2:
        return POOLED
    weight = count[known]
    differ = (weight * (ratio[known] - 1) ** 2 - UNSURE).sum() / weight.sum()
    return max(LEAST_POOLED, UNSURE / max(float(differ), 1e-4))


def _alike(ranges: Array, count: Array, more: Array) -> float:
    """The intraclass correlation that the employees' squared ranges say (von Neumann 1941), winsorised at 10 % over employees.

    Squares, because a mean range is too low where the spread is skewed, as shares near 1 are. `more`: contacts of a week less one.
    """
    known = count >= 4
    if not known.any():
        return 0.0
    each = ((ranges[known] ** 2).sum(axis=1) / count[known] / 2 - 1) / more[known]
    weight = count[known] * more[known] ** 2
    low, high = np.quantile(each, [0.1, 0.9])
    return max(float((weight * np.clip(each, low, high)).sum() / weight.sum()), 0.0)
