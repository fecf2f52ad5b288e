"""The value of a formula at every event of every trace, each operator in one pass over the rows.

With four values, "the greatest value in the window" is three questions of yes and no: is there one that reaches this level?
Each is answered by running counts at the two ends of the window, so the cost does not depend on how many events a window
holds. `f since g` asks for a `g` no earlier than the last event at which `f` fell below the level, which only shortens the
window: one summary per position, as in the monitors of Thati and Roşu (2005) and of Basin, Klaedtke and Zălinescu (2018), laid
out as arrays. The ends of windows are found by binary search among sorted rows, the only part that is not strictly linear: one
operator over m events costs m · log m comparisons there, a small share of its time (docs/measures/monitor.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.claims.monitor.traces import Bools, Range, Rows, Traces
from aboveboard.analyses.claims.monitor.truth import Truth
from aboveboard.playbook.temporal import tree

Levels = npt.NDArray[np.int8]
"""One of `Truth` for each event."""


class Evaluation:
    """One formula over traces; values of its parts are worked out once and kept."""

    def __init__(self, traces: Traces) -> None:
        self.traces = traces
        # By identity, as a tree's hash costs its size; the node is kept so that no other can take its place in memory.
        self._values: dict[int, tuple[tree.Formula, Levels]] = {}

    def values(self, node: tree.Formula) -> Levels:
        """Return the value of a formula at each event. Raises KeyError where a condition is not among the atoms."""
        if id(node) not in self._values:
            self._values[id(node)] = (node, self._value(node))
        return self._values[id(node)][1]

    def _value(self, node: tree.Formula) -> Levels:
        match node:
            case tree.Atom(condition):
                return self.traces.atoms[condition].astype(np.int8) * np.int8(Truth.TRUE)
            case tree.Not(of):
                return opposite(self.values(of))
            case tree.And(parts):
                return reduce(np.minimum, (self.values(part) for part in parts))
            case tree.Or(parts):
                return reduce(np.maximum, (self.values(part) for part in parts))
            case tree.Implies(left, right):
                return np.maximum(opposite(self.values(left)), self.values(right))
            case tree.Once(of, interval):
                return self._since(None, self.values(of), interval)
            case tree.Historically(of, interval):
                return opposite(self._since(None, opposite(self.values(of)), interval))
            case tree.Since(left, right, interval):
                return self._since(self.values(left), self.values(right), interval)
            case tree.Eventually(of, interval):
                return self._until(None, self.values(of), interval)
            case tree.Always(of, interval):
                return opposite(self._until(None, opposite(self.values(of)), interval))
            case tree.Until(left, right, interval):
                return self._until(self.values(left), self.values(right), interval)

    def _since(self, left: Levels | None, right: Levels, interval: tree.Interval) -> Levels:
        start, stop = self.traces.before(interval)
        found = np.zeros(len(right), dtype=np.int8)
        for level, weight in _levels(left, right):
            begin = start if left is None else np.maximum(start, self.unbroken_since(left < level))
            found += _any_between(right >= level, (begin, stop)) * np.int8(weight)
        return found

    def _until(self, left: Levels | None, right: Levels, interval: tree.Interval) -> Levels:
        start, stop = self.traces.after(interval)
        found = np.zeros(len(right), dtype=np.int8)
        for level, weight in _levels(left, right):
            end = stop if left is None else np.minimum(stop, self.unbroken_until(left < level))
            found += _any_between(right >= level, (start, end)) * np.int8(weight)
        return np.maximum(found, self._awaited(left, interval) * np.int8(Truth.PRESUMABLY_FALSE))

    def _awaited(self, left: Levels | None, interval: tree.Interval) -> Bools:
        """Whether what has not come may still come: the window is open, and `left` has not failed for good."""
        still = self.traces.still_open(interval)
        if left is None:
            return still
        return still & ~_any_between(left == Truth.FALSE, (self.traces.same_first, self.traces.end))

    def unbroken_since(self, broken: Bools) -> Rows:
        """Return for each event the first row at the time of the last broken event up to now; else of its trace."""
        rows = self.traces
        latest = np.maximum.accumulate(np.where(broken, rows.same_first, rows.first))
        return latest[rows.same_end - 1]

    def unbroken_until(self, broken: Bools) -> Rows:
        """Return for each event the row after the time of the first broken event from now on; else after its trace."""
        rows = self.traces
        earliest = np.minimum.accumulate(np.where(broken, rows.same_end, rows.end)[::-1])[::-1]
        return earliest[rows.same_first]


def opposite(values: Levels) -> Levels:
    """Return the values of the negation."""
    return np.int8(Truth.TRUE) - values


def _levels(left: Levels | None, right: Levels) -> Iterator[tuple[int, int]]:
    """The levels at which something changes, each with the number of levels that it stands for.

    Where no value lies between two levels, both ask the same: plain true and false are one question, not three.
    """
    held = np.bincount(right, minlength=4) > 0
    if left is not None:
        held |= np.bincount(left, minlength=4) > 0
    below = 0
    for level in (1, 2, 3):
        if held[level]:
            yield level, level - below
            below = level


def _any_between(wanted: Bools, window: Range) -> Bools:
    """Whether any wanted row lies in each window; a window that ends before it starts is empty."""
    counts = np.zeros(len(wanted) + 1, dtype=np.int64)
    np.cumsum(wanted, out=counts[1:])
    start, stop = window
    return counts[stop] > counts[start]
