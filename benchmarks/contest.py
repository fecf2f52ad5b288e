"""A contest: one question, one file, several ways to answer it, each in a fresh process, medians of several runs.

A contender is a function that takes the file and gives the answer as a dict of counts. It is timed from before it opens the
file until it has the counts; what it imports is loaded before. Its memory is the peak of its whole process. Contenders take
turns, so that a busy machine is busy for all of them. All must give the same answer, or the contest is void.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Answer = dict[str, int]


@dataclass(frozen=True)
class Contender:
    """One way to the answer: `<module>.<function>`, run by `python` (ours unless another is named).

    `needs` are the modules that are loaded before its clock starts; nobody else's are, so that memory is its own.
    """

    name: str
    call: str
    needs: tuple[str, ...] = ()
    python: Path = Path(sys.executable)


@dataclass(frozen=True)
class Score:
    """What one run took: seconds of wall and of processor time, and megabytes at the peak."""

    seconds: float
    processor: float
    megabytes: float
    answer: Answer


def table(title: str, file: Path, contenders: Sequence[Contender], *, runs: int = 5) -> str:
    """Run every contender `runs` times and give the medians as a Markdown table; raise where answers differ."""
    scores: dict[str, list[Score]] = {contender.name: [] for contender in contenders}
    for _ in range(runs):
        for contender in contenders:
            scores[contender.name].append(_run(contender, file))
    _agree(scores)
    lines = [f"| {title} | seconds | processor seconds | peak MB |", "|---|---:|---:|---:|"]
    for name, taken in scores.items():
        middle = [
            statistics.median(getattr(score, part) for score in taken) for part in ("seconds", "processor", "megabytes")
        ]
        lines.append(f"| {name} | {middle[0]:.2f} | {middle[1]:.2f} | {middle[2]:,.0f} |")
    return "\n".join(lines)


def _agree(scores: Mapping[str, Sequence[Score]]) -> None:
    answers = {name: taken[0].answer for name, taken in scores.items()}
    first = next(iter(answers.values()))
    if any(score.answer != first for taken in scores.values() for score in taken):
        raise SystemExit(f"the contenders do not agree, so the times mean nothing: {json.dumps(answers, indent=1)}")


def _run(contender: Contender, file: Path) -> Score:
    command = [str(contender.python), "-m", "benchmarks.contest", contender.call, str(file), *contender.needs]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{contender.name} failed:\n{done.stderr[-2000:]}")
    return Score(**json.loads(done.stdout.splitlines()[-1]))


def _measured(call: str, file: str, *needs: str) -> Score:
    for module in needs:
        importlib.import_module(module)
    place, name = call.rsplit(".", 1)
    contender: Callable[[str], Answer] = getattr(importlib.import_module(place), name)
    wall, processor = time.perf_counter(), time.process_time()
    answer = contender(file)
    seconds, used = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Score(seconds, used, peak, {name: int(count) for name, count in sorted(answer.items())})


if __name__ == "__main__" and len(sys.argv) > 2:
    print(json.dumps(vars(_measured(*sys.argv[1:]))))
