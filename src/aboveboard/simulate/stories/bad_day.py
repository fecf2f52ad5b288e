"""The bad day: three employees of one shop, two years of contacts, and the difference between a day and a drift.

Contacts end resolved or not. Most colleagues stand where the shop stands, at 88 of 100. One cashier does so too, but
for one Saturday; another slides from there to 62 over her last nine months. Orders entered wrongly before the
customer reaches the counter end badly in everybody's hands.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aboveboard.simulate.rows import Rows, minutes

FIRST, WEEKS = date(2023, 10, 2), 104
ONCE, SLOWLY, BLAMED = "cashier-11", "cashier-19", "cashier-07"
COLLEAGUES = tuple(f"cashier-{n:02d}" for n in range(1, 31) if f"cashier-{n:02d}" not in (ONCE, SLOWLY, BLAMED))
SHOP = 0.88
BAD_DAY = FIRST + timedelta(weeks=95, days=5)
SLIDE_FROM = 68  # the week in which the slide begins


def events() -> Rows:
    """Return two years at the tills."""
    rows = Rows(story="bd", seed=5, zone="America/Denver")
    for week in range(WEEKS):
        for _ in range(rows.whole(17, 23)):
            _contact(rows, week, ONCE, SHOP)
        for _ in range(rows.whole(17, 23)):
            _contact(rows, week, SLOWLY, _sliding(week))
        for _ in range(rows.whole(2, 4)):
            _contact(rows, week, BLAMED, SHOP)
        for colleague in COLLEAGUES:
            for _ in range(rows.whole(0, 4)):
                _contact(rows, week, colleague, SHOP)
        _orders(rows, week)
    _bad_day(rows)
    _blame(rows)
    return rows


def _sliding(week: int) -> float:
    """Return the share of good endings in `week` of the one whose service fell: flat, then down 0.26 in 36 weeks."""
    return SHOP - 0.26 * max(0, week - SLIDE_FROM) / (WEEKS - 1 - SLIDE_FROM)


def _open_day(rows: Rows, week: int) -> date:
    """Return a day of `week`, Monday to Saturday, that is not the bad day: that one is written out below."""
    while True:
        day = FIRST + timedelta(weeks=week, days=rows.whole(0, 5))
        if day != BAD_DAY:
            return day


def _contact(rows: Rows, week: int, employee: str, good: float) -> None:
    at = rows.at(_open_day(rows, week), rows.between(9.0, 19.5))
    _ended(rows, at, employee, resolved=rows.chance(good))


def _ended(rows: Rows, at: datetime, employee: str, *, resolved: bool, id: str | None = None, **more: object) -> None:
    columns: dict[str, object] = {
        "customer": f"c{rows.whole(1, 9999)}",
        "channel": "store",
        "touchpoint": "till",
        "team": "tills",
        "value": float(rows.whole(2, 9)),
        "outcome": "resolved" if resolved else "unresolved",
    }
    rows.add("contact.ended", at, id=id, employee=employee, **{**columns, **more})


def _orders(rows: Rows, week: int) -> None:
    """Write the week's orders for collection: two or three entered rightly, and one or two that were not.

    How an order ends at the counter follows from how it was entered at the office, not from who stands there.
    """
    for entered_wrongly in (False, False, rows.chance(0.5), True):
        number = f"{week:03d}{rows.whole(1000, 9999)}"
        at = rows.at(_open_day(rows, week), rows.between(10.0, 18.0))
        line = {"customer": f"c{number}", "subject": f"order:{number}"}
        rows.add(
            "order.placed",
            at - timedelta(days=2),
            **line,
            channel="phone",
            team="office",
            employee=rows.pick(("manager-1", "manager-2")),
            value=float(rows.whole(40, 300)),
            attributes={"entered": "wrong item" if entered_wrongly else "as ordered"},
        )
        _ended(
            rows,
            at,
            rows.pick(COLLEAGUES),
            resolved=rows.chance(0.12 if entered_wrongly else 0.95),
            **line,
            touchpoint="collection",
            attributes={"situation": "order entered wrongly" if entered_wrongly else "order entered rightly"},
        )


def _bad_day(rows: Rows) -> None:
    """Write one Saturday: eleven customers, eight of them sent away, after one of them had shouted."""
    line = {"channel": "store", "touchpoint": "till", "team": "tills", "employee": ONCE}
    rows.add(
        "conduct.reported",
        rows.at(BAD_DAY, "10:40"),
        id="shouted-at",
        customer="c-shouter",
        **line,
        text="Shouted at the cashier across the queue for several minutes and threw the receipt at her.",
        attributes={"by": "customer"},
    )
    for n in range(11):
        _ended(rows, rows.at(BAD_DAY, 10.8) + minutes(35 * n), ONCE, resolved=n in (2, 6, 9), id=f"bad-day-{n + 1}")
    rows.add(
        "message.sent",
        rows.at(BAD_DAY, "12:21"),
        id="snapped",
        customer="c-next",
        **line,
        audience="customer",
        text="Then go somewhere else if you don't like it here.",
    )


def _blame(rows: Rows) -> None:
    """Write the order a manager entered, the counter at which it came to light, and the note that names another."""
    day = FIRST + timedelta(weeks=WEEKS - 2, days=2)
    line = {"customer": "c-weber", "subject": "order:weber"}
    rows.add(
        "order.placed",
        rows.at(day - timedelta(days=2), "16:20"),
        id="weber-entered",
        **line,
        channel="phone",
        team="office",
        employee="manager-2",
        value=189.0,
        attributes={"entered": "wrong item"},
    )
    _ended(
        rows,
        rows.at(day, "11:15"),
        BLAMED,
        resolved=False,
        id="weber-at-the-counter",
        **line,
        touchpoint="collection",
        attributes={"situation": "order entered wrongly"},
    )
    rows.add(
        "complaint.received",
        rows.at(day, "15:02"),
        id="weber-complains",
        **line,
        channel="email",
        text="I was given the wrong machine.",
    )
    rows.add(
        "note.written",
        rows.at(day, "17:40"),
        id="weber-blamed",
        **line,
        team="tills",
        employee="manager-2",
        audience="internal",
        text="Written warning for the cashier who handed out the wrong machine.",
        attributes={"kind": "disciplinary", "about": BLAMED},
    )
