"""Reads of promises: which run, which broke, how each is kept, whom an alert concerns, and who was struck in silence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from aboveboard.analyses.promises.budgets import burn
from aboveboard.analyses.shared import intervals
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.playbook import rules as written
from aboveboard.desk.promises import models, rules
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook, Promise

WINDOW = timedelta(days=30)
"""Over which a promise's kept share and its budget are told."""
SORTS = {
    "due": F("due_at").asc(nulls_last=True), "-due": F("due_at").desc(nulls_last=True), "promise": F("promise").asc(),
    "-promise": F("promise").desc(), "subject": F("subject").asc(), "-subject": F("subject").desc(),
    "chance": F("chance_share").asc(nulls_last=True), "-chance": F("chance_share").desc(nulls_last=True),
    "team": F("team").asc(), "-team": F("team").desc(),
}  # fmt: skip
_SILENT_MOST = 500


@dataclass(frozen=True)
class Kept:
    """How a promise was kept in the last 30 days, by the time due: a share with n and its 95 % interval (Wilson).

    `burnt` is the part of what the objective allows to miss that was missed, above 1 more than all; None without an objective
    below 1, or while nothing fell due.
    """

    name: str
    promise: Promise | None
    running_count: int
    at_risk_count: int
    ended_count: int
    missed_count: int
    share: float | None
    low: float | None
    high: float | None
    burnt: float | None

    @property
    def percent(self) -> float | None:
        """The share in per cent, as pages say it; its interval and the budget likewise."""
        return _percent(self.share)

    @property
    def percent_low(self) -> float | None:
        """The lower end."""
        return _percent(self.low)

    @property
    def percent_high(self) -> float | None:
        """The upper end."""
        return _percent(self.high)

    @property
    def burnt_percent(self) -> float | None:
        """The budget burnt."""
        return _percent(self.burnt)

    @property
    def objective_percent(self) -> float | None:
        """What is meant."""
        return _percent(self.promise.objective) if self.promise else None

    @property
    def kept_count(self) -> int:
        """How many were kept in time."""
        return self.ended_count - self.missed_count


def reading(*, now: datetime) -> tuple[rules.Reading, str] | None:
    """The promises of the playbook that holds now, ready to read events by, and a hash of what they say; None without one."""
    held = playbook.in_force(now=now)
    return _ready(held.number, held.text) if held else None


def clocks(
    *,
    reach: people.Reach,
    now: datetime,
    show: str = "all",
    promise: str = "",
    team: str = "",
    words: str = "",
    sort: str = "due",
) -> QuerySet[models.Clock]:
    """Clocks within reach: `show` is `at risk`, `running`, `broken` (in the last day), `missed` (in 30 days) or `all`."""
    found = _within(models.Clock.objects.exclude(state=rules.AHEAD), reach)
    if show == "at risk":
        found = found.filter(state=rules.AT_RISK)
    elif show == "running":
        found = found.filter(state__in=rules.RUNNING)
    elif show == "broken":
        found = found.filter(state__in=rules.MISSED, due_at__gte=now - rules.FRESH)
    elif show == "missed":
        found = found.filter(state__in=rules.MISSED, due_at__gte=now - WINDOW)
    found = found.filter(promise=promise) if promise else found
    found = found.filter(team=team) if team else found
    if words:
        found = found.filter(Q(subject__icontains=words) | Q(customer=words))
    return found.order_by(SORTS.get(sort, SORTS["due"]), "pk")


def struck(*, person: people.Person, now: datetime) -> QuerySet[models.Clock]:
    """Of the teams of this person: what is at risk, and what broke or came late in the last day, the first due first."""
    wanted = Q(state=rules.AT_RISK) | Q(state__in=rules.MISSED, due_at__gte=now - rules.FRESH)
    found = _within(models.Clock.objects.filter(wanted), people.reach(person, "promises.read"))
    return found.order_by("due_at", "pk")


def counted(*, reach: people.Reach, now: datetime) -> dict[str, int]:
    """How many are at risk, run, and broke in the last day."""
    state = Q(state__in=rules.MISSED, due_at__gte=now - rules.FRESH, due_at__lte=now)
    return _within(models.Clock.objects.all(), reach).aggregate(
        at_risk=Count("pk", filter=Q(state=rules.AT_RISK)),
        running=Count("pk", filter=Q(state__in=rules.RUNNING)),
        broken=Count("pk", filter=state),
    )


def clock(*, number: int, reach: people.Reach) -> models.Clock | None:
    """One clock within reach; None where there is none."""
    return _within(models.Clock.objects.filter(pk=number), reach).first()


def concerning(*, subjects: Iterable[str], customer: str | None, now: datetime) -> list[models.Clock]:
    """What was promised on these subjects or to their customer: what runs, and what broke in 30 days."""
    mine = Q(subject__in=list(subjects)) | (Q(customer=customer) if customer else Q(pk=None))
    live = Q(state__in=rules.RUNNING) | Q(state__in=rules.MISSED, due_at__gte=now - WINDOW)
    return list(models.Clock.objects.filter(mine, live).order_by("due_at", "pk")[:50])


def names() -> list[str]:
    """Every promise that was ever made, by name."""
    return list(models.Clock.objects.values_list("promise", flat=True).distinct().order_by("promise"))


def teams(*, reach: people.Reach) -> list[str]:
    """The teams within reach that hold a promise, by name."""
    found = _within(models.Clock.objects.filter(team__isnull=False), reach).distinct().order_by("team")
    return [str(team) for team in found.values_list("team", flat=True)]


def register(*, reach: people.Reach, now: datetime) -> list[Kept]:
    """Every promise of the playbook and every other that was made, with how it was kept. Within reach alone."""
    held = playbook.in_force(now=now)
    book = playbook.current(now=now) if held else Playbook()
    ended = Q(state__in=rules.ENDED, due_at__gt=now - WINDOW, due_at__lte=now)
    rows = (
        _within(models.Clock.objects.all(), reach)
        .values("promise")
        .annotate(
            running=Count("pk", filter=Q(state__in=rules.RUNNING)),
            at_risk=Count("pk", filter=Q(state=rules.AT_RISK)),
            ended=Count("pk", filter=ended),
            missed=Count("pk", filter=ended & Q(state__in=rules.MISSED)),
        )
    )
    seen: dict[str, dict[str, Any]] = {row["promise"]: dict(row) for row in rows}
    nothing = {"running": 0, "at_risk": 0, "ended": 0, "missed": 0}
    known = [*book.promises, *sorted(seen.keys() - book.promises.keys())]
    return [_kept(name, book.promises.get(name), seen.get(name, nothing)) for name in known]


def burns(*, promise: Promise, reach: people.Reach, now: datetime) -> list[dict[str, Any]]:
    """The rows of `analyses.promises.budgets` for one promise: how fast its budget is spent, window by window."""
    if promise.objective is None or promise.objective >= 1:
        return []
    asked: dict[str, Any] = {}
    for number, window in enumerate(rules.WINDOWS):
        for name, hours in (("long", window.hours), ("short", window.partner_hours)):
            due = Q(due_at__gt=now - timedelta(hours=hours), due_at__lte=now)
            asked[f"{name}_{number}_ended"] = Count("pk", filter=due)
            asked[f"{name}_{number}_missed"] = Count("pk", filter=due & Q(state__in=rules.MISSED))
    found = _within(models.Clock.objects.filter(promise=promise.name, state__in=rules.ENDED), reach).aggregate(**asked)
    names = ("long_{}_ended", "long_{}_missed", "short_{}_ended", "short_{}_missed")
    rows = []
    for number, window in enumerate(rules.WINDOWS):
        one, two, three, four = (found[name.format(number)] for name in names)
        row = burn(promise.name, window, (one, two, three, four), 1 - promise.objective)
        rows.append(row | {"hours": int(window.hours), "days": int(window.hours // 24)})
    return rows


def silent(*, promise: str, reach: people.Reach, now: datetime, besides: int | None = None) -> list[models.Clock]:
    """Whoever was promised the same, whose promise is at risk or broke in the last day, and who has not said a word since.

    A word is an event of `rules.WORDS` on the subject or of the customer, after the promise was made. Of the last 500.
    """
    wanted = Q(state=rules.AT_RISK) | Q(state__in=rules.MISSED, due_at__gte=now - rules.FRESH)
    found = _within(models.Clock.objects.filter(wanted, promise=promise), reach)
    found = found.exclude(pk=besides) if besides is not None else found
    struck = list(found.order_by("-due_at", "-pk")[:_SILENT_MOST])
    if not struck:
        return []
    said = journal.last_times(
        types=rules.WORDS,
        subjects={one.subject for one in struck if one.subject},
        customers={one.customer for one in struck if one.customer},
        until=now,
    )
    return [one for one in reversed(struck) if not _spoke(one, said)]


def alerts(*, person: people.Person) -> list[models.Alert]:
    """Alerts that nobody has seen and that concern this person, the most urgent first."""
    unseen = models.Alert.objects.filter(seen_at=None).order_by("due_at", "pk")[:_SILENT_MOST]
    return [one for one in unseen if concerns(person, one)]


def concerns(person: people.Person, alert: models.Alert) -> bool:
    """Whether somebody answers for a promise: who works on findings for its owner, where a team is called so, or for all."""
    reach = people.reach(person, "findings.work")
    return people.may(person, "promises.read") and (reach.everything or _same(alert.owner, reach.teams))


def unseen_on(*, clocks: Iterable[models.Clock]) -> set[str]:
    """Events of those clocks whose alert nobody has seen."""
    events = [one.event for one in clocks]
    return set(models.Alert.objects.filter(event__in=events, seen_at=None).values_list("event", flat=True))


def owner(book: Playbook, promise: str) -> str | None:
    """Who answers for a promise, as the playbook calls them."""
    found = book.promises.get(promise)
    return found.owner if found else None


def choice(*, promise: str) -> models.Choice | None:
    """What was chosen for a promise."""
    return models.Choice.objects.filter(pk=promise).first()


def behind() -> int:
    """How many events of the journal have not been read into clocks yet."""
    found = models.Progress.objects.filter(pk=1).first()
    return journal.count_after(sequence=found.sequence if found else 0)


def advanced_at() -> datetime | None:
    """When the clocks were last brought up to now; None before the first time."""
    found = models.Progress.objects.filter(pk=1).first()
    return found.advanced_at if found else None


@lru_cache(maxsize=4)
def _ready(number: int, text: str) -> tuple[rules.Reading, str]:
    """A version is never changed, so that making it ready once is enough."""
    book = reader.read(text)
    contents = written.contents(text)
    said = [
        [one.name, [[key.key.name, key.text] for key in one.said]]
        for part in ("promises", "calendars")
        for one in contents[part]
    ]
    of = hashlib.sha256(json.dumps([said, book.timezone.key]).encode()).hexdigest()
    return rules.Reading(book), of


def _kept(name: str, promise: Promise | None, seen: dict[str, Any]) -> Kept:
    ended, missed = seen["ended"], seen["missed"]
    low, high = (float(end) for end in intervals.wilson(ended - missed, ended)) if ended else (None, None)
    allowed = 1 - promise.objective if promise and promise.objective is not None else 0
    burnt = missed / (ended * allowed) if ended and allowed > 0 else None
    share = (ended - missed) / ended if ended else None
    return Kept(name, promise, seen["running"], seen["at_risk"], ended, missed, share, low, high, burnt)


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _within(found: QuerySet[models.Clock], reach: people.Reach) -> QuerySet[models.Clock]:
    return found if reach.everything else found.filter(team__in=reach.teams)


def _spoke(clock: models.Clock, said: Sequence[dict[str, datetime]]) -> bool:
    subjects, customers = said
    last = (subjects.get(clock.subject or ""), customers.get(clock.customer or ""))
    return any(moment is not None and moment >= clock.started_at for moment in last)


def _same(owner: str | None, teams: Iterable[str]) -> bool:
    return owner is not None and owner.casefold() in {team.casefold() for team in teams}
