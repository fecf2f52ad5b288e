"""The cinema: what is said in front of the curtain and what is done behind it.

Two houses of one company: a cinema and a rental desk. Complaints come in; some are answered with words that the record
bears out, some with words that nothing follows. Escalations climb; in some the decision changes something for the
guest, in others nobody can say what it changed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aboveboard.simulate.rows import Rows, minutes

FIRST, DAYS = date(2025, 1, 7), 84
STAFF = tuple(f"usher-{n:02d}" for n in range(1, 11))
DESK = tuple(f"desk-{n:02d}" for n in range(1, 9))
ASKED = "I asked my supervisor, and there is nothing we can do."
DEAL = "I will deal with it, leave it with me."
LOOKED = "I have checked your booking."
REFUNDED = "I have refunded the booking fee to your card."


def events() -> Rows:
    """Return twelve weeks of complaints at the cinema and at the rental desk."""
    rows = Rows(story="ci", seed=777, zone="America/Chicago")
    case = 0
    for day in range(DAYS):
        for _ in range(rows.whole(6, 10)):
            case += 1
            _complaint(rows, FIRST + timedelta(days=day), case)
    _hero_cinema(rows)
    _hero_rental(rows)
    _hero_real(rows)
    return rows


def _complaint(rows: Rows, day: date, number: int) -> None:
    """Write one complaint from its opening to its closing."""
    rental = rows.chance(0.5)
    team, hands = ("rental desk", DESK) if rental else ("front of house", STAFF)
    line = {
        "customer": f"guest-{number}",
        "subject": f"case:{number}",
        "channel": "store",
        "touchpoint": "rental desk" if rental else "foyer",
        "team": team,
    }
    employee = rows.pick(hands)
    at = rows.at(day, rows.between(11.0, 21.0))
    rows.add(
        "complaint.received",
        at,
        **line,
        text=rows.pick(("The screen was out of focus.", "I was charged twice.", "The car was not there.")),
    )
    rows.add("case.opened", at + minutes(1), **line, employee=employee)
    draw = rows.die.random()
    if draw < 0.30:
        _checked(rows, line, employee, at)
    elif draw < 0.55:
        _refunded(rows, line, employee, at)
    else:
        _escalated(rows, line, employee, at, theatre=rows.chance(0.4), claimed_only=rows.chance(0.15))
    cause = "difficult customer" if rows.chance(0.03) else rows.pick(("projection", "billing", "stock", "waiting time"))
    rows.add(
        "case.closed",
        at + minutes(rows.between(90, 2800)),
        **line,
        employee=employee,
        outcome="closed",
        attributes={"cause": cause},
    )
    if rows.chance(0.01):
        rows.add(
            "note.written",
            at + minutes(60),
            **line,
            employee=employee,
            audience="internal",
            text="Another drama queen. Ignore.",
        )


def _checked(rows: Rows, line: dict[str, str], employee: str, at: datetime) -> None:
    """Write a look at the record, and the words that say so: true nine times in ten."""
    if rows.chance(0.9):
        rows.add("record.checked", at + minutes(4), **line, employee=employee)
    rows.add("message.sent", at + minutes(6), **line, employee=employee, audience="customer", text=LOOKED)


def _refunded(rows: Rows, line: dict[str, str], employee: str, at: datetime) -> None:
    """Write words about a refund, and the refund, which is there all but one time in twelve."""
    rows.add("message.sent", at + minutes(8), **line, employee=employee, audience="customer", text=REFUNDED)
    if rows.chance(0.92):
        rows.add("payment.refunded", at + minutes(9), **line, employee=employee, value=4.5)


def _escalated(
    rows: Rows, line: dict[str, str], employee: str, at: datetime, *, theatre: bool, claimed_only: bool
) -> None:
    """Write a case that goes up, or is said to. A real one ends in a remedy, theatre in a decision alone."""
    if claimed_only:
        rows.add("message.sent", at + minutes(10), **line, employee=employee, audience="customer", text=ASKED)
        return
    asked_at = at + minutes(rows.between(5, 20))
    decided_at = asked_at + minutes(rows.between(10, 240))
    rows.add("escalation.opened", asked_at, **line, employee=employee, attributes={"authority": "supervisor"})
    rows.add(
        "escalation.decided",
        decided_at,
        **line,
        employee="supervisor-01",
        outcome="noted" if theatre else "upheld",
        attributes={"authority": "supervisor"},
    )
    words = DEAL if theatre else "I asked my supervisor, and the fee is taken off."
    rows.add("message.sent", decided_at + minutes(2), **line, employee=employee, audience="customer", text=words)
    if not theatre:
        value = float(rows.whole(5, 40))
        rows.add(
            "remedy.given", decided_at + minutes(3), **line, employee="supervisor-01", outcome="refund", value=value
        )


def _hero_cinema(rows: Rows) -> None:
    """Write the Saturday show: the manager says he will deal with the usher, and pats him on the back."""
    day = FIRST + timedelta(days=81)
    line = {
        "customer": "guest-ines",
        "subject": "case:ines",
        "channel": "store",
        "touchpoint": "foyer",
        "team": "front of house",
    }

    def at(clock: str) -> datetime:
        return rows.at(day, clock)

    rows.add(
        "complaint.received",
        at("20:10"),
        id="ines-complains",
        **line,
        text="Your usher let the row behind us talk through the film and then laughed when I asked for help.",
    )
    rows.add("case.opened", at("20:11"), id="ines-case", **line, employee="cinema-manager")
    rows.add(
        "escalation.opened",
        at("20:12"),
        id="ines-escalates",
        **line,
        employee="usher-03",
        attributes={"authority": "manager"},
    )
    rows.add(
        "message.sent",
        at("20:14"),
        id="ines-told",
        **line,
        employee="cinema-manager",
        audience="customer",
        text="I will deal with him right now. You have my word.",
    )
    rows.add(
        "recognition.given",
        at("20:16"),
        id="pat-on-the-back",
        team="front of house",
        employee="usher-03",
        text="Well handled, don't worry about it.",
        attributes={"by": "cinema-manager"},
    )
    rows.add(
        "escalation.decided",
        at("20:17"),
        id="ines-decided",
        **line,
        employee="cinema-manager",
        outcome="noted",
        attributes={"authority": "manager"},
    )
    rows.add(
        "note.written",
        at("20:20"),
        id="ines-mocked",
        **line,
        employee="cinema-manager",
        audience="internal",
        text="Her Majesty in row F again. Some people are never happy, just nod and smile.",
    )
    rows.add(
        "case.closed",
        at("20:25"),
        id="ines-closed",
        **line,
        employee="cinema-manager",
        outcome="closed",
        attributes={"cause": "difficult customer"},
    )


def _hero_rental(rows: Rows) -> None:
    """Write the rental desk: she goes into the back room, comes out, and has asked nobody."""
    day = FIRST + timedelta(days=82)
    line = {
        "customer": "guest-omar",
        "subject": "case:omar",
        "channel": "store",
        "touchpoint": "rental desk",
        "team": "rental desk",
    }
    rows.add(
        "complaint.received",
        rows.at(day, "09:30"),
        id="omar-complains",
        **line,
        text="I was charged for a full tank and filled it.",
    )
    rows.add("case.opened", rows.at(day, "09:31"), id="omar-case", **line, employee="desk-06")
    rows.add(
        "message.sent",
        rows.at(day, "09:41"),
        id="omar-told",
        **line,
        employee="desk-06",
        audience="customer",
        text="I asked my supervisor, and I'm afraid there is nothing we can do.",
    )
    rows.add(
        "case.closed",
        rows.at(day, "09:50"),
        id="omar-closed",
        **line,
        employee="desk-06",
        outcome="closed",
        attributes={"cause": "billing"},
    )


def _hero_real(rows: Rows) -> None:
    """Write the one that is what it says: asked, decided with authority, remedied."""
    day = FIRST + timedelta(days=82)
    line = {
        "customer": "guest-lena",
        "subject": "case:lena",
        "channel": "store",
        "touchpoint": "rental desk",
        "team": "rental desk",
    }
    rows.add(
        "complaint.received",
        rows.at(day, "10:05"),
        id="lena-complains",
        **line,
        text="The car I booked was given away.",
    )
    rows.add("case.opened", rows.at(day, "10:06"), id="lena-case", **line, employee="desk-02")
    rows.add(
        "escalation.opened",
        rows.at(day, "10:09"),
        id="lena-escalates",
        **line,
        employee="desk-02",
        attributes={"authority": "supervisor"},
    )
    rows.add(
        "escalation.decided",
        rows.at(day, "10:16"),
        id="lena-decided",
        **line,
        employee="supervisor-01",
        outcome="upheld",
        attributes={"authority": "supervisor"},
    )
    rows.add(
        "remedy.given",
        rows.at(day, "10:18"),
        id="lena-remedied",
        **line,
        employee="supervisor-01",
        outcome="upgrade",
        value=60.0,
    )
    rows.add(
        "message.sent",
        rows.at(day, "10:19"),
        id="lena-told",
        **line,
        employee="desk-02",
        audience="customer",
        text="I asked my supervisor. You get the larger car at the price you booked.",
    )
    rows.add(
        "case.closed",
        rows.at(day, "10:30"),
        id="lena-closed",
        **line,
        employee="desk-02",
        outcome="closed",
        attributes={"cause": "stock"},
    )
