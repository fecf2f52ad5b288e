"""Real cases fall into a conflict the same on every engine, and as plain Python places them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import conflicts, promises
from aboveboard.engines.ledgers import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.prover import Conflict, Proof, prove

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 3, 24, tzinfo=UTC)  # a Tuesday; the clocks change on the 29th
AS_OF = FIRST + timedelta(days=9)
PLAYBOOK = reader.read("""
timezone: Europe/Berlin
calendars:
  shop: {open: {mon-sat: "08:00-20:00"}, holidays: DE-BE}
promises:
  soon:
    says: Ready in four hours.
    starts: type = 'order.paid'
    kept_by: type = 'order.ready'
    within: 4 hours
    requires: [{then: "ready_at <= ordered_at + 4"}]
policies:
  queue:
    says: Those in the shop come first.
    requires: [{when: "waiting >= 10 and channel <> 'vip'", then: "ready_at >= ordered_at + 3"}]
  sunday:
    says: What comes by mail has time.
    requires: [{when: "channel = 'mail' or waiting is null", then: "ready_at >= 32"}]
situation:
  ordered_at: {type: time, min: 6, max: 22, from: local_hour(time)}
  waiting: {type: integer, min: 0, max: 60, from: cast(attributes.waiting as integer)}
  channel: {type: enumeration, options: [web, mail, vip], from: channel}
  ready_at: {type: time, min: 6, max: 60, decision: true, calendar: shop}
""")


def ledger() -> pa.Table:
    random = Random(7)
    rows: list[dict[str, Any]] = []
    for number in range(160):
        paid = FIRST + timedelta(minutes=random.randrange(8 * 1440))
        waiting = random.choice((None, "3", "9", "10", "25", "many"))
        order = {
            "subject": f"order:{number}",
            "channel": random.choice(("web", "mail", "vip", None)),
            "recorded_at": paid,
        }
        attributes = None if waiting is None else json.dumps({"waiting": waiting})
        rows.append({"id": f"p{number}", "type": "order.paid", "time": paid, "attributes": attributes, **order})
        if random.random() < 0.8:
            rows.append(
                {
                    "id": f"r{number}",
                    "type": "order.ready",
                    "time": paid + timedelta(hours=random.choice((1, 3, 5))),
                    **order,
                }
            )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


EVENTS = ledger()


def placed(found: Conflict, proof: Proof) -> dict[str, bool | None]:
    """Every start and whether the conflict bites there, by the playbook's own expressions in plain Python."""
    days, places = proof.book.days, {}
    assert days is not None and found.when is not None and found.region is not None
    for event in EVENTS.to_pylist():
        if event["type"] != "order.paid":
            continue
        day = event["time"].astimezone(PLAYBOOK.timezone).date()
        row: dict[str, Any] = {"day": next((kind for kind, dates in days.dates.items() if day in dates), None)}
        for name in ("ordered_at", "waiting", "channel"):
            row[name] = PLAYBOOK.situation[name].source.to_python()(event)  # type: ignore[union-attr]
        bounds = {"ordered_at": (6, 22), "waiting": (0, 60)}
        known = all(
            row[name] is not None and low <= row[name] <= high
            for name, (low, high) in bounds.items()
            if name in found.region.facts and not proof.book.situation[name].absent
        )
        places[event["id"]] = found.when.to_python()(row) if known else None
    return places


def agree(opened: Opener) -> None:
    proof = prove(PLAYBOOK, between=(date(2026, 3, 20), AS_OF.date()), with_edits=False, with_remarks=False)
    assert len(proof.conflicts) >= 3 and not proof.unknown
    with opened(EVENTS) as led:
        outcomes = led.keep(promises.outcomes(led.events, PLAYBOOK, as_of=AS_OF), "promises")
        ends = {row["event"]: row["outcome"] for row in led.arrow(outcomes).to_pylist()}
        rows = {
            row["rules"]: row
            for row in led.arrow(conflicts.conflicts(proof, led.events, outcomes, PLAYBOOK)).to_pylist()
        }
        points = led.arrow(conflicts.cases(proof, led.events, outcomes, PLAYBOOK)).to_pylist()
    seen: set[bool | None] = set()
    for found in proof.conflicts:
        row = rows[found.key]
        if not found.key.startswith("promise:soon"):
            assert row["uncounted_because"] == "no promise is among the rules"
            continue
        here = placed(found, proof)
        seen |= set(here.values())
        inside = {event for event, bites in here.items() if bites is True}
        outside = {event for event, bites in here.items() if bites is False}
        unknown = {event for event, bites in here.items() if bites is None}
        assert (row["events_count"], row["outside_count"], row["unknown_count"]) == (
            len(inside),
            len(outside),
            len(unknown),
        )
        for prefix, those in (("", inside), ("outside_", outside)):
            ended = [event for event in those if ends[event] in ("kept", "late", "broken")]
            missed = [event for event in ended if ends[event] != "kept"]
            assert (row[f"{prefix}ended_count"], row[f"{prefix}missed_count"]) == (len(ended), len(missed))
        drawn = {point["event"]: point["inside"] for point in points if point["rules"] == found.key}
        assert all(here[event] is bites for event, bites in drawn.items())
    assert seen == {True, False, None}


def test_cases_fall_where_plain_python_places_them(opened: Opener) -> None:
    agree(opened)


@pytest.mark.slow
def test_cases_fall_the_same_on_spark(opened_on_spark: Opener) -> None:
    agree(opened_on_spark)
