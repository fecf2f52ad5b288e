"""Small ledgers written by hand, opened on DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.engines.ledgers import Ledger
from aboveboard.ledger.columns import SCHEMA

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
Opener = Callable[..., Ledger]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open events given as (hours since the first morning, type, columns); ids are e1, e2, … in the order written."""
    held: list[Ledger] = []

    def open_(*events: tuple[float, str, dict[str, Any]]) -> Ledger:
        rows = []
        for number, (hours, type, columns) in enumerate(events, start=1):
            row = {
                "id": f"e{number}",
                "type": type,
                "time": FIRST + timedelta(hours=hours),
                "recorded_at": FIRST,
                **columns,
            }
            if isinstance(row.get("attributes"), dict):
                row["attributes"] = json.dumps(row["attributes"])
            rows.append(row)
        held.append(Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)))
        return held[-1]

    yield open_
    for led in held:
        led.close()


@pytest.fixture
def first() -> datetime:
    return FIRST
