"""The scan: which places and times have more breakdowns than chance can bring about, one after the other.

Within a kind and rule the most outstanding region is taken, its occasions are left out, and the rest is looked at anew, so
that a cluster neither hides another nor comes out again by another of its names: Zhang, Z., Assunção, R. and Kulldorff,
M. (2010). Spatial scan statistics adjusted for multiple clusters. J. Probability and Statistics 2010, 642379.

What is limited is the rate of false discoveries among regions that do not overlap. A search (one kind and rule, one set of
places, one scale of time) has for its p the number of places that chance would bring to such a score, all its places
and stretches together: Siegmund, D. O., Zhang, N. R. and Yakir, B. (2011). False discovery rate for scanning statistics.
Biometrika 98, 979–985. Over all searches these p go through Benjamini and Hochberg's procedure, which is right for
independent searches and for those that rise and fall together, as cuts of the same breakdowns do (Benjamini and Yekutieli
2001, Ann. Stat. 29, 1165–1188; their own bound for any dependence at all would cost a factor of log m for a case
that does not arise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aboveboard.analyses.problems import regions, spread, windows
from aboveboard.analyses.problems.cells import LEAST, Cells, Search
from aboveboard.analyses.problems.chance import Chance
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import CALENDAR, Region, Stratum
from aboveboard.analyses.problems.windows import Ground
from aboveboard.analyses.shared import discoveries
from aboveboard.analyses.shared.arrays import Array

RATE = 0.05
MOST_ROUNDS = 8
"""So many regions of one kind and rule are looked for."""


@dataclass(frozen=True)
class Found:
    """A region, the chance of its search, the correlation of its cells, and in the end its false-discovery rate."""

    region: Region
    p: float
    spread: float
    q: float = float("nan")


@dataclass(frozen=True)
class Scanned:
    """Every region at the rate asked for, how many searches there were, and what each stratum's ordinary cells say."""

    found: tuple[Found, ...]
    searches_count: int
    spreads: dict[Stratum, float]


def scan(strata: Sequence[Cells], *, rate: float = RATE) -> Scanned:
    """The regions at a false-discovery rate of `rate`."""
    kept: list[Found] = []
    spreads: dict[Stratum, float] = {}
    left = {each.stratum: each for each in strata}
    count = sum(len(_searches(each)) for each in strata)
    for _ in range(MOST_ROUNDS):
        # The most that could still be a discovery, if each kind and rule brought two more.
        most = rate * (len(kept) + 2 * len(left)) / max(count, 1)
        tried = {stratum: _most_outstanding(each, most) for stratum, each in left.items()}
        spreads |= {stratum: of_all for stratum, (_, of_all) in tried.items() if stratum not in spreads}
        new = [each for each, _ in tried.values() if each is not None and each.p <= most]
        kept += new
        left = {each.region.stratum: left[each.region.stratum].outside(each.region) for each in new}
        left = {stratum: each for stratum, each in left.items() if LEAST <= each.broken.sum() < each.n.sum()}
    return Scanned(tuple(_discoveries(kept, count, rate)), count, spreads)


def _searches(cells: Cells) -> list[Search]:
    """The searches that can hold a region: a cut that has one level cuts nothing."""
    return [each for each in cells.searches() if not each.cut or sum(each.sizes.values()) > 1]


def _most_outstanding(cells: Cells, most: float) -> tuple[Found | None, float]:
    """The region of the least chance (None where none is below `most`), and the correlation of the stratum as a whole."""
    searches, calendar = _searches(cells), cells.calendar
    profile = {each.axis: each.n[0] for each in searches if not each.cut}
    totals = int(cells.n.sum()), int(cells.broken.sum())
    own = {each.cut: spread.spread(each.n, each.broken) for each in searches if each.axis == CALENDAR}
    spreads = spread.inherited(own)
    chances: dict[tuple[str, float, bool], Chance] = {}
    best: Found | None = None
    for search in searches:
        its_spread = spreads[search.cut]
        if search.axis != CALENDAR:
            # A step of the other axes gathers the occasions of many periods, which have little to do with each other.
            its_spread = its_spread / calendar.periods
        key = (search.axis, its_spread, bool(search.cut) and search.axis == CALENDAR)
        if key not in chances:
            chances[key] = Chance(Ground(*totals, its_spread), profile[search.axis], whole=key[2])
        found = _of_search(search, Ground(*totals, its_spread), chances[key], calendar, most)
        if found and (best is None or found.p < best.p):
            best = found
    return best, spreads[()]


def _of_search(search: Search, ground: Ground, chance: Chance, calendar: Calendar, most: float) -> Found | None:
    whole = bool(search.cut) and search.axis == CALENDAR
    all_n, all_broken = (np.full(len(search.n), total) for total in (ground.n, ground.broken))
    score, start, size = windows.best(search.n, search.broken, all_n, all_broken, ground.spread, whole=whole)
    top = int(np.argmax(score)) if len(score) else -1
    if top < 0 or not np.isfinite(score[top]):
        return None
    # As many looks as there are places, and three stretches of time each, is less than there were: what one look alone
    # makes too likely need not be simulated.
    looks = 3 * (sum(search.sizes.values()) if search.cut else 1)
    if looks * discoveries.two_sided(float(np.sqrt(2 * score[top]))) / 2 > most:
        return None
    if search.cut:
        p = sum(count * chance.of_size(power, float(score[top])) for power, count in search.sizes.items())
    else:
        p = chance.of_all(float(score[top]))
    region = _region(search, top, int(start[top]), int(start[top] + size[top]), calendar)
    return Found(region, float(p), ground.spread)


def _region(search: Search, place: int, start: int, end: int, calendar: Calendar) -> Region:
    where = search.places[place]
    if search.axis == CALENDAR:
        return regions.on_calendar(search.stratum, where, calendar, start, end)
    first = 1 if search.axis == regions.WEEKDAY else 0
    return Region(*search.stratum, where, search.axis, start + first, end + first, whole=False)


def _discoveries(kept: Sequence[Found], count: int, rate: float) -> list[Found]:
    """Those at the rate asked for, of `count` searches: all that were not kept have a p of 1."""
    p: Array = np.ones(max(count, len(kept)))
    p[: len(kept)] = [min(each.p, 1.0) for each in kept]
    q = discoveries.adjusted(p)
    return [replace(each, q=float(its)) for each, its in zip(kept, q, strict=False) if its <= rate]
