"""Traces as arrays: who precedes whom, and which rows lie in a window around each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.temporal import tree

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Range = tuple[Rows, Rows]
"""For each row the first row of its window and the row after its last; an empty window has none between."""

FAR = 2**61
"""Microseconds without end: beyond every time, and added to one without overflow."""

_MINUTE = 60_000_000


def micros(minutes: float) -> int:
    """Return the microseconds of an interval's end, rounded to a whole one."""
    return min(round(minutes * _MINUTE), FAR)


@dataclass(frozen=True)
class Traces:
    """The events of one or more traces, sorted by trace, then time, then id.

    `trace`: a number for the trace of each event, never falling. `time`: microseconds since 1970, never falling within a trace,
    within the years 1685 to 2255 (a double holds them exactly). `atoms`: for each condition whether each event meets it.
    `as_of`: up to when the record is known, in microseconds; no event lies after it. `due`: for each event the moment
    `claim.due` of the claim that its trace belongs to, FAR where there is none; needed where a formula speaks of it.
    """

    trace: Rows
    time: Rows
    atoms: Mapping[Condition, Bools]
    as_of: int
    due: Rows | None = None

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def first(self) -> Rows:
        """For each event the first row of its trace."""
        return np.searchsorted(self.trace, self.trace, "left")

    @cached_property
    def end(self) -> Rows:
        """For each event the row after the last of its trace."""
        return np.searchsorted(self.trace, self.trace, "right")

    @cached_property
    def same_first(self) -> Rows:
        """For each event the first row of its trace at its time."""
        return self.rows_from(self.trace, self.time)

    @cached_property
    def same_end(self) -> Rows:
        """For each event the row after the last of its trace at its time."""
        return self.rows_up_to(self.trace, self.time)

    def rows_from(self, trace: Rows, time: Rows) -> Rows:
        """Return the first row of each trace at or after each time."""
        return np.searchsorted(self._places, _places(trace, time), "left")

    def rows_up_to(self, trace: Rows, time: Rows) -> Rows:
        """Return the row after the last of each trace at or before each time."""
        return np.searchsorted(self._places, _places(trace, time), "right")

    @cached_property
    def _places(self) -> npt.NDArray[np.complex128]:
        return _places(self.trace, self.time)

    def before(self, interval: tree.Interval) -> Range:
        """Return the window of each event that looks back over an interval."""
        start = self.first
        if interval.high is not None:
            assert not isinstance(interval.high, str)
            start = self.rows_from(self.trace, self.time - micros(interval.high))
        stop = self.same_end if interval.low == 0 else self.rows_up_to(self.trace, self.time - micros(interval.low))
        return start, stop

    def after(self, interval: tree.Interval) -> Range:
        """Return the window of each event that looks ahead over an interval."""
        start = self.same_first if interval.low == 0 else self.rows_from(self.trace, self.time + micros(interval.low))
        return start, self.end if interval.high is None else self.rows_up_to(self.trace, self._latest(interval))

    def still_open(self, interval: tree.Interval) -> Bools:
        """Return for each event whether events later than `as_of` may still fall into its window ahead."""
        return self._latest(interval) > self.as_of

    def _latest(self, interval: tree.Interval) -> Rows:
        if interval.high is None:
            return np.full(len(self), FAR)
        if not isinstance(interval.high, str):
            return self.time + micros(interval.high)
        if self.due is None:
            raise ValueError(f"the formula speaks of {tree.DUE}, and these traces carry no due times")
        # A window that would end before it begins holds nothing, also of what is still to come.
        return np.where(self.due < self.time + micros(interval.low), -FAR, self.due)


def _places(trace: Rows, time: Rows) -> npt.NDArray[np.complex128]:
    """Trace and time as one sortable number: numpy orders complex numbers by their real part, then by the other."""
    found = np.empty(len(trace), dtype=np.complex128)
    found.real, found.imag = trace, time
    return found
