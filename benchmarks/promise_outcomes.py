"""How fast are promise outcomes? From a Parquet file to how many were kept, late, broken and still running.

`python -m benchmarks promise_outcomes` prints the tables of docs/measures/speed.md. The ledger is drawn from the ServiceNow
incident log (see `resample`); the promise: resolved within three days of being opened. A case may be opened or resolved
several times, so every contender answers the full question: the first end at or after each start.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import contest, resample

HERE = "benchmarks.promise_contenders"
PM4PY = contest.ROOT / ".venv-pm4py" / "bin" / "python"
OURS = (
    "ibis.backends.duckdb",
    "aboveboard.engines.duckdb",
    "aboveboard.playbook.reader",
    "aboveboard.analyses.promises",
)
MAKE_PM4PY = "uv venv .venv-pm4py && uv pip install --python .venv-pm4py/bin/python pm4py pyarrow"
SIZES = (1_000_000, 10_000_000)

CONTENDERS = (
    contest.Contender("**Aboveboard**, `promises.outcomes`", f"{HERE}.ours", OURS),
    contest.Contender("DuckDB by hand, ASOF join", f"{HERE}.duckdb_asof", ("duckdb",)),
    contest.Contender("DuckDB by hand, window", f"{HERE}.duckdb_window", ("duckdb",)),
    contest.Contender("Polars by hand, `join_asof`", f"{HERE}.polars_asof", ("polars",)),
    contest.Contender("pandas by hand, `merge_asof`", f"{HERE}.pandas_asof", ("pandas", "pyarrow.parquet")),
)
# pm4py answers something less: which cases have an end at all after the start, within the time (its nearest check).
BESIDE_PM4PY = (
    contest.Contender("Aboveboard, the same file", f"{HERE}.ours_cases", OURS),
    contest.Contender(
        "pm4py, eventually-follows within the time", "benchmarks.promise_pm4py.eventually_follows", python=PM4PY
    ),
)


def main() -> None:
    """Draw the ledgers, run the contests, print the tables."""
    folder = Path(tempfile.gettempdir()) / "aboveboard-benchmark"
    if not PM4PY.exists():
        print(f"pm4py is left out; to have it beside the others: {MAKE_PM4PY}", file=sys.stderr)
    for size in SIZES:
        file = resample.ledger(size, folder)
        print(contest.table(f"{size:,} events", file, CONTENDERS), end="\n\n", flush=True)
        if PM4PY.exists():
            print(contest.table(f"{size:,} events, cases kept", file, BESIDE_PM4PY), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
