"""How long do a million rows take, beside lme4 and gpboost over the same rows, and ten million beside one million?

    python -m benchmarks variance_speed

1,000 employees × 200 teams (text, as in a ledger), numbers and yes or no, rows in Parquet. Ours is all of it: the engine's
counting, the fit and the intervals; the others' time is the fit alone, the rows in memory already (libraries are loaded in all).
Every run is a process of its own, so that peak memory is its own; all take turns, medians of `--repeats` runs. Processor seconds
(of all threads together) stand beside the clock's: on a machine that others use too, only those say anything. lme4 is there where
R has it (`sh .ci/system`), gpboost where `AB_PEERS` is a Python that has it; each is said to be absent otherwise. Beside ten times
the rows stands what a bare `select count(*)` by employee and team takes in the same DuckDB, which compares texts row by row.
Options: `python -m benchmarks.variance_speed --rows 1000000 --repeats 5 --peer-repeats 3`.
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

import numpy as np

from aboveboard.analyses.attribution import outcomes, spread
from benchmarks.variance_components import KINDS, MIDDLE, Cells, fit

SIZES = {"employee": 1000, "team": 200}
SDS = {"employee": 0.25, "team": 0.4}
ROOT = Path(__file__).resolve().parents[1]
LME4 = ROOT / "tests" / "analyses" / "attribution" / "lme4.R"
GPBOOST = Path(__file__).with_name("variance_contenders.py")
Told = Mapping[str, float]


@dataclass(frozen=True)
class Timing:
    """Medians over runs: seconds of the parts and of all, processor seconds (those of `counting` too, where ours), peak memory; and
    the estimates of the last."""

    parts: Told
    seconds: float
    processor: float
    counting: float
    megabytes: float
    sds: Told


def write(file: Path, rows: int, kind: str) -> None:
    """Rows of employee, team and y, a million at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    worth = {name: random.normal(0, SDS[name], many) for name, many in SIZES.items()}
    schema = pa.schema([("employee", pa.string()), ("team", pa.string()), ("y", pa.float64())])
    texts = {name: np.array([f"{name} {number:04d}" for number in range(many)]) for name, many in SIZES.items()}
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - start)
            codes = {name: random.integers(many, size=count, dtype=np.int32) for name, many in SIZES.items()}
            odds = MIDDLE + sum(worth[name][code] for name, code in codes.items())
            chance = random.random(count) if kind == "binary" else random.normal(size=count)
            y = (chance < 1 / (1 + np.exp(-odds))).astype(float) if kind == "binary" else odds + chance
            columns = {
                name: pa.DictionaryArray.from_arrays(code, pa.array(texts[name])).cast(pa.string())
                for name, code in codes.items()
            }
            writer.write_table(pa.table({**columns, "y": y}, schema=schema))


def counted(file: Path, kind: str) -> Cells:
    """The cells, counted as the analysis does."""
    import ibis

    rows = ibis.duckdb.connect().read_parquet(file)
    cells = outcomes.cells(outcomes.Outcome("y", "yes or no" if kind == "binary" else "number", rows))
    if cells is None:
        raise ValueError("too few rows")
    return Cells(cells.design, cells.count, cells.total, cells.squares)


def bare(file: Path) -> dict[str, float]:
    """Processor and clock seconds of counting the rows by both texts."""
    import ibis

    rows = ibis.duckdb.connect()
    began, used = time.perf_counter(), time.process_time()
    rows.con.sql(f"select employee, team, count(*) from '{file}' group by all").to_arrow_table()
    return {"processor": time.process_time() - used, "seconds": time.perf_counter() - began}


def once(file: Path, kind: str) -> dict[str, float]:
    """Seconds of counting, fit and intervals, the estimates, and the peak memory of this process; libraries are loaded before."""
    _loaded(kind)
    began, used = time.perf_counter(), time.process_time()
    cells = counted(file, kind)
    have, counting = time.perf_counter(), time.process_time() - used
    found = fit(cells, kind)
    fitted = time.perf_counter()
    spread.spread(found, latent=kind == "binary")
    ended = time.perf_counter()
    sds = {f"sd {name}": float(sd) for name, sd in zip(SIZES, found.sds, strict=True)}
    told = {"counting": have - began, "fit": fitted - have, "intervals": ended - fitted, "seconds": ended - began}
    told |= {"processor": time.process_time() - used, "processor counting": counting}
    return told | sds | {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _loaded(kind: str) -> None:
    """What is imported when it is first needed: one small company counted and fitted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.parquet"
        write(file, 5_000, kind)
        spread.spread(fit(counted(file, kind), kind), latent=kind == "binary")


def ours(file: Path, kind: str) -> list[str]:
    """The command that runs ours, each run in a process of its own."""
    return [sys.executable, "-m", "benchmarks.variance_speed", "--once", str(file), kind]


def lme4(file: Path, kind: str) -> list[str] | str:
    """The command that runs lme4 over the rows (yes or no: over the cells, which is what it takes too), or why there is none."""
    if not shutil.which("Rscript"):
        return "absent: R is not installed"
    table = file.with_suffix(".csv")
    _csv(table, file, counted(file, kind), kind)
    return ["Rscript", str(LME4), str(table)]


def gpboost(file: Path, kind: str) -> list[str] | str:
    """The command that runs gpboost over the rows, or why there is none."""
    python = os.environ.get("AB_PEERS")
    return [python, str(GPBOOST), str(file), kind] if python else "absent: set AB_PEERS to a Python that has it"


def _run(command: list[str] | str) -> dict[str, float] | str:
    """What a command printed, a number to a line or as JSON; or why it did not."""
    if isinstance(command, str):
        return command
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
    if done.stdout.startswith("{"):
        printed: dict[str, float] = json.loads(done.stdout)
        return printed
    pairs = (line.rsplit(" ", 1) for line in done.stdout.splitlines())
    return {name: float(value) for name, value in pairs}


def _medians(runs: Sequence[dict[str, float] | str]) -> Timing | str:
    numbers = [run for run in runs if not isinstance(run, str)]
    if not numbers:
        return str(runs[0])
    medians = {name: float(np.median([run[name] for run in numbers])) for name in numbers[0]}
    parts = {name: medians[name] for name in ("counting", "fit", "intervals") if name in medians}
    sds = {name: numbers[-1][f"sd {name}"] for name in SIZES}
    counting = medians.get("processor counting", 0.0)
    return Timing(parts, medians["seconds"], medians["processor"], counting, medians["megabytes"], sds)


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
    files = {many: folder / f"{kind}{many}.parquet" for many in (rows, 10 * rows)}
    for many, file in files.items():
        write(file, many, kind)
    few, many = files
    commands: dict[tuple[str, int], list[str] | str] = {
        ("Aboveboard", few): ours(files[few], kind),
        ("lme4", few): lme4(files[few], kind),
        ("gpboost", few): gpboost(files[few], kind),
        ("Aboveboard", many): ours(files[many], kind),
    }
    runs: dict[tuple[str, int], list[dict[str, float] | str]] = {name: [] for name in commands}
    counted_bare: dict[int, list[dict[str, float]]] = {few: [], many: []}
    for number in range(repeats):
        for name, command in commands.items():
            if name[0] == "Aboveboard" or number < peer_repeats:
                runs[name].append(_run(command))
        for size, file in files.items():
            counted_bare[size].append(bare(file))
    timings = {name: _medians(each) for name, each in runs.items()}
    own, more = timings["Aboveboard", few], timings["Aboveboard", many]
    for (who, size), timing in timings.items():
        _say(who, size, kind, timing, None if who == "Aboveboard" or isinstance(own, str) else own)
    if isinstance(own, Timing) and isinstance(more, Timing):
        _compared("ten times the rows: times", own.processor, more.processor, own.seconds, more.seconds)
        _compared("of it counting", own.counting, more.counting, own.parts["counting"], more.parts["counting"])
    middle = [
        float(np.median([run[name] for run in counted_bare[size]]))
        for name in ("processor", "seconds")
        for size in files
    ]
    _compared("a bare count(*) by both", *middle)


def _compared(what: str, *numbers: float) -> None:
    """Processor seconds of the few rows and of the many, then the clock's."""
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    told = " | ".join(f"{after / before:.2f} ({before:.2f} → {after:.2f} s)" for before, after in pairs)
    print(f"| {what} | | | {told} | | | | |", flush=True)


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
