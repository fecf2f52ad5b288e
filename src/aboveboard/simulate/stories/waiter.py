"""The waiter: a rule bent every night, in many hands, and nothing bad follows.

Three rules and what becomes of requests under each. Changes to a dish are forbidden and granted all the same; taking a
dish off the bill needs the manager, who always comes and always says yes; the nut rule is bent seldom, and hurts then.
Harm is also found on evenings without an exception, so that there is something to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aboveboard.simulate.rows import Rows, minutes

FIRST, NIGHTS = date(2025, 3, 4), 70
WAITERS = tuple(f"waiter-{n:02d}" for n in range(1, 17))
ABUSER = "guest-0613"
INDEBTING = (
    "We're not supposed to, but for you I'll ask the kitchen.",
    "I'm not really allowed to do this. Just this once, for you.",
    "We're not supposed to, so don't tell anyone, but yes.",
    "Normally we can't do that, but I'll make an exception for you.",
)
PLAIN = (
    "Of course. The kitchen will make it without cream.",
    "Yes, gladly. It will take the same time.",
    "We can do that. Is there anything else you would like changed?",
)
REFUSALS = ("I'm sorry, the kitchen serves the dishes as they are on the card.",)


@dataclass(frozen=True)
class _Table:
    """One party at one table: the columns every event of its evening carries."""

    guest: str
    order: str
    waiter: str
    seated_at: datetime

    @property
    def line(self) -> dict[str, str]:
        return {
            "customer": self.guest,
            "subject": self.order,
            "channel": "store",
            "touchpoint": "table",
            "team": "dining room",
        }


def events() -> Rows:
    """Return ten weeks of evenings at the restaurant."""
    rows = Rows(story="wa", seed=613, zone="Europe/Dublin")
    order = 0
    for night in range(NIGHTS):
        day = FIRST + timedelta(days=night)
        if day.isoweekday() == 1:  # closed on Mondays
            continue
        for _ in range(rows.whole(22, 30)):
            order += 1
            guest = f"guest-{rows.whole(1000, 2400)}"
            _evening(rows, _Table(guest, f"order:{order}", rows.pick(WAITERS), rows.at(day, rows.between(18.0, 21.3))))
        if night % 5 == 2:
            order += 1
            _abuse(rows, _Table(ABUSER, f"order:{order}", rows.pick(WAITERS), rows.at(day, "19:30")))
    _hero(rows)
    return rows


def _evening(rows: Rows, table: _Table) -> None:
    bill = float(rows.whole(38, 210))
    rows.add("order.placed", table.seated_at, **table.line, employee=table.waiter, value=bill)
    draw = rows.die.random()
    if draw < 0.26:
        _change_a_dish(rows, table)
    elif draw < 0.36:
        _off_the_bill(rows, table)
    elif draw < 0.44:
        _without_nuts(rows, table)
    elif rows.chance(0.008):
        _harm(rows, table, "policy:dishes-as-on-the-card", days=1, cost=rows.between(8, 30))
    if rows.chance(0.12):
        rows.add(
            "survey.answered",
            table.seated_at + minutes(rows.between(900, 2000)),
            **{**table.line, "channel": "email"},
            employee=table.waiter,
            outcome="csat",
            value=rows.rating(4.5, 0.6),
        )


def _ask(rows: Rows, table: _Table, rule: str, after: float, reason: str) -> datetime:
    asked_at = table.seated_at + minutes(after)
    rows.add(
        "exception.requested", asked_at, **table.line, employee=table.waiter, rule=rule, attributes={"reason": reason}
    )
    return asked_at


def _harm(rows: Rows, table: _Table, rule: str, *, days: float, cost: float) -> None:
    at = table.seated_at + timedelta(days=days)
    rows.add("harm.found", at, customer=table.guest, subject=table.order, rule=rule, value=round(cost, 2))


def _change_a_dish(rows: Rows, table: _Table) -> None:
    """Write a wish that the card forbids and the waiter grants, nineteen times in twenty, within minutes."""
    rule = "policy:dishes-as-on-the-card"
    clause = rows.pick(("leave out", "swap the side", "sauce apart", "half portion"))
    asked_at = _ask(rows, table, rule, rows.between(4, 15), clause)
    granted = rows.chance(0.95)
    answered_at = asked_at + minutes(rows.between(0.5, 4))
    rows.add(
        "exception.granted" if granted else "exception.denied",
        answered_at,
        **table.line,
        employee=table.waiter,
        rule=rule,
        outcome="granted" if granted else "denied",
        value=round(rows.between(0, 1.6), 2) if granted else None,
        attributes={"level": "waiter", "clause": clause, "reason": clause if granted else "policy"},
    )
    words = REFUSALS if not granted else (INDEBTING if rows.chance(0.55) else PLAIN)
    rows.add(
        "message.sent",
        answered_at + minutes(0.2),
        **table.line,
        employee=table.waiter,
        rule=rule,
        audience="customer",
        text=rows.pick(words),
    )
    if granted and rows.chance(0.006):
        _harm(rows, table, rule, days=1, cost=rows.between(5, 25))


def _off_the_bill(rows: Rows, table: _Table) -> None:
    """Write a dish that only the manager may take off: he is fetched, comes when he can, and says yes.

    One grant in sixteen is found to have been unfounded, whoever looks at it: his look tells nothing apart.
    """
    rule = "policy:dish-off-the-bill"
    asked_at = _ask(rows, table, rule, rows.between(35, 70), "did not like it")
    waited = rows.between(5, 19)
    granted = rows.chance(0.985)
    line = {**table.line, "rule": rule}
    rows.add(
        "escalation.opened", asked_at + minutes(0.5), **line, employee=table.waiter, attributes={"authority": "manager"}
    )
    decided_at = asked_at + minutes(waited)
    rows.add(
        "escalation.decided",
        decided_at,
        **line,
        employee="manager-01",
        outcome="granted" if granted else "denied",
        attributes={"authority": "manager"},
    )
    cost = round(rows.between(9, 24), 2)
    rows.add(
        "exception.granted" if granted else "exception.denied",
        decided_at,
        **line,
        employee="manager-01",
        outcome="granted" if granted else "denied",
        value=cost if granted else None,
        attributes={"level": "manager", "clause": "one dish", "reason": "did not like it" if granted else "policy"},
    )
    if granted:
        rows.add(
            "remedy.given",
            decided_at + minutes(0.2),
            **line,
            employee="manager-01",
            outcome="dish off the bill",
            value=cost,
        )
    if rows.chance(0.06):
        _harm(rows, table, rule, days=rows.between(1, 6), cost=cost)


def _without_nuts(rows: Rows, table: _Table) -> None:
    """Write a wish to call a dish free of nuts: mostly refused for safety; where granted, one in three or four ends badly."""
    rule = "policy:never-promise-nut-free"
    asked_at = _ask(rows, table, rule, rows.between(3, 9), "nut-free promised")
    granted = rows.chance(0.35)
    rows.add(
        "exception.granted" if granted else "exception.denied",
        asked_at + minutes(rows.between(1, 4)),
        **table.line,
        employee=table.waiter,
        rule=rule,
        outcome="granted" if granted else "denied",
        value=0.0 if granted else None,
        attributes={
            "level": "waiter",
            "clause": "nut-free",
            "reason": "guest insisted" if granted else "safety",
            **({} if granted else {"evidence": "safety"}),
        },
    )
    if granted and rows.chance(0.3):
        _harm(rows, table, rule, days=rows.between(0.1, 2), cost=rows.between(60, 400))


def _abuse(rows: Rows, table: _Table) -> None:
    """Write an evening of the one guest who sends back empty plates: granted and found out, time after time."""
    rule = "policy:dish-off-the-bill"
    line = {**table.line, "rule": rule}
    rows.add("order.placed", table.seated_at, **table.line, employee=table.waiter, value=float(rows.whole(60, 120)))
    asked_at = _ask(rows, table, rule, 75, "hair in the food")
    rows.add(
        "escalation.opened", asked_at + minutes(0.5), **line, employee=table.waiter, attributes={"authority": "manager"}
    )
    decided_at = asked_at + minutes(rows.between(6, 15))
    cost = round(rows.between(18, 30), 2)
    granted = {"level": "manager", "clause": "one dish", "reason": "hair in the food"}
    rows.add(
        "escalation.decided",
        decided_at,
        **line,
        employee="manager-01",
        outcome="granted",
        attributes={"authority": "manager"},
    )
    rows.add(
        "exception.granted",
        decided_at,
        **line,
        employee="manager-01",
        outcome="granted",
        value=cost,
        attributes=granted,
    )
    rows.add(
        "remedy.given",
        decided_at + minutes(0.2),
        **line,
        employee="manager-01",
        outcome="dish off the bill",
        value=cost,
    )
    _harm(rows, table, rule, days=1.5, cost=cost)


def _hero(rows: Rows) -> None:
    """Write the two tables of the story: the sauce left out on Friday, and the guest who may be refused on Saturday."""
    friday, saturday = FIRST + timedelta(days=66), FIRST + timedelta(days=67)
    table = _Table("guest-nora", "order:9001", "waiter-05", rows.at(friday, "19:40"))
    rule = "policy:dishes-as-on-the-card"
    said = {**table.line, "employee": table.waiter, "rule": rule}
    rows.add("order.placed", table.seated_at, **table.line, employee=table.waiter, value=86.0)
    rows.add(
        "exception.requested", rows.at(friday, "19:52"), id="nora-asks", **said, attributes={"reason": "leave out"}
    )
    rows.add(
        "exception.granted",
        rows.at(friday, "19:54"),
        id="nora-granted",
        **said,
        outcome="granted",
        value=0.0,
        attributes={"level": "waiter", "clause": "leave out", "reason": "leave out"},
    )
    rows.add(
        "message.sent",
        rows.at(friday, "19:54"),
        id="nora-told",
        **said,
        audience="customer",
        text="We're not supposed to, but for you I'll have them leave out the cream.",
    )
    rows.add(
        "suggestion.made",
        rows.at(friday, "23:10"),
        id="waiter-suggests",
        team="dining room",
        employee="waiter-05",
        rule=rule,
        text="Could the card simply say that changes are welcome? We make them all night anyway.",
    )
    abuser = _Table(ABUSER, "order:9002", "waiter-11", rows.at(saturday, "19:30"))
    rule = "policy:dish-off-the-bill"
    said = {**abuser.line, "rule": rule}
    rows.add("order.placed", abuser.seated_at, **abuser.line, employee=abuser.waiter, value=74.0)
    rows.add(
        "exception.requested",
        rows.at(saturday, "20:45"),
        id="abuser-asks",
        **said,
        employee=abuser.waiter,
        attributes={"reason": "hair in the food"},
    )
    rows.add(
        "exception.denied",
        rows.at(saturday, "20:52"),
        id="abuser-denied",
        **said,
        employee="manager-01",
        outcome="denied",
        attributes={"level": "manager", "clause": "one dish", "reason": "abuse", "evidence": "abuse"},
    )
