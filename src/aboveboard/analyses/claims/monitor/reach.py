"""How far from an event a formula looks: the span of time outside of which nothing can change its value there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import inf
from operator import or_

import numpy as np

from aboveboard.analyses.claims.monitor.traces import FAR, Rows, micros
from aboveboard.playbook.temporal import tree


@dataclass(frozen=True)
class Reach:
    """From `begin` to the later of `end` (both in microseconds from the event) and of `claim.due` plus `after_due`.

    −inf and inf are without end; `after_due` −inf where no window ends at `claim.due`, `end` −inf where all do.
    """

    begin: float = 0.0
    end: float = 0.0
    after_due: float = -inf

    def back(self, low: float, high: float) -> Reach:
        """The span that windows from `high` to `low` before cover."""
        return Reach(self.begin - high, _later(self.end, -low), _later(self.after_due, -low))

    def ahead(self, low: float, high: float) -> Reach:
        """The span that windows from `low` to `high` after cover."""
        return Reach(_later(self.begin, low), _later(self.end, high), _later(self.after_due, high))

    def up_to_due(self, low: float) -> Reach:
        """The span that windows from `low` after to `claim.due` cover."""
        start = _later(self.begin, low)
        return Reach(start, start, 0.0)

    def __or__(self, other: Reach) -> Reach:
        return Reach(min(self.begin, other.begin), max(self.end, other.end), max(self.after_due, other.after_due))

    def earliest(self, at: Rows) -> Rows:
        """Return where the span begins for each event; −FAR without end."""
        return np.full(len(at), -FAR) if self.begin == -inf else at + whole(self.begin)

    def latest(self, at: Rows, due: Rows) -> Rows:
        """Return where it ends for each event; `due` FAR, and what comes to FAR or more, is without end."""
        end = np.full(len(at), FAR) if self.end == inf else at + whole(self.end)
        if self.after_due == -inf:
            return end
        late = np.full(len(at), FAR) if self.after_due == inf else due + whole(self.after_due)
        return np.where(due >= FAR, FAR, np.maximum(end, late))


def whole(micros: float) -> int:
    """Return microseconds as an integer that can be added to a time."""
    return int(min(max(micros, -FAR), FAR))


def reach(node: tree.Formula, at: Reach = Reach()) -> Reach:
    """Return the span that a formula looks at, where it is asked for everywhere within `at`.

    Windows on the way belong to it too: which events lie in them decides where what stands below is asked for.
    """
    match node:
        case tree.Atom():
            return at
        case tree.Since(left, right, interval):
            behind = at.back(*_ends(interval))
            return behind | reach(right, behind) | reach(left, at.back(0.0, _ends(interval)[1]))
        case tree.Until(left, right, interval):
            ahead = _ahead(at, interval)
            return ahead | reach(right, ahead) | reach(left, at | ahead)
        case tree.Once(of, interval) | tree.Historically(of, interval):
            behind = at.back(*_ends(interval))
            return behind | reach(of, behind)
        case tree.Eventually(of, interval) | tree.Always(of, interval):
            ahead = _ahead(at, interval)
            return ahead | reach(of, ahead)
        case _:
            return reduce(or_, (reach(child, at) for child in tree.children(node)))


def _ahead(at: Reach, interval: tree.Interval) -> Reach:
    if interval.high == tree.DUE:
        return at.up_to_due(float(micros(interval.low)))
    return at.ahead(*_ends(interval))


def _ends(interval: tree.Interval) -> tuple[float, float]:
    assert not isinstance(interval.high, str)
    return float(micros(interval.low)), inf if interval.high is None else float(micros(interval.high))


def _later(moment: float, by: float) -> float:
    """−inf stays what it is: it stands for "no such end"."""
    return moment if moment in (-inf, inf) else moment + by
