"""Visits written by hand, and a company of known worth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def first() -> datetime:
    """When the first visit starts."""
    return FIRST


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[..., Ledger]]:
    """A function from events to a ledger on DuckDB. An event: (minutes since the first, type, columns); ids are e1, e2, …"""
    with ExitStack() as stack:

        def open_(*events: tuple[float, str, dict[str, Any]]) -> Ledger:
            rows = [_row(number, *event) for number, event in enumerate(events, start=1)]
            return stack.enter_context(Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)))

        yield open_


def _row(number: int, minutes: float, type: str, columns: dict[str, Any]) -> dict[str, Any]:
    at = FIRST + timedelta(minutes=minutes)
    row = {"id": f"e{number}", "type": type, "time": at, "recorded_at": at, **columns}
    held = row.get("attributes")
    return {**row, "attributes": None if held is None else json.dumps(held)}
