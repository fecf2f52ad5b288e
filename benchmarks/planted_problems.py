"""Is a cluster of eight found in noise, and nothing where there is nothing? Companies with planted problems, and without.

Run: `python -m benchmarks planted_problems [COMPANIES]` (100 with a cluster and 200 without by default, about ten minutes of
processor time, on as many processors as there are). It prints the tables of docs/measures/problems.md. Beside the scan, in the same
run and on the same counts, the methods of `problem_callers`.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from aboveboard.analyses import problems, promises
from aboveboard.analyses.problems.tallies import Count, relative_risk
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_problems
from aboveboard.simulate.planted_problems import Company
from benchmarks import problem_callers as callers
from benchmarks.problem_callers import METHODS, Bools, Drawn, Outcome

REPORTED = 30_000
"""The first seed of the reported companies, the first of those without a cluster being twice that. Those below were looked at."""


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


def _each(measured: Callable[[int], dict[str, Outcome]], first: int, companies: int) -> list[dict[str, Outcome]]:
    """One company per seed, on every processor."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(measured, range(first, first + companies), chunksize=2))


def _with_cluster(companies: int, count: int, **more: Any) -> list[dict[str, Outcome]]:
    return _each(functools.partial(callers.with_cluster, count=count, **more), REPORTED, companies)


def _without(companies: int, **more: Any) -> list[dict[str, Outcome]]:
    return _each(functools.partial(callers.without, **more), 2 * REPORTED, companies)


def _acceptance(companies: int) -> None:
    rows, empty = _with_cluster(companies, 8), _without(2 * companies)
    print(
        "| method | cluster of 8 found | strictly | false, mean share | strictly | null companies with any | calls in each |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in METHODS:
        hit = _share(sum(row[name].hit for row in rows), len(rows))
        strict = sum(row[name].strict_hit for row in rows)
        false = _mean(row[name].false_share for row in rows)
        strictly = _mean(row[name].strictly_false_share for row in rows)
        any_ = _share(sum(row[name].called > 0 for row in empty), len(empty))
        calls = np.mean([row[name].called for row in empty])
        print(f"| {name} | {hit} | {strict} | {false} | {strictly} | {any_} | {calls:.2f} |", flush=True)


def _power(companies: int) -> None:
    print("\n| planted | late without a cause | found | false share, mean |\n|---|---|---|---|")
    for count, rate in ((5, 0.03), (6, 0.03), (8, 0.06), (12, 0.06), (12, 0.1), (16, 0.1)):
        rows = _with_cluster(companies, count, rate=rate)
        hit = _share(sum(row["scan"].hit for row in rows), len(rows))
        print(f"| {count} orders | {rate:.0%} | {hit} | {_mean(row['scan'].false_share for row in rows)} |", flush=True)


def _gathering(companies: int) -> None:
    """At a correlation of 0.1 the counts of shops and weeks have 1.64 times the standard deviation of independent ones."""
    print(
        "\n| correlation of a shop and week | method | null companies with any | regions each | of 8 found | false, mean share |"
    )
    print("|---|---|---|---|---|---|")
    for gathering in (0.1, 0.05, 0.02):
        empty = _without(companies, gathering=gathering)
        rows = _with_cluster(companies, 8, gathering=gathering)
        for name in METHODS:
            any_ = _share(sum(row[name].called > 0 for row in empty), len(empty))
            mean = np.mean([row[name].called for row in empty])
            hit = _share(sum(row[name].hit for row in rows), len(rows))
            false = _mean(row[name].false_share for row in rows)
            print(f"| {gathering} | {name} | {any_} | {mean:.2f} | {hit} | {false} |", flush=True)


def _coverage(companies: int) -> None:
    """Does the interval of the relative risk hold the truth, after the region was picked for being outstanding?"""
    for count in (8, 16):
        held, ratio = [], []
        for seed in range(REPORTED, REPORTED + companies):
            one = callers.clustered(seed, count, rate=0.05)
            mine: Bools = one.columns["kind"] == "promise missed"
            for each in callers.found(one):
                inside = one.holds(each.region)
                struck = callers.held(one, inside, set().union(*one.company.struck))
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
    keys, seconds, count = whole_way(planted_problems.company(1, callers.planted_at(1, 60), orders=420_000))
    print(
        f"\n{count:,} events: occasions, scan, cases and problems in {seconds:.1f} s ({len(keys)} found; promises followed before)."
    )


def main() -> None:
    """Print what was measured."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    _acceptance(companies)
    _gathering(max(companies // 4, 1))
    _power(max(companies // 4, 1))
    _coverage(max(companies // 2, 1))
    _scale()
    print(f"\n{sum(os.times()[:4]):.0f} s of processor time in all.")


if __name__ == "__main__":
    main()
