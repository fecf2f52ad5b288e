"""Weights of ratings: every rating's add up to one, the system's causes have their part, and nothing later moves any."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analyses.attribution import ratings_reference

from aboveboard.analyses import attribution, episodes, promises
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAYBOOK = reader.read("""
organisation: A shop
promises:
  there-by-noon:
    says: There by noon.
    owner: logistics
    starts: type = 'order.placed'
    kept_by: type = 'order.delivered'
    by: due
    objective: 0.9
""")
Rows = list[dict[str, Any]]


def event(id: str, type: str, hours: float, **columns: Any) -> dict[str, Any]:
    time = START + timedelta(hours=hours)
    told = {"customer": "c-1", "subject": "order:1"} | columns
    return {"id": id, "type": type, "time": time, "recorded_at": time, "source": "test", **told}


def rating(hours: float, **columns: Any) -> dict[str, Any]:
    return event("answer", "survey.answered", hours, outcome="csat", value=2.0, **columns)


def weighed(rows: Rows, **tables: Any) -> Rows:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as ledger:
        made = {name: ledger.keep(make(ledger.events), name) for name, make in tables.items()}
        return list(ledger.arrow(attribution.ratings(ledger.events, **made)).to_pylist())


def kept(events: Any) -> Any:
    return promises.outcomes(events, PLAYBOOK)


def shares(rows: Rows) -> dict[str, float]:
    return {row["employee"] or row["name"] or row["cause"]: round(row["weight"], 6) for row in rows}


def test_a_denial_is_shared_with_the_policy_and_the_last_to_hold_the_ticket_has_no_part() -> None:
    rows = [
        event("a", "contact.ended", 1, employee="e-1", channel="chat"),
        event("b", "exception.denied", 5, employee="e-2", rule="policy:refunds"),
        event("c", "case.assigned", 6, employee="e-9"),
        rating(8, employee="e-9"),
    ]
    assert shares(weighed(rows)) == {"e-1": 0.5, "e-2": 0.25, "refunds": 0.25}


def test_a_missed_promise_is_a_moment_and_has_part_in_every_later_touch() -> None:
    rows = [
        event("o", "order.placed", 0, due=START + timedelta(hours=3)),
        event("a", "contact.ended", 1, employee="e-1", channel="chat"),
        event("b", "contact.ended", 5, employee="e-2", channel="chat"),
        event("d", "order.delivered", 6, team="van"),
        rating(8),
    ]
    assert shares(weighed(rows, promises=kept)) == {
        "e-1": 0.25, "there-by-noon": 0.5, "e-2": 0.125, "touch: van": 0.125,
    }  # fmt: skip
    early = [*rows[:4], rating(2)]
    assert shares(weighed(early, promises=kept)) == {"e-1": 1.0}, "not yet missed"


def test_what_one_party_does_without_a_pause_is_one_touch() -> None:
    rows = [event(f"m{n}", "message.sent", n / 4, employee="e-1", audience="customer") for n in range(5)]
    rows += [event("x", "message.sent", 3, employee="e-2", audience="customer"), rating(4)]
    assert shares(weighed(rows)) == {"e-1": 0.5, "e-2": 0.5}
    rows += [event("n", "message.sent", 3.1, employee="e-3", audience="internal")]
    assert shares(weighed(rows)) == {"e-1": 0.5, "e-2": 0.5}, "internal words touch nobody"


def test_a_lost_handoff_counts_once_it_is_lost() -> None:
    rows = [
        event("h", "handoff.sent", 0, team="chat", attributes='{"to": "store"}'),
        event("a", "contact.ended", 60, employee="e-1"),
    ]
    lost = {"handoffs": episodes.handoffs}
    later = event("z", "contact.ended", 200, subject="order:2")
    found = shares(weighed([*rows, rating(61), later], **lost))
    assert found == {"e-1": 0.25, "hand-off: chat → store": 0.75}
    assert shares(weighed([rows[0], event("a", "contact.ended", 2, employee="e-1"), rating(3), later], **lost)) == {
        "e-1": 1.0
    }


def test_words_against_the_record_and_goods_sent_back_are_causes() -> None:
    said = [
        event("s", "message.sent", 0, employee="e-1", channel="chat", attributes='{"says": {"stock": "yes"}}'),
        event("t", "message.sent", 5, employee="e-2", channel="phone", attributes='{"says": {"stock": "no"}}'),
        event("r", "order.returned", 9, attributes='{"product": "kettle"}'),
        rating(10),
    ]
    found = weighed(said, contradictions=episodes.contradictions)
    assert {(row["cause"], row["name"]) for row in found} == {
        ("employee", None), ("process", "words: stock"), ("product", "kettle"),
    }  # fmt: skip
    assert sum(row["weight"] for row in found) == pytest.approx(1)


def test_nothing_known_is_said_to_be_unknown() -> None:
    (row,) = weighed([event("a", "case.assigned", 0, employee="e-1"), rating(1, employee="e-1")])
    assert (row["cause"], row["side"], row["weight"], row["of_count"]) == ("unknown", "unknown", 1.0, 0)


def test_other_matters_of_the_customer_count_back_to_the_first_long_pause() -> None:
    rows = [
        event("a", "contact.ended", 0, employee="e-1", subject="order:0"),
        event("b", "contact.ended", 24 * 20, employee="e-2", subject="order:2"),
        event("c", "contact.ended", 24 * 22, employee="e-3", subject="order:1", customer=None),
        rating(24 * 23),
    ]
    assert shares(weighed(rows)) == {"e-2": 0.5, "e-3": 0.5}


TYPES = (
    "contact.ended", "message.sent", "exception.denied", "exception.granted", "order.delivered", "order.placed",
    "order.returned", "case.assigned", "case.closed", "handoff.sent", "handoff.received", "order.cancelled",
)  # fmt: skip
CUSTOMERS = 30


def drawn(random: Random, prefix: str, count: int, *, after: float = 0.0) -> Rows:
    """Events of thirty customers with two orders each, some of whom, or of what, is not said."""
    rows = []
    for number in range(count):
        who = random.randrange(CUSTOMERS)
        due = random.choice([None, START + timedelta(hours=after + random.randrange(60) / 4)])
        columns = {
            "employee": random.choice(["e-1", "e-2", None]),
            "customer": random.choice([f"c-{who}", f"c-{who}", None]),
            "subject": random.choice([f"order:{who}", f"order:{who}", f"order:{who}b", None]),
            "team": random.choice(["chat", "store", None]),
            "rule": random.choice(["policy:refunds", None]),
            "attributes": random.choice(['{"to": "store", "product": "kettle"}', None]),
            "due": due,
        }
        hours = after + random.randrange(60) / 4
        rows.append(event(f"{prefix}{number}", random.choice(TYPES), hours, **columns))
    return rows


def answers(random: Random) -> Rows:
    kinds = [("survey.answered", "csat"), ("review.posted", None)]
    return [
        event(f"r{who}", kind, 15, outcome=outcome, value=2.0, customer=f"c-{who}", subject=f"order:{who}")
        for who in range(CUSTOMERS)
        for kind, outcome in [random.choice(kinds)]
    ]


TABLES = {"promises": kept, "handoffs": episodes.handoffs}


@settings(max_examples=2)
@given(st.integers(0, 10**6))
def test_weights_add_up_are_those_of_plain_loops_and_nothing_later_moves_them(seed: int) -> None:
    random = Random(seed)
    rows = [*drawn(random, "b", 200), *answers(random)]
    found = by_key(weighed(rows, **TABLES))
    sums: Counter[str] = Counter()
    for (rated, *_), weight in found.items():
        assert weight > 0
        sums[rated] += weight
    assert len(sums) == CUSTOMERS
    assert list(sums.values()) == pytest.approx([1.0] * CUSTOMERS)
    assert found == pytest.approx(ratings_reference.weights(rows))
    later = drawn(random, "z", 200, after=15.01)
    assert by_key(weighed([*rows, *later], **TABLES)) == pytest.approx(found)


def by_key(rows: Rows) -> dict[tuple[Any, ...], float]:
    return {(row["rating"], row["cause"], row["name"], row["employee"]): row["weight"] for row in rows}
