"""Tails of beta-binomial distributions, of many rows at once: how often so few of so many end well.

The probabilities follow from one another by their ratios (Johnson, Kemp and Kotz 2005, *Univariate Discrete Distributions*,
section 6.2); on logarithms, because the first of them may be smaller than arithmetic can hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aboveboard.analyses.shared.arrays import Array


def at_most(good: Array, n: Array, share: Array, strength: Array) -> Array:
    """The chance of `good` or fewer of `n`, where the share is drawn about `share` as if from `strength` earlier cases."""
    found = np.zeros(len(n))
    for number, total in enumerate(_totals(n, share, strength)):
        within = number <= good
        if not within.any():
            break
        found = np.where(within, total, found)
    return found


def attained(chance: Array, n: Array, share: Array, strength: Array) -> Array:
    """The chance of coming out as rare as `chance`, or rarer, by how few end well; 0 where not even none would be so rare."""
    found = np.zeros(len(n))
    for number, total in enumerate(_totals(n, share, strength)):
        within = (total <= chance) & (number <= n)
        if not within.any():
            break
        found = np.where(within, total, found)
    return found


def _totals(n: Array, share: Array, strength: Array) -> Iterator[Array]:
    """The chances of at most 0, 1, 2 …; beyond `n` they stay where they are."""
    from scipy import special

    well, badly = share * strength, (1 - share) * strength
    log = special.betaln(well, badly + n) - special.betaln(well, badly)
    total = np.exp(log)
    for number in range(int(n.max(initial=0)) + 1):
        yield np.minimum(total, 1.0)
        left = np.maximum(n - number, 0.0)
        with np.errstate(divide="ignore"):
            log = log + np.log(left * (well + number) / ((number + 1) * np.maximum(badly + left - 1, 1e-300)))
        total = total + np.exp(log)
