"""What is counted from promise outcomes is the same on every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import promises
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
AS_OF = datetime(2026, 4, 20, 9, 30, tzinfo=UTC)
PLAYBOOK = reader.read("""
organisation: A shop
timezone: America/New_York
calendars:
  shop: {open: {mon-sun: "10:00-20:00"}}
promises:
  ready: {says: Ready in three hours., starts: type = 'paid', kept_by: type = 'ready', cancelled_by: type = 'gone',
    within: 3 hours, objective: 0.95}
  by-date: {says: There by then., starts: type = 'paid', kept_by: type = 'ready', by: due, objective: 0.9}
  in-hours: {says: Ready in two opening hours., starts: type = 'paid', kept_by: type = 'ready',
    within: 2 hours, calendar: shop}
""")
TABLES = (
    promises.summary,
    promises.every_time,
    promises.slices,
    promises.trend,
    promises.budgets,
    promises.deliverability,
)


@cache
def events() -> pa.Table:
    """A shop that is quick until four o'clock, over ten weeks in which the clocks change; some cancel, some never hear."""
    rng = np.random.default_rng(51)
    rows: list[dict[str, Any]] = []
    for number in range(700):
        paid = datetime(2026, 2, 9, 15, tzinfo=UTC) + timedelta(
            days=int(rng.integers(0, 70)), seconds=int(rng.integers(0, 36000))
        )
        slow = paid.hour >= 21 or paid.hour < 3
        ready = paid + timedelta(minutes=float(rng.exponential(900 if slow else 50)))
        team = [None, "Harbour", "Mill Lane"][int(rng.integers(0, 3))]
        what = "gone" if rng.random() < 0.05 else "ready"
        due = None if rng.random() < 0.1 else paid + timedelta(hours=5)
        order = {"subject": f"order:{number}", "team": team, "channel": "web", "customer": f"c{number}"}
        rows.append(order | {"id": f"p{number:04d}", "type": "paid", "time": paid, "due": due})
        if rng.random() < 0.97:
            rows.append(order | {"id": f"r{number:04d}", "type": what, "time": ready})
    recorded = [dict.fromkeys(SCHEMA.names) | row | {"recorded_at": row["time"]} for row in rows]
    return pa.Table.from_pylist(recorded, schema=SCHEMA)


def results(opened: Opener) -> dict[str, list[dict[str, Any]]]:
    with opened(events()) as ledger:
        outcomes = ledger.keep(promises.outcomes(ledger.events, PLAYBOOK, as_of=AS_OF), "outcomes")
        return {of.__name__: of(outcomes, PLAYBOOK, as_of=AS_OF).to_pyarrow().to_pylist() for of in TABLES}


@cache
def on_duckdb() -> dict[str, list[dict[str, Any]]]:
    return results(lambda table: Ledger.of(table))


def held_equal(found: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in on_duckdb().items():
        assert len(found[name]) == len(rows), name
        for other, row in zip(found[name], rows, strict=True):
            for column, value in row.items():
                wanted = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
                assert other[column] == wanted, (name, column, row)


def test_the_shop_has_something_to_say() -> None:
    (ready,) = [r for r in on_duckdb()["deliverability"] if (r["promise"], r["slice"]) == ("ready", "all")]
    assert ready["verdict"] == "not deliverable"
    assert ready["honest"].startswith("3 hours until ")
    assert {row["promise"] for row in on_duckdb()["summary"]} == {"ready", "by-date", "in-hours"}
    assert any(row["cancelled_count"] and row["undated_count"] == 0 for row in on_duckdb()["summary"])


def test_postgres_counts_the_same(postgres: str) -> None:
    held_equal(results(lambda table: Ledger.of(table, engine="postgres", url=postgres)))


@pytest.mark.slow
def test_spark_counts_the_same(opened_on_spark: Opener) -> None:
    held_equal(results(opened_on_spark))
