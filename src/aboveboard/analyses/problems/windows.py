"""Stretches of time, and how far each stands out: the scan statistic of many places at once.

Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory and Methods 26, 1481–1496, the
Poisson model; divided by the design effect where breakdowns of one place and period go wrong together: Zhang, T.,
Zhang, Z. and Lin, G. (2012). Spatial scan statistics with overdispersion. Statistics in Medicine 31, 762–774.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.problems.cells import LEAST
from aboveboard.analyses.shared.arrays import Array

MATERIAL = 1.5
"""A region whose rate is less than so many times that of all is no problem, however sure."""
MOST_SHARE = 0.5
"""What takes in more than half of all occasions is not a part: Kulldorff's limit."""


@dataclass(frozen=True)
class Ground:
    """What the places of one search are set against: all occasions of the stratum, how many broke, and how they gather.

    `spread` is the correlation of two occasions of the same place and step (0: independent).
    """

    n: float
    broken: float
    spread: float

    @property
    def rate(self) -> float:
        return self.broken / self.n


def lengths(steps: int) -> list[int]:
    """How long the stretches are that are looked at: every step up to 3, then by about 1.4, up to all of them."""
    chosen, length = [], 1.0
    while length < steps:
        chosen.append(int(length))
        length = max(length + 1, length * 1.4)
    return [*chosen, steps]


def best(
    n: Array, broken: Array, all_n: Array, all_broken: Array, spread: float, *, whole: bool
) -> tuple[Array, Array, Array]:
    """Per row the greatest score, and the start and the length of its stretch; −inf where no stretch qualifies.

    `n` and `broken` have a row per place and a column per step; `all_n` and `all_broken` are the totals of the stratum,
    one per row. `whole` lets the stretch of all steps qualify.
    """
    score = np.full(len(n), -np.inf)
    start, size = np.zeros(len(n), dtype=np.int64), np.zeros(len(n), dtype=np.int64)
    rate, steps = all_broken / np.maximum(all_n, 1), n.shape[1]
    inside_to, hit_to, squares_to = _summed(n), _summed(broken.astype(np.int32)), _summed(n * n)
    for length in lengths(steps):
        if length == steps and not whole:
            continue
        # Most stretches of a small place hold too few: only the others are looked at further.
        row, first = np.nonzero(hit_to[:, length:] - hit_to[:, :-length] >= LEAST)
        inside, hit, squares = (
            each[row, first + length] - each[row, first] for each in (inside_to, hit_to, squares_to)
        )
        likely = (hit >= MATERIAL * inside * rate[row]) & (inside <= MOST_SHARE * all_n[row])
        if not whole:
            # What holds all of a place is no part of its time, however many empty hours are left over.
            likely &= inside < inside_to[row, -1]
        row, first, inside, hit, squares = (each[likely] for each in (row, first, inside, hit, squares))
        if len(row):
            scores = _scores(inside, hit, squares, all_n[row], all_broken[row], rate[row], spread)
            rows, top = _greatest(row, scores)
            better = scores[top] > score[rows]
            rows, top = rows[better], top[better]
            score[rows], start[rows], size[rows] = scores[top], first[top], length
    return score, start, size


def _summed(counts: Array) -> Array:
    return np.concatenate([np.zeros((len(counts), 1), dtype=counts.dtype), np.cumsum(counts, axis=1)], axis=1)


def _greatest(row: Array, scores: Array) -> tuple[Array, Array]:
    """The distinct rows (which come in order), and where each has its greatest score."""
    begins = np.flatnonzero(np.append(True, np.diff(row) != 0))
    most = np.maximum.reduceat(scores, begins)
    number = np.cumsum(np.append(True, np.diff(row) != 0)) - 1
    at_most = np.flatnonzero(scores == most[number])
    _, first = np.unique(number[at_most], return_index=True)
    return row[begins], at_most[first]


def _scores(n: Array, hit: Array, squares: Array, all_n: Array, all_hit: Array, rate: Array, spread: float) -> Array:
    """The log likelihood ratio of a higher rate inside, over the design effect."""
    expected, rest = n * rate, all_hit - hit
    with np.errstate(divide="ignore", invalid="ignore"):
        outside = np.where(rest > 0, rest * np.log(rest / np.maximum(all_hit - expected, 1e-12)), 0.0)
    ratio = hit * np.log(hit / expected) + outside
    return np.asarray(ratio / design_effect(n, squares, rate, spread))


def design_effect(n: Array, squares: Array, rate: Array, spread: float) -> Array:
    """How many times Poisson's variance the count has: a share has less, occasions that go together have more."""
    return (1 - rate) * (1 + spread * np.maximum(squares / np.maximum(n, 1e-12) - 1, 0))
