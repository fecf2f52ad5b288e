"""Verdicts, own charts and substitution are the same on every engine; substitution is that of two plain loops."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from tests.agreement import substitution_reference

from aboveboard.analyses import attribution
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
ZONE = ZoneInfo("America/New_York")
PLAYBOOK = Playbook("A desk", timezone=ZONE)
START = datetime(2026, 2, 23, tzinfo=UTC)
"""Thirteen days before New York's clocks change."""


def ledger_rows(count: int = 1000) -> list[Row]:
    """Contacts of thirty employees over nine weeks; half of the circumstances absent now and then; notes against some."""
    random = np.random.default_rng(9)
    rows: list[Row] = []
    for number in range(count):
        at = START + timedelta(minutes=int(random.integers(9 * 7 * 24 * 60)))
        situation = (None, "hard", "easy", "easy")[random.integers(4)]
        said = {"situation": situation, "product": (None, "phone", "case")[random.integers(3)]}
        resolved = random.random() < (0.25 if situation == "hard" else 0.9)
        row: Row = {
            "id": f"c{number:05}",
            "type": "contact.ended",
            "time": at,
            "recorded_at": at,
            "subject": f"order:{number % 900}",
        }
        row |= {
            "channel": ("phone", None, "store")[random.integers(3)],
            "touchpoint": ("desk", "door", None)[random.integers(3)],
        }
        row |= {
            "team": f"team {random.integers(3)}",
            "employee": None if number % 50 == 0 else f"é{random.integers(30):02}",
        }
        row |= {
            "attributes": json.dumps({key: value for key, value in said.items() if value})
            if any(said.values())
            else None
        }
        rows.append(row | {"outcome": "resolved" if resolved else ("unresolved", "abandoned")[number % 2]})
    return rows


def told_rows() -> list[Row]:
    rows = ledger_rows()
    failed = [row for row in rows if row["outcome"] != "resolved" and row["employee"]][:6]
    for number, row in enumerate(failed):
        at = row["time"] + timedelta(days=1)
        said = json.dumps({"about": row["employee"], "kind": ("Disciplinary", "warning", "praise")[number % 3]})
        rows.append(
            {
                "id": f"n{number}",
                "type": "note.written",
                "time": at,
                "recorded_at": at,
                "subject": row["subject"],
                "attributes": said,
            }
        )
    for row in rows[:900]:
        at, hard = row["time"] - timedelta(days=90), "hard" in (row["attributes"] or "")
        said = json.dumps({"entered": "wrongly" if hard else "rightly"})
        rows.append({"id": f"p{row['id']}", "type": "order.placed", "time": at, "recorded_at": at, "subject": row["subject"],
                     "employee": "boss", "attributes": said})  # fmt: skip
    return rows


ROWS = told_rows()
EVENTS = pa.Table.from_pylist(ROWS, schema=SCHEMA)


def plain_contacts() -> list[Row]:
    found = []
    for row in ROWS:
        if row["type"] == "contact.ended":
            said = json.loads(row["attributes"] or "{}")
            circumstances = {"situation": said.get("situation"), "product": said.get("product")}
            found.append(row | circumstances | {"hour": row["time"].astimezone(ZONE).hour // 2})
    return found


def tables(led: Ledger) -> dict[str, list[Row]]:
    model = attribution.resolved(led.events, PLAYBOOK)
    known = attribution.judged(led.events, model, PLAYBOOK)
    found = {
        "people": attribution.people(known),
        "own_charts": attribution.own_charts(known),
        "substitution": attribution.substitution(led.events, PLAYBOOK),
    }
    return {name: _sorted(led.arrow(table).to_pylist()) for name, table in found.items()}


def _sorted(rows: list[Row]) -> list[Row]:
    names = ("kind", "employee", "event", "note", "start_at")
    return sorted(rows, key=lambda row: tuple(str(row.get(name)) for name in names))


def same(ours: dict[str, list[Row]], theirs: dict[str, list[Row]]) -> None:
    for name, rows in ours.items():
        assert len(rows) == len(theirs[name]) > 10
        for one, other in zip(rows, theirs[name], strict=True):
            for column, value in one.items():
                wanted = pytest.approx(value, rel=1e-5, abs=1e-6) if isinstance(value, float) else value
                assert other[column] == wanted, (name, column, one, other)


@pytest.fixture(scope="module")
def here() -> dict[str, list[Row]]:
    with Ledger.of(EVENTS) as led:
        return tables(led)


def test_substitution_is_that_of_two_plain_loops(here: dict[str, list[Row]]) -> None:
    wanted = substitution_reference.cases(plain_contacts())
    found = {row["event"]: row for row in here["substitution"] if row["event"]}
    assert found.keys() == wanted.keys()
    assert sum(value is None for value in wanted.values()) < len(wanted) and len(wanted) > 200
    for event, row in wanted.items():
        for name, value in (row or dict.fromkeys(("contacts_count", "peers_count", "same_share"))).items():
            assert found[event][name] == (None if value is None else pytest.approx(value, abs=1e-6)), (event, name)
    noted = [row for row in here["substitution"] if row["note"]]
    assert len(noted) == 4 and all(
        row["earlier_fact"] == "order.placed, entered: wrongly" for row in noted if row["earlier_event"]
    )


def test_days_are_those_of_a_plain_loop(here: dict[str, list[Row]]) -> None:
    counted: Counter[tuple[str, Any]] = Counter()
    for row in plain_contacts():
        if row["employee"]:
            counted[(row["employee"], "n")] += 1
            counted[(row["employee"], "resolved")] += row["outcome"] == "resolved"
    assert len(here["people"]) == 30
    for row in here["people"]:
        assert row["n"] == counted[(row["employee"], "n")]
        assert row["raw_share"] == pytest.approx(counted[(row["employee"], "resolved")] / row["n"], abs=1e-6)
    # Weeks begin on New York's Mondays.
    assert {row["start_at"].astimezone(ZONE).strftime("%a %H:%M") for row in here["own_charts"]} == {"Mon 00:00"}


def test_postgres_gives_the_same(here: dict[str, list[Row]], postgres: str) -> None:
    with Ledger.of(EVENTS, engine="postgres", url=postgres) as led:
        same(here, tables(led))


@pytest.mark.slow
def test_spark_gives_the_same(here: dict[str, list[Row]], opened_on_spark: Opener) -> None:
    with opened_on_spark(EVENTS) as led:
        same(here, tables(led))
