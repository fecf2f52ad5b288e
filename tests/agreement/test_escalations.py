"""Escalations and refusals give the same rows on every engine, and the same as plain Python."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from tests.agreement import escalations_reference as reference
from tests.agreement.gathered import together
from tests.analyses.exceptions.test_abuse import event, honest, often

from aboveboard.analyses import episodes, escalations, exceptions
from aboveboard.engines.ledgers import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook, Policy

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
AUTHORITY = {"fee": {"rep": 20.0, "lead": 100.0}, "card": {"waiter": 0.0, "manager": 50.0}, "bare": {}}
BOOK = Playbook(policies={name: Policy(name, name, authority=levels) for name, levels in AUTHORITY.items()})
VERDICTS = {"card": "push authority down", "fee": "keep and explain", "loose": "not enough data"}
TYPES = (
    "escalation.opened", "escalation.opened", "escalation.decided", "escalation.decided", "remedy.given",
    "payment.refunded", "order.delivered", "status.changed", "message.sent", "message.sent", "exception.requested",
    "exception.granted", "exception.denied", "exception.denied", "booking.changed", "note.written", "case.closed",
)  # fmt: skip
ATTRIBUTES = (
    None,
    *(json.dumps({"authority": level}) for level in ("rep", "lead", "manager", "waiter", "judge")),
    '{"reason": "it is the law"}', '{"reason": "Safety: allergic guests", "evidence": "abuse"}',
    '{"reason": "impossible", "authority": "lead"}', '{"reason": "impossible under our policy"}',
    '{"evidence": " Law ", "clause": "§ 2", "level": "lead"}', '{"evidence": "abuse"}',
    '{"evidence": "whim", "reason": null, "appeal": false}', '{"appeal": true}', '{"appeal": "e00"}',
)  # fmt: skip
CHOICES: dict[str, tuple[Any, ...]] = {
    "type": TYPES,
    "customer": (None, "ann", "Bö"),
    "subject": (None, "case:1", "case:1", "order:ß"),
    "team": (None, "desk", "Ärger & Co"),
    "employee": (None, "emma", "erik"),
    "rule": (None, "policy:fee", "policy:card", "policy:loose", "promise:x"),
    "outcome": (None, "granted", "Denied", "Denied", "apology", "closed", "upgrade"),
    "value": (None, 0.0, 15.0, 90.0),
    "audience": (None, "customer", "internal"),
    "text": (None, "UNDERAGE", "hello"),
    "attributes": ATTRIBUTES,
}


def drawn(seed: int, *, ledgers: int = 250) -> list[Row]:
    """Many small ledgers in one: writing a query takes longer than answering it."""
    rng = random.Random(seed)
    return together([_ledger(rng) for _ in range(ledgers)])


# Chance alone seldom asks, decides and speaks on one subject.
TURNS = ({"type": "escalation.opened"}, {"type": "escalation.decided", "outcome": "Denied"}, {"type": "message.sent"})


def _ledger(rng: random.Random) -> list[Row]:
    events: list[Row] = [{} for _ in range(rng.randint(0, 12))]
    if rng.random() < 0.4:
        events += [turn | {"subject": "case:2"} for turn in TURNS]
    numbers = rng.sample(range(100), len(events))
    return [_event(rng) | event | {"id": f"e{number:02d}"} for number, event in zip(numbers, events, strict=True)]


def _event(rng: random.Random) -> Row:
    chosen = {name: rng.choice(values) for name, values in CHOICES.items()}
    return chosen | {"time": FIRST + _moment(rng), "recorded_at": FIRST}


def _moment(rng: random.Random) -> timedelta:
    """Few moments, so that many events share one; some lie beyond the windows, some just before a second is full."""
    if rng.random() < 0.6:
        return rng.randint(0, 12) * timedelta(hours=6)
    return rng.randint(0, 4) * timedelta(days=8, microseconds=700_000)


def same(found: pa.Table, expected: list[Row]) -> None:
    """The same rows, by the id of their event, in every column."""
    rows = {row["event"]: row for row in found.to_pylist()}
    assert rows.keys() == {row["event"] for row in expected}
    for wanted in expected:
        for name, value in wanted.items():
            seen = rows[wanted["event"]][name]
            seen = seen.astimezone(UTC) if isinstance(seen, datetime) else seen
            assert seen == (pytest.approx(value) if isinstance(value, float) else value), (name, wanted)


@dataclass(frozen=True)
class Proven:
    """Stands for a judgement that found some abusive from the second day on: what is tested is what follows from it."""

    histories: frozenset[str]

    def in_force(self, customer: str, at: int) -> tuple[str, ...]:
        second_day = (FIRST + timedelta(days=1) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        return ("h1", "h2") if at >= second_day else ()


@dataclass(frozen=True)
class Told:
    """What the reference says, to see that the ledgers hold a case of everything."""

    escalations: list[Row]
    denials: list[Row]


def agree(led: Ledger, rows: list[Row], *, as_of: datetime | None = None) -> Told:
    """Every table of the two families on this engine's events against the reference."""
    end = as_of or max((row["time"] for row in rows), default=FIRST)
    judgement: Any = Proven(frozenset(row["customer"] for row in rows if (row["customer"] or "").endswith("Bö")))
    then = FIRST + timedelta(days=1)
    proven = {row["id"]: "h1, h2" for row in rows if row["customer"] in judgement.histories and row["time"] >= then}
    denied = reference.denials(rows, end, proven)
    same(led.arrow(exceptions.denials(led.events, judgement, as_of=as_of)), denied)
    held = led.keep(episodes.members(led.events, as_of=as_of), "held")
    episode_of = {row["event"]: row["episode"] for row in led.arrow(held).to_pylist()}
    policies = ibis.memtable(pa.table({"policy": list(VERDICTS), "verdict": list(VERDICTS.values())}))
    for options, known in (
        ({}, {}),
        ({"members": held, "policies": policies}, {"episode_of": episode_of, "verdicts": VERDICTS}),
    ):
        found = led.arrow(escalations.escalations(led.events, BOOK, as_of=as_of, **options))
        followed = reference.escalations(rows, end, authority=AUTHORITY, **known)
        same(found, followed)
    return Told(followed, denied)


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def test_each_engine_gives_what_plain_python_gives(opened: Opener) -> None:
    rows = drawn(1, ledgers=120)
    with opened(table(rows)) as led:
        told = agree(led, rows, as_of=FIRST + timedelta(days=20))
    assert {row["ending"] for row in told.escalations} == {"changed", "told no", "nothing", "undecided", None}
    assert {row["needless"] for row in told.escalations} == {True, False, None}
    assert {row["evidence"] for row in told.denials} == {"abuse", "law", "safety", "impossible", "none"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_each_engine_gives_it_of_other_ledgers(opened: Opener, seed: int) -> None:
    rows = drawn(seed)
    with opened(table(rows)) as led:
        agree(led, rows, as_of=None if seed == 2 else FIRST + timedelta(days=4 * seed))


@pytest.mark.slow
def test_spark_gives_what_plain_python_gives(opened_on_spark: Opener) -> None:
    rows = drawn(6)
    with opened_on_spark(table(rows)) as led:
        agree(led, rows, as_of=FIRST + timedelta(days=9))


def records() -> list[Row]:
    """One long record among short ones, in two segments and a household; harm that is no abuse, and abuse that is no harm."""
    home, trade = {"attributes": {"household": "h"}}, {"attributes": {"segment": "Ärger & Co"}}
    rows = [*honest(120), *often("x", **home), *often("y", times=4, **home), *often("z", times=6, **trade)]
    rows += often("w", times=6, harm={"attributes": {"abuse": False}})
    return rows + [event(f"v{n}", "case.closed", n, customer="v", attributes={"abuse": True}) for n in range(6)]


def found_abuse(led: Ledger) -> list[Row]:
    judgement = exceptions.judge(led.events, as_of=datetime(2026, 4, 1, tzinfo=UTC))
    rows = exceptions.abuse(judgement).to_pyarrow().to_pylist()
    assert judgement.histories.keys() == {"v", "x", "y", "z"}
    return [
        {**row, **{name: round(value, 9) for name, value in row.items() if isinstance(value, float)}} for row in rows
    ]


def test_each_engine_finds_the_same_abuse(opened: Opener) -> None:
    with Ledger.of(table(records())) as led:
        expected = found_abuse(led)
    with opened(table(records())) as led:
        assert found_abuse(led) == expected
    assert {row["customer"] for row in expected} == {"v", "z"}, "y has the same trouble in the same house as x"


@pytest.mark.slow
def test_spark_finds_the_same_abuse(opened_on_spark: Opener) -> None:
    with Ledger.of(table(records())) as led:
        expected = found_abuse(led)
    with opened_on_spark(table(records())) as led:
        assert found_abuse(led) == expected


def test_who_did_it_makes_no_difference() -> None:
    rows = drawn(7, ledgers=40)
    renamed = [{**row, "employee": f"somebody else {row['employee']}"} for row in rows]
    tables = []
    for events in (rows, renamed):
        with Ledger.of(table(events)) as led:
            found = led.keep(escalations.escalations(led.events, BOOK), "found")
            judgement = exceptions.judge(led.events)
            denied = led.keep(exceptions.denials(led.events, judgement), "denied")
            made = (found, denied, escalations.summary(found, as_of=FIRST + timedelta(days=40)))
            made += (exceptions.denial_summary(denied), exceptions.abuse(judgement))
            tables.append([sorted(led.arrow(one).to_pylist(), key=str) for one in made])
    assert tables[0] == tables[1]
