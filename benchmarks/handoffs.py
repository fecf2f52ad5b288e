"""How fast are hand-offs? From a Parquet file to how many there are, how many come back, and how long work waited.

`python -m benchmarks handoffs` prints the tables of docs/measures/speed.md. The ledger is drawn from the ServiceNow
incident log (see `resample`), whose incidents go from team to team.
"""

from __future__ import annotations

from benchmarks import contest, resample

HERE = "benchmarks.handoff_contenders"
THERE = "benchmarks.handoff_pm4py"
OURS = ("ibis.backends.duckdb", "aboveboard.engines.duckdb", "aboveboard.analyses.episodes", "pyarrow.compute")
NAME = "**Aboveboard**, `episodes.handoffs`"

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

if __name__ == "__main__":
    contest.hold(
        {"hand-offs": CONTENDERS}, {"hand-offs per pair of teams": COUNTED, "pairs of teams": PAIRED}, resample.ledger
    )
