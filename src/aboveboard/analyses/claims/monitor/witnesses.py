"""Which events make a formula true, or false, at one event: the least that one would show to somebody who doubts it."""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.claims.monitor.evaluation import Evaluation
from aboveboard.analyses.claims.monitor.traces import Bools, Range, Rows
from aboveboard.analyses.claims.monitor.truth import Truth
from aboveboard.playbook.temporal import tree

_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}


class Witnesses:
    """Looks for witnesses in an evaluation. Each operator's rows are prepared once; a claim then costs no search."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._windows: dict[int, Range] = {}
        self._nearest: dict[tuple[int, Truth, bool], Rows] = {}

    def of(self, node: tree.Formula, row: int, truth: Truth) -> set[int]:
        """Return the rows that show why `node` is `truth` (TRUE or FALSE, for good) at `row`.

        Of several that would do, the nearest in time. What is true because nothing happened (`not once …`, `always …`), or false
        because nothing did, has no witness.
        """
        match node:
            case tree.Atom():
                return {row}
            case tree.Not(of):
                return self.of(of, row, _OPPOSITE[truth])
            case tree.Implies(left, right):
                return self._implied(left, right, row, truth)
            case tree.And(parts) | tree.Or(parts):
                return self._joined(parts, row, truth, all_needed=isinstance(node, tree.And) == (truth is Truth.TRUE))
            case tree.Once(of) | tree.Eventually(of):
                return self._found(node, of, row, truth) if truth is Truth.TRUE else set()
            case tree.Historically(of) | tree.Always(of):
                return self._found(node, of, row, truth) if truth is Truth.FALSE else set()
            case tree.Since(left, right) | tree.Until(left, right):
                if truth is Truth.TRUE:
                    return self._found(node, right, row, truth)
                return self._broken(node, left, right, row)

    def _implied(self, left: tree.Formula, right: tree.Formula, row: int, truth: Truth) -> set[int]:
        if truth is Truth.FALSE:
            return self.of(left, row, Truth.TRUE) | self.of(right, row, Truth.FALSE)
        if self._evaluation.values(right)[row] == Truth.TRUE:
            return self.of(right, row, Truth.TRUE)
        return self.of(left, row, Truth.FALSE)

    def _joined(self, parts: tuple[tree.Formula, ...], row: int, truth: Truth, *, all_needed: bool) -> set[int]:
        such = [part for part in parts if self._evaluation.values(part)[row] == truth]
        return set().union(*(self.of(part, row, truth) for part in (such if all_needed else such[:1])))

    def _found(self, node: tree.Formula, part: tree.Formula, row: int, truth: Truth) -> set[int]:
        """The nearest row of the window at which the part is so, with what shows that it is."""
        start, stop = self._window(node)
        back = isinstance(node, (tree.Once, tree.Historically, tree.Since))
        nearest = self._row(part, truth, back=back)
        found = int(nearest[stop[row] - 1] if back else nearest[start[row]])
        return {found} | self.of(part, found, truth)

    def _broken(self, node: tree.Formula, left: tree.Formula, right: tree.Formula, row: int) -> set[int]:
        """`right` did come, but `left` failed between: the failure that lies nearest."""
        start, stop = self._window(node)
        back = isinstance(node, tree.Since)
        came = self._row(right, Truth.TRUE, back=back)
        if start[row] >= stop[row]:
            return set()
        there = int(came[stop[row] - 1] if back else came[start[row]])
        if not start[row] <= there < stop[row]:
            return set()
        rows = self._evaluation.traces
        at = rows.same_end[row] - 1 if back else rows.same_first[row]
        failed = int(self._row(left, Truth.FALSE, back=back)[at])
        return {failed} | self.of(left, failed, Truth.FALSE)

    def _window(self, node: tree.Formula) -> Range:
        if id(node) not in self._windows:
            interval = getattr(node, "interval")  # noqa: B009 - only the kinds that have one come here
            rows = self._evaluation.traces
            back = isinstance(node, (tree.Once, tree.Historically, tree.Since))
            self._windows[id(node)] = rows.before(interval) if back else rows.after(interval)
        return self._windows[id(node)]

    def _row(self, node: tree.Formula, truth: Truth, *, back: bool) -> Rows:
        """For each row the nearest up to it (`back`) or from it on at which the formula has the value; −1 or too far for none."""
        key = (id(node), truth, back)
        if key not in self._nearest:
            self._nearest[key] = _last(self._evaluation.values(node) == truth, back=back)
        return self._nearest[key]


def _last(wanted: Bools, *, back: bool) -> Rows:
    rows = np.arange(len(wanted))
    if back:
        return np.maximum.accumulate(np.where(wanted, rows, -1))
    return np.append(np.minimum.accumulate(np.where(wanted, rows, len(rows))[::-1])[::-1], len(rows))
