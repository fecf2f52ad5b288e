"""What is airline passengers' satisfaction made of, beside scikit-learn's permutation importance on the same rows?

    python -m benchmarks.airline_drivers [--data FOLDER]

Reads `airline-satisfaction/ratings.csv` (14 touchpoints rated 1–5, 0 where not used; satisfied or not) into ledger events and
prints the table `drivers`. Beside it, scikit-learn's random forest is fitted to two thirds of the passengers and one column after
another of the rest is shuffled. There is no mapping for this file among those that ship: it is one table of
a teaching set whose origin nobody states, and no system exports it.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance

from aboveboard.analyses import journeys
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

ROOT = Path(__file__).resolve().parent.parent
TOUCHPOINTS = (
    "Inflight wifi service", "Departure/Arrival time convenient", "Ease of Online booking", "Gate location", "Food and drink",
    "Online boarding", "Seat comfort", "Inflight entertainment", "On-board service", "Leg room service", "Baggage handling",
    "Checkin service", "Inflight service", "Cleanliness",
)  # fmt: skip
PLAYBOOK = reader.read("measures: {rating: {scale: [1, 5], good_from: 4}, satisfied: {scale: [0, 1]}}")


def ratings(data: Path) -> pa.Table:
    """One row per passenger: id, the touchpoints as t0, t1, …, satisfied (1 or 0)."""
    columns = ", ".join(f'"{name}" AS t{place}' for place, name in enumerate(TOUCHPOINTS))
    file = data / "airline-satisfaction" / "ratings.csv"
    with duckdb.connect() as engine:
        sql = (
            f"SELECT id, {columns}, (satisfaction = 'satisfied')::int AS satisfied FROM read_csv('{file}') ORDER BY id"
        )
        return engine.sql(sql).to_arrow_table()


def events(rows: pa.Table) -> pa.Table:
    """The answers as ledger events: one per touchpoint rated, one for the whole. The set has no times: all are one moment."""
    one = " UNION ALL ".join(
        [f"SELECT id, '{name}' AS touchpoint, 'rating' AS outcome, t{place} AS value FROM rows WHERE t{place} > 0"
         for place, name in enumerate(TOUCHPOINTS)] + ["SELECT id, NULL, 'satisfied', satisfied FROM rows"]
    )  # fmt: skip
    with duckdb.connect() as engine:
        engine.register("rows", rows)
        told = engine.sql(
            f"SELECT row_number() OVER ()::varchar AS id, 'survey.answered' AS type, TIMESTAMPTZ '2015-01-01' AS time, "
            f"TIMESTAMPTZ '2015-01-01' AS recorded_at, 'passenger-' || id AS customer, 'flight:' || id AS subject, "
            f"touchpoint, outcome, value::double AS value FROM ({one})"
        ).to_arrow_table()
    columns = [
        told[c.name].cast(c.type) if c.name in told.column_names else pa.nulls(told.num_rows, c.type) for c in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def importance(rows: pa.Table) -> dict[str, float]:
    """Permutation importance of each touchpoint: loss of accuracy on passengers held out."""
    x = np.column_stack([rows[f"t{place}"].to_numpy() for place in range(len(TOUCHPOINTS))]).astype(float)
    y = rows["satisfied"].to_numpy()
    complete = (x > 0).all(axis=1)
    x, y = x[complete], y[complete]
    held_out = np.arange(len(y)) % 3 == 0
    forest = RandomForestClassifier(n_estimators=100, min_samples_leaf=5, random_state=1, n_jobs=1)
    forest.fit(x[~held_out], y[~held_out])
    found: Any = permutation_importance(forest, x[held_out], y[held_out], n_repeats=5, random_state=1, n_jobs=1)
    print(
        f"Random forest: {100 * forest.score(x[held_out], y[held_out]):.1f} % right on {held_out.sum():,} passengers held out.\n"
    )
    return dict(zip(TOUCHPOINTS, found.importances_mean.tolist(), strict=True))


def main() -> None:
    """Print the drivers, with the other ranking beside them."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared/data"))
    )
    rows = ratings(asked.parse_args().data)
    other = importance(rows)
    start = time.perf_counter()
    with Ledger.of(events(rows)) as ledger:
        drivers = ledger.arrow(journeys.drivers(ledger.events, PLAYBOOK)).to_pylist()
        seconds = time.perf_counter() - start
        places = ledger.arrow(journeys.measures(ledger.events, PLAYBOOK)).to_pylist()
    known = sorted((row for row in drivers if row["verdict"] == "known"), key=lambda row: -row["share"])
    print(f"{known[0]['overall_count']:,} passengers, {known[0]['cases_count']:,} with all {len(known)} touchpoints rated; "
          f"R² {known[0]['r2']:.2f}; {seconds:.1f} s.\n")  # fmt: skip
    good = {row["value"]: row["score"] for row in places if row["slice"] == "touchpoint"}
    ranks = {name: n for n, name in enumerate(sorted(other, key=lambda name: -other[name]), start=1)}
    print(
        "| touchpoint | share (95 %) | adds | points of 100 for ten | good answers | permutation importance | its rank |"
    )
    print("|---|---|---|---|---|---|---|")
    for row in known:
        name, ends = row["driver"], f"{100 * row['share_low']:.1f}–{100 * row['share_high']:.1f} %"
        beside = f"{100 * other[name]:.1f} | {ranks[name]}"
        print(f"| {name} | {100 * row['share']:.1f} % ({ends}) | {'yes' if row['drives'] else 'not shown'} | "
              f"{10 * row['slope']:+.1f} | {100 * good[name]:.0f} % | {beside} |")  # fmt: skip
    rank = stats.spearmanr([row["share"] for row in known], [other[row["driver"]] for row in known])
    print(f"\nSpearman's rank correlation of the two: {rank.statistic:.2f}")


if __name__ == "__main__":
    main()
