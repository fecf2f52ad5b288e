"""Four ways to call a problem, on the same counts of the same invented companies, and what of it is so.

The scan; a Poisson test per shop and week at 5 %; the same with Benjamini and Hochberg's limit; a control chart per shop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from aboveboard.analyses.problems import cells, scan
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import CALENDAR, HOUR, WEEKDAY, Region
from aboveboard.analyses.shared import discoveries
from aboveboard.simulate import planted_problems
from aboveboard.simulate.planted_problems import Company, Planted

Bools = npt.NDArray[np.bool_]
MOST_ATTEMPTS = 200
_DAY, _HOUR = 86_400, 3_600
_THIRD = 2
"""A region that holds fewer of the planted cases than a third of the planted number is a false discovery."""


@dataclass(frozen=True)
class Drawn:
    """A company's occasions with their steps, as arrays."""

    company: Company
    columns: dict[str, Any]
    calendar: Calendar

    def holds(self, region: Region) -> Bools:
        """Which occasions lie in the region."""
        inside: Bools = self.columns["kind"] == region.kind
        for name, value in region.place:
            inside &= self.columns[name] == value
        if not region.whole:
            step = self.columns["day" if region.axis == CALENDAR else region.axis]
            inside &= (step >= region.start) & (step < region.end)
        return inside


def drawn(seed: int, planted: Sequence[Planted] = (), **more: Any) -> Drawn:
    """One company and its occasions, counted by the clock."""
    company = planted_problems.company(seed, planted, **more)
    table = company.occasions
    columns = {
        name: np.array(table[name].to_pylist(), dtype=object) for name in ("kind", "rule", "team", "channel", "product")
    }
    columns["subject"] = np.array(table["subject"].to_pylist(), dtype=object)
    columns["broken"] = table["broken"].to_numpy()
    at = table["at"].to_numpy() + int(planted_problems.FIRST.timestamp())
    columns |= {"day": at // _DAY, HOUR: at % _DAY // _HOUR, WEEKDAY: (at // _DAY + 3) % 7 + 1}
    first, last = int(columns["day"].min()), int(columns["day"].max())
    return Drawn(company, columns, Calendar(first, last, 1 if last - first < 200 else 7))


def found(one: Drawn) -> list[scan.Found]:
    """What the scan finds in the company's counts."""
    period = (one.columns["day"] - one.calendar.first) // one.calendar.size
    names = ("kind", "rule", "team", "channel", "product")
    table = pa.table(
        {name: pa.array(one.columns[name].tolist(), pa.string()) for name in names}
        | {
            "period": period,
            HOUR: one.columns[HOUR],
            WEEKDAY: one.columns[WEEKDAY],
            "broken": one.columns["broken"].astype(int),
        }
    )
    by = [*names, "period", HOUR, WEEKDAY]
    counted = table.group_by(by).aggregate([("broken", "count"), ("broken", "sum")])
    counts = {name: np.array(counted[name].to_pylist(), dtype=object) for name in names}
    counts |= {name: counted[name].to_numpy() for name in ("period", HOUR, WEEKDAY)}
    counts |= {"n": counted["broken_count"].to_numpy(), "broken": counted["broken_sum"].to_numpy()}
    return list(scan.scan(cells.of_counts(counts, one.calendar)).found)


@dataclass(frozen=True)
class Outcome:
    """Of one company: how many regions were called, how many of them falsely, and whether the planted one was among them.

    A region is a hit with half of the planted cases, and false with less than a third of them. Strictly, a hit is a region
    half of whose breakdowns are planted ones too, and whatever holds less than half of the planted cases is false.
    """

    called: int
    false: int
    hit: bool
    strictly_false: int
    strict_hit: bool

    @property
    def false_share(self) -> float:
        return self.false / self.called if self.called else 0.0

    @property
    def strictly_false_share(self) -> float:
        return self.strictly_false / self.called if self.called else 0.0


Method = Callable[[Drawn], list[Bools]]
"""Which occasions each called region holds."""


def scanned(one: Drawn) -> list[Bools]:
    """Regions of the scan; each keeps what an earlier one of its kind did not take."""
    taken = np.zeros(len(one.columns["broken"]), dtype=bool)
    regions = []
    for each in found(one):
        mine = one.holds(each.region) & ~taken
        taken |= mine
        regions.append(mine)
    return regions


def _cells_of_shops(
    one: Drawn,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64], Bools]:
    """Per late-order cell of shop and week: its number per occasion, broken, expected, and which occasions are meant."""
    mine: Bools = one.columns["kind"] == "promise missed"
    shops, shop = np.unique(one.columns["team"], return_inverse=True)
    week = (one.columns["day"] - one.calendar.first) // 7
    number = shop * (int(week.max()) + 1) + week
    size = len(shops) * (int(week.max()) + 1)
    n = np.bincount(number[mine], minlength=size)
    broken = np.bincount(number[mine], one.columns["broken"][mine], size)
    return number, broken, n * (broken.sum() / n.sum()), mine


def _called(one: Drawn, flagged: Bools) -> list[Bools]:
    number, _, _, mine = _cells_of_shops(one)
    return [mine & (number == cell) for cell in np.flatnonzero(flagged)]


def per_cell(one: Drawn) -> list[Bools]:
    """A Poisson test per shop and week, at 5 %."""
    _, broken, expected, _ = _cells_of_shops(one)
    return _called(one, special.pdtrc(broken - 1, np.maximum(expected, 1e-9)) * (broken > 0) + (broken == 0) <= 0.05)


def per_cell_limited(one: Drawn) -> list[Bools]:
    """The same, Benjamini–Hochberg at 5 % over the cells."""
    _, broken, expected, _ = _cells_of_shops(one)
    p = np.where(broken > 0, special.pdtrc(broken - 1, np.maximum(expected, 1e-9)), 1.0)
    return _called(one, discoveries.benjamini_hochberg(p))


def chart(one: Drawn) -> list[Bools]:
    """A control chart (u-chart) per shop: weeks above three sigma."""
    _, broken, expected, _ = _cells_of_shops(one)
    return _called(one, (broken > expected + 3 * np.sqrt(expected)) & (broken > 0))


METHODS: dict[str, Method] = {
    "scan": scanned,
    "Poisson test per shop and week": per_cell,
    "the same, false-discovery limit": per_cell_limited,
    "control chart per shop": chart,
}


def outcome(one: Drawn, method: Method) -> Outcome:
    """Hold what a method calls against the truth: a hit has at least half of the planted cases."""
    regions = method(one)
    struck: set[str] = set().union(*one.company.struck) if one.company.struck else set()
    counts = [held(one, region, struck) for region in regions]
    most = max((len(each) for each in one.company.struck), default=0)
    false = sum(count < max(most / 3, _THIRD) for count in counts)
    half = [2 * count >= most > 0 for count in counts]
    broke = [int((region & one.columns["broken"]).sum()) for region in regions]
    precise = any(held and 2 * count >= of for held, count, of in zip(half, counts, broke, strict=True))
    return Outcome(len(regions), false, any(half), len(half) - sum(half), precise)


def held(one: Drawn, region: Bools, struck: set[str]) -> int:
    """How many of the planted cases a region holds."""
    return len(struck & set(one.columns["subject"][region & one.columns["broken"]]))


def planted_at(seed: int, count: int, attempt: int = 0) -> tuple[Planted, ...]:
    """Where a company has its cluster: any shop, any week, not in step with the calendar's."""
    rng = np.random.default_rng([seed, 77, attempt])
    start = int(rng.integers(7, planted_problems.DAYS - 14))
    return (Planted(int(rng.integers(planted_problems.SHOPS)), start, start + 7, count),)


def clustered(seed: int, count: int, **more: Any) -> Drawn:
    """A company with a cluster of just `count`: a shop and week with fewer orders that could be struck is drawn again."""
    for attempt in range(MOST_ATTEMPTS):
        one = drawn(seed, planted_at(seed, count, attempt), **more)
        if len(one.company.struck[0]) == count:
            return one
    raise ValueError(f"no shop and week of company {seed} has {count} orders to strike")


def with_cluster(seed: int, count: int, **more: Any) -> dict[str, Outcome]:
    """What each method makes of a company with a cluster."""
    one = clustered(seed, count, **more)
    return {name: outcome(one, method) for name, method in METHODS.items()}


def without(seed: int, **more: Any) -> dict[str, Outcome]:
    """What each method makes of a company without any."""
    one = drawn(seed, **more)
    return {name: outcome(one, method) for name, method in METHODS.items()}
