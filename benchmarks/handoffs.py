"""Hand-offs between teams over 1 and 10 million events: ours beside hand-written SQL, Polars and pm4py.

    python -m benchmarks handoffs            # or: python -m benchmarks.handoffs 1000000

Every contender starts in a process of its own, reads the same Parquet file, and gives how many hand-offs there are, how
many of them bring the work back (A→B→A) and how many hours work waited between hands. Medians of five; peak
memory is the process's own (ru_maxrss). The answers must be equal, or the benchmark fails. pm4py is AGPL and not among our
dependencies: it runs where PM4PY_PYTHON names a Python that has it, and gives its nearest, `discover_handover_of_work_network`,
which counts pairs and knows neither returns nor waiting.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUNS = 5
SQL = """
with acts as (
  select subject, team, time, id, lag(team) over turn as sender, lag(time) over turn as sent
  from read_parquet('{file}') where team is not null and subject is not null
  window turn as (partition by subject order by time, id)
), hops as (
  select subject, sender, team as receiver, sent, time as received, id from acts where sender <> team
), marked as (
  select *, lag(sender) over (partition by subject order by received, id) = receiver as returned from hops
)
select count(*), count(*) filter (where returned), sum(epoch_us(received) // 1000000 - epoch_us(sent) // 1000000) from marked
"""


def ours(file: Path) -> tuple[int, int, float]:
    """The analysis as users call it, channels, vendors and told hand-offs included."""
    from aboveboard.analyses import episodes
    from aboveboard.engines import ledgers

    with ledgers.read(file) as led:
        hops = episodes.handoffs(led.events)
        row = led.arrow(
            hops.aggregate(
                n=hops.count(),
                returned=hops.count(where=hops.returned),
                waited=hops.waiting_minutes.sum(),
            )
        ).to_pylist()[0]
    return row["n"], row["returned"], (row["waited"] or 0) * 60


def duckdb_by_hand(file: Path) -> tuple[int, int, float]:
    """What a good analyst would write for this question alone."""
    import duckdb

    row = duckdb.sql(SQL.format(file=file)).fetchall()[0]
    return int(row[0]), int(row[1]), float(row[2])


def polars(file: Path) -> tuple[int, int, float]:
    """The same, lazily, sorted once."""
    import polars as pl

    acts = (
        pl.scan_parquet(file)
        .filter(pl.col("team").is_not_null(), pl.col("subject").is_not_null())
        .select("subject", "team", "time", "id")
        .sort("subject", "time", "id")
    )
    same = pl.col("subject") == pl.col("subject").shift()
    hops = acts.with_columns(
        sender=pl.when(same).then(pl.col("team").shift()), sent=pl.when(same).then(pl.col("time").shift())
    ).filter(pl.col("sender") != pl.col("team"))
    seconds = pl.col("time").dt.epoch("s") - pl.col("sent").dt.epoch("s")
    row = (
        hops.with_columns(returned=same & (pl.col("sender").shift() == pl.col("team")))
        .select(pl.len(), pl.col("returned").sum(), seconds.sum().alias("waited"))
        .collect()
        .row(0)
    )
    return int(row[0]), int(row[1]), float(row[2])


def pm4py(file: Path) -> tuple[int, int, float]:
    """Handover of work: pairs of resources that follow one another in a case; counts only."""
    import pandas as pd
    import pm4py as mining

    frame = pd.read_parquet(file, columns=["subject", "type", "time", "team"]).dropna()
    names = {
        "subject": "case:concept:name",
        "type": "concept:name",
        "time": "time:timestamp",
        "team": "org:resource",
    }
    network = mining.discover_handover_of_work_network(frame.rename(columns=names))
    return len(network.connections), -1, -1.0


CONTENDERS: dict[str, Callable[[Path], tuple[int, int, float]]] = {
    "Aboveboard": ours,
    "DuckDB, window by hand": duckdb_by_hand,
    "Polars, by hand": polars,
    "pm4py, handover of work": pm4py,
}


def measure(name: str, file: Path) -> dict[str, Any] | None:
    """One run in a fresh process: seconds from opening the file to the counts, peak megabytes, and the answer."""
    python = os.environ.get("PM4PY_PYTHON") if name.startswith("pm4py") else sys.executable
    if python is None:
        return None
    done = subprocess.run([python, __file__, name, str(file)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(events: int, file: Path) -> str:
    """A Markdown table of all contenders over one file, after checking that they agree."""
    # In turn, not one after the other: what else the machine does then strikes all alike.
    rounds = [{name: measure(name, file) for name in CONTENDERS} for _ in range(RUNS)]
    lines = [f"| {events:,} events | median s | peak MB | hand-offs | returns |", "|---|--:|--:|--:|--:|"]
    answers = set()
    for name in CONTENDERS:
        runs = [found for one in rounds if (found := one[name])]
        if not runs:
            continue
        seconds, peak = (statistics.median(run[key] for run in runs) for key in ("seconds", "peak_mb"))
        n, returned, waited = runs[0]["answer"]
        if returned >= 0:
            answers.add((n, returned, round(waited / 3600)))
        lines.append(f"| {name} | {seconds:.2f} | {peak:,.0f} | {n:,} | {returned:,} |")
    if len(answers) != 1:
        raise SystemExit(f"the answers differ: {answers}")
    return "\n".join(lines)


def main() -> None:
    """Print a table per size; sizes may be named on the command line."""
    from benchmarks import resample

    sizes = [int(size) for size in sys.argv[1:]] or [1_000_000, 10_000_000]
    folder = Path(os.environ.get("ABOVEBOARD_BENCH", tempfile.gettempdir())) / "aboveboard-benchmarks"
    for events in sizes:
        print(table(events, resample.ledger(events, folder)), flush=True)
        print()


def _alone(name: str, file: Path) -> None:
    start = time.perf_counter()
    answer = CONTENDERS[name](file)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "answer": answer}))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in CONTENDERS:
        _alone(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
