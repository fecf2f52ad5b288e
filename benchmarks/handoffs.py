"""How fast are hand-offs? From a Parquet file to how many there are, how many come back, and how long work waited.

`python -m benchmarks handoffs` prints the tables of docs/measures/speed.md. The ledger is drawn from the ServiceNow
incident log (see `resample`), whose incidents go from team to team.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import contest, resample

HERE = "benchmarks.handoff_contenders"
THERE = "benchmarks.handoff_pm4py"
OURS = ("ibis.backends.duckdb", "aboveboard.engines.duckdb", "aboveboard.analyses.episodes", "pyarrow.compute")
NAME = "**Aboveboard**, `episodes.handoffs`"
SIZES = (1_000_000, 10_000_000)

CONTENDERS = (
    contest.Contender(NAME, f"{HERE}.ours", OURS),
    contest.Contender("DuckDB by hand, window", f"{HERE}.duckdb_by_hand", ("duckdb",)),
    contest.Contender("Polars by hand, sorted once", f"{HERE}.polars_by_hand", ("polars",)),
)
# pm4py answers something less (see `handoff_pm4py`), and each of its answers has ours to the same question beside it.
COUNTED = (
    contest.Contender(NAME, f"{HERE}.ours_per_pair", OURS),
    contest.Contender(
        "pm4py, directly-follows graph of teams",
        f"{THERE}.directly_follows",
        python=contest.PM4PY,
        prepare=f"{THERE}.log",
    ),
)
PAIRED = (
    contest.Contender(NAME, f"{HERE}.ours_pairs", OURS),
    contest.Contender(
        "pm4py, handover-of-work network", f"{THERE}.handover_of_work", python=contest.PM4PY, prepare=f"{THERE}.log"
    ),
)


def main() -> None:
    """Draw the ledgers, run the contests, print the tables; sizes may be named on the command line."""
    questions: dict[str, Sequence[contest.Contender]] = {"hand-offs": CONTENDERS}
    if contest.PM4PY.exists():
        questions |= {"hand-offs per pair of teams": COUNTED, "pairs of teams": PAIRED}
    else:
        print(f"pm4py is left out; to have it beside the others: {contest.MAKE_PM4PY}", file=sys.stderr)
    for size in [int(size) for size in sys.argv[1:]] or SIZES:
        file = resample.ledger(size, contest.FOLDER)
        for question, contenders in questions.items():
            print(contest.table(f"{size:,} events: {question}", file, contenders), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
