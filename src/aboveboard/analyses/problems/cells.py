"""What the scan needs of the occasions: counts per place and step of time. The engine gathers them, once.

Occasions of one kind, rule, place, period, hour and weekday become one row, so the scan costs what the number of such
cells costs, and no more than the number of occasions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.analyses.problems import regions
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import AXES, CALENDAR, CUTS, PLACES, Region, Stratum
from aboveboard.analyses.shared import arrays
from aboveboard.analyses.shared.arrays import Array

LEAST = 5
"""A region with fewer breakdowns than this is told case by case elsewhere, and is no problem of its own."""
_STEPS = {regions.HOUR: 24, regions.WEEKDAY: 7}


@dataclass(frozen=True)
class Cells:
    """The cells of one kind and rule: occasions and breakdowns, where, and at which step of each axis.

    A place is a code into its `levels`, −1 where it is not known.
    """

    stratum: Stratum
    codes: Mapping[str, Array]
    levels: Mapping[str, tuple[str, ...]]
    steps: Mapping[str, Array]
    n: Array
    broken: Array
    calendar: Calendar

    def outside(self, region: Region) -> Cells:
        """The cells that the region does not hold."""
        inside = np.ones(len(self.n), dtype=bool)
        for column, value in region.place:
            inside &= self.codes[column] == self.levels[column].index(value)
        if not region.whole:
            first, last = region.start, region.end
            if region.axis == CALENDAR:
                first, last = ((day - self.calendar.first) // self.calendar.size for day in (first, last))
            elif region.axis == regions.WEEKDAY:
                first, last = first - 1, last - 1
            inside &= (self.steps[region.axis] >= first) & (self.steps[region.axis] < last)
        left = ~inside
        return Cells(
            self.stratum,
            {name: codes[left] for name, codes in self.codes.items()},
            self.levels,
            {axis: steps[left] for axis, steps in self.steps.items()},
            self.n[left],
            self.broken[left],
            self.calendar,
        )

    def searches(self) -> Iterator[Search]:
        """Every cut along every axis; pairs of places along the calendar only."""
        for cut in CUTS:
            known = np.ones(len(self.n), dtype=bool)
            level = np.zeros(len(self.n), dtype=np.int64)
            for name in cut:
                known &= self.codes[name] >= 0
                level = level * max(len(self.levels[name]), 1) + self.codes[name]
            distinct, place = np.unique(level[known], return_inverse=True)
            for axis in AXES if len(cut) < 2 else (CALENDAR,):
                yield self._search(cut, axis, known, distinct, place)

    def _search(self, cut: tuple[str, ...], axis: str, known: Array, distinct: Array, place: Array) -> Search:
        steps = self.calendar.periods if axis == CALENDAR else _STEPS[axis]
        totals, hit = (
            np.bincount(place, each[known], len(distinct)).astype(np.int64) for each in (self.n, self.broken)
        )
        sizes = np.bincount(np.frexp(totals)[1] - 1) if len(totals) else np.zeros(0, dtype=np.int64)
        held = np.flatnonzero((hit >= LEAST) | (not cut))
        row = np.full(len(distinct), -1)
        row[held] = np.arange(len(held))
        mine = row[place] >= 0
        at = row[place][mine] * steps + self.steps[axis][known][mine]
        n, broken = (
            np.bincount(at, each[known][mine], len(held) * steps).astype(np.int64).reshape(len(held), steps)
            for each in (self.n, self.broken)
        )
        places = tuple(self._place(cut, int(code)) for code in distinct[held])
        return Search(
            self.stratum,
            cut,
            axis,
            places,
            n,
            broken,
            {power: int(count) for power, count in enumerate(sizes) if count},
        )

    def _place(self, cut: tuple[str, ...], code: int) -> tuple[tuple[str, str], ...]:
        values = []
        for name in reversed(cut):
            code, own = divmod(code, max(len(self.levels[name]), 1))
            values.append((name, self.levels[name][own]))
        return tuple(reversed(values))


@dataclass(frozen=True)
class Search:
    """One kind and rule, cut by one set of places along one axis.

    `places` are the levels with enough breakdowns to hold a region; `n` and `broken` their counts, a row per level and a
    column per step. `sizes` says how many levels there are at all: power of two of their occasions → how many.
    """

    stratum: Stratum
    cut: tuple[str, ...]
    axis: str
    places: tuple[tuple[tuple[str, str], ...], ...]
    n: Array
    broken: Array
    sizes: Mapping[int, int]


def gathered(timed: Any, calendar: Calendar) -> list[Cells]:
    """The cells of every kind and rule in which enough went wrong, and something right; `timed` have their clock."""
    period = ((timed.day - calendar.first) / calendar.size).floor().cast("int64")
    lines = timed.mutate(period=period)
    by = ["kind", "rule", *PLACES, "period", "hour", "weekday"]
    table = arrays.cells(
        lines.group_by(by).aggregate(
            n=lines.count().cast("int64"), broken=lines.broken.ifelse(1, 0).sum().cast("int64")
        )
    )
    return of_counts(table, calendar)


def of_counts(table: arrays.Cells, calendar: Calendar) -> list[Cells]:
    """The same from the counts themselves: kind, rule, the places, period, hour, weekday, n, broken."""
    (kind, kinds), (rule, rules) = (_coded(table[name]) for name in ("kind", "rule"))
    number = kind * (len(rules) + 1) + rule + 1
    strata = []
    for one in np.unique(number).tolist():
        mine = number == one
        of_kind, of_rule = divmod(one, len(rules) + 1)
        stratum = kinds[of_kind], rules[of_rule - 1] if of_rule else None
        strata.append(_cells(stratum, {name: column[mine] for name, column in table.items()}, calendar))
    return [each for each in strata if LEAST <= each.broken.sum() < each.n.sum()]


def _cells(stratum: Stratum, table: arrays.Cells, calendar: Calendar) -> Cells:
    codes, levels = {}, {}
    for name in PLACES:
        codes[name], levels[name] = _coded(table[name])
    steps = {CALENDAR: table["period"], regions.HOUR: table["hour"], regions.WEEKDAY: table["weekday"] - 1}
    return Cells(stratum, codes, levels, steps, table["n"], table["broken"], calendar)


def _coded(values: Array) -> tuple[Array, tuple[str, ...]]:
    """The place of each text among the sorted distinct ones, −1 where it is absent; and those."""
    encoded = pa.array(values, pa.string()).dictionary_encode()
    levels = encoded.dictionary.to_pylist()
    order = sorted(range(len(levels)), key=lambda place: levels[place])
    place = np.full(len(levels) + 1, -1)
    place[order] = np.arange(len(levels))
    codes = encoded.indices.fill_null(len(levels)).to_numpy(zero_copy_only=False)
    return place[codes], tuple(levels[number] for number in order)
