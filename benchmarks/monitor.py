"""How fast is the monitor, does its cost grow with the events, and does it say what the definition says?

`python -m benchmarks monitor` prints the tables of docs/measures/monitor.md. rtamt and reelay stand beside it if they have an
environment of their own: see `MAKE`.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import numpy as np
from tests.analyses.claims.monitor import made, reference

from aboveboard.analyses.claims import monitor
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import formulas
from benchmarks import contest, monitor_ledgers

RTAMT = contest.ROOT / ".venv-rtamt" / "bin" / "python"
MAKE = "uv venv .venv-rtamt && uv pip install --python .venv-rtamt/bin/python rtamt reelay pyarrow"
SIZES = (100_000, 300_000, 1_000_000, 3_000_000)
PLAIN = "once[0, 2 hours] (type = 'asked') and eventually[0, 3 hours] (type = 'done')"
BOUND = "once[0, 2 hours] (type = 'asked' and employee = claim.employee)"
WINDOWS = ("1 minute", "1 hour", "1 day", "*")

_HERE, _THERE = "benchmarks.monitor_contenders", "benchmarks.monitor_published"
_OURS = ("ibis.backends.duckdb", "aboveboard.engines.duckdb", "aboveboard.analyses.claims.monitor")
PAST = (
    contest.Contender("**Aboveboard**, `monitor.values`", f"{_HERE}.values", _OURS, prepare=f"{_HERE}.past"),
    contest.Contender(
        "reelay, discrete time", f"{_THERE}.reelay_values", ("reelay",), RTAMT, prepare=f"{_THERE}.samples"
    ),
)
MIXED = (
    contest.Contender("**Aboveboard**, `monitor.values`", f"{_HERE}.values", _OURS, prepare=f"{_HERE}.mixed"),
    contest.Contender(
        "rtamt, discrete time, offline", f"{_THERE}.rtamt_values", ("rtamt",), RTAMT, prepare=f"{_THERE}.signals"
    ),
)


def disagreements(trace_count: int = 10_000, each: int = 5) -> tuple[int, int]:
    """How many events of so many random traces were valued, and at how many the definition says otherwise."""
    draw, seen, wrong = random.Random(2026), 0, 0  # noqa: S311 - a seeded run, not a secret
    for _ in range(trace_count // each):
        node, traces = made.formula(draw), made.batch(draw, each)
        said = iter(monitor.values(node, made.together(traces)).tolist())
        for trace in traces:
            seen += len(trace.times)
            wrong += sum(next(said) != reference.truth(node, here, trace) for here in range(len(trace.times)))
    return seen, wrong


def growth() -> None:
    """Claims judged, from the ledger to the table, over more and more events."""
    print("| events | claims | plain formula, s | µs an event | asks of the claim, s | µs an event |")
    print("|---:|---:|---:|---:|---:|---:|")
    for size in SIZES:
        with Ledger.of(monitor_ledgers.cases(size)) as ledger:
            said = ledger.events.filter(ledger.events.type == "said")
            claims = ledger.keep(said.select("id", event="id"), "claims")
            count = ledgers.arrow(claims.aggregate(n=claims.count()))["n"][0].as_py()
            taken = [_seconds(partial(_judged, ledger, claims, text)) for text in (PLAIN, BOUND)]
        figures = " | ".join(f"{seconds:.2f} | {seconds / size * 1e6:.2f}" for seconds in taken)
        print(f"| {size:,} | {count:,} | {figures} |", flush=True)


def _judged(ledger: Ledger, claims: Any, text: str) -> None:
    ledgers.arrow(monitor.judge(ledger.events, claims, formulas.parse(text)))


def windows(size: int = 1_000_000) -> None:
    """One trace of so many events, one a second: the cost must not depend on how many events a window holds."""
    numbers = np.arange(size, dtype=np.int64)
    asked, closed = (formulas.parse(f"(type = '{name}')").conditions[0] for name in ("asked", "closed"))
    draw = np.random.default_rng(1)
    atoms = {asked: draw.random(size) < 0.01, closed: draw.random(size) < 0.0005}
    traces = monitor.Traces(np.zeros(size, dtype=np.int64), numbers * 1_000_000, atoms, size * 1_000_000)
    print(
        "| window | events in it | `once`, s | `eventually`, s | `since`, s | `until`, s |\n|---|---:|---:|---:|---:|---:|"
    )
    held = {"1 minute": 60, "1 hour": 3_600, "1 day": 86_400, "*": size}
    for window in WINDOWS:
        texts = [f"{word}[0, {window}] (type = 'asked')" for word in ("once", "eventually")]
        texts += [f"not (type = 'closed') {word}[0, {window}] (type = 'asked')" for word in ("since", "until")]
        taken = [_seconds(partial(_valued, traces, text)) for text in texts]
        print(f"| {window} | {held[window]:,} | " + " | ".join(f"{seconds:.2f}" for seconds in taken) + " |")


def _valued(traces: monitor.Traces, text: str) -> None:
    """On the same traces without what they have worked out and kept."""
    fresh = monitor.Traces(traces.trace, traces.time, traces.atoms, traces.as_of, traces.due)
    monitor.values(formulas.parse(text).tree, fresh)


def _seconds(work: Callable[[], Any], runs: int = 3) -> float:
    """Processor seconds, the median: what else the machine does is left out."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return sorted(taken)[runs // 2]


def beside(folder: Path = contest.FOLDER) -> None:
    """The contests with the published monitors."""
    if not RTAMT.exists():
        print(f"rtamt and reelay are left out; to have them beside it: {MAKE}", file=sys.stderr)
        return
    million, tenth = (monitor_ledgers.one_case(size, folder) for size in (1_000_000, 100_000))
    print(contest.table("1,000,000 events, past formula", million, PAST, runs=3), end="\n\n", flush=True)
    print(contest.table("100,000 events, past and future", tenth, MIXED, runs=3), end="\n\n", flush=True)
    print(contest.table("1,000,000 events, past and future", million, MIXED, runs=1), flush=True)


if __name__ == "__main__":
    ibis.options.interactive = False
    events, wrong = disagreements()
    print(f"10,000 random traces, {events:,} events: {wrong} disagreements with the definition.\n", flush=True)
    windows()
    print()
    growth()
    print()
    beside()
