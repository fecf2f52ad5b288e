"""Does the approver tell harmful from harmless? The area under the curve of the approver's doubt, with its interval.

Harm shows only where the answer was yes, so the noes cannot be held against what came of them. What can be asked is
whether the doubt that refuses some also stands higher in those granted that went wrong. Doubt is

- likeness to the refused: naive Bayes log-odds of being refused, over what the approver saw of the request and the time
  the answer took; learned on one half of the requests (by a hash of the subject) and read off on the other;
- where fewer than ten were refused, and there is nothing to learn likeness from: the time the answer took.

A value of 0.5 means that doubt falls on harmful and harmless alike, and the asking buys nothing but time.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.shared import arrays, intervals
from aboveboard.analyses.shared.survival import Estimate

LIKENESS, TIME = "likeness to the refused", "time taken"
ENOUGH = 10
"""Fewer refused than this teach nothing; fewer harmful or harmless than this show nothing."""
UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def auc(harmful: arrays.Array, harmless: arrays.Array) -> Estimate:
    """P(a harmful case's score is above a harmless one's), ties half, with a 95 % interval; NaN where either is empty.

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
    reach = intervals.Z95 * float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n))
    return Estimate(value, max(0.0, value - reach), min(1.0, value + reach))


def _midranks(values: arrays.Array) -> arrays.Array:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return np.asarray((last - (counts - 1) / 2)[place])


def discrimination(
    codes: arrays.Array, minutes: arrays.Array, half: arrays.Array, refused: arrays.Array, harmed: arrays.Array
) -> tuple[Estimate, str]:
    """How well doubt tells harm: (area with interval, what stands for doubt).

    One row per decided request: `codes` (requests × features) small whole numbers, −1 where absent; `minutes` the
    time taken, NaN where unknown; `half` 0 or 1; `refused` boolean; `harmed` 1, 0, or NaN where not known (refused, or
    too young). NaN where fewer than ten harmful or harmless are known.
    """
    judged = ~refused & ~np.isnan(harmed)
    likeness = int(refused.sum()) >= ENOUGH
    score = _likeness(np.column_stack([codes, _quarters(minutes)]), half, refused) if likeness else minutes
    judged &= ~np.isnan(score)
    harmful, harmless = score[judged & (harmed == 1)], score[judged & (harmed == 0)]
    if min(len(harmful), len(harmless)) < ENOUGH:
        return UNKNOWN, ""
    return auc(harmful, harmless), LIKENESS if likeness else TIME


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
