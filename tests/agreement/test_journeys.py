"""Journeys and touchpoints give the same rows on every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.agreement.gathered import gathered, together
from tests.analyses.journeys.test_journeys import ANSWERS, PLAYBOOK

from aboveboard.analyses import journeys
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.simulate import planted_drivers

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]


def answered() -> pa.Table:
    return pa.Table.from_pylist(together(gathered(ANSWERS, 150)), schema=SCHEMA)


BOOK = reader.read(
    planted_drivers.playbook().replace(
        "rating: {scale: [0, 10]}", "rating: {scale: [0, 10], good_from: 7, objective: 0.6}"
    )
)


def company() -> pa.Table:
    """A company of which one touchpoint is rated lower, so that there is something to do first."""
    events = planted_drivers.events(3, 150)
    lower = pc.if_else(
        pc.equal(events["touchpoint"], "store"),
        pc.max_element_wise(pc.subtract(events["value"], 3), 0.0),
        events["value"],
    )
    return events.set_column(events.schema.get_field_index("value"), "value", pc.fill_null(lower, events["value"]))


COMPANY = company()


def sorted_rows(ledger: Ledger, spec: TableSpec, table: Any) -> list[dict[str, Any]]:
    found = ledger.arrow(table).to_pylist()
    return sorted(found, key=lambda row: [str(row[name]) for name in spec.key])


def rows(ledger: Ledger) -> list[list[dict[str, Any]]]:
    """Journeys and touchpoints, and the measures, of many small ledgers of odd answers."""
    events, of = ledger.events, journeys.tables
    return [
        sorted_rows(ledger, of.JOURNEYS, journeys.journeys(events, PLAYBOOK)),
        sorted_rows(ledger, of.TOUCHPOINTS, journeys.touchpoints(events, PLAYBOOK)),
        sorted_rows(ledger, of.MEASURES, journeys.measures(events, PLAYBOOK)),
        sorted_rows(ledger, of.RESPONSE, journeys.response(events, PLAYBOOK)),
    ]


def company_rows(ledger: Ledger) -> list[list[dict[str, Any]]]:
    """What needs more answers: over time, drivers, budgets and the queue."""
    events, of = ledger.events, journeys.tables
    touchpoints = ledger.keep(journeys.touchpoints(events, BOOK), "touchpoints")
    return [
        sorted_rows(ledger, of.TREND, journeys.trend(events, BOOK)),
        sorted_rows(ledger, of.DRIVERS, journeys.drivers(events, BOOK)),
        sorted_rows(ledger, of.BUDGETS, journeys.budgets(events, BOOK)),
        sorted_rows(ledger, of.SMALL_STEPS, journeys.small_steps(events, {"touchpoints": touchpoints}, BOOK)),
    ]


def same(opened: Opener, events: pa.Table, asked: Callable[[Ledger], list[list[dict[str, Any]]]]) -> None:
    with Ledger.of(events) as here, opened(events) as there:
        for ours, theirs in zip(asked(here), asked(there), strict=True):
            assert len(ours) == len(theirs) >= 1
            for one, other in zip(ours, theirs, strict=True):
                for name, value in one.items():
                    wanted = pytest.approx(value, abs=1e-9) if isinstance(value, float) else value
                    assert other[name] == wanted, (name, one, other)


def test_postgres_gives_the_same(postgres: str) -> None:
    def opened(events: pa.Table) -> Ledger:
        return Ledger.of(events, engine="postgres", url=postgres)

    same(opened, answered(), rows)
    same(opened, COMPANY, company_rows)


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    same(opened_on_spark, answered(), rows)
    same(opened_on_spark, COMPANY, company_rows)
