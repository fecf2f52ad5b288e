"""The clocks of one item in the hand are the rows that the analysis gives for a ledger of many."""

from __future__ import annotations

import random
from datetime import timedelta

import pyarrow as pa
import pytest
from tests.agreement.test_promises import ANCHORS, PLAYBOOK, RULES, TYPES

from aboveboard.analyses import promises
from aboveboard.engines import Ledger
from aboveboard.ledger import event
from aboveboard.ledger.columns import SCHEMA
from aboveboard.ledger.event import Event
from aboveboard.playbook import running

SETTLED = {"open": "running", "at risk": "running"}
"""Risk is judged from how others ended there, and by the last quarter here: only that a clock runs must agree."""


def items(seed: int, count: int = 40) -> list[list[Event]]:
    """Invented items, each with its own subject and customer, around the nights on which the clocks change."""
    chance = random.Random(seed)
    return [_item(chance, number) for number in range(count)]


def _item(chance: random.Random, number: int) -> list[Event]:
    start = chance.choice(ANCHORS)
    events = []
    for n in range(chance.randint(1, 9)):
        at = start + timedelta(minutes=chance.randint(0, 6000))
        kind = chance.choice(TYPES)
        needs = kind.startswith("promise")
        due = at + timedelta(minutes=chance.randint(-60, 3000)) if needs or chance.random() < 0.7 else None
        rule = (chance.choice(RULES) or "promise:soon") if needs else chance.choice(RULES)
        promised = chance.choice([{}, {"promised": (at + timedelta(days=1)).date().isoformat()}, {"promised": "soon"}])
        events.append(
            Event(
                id=f"{number}-{n}", type=kind, time=at, subject=f"order:{number}", customer=f"c-{number}", rule=rule,
                due=due, channel=chance.choice(("web", "phone")), text="x", audience="internal", attributes=promised,
            )
        )  # fmt: skip
    return events


@pytest.mark.slow
def test_one_item_and_a_ledger_of_many_agree() -> None:
    made = items(seed=11)
    rows = [event.row(one, recorded_at=one.time) for item in made for one in item]
    arrays = [pa.array(held, field.type) for held, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
    as_of = sorted(one.time for item in made for one in item)[len(rows) * 3 // 4]
    with Ledger.of(pa.Table.from_arrays(arrays, schema=SCHEMA)) as ledger:
        table = ledger.arrow(promises.outcomes(ledger.events, PLAYBOOK, as_of=as_of)).to_pylist()
    many = {
        (row["promise"], row["event"], row["due_at"], row["met_at"], SETTLED.get(row["outcome"], row["outcome"]))
        for row in table
    }
    one_by_one = {
        (clock.promise, clock.event, clock.due_at, clock.met_at, SETTLED.get(str(clock.state), clock.state))
        for item in made
        for clock in running.clocks(item, PLAYBOOK, now=as_of)
    }
    assert len(many) > 100
    assert one_by_one == many
