"""Does the approver tell harmful from harmless? The area under the curve of the approver's doubt, with its interval.

Harm shows only where the answer was yes, so the noes cannot be held against what came of them. What can be asked is
whether the doubt that refuses some also stands higher in those granted that went wrong. Doubt shows in two ways:

- likeness to the refused: naive Bayes log-odds of being refused, over what the approver saw of the request and the time
  the answer took; learned on one half of the requests (by a hash of the subject) and read off on the other; where ten or
  more were refused, for fewer teach nothing;
- the time the answer took.

Whichever is surer to tell is reported, with an interval that allows for having had two to choose from, and for how few
refusals taught what likeness is. A value of 0.5 means that
doubt falls on harmful and harmless alike, and the asking buys nothing but time; below it, doubt falls on the wrong ones.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from aboveboard.analyses.shared import arrays, intervals
from aboveboard.analyses.shared.survival import Estimate

LIKENESS, TIME = "likeness to the refused", "time taken"
ENOUGH = 10
"""Fewer refused than this teach nothing; fewer harmful or harmless than this show nothing."""
DRAWS, _SEED = 200, 17
_Z_OF_TWO = 2.241402727604947
"""The 98.75 % point of the normal distribution: 95 % for two intervals together (Bonferroni)."""
UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def auc(harmful: arrays.Array, harmless: arrays.Array, *, z: float = intervals.Z95, besides: float = 0.0) -> Estimate:
    """P(a harmful case's score is above a harmless one's), ties half, with a 95 % interval; NaN where either is below two.

    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44, 837–845; by ranks as in Sun, X. and Xu, W. (2014), IEEE
    Signal Processing Letters 21, 1389–1393. `besides` is a variance to add: of the score itself, where it was learned.
    """
    m, n = len(harmful), len(harmless)
    if m < 2 or n < 2:
        return UNKNOWN
    joint = _midranks(np.concatenate([harmful, harmless]))
    above = (joint[:m] - _midranks(harmful)) / n
    below = 1 - (joint[m:] - _midranks(harmless)) / m
    value = float(above.mean())
    reach = z * float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n + besides))
    return Estimate(value, max(0.0, value - reach), min(1.0, value + reach))


def _midranks(values: arrays.Array) -> arrays.Array:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return np.asarray((last - (counts - 1) / 2)[place])


def discrimination(
    codes: arrays.Array, minutes: arrays.Array, half: arrays.Array, refused: arrays.Array, harmed: arrays.Array
) -> tuple[Estimate, str]:
    """How well doubt tells harm: (area with interval, in which of the two ways doubt shows).

    One row per decided request: `codes` (requests × features) small whole numbers, −1 where absent; `minutes` the
    time taken, NaN where unknown; `half` 0 or 1; `refused` boolean; `harmed` 1, 0, or NaN where not known (refused, or
    too young). NaN and "" where fewer than ten harmful or harmless are known.
    """
    granted, areas = ~refused & ~np.isnan(harmed), dict[str, Estimate]()
    learned = int(refused.sum()) >= ENOUGH
    z = _Z_OF_TWO if learned else intervals.Z95
    timed = granted & ~np.isnan(minutes)
    if _enough(harmed[timed]):
        areas[TIME] = auc(*_parted(minutes[timed], harmed[timed]), z=z)
    if learned and _enough(harmed[granted]):
        cells = _cells(np.column_stack([codes, _quarters(minutes)]))
        score = _likeness(cells, half, refused, np.ones((1, int(refused.sum()))))[0]
        spread = _relearned(cells, half, refused, granted, harmed)
        areas[LIKENESS] = auc(*_parted(score[granted], harmed[granted]), z=z, besides=spread)
    if not areas:
        return UNKNOWN, ""
    return max(((area, name) for name, area in areas.items()), key=lambda one: (one[0].low, one[1]))


def _enough(harmed: arrays.Array) -> bool:
    return ENOUGH <= int(harmed.sum()) <= len(harmed) - ENOUGH


def _parted(score: arrays.Array, harmed: arrays.Array) -> tuple[arrays.Array, arrays.Array]:
    """The scores of the harmful and of the harmless."""
    return score[harmed == 1], score[harmed == 0]


def _relearned(
    cells: arrays.Array, half: arrays.Array, refused: arrays.Array, granted: arrays.Array, harmed: arrays.Array
) -> float:
    """How far the area varies with which requests happened to be refused: bootstrap over those refused.

    A dozen refusals made at random resemble the harmful ones a little more or less than the harmless; without this an
    approver who throws dice would often seem to see something.
    """
    count = int(refused.sum())
    draws = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), DRAWS)
    scores = _likeness(cells, half, refused, draws.astype(float))[:, granted]
    ranks = stats.rankdata(scores, axis=1)
    m = int(harmed[granted].sum())
    n = int(granted.sum()) - m
    areas = (ranks[:, harmed[granted] == 1].sum(axis=1) - m * (m + 1) / 2) / (m * n)
    return float(areas.var(ddof=1))


def _quarters(minutes: arrays.Array) -> arrays.Array:
    known = minutes[~np.isnan(minutes)]
    if not len(known):
        return np.full(len(minutes), -1)
    edges = np.quantile(known, [0.25, 0.5, 0.75])
    return np.where(np.isnan(minutes), -1, np.searchsorted(edges, minutes))


def _cells(codes: arrays.Array) -> arrays.Array:
    """One column of 0 and 1 per value of each feature."""
    return np.column_stack([codes[:, [j]] == np.unique(codes[:, j])[None, :] for j in range(codes.shape[1])]).astype(
        float
    )


def _likeness(cells: arrays.Array, half: arrays.Array, refused: arrays.Array, weights: arrays.Array) -> arrays.Array:
    """Log-odds of being refused, one row per row of `weights` (of those refused), each half by what the other teaches.

    Naive Bayes with one count added to each cell.
    """
    score = np.zeros((len(weights), len(cells)))
    for here in (0, 1):
        other = half != here
        no = (weights * other[refused]) @ cells[refused] + 1
        yes = cells[other & ~refused].sum(axis=0) + 1
        odds = np.log(no / no.sum(axis=1, keepdims=True)) - np.log(yes / yes.sum())
        score[:, ~other] = odds @ cells[~other].T
    return score
