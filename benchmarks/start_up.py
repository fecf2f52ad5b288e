"""How long until the command line answers, beside a bare Python and a few other command lines written in Python.

`python -m benchmarks start_up` prints the table. Each line is a process of its own, from its start to its end; they take
turns, after one round that is not counted, and the figures are medians. Programs that are not installed are left out.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 20
BESIDE = Path(sys.executable).parent
COMMANDS: dict[str, Sequence[str]] = {
    "`python -c pass`": [sys.executable, "-c", "pass"],
    "**`aboveboard --help`**": [str(BESIDE / "aboveboard"), "--help"],
    "`aboveboard analyse --help`": [str(BESIDE / "aboveboard"), "analyse", "--help"],
    "`pip --version`": [sys.executable, "-m", "pip", "--version"],
    "`pytest --version`": [str(BESIDE / "pytest"), "--version"],
    "`mypy --version`": [str(BESIDE / "mypy"), "--version"],
}


def seconds(command: Sequence[str]) -> tuple[float, float]:
    """Wall and processor seconds of one run of the command."""
    before, started = _children(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def runs(command: Sequence[str]) -> bool:
    """Whether the command is there; its first run also writes the bytecode that later ones read."""
    try:
        seconds(command)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def main() -> None:
    """Print the table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # set in some containers: it would time Python's compiler
    there = {name: command for name, command in COMMANDS.items() if runs(command)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in there}
    for _ in range(RUNS):
        for name, command in there.items():
            taken[name].append(seconds(command))
    print(f"| median of {RUNS} | seconds | processor seconds |\n|---|---:|---:|")
    for name, both in taken.items():
        wall, processor = (statistics.median(column) for column in zip(*both, strict=True))
        print(f"| {name} | {wall:.3f} | {processor:.3f} |")


if __name__ == "__main__":
    main()
