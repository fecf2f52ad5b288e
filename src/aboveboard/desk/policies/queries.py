"""Reads of policies: what is asked and who may decide it, the register, flagged rules, proposals, and who is told what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, prefetch_related_objects

from aboveboard.analyses.shared import intervals
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people
from aboveboard.desk.people import rules as people_rules
from aboveboard.desk.playbook import models as playbook_models
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.playbook.rules import PlaybookVersionError
from aboveboard.desk.policies import models, rules
from aboveboard.playbook import yaml_nodes
from aboveboard.playbook.model import Playbook, Policy

_MOST = 500
"""As many waiting requests are looked through for what somebody may decide; beyond it the list says that there are more."""


@dataclass(frozen=True)
class Figures:
    """What was asked of one policy at the desk, within somebody's sight, and what came of it.

    `share` of those decided that were granted, with its 95 % interval (Wilson); None before the first decision. `amount`
    is what was granted in all. `changed_at` and `number` tell the last version that changed it; None where the first one
    has it as it is.
    """

    policy: Policy
    asked: int
    waiting: int
    granted: int
    denied: int
    amount: Decimal
    share: float | None
    low: float | None
    high: float | None
    suggestions: int
    number: int
    changed_at: datetime | None

    @property
    def percent(self) -> str:
        """The share granted, such as 83 %."""
        return f"{self.share:.0%}".replace("%", "\u202f%") if self.share is not None else ""

    @property
    def between(self) -> str:
        """The ends of its interval, such as 61–94."""
        return (
            f"{self.low:.0%}–{self.high:.0%}".replace("%", "") if self.low is not None and self.high is not None else ""
        )


@dataclass(frozen=True)
class Waiting:
    """A request that somebody may decide, and whether it was sent to them."""

    request: models.ExceptionRequest
    mine: bool


def book(*, now: datetime) -> Playbook:
    """The playbook that holds now; an empty one before the first."""
    try:
        return playbook.current(now=now)
    except PlaybookVersionError:
        return Playbook()


def named() -> rules.Levels:
    """The levels that each role has by the desk's setting."""
    found: dict[str, set[str]] = {}
    for one in models.Level.objects.order_by("name"):
        found.setdefault(one.role, set()).add(one.name)
    return {role: frozenset(names) for role, names in found.items()}


def owned(*, person: people_rules.Person, act: str, now: datetime) -> list[str] | None:
    """The rules that are theirs to `act` on, as the ledger names them; None where all are."""
    if people_rules.reach(person, act).everything:
        return None
    found = rules.rules_of(book(now=now)).values() if people_rules.may(person, act) else ()
    return [one.rule for one in found if rules.owns(person, one.owner, act)]


def requests(*, person: people_rules.Person, now: datetime) -> QuerySet[models.ExceptionRequest]:
    """Requests within somebody's sight, the newest first: their own, those of teams they read, those of rules that are theirs."""
    found = models.ExceptionRequest.objects.select_related("asked_by", "decided_by", "sent_to").order_by(
        "-asked_at", "-id"
    )
    reading, deciding = people_rules.reach(person, rules.READ), people_rules.reach(person, rules.DECIDE)
    mine = owned(person=person, act=rules.CHANGE, now=now) if deciding else []
    if reading.everything or deciding.everything or mine is None:
        return found
    theirs = [one.removeprefix("policy:") for one in mine]
    teams = reading.teams | deciding.teams
    return found.filter(Q(team__in=teams) | Q(asked_by_id=person.id) | Q(policy__in=theirs))


def granted_so_far(*, policy: str, subject: str) -> Decimal:
    """What was granted under this policy on this subject already."""
    found = models.ExceptionRequest.objects.filter(policy=policy, subject=subject, state=rules.GRANTED)
    return Decimal(found.aggregate(sum=Sum("amount"))["sum"] or 0)


def waits_for(*, person: people_rules.Person, now: datetime) -> list[Waiting]:
    """Requests of others that this person may decide: those sent to them first, then the oldest."""
    if not people_rules.may(person, rules.DECIDE):
        return []
    current, levels = book(now=now), named()
    same = models.ExceptionRequest.objects.filter(
        policy=OuterRef("policy"), subject=OuterRef("subject"), state=rules.GRANTED
    )
    before = Subquery(same.order_by().values("policy").annotate(sum=Sum("amount")).values("sum"))
    asked = requests(person=person, now=now).filter(state=rules.WAITING).exclude(asked_by_id=person.id)
    found = []
    for one in asked.annotate(before=before).order_by("asked_at", "id")[:_MOST]:
        policy = current.policies.get(one.policy) or Policy(one.policy, "")
        total = one.amount + (one.before or 0)
        if rules.may_decide(person, policy, team=one.team, amount=total, named=levels):
            found.append(Waiting(one, one.sent_to_id == person.id))
    return sorted(found, key=lambda one: not one.mine)


def able(*, policy: Policy, team: str | None, amount: Decimal, without: int) -> list[rules.Able]:
    """Everybody but the account `without` who may decide this, nearest first."""
    users = {user.pk: user for user in people.holding(act=rules.DECIDE, team=team)}
    near = {one.user_id for one in people_models.Membership.objects.filter(team__name=team)} if team else set()
    if policy.owner:
        theirs = people_models.User.objects.filter(memberships__team__name__iexact=policy.owner, is_active=True)
        users |= {user.pk: user for user in theirs}
    prefetch_related_objects(list(users.values()), "memberships__team")
    levels = named()
    found = [people.person(user=user) for pk, user in users.items() if pk != without]
    return rules.nearest(
        rules.Able(one, rules.authority(one, policy, team=team, named=levels), one.id in near)
        for one in found
        if rules.may_decide(one, policy, team=team, amount=amount, named=levels)
    )


def abuse_of(*, customer: str | None, now: datetime) -> models.Abuse | None:
    """The finding of abuse on this customer that is in force; None where there is none."""
    if customer is None:
        return None
    return models.Abuse.objects.filter(customer=customer, found_at__lte=now, expires_at__gt=now).first()


def figures(*, person: people_rules.Person, now: datetime) -> list[Figures]:
    """Every policy of the playbook with what was asked of it within this person's sight."""
    count = {
        f"{state}_count": Count("id", filter=Q(state=state)) for state in (rules.WAITING, rules.GRANTED, rules.DENIED)
    }
    amounts = Sum("amount", filter=Q(state=rules.GRANTED))
    rows = requests(person=person, now=now).order_by().values("policy").annotate(n=Count("id"), sum=amounts, **count)
    by_policy = {row["policy"]: row for row in rows}
    flagged = dict(models.Suggestion.objects.filter(answered_at=None).values_list("rule").annotate(n=Count("id")))
    changes = last_changes(now=now)
    return [
        _figures(policy, by_policy.get(policy.name, {}), flagged.get(policy.rule, 0), changes.get(policy.name))
        for policy in book(now=now).policies.values()
    ]


def _figures(policy: Policy, row: Mapping[str, Any], flagged: int, change: playbook_models.Version | None) -> Figures:
    granted, denied = row.get("granted_count", 0), row.get("denied_count", 0)
    share = low = high = None
    if granted + denied:
        share = granted / (granted + denied)
        low, high = (float(end) for end in intervals.wilson(granted, granted + denied))
    return Figures(
        policy=policy,
        asked=row.get("n", 0),
        waiting=row.get("waiting_count", 0),
        granted=granted,
        denied=denied,
        amount=row.get("sum") or Decimal(0),
        share=share,
        low=low,
        high=high,
        suggestions=flagged,
        number=change.number if change else 0,
        changed_at=change.effective_from if change else None,
    )


def last_changes(*, now: datetime) -> dict[str, playbook_models.Version]:
    """Per policy the version in force, or before it, that last changed what it says; the last hundred are looked at."""
    versions = list(playbook_models.Version.objects.filter(effective_from__lte=now).order_by("-number")[:100])
    if not versions:
        return {}
    found: dict[str, playbook_models.Version] = {}
    newest = _policies(versions[0].number, versions[0].text)
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        held = _policies(before.number, before.text) if before else {}
        for name in newest:
            if name not in found and held.get(name) != newest[name]:
                found[name] = version
        if len(found) == len(newest):
            break
    return found


def changes_of(*, policy: str) -> list[playbook_models.Version]:
    """The versions that changed this policy, the newest first, of the last hundred; the first is the one that brought it in."""
    versions = list(playbook_models.Version.objects.select_related("made_by").order_by("-number")[:100])
    held = [_policies(one.number, one.text).get(policy) for one in versions]
    return [one for one, now_, before in zip(versions, held, [*held[1:], None], strict=True) if now_ != before]


@lru_cache(maxsize=256)
def _policies(number: int, text: str) -> dict[str, str]:
    """Each policy's entry as written. A version never changes: reading it once is enough."""
    root = yaml_nodes.compose(yaml_nodes.Source(str(number), text))
    if not isinstance(root, yaml_nodes.MappingNode):
        return {}
    held = next((pair.value for pair in yaml_nodes.pairs(root) if pair.key == "policies"), None)
    if not isinstance(held, yaml_nodes.MappingNode):
        return {}
    return {pair.key: _plain(pair.value) for pair in yaml_nodes.pairs(held)}


def _plain(node: yaml_nodes.Node) -> str:
    if isinstance(node, yaml_nodes.MappingNode):
        return "{" + ", ".join(f"{pair.key}: {_plain(pair.value)}" for pair in yaml_nodes.pairs(node)) + "}"
    if isinstance(node, yaml_nodes.SequenceNode):
        return "[" + ", ".join(map(_plain, node.value)) + "]"
    return repr(str(node.value))


def suggestions(*, person: people_rules.Person, now: datetime) -> QuerySet[models.Suggestion]:
    """What was said of the rules that are this person's to answer for: unanswered first, the oldest first."""
    found = models.Suggestion.objects.select_related("made_by", "answered_by").order_by("answered_at", "made_at", "id")
    mine = owned(person=person, act=rules.ANSWER, now=now)
    return found if mine is None else found.filter(rule__in=mine)


def own_suggestions(*, person: people_rules.Person) -> QuerySet[models.Suggestion]:
    """What this person said themselves, the newest first."""
    return models.Suggestion.objects.filter(made_by_id=person.id).order_by("-made_at", "-id")


def proposals(*, state: str | None = None, rule: str | None = None) -> QuerySet[models.Proposal]:
    """Proposals to change a rule, the newest first."""
    found = models.Proposal.objects.select_related("decided_by", "made_by", "version").order_by("-made_at", "-id")
    found = found.filter(state=state) if state else found
    return found.filter(rule=rule) if rule else found


def told(*, person: people_rules.Person) -> QuerySet[models.Told]:
    """What this person has not seen yet, the newest first."""
    found = models.Told.objects.filter(user_id=person.id, seen_at=None)
    return found.select_related("exception", "suggestion", "proposal").order_by("-told_at", "-id")


def able_to(*, act: str) -> list[int]:
    """Every open account that may do this for anything at all."""
    roles = [name for name, role in people_rules.ROLES.items() if act in role.acts]
    found = people_models.Membership.objects.filter(role__in=roles, user__is_active=True)
    return list(found.values_list("user_id", flat=True).distinct())


def flaggers(*, rule: str) -> set[int]:
    """Whoever said that this rule is in the way."""
    return set(models.Suggestion.objects.filter(rule=rule).values_list("made_by_id", flat=True))


def holders(*, level: str, levels: rules.Levels) -> Sequence[people_rules.Role]:
    """The roles that have this level of authority."""
    low = level.lower()

    def has(role: people_rules.Role) -> bool:
        known: Iterable[str] = (role.name, role.title, *levels.get(role.name, frozenset()))
        acts = {rules.ASK, rules.DECIDE} & role.acts
        return bool(acts) and low in {one.lower() for one in known}

    return [role for role in people_rules.ROLES.values() if has(role)]


def entry(*, text: str, path: Sequence[str]) -> dict[str, str]:
    """The keys of a rule as its playbook has them written; nothing where it is not in it."""
    node = yaml_nodes.compose(yaml_nodes.Source("<text>", text))
    for part in path:
        if not isinstance(node, yaml_nodes.MappingNode):
            return {}
        node = next((pair.value for pair in yaml_nodes.pairs(node) if pair.key == part), None)
    if not isinstance(node, yaml_nodes.MappingNode):
        return {}
    return {pair.key: _written(pair.value) for pair in yaml_nodes.pairs(node)}


def _written(node: yaml_nodes.Node) -> str:
    if isinstance(node, yaml_nodes.MappingNode):
        return rules.written({pair.key: _written(pair.value) for pair in yaml_nodes.pairs(node)})
    if isinstance(node, yaml_nodes.SequenceNode):
        return ", ".join(map(_written, node.value))
    return str(node.value)
