"""Reads of escalations: those in sight, what waits for whom, who may decide one, what changed since, and the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import isnan

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, prefetch_related_objects

from aboveboard.analyses.escalations import CHANGES
from aboveboard.analyses.escalations.escalations import PATIENCE, WINDOW
from aboveboard.analyses.shared import intervals, survival
from aboveboard.desk.escalations import models, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import models as policies_models
from aboveboard.desk.policies import queries as policies
from aboveboard.desk.policies import rules as policies_rules
from aboveboard.playbook.model import Playbook, Policy

_MOST = 500
"""As many waiting ones are looked through for what somebody may decide."""
_COUNTED = 20_000
"""As many of a period are counted, the newest."""
LEAST = 5
"""With fewer in a row of the register, no median and no share is given."""
_TYPES = tuple(one.type for one in CHANGES if not one.type.endswith("*"))
_FAMILIES = tuple(one.type[:-1] for one in CHANGES if one.type.endswith("*"))


@dataclass(frozen=True)
class Waiting:
    """An escalation that somebody may decide, and whether it was sent to them or taken by them."""

    escalation: models.Escalation
    mine: bool


@dataclass(frozen=True)
class Figures:
    """A row of the register: of all, of a team or of a policy (`part`), named `value`; empty where it belongs to none.

    `wait` is the median in minutes (Kaplan-Meier: those that wait count for as long as they have waited), None where it
    cannot be said. `judged` are those of which it can be told whether anything changed, `nothing` those after which nothing did.
    """

    part: str
    value: str
    opened: int
    waiting: int
    granted: int
    partly: int
    denied: int
    wait: float | None
    judged: int
    nothing: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def percent(self) -> str:
        """The share after which nothing changed, such as 12 %."""
        return f"{self.share:.0%}".replace("%", "\u202f%") if self.share is not None else ""

    @property
    def between(self) -> str:
        """The ends of its interval, such as 6–22."""
        known = self.low is not None and self.high is not None
        return f"{self.low:.0%}–{self.high:.0%}".replace("%", "") if known else ""


def within(*, person: people.Person, now: datetime) -> QuerySet[models.Escalation]:
    """Those within somebody's sight, the newest first: their own, sent to them, of teams they read, of rules that are theirs."""
    found = models.Escalation.objects.select_related("opened_by", "sent_to", "taken_by", "decided_by")
    found = found.order_by("-opened_at", "-id")
    reading, deciding = people.reach(person, rules.READ), people.reach(person, rules.DECIDE)
    owned = policies.owned(person=person, act=policies_rules.CHANGE, now=now) if deciding else []
    if reading.everything or deciding.everything or owned is None:
        return found
    theirs = [one.removeprefix("policy:") for one in owned]
    mine = Q(opened_by_id=person.id) | Q(sent_to_id=person.id)
    return found.filter(mine | Q(team__in=reading.teams | deciding.teams) | Q(policy__in=theirs))


def one(*, person: people.Person, number: int, now: datetime) -> models.Escalation | None:
    """The escalation of this number within sight; None where there is none."""
    return within(person=person, now=now).filter(pk=number).first() if number < 2**63 else None


def on_matter(*, matter: people.Matter) -> list[models.Escalation]:
    """Those about a matter, the newest first, for whoever may act on it: the team that asked may have handed it on since."""
    found = models.Escalation.objects.select_related("sent_to", "taken_by").filter(subject=matter.subject)
    return list(found.order_by("-opened_at", "-id"))


def known(*, matter: people.Matter) -> people.Matter:
    """The matter as the journal has it: its customer and the team it was last with; what is given counts where there is nothing."""
    events = [one.event for one in journal.happened(subject=matter.subject, most=_MOST)] if matter.subject else []
    teams = [one.team for one in events if one.team is not None]
    customers = [one.customer for one in events if one.customer is not None]
    return people.Matter(
        matter.subject,
        customers[-1] if customers else matter.customer,
        teams[-1] if teams else matter.team,
        matter.channel,
    )


def sought(*, escalation: models.Escalation, book: Playbook, before: Decimal | None = None) -> rules.Sought:
    """The authority that it needs now; `before` is what was granted under its policy on its subject, looked up where None."""
    if not escalation.policy:
        return rules.Sought(escalation.level)
    policy = book.policies.get(escalation.policy) or Policy(escalation.policy, "")
    if before is None:
        before = policies.granted_so_far(policy=escalation.policy, subject=escalation.subject)
    return rules.Sought(escalation.level, policy, (escalation.amount or Decimal(0)) + before)


def able(
    *, sought: rules.Sought, team: str | None, without: Collection[int], book: Playbook
) -> list[policies_rules.Able]:
    """Everybody but the accounts `without` who may decide this, nearest first."""
    users = {user.pk: user for user in people_queries.holding(act=rules.DECIDE, team=team)}
    near = (
        set(people_models.Membership.objects.filter(team__name=team).values_list("user_id", flat=True))
        if team
        else set()
    )
    if sought.policy and sought.policy.owner:
        theirs = people_models.User.objects.filter(memberships__team__name__iexact=sought.policy.owner, is_active=True)
        users |= {user.pk: user for user in theirs}
    prefetch_related_objects(list(users.values()), "memberships__team")
    named, found = policies.named(), []
    for pk, user in users.items():
        person = people_queries.person(user=user)
        mine = rules.authority(person, sought, team=team, book=book, named=named) if pk not in without else None
        if mine is not None:
            found.append(policies_rules.Able(person, mine, pk in near))
    return policies_rules.nearest(found)


def waits_for(*, person: people.Person, now: datetime) -> list[Waiting]:
    """Those of others that this person may decide: sent to them or taken by them first, then the oldest."""
    if not people.may(person, rules.DECIDE):
        return []
    book, named = policies.book(now=now), policies.named()
    granted = policies_models.ExceptionRequest.objects.filter(
        policy=OuterRef("policy"), subject=OuterRef("subject"), state=policies_rules.GRANTED
    )
    before = Subquery(granted.order_by().values("policy").annotate(sum=Sum("amount")).values("sum"))
    asked = within(person=person, now=now).filter(state=rules.WAITING).exclude(opened_by_id=person.id)
    found = []
    for escalation in asked.annotate(before=before).order_by("opened_at", "id")[:_MOST]:
        needs = sought(escalation=escalation, book=book, before=escalation.before or Decimal(0))
        if rules.authority(person, needs, team=escalation.team, book=book, named=named) is not None:
            found.append(Waiting(escalation, person.id in (escalation.taken_by_id, escalation.sent_to_id)))
    return sorted(found, key=lambda waiting: not waiting.mine)


def asked_by(*, person: people.Person, unseen: bool = False) -> QuerySet[models.Escalation]:
    """What this person asked themselves, the newest first; with `unseen`, what was decided and they have not looked at."""
    found = models.Escalation.objects.filter(opened_by_id=person.id).select_related("sent_to", "taken_by")
    found = found.order_by("-opened_at", "-id")
    return found.exclude(state=rules.WAITING).filter(seen_at=None) if unseen else found


def changed(*, escalations: Sequence[models.Escalation]) -> dict[int, rules.Row]:
    """Number → the first event that changed something for the customer in its time, of those where one did.

    Its time is that of the analysis: until `WINDOW` after the decision, or `PATIENCE` after the opening while none came.
    """
    if not escalations:
        return {}
    rows = journal.brief(
        types=_TYPES,
        families=_FAMILIES,
        subjects={one.subject for one in escalations},
        customers={one.customer for one in escalations if one.customer},
        since=min(one.opened_at for one in escalations),
    )
    about: dict[tuple[str | None, str | None], list[rules.Row]] = defaultdict(list)
    for row in rows:
        held = rules.Row(*row)
        about[(held.subject, None) if held.subject else (None, held.customer)].append(held)
    found = {}
    for one in escalations:
        known = [*about[(one.subject, None)], *(about[(None, one.customer)] if one.customer else ())]
        first = rules.first_change(
            known, subject=one.subject, customer=one.customer, since=one.opened_at, until=until(one)
        )
        if first is not None:
            found[one.pk] = first
    return found


def until(escalation: models.Escalation) -> datetime:
    """Until when a change counts as coming from it."""
    return escalation.ended_at + WINDOW if escalation.ended_at else escalation.opened_at + PATIENCE


def register(*, person: people.Person, since: timedelta, now: datetime) -> list[Figures]:
    """The numbers of what was opened since then within sight: of all, by team, by policy. Never by person."""
    found = list(within(person=person, now=now).filter(opened_at__gte=now - since)[:_COUNTED])
    if not found:
        return []
    met = changed(escalations=found)
    parts: dict[tuple[str, str], list[models.Escalation]] = defaultdict(list)
    for one in found:
        parts["all", ""].append(one)
        parts["team", one.team or ""].append(one)
        parts["policy", one.policy].append(one)
    order = {"all": 0, "team": 1, "policy": 2}
    named = sorted(parts, key=lambda key: (order[key[0]], -len(parts[key]), key[1]))
    return [_figures(key, parts[key], met, now) for key in named]


def _figures(
    key: tuple[str, str], rows: Sequence[models.Escalation], met: Mapping[int, rules.Row], now: datetime
) -> Figures:
    states = [one.state for one in rows]
    judged = [one for one in rows if one.pk in met or until(one) < now]
    nothing = sum(one.pk not in met for one in judged)
    share = low = high = None
    if len(judged) >= LEAST:
        share = nothing / len(judged)
        low, high = (float(end) for end in intervals.wilson(nothing, len(judged)))
    return Figures(
        part=key[0],
        value=key[1],
        opened=len(rows),
        waiting=states.count(rules.WAITING),
        granted=states.count(rules.GRANTED),
        partly=states.count(rules.PARTLY),
        denied=states.count(rules.DENIED),
        wait=_median(rows, now),
        judged=len(judged),
        nothing=nothing,
        share=share,
        low=low,
        high=high,
    )


def _median(rows: Iterable[models.Escalation], now: datetime) -> float | None:
    waits = [(((one.ended_at or now) - one.opened_at) / timedelta(minutes=1), one.ended_at is not None) for one in rows]
    if len(waits) < LEAST:
        return None
    curve = survival.curve(
        [wait for wait, _ in waits], [ended for _, ended in waits], [not ended for _, ended in waits]
    )
    median = curve.quantile(0.5).value
    return None if isnan(median) else float(median)
