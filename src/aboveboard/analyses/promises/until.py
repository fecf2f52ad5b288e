"""Until what time of day a promise holds: the hours of the clock cut in two, where it is kept and where it is not.

The cut is sought on the even days and must prove itself on the odd ones, so that a pattern that chance put into one
half is not sold as a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.promises import counts
from aboveboard.analyses.shared import arrays, discoveries, intervals

SLOTS = 96
FINE = 400
"""From this many ended promises on the cut is sought by quarter hours, below by hours."""
CONFIRMED = 0.01
"""The p-value that the other half of the days must reach."""
WORTH_SAYING = 0.2
"""A stretch in which fewer than this share of the promises are made is no promise that anybody would give."""
SHORTEST = 8
"""Nor is one of fewer quarter hours than these."""
GAP = 8
"""This many quarter hours without a start are the hours in which nobody asks."""


@dataclass(frozen=True)
class Until:
    """Promises made from `start` until before `end` hold: quarter hours of the local day, `end` up to 96.

    The stretch may run over midnight (`start` > `end`). `opens` is False where nothing starts in the hours before
    `start`, so that "until `end`" says it all.
    """

    start: int
    end: int
    opens: bool


@dataclass(frozen=True)
class _Day:
    """Ended and missed promises per day (rows) and per slot of the clock at which any started (columns)."""

    slots: arrays.Array
    width: int
    ended: arrays.Array
    missed: arrays.Array

    def days(self, parity: int) -> _Day:
        return _Day(self.slots, self.width, self.ended[parity::2], self.missed[parity::2])


def find(cells: arrays.Cells, objective: float) -> Until | None:
    """The stretch of the day in which the promise holds at `objective` while it does not in the rest; None if none.

    `cells` has `day`, `slot` (0–95), `ended` and `missed`, all of one promise. On one half of the days the stretch is
    the one of greatest likelihood under two kept shares, one inside and one outside, among those in which the
    objective is within reach (upper Wilson bound), in its first and last hour too. It stands when, on the other half,
    the outside misses more (p < 0.01, days as witnesses), the objective is within reach inside and out of reach
    outside. Its ends are then drawn from all days. Both sides need 20 ended promises in each half; the stretch needs a
    fifth of all, and two hours.
    """
    day = _arrange(cells)
    first = _likeliest(day.days(0), objective)
    if first is None or not _holds(first, day.days(1), objective):
        return None
    inside = _likeliest(day, objective)
    return None if inside is None else _named(inside, day)


def _arrange(cells: arrays.Cells) -> _Day:
    width = 1 if cells["ended"].sum() >= FINE else 4
    days, row = np.unique(cells["day"], return_inverse=True)
    slots, column = np.unique(cells["slot"] // width * width, return_inverse=True)
    ended, missed = np.zeros((len(days), len(slots))), np.zeros((len(days), len(slots)))
    np.add.at(ended, (row, column), cells["ended"])
    np.add.at(missed, (row, column), cells["missed"])
    return _Day(slots, width, ended, missed)


def _likeliest(day: _Day, objective: float) -> arrays.Array | None:
    """Which slots are inside the likeliest stretch (a mask), over every stretch round the clock."""
    slots = len(day.slots)
    if slots < 2:
        return None
    ended, missed = day.ended.sum(axis=0), day.missed.sum(axis=0)
    # Row i, column k: the stretch that starts at slot i and is k + 1 slots long, running on over midnight.
    n, x = (_stretches(count)[:, : slots - 1] for count in (ended, missed))
    rest_n, rest_x = ended.sum() - n, missed.sum() - x
    hour = max(1, 4 // day.width)
    last_n, last_x = (np.where(np.arange(slots - 1) < hour, all_, _last_hour(all_, hour)) for all_ in (n, x))
    first_n, first_x = (np.where(np.arange(slots - 1) < hour, all_, all_[:, [hour - 1]]) for all_ in (n, x))
    fits = (n >= max(counts.ENOUGH, WORTH_SAYING * ended.sum())) & (rest_n >= counts.ENOUGH) & (x * rest_n < rest_x * n)
    fits &= (np.arange(slots - 1) + 1) * day.width >= SHORTEST
    for part_n, part_x in ((n, x), (first_n, first_x), (last_n, last_x)):
        fits &= (part_n == 0) | _within_reach(part_n - part_x, part_n, objective)
    likelihood = np.where(fits, _likelihood(x, n) + _likelihood(rest_x, rest_n), -np.inf)
    if not fits.any():
        return None
    start, length = np.unravel_index(int(np.argmax(likelihood)), likelihood.shape)
    mask = np.zeros(slots, dtype=bool)
    mask[(start + np.arange(length + 1)) % slots] = True
    return mask


def _stretches(count: arrays.Array) -> arrays.Array:
    size = len(count)
    sums = np.concatenate(([0.0], np.cumsum(np.tile(count, 2))))
    starts = np.arange(size)[:, None]
    return np.asarray(sums[starts + np.arange(1, size + 1)[None, :]] - sums[starts])


def _last_hour(stretches: arrays.Array, hour: int) -> arrays.Array:
    """The last `hour` slots of each stretch: the stretch less the one that ends that much earlier."""
    earlier = np.zeros_like(stretches)
    earlier[:, hour:] = stretches[:, :-hour]
    return stretches - earlier


def _within_reach(kept: arrays.Array, ended: arrays.Array, objective: float) -> arrays.Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(intervals.wilson(kept, ended)[1] >= objective)


def _likelihood(missed: arrays.Array, ended: arrays.Array) -> arrays.Array:
    """Binomial log-likelihood at the share seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = missed / ended
        parts = np.where(missed > 0, missed * np.log(p), 0) + np.where(
            missed < ended, (ended - missed) * np.log1p(-p), 0
        )
    return np.asarray(np.nan_to_num(parts))


def _holds(inside: arrays.Array, day: _Day, objective: float) -> bool:
    n, x = day.ended[:, ~inside].sum(axis=1), day.missed[:, ~inside].sum(axis=1)
    all_n, all_x = day.ended.sum(axis=1), day.missed.sum(axis=1)
    in_n, in_x, out_n, out_x = all_n.sum() - n.sum(), all_x.sum() - x.sum(), n.sum(), x.sum()
    if min(in_n, out_n) < counts.ENOUGH:
        return False
    z, p = discoveries.against_rest(x, n, all_x, all_n)
    reach = intervals.wilson([in_n - in_x, out_n - out_x], [in_n, out_n])[1]
    return z > 0 and p < CONFIRMED and bool(reach[0] >= objective > reach[1])


def _named(inside: arrays.Array, day: _Day) -> Until:
    """The mask as times of day: from its first slot to the end of its last one."""
    size = len(inside)
    first = next(i for i in range(size) if inside[i] and not inside[i - 1])
    last = next(i for i in range(size) if inside[i] and not inside[(i + 1) % size])
    before = (day.slots[first] - day.slots[first - 1] - day.width) % SLOTS
    return Until(int(day.slots[first]), int(day.slots[last]) + day.width, opens=bool(before < GAP))
