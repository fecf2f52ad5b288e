"""How fast are promise outcomes? From a Parquet file to how many were kept, late, broken and still running.

`python -m benchmarks promise_outcomes` prints the tables of docs/measures/speed.md. The ledger is drawn from the ServiceNow
incident log (see `resample`); the promise: resolved within three days of being opened. A case may be opened or resolved
several times, so every contender answers the full question: the first end at or after each start.
"""

from __future__ import annotations

from benchmarks import contest, resample

HERE = "benchmarks.promise_contenders"
THERE = "benchmarks.promise_pm4py"
OURS = (
    "ibis.backends.duckdb",
    "aboveboard.engines.duckdb",
    "aboveboard.playbook.reader",
    "aboveboard.analyses.promises",
    "pyarrow.compute",
)

CONTENDERS = (
    contest.Contender("**Aboveboard**, `promises.outcomes`", f"{HERE}.ours", OURS),
    contest.Contender("DuckDB by hand, ASOF join", f"{HERE}.duckdb_asof", ("duckdb",)),
    contest.Contender("DuckDB by hand, window", f"{HERE}.duckdb_window", ("duckdb",)),
    contest.Contender("Polars by hand, `join_asof`", f"{HERE}.polars_asof", ("polars",)),
    contest.Contender("pandas by hand, `merge_asof`", f"{HERE}.pandas_asof", ("pandas", "pyarrow.parquet")),
)
# pm4py answers something less (see `promise_pm4py`), and each of its answers has ours to the same question beside it.
IN_TIME = (
    contest.Contender("**Aboveboard**, `promises.outcomes`", f"{HERE}.ours_met_in_time", OURS),
    contest.Contender(
        "pm4py, eventually-follows", f"{THERE}.eventually_follows", python=contest.PM4PY, prepare=f"{THERE}.log"
    ),
    contest.Contender(
        "pm4py, the same on rows as they lie",
        f"{THERE}.eventually_follows",
        python=contest.PM4PY,
        prepare=f"{THERE}.as_it_lies",
    ),
)
EVER = (
    contest.Contender("**Aboveboard**, `promises.outcomes`", f"{HERE}.ours_never_met", OURS),
    contest.Contender(
        "pm4py, DECLARE response", f"{THERE}.declare_response", python=contest.PM4PY, prepare=f"{THERE}.log"
    ),
)

if __name__ == "__main__":
    contest.hold({"outcomes": CONTENDERS}, {"cases met in time": IN_TIME, "cases never met": EVER}, resample.ledger)
