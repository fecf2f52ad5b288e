"""How soon could a fall from 85 to 75 % be found at all? A test that knows everything but the week, beside the chart of `people`.

It knows the share before and after, the correlation and that weeks have 25 contacts on average, and sums log likelihood ratios of
beta-binomials (Page 1954; no other rule with as few false alarms has a shorter delay at worst: Moustakides 1986, Annals of
Statistics 14, 1379–1387). And of six weeks taken by themselves no test whatever, with as few false alarms, can tell more falls than
Neyman and Pearson's: a bound on all rules, which none need reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BEFORE, AFTER, PER_WEEK = 0.85, 0.75, 25
GOAL = 6
"""Weeks within which a fall is to be found."""
SETTLING, LIVED, AWAITED = 52, 192, 104


@dataclass(frozen=True)
class Bound:
    """Of the test that knows: `median` weeks to the alarm, share `within` GOAL. `most`: the most that any rule could find there."""

    median: float
    within: float
    most: float


def bound(alike: float, rate: float, *, records: int = 10_000) -> Bound:
    """At a correlation, with a false alarm in `rate` of the weeks."""
    random = np.random.default_rng(4)
    steady = _ratios(random, np.full(LIVED, BEFORE), alike, records)
    limit = _limit(steady, rate)
    fallen = _ratios(random, np.repeat([BEFORE, AFTER], [SETTLING, AWAITED]), alike, records)
    alarms = _alarms(fallen, limit)[:, SETTLING:]
    waited = np.where(alarms.any(axis=1), alarms.argmax(axis=1) + 1, np.inf)
    # In GOAL weeks there are alarms in no more than GOAL times `rate` of the records.
    needed = np.quantile(steady.reshape(-1, GOAL).sum(axis=1), 1 - GOAL * rate)
    most = (fallen[:, SETTLING : SETTLING + GOAL].sum(axis=1) > needed).mean()
    return Bound(float(np.quantile(waited, 0.5, method="lower")), float((waited <= GOAL).mean()), float(most))


def _ratios(random: np.random.Generator, share: Any, alike: float, records: int) -> Any:
    """Log likelihood ratios of weeks, records × weeks, whose true shares are `share`."""
    n = random.poisson(PER_WEEK, (records, len(share)))
    strength = (1 - alike) / max(alike, 1e-9)
    drawn = random.beta(share * strength, (1 - share) * strength, n.shape) if alike > 0 else share
    good = random.binomial(n, drawn)
    return _likelihood(good, n, AFTER, strength) - _likelihood(good, n, BEFORE, strength)


def _likelihood(good: Any, n: Any, share: float, strength: float) -> Any:
    """The logarithm, but for what does not hang on the share."""
    from scipy.special import betaln

    if strength > 1e6:
        return good * np.log(share) + (n - good) * np.log(1 - share)
    well, badly = share * strength, (1 - share) * strength
    return betaln(well + good, badly + n - good) - betaln(well, badly)


def _alarms(ratios: Any, limit: float) -> Any:
    """The weeks in which the sum, begun anew after each alarm, is above the limit."""
    found, height = np.zeros(ratios.shape, dtype=bool), np.zeros(len(ratios))
    for week in range(ratios.shape[1]):
        height = np.maximum(0.0, height + ratios[:, week])
        found[:, week] = height > limit
        height[found[:, week]] = 0.0
    return found


def _limit(steady: Any, rate: float) -> float:
    """The limit at which `rate` of the weeks raise an alarm, found by halving."""
    low, high = 0.0, 20.0
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (middle, high) if _alarms(steady, middle)[:, SETTLING:].mean() > rate else (low, middle)
    return high
