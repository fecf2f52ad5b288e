"""What a formula means, as it is defined: one trace, one event at a time, every other event looked at. Slow on purpose.

Two readings. `holds` is two-valued: the formula on the events that there are, as if nothing came after them (finite-trace
semantics). `truth` is four-valued: 0 false for good, 1 presumably false, 2 presumably true, 3 true for good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.temporal import tree

MINUTE = 60_000_000


@dataclass(frozen=True)
class Trace:
    """Times in microseconds, never falling; for each event the conditions it meets; up to when the record is known."""

    times: Sequence[int]
    met: Mapping[Condition, Sequence[bool]]
    as_of: int
    due: int | None = None

    def inside(self, interval: tree.Interval, now: int, then: int) -> bool:
        """Whether the moment `then` lies in the window ahead of `now`; a window behind is one ahead of the other moment."""
        if then - now < interval.low * MINUTE:
            return False
        if interval.high == tree.DUE:
            return self.due is None or then <= self.due
        return interval.high is None or then - now <= interval.high * MINUTE

    def still_open(self, interval: tree.Interval, now: int) -> bool:
        """Whether a moment after `as_of` lies in the window ahead."""
        if interval.high == tree.DUE:
            return self.due is None or (self.due > self.as_of and self.due - now >= interval.low * MINUTE)
        return interval.high is None or now + interval.high * MINUTE > self.as_of


def holds(node: tree.Formula, here: int, trace: Trace) -> bool:
    """Whether the formula is true at event `here` of the trace as it stands."""
    at = partial(holds, trace=trace)
    times, now = trace.times, trace.times[here]
    behind = [j for j, then in enumerate(times) if then <= now]
    ahead = [j for j, then in enumerate(times) if then >= now]
    match node:
        case tree.Atom(condition):
            return trace.met[condition][here]
        case tree.Not(of):
            return not at(of, here)
        case tree.And(parts):
            return all(at(part, here) for part in parts)
        case tree.Or(parts):
            return any(at(part, here) for part in parts)
        case tree.Implies(left, right):
            return not at(left, here) or at(right, here)
        case tree.Once(of, interval):
            return any(trace.inside(interval, times[j], now) and at(of, j) for j in behind)
        case tree.Historically(of, interval):
            return all(not trace.inside(interval, times[j], now) or at(of, j) for j in behind)
        case tree.Eventually(of, interval):
            return any(trace.inside(interval, now, times[j]) and at(of, j) for j in ahead)
        case tree.Always(of, interval):
            return all(not trace.inside(interval, now, times[j]) or at(of, j) for j in ahead)
        case tree.Since(left, right, interval):
            return any(
                trace.inside(interval, times[j], now)
                and at(right, j)
                and all(at(left, k) for k in behind if times[j] < times[k])
                for j in behind
            )
        case tree.Until(left, right, interval):
            return any(
                trace.inside(interval, now, times[j])
                and at(right, j)
                and all(at(left, k) for k in ahead if times[k] < times[j])
                for j in ahead
            )


def truth(node: tree.Formula, here: int, trace: Trace) -> int:
    """The value of the formula at event `here`: 0, 1, 2 or 3."""
    at = partial(truth, trace=trace)
    times, now = trace.times, trace.times[here]
    behind = [j for j, then in enumerate(times) if then <= now]
    ahead = [j for j, then in enumerate(times) if then >= now]
    match node:
        case tree.Atom(condition):
            return 3 if trace.met[condition][here] else 0
        case tree.Not(of):
            return 3 - at(of, here)
        case tree.And(parts):
            return min(at(part, here) for part in parts)
        case tree.Or(parts):
            return max(at(part, here) for part in parts)
        case tree.Implies(left, right):
            return max(3 - at(left, here), at(right, here))
        case tree.Once(of, interval):
            return max((at(of, j) for j in behind if trace.inside(interval, times[j], now)), default=0)
        case tree.Historically(of, interval):
            return min((at(of, j) for j in behind if trace.inside(interval, times[j], now)), default=3)
        case tree.Eventually(of, interval):
            seen = max((at(of, j) for j in ahead if trace.inside(interval, now, times[j])), default=0)
            return max(seen, 1) if trace.still_open(interval, now) else seen
        case tree.Always(of, interval):
            seen = min((at(of, j) for j in ahead if trace.inside(interval, now, times[j])), default=3)
            return min(seen, 2) if trace.still_open(interval, now) else seen
        case tree.Since(left, right, interval):
            return max(
                (
                    min([at(right, j), *(at(left, k) for k in behind if times[j] < times[k])])
                    for j in behind
                    if trace.inside(interval, times[j], now)
                ),
                default=0,
            )
        case tree.Until(left, right, interval):
            seen = max(
                (
                    min([at(right, j), *(at(left, k) for k in ahead if times[k] < times[j])])
                    for j in ahead
                    if trace.inside(interval, now, times[j])
                ),
                default=0,
            )
            if trace.still_open(interval, now):
                return max(seen, min([1, *(at(left, k) for k in ahead)]))
            return seen
