"""Is a cluster of eight found in noise, and nothing where there is nothing? Companies with planted problems, and without.

Run: `python -m benchmarks planted_problems [COMPANIES]` (100 with a cluster and 200 without by default, about ten minutes).
It prints the tables of docs/measures/problems.md. Beside the scan, in the same run and on the same counts: a Poisson test per
shop and week at 5 %, the same with Benjamini and Hochberg's limit, and a control chart per shop (three sigma, weeks).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from aboveboard.analyses import problems, promises
from aboveboard.analyses.problems import cells, scan
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import CALENDAR, HOUR, WEEKDAY, Region
from aboveboard.analyses.problems.tallies import Count, relative_risk
from aboveboard.analyses.shared import discoveries, intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_problems
from aboveboard.simulate.planted_problems import Company, Planted

Bools = npt.NDArray[np.bool_]
REPORTED = 5_000
"""The first seed of the reported companies; those below were looked at while the method was made."""
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
    """Of one company: how many regions were called, how many of them falsely, and whether the planted one was among them."""

    called: int
    false: int
    hit: bool

    @property
    def false_share(self) -> float:
        return self.false / self.called if self.called else 0.0


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
    held = [_held(one, region, struck) for region in regions]
    most = max((len(each) for each in one.company.struck), default=0)
    false = sum(count < max(most / 3, _THIRD) for count in held)
    return Outcome(len(regions), false, any(2 * count >= most > 0 for count in held))


def _held(one: Drawn, region: Bools, struck: set[str]) -> int:
    return len(struck & set(one.columns["subject"][region & one.columns["broken"]]))


def planted_at(seed: int, count: int) -> tuple[Planted, ...]:
    """Where this company has its cluster: any shop, any week, not in step with the calendar's."""
    rng = np.random.default_rng([seed, 77])
    start = int(rng.integers(7, planted_problems.DAYS - 14))
    return (Planted(int(rng.integers(planted_problems.SHOPS)), start, start + 7, count),)


def _share(count: int, n: int) -> str:
    low, high = intervals.wilson(count, n)
    return f"{count} of {n} ({100 * count / n:.0f} %, {100 * float(low):.1f}–{100 * float(high):.1f} %)"


def _mean(values: Iterable[float]) -> str:
    """A mean in per cent with its 95 % interval (percentile bootstrap over companies)."""
    each = np.array(list(values))
    rng = np.random.default_rng(1)
    means = each[rng.integers(0, len(each), (2000, len(each)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{100 * each.mean():.1f} % ({100 * low:.1f}–{100 * high:.1f} %)"


def _with_cluster(companies: int, count: int, **more: Any) -> list[dict[str, Outcome]]:
    rows = []
    for seed in range(REPORTED, REPORTED + companies):
        one = drawn(seed, planted_at(seed, count), **more)
        rows.append({name: outcome(one, method) for name, method in METHODS.items()})
    return rows


def _without(companies: int, **more: Any) -> list[dict[str, Outcome]]:
    ones = (drawn(seed, **more) for seed in range(2 * REPORTED, 2 * REPORTED + companies))
    return [{name: outcome(one, method) for name, method in METHODS.items()} for one in ones]


def _acceptance(companies: int) -> None:
    rows, empty = _with_cluster(companies, 8), _without(2 * companies)
    print("| method | cluster of 8 found | false among those called, mean share | null companies with any |")
    print("|---|---|---|---|")
    for name in METHODS:
        hit = _share(sum(row[name].hit for row in rows), len(rows))
        any_ = _share(sum(row[name].called > 0 for row in empty), len(empty))
        print(f"| {name} | {hit} | {_mean(row[name].false_share for row in rows)} | {any_} |")


def _power(companies: int) -> None:
    print("\n| planted | late without a cause | found | false share, mean |\n|---|---|---|---|")
    for count, rate in ((5, 0.03), (6, 0.03), (8, 0.06), (12, 0.06), (12, 0.1), (16, 0.1)):
        rows = _with_cluster(companies, count, rate=rate)
        hit = _share(sum(row["scan"].hit for row in rows), len(rows))
        print(f"| {count} orders | {rate:.0%} | {hit} | {_mean(row['scan'].false_share for row in rows)} |")


def _gathering(companies: int) -> None:
    print("\n| orders of one shop and week go together | method | null companies with any | regions a company |")
    print("|---|---|---|---|")
    for gathering in (0.02, 0.05):
        empty = _without(companies, gathering=gathering)
        for name in METHODS:
            any_ = _share(sum(row[name].called > 0 for row in empty), len(empty))
            mean = np.mean([row[name].called for row in empty])
            print(f"| correlation {gathering} | {name} | {any_} | {mean:.2f} |")


def _coverage(companies: int) -> None:
    """Does the interval of the relative risk hold the truth, after the region was picked for being outstanding?"""
    for count in (8, 16):
        held, ratio = [], []
        for seed in range(REPORTED, REPORTED + companies):
            one = drawn(seed, planted_at(seed, count), rate=0.05)
            mine: Bools = one.columns["kind"] == "promise missed"
            for each in found(one):
                inside = one.holds(each.region)
                struck = _held(one, inside, set().union(*one.company.struck))
                if each.region.kind != "promise missed" or 2 * struck < count:
                    continue
                counts = [_count(one, mine & part) for part in (inside, ~inside)]
                truth = (0.05 * counts[0].n + struck * 0.95) / counts[0].n / 0.05
                risk, low, high = relative_risk(counts[0], counts[1], each.spread)
                held.append(low <= truth <= high)
                ratio.append(risk / truth)
        print(
            f"Cluster of {count}: the interval of the relative risk holds the truth in {_share(sum(held), len(held))};",
            end=" ",
        )
        print(f"the estimate is {np.median(ratio):.2f} times the truth (median).")


def _count(one: Drawn, which: Bools) -> Count:
    n = np.bincount(one.columns["day"][which] - one.calendar.first)
    return Count(int(which.sum()), int(one.columns["broken"][which].sum()), float((n.astype(float) ** 2).sum()))


def whole_way(company: Company) -> tuple[list[str], float, int]:
    """The keys of the problems of a company from its events on, the seconds that took, and how many events there were."""
    book = reader.read(planted_problems.PLAYBOOK)
    with Ledger.of(company.events) as ledger:
        outcomes = ledger.keep(promises.outcomes(ledger.events, book), "promises")
        began = time.perf_counter()
        occasions = ledger.keep(problems.occasions(ledger.events, book, tables={"promises": outcomes}), "occasions")
        clusters = problems.clusters(ledger.events, occasions, book)
        cases = ledger.keep(problems.cases(ledger.events, clusters, book), "problem_cases")
        rows = ledger.arrow(problems.problems(clusters, cases, book)).to_pylist()
        return [row["problem"] for row in rows], time.perf_counter() - began, company.events.num_rows


def _scale() -> None:
    keys, seconds, count = whole_way(planted_problems.company(1, planted_at(1, 60), orders=420_000))
    print(
        f"\n{count:,} events: occasions, scan, cases and problems in {seconds:.1f} s ({len(keys)} found; promises followed before)."
    )


def main() -> None:
    """Print what was measured."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    began = time.process_time()
    _acceptance(companies)
    _power(max(companies // 4, 1))
    _gathering(max(companies // 2, 1))
    _coverage(max(companies // 2, 1))
    _scale()
    print(f"\n{time.process_time() - began:.0f} s of processor time in all.")


if __name__ == "__main__":
    main()
