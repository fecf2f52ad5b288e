"""Reads of people: who somebody is, who is here, and who read what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from aboveboard.desk.people import models, rules


@dataclass(frozen=True)
class Listed:
    """A user in a list: the account, the roles held, and whether a second factor is set."""

    user: models.User
    held: tuple[rules.Held, ...]
    second_factor: bool


def person(*, user: models.User) -> rules.Person:
    """Whoever this account belongs to, with the roles held now. An account that is closed holds none."""
    held = _held(user) if user.is_active else ()
    return rules.Person(user.pk, str(user), user.employee, held)


@dataclass(frozen=True)
class ByKey:
    """Whoever acts with a key of the API; the key's number, and when it was used last as far as is noted."""

    person: rules.Person
    key: int
    used_at: datetime | None


_BY_KEY = """
SELECT api_keys.id, api_keys.used_at, api_keys.expires_at, api_keys.scopes, api_keys.user_id,
  users.name AS holder, users.email AS address, users.employee, memberships.role, teams.name AS team
FROM api_keys JOIN users ON users.id = api_keys.user_id
LEFT JOIN memberships ON memberships.user_id = users.id LEFT JOIN teams ON teams.id = memberships.team_id
WHERE api_keys.token = %s AND api_keys.revoked_at IS NULL AND users.is_active
"""


def person_by_key(*, token: str, now: datetime) -> ByKey | None:
    """Whoever acts with this key of the API; None where it is unknown, expired, revoked, or its user gone.

    Every request of the API begins with it, so it is one query, and in SQL: to word it anew each time takes longer than to
    ask it. A row for each role that the user holds, or one with none.
    """
    rows: list[Any] = list(models.Key.objects.raw(_BY_KEY, [hashed(token)]))
    key = next(iter(rows), None)
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    held = tuple(rules.Held(one.role, one.team) for one in rows if one.role in rules.ROLES)
    person = rules.Person(key.user_id, key.holder or key.address, key.employee, held, rules.acts_of(key.scopes.split()))
    return ByKey(person, key.pk, key.used_at)


def everybody() -> list[Listed]:
    """Every account, those that are open first, by name."""
    from allauth.mfa.models import Authenticator

    secured = set(Authenticator.objects.filter(type="totp").values_list("user_id", flat=True))
    users = models.User.objects.prefetch_related("memberships__team").order_by(F("is_active").desc(), "name", "email")
    return [Listed(user, _held(user), user.pk in secured) for user in users]


def teams() -> QuerySet[models.Team]:
    """Every team, by name."""
    return models.Team.objects.order_by("name")


def names(*, employees: Iterable[str]) -> Mapping[str, str]:
    """Key in the ledger → name, of those employees who have an account. For whoever may `names.read`."""
    return dict(models.User.objects.filter(employee__in=set(employees)).values_list("employee", "name"))


def holding(*, act: str, team: str | None = None) -> list[models.User]:
    """Open accounts that may do this for `team` (None: for what belongs to no team), by name; those nearest first.

    Nearest: holding it for that team, before holding it for everything.
    """
    able = [name for name, role in rules.ROLES.items() if act in role.acts]
    found = models.Membership.objects.filter(Q(team=None) | Q(team__name=team), role__in=able, user__is_active=True)
    users: dict[int, models.User] = {}
    for one in found.select_related("user").order_by(F("team").asc(nulls_last=True), "user__name"):
        users.setdefault(one.user_id, one.user)
    return list(users.values())


def invitations() -> QuerySet[models.Invitation]:
    """Invitations that nobody took or withdrew, the newest first."""
    return (
        models.Invitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("team", "invited_by")
        .order_by("-invited_at")
    )


def invitation(*, token: str, now: datetime) -> models.Invitation:
    """The open invitation that this link is. Raises PeopleError where it was used, withdrawn, or has run out."""
    found = models.Invitation.objects.select_related("team").filter(token=hashed(token)).first()
    if found is None or found.revoked_at:
        raise rules.PeopleError("This invitation is not valid. Ask whoever sent it for a new one.")
    if found.accepted_at:
        raise rules.PeopleError("This invitation was used already. Sign in instead.")
    if found.expires_at <= now:
        raise rules.PeopleError("This invitation has run out. Ask whoever sent it for a new one.")
    return found


def way_back(*, token: str, now: datetime) -> models.Return:
    """The open way back that this link is. Raises PeopleError where it was used or has run out, or the account is closed."""
    found = (
        models.Return.objects.select_related("user")
        .filter(token=hashed(token), used_at=None, expires_at__gt=now)
        .first()
    )
    if found is None or not found.user.is_active:
        raise rules.PeopleError("This link is not valid any more. Ask an administrator for a new one.")
    return found


def keys(*, user: int) -> QuerySet[models.Key]:
    """The keys of an account, those in use first, the newest first."""
    return models.Key.objects.filter(user_id=user).order_by(F("revoked_at").asc(nulls_first=True), "-made_at")


def readings(*, which: str | None = None, user: int | None = None) -> QuerySet[models.Reading]:
    """Who read what, the newest first."""
    found = models.Reading.objects.select_related("user").order_by("-at", "-id")
    if which:
        found = found.filter(which=which)
    return found.filter(user_id=user) if user else found


def hashed(token: str) -> str:
    """What is kept of a token. Tokens are long and random, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _held(user: models.User) -> tuple[rules.Held, ...]:
    found = (
        user.memberships.select_related("team") if not hasattr(user, "_prefetched_objects_cache") else user.memberships
    )
    known = [one for one in found.all() if one.role in rules.ROLES]
    return tuple(rules.Held(one.role, one.team.name if one.team else None) for one in known)
