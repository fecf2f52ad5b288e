"""What the scan needs of the occasions: counts per place and step of time, gathered by the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.problems import regions
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import AXES, CALENDAR, CUTS, Region, Stratum
from aboveboard.analyses.shared import arrays
from aboveboard.analyses.shared.arrays import Array

LEAST = 5
"""A region with fewer breakdowns than this is told case by case elsewhere, and is no problem of its own."""
STEPS = {regions.HOUR: 24, regions.WEEKDAY: 7}
_BINS = 32
_ALL = "all"


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


def searches(timed: Any, calendar: Calendar, found: Iterable[Region], strata: Iterable[Stratum] | None) -> list[Search]:
    """Every search of the occasions outside the regions `found`, of the strata asked for (None: all)."""
    wanted = None if strata is None else set(strata)
    left = _outside(timed, found)
    if wanted is not None:
        left = left.filter(left.kind.isin(sorted({kind for kind, _ in wanted})))
    counted = arrays.cells(ibis.union(*_counts(left, calendar), distinct=False))
    sized = arrays.cells(ibis.union(*_sizes(left), distinct=False))
    sizes = {key[:3]: cells for key, cells in arrays.groups(sized, "kind", "rule", "cut")}
    keyed = arrays.groups(counted, "kind", "rule", "cut", "axis")
    return [
        _search(key, cells, calendar, sizes[key[:3]])
        for key, cells in keyed
        if wanted is None or (key[0], key[1]) in wanted
    ]


def _outside(timed: Any, found: Iterable[Region]) -> Any:
    inside = [region.holds(timed) for region in found]
    return timed.filter(~reduce(lambda one, other: one | other, inside)) if inside else timed


def _lines(left: Any, cut: tuple[str, ...]) -> Any:
    """Occasions that say where they were, with the values of the cut as `one` and `other`."""
    known = left.filter(*(left[name].notnull() for name in cut)) if cut else left
    values = [known[name] for name in cut] + [ibis.literal("")] * (2 - len(cut))
    return known.mutate(cut=ibis.literal("+".join(cut) or _ALL), one=values[0], other=values[1])


def _counts(left: Any, calendar: Calendar) -> Iterator[Any]:
    level = ("kind", "rule", "cut", "axis", "one", "other")
    for cut in CUTS:
        lines = _lines(left, cut)
        for axis in AXES if len(cut) < 2 else (CALENDAR,):
            step = {
                CALENDAR: _period(lines.day, calendar),
                regions.HOUR: lines.hour,
                regions.WEEKDAY: lines.weekday - 1,
            }
            cells = lines.mutate(axis=ibis.literal(axis), step=step[axis].cast("int64"))
            summed = cells.group_by([*level, "step"]).aggregate(
                n=cells.count().cast("int64"), broken=cells.broken.ifelse(1, 0).sum().cast("int64")
            )
            if not cut:
                yield summed
                continue
            whole = summed.broken.sum().over(ibis.window(group_by=[summed[name] for name in level]))
            enough = summed.mutate(whole=whole)
            yield enough.filter(enough.whole >= LEAST).drop("whole")


def _period(day: Any, calendar: Calendar) -> Any:
    return ((day - calendar.first) / calendar.size).floor()


def _sizes(left: Any) -> Iterator[Any]:
    """How many levels of each size a cut has, whether they broke or not: what could have been found counts."""
    for cut in CUTS:
        lines = _lines(left, cut)
        levels = lines.group_by(["kind", "rule", "cut", "one", "other"]).aggregate(n=lines.count().cast("int64"))
        bin_of = ibis.cases(*((levels.n < 2 ** (power + 1), power) for power in range(_BINS)), else_=_BINS)
        binned = levels.mutate(bin=bin_of.cast("int64"))
        yield binned.group_by(["kind", "rule", "cut", "bin"]).aggregate(levels=binned.count().cast("int64"))


def _search(key: tuple[Any, ...], cells: arrays.Cells, calendar: Calendar, sizes: arrays.Cells) -> Search:
    kind, rule, named, axis = key
    cut = () if named == _ALL else tuple(named.split("+"))
    steps = calendar.periods if axis == CALENDAR else STEPS[axis]
    pairs = list(zip(cells["one"].tolist(), cells["other"].tolist(), strict=True))
    levels = sorted(set(pairs))
    number = {level: place for place, level in enumerate(levels)}
    row = np.array([number[pair] for pair in pairs])
    shape = (len(levels), steps)
    n, broken = (np.zeros(shape, dtype=np.int64) for _ in range(2))
    n[row, cells["step"]], broken[row, cells["step"]] = cells["n"], cells["broken"]
    places = tuple(tuple(zip(cut, level, strict=False)) for level in levels)
    counts = dict(zip(sizes["bin"].tolist(), sizes["levels"].tolist(), strict=True))
    return Search((kind, rule), cut, axis, places, n, broken, counts)
