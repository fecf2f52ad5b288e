"""Journeys and touchpoints give the same rows on every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pytest
from tests.agreement.gathered import gathered, together
from tests.analyses.journeys.test_journeys import ANSWERS, PLAYBOOK

from aboveboard.analyses import journeys
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]


def answered() -> pa.Table:
    return pa.Table.from_pylist(together(gathered(ANSWERS, 150)), schema=SCHEMA)


def rows(ledger: Ledger) -> list[list[dict[str, Any]]]:
    found = (journeys.journeys(ledger.events, PLAYBOOK), journeys.touchpoints(ledger.events, PLAYBOOK))
    keys = (("subject", "measure"), ("touchpoint", "measure"))
    return [
        sorted(ledger.arrow(table).to_pylist(), key=lambda row, by=by: [row[name] for name in by])
        for table, by in zip(found, keys, strict=True)
    ]


def same(opened: Opener) -> None:
    events = answered()
    with Ledger.of(events) as here, opened(events) as there:
        for ours, theirs in zip(rows(here), rows(there), strict=True):
            assert len(ours) == len(theirs) > 1
            for one, other in zip(ours, theirs, strict=True):
                for name, value in one.items():
                    wanted = pytest.approx(value, abs=1e-9) if isinstance(value, float) else value
                    assert other[name] == wanted, (name, one, other)


def test_each_engine_gives_the_same(opened: Opener) -> None:
    same(opened)


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    same(opened_on_spark)
