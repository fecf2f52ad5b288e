"""What customers do after they were let down comes out the same on every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import money, promises
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_losses

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
BOOK = reader.read(planted_losses.playbook())
EVENTS = planted_losses.events(planted_losses.customers(4, count=400))


def rows(ledger: Ledger) -> list[list[dict[str, Any]]]:
    as_of = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
    kept = ledger.keep(promises.outcomes(ledger.events, BOOK, as_of=as_of), "promises")
    found = money.study(ledger.events, kept, BOOK, as_of=as_of)
    return [
        ledger.arrow(table).to_pylist()
        for table in (money.consequences(found), money.value_at_stake(found), money.cost_to_serve(found))
    ]


def same(opened: Opener) -> None:
    with Ledger.of(EVENTS) as here, opened(EVENTS) as there:
        for ours, theirs in zip(rows(here), rows(there), strict=True):
            assert len(ours) == len(theirs) >= 1
            for one, other in zip(ours, theirs, strict=True):
                for name, value in one.items():
                    wanted = pytest.approx(value, rel=1e-6, abs=1e-9) if isinstance(value, float) else value
                    assert other[name] == wanted, (name, one, other)


def test_postgres_gives_the_same(postgres: str) -> None:
    same(lambda events: Ledger.of(events, engine="postgres", url=postgres))


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    same(opened_on_spark)
