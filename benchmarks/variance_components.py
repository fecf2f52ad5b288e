"""How near do the variance components come, and how often do their intervals hold?

Run: `python -m benchmarks variance_components` prints the tables of docs/measures/attribution.md: 20 companies of 60,000 contacts,
20 of a million, then coverage over 600 small ones. Options: `python -m benchmarks.variance_components --companies 20 --small 600`.
The tests run the same functions on fewer companies. Speed, beside others: `variance_speed`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import binary, gaussian, laplace, spread
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.fit import Fit
from aboveboard.analyses.shared import intervals

SIZES = {"employee": 300, "team": 40, "promise": 8}
SDS = {"employee": 0.2, "team": 0.35, "promise": 0.5}
NOTHING = {"employee": 0.0, "team": 0.35, "promise": 0.5}
KINDS = ("gaussian", "binary")
MIDDLE = 0.8
SMALL = {"employee": 60, "team": 12, "promise": 5}
"""Levels of the small companies over which coverage is counted."""


@dataclass(frozen=True)
class Cells:
    """Contacts gathered into cells."""

    design: Design
    count: Any
    total: Any
    squares: Any


@dataclass(frozen=True)
class Estimate:
    """One component of one company: what was planted, what its levels happened to have, what came out."""

    component: str
    planted: float
    drawn: float
    sd: float
    low: float
    high: float
    share_held: bool

    @property
    def held(self) -> bool:
        """The interval holds what was planted."""
        return self.low <= self.planted <= self.high


def company(
    seed: int, contacts: int, *, kind: str, sds: dict[str, float], sizes: dict[str, int], middle: float = MIDDLE
) -> tuple[Cells, list[float]]:
    """Contacts of one company in levels drawn at random, and the standard deviation that the levels' effects came out with."""
    random = np.random.default_rng(seed)
    key, drawn = np.zeros(contacts, dtype=np.int64), []
    odds = np.full(contacts, middle)
    for name, many in sizes.items():
        code = random.integers(many, size=contacts)
        effects = random.normal(0, sds[name], many)
        drawn.append(float(effects.std(ddof=1)))
        odds += effects[code]
        key = key * many + code
    chance = random.random(contacts) if kind == "binary" else random.normal(size=contacts)
    y = (chance < 1 / (1 + np.exp(-odds))).astype(float) if kind == "binary" else odds + chance
    return gathered(key, y, sizes), drawn


def gathered(key: Any, y: Any, sizes: dict[str, int]) -> Cells:
    """Cells by a key that holds all levels, the last component's the fastest to change."""
    whole = int(np.prod(list(sizes.values())))
    if whole <= 4 * len(key):
        count = np.bincount(key, minlength=whole)
        known = np.flatnonzero(count)
        sums = [np.bincount(key, each, whole)[known] for each in (None, y, y * y)]
    else:
        known, place = np.unique(key, return_inverse=True)
        sums = [np.bincount(place, each) for each in (None, y, y * y)]
    codes, left = [], known
    for many in reversed(sizes.values()):
        codes.append(left % many)
        left = left // many
    levels = tuple(tuple(f"{name}-{number}" for number in range(many)) for name, many in sizes.items())
    design = Design(tuple(sizes), levels, tuple(reversed(codes)), np.ones((len(known), 1)))
    return Cells(design, sums[0].astype(float), sums[1].astype(float), sums[2].astype(float))


def fit(cells: Cells, kind: str) -> Fit:
    """The fit that the analysis makes."""
    if kind == "binary":
        return binary.fit(cells.design, cells.count, cells.total)
    return gaussian.fit(cells.design, cells.count, cells.total, cells.squares)


def estimates(
    seed: int, contacts: int, *, kind: str, sds: dict[str, float], sizes: dict[str, int] = SIZES
) -> Iterator[Estimate]:
    """Every component of one company."""
    cells, drawn = company(seed, contacts, kind=kind, sds=sds, sizes=sizes)
    found = fit(cells, kind)
    ends = spread.spread(found, latent=kind == "binary")
    chance = spread.LOGISTIC if kind == "binary" else 1.0
    whole = sum(sd**2 for sd in sds.values()) + chance
    for number, name in enumerate(SIZES):
        low, high = ends.share([number], range(len(SIZES) + 1))
        held = low <= sds[name] ** 2 / whole <= high
        sd, lowest, highest = (float(values[number]) for values in (found.sds, ends.low, ends.high))
        yield Estimate(name, sds[name], drawn[number], sd, lowest, highest, held)


def _share(count: int, n: int) -> str:
    low, high = intervals.wilson(count, n)
    return f"{count} of {n} ({100 * count / n:.1f} %, {100 * float(low):.0f}–{100 * float(high):.0f} %)"


def _accuracy(companies: int, contacts: int) -> None:
    print(f"{companies} companies of {contacts:,} contacts each; {SIZES}\n", flush=True)
    print(
        "| outcome | component | planted | mean estimate | median error | worst error | interval holds | share's holds |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        found = [one for seed in range(companies) for one in estimates(seed, contacts, kind=kind, sds=SDS)]
        for name in SIZES:
            mine = [one for one in found if one.component == name]
            off = [abs(one.sd / one.drawn - 1) for one in mine]
            print(
                f"| {kind} | {name} | {SDS[name]} | {np.mean([one.sd for one in mine]):.3f} | {100 * np.median(off):.1f} % "
                f"| {100 * max(off):.1f} % | {sum(one.held for one in mine)} of {len(mine)} "
                f"| {sum(one.share_held for one in mine)} of {len(mine)} |",
                flush=True,
            )
    print("\nErrors are against the standard deviation that the planted levels came out with.")


def coverage(companies: int, contacts: int, *, kind: str, sds: dict[str, float]) -> list[Estimate]:
    """Every component of many small companies."""
    seeds = range(1000, 1000 + companies)
    return [one for seed in seeds for one in estimates(seed, contacts, kind=kind, sds=sds, sizes=SMALL)]


def _coverage(companies: int, contacts: int) -> None:
    print(f"\n{companies} companies of {contacts:,} contacts, {SMALL}: intervals that hold what was planted\n")
    print(
        "| outcome | employees | component | standard deviation | too high | too low | share |\n|---|---|---|---|---|---|---|"
    )
    for kind in KINDS:
        for says, sds in (("differ", SDS), ("are all alike", NOTHING)):
            found = coverage(companies, contacts, kind=kind, sds=sds)
            for name in (*SIZES, "all") if sds is SDS else ("employee",):
                mine = [one for one in found if name in (one.component, "all")]
                high, low = sum(one.low > one.planted for one in mine), sum(one.high < one.planted for one in mine)
                held, shares = (
                    _share(sum(which), len(mine)) for which in zip(*((o.held, o.share_held) for o in mine), strict=True)
                )
                print(f"| {kind} | {says} | {name} | {held} | {high} | {low} | {shares} |", flush=True)


def _few(companies: int) -> None:
    """Few cases per level: where Laplace's approximation is too low, and intervals from its weights do not hold."""
    print(f"\n{companies} companies of 300 employees each, who differ by 0.5 on the log odds\n")
    print("| contacts per employee | mostly | mean estimate | Laplace's (maximum likelihood) | interval holds |")
    print("|---|---|---|---|---|")
    sizes, sds = {"employee": 300}, {"employee": 0.5}
    for middle in (MIDDLE, 2.5):
        for each in (3, 5, 10, 30, 100):
            found, plain, held = [], [], 0
            for seed in range(2000, 2000 + companies):
                cells = company(seed, 300 * each, kind="binary", sds=sds, sizes=sizes, middle=middle)[0]
                fitted = fit(cells, "binary")
                ends = spread.spread(fitted, latent=True)
                held += bool(ends.low[0] <= 0.5 <= ends.high[0])
                found.append(float(fitted.sds[0]))
                plain.append(float(laplace.plain(cells.design, cells.count, cells.total).sds[0]))
            share = f"{100 / (1 + np.exp(-middle)):.0f} %"
            print(f"| {each} | {share} | {_mean(found)} | {_mean(plain)} | {_share(held, companies)} |", flush=True)


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ± {1.96 * np.std(values, ddof=1) / np.sqrt(len(values)):.3f}"


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--small", type=int, default=600, help="companies over which coverage is counted")
    chosen = parser.parse_args()
    began = time.process_time()
    for contacts in (60_000, 1_000_000):
        _accuracy(chosen.companies, contacts)
    _coverage(chosen.small, 5_000)
    _few(chosen.small // 6)
    print(f"\n{time.process_time() - began:.0f} s of processor time.")


if __name__ == "__main__":
    main()
