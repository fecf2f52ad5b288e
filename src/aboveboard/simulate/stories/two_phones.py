"""Two phones: a promise made on the telephone that no store could keep after four in the afternoon.

The hero's evening is written out by hand in `_hero`. Around it stand eight weeks of other people's orders, whose
readiness follows from how the company works and from nothing else: the order desk e-mails orders to the stores as
they come until 16:00, and then once more at 19:15; the stores serve whoever stands before them first; what is
not ready when the doors close is ready the next open morning.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from aboveboard.simulate.rows import Rows, minutes

FIRST, LAST = date(2025, 9, 22), date(2025, 11, 20)
STORES = ("Harbour Street", "Mill Lane", "Station Square", "Orchard Park")
REPS = tuple(f"rep-{n:02d}" for n in range(1, 13))
CUT_OFF = 16.0


def events() -> Rows:
    """Return eight weeks of orders for pick-up and for delivery, and the hero's evening on the last day."""
    rows = Rows(story="tp", seed=1915, zone="America/New_York")
    number = 5000
    day = FIRST
    while day <= LAST:
        for _ in range(rows.whole(20, 28) if day < LAST else 12):
            number += 1
            _pick_up(rows, day, number)
        _walk_ins(rows, day)
        for _ in range(rows.whole(2, 4)):
            number += 1
            _parcel(rows, day, number)
        day += timedelta(days=1)
    _hero(rows)
    return rows


def _closes(day: date) -> float:
    return 18.0 if day.isoweekday() == 7 else 20.0


def _end(rows: Rows) -> datetime:
    """Return the moment the record stops: a quarter to nine on the hero's evening."""
    return rows.at(LAST, "20:45")


def _pick_up(rows: Rows, day: date, number: int) -> None:
    """Write one order for pick-up: paid, handed to the store, ready; and what the customer did about it."""
    hour = rows.between(10.0, _closes(day) - 0.3)
    store, channel = rows.pick(STORES), ("phone" if rows.chance(0.4) else "web")
    waiting = rows.whole(0, 8) if hour < CUT_OFF else (rows.whole(4, 9) if rows.chance(0.06) else rows.whole(10, 30))
    customer, subject = f"customer-{number}", f"order:{number}"
    paid_at = rows.at(day, hour)
    line = {"customer": customer, "subject": subject}
    rows.add(
        "order.paid",
        paid_at,
        **line,
        channel=channel,
        touchpoint="phone order" if channel == "phone" else "web shop",
        team=store,
        employee=rows.pick(REPS) if channel == "phone" else None,
        value=float(rows.whole(180, 1150)),
        attributes={"walk_ins": waiting},
    )
    forgotten = rows.chance(0.003)
    if hour < CUT_OFF:
        sent_at = paid_at + minutes(rows.between(3, 20))
    else:
        sent_at = max(rows.at(day, _closes(day) - 0.75), paid_at + minutes(4))
    read_at = sent_at + minutes(rows.between(4, 12) if hour < CUT_OFF else rows.between(12, 35))
    if forgotten or (hour >= CUT_OFF and (waiting >= 10 or read_at > rows.at(day, _closes(day) - 0.1))):
        ready_at = rows.at(day + timedelta(days=1), 10.0 + rows.between(0.2, 0.95))
    elif hour < CUT_OFF:
        ready_at = read_at + minutes(rows.between(15, 70))
    else:
        ready_at = min(read_at + minutes(rows.between(5, 20)), rows.at(day, _closes(day) - 0.02))
    desk = {**line, "channel": "email"}
    told: list[tuple[str, datetime, dict[str, Any]]] = [
        ("handoff.sent", sent_at, {**desk, "team": "order desk", "attributes": {"to": store}}),
        ("handoff.received", read_at, {**desk, "team": store}),
        ("order.ready", ready_at, {**line, "channel": "store", "touchpoint": "pick-up", "team": store}),
    ]
    for type, at, columns in told:
        if at <= _end(rows):
            rows.add(type, at, **columns)
    late = ready_at > paid_at + timedelta(hours=3)
    if late and rows.chance(0.3):
        _asks(rows, line, store, paid_at + timedelta(hours=3))
    _afterwards(rows, line, late, ready_at, store)


def _asks(rows: Rows, line: dict[str, str], store: str, due_at: datetime) -> None:
    """Write the visit or call of a customer whose order is not there. Most never ask: they are the silent ones."""
    at = due_at + minutes(rows.between(2, 25))
    if at > _end(rows):
        return
    counter = at.hour < 20 and rows.chance(0.6)
    place = (
        {
            "channel": "store",
            "touchpoint": "pick-up",
            "team": store,
            "employee": f"{store.split()[0].lower()}-{rows.whole(1, 4)}",
        }
        if counter
        else {"channel": "phone", "touchpoint": "phone order", "team": "800 line", "employee": rows.pick(REPS)}
    )
    rows.add("contact.started", at, **line, **place)
    words, says = (
        ("No order has come through to us.", {"order": "never arrived"})
        if counter
        else ("It is with the store, please ask them.", {"order": "with the store"})
    )
    rows.add(
        "message.sent", at + minutes(3), **line, **place, audience="customer", text=words, attributes={"says": says}
    )
    spent = rows.between(6, 22)
    resolved = rows.chance(0.1)
    rows.add(
        "contact.ended",
        at + minutes(spent),
        **line,
        **place,
        value=round(spent, 1),
        outcome="resolved" if resolved else "unresolved",
    )


def _afterwards(rows: Rows, line: dict[str, str], late: bool, ready_at: datetime, store: str) -> None:
    """Write the answer to the survey, and, of some who were let down, that they left."""
    answered_at = ready_at + minutes(rows.between(60, 1500))
    if rows.chance(0.25) and answered_at <= _end(rows):
        score = rows.rating(2.1 if late else 4.5, 0.8)
        rows.add(
            "survey.answered",
            answered_at,
            **line,
            channel="email",
            touchpoint="pick-up",
            team=store,
            outcome="csat",
            value=score,
        )
    left_at = ready_at + timedelta(days=rows.whole(2, 20))
    if rows.chance(0.12 if late else 0.015) and left_at <= _end(rows):
        rows.add("customer.left", left_at, customer=line["customer"])


def _walk_ins(rows: Rows, day: date) -> None:
    """Write the sales over the counter that the stores' commission is paid for."""
    for _ in range(rows.whole(4, 7)):
        store = rows.pick(STORES)
        rows.add(
            "order.paid",
            rows.at(day, rows.between(10.2, _closes(day) - 0.2)),
            customer=f"walk-in-{rows.whole(1, 4000)}",
            subject=f"sale:{day:%m%d}-{rows.whole(1000, 9999)}",
            channel="store",
            touchpoint="pick-up",
            team=store,
            employee=f"{store.split()[0].lower()}-{rows.whole(1, 4)}",
            value=float(rows.whole(40, 1200)),
        )


def _parcel(rows: Rows, day: date, number: int) -> None:
    """Write one order sent home: the promise beside the broken one, which is kept and must not be blamed."""
    ordered_at = rows.at(day, rows.between(8.0, 22.0) if day < LAST else rows.between(8.0, 19.0))
    due_at = rows.at(day + timedelta(days=4), "18:00")
    late = rows.chance(0.008)
    delivered_at = rows.at(day + timedelta(days=6 if late else rows.whole(2, 3)), rows.between(9, 17))
    line = {"customer": f"customer-{number}", "subject": f"parcel:{number}", "touchpoint": "delivery"}
    rows.add(
        "order.placed",
        ordered_at,
        **line,
        channel="web",
        team="warehouse",
        due=due_at,
        value=float(rows.whole(90, 900)),
    )
    if delivered_at <= _end(rows):
        rows.add("order.delivered", delivered_at, **line, team="warehouse")


def _hero(rows: Rows) -> None:
    """Write the evening of Thursday 20 November, contact by contact: seven of them, on four channels."""
    line = {"customer": "customer-dana", "subject": "order:7716"}
    web = {**line, "channel": "web", "touchpoint": "web shop", "team": "web shop"}
    chat = {**line, "channel": "chat", "touchpoint": "chat", "team": "chat desk", "employee": "chat-03"}
    phone = {**line, "channel": "phone", "touchpoint": "phone order", "team": "800 line", "employee": "rep-07"}
    store = {**line, "channel": "store", "touchpoint": "pick-up", "team": "Harbour Street", "employee": "harbour-2"}

    def at(clock: str) -> datetime:
        return rows.at(LAST, clock)

    def contact(name: str, where: dict[str, str], start: str, end: str, spent: float, outcome: str) -> None:
        rows.add("contact.started", at(start), id=f"{name}-starts", **where)
        rows.add("contact.ended", at(end), id=f"{name}-ends", **where, value=spent, outcome=outcome)

    def told(id: str, where: dict[str, str], clock: str, text: str, **says: str) -> None:
        attributes = {"says": says} if says else None
        rows.add("message.sent", at(clock), id=id, **where, audience="customer", text=text, attributes=attributes)

    contact("web", web, "14:20", "15:35", 75.0, "unresolved")
    rows.add(
        "status.changed",
        at("14:31"),
        id="web-shows-stock",
        **web,
        outcome="in stock at Harbour Street",
        audience="customer",
        attributes={"says": {"stock": "in stock"}},
    )
    contact("first-chat", chat, "15:36", "15:52", 16.0, "unresolved")
    told("chat-sends-on", chat, "15:50", "I can't take the order here. Please call our 800 number.")
    contact("first-call", phone, "15:52", "16:14", 22.0, "resolved")
    rows.add(
        "order.paid",
        at("16:15"),
        id="two-phones-paid",
        **{**phone, "team": "Harbour Street"},
        value=1398.0,
        attributes={"walk_ins": 14, "items": 2},
    )
    told(
        "phone-guarantees",
        phone,
        "16:13",
        "Your order is placed. Both phones will be ready at Harbour Street in three hours, guaranteed.",
        order="placed",
        ready="today by 19:15",
    )
    contact("first-visit", store, "19:08", "19:17", 9.0, "unresolved")
    told(
        "store-says-no-order",
        store,
        "19:12",
        "There is no order in that name. Nothing has come in.",
        order="never arrived",
    )
    desk = {**line, "channel": "email"}
    rows.add(
        "handoff.sent", at("19:15"), id="order-mailed", **desk, team="order desk", attributes={"to": "Harbour Street"}
    )
    contact("second-call", phone, "19:19", "19:31", 12.0, "unresolved")
    told("phone-looks", phone, "19:27", "I can see the order. It is paid. The store must have it by now.")
    rows.add("handoff.received", at("19:38"), id="order-read", **desk, team="Harbour Street")
    contact("second-visit", store, "19:40", "19:58", 18.0, "unresolved")
    told(
        "store-says-tomorrow",
        store,
        "19:54",
        "We see to the people in the shop first, and we close at eight. Come back tomorrow.",
        ready="tomorrow",
    )
    contact("second-chat", chat, "20:10", "20:34", 24.0, "unresolved")
    told(
        "chat-doubts-stock",
        chat,
        "20:29",
        "They are probably not in stock, that would be why.",
        stock="probably not in stock",
    )
    rows.add(
        "survey.answered",
        at("20:41"),
        id="two-phones-survey",
        **line,
        channel="email",
        touchpoint="pick-up",
        outcome="ces",
        value=1,
        text="Six hours, seven conversations, no phones.",
    )
