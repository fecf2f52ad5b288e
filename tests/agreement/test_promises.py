"""Promise outcomes give the same rows on every engine, and the same as plain Python."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agreement.gathered import gathered, together

from aboveboard.analyses import promises
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]

PLAYBOOK = reader.read("""
organisation: A shop by day and night
timezone: Europe/Berlin
calendars:
  shop: {open: {mon-fri: "09:00-12:30, 13:00-18:00", sat: "10:00-14:00"}, holidays: DE, closed: [2026-03-27]}
  night: {timezone: America/New_York, open: {mon-sun: "22:00-06:00"}}
promises:
  soon: {says: Soon., starts: type = 'a', kept_by: type = 'b', cancelled_by: type = 'c', within: 3 hours}
  itself: {says: Itself., starts: "type in ('a', 'b')", kept_by: type = 'b', within: 90 minutes, same: customer}
  by-date: {says: By then., starts: type = 'a', kept_by: type = 'b', by: due}
  written: {says: As written., starts: type = 'a', kept_by: "type = 'b' and channel = 'web'", by: attributes.promised}
  open-hours: {says: Open hours., starts: type = 'a', kept_by: type = 'b', within: 10 hours, calendar: shop}
  open-days: {says: Days., starts: type = 'a', kept_by: type = 'b', cancelled_by: type = 'c', within: 2 days, calendar: shop}
  by-night: {says: At night., starts: type = 'a', kept_by: type = 'b', within: 7.5 hours, calendar: night}
  due-open: {says: By then., starts: type = 'a', kept_by: type = 'b', by: due, calendar: shop}
  taken: {says: Call back., starts: "type = 'promise.made' and rule = 'promise:taken'", kept_by: type = 'b', by: due}
""")
# The whole book is long SQL, and Ibis takes a second to write it: small ledgers meet a part of it at a time.
PARTS = (("soon", "itself", "by-date", "taken"), ("written",), ("open-hours", "due-open"), ("open-days", "by-night"))
TYPES = ("a", "a", "b", "b", "c", "promise.made", "promise.kept", "promise.withdrawn", "note.written")
RULES = (None, None, "promise:soon", "promise:taken", "promise:call-back", "call ☎", "promise:")
SUBJECTS = (None, "order:1", "order:2", "Ärger:☎", "order:1 ", "")
CHANNELS = (None, "web", "phone")
# The nights on which the clocks change, an ordinary day, and the turn of the year.
ANCHORS = tuple(
    datetime.fromisoformat(written).replace(tzinfo=UTC)
    for written in (
        "2026-03-29T00:00",
        "2026-10-25T00:00",
        "2026-03-08T06:00",
        "2026-11-01T05:00",
        "2026-06-10T07:00",
        "2025-12-31T22:00",
    )
)
STEPS = (0, 1, 30, 90, 180, 181, 600, 1441)
FRACTIONS = (0, 1, 250_000, 999_999)
PROMISED = (
    None, "2026-03-29", "2026-03-29T02:30", "2026-10-25 02:30:00", "2026-06-10T09:00:00.5+02:00", "2026-06-10T09:00Z",
    "soon", "2026-02-30", "29.03.2026", "",
)  # fmt: skip


def made_of(kind: int, rule: int, subject: int, when: tuple[int, int, int, int], due: int, promised: int) -> Row:
    """An event out of small numbers, so that ties and repeats are common."""
    anchor, step, days, fraction = when
    moment = ANCHORS[anchor] + timedelta(minutes=STEPS[step], days=days, microseconds=FRACTIONS[fraction])
    return {
        "type": TYPES[kind],
        "time": moment,
        "subject": SUBJECTS[subject],
        "customer": SUBJECTS[(subject + due) % len(SUBJECTS)],
        "channel": CHANNELS[(kind + step) % len(CHANNELS)],
        "rule": RULES[rule],
        "due": None if due == 0 else moment + timedelta(minutes=STEPS[due] - 30, microseconds=FRACTIONS[promised % 4]),
        "attributes": None if promised == 0 else json.dumps({"promised": PROMISED[promised]}),
    }


WHEN = st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 3), st.integers(0, 3))
EVENT = st.builds(
    made_of, st.integers(0, 8), st.integers(0, 6), st.integers(0, 5), WHEN, st.integers(0, 7), st.integers(0, 9)
)


def many(seed: int, count: int) -> list[Row]:
    """A larger ledger, so that promises have a past to be judged by."""
    chance = random.Random(seed)
    return [
        made_of(
            chance.randrange(9),
            chance.randrange(7),
            chance.randrange(6),
            (chance.randrange(6), chance.randrange(8), chance.randrange(4), chance.randrange(4)),
            chance.randrange(8),
            chance.randrange(10),
        )
        for _ in range(count)
    ]


def ledger_of(rows: list[Row]) -> list[Row]:
    empty = dict.fromkeys(SCHEMA.names)
    return [{**empty, **row, "id": f"e{n}", "recorded_at": row["time"]} for n, row in enumerate(rows)]


def agree(
    opened: Opener,
    reference: ModuleType,
    rows: list[Row],
    as_of: datetime | None,
    names: tuple[str, ...] = tuple(PLAYBOOK.promises),
) -> list[Row]:
    """Both ways give the same rows for the promises named; the rows are handed back."""
    playbook = dataclasses.replace(PLAYBOOK, promises={name: PLAYBOOK.promises[name] for name in names})
    events = ledger_of(rows)
    with opened(pa.Table.from_pylist(events, schema=SCHEMA)) as ledger:
        told = ledger.arrow(promises.outcomes(ledger.events, playbook, as_of=as_of)).to_pylist()
    worked_out = reference.outcomes(events, playbook, as_of)
    assert _sorted(told) == _sorted(worked_out)
    return told


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["promise"], row["event"]))


@pytest.mark.parametrize("names", PARTS, ids=lambda names: names[0])
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.lists(EVENT, max_size=25), as_of=st.none() | st.sampled_from(ANCHORS))
def test_any_small_ledger(
    opened: Opener, reference: ModuleType, names: tuple[str, ...], rows: list[Row], as_of: datetime | None
) -> None:
    agree(opened, reference, rows, as_of, names)


def test_a_ledger_with_a_past(opened: Opener, reference: ModuleType) -> None:
    rows = many(seed=4, count=400)
    told = agree(opened, reference, rows, None) + agree(opened, reference, rows, ANCHORS[4] + timedelta(hours=6))
    assert {row["outcome"] for row in told} == {"kept", "late", "broken", "open", "at risk", "cancelled", None}


@pytest.mark.slow
@pytest.mark.parametrize("as_of", [None, ANCHORS[1]], ids=["the end", "before it"])
def test_on_a_spark_cluster(opened_on_spark: Opener, reference: ModuleType, as_of: datetime | None) -> None:
    """A hundred small ledgers that hypothesis made, and a large one."""
    small = together(gathered(st.lists(EVENT, max_size=25), 100))
    agree(opened_on_spark, reference, small + many(seed=1, count=1500), as_of)
