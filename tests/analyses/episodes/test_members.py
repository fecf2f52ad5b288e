"""What is one need and what is two: the rule on small and on regular customers."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes.persons import grouped

DAY = 24.0
Event = tuple[float, str, dict[str, Any]]


def together(led: Any, **options: Any) -> list[set[str]]:
    """The episodes as sets of event ids, in order of their first event's number."""
    found = defaultdict(set)
    for row in led.arrow(episodes.members(led.events, **options)).to_pylist():
        found[row["episode"]].add(row["event"])
    return [found[key] for key in sorted(found, key=lambda key: int(key[1:]))]


def order(number: int, day: float, days: float = 3, customer: str = "ann") -> list[Event]:
    line = {"customer": customer, "subject": f"order:{number}"}
    return [(day * DAY, "order.paid", line), ((day + days) * DAY, "order.delivered", line)]


def visit(day: float, type: str = "contact.started", **columns: Any) -> Event:
    return day * DAY, type, {"customer": "ann", "channel": "web", **columns}


def test_a_call_after_the_order_belongs_to_it(opened: Any) -> None:
    assert together(opened(*order(1, 0), visit(5))) == [{"e1", "e2", "e3"}]
    assert together(opened(*order(1, 0), visit(11))) == [{"e1", "e2"}, {"e3"}]


def test_events_without_a_customer_get_the_subjects(opened: Any) -> None:
    led = opened(*order(1, 0), (1.0, "note.written", {"subject": "order:1"}), visit(4))
    assert together(led) == [{"e1", "e2", "e3", "e4"}]
    rows = led.arrow(episodes.members(led.events)).to_pylist()
    assert {row["customer"] for row in rows} == {"ann"}


def test_what_nobody_is_named_on_stands_alone(opened: Any) -> None:
    assert together(opened((0, "x", {}), (0, "x", {}), (0, "y", {"subject": "s"}), (900, "y", {"subject": "s"}))) == [
        {"e1"}, {"e2"}, {"e3", "e4"},
    ]  # fmt: skip


def test_an_order_after_a_complaint_is_the_same_need(opened: Any) -> None:
    assert together(opened(*order(1, 0), visit(4, "complaint.received"), *order(2, 6))) == [
        {"e1", "e2", "e3", "e4", "e5"}
    ]


def test_the_visit_that_led_to_an_order_is_not_a_follow_up_of_the_last(opened: Any) -> None:
    assert together(opened(*order(1, 0), visit(6.9), *order(2, 7))) == [{"e1", "e2"}, {"e3", "e4", "e5"}]


def test_the_call_in_which_one_orders_is_not_trouble_with_the_order(opened: Any) -> None:
    calls = [visit(day, subject=subject) for day, subject in ((0, "order:1"), (6, "order:2"))]
    assert len(together(opened(calls[0], *order(1, 0), calls[1], *order(2, 6)))) == 2
    trouble = visit(0.1, subject="order:1")
    assert len(together(opened(calls[0], *order(1, 0), trouble, calls[1], *order(2, 6)))) == 1


def test_two_orders_at_one_sitting_are_one(opened: Any) -> None:
    assert len(together(opened(*order(1, 0), *order(2, 0.1)))) == 1
    assert len(together(opened(*order(1, 0), *order(2, 0.1)), by="subject")) == 2


def test_by_subject_keeps_the_visit_with_what_it_led_to(opened: Any) -> None:
    events = (*order(1, 0, 9), visit(5), *order(2, 5.1), visit(8))
    assert together(opened(*events), by="subject") == [{"e1", "e2"}, {"e3", "e4", "e5", "e6"}]


@pytest.mark.parametrize("every", [1, 2, 7])
@pytest.mark.parametrize("delivery", [1, 3, 12])
def test_a_regular_customer_does_not_become_one_endless_episode(opened: Any, every: int, delivery: int) -> None:
    """Two years of orders that went well, each with the visit that led to it: one episode each."""
    events = [e for n in range(60) for e in (visit(n * every - 0.01), *order(n, n * every, delivery))]
    assert len(together(opened(*events))) == 60


def test_one_call_in_between_joins_its_neighbours_only(opened: Any) -> None:
    events = [e for n in range(10) for e in order(n, n * 7)]
    sizes = sorted(len(episode) for episode in together(opened(*events, visit(7 * 4 + 4))))
    assert sizes == [2] * 8 + [5]


def test_the_longest_stretch_cuts_a_chain(opened: Any) -> None:
    chain = [visit(day) for day in range(0, 200, 5)]
    assert len(together(opened(*chain))) == 3
    assert len(together(opened(*chain), longest=timedelta(days=1000))) == 1


def test_a_thing_shared_by_many_ties_nothing(opened: Any) -> None:
    rows = [(float(n), "review.posted", {"customer": f"c{n}", "subject": "product:1"}) for n in range(5)]
    assert len(together(opened(*rows))) == 5
    assert len(together(opened(*rows), shared_by=5)) == 1


def test_linked_keys_are_one_person(opened: Any) -> None:
    led = opened(*order(1, 0, customer="ann"), (4 * DAY, "contact.started", {"customer": "anna"}))
    assert len(together(led)) == 2
    rows = [("ann", "anna", "linked"), ("anna", "bob", "clerical")]
    links = ibis.memtable(pa.table(dict(zip(("left", "right", "band"), zip(*rows, strict=True), strict=True))))
    assert len(together(led, links=links)) == 1


def test_parameters_are_checked(opened: Any) -> None:
    led = opened()
    for options in ({"by": "customer"}, {"gap": timedelta(-1)}, {"longest": timedelta(0)}):
        with pytest.raises(ValueError, match=next(iter(options))):
            episodes.members(led.events, **options)


def test_every_event_is_in_one_episode(opened: Any) -> None:
    die = random.Random(5)
    events = [
        (die.random() * 2000, die.choice(("order.paid", "contact.started", "case.opened", "x")), {
            "customer": die.choice((None, "a", "b")), "subject": die.choice((None, "s", "t", "u", "v")),
        })
        for _ in range(200)
    ]  # fmt: skip
    episodes_ = together(opened(*events))
    assert sum(map(len, episodes_)) == 200
    assert set().union(*episodes_) == {f"e{n}" for n in range(1, 201)}


def test_a_person_is_the_least_key_of_all_that_hang_together() -> None:
    assert grouped([("c", "d"), ("b", "c"), ("x", "y")]) == {"b": "b", "c": "b", "d": "b", "x": "x", "y": "x"}
