"""Does the approver tell harmful from harmless? The area under the curve of the approver's doubt, with its interval.

Harm shows only where the answer was yes, so the noes cannot be held against what came of them. What can be asked is
whether the doubt that refuses some also stands higher in those granted that went wrong. Doubt shows in two ways:

- likeness to the refused: naive Bayes log-odds of being refused, over what the approver saw of the request and the time
  the answer took; learned on one half of the requests (by a hash of the subject) and read off on the other; where ten or
  more were refused, for fewer teach nothing;
- the time the answer took.

Whichever tells more is reported, with an interval that allows for having had two to choose from. A value of 0.5 means that
doubt falls on harmful and harmless alike, and the asking buys nothing but time; below it, doubt falls on the wrong ones.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.shared import arrays, intervals
from aboveboard.analyses.shared.survival import Estimate

LIKENESS, TIME = "likeness to the refused", "time taken"
ENOUGH = 10
"""Fewer refused than this teach nothing; fewer harmful or harmless than this show nothing."""
_Z_OF_TWO = 2.241402727604947
"""The 98.75 % point of the normal distribution: 95 % for two intervals together (Bonferroni)."""
UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def auc(harmful: arrays.Array, harmless: arrays.Array, z: float = intervals.Z95) -> Estimate:
    """P(a harmful case's score is above a harmless one's), ties half, with a 95 % interval; NaN where either is below two.

    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44, 837–845; by ranks as in Sun, X. and Xu, W. (2014), IEEE
    Signal Processing Letters 21, 1389–1393.
    """
    m, n = len(harmful), len(harmless)
    if m < 2 or n < 2:
        return UNKNOWN
    joint = _midranks(np.concatenate([harmful, harmless]))
    above = (joint[:m] - _midranks(harmful)) / n
    below = 1 - (joint[m:] - _midranks(harmless)) / m
    value = float(above.mean())
    reach = z * float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n))
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
    scores = {TIME: minutes}
    if int(refused.sum()) >= ENOUGH:
        scores[LIKENESS] = _likeness(np.column_stack([codes, _quarters(minutes)]), half, refused)
    parted = {name: _parted(score, ~refused, harmed) for name, score in scores.items()}
    known = {name: parts for name, parts in parted.items() if min(map(len, parts)) >= ENOUGH}
    if not known:
        return UNKNOWN, ""
    z = intervals.Z95 if len(known) == 1 else _Z_OF_TWO
    areas = {name: auc(*parts, z) for name, parts in known.items()}
    return max(((area, name) for name, area in areas.items()), key=lambda one: one[0].value)


def _parted(score: arrays.Array, granted: arrays.Array, harmed: arrays.Array) -> tuple[arrays.Array, arrays.Array]:
    """The scores of the harmful and of the harmless among those granted."""
    known = granted & ~np.isnan(score)
    return score[known & (harmed == 1)], score[known & (harmed == 0)]


def _quarters(minutes: arrays.Array) -> arrays.Array:
    known = minutes[~np.isnan(minutes)]
    if not len(known):
        return np.full(len(minutes), -1)
    edges = np.quantile(known, [0.25, 0.5, 0.75])
    return np.where(np.isnan(minutes), -1, np.searchsorted(edges, minutes))


def _likeness(codes: arrays.Array, half: arrays.Array, refused: arrays.Array) -> arrays.Array:
    """Log-odds of being refused, for each half by what the other half teaches; one count is added to each cell."""
    score = np.zeros(len(codes))
    for here in (0, 1):
        learned, read = half != here, half == here
        for feature in codes.T + 1:
            size = int(feature.max()) + 1
            no = np.bincount(feature[learned & refused], minlength=size) + 1.0
            yes = np.bincount(feature[learned & ~refused], minlength=size) + 1.0
            score[read] += np.log((no / no.sum()) / (yes / yes.sum()))[feature[read]]
    return score
