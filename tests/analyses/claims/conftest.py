"""A ledger of a few events, and what the claims analyses say of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.engines import Ledger

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""


def event(hours: float, type: str, subject: str | None = "case:1", **columns: Any) -> dict[str, Any]:
    """One event so many hours after START."""
    time = START + timedelta(hours=hours)
    held = columns.pop("attributes", None)
    if type == "message.sent":
        columns = {"audience": "customer", "channel": "chat", "team": "desk", **columns}
    return {
        "id": columns.pop("id", f"{type}@{hours}/{subject}"),
        "type": type,
        "time": time,
        "recorded_at": time,
        "subject": subject,
        "customer": "c1",
        "attributes": json.dumps(held) if held else None,
        **columns,
    }


@pytest.fixture
def opened() -> Iterator[Callable[[Sequence[dict[str, Any]]], Ledger]]:
    """A function that opens events as a ledger, closed with the test."""
    ledgers: list[Ledger] = []

    def open_(events: Sequence[dict[str, Any]]) -> Ledger:
        names = sorted({name for one in events for name in one})
        ledgers.append(Ledger.of(pa.table({name: [one.get(name) for one in events] for name in names})))
        return ledgers[-1]

    yield open_
    for ledger in ledgers:
        ledger.close()
