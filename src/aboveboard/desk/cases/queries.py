"""Reads of cases: the inbox, one case with all that is known of it, and how it ended when others stood there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.db import connection
from django.db.models import Q, QuerySet

from aboveboard.analyses.attribution.substitution import substitution
from aboveboard.desk.cases import models, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbooks
from aboveboard.desk.playbook.rules import PlaybookVersionError
from aboveboard.desk.promises import models as promise_models
from aboveboard.desk.promises import queries as promises
from aboveboard.desk.promises import rules as promise_rules
from aboveboard.engines import Ledger
from aboveboard.ledger import columns, event
from aboveboard.ledger.event import Event
from aboveboard.playbook import running
from aboveboard.playbook.model import Playbook

PAGE = 50
COUNTED = 1_000
"""The inbox counts so far and no further: nobody works through more, and counting them all would take long."""
_EVENTS = 500
_NUMBER = re.compile("[0-9]{1,18}")
_CONTACTS = 50_000
_ORDERS: Mapping[str, tuple[str, bool]] = {
    "due": ("due_at", False),
    "newest": ("opened_at", True),
    "oldest": ("opened_at", False),
    "changed": ("changed_at", True),
}
ORDERS = tuple(_ORDERS)


@dataclass(frozen=True)
class Asked:
    """What the inbox is asked for. `state` is a state, `open` or `all`; `who` is `me`, `nobody` or empty for anybody.

    `order` is one of `ORDERS`; `after` is where the page before ended.
    """

    state: str = "open"
    team: str = ""
    who: str = ""
    channel: str = ""
    risk: bool = False
    words: str = ""
    order: str = "due"
    after: str = ""

    def address(self, **change: Any) -> str:
        """The query of the address that asks for this, with what is changed; `after` only where it is named."""
        wanted = replace(self, **{"after": "", **change})
        usual = Asked()
        told = {name: getattr(wanted, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in told.items() if value != getattr(usual, name)})


@dataclass(frozen=True)
class Page:
    """A page of the inbox: its cases, how many there are in all (None: more than `COUNTED`), and where the next begins."""

    cases: Sequence[models.Case]
    count: int | None
    next: str


def within(*, person: people.Person, act: str = "cases.read") -> QuerySet[models.Case]:
    """The cases over which this act of theirs reaches."""
    reach = people.reach(person, act)
    found = models.Case.objects.all()
    return found if reach.everything else found.filter(team__in=reach.teams)


def found(*, person: people.Person, asked: Asked, now: datetime) -> QuerySet[models.Case]:
    """The cases that are asked for, of those within reach, in their order."""
    cases = within(person=person)
    if asked.state == "open":
        cases = cases.filter(closed_at=None)
    elif asked.state == "closed":
        cases = cases.filter(closed_at__isnull=False)
    elif asked.state in rules.STATES:
        cases = cases.filter(state=asked.state, closed_at=None)
    exact = {name: value for name, value in (("team", asked.team), ("channel", asked.channel)) if value}
    cases = cases.filter(**exact)
    if asked.who:
        cases = cases.filter(assigned_to=person.id if asked.who == "me" else None)
    if asked.risk:
        cases = cases.filter(closed_at=None, risk_at__lte=now)
    return _ordered(_searched(cases, asked.words), asked.order)


def page(*, person: people.Person, asked: Asked, now: datetime, most: int = PAGE) -> Page:
    """A page of the inbox, by where the one before ended, so that the thousandth costs what the first does.

    Raises CaseError where `after` is no such place.
    """
    cases = found(person=person, asked=asked, now=now)
    counted = cases.order_by()[: COUNTED + 1].count()
    rows = list(_beyond(cases, asked).select_related("assigned_to")[: most + 1])
    more = len(rows) > most
    rows = rows[:most]
    column, _ = _ORDERS[asked.order]
    end = f"{getattr(rows[-1], column).isoformat()}|{rows[-1].number}" if more else ""
    return Page(rows, counted if counted <= COUNTED else None, end)


def case(*, person: people.Person, number: int, act: str = "cases.read") -> models.Case | None:
    """The case of this number, where the act reaches it; None where it does not, or there is none."""
    people_in = models.Case.objects.select_related("assigned_to", "decided_by")
    one = people_in.filter(pk=number).first() if number < 2**63 else None
    return one if one and people.reach(person, act).holds(one.team) else None


def happened(*, case: models.Case) -> list[Event]:
    """What happened to the case and to what it is about, in its order."""
    own = journal.happened(subject=case.subject, most=_EVENTS)
    about = _about(case)
    return [one.event for one in sorted([*own, *about], key=lambda one: (one.event.time, one.sequence))]


def happened_about(*, case: models.Case) -> list[Event]:
    """What happened to what the case is about, in its order; nothing where it is about nothing."""
    return [one.event for one in _about(case)]


def _about(case: models.Case) -> list[journal.Happened]:
    return journal.happened(subject=case.about, most=_EVENTS) if case.about else []


def playbook(*, now: datetime) -> Playbook | None:
    """The playbook in force; None before the first."""
    try:
        return playbooks.current(now=now)
    except PlaybookVersionError:
        return None


def clocks(*, events: Sequence[Event], now: datetime) -> list[running.Clock]:
    """The promises that these events started, by the playbook in force; none where there is no playbook."""
    return running.clocks(events, playbook(now=now) or Playbook(), now=now)


@dataclass(frozen=True)
class Promised:
    """A promise that concerns a case. `held` is its row in the register of promises, where it is there by now.

    `own`: it began with what happened to the case; otherwise elsewhere, to the same customer. `alerted`: whoever answers for it
    was told that it is at risk or broken, and has not seen that yet.
    """

    says: str
    state: str | None
    due_at: datetime | None
    met_at: datetime | None
    own: bool
    held: promise_models.Clock | None = None
    alerted: bool = False


def own(clocks: Sequence[running.Clock]) -> list[Promised]:
    """The promises that began with a case, by themselves."""
    return [Promised(one.says, one.state, one.due_at, one.met_at, own=True) for one in clocks]


def promised(*, case: models.Case, clocks: Sequence[running.Clock], now: datetime) -> list[Promised]:
    """What was promised with a case, and what else runs for its customer or broke in 30 days.

    What was kept is known from the case's events at once. Whether one that runs is at risk, the register says: it knows how
    likely such a promise is to be kept at this age and hour.
    """
    subjects = [case.subject, *([case.about] if case.about else [])]
    found = promises.concerning(subjects=subjects, customer=case.customer, now=now)
    held, alerted = {(one.promise, one.event): one for one in found}, promises.unseen_on(clocks=found)
    book, made = playbook(now=now) or Playbook(), []
    for one in clocks:
        row = held.pop((one.promise, one.event), None)
        state = (
            row.state
            if row and one.state in promise_rules.RUNNING and row.state in promise_rules.RUNNING
            else one.state
        )
        made.append(Promised(one.says, state, one.due_at, one.met_at, True, row, bool(row and row.event in alerted)))
    for row in held.values():
        said = book.promises[row.promise].says if row.promise in book.promises else row.promise
        made.append(Promised(said, row.state, row.due_at, row.met_at, False, row, row.event in alerted))
    return made


@dataclass(frozen=True)
class Known:
    """What is known of a customer beside this case: other cases that one may read, and what happened last."""

    cases: Sequence[models.Case]
    events: Sequence[Event]


def customer(*, person: people.Person, case: models.Case) -> Known:
    """The customer's other cases within reach, newest first, and their history where the whole of it is within reach."""
    if not case.customer:
        return Known((), ())
    others = within(person=person).filter(customer=case.customer).exclude(pk=case.pk).order_by("-opened_at")
    history = []
    if people.reach(person, "customers.read").holds(case.team):
        own = {case.subject, case.about}
        seen = journal.happened(customer=case.customer, most=60)
        history = [one.event for one in reversed(seen) if one.event.subject not in own][:20]
    return Known(list(others[:10]), history)


def views(*, user: int) -> QuerySet[models.View]:
    """The views that somebody keeps, by name."""
    return models.View.objects.filter(user_id=user).order_by("name")


def teams(*, person: people.Person) -> list[str]:
    """The teams over whose cases this person's reach goes, by name."""
    reach = people.reach(person, "cases.read")
    names = people_queries.teams().values_list("name", flat=True)
    return [name for name in names if reach.holds(name)]


def colleagues(*, team: str | None) -> list[Any]:
    """Who may work on a case of this team, by name."""
    return people_queries.holding(act="cases.work", team=team)


def present(*, case: int, but: int, now: datetime) -> list[str]:
    """The names of others who have this case open."""
    there = models.Presence.objects.filter(case=case, seen_at__gt=now - rules.PRESENCE_LASTS).exclude(user=but)
    return sorted(str(one.user) for one in there.select_related("user"))


def answers(*, case: int) -> dict[str, models.Answer]:
    """Question about the system → its answer, of those that have one."""
    return {one.question: one for one in models.Answer.objects.filter(case=case).select_related("by")}


def employees(*, events: Sequence[Event], but: str) -> list[str]:
    """The keys of the employees in these events, in the order of their first, without `but`."""
    named = dict.fromkeys(one.employee for one in events if one.employee and one.employee != but)
    return [one for one in named if one]


def shown_test(*, case: int, employee: str) -> models.Substitution | None:
    """The substitution test as it was last shown; None where it was not."""
    return models.Substitution.objects.filter(case=case, employee=employee).first()


def when_others_stood_there(*, events: Sequence[Event], employee: str, now: datetime) -> dict[str, Any]:
    """How contacts like this one ended for others: a row of the table SUBSTITUTION, or only its verdict `cannot tell`.

    `events` are the case's own. Compared are the last fifty thousand contacts in the journal.
    """
    ended = [one.event for one in journal.happened(types=("contact.ended",), most=_CONTACTS)]
    subjects = {one.subject for one in events}
    theirs = [one for one in ended if one.employee == employee and one.subject in subjects]
    if theirs:
        with Ledger.of(_table(ended)) as ledger:
            made = substitution(ledger.events, playbook(now=now) or Playbook(), as_of=now)
            mine = made.filter(made.kind == "breakdown", made.event.isin([one.id for one in theirs]))
            rows = ledger.arrow(mine).to_pylist()
        if rows:
            return dict(max(rows, key=lambda row: row["at"]))
    return {"verdict": "cannot tell"}


def _table(events: Sequence[Event]) -> pa.Table:
    rows = [event.row(one, recorded_at=one.time) for one in events]
    held = zip(*rows, strict=True)
    arrays = [pa.array(one, field.type) for one, field in zip(held, columns.SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=columns.SCHEMA)


def _ordered(cases: QuerySet[models.Case], order: str) -> QuerySet[models.Case]:
    if order not in _ORDERS:
        raise rules.CaseError(f"There is no order {order!r}; there are {', '.join(ORDERS)}.")
    column, falling = _ORDERS[order]
    return cases.order_by(*(f"-{name}" if falling else name for name in (column, "number")))


def _beyond(cases: QuerySet[models.Case], asked: Asked) -> QuerySet[models.Case]:
    if not asked.after:
        return cases
    written, _, number = asked.after.partition("|")
    try:
        at, last = datetime.fromisoformat(written), int(number)
    except ValueError as error:
        raise rules.CaseError("There is no such page. Begin with the first.") from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    column, falling = _ORDERS[asked.order]
    past = "lt" if falling else "gt"
    # The first part alone bounds the index; the second tells those of one moment apart.
    bound = Q(**{f"{column}__{past}e": at})
    return cases.filter(bound).filter(Q(**{f"{column}__{past}": at}) | Q(**{f"number__{past}": last}))


def _searched(cases: QuerySet[models.Case], words: str) -> QuerySet[models.Case]:
    """Those in which every word stands; on PostgreSQL words are looked up by how they begin, which an index can answer."""
    wanted = rules.words_of(words)
    if not wanted:
        return cases.none() if words.strip() else cases
    # A single number may be that of a case.
    number = int(wanted[0]) if len(wanted) == 1 and _NUMBER.fullmatch(wanted[0]) else 0
    if connection.vendor == "postgresql":
        asked = " & ".join(f"{word}:*" for word in wanted)
        sql = "(to_tsvector('simple', cases.search) @@ to_tsquery('simple', %s) OR cases.number = %s)"
        return cases.extra(where=[sql], params=[asked, number])  # noqa: S610 # the words are arguments
    said = Q()
    for word in wanted:
        said &= Q(search__startswith=word) | Q(search__contains=f" {word}")
    return cases.filter(said | Q(number=number))
