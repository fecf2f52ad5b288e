"""Stretches of time, and how far each stands out: the scan statistic of many places at once.

Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory and Methods 26, 1481–1496, the
Poisson model; divided by the design effect where breakdowns of one place and period go wrong together: Zhang, T.,
Zhang, Z. and Lin, G. (2012). Spatial scan statistics with overdispersion. Statistics in Medicine 31, 762–774.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def stretches(n: Array, broken: Array, *, whole: bool) -> Iterator[tuple[int, Array, Array, Array]]:
    """Per length: its steps, and (occasions, breakdowns, sum of squared occasions per step) of every row and start.

    `whole` includes the stretch of all steps.
    """
    steps = n.shape[1]
    sums = [np.concatenate([np.zeros((len(n), 1)), np.cumsum(each, axis=1)], axis=1) for each in (n, broken, n * n)]
    for length in lengths(steps):
        if length < steps or whole:
            yield length, *(each[:, length:] - each[:, :-length] for each in sums)  # type: ignore[misc]


def best(
    n: Array, broken: Array, all_n: Array, all_broken: Array, spread: float, *, whole: bool
) -> tuple[Array, Array, Array]:
    """Per row the greatest score, and the start and the length of its stretch; −inf where no stretch qualifies.

    `all_n` and `all_broken` are the totals of the stratum, one per row.
    """
    score = np.full(len(n), -np.inf)
    start, size = np.zeros(len(n), dtype=np.int64), np.zeros(len(n), dtype=np.int64)
    rate = all_broken / np.maximum(all_n, 1)
    for length, inside, hit, squares in stretches(n, broken, whole=whole):
        expected = inside * rate[:, None]
        likely = (hit >= LEAST) & (hit >= MATERIAL * expected) & (inside <= MOST_SHARE * all_n[:, None])
        row, column = np.nonzero(likely)
        if not len(row):
            continue
        ground = all_n[row], all_broken[row], rate[row]
        scores = _scores(inside[row, column], hit[row, column], squares[row, column], *ground, spread)
        # Sorted by score within each row, the last one written is the greatest.
        order = np.lexsort([scores, row])
        last = np.flatnonzero(np.append(np.diff(row[order]) != 0, True))
        rows, top = row[order][last], order[last]
        better = scores[top] > score[rows]
        rows, top = rows[better], top[better]
        score[rows], start[rows], size[rows] = scores[top], column[top], length
    return score, start, size


def _scores(n: Array, hit: Array, squares: Array, all_n: Array, all_hit: Array, rate: Array, spread: float) -> Array:
    """The log likelihood ratio of a higher rate inside, over the design effect."""
    expected, rest = n * rate, all_hit - hit
    with np.errstate(divide="ignore", invalid="ignore"):
        outside = np.where(rest > 0, rest * np.log(rest / np.maximum(all_hit - expected, 1e-12)), 0.0)
    ratio = hit * np.log(hit / expected) + outside
    return ratio / design_effect(n, squares, rate, spread)


def design_effect(n: Array, squares: Array, rate: Array, spread: float) -> Array:
    """How many times Poisson's variance the count has: a share has less, occasions that go together have more."""
    return (1 - rate) * (1 + spread * np.maximum(squares / np.maximum(n, 1e-12) - 1, 0))
