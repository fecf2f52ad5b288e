"""How near do the variance components come, how often do their intervals hold, and how long does a million rows take?

Run: `python -m benchmarks variance_components` (companies of 60,000 contacts, some minutes) prints the tables of
docs/measures/attribution.md. Options: `python -m benchmarks.variance_components --companies 20 --contacts 1000000 --rows 10000000`.
lme4, statsmodels and gpboost stand beside it where they are (R's lme4; `AB_PEERS`, a Python with statsmodels and gpboost); they
are said to be absent otherwise. The tests run the same functions on fewer companies.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import binary, gaussian, spread
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
    seed: int, contacts: int, *, kind: str, sds: dict[str, float], sizes: dict[str, int]
) -> tuple[Cells, list[float]]:
    """Contacts of one company in levels drawn at random, and the standard deviation that the levels' effects came out with."""
    random = np.random.default_rng(seed)
    key, drawn = np.zeros(contacts, dtype=np.int64), []
    odds = np.full(contacts, MIDDLE)
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
    print(f"{companies} companies of {contacts:,} contacts each; {SIZES}\n")
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
                f"| {sum(one.share_held for one in mine)} of {len(mine)} |"
            )
    print("\nErrors are against the standard deviation that the planted levels came out with.")


def coverage(companies: int, contacts: int, *, kind: str, sds: dict[str, float]) -> list[Estimate]:
    """Every component of many small companies."""
    seeds = range(1000, 1000 + companies)
    return [one for seed in seeds for one in estimates(seed, contacts, kind=kind, sds=sds, sizes=SMALL)]


def _coverage(companies: int, contacts: int) -> None:
    print(f"\n{companies} companies of {contacts:,} contacts, {SMALL}: intervals that hold what was planted\n")
    print("| outcome | employees | standard deviation | share |\n|---|---|---|---|")
    for kind in KINDS:
        for says, sds in (("differ", SDS), ("are all alike", NOTHING)):
            found = coverage(companies, contacts, kind=kind, sds=sds)
            if sds is NOTHING:
                found = [one for one in found if one.component == "employee"]
            held, shares = sum(one.held for one in found), sum(one.share_held for one in found)
            print(f"| {kind} | {says} | {_share(held, len(found))} | {_share(shares, len(found))} |")


def _small_cells(companies: int) -> None:
    """Laplace's known bias: few cases per level."""
    print("\n| contacts per employee | planted | mean estimate (binary, 300 employees alone) |\n|---|---|---|")
    for each in (5, 10, 30, 100):
        sizes, sds = {"employee": 300}, {"employee": 0.5}
        made = (company(seed, 300 * each, kind="binary", sds=sds, sizes=sizes)[0] for seed in range(companies))
        found = [fit(cells, "binary").sds[0] for cells in made]
        print(f"| {each} | 0.5 | {np.mean(found):.3f} ± {1.96 * np.std(found, ddof=1) / np.sqrt(companies):.3f} |")


SPEED_SIZES = {"employee": 1000, "team": 200}
SPEED_SDS = {"employee": 0.25, "team": 0.4}


def _timed(run: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        result = run()
        took.append(time.perf_counter() - began)
    return float(np.median(took)), result


def _speed(rows: int) -> None:
    print(f"\n{rows:,} rows, 1,000 employees × 200 teams: medians of five, from rows in Parquet to estimates\n")
    print("| | cells counted by the engine | fit | intervals | employee | team | all |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            file = Path(folder) / f"{kind}.parquet"
            _write(file, rows, kind)
            counting, cells = _timed(lambda file=file: _counted(file))
            fitting, found = _timed(lambda cells=cells, kind=kind: fit(cells, kind))
            spreading, _ = _timed(lambda found=found, kind=kind: spread.spread(found, latent=kind == "binary"))
            print(
                f"| {kind} | {counting:.2f} s | {fitting:.2f} s | {spreading:.2f} s | {found.sds[0]:.4f} | {found.sds[1]:.4f} "
                f"| {counting + fitting + spreading:.2f} s |"
            )
            if rows <= 1_000_000:
                _peers(file, cells, kind)
    print(f"\nPeak memory of the whole run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _write(file: Path, rows: int, kind: str) -> None:
    """Rows of employee, team and y, a million at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    worth = {name: random.normal(0, SPEED_SDS[name], many) for name, many in SPEED_SIZES.items()}
    schema = pa.schema([("employee", pa.int32()), ("team", pa.int32()), ("y", pa.float64())])
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - start)
            codes = {name: random.integers(many, size=count, dtype=np.int32) for name, many in SPEED_SIZES.items()}
            odds = MIDDLE + sum(worth[name][code] for name, code in codes.items())
            chance = random.random(count) if kind == "binary" else random.normal(size=count)
            y = (chance < 1 / (1 + np.exp(-odds))).astype(float) if kind == "binary" else odds + chance
            writer.write_table(pa.table({**codes, "y": y}, schema=schema))


def _counted(file: Path) -> Cells:
    """The cells, counted by DuckDB as the analysis does."""
    import ibis

    rows = ibis.duckdb.connect().read_parquet(file)
    cells = rows.group_by(["employee", "team"]).aggregate(n=rows.count(), total=rows.y.sum(), squares=(rows.y**2).sum())
    table = cells.to_pyarrow().sort_by([("employee", "ascending"), ("team", "ascending")])
    columns = {name: table[name].to_numpy() for name in table.column_names}
    levels = tuple(tuple(map(str, range(many))) for many in SPEED_SIZES.values())
    codes = tuple(columns[name].astype(np.int64) for name in SPEED_SIZES)
    design = Design(tuple(SPEED_SIZES), levels, codes, np.ones((table.num_rows, 1)))
    return Cells(design, *(columns[name].astype(float) for name in ("n", "total", "squares")))


_R = Path(__file__).resolve().parents[1] / "tests" / "analyses" / "attribution" / "lme4.R"
_PEERS = Path(__file__).with_name("variance_contenders.py")


def _peers(file: Path, cells: Cells, kind: str) -> None:
    """lme4 (the rows; binary: the cells, which is what it takes too), statsmodels and gpboost, each in a process of its own."""
    if not shutil.which("Rscript"):
        print("| lme4 | absent: R is not installed | | | | | |")
    else:
        table = file.with_suffix(".csv")
        _csv(table, file, cells, kind)
        done = subprocess.run(["Rscript", str(_R), str(table)], capture_output=True, text=True)
        told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
        if done.returncode:
            print(f"| lme4 | failed: {done.stderr.strip().splitlines()[-1]} | | | | | |")
        else:
            print(
                f"| lme4, {kind} | | | | {told['sd employee'][:6]} | {told['sd team'][:6]} | {told['seconds']} s (fit alone) |"
            )
    python = os.environ.get("AB_PEERS")
    if not python:
        print("| statsmodels, gpboost | absent: set AB_PEERS to a Python that has them | | | | | |")
        return
    done = subprocess.run([python, str(_PEERS), str(file), kind], capture_output=True, text=True)
    print(done.stdout.strip() or f"| peers | failed: {done.stderr.strip().splitlines()[-1]} | | | | | |")


def _csv(table: Path, file: Path, cells: Cells, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    if kind == "binary":
        employee, team = cells.design.codes
        csv.write_csv(pa.table({"employee": employee, "team": team, "n": cells.count, "s": cells.total}), table)
    else:
        csv.write_csv(pq.read_table(file), table)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--contacts", type=int, default=60_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    began = time.process_time()
    _accuracy(chosen.companies, chosen.contacts)
    if chosen.contacts <= 60_000:
        _coverage(10 * chosen.companies, 5_000)
        _small_cells(2 * chosen.companies)
    _speed(chosen.rows)
    print(f"\n{time.process_time() - began:.0f} s of processor time, the peers' not counted.")


if __name__ == "__main__":
    main()
