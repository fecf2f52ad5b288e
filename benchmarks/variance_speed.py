"""How long do a million rows take, beside lme4 and gpboost over the same rows, and ten million beside one million?

    python -m benchmarks variance_speed

1,000 employees × 200 teams, numbers and yes or no, rows in Parquet. Ours is all of it: the engine's counting, the fit and the
intervals; the others' time is the fit alone, the rows in memory already (libraries
are loaded in all). Every run is a process of its own, so that peak memory is
its own; medians of `--repeats` runs. Processor seconds (of all threads together) stand beside the clock's: on a machine that others
use too, only those say anything. lme4 is there where R has it (`sh .ci/system`), gpboost where `AB_PEERS` is a Python that has
it; each is said to be absent otherwise. Options: `python -m benchmarks.variance_speed --rows 1000000 --repeats 5 --peer-repeats 3`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import spread
from aboveboard.analyses.attribution.design import Design
from benchmarks.variance_components import KINDS, MIDDLE, Cells, fit

SIZES = {"employee": 1000, "team": 200}
SDS = {"employee": 0.25, "team": 0.4}
ROOT = Path(__file__).resolve().parents[1]
LME4 = ROOT / "tests" / "analyses" / "attribution" / "lme4.R"
GPBOOST = Path(__file__).with_name("variance_contenders.py")
Told = Mapping[str, float]


@dataclass(frozen=True)
class Timing:
    """Medians over runs: seconds of the parts and of all, processor seconds, peak memory; and the estimates of the last."""

    parts: Told
    seconds: float
    processor: float
    megabytes: float
    sds: Told


def write(file: Path, rows: int, kind: str) -> None:
    """Rows of employee, team and y, a million at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    worth = {name: random.normal(0, SDS[name], many) for name, many in SIZES.items()}
    schema = pa.schema([("employee", pa.int32()), ("team", pa.int32()), ("y", pa.float64())])
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - start)
            codes = {name: random.integers(many, size=count, dtype=np.int32) for name, many in SIZES.items()}
            odds = MIDDLE + sum(worth[name][code] for name, code in codes.items())
            chance = random.random(count) if kind == "binary" else random.normal(size=count)
            y = (chance < 1 / (1 + np.exp(-odds))).astype(float) if kind == "binary" else odds + chance
            writer.write_table(pa.table({**codes, "y": y}, schema=schema))


def counted(file: Path) -> Cells:
    """The cells, counted by DuckDB as the analysis does."""
    import ibis

    rows = ibis.duckdb.connect().read_parquet(file)
    cells = rows.group_by(["employee", "team"]).aggregate(n=rows.count(), total=rows.y.sum(), squares=(rows.y**2).sum())
    table = cells.to_pyarrow().sort_by([("employee", "ascending"), ("team", "ascending")])
    columns = {name: table[name].to_numpy() for name in table.column_names}
    levels = tuple(tuple(map(str, range(many))) for many in SIZES.values())
    codes = tuple(columns[name].astype(np.int64) for name in SIZES)
    design = Design(tuple(SIZES), levels, codes, np.ones((table.num_rows, 1)))
    return Cells(design, *(columns[name].astype(float) for name in ("n", "total", "squares")))


def once(file: Path, kind: str) -> dict[str, float]:
    """Seconds of counting, fit and intervals, the estimates, and the peak memory of this process; libraries are loaded before."""
    _loaded(kind)
    began, used = time.perf_counter(), time.process_time()
    cells = counted(file)
    have = time.perf_counter()
    found = fit(cells, kind)
    fitted = time.perf_counter()
    spread.spread(found, latent=kind == "binary")
    ended = time.perf_counter()
    sds = {f"sd {name}": float(sd) for name, sd in zip(SIZES, found.sds, strict=True)}
    told = {"counting": have - began, "fit": fitted - have, "intervals": ended - fitted, "seconds": ended - began}
    told["processor"] = time.process_time() - used
    return told | sds | {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _loaded(kind: str) -> None:
    """What is imported when it is first needed: one small company counted and fitted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.parquet"
        write(file, 5_000, kind)
        spread.spread(fit(counted(file), kind), latent=kind == "binary")


def ours(file: Path, kind: str, repeats: int) -> Timing | str:
    """Ours, each run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.variance_speed", "--once", str(file), kind]
    return _repeated(command, repeats, json.loads)


def lme4(file: Path, kind: str, repeats: int, cells: Cells) -> Timing | str:
    """lme4 over the rows (yes or no: over the cells, which is what it takes too)."""
    if not shutil.which("Rscript"):
        return "absent: R is not installed"
    table = file.with_suffix(".csv")
    _csv(table, file, cells, kind)
    return _repeated(["Rscript", str(LME4), str(table)], repeats, _lines)


def gpboost(file: Path, kind: str, repeats: int) -> Timing | str:
    """gpboost over the rows."""
    python = os.environ.get("AB_PEERS")
    if not python:
        return "absent: set AB_PEERS to a Python that has it"
    return _repeated([python, str(GPBOOST), str(file), kind], repeats, _lines)


def _lines(printed: str) -> dict[str, float]:
    pairs = (line.rsplit(" ", 1) for line in printed.splitlines())
    return {name: float(value) for name, value in pairs}


def _repeated(command: Sequence[str], repeats: int, read: Any) -> Timing | str:
    runs: list[dict[str, float]] = []
    for _ in range(repeats):
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            return f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
        runs.append(read(done.stdout))
    medians = {name: float(np.median([run[name] for run in runs])) for name in runs[0]}
    parts = {name: medians[name] for name in ("counting", "fit", "intervals") if name in medians}
    sds = {name: runs[-1][f"sd {name}"] for name in SIZES}
    return Timing(parts, medians["seconds"], medians["processor"], medians["megabytes"], sds)


def _csv(table: Path, file: Path, cells: Cells, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    if kind == "binary":
        employee, team = cells.design.codes
        csv.write_csv(pa.table({"employee": employee, "team": team, "n": cells.count, "s": cells.total}), table)
    else:
        csv.write_csv(pq.read_table(file), table)


def _say(who: str, rows: int, kind: str, timing: Timing | str, own: Timing | None) -> None:
    if isinstance(timing, str):
        print(f"| {who} | {kind} | {rows:,} | {timing} | | | | | |", flush=True)
        return
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in timing.parts.items()) or "fit alone"
    times = "" if own is None else f"{timing.processor / own.processor:.1f} ({timing.seconds / own.seconds:.1f})"
    print(
        f"| {who} | {kind} | {rows:,} | {timing.processor:.2f} | {timing.seconds:.2f} ({parts}) | {times} "
        f"| {timing.megabytes:.0f} MB "
        f"| {timing.sds['employee']:.4f} | {timing.sds['team']:.4f} |",
        flush=True,
    )


def _measured(folder: Path, kind: str, rows: int, repeats: int, peer_repeats: int) -> None:
    took = []
    for many in (rows, 10 * rows):
        file = folder / f"{kind}.parquet"
        write(file, many, kind)
        own = ours(file, kind, repeats)
        _say("Aboveboard", many, kind, own, None)
        if isinstance(own, str):
            return
        took.append((own.processor, own.seconds))
        if many == rows:
            _say("lme4", many, kind, lme4(file, kind, peer_repeats, counted(file)), own)
            _say("gpboost", many, kind, gpboost(file, kind, peer_repeats), own)
        file.unlink()
    processor, seconds = (after / before for before, after in zip(*took, strict=True))
    print(f"| ten times the rows: times | {kind} | | {processor:.2f} | {seconds:.2f} | | | | |", flush=True)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer-repeats", type=int, default=3)
    parser.add_argument("--once", nargs=2, metavar=("FILE", "KIND"))
    chosen = parser.parse_args()
    if chosen.once:
        print(json.dumps(once(Path(chosen.once[0]), chosen.once[1])))
        return
    print(f"1,000 employees × 200 teams, medians of {chosen.repeats} runs (others: {chosen.peer_repeats})\n")
    print("| | kind | rows | processor s | clock s | times ours (by the clock) | peak memory | employee | team |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            _measured(Path(folder), kind, chosen.rows, chosen.repeats, chosen.peer_repeats)


if __name__ == "__main__":
    main()
