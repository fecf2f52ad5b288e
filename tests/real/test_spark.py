"""The real logs on a Spark cluster: every row of promises, episodes and hand-offs as DuckDB gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard import engines
from aboveboard.analyses import episodes, promises
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

pytestmark = pytest.mark.slow

PLAYBOOKS = Path(__file__).resolve().parents[2] / "docs" / "measures" / "playbooks"
SETS = ["baltimore311", "bpic2013", "helpdesk", "olist", "servicenow"]
KEYS = {
    "promises": ("promise", "event"),
    "members": ("event",),
    "handoffs": ("event", "between", "basis"),
    "flows": ("between", "sender", "receiver"),
    "episodes": ("episode",),
    "repeats": ("slice", "value"),
}


@pytest.mark.parametrize("name", SETS)
def test_spark_gives_the_rows_of_duckdb(name: str, real_data: Path, spark: Any) -> None:
    playbook = reader.read(PLAYBOOKS / f"{name}.yaml")
    with engines.read(real_data / name, mapping=name, timezone=playbook.timezone.key) as ledger:
        events = ledger.arrow(ledger.events)
        here = tables(ledger, playbook)
    with Ledger.of(events, engine="spark", session=spark) as ledger:
        there = tables(ledger, playbook)
    for table, rows in here.items():
        assert there[table].num_rows == rows.num_rows, table
        assert there[table].equals(rows), table
    assert all(here[table].num_rows for table in ("promises", "members", "episodes"))
    assert bool(here["handoffs"].num_rows) == (name != "baltimore311"), "each agency keeps its own requests"


def tables(ledger: Ledger, playbook: Playbook) -> dict[str, pa.Table]:
    """Every row of every table, sorted by what tells its rows apart."""
    events, kept = ledger.events, {}
    kept["promises"] = promises.outcomes(events, playbook)
    kept["members"] = ledger.keep(episodes.members(events), "members")
    kept["handoffs"] = ledger.keep(episodes.handoffs(events, members=kept["members"]), "handoffs")
    kept["episodes"] = episodes.episodes(events, members=kept["members"], handoffs=kept["handoffs"])
    kept["flows"] = episodes.flows(kept["handoffs"])
    kept["repeats"] = episodes.repeats(events, members=kept["members"])
    return {name: _sorted(ledger.arrow(table), KEYS[name]) for name, table in kept.items()}


def _sorted(table: pa.Table, by: tuple[str, ...]) -> pa.Table:
    # Of columns and not of fields: the engines differ in what they declare as never absent.
    ordered = table.sort_by([(column, "ascending") for column in by])
    return pa.table({column: ordered[column] for column in ordered.column_names})
