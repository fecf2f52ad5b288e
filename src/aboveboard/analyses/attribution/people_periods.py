"""Each employee's record in weeks, a few together where there is little to do: rows of equal length, the rest empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution import people_shared_days
from aboveboard.analyses.shared.arrays import Array, Cells

LEAST = 10.0
"""Weeks are taken together until there are so many contacts."""


@dataclass(frozen=True)
class Records:
    """Employees × periods; what lies beyond an employee's last period is 0 (`first_week`, `weeks`: 0 too)."""

    employees: tuple[str, ...]
    n: Array
    good: Array
    expected: Array
    spread: Array
    first_week: Array
    weeks: Array

    @property
    def lengths(self) -> Array:
        """How many periods each employee has."""
        counted: Array = (self.n > 0).sum(axis=1)
        return counted

    def only(self, chosen: Array) -> Records:
        """Some employees, by number; one may come more than once."""
        return self._with(lambda part: part[chosen], tuple(self.employees[number] for number in chosen))

    def at(self, period: int) -> Records:
        """One period of everybody, without its dimension."""
        return self._with(lambda part: part[:, period], self.employees)

    def _with(self, change: Callable[[Array], Array], employees: tuple[str, ...]) -> Records:
        parts = (self.n, self.good, self.expected, self.spread, self.first_week, self.weeks)
        n, good, expected, spread, first_week, weeks = (change(part) for part in parts)
        return Records(employees, n, good, expected, spread, first_week, weeks)


def records(days: Cells) -> tuple[Records, Array]:
    """From the rows of `people_case_mix.days`, in order of employee and day; and the period of each row."""
    names, who = np.unique(days["employee"].astype(str), return_inverse=True)
    week = people_shared_days.weeks(days["day"])
    pairs, place = np.unique(np.column_stack([who, week]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    counted = np.bincount(place, days["n"]) if len(place) else np.zeros(0)
    period = _periods(pairs[:, 0], counted)
    shape = (len(names), int(period.max(initial=-1)) + 1)
    at = who, period[place]

    def gathered(values: Array) -> Array:
        filled = np.zeros(shape)
        np.add.at(filled, at, values)
        return filled

    first, last = np.full(shape, np.iinfo(np.int64).max), np.zeros(shape, dtype=np.int64)
    np.minimum.at(first, at, week)
    np.maximum.at(last, at, week)
    n = gathered(days["n"])
    first = np.where(n > 0, first, 0)
    span = np.where(n > 0, last - first + 1, 0)
    good, expected, spread = (gathered(days[name]) for name in ("good", "expected", "spread"))
    return Records(tuple(str(name) for name in names), n, good, expected, spread, first, span), at[1]


def _periods(who: Array, counted: Array) -> Array:
    """The period of each week of each employee: a new one as soon as the last has enough; a rest joins the last."""
    period = np.zeros(len(who), dtype=np.int64)
    start, current, held = 0, 0, 0.0
    for place in range(len(who)):
        if who[place] != who[start]:
            _close(period, start, place, held)
            start, current, held = place, 0, 0.0
        elif held >= LEAST:
            current, held = current + 1, 0.0
        period[place] = current
        held += counted[place]
    _close(period, start, len(who), held)
    return period


def _close(period: Array, start: int, end: int, held: float) -> None:
    """Join an employee's last period to the one before where it is too small."""
    if held < LEAST and end > start and period[end - 1] > 0:
        last = period[end - 1]
        period[start:end][period[start:end] == last] = last - 1
