"""A contest: one question, one file, several ways to answer it, each in a fresh process, medians of several runs.

A contender is a function that takes the file and gives the answer as a dict of counts. It is timed from before it opens the
file until it has the counts; what it imports is loaded before. Its memory is the peak of its whole process. Contenders take
turns, so that a busy machine is busy for all of them. All must give the same answer, or the contest is void.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("ABOVEBOARD_BENCH", tempfile.gettempdir())) / "aboveboard-benchmark"
"""Where the files of the contests are kept from one run to the next."""

PM4PY = Path(os.environ.get("ABOVEBOARD_PM4PY", ROOT / ".venv-pm4py" / "bin" / "python"))
"""pm4py is AGPL: it never meets Aboveboard in one process, and has an environment of its own."""
MAKE_PM4PY = "uv venv .venv-pm4py && uv pip install --python .venv-pm4py/bin/python pm4py pyarrow"

RUNS = int(os.environ.get("ABOVEBOARD_BENCH_RUNS", "5"))

Answer = dict[str, int]
SIZES = (1_000_000, 10_000_000)


@dataclass(frozen=True)
class Contender:
    """One way to the answer: `<module>.<function>`, run by `python` (ours unless another is named).

    `needs` are the modules that are loaded before its clock starts; nobody else's are, so that memory is its own.
    `prepare` is a function that makes of the file what `call` takes instead of it. The clock runs during both; what
    `call` alone took gets a line of its own.
    """

    name: str
    call: str
    needs: tuple[str, ...] = ()
    python: Path = Path(sys.executable)
    prepare: str = ""


@dataclass(frozen=True)
class Score:
    """What one run took: wall and processor seconds, the same without preparing, and megabytes at the peak."""

    seconds: float
    processor: float
    check_seconds: float
    check_processor: float
    megabytes: float
    answer: Answer


def hold(
    questions: Mapping[str, Sequence[Contender]],
    with_pm4py: Mapping[str, Sequence[Contender]],
    draw: Callable[[int, Path], Path],
) -> None:
    """Draw the ledgers, run the contests, print the tables; sizes may be named on the command line.

    `draw` makes the ledger of a size in a folder; it is handed in, so that a contender's process need not load what draws.
    """
    asked = dict(questions)
    if PM4PY.exists():
        asked |= with_pm4py
    else:
        print(f"pm4py is left out; to have it beside the others: {MAKE_PM4PY}", file=sys.stderr)
    for size in [int(size) for size in sys.argv[1:]] or SIZES:
        file = draw(size, FOLDER)
        for question, contenders in asked.items():
            print(table(f"{size:,} events: {question}", file, contenders), end="\n\n", flush=True)


def table(title: str, file: Path, contenders: Sequence[Contender], *, runs: int = RUNS) -> str:
    """Run every contender `runs` times and give the medians as a Markdown table; raise where answers differ.

    The last column is a contender's processor time in multiples of the first one's.
    """
    scores: dict[Contender, list[Score]] = {contender: [] for contender in contenders}
    for _ in range(runs):
        for contender in contenders:
            scores[contender].append(_run(contender, file))
    answer = _agreed({contender.name: taken for contender, taken in scores.items()})
    ours = _median(scores[contenders[0]], "processor")
    lines = [f"| {title} | seconds | processor seconds | peak MB | processor, first = 1 |", "|---|---:|---:|---:|---:|"]
    for contender, taken in scores.items():
        seconds, processor, megabytes = (_median(taken, part) for part in ("seconds", "processor", "megabytes"))
        lines.append(_line(contender.name, seconds, processor, f"{megabytes:,.0f}", ours))
        if contender.prepare:
            check = (_median(taken, "check_seconds"), _median(taken, "check_processor"))
            lines.append(_line("– of that, the check alone", *check, "", ours))
    counts = ", ".join(f"{name} {count:,}" for name, count in answer.items())
    return "\n".join([*lines, "", f"Medians of {runs}. Each of them gives: {counts}."])


def _median(scores: Sequence[Score], part: str) -> float:
    middle: float = statistics.median(getattr(score, part) for score in scores)
    return middle


def _line(name: str, seconds: float, processor: float, megabytes: str, ours: float) -> str:
    return f"| {name} | {seconds:.2f} | {processor:.2f} | {megabytes} | {processor / ours:.2f} |"


def _agreed(scores: Mapping[str, Sequence[Score]]) -> Answer:
    answers = {name: taken[0].answer for name, taken in scores.items()}
    first = next(iter(answers.values()))
    if any(score.answer != first for taken in scores.values() for score in taken):
        raise SystemExit(f"the contenders do not agree, so the times mean nothing: {json.dumps(answers, indent=1)}")
    return first


def _run(contender: Contender, file: Path) -> Score:
    place = ["-m", "benchmarks.contest", contender.call, contender.prepare, str(file), *contender.needs]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [str(contender.python), *place], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{contender.name} failed:\n{done.stderr[-2000:]}")
    return Score(**json.loads(done.stdout.splitlines()[-1]))


def _measured(call: str, prepare: str, file: str, *needs: str) -> Score:
    for module in needs:
        importlib.import_module(module)
    contender = _function(call)
    first = _function(prepare) if prepare else str
    began = _clocks()
    prepared = first(file)
    ready = _clocks()
    answer = contender(prepared)
    ended = _clocks()
    # Not ru_maxrss: a new process starts with the peak of the one that started it, which may have drawn the ledger.
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024  # type: ignore[index]
    counts = {name: int(count) for name, count in sorted(answer.items())}
    return Score(ended[0] - began[0], ended[1] - began[1], ended[0] - ready[0], ended[1] - ready[1], peak, counts)


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _function(name: str) -> Callable[[Any], Any]:
    module, _, function = name.rpartition(".")
    found: Callable[[Any], Any] = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__" and len(sys.argv) > 3:
    print(json.dumps(vars(_measured(*sys.argv[1:]))))
