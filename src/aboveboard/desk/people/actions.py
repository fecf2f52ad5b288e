"""Writes of people, each in one transaction with its event: invite, join, roles, keys, and what was read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models, queries, rules
from aboveboard.ledger.event import Event

_TOKEN_BYTES = 32
_KEY_SHOWN = 8


def invite(*, by: rules.Person | None, email: str, role: str, team: str | None, now: datetime) -> str:
    """Invite somebody to a role, for a team or for everything; the token that belongs into their link.

    `by` is None for the first administrator, whom the terminal invites. An open invitation of the same address is
    withdrawn. Raises PeopleError where the address has an account already, ForbiddenError where `by` may not.
    """
    if by:
        rules.need(by, "people.manage")
    rules.checked_role(role)
    address = email.strip()
    if models.User.objects.filter(email__iexact=address).exists():
        raise rules.PeopleError(f"{address} has an account already. Give it the role there.")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        models.Invitation.objects.filter(email__iexact=address, accepted_at=None, revoked_at=None).update(
            revoked_at=now
        )
        made = models.Invitation.objects.create(
            email=address,
            role=role,
            team=_team(team),
            token=queries.hashed(token),
            invited_by_id=by.id if by else None,
            invited_at=now,
            expires_at=now + rules.INVITATION_LASTS,
        )
        _record("person.invited", now, by, {"invitation": made.pk, "role": role, "team": team})
    return token


def withdraw(*, by: rules.Person, invitation: int, now: datetime) -> None:
    """Withdraw an invitation that nobody took yet. Nothing happens where there is no such."""
    rules.need(by, "people.manage")
    with transaction.atomic():
        open_ones = models.Invitation.objects.filter(pk=invitation, accepted_at=None, revoked_at=None)
        if open_ones.update(revoked_at=now):
            _record("invitation.withdrawn", now, by, {"invitation": invitation})


def join(*, token: str, name: str, password: str, language: str, now: datetime) -> models.User:
    """Take an invitation: an account with a new key in the ledger, and the role that was offered.

    Raises PeopleError where the invitation does not hold, the name is empty or the password too weak.
    """
    with transaction.atomic():
        found = queries.invitation(token=token, now=now)
        user = models.User(email=found.email, name=name.strip(), language=language, joined_at=now)
        user.employee = f"e-{secrets.token_hex(6)}"
        if not user.name:
            raise rules.PeopleError("Say what you are called.")
        _check(password, user)
        user.set_password(password)
        # Whoever opens the link twice at once joins once.
        taken = models.Invitation.objects.filter(pk=found.pk, accepted_at=None, revoked_at=None).update(accepted_at=now)
        if not taken or models.User.objects.filter(email__iexact=found.email).exists():
            raise rules.PeopleError("This invitation was used already. Sign in instead.")
        user.save()
        models.Membership.objects.create(user=user, role=found.role, team=found.team)
        about = {"person": user.employee, "role": found.role, "team": found.team.name if found.team else None}
        _record("person.joined", now, None, about)
    return user


def give_role(*, by: rules.Person, user: int, role: str, team: str | None, now: datetime) -> None:
    """Give an account a role, for a team or for everything. Nothing happens where it holds it."""
    rules.need(by, "people.manage")
    rules.checked_role(role)
    with transaction.atomic():
        whom = _user(user)
        _, made = models.Membership.objects.get_or_create(user=whom, role=role, team=_team(team))
        if made:
            _record("role.given", now, by, {"person": whom.employee, "role": role, "team": team})


def take_role(*, by: rules.Person, user: int, role: str, team: str | None, now: datetime) -> None:
    """Take a role away again. Raises PeopleError where nobody would be left to manage people."""
    rules.need(by, "people.manage")
    with transaction.atomic():
        whom = _user(user)
        if "people.manage" in rules.checked_role(role).acts and team is None:
            rules.leaves_an_admin(_holders(), without=whom.pk)
        found = models.Membership.objects.filter(user=whom, role=role, team__name=team)
        found = found if team else models.Membership.objects.filter(user=whom, role=role, team=None)
        if found.delete()[0]:
            _record("role.taken", now, by, {"person": whom.employee, "role": role, "team": team})


def close_account(*, by: rules.Person, user: int, now: datetime) -> None:
    """Close an account: its log-ins end, its keys stop, nothing of what it did is lost.

    Raises PeopleError where nobody would be left to manage people.
    """
    rules.need(by, "people.manage")
    with transaction.atomic():
        whom = _user(user)
        rules.leaves_an_admin(_holders(), without=whom.pk)
        if models.User.objects.filter(pk=whom.pk, is_active=True).update(is_active=False):
            models.Key.objects.filter(user=whom, revoked_at=None).update(revoked_at=now)
            _record("account.closed", now, by, {"person": whom.employee})


def open_account(*, by: rules.Person, user: int, now: datetime) -> None:
    """Open a closed account again, with the roles it had; its keys stay revoked."""
    rules.need(by, "people.manage")
    with transaction.atomic():
        whom = _user(user)
        if models.User.objects.filter(pk=whom.pk, is_active=False).update(is_active=True):
            _record("account.opened", now, by, {"person": whom.employee})


def let_back_in(*, by: rules.Person, user: int, now: datetime) -> str:
    """Let somebody back in who lost password or second factor; the token that belongs into their link.

    Nothing changes before the link is used. Raises PeopleError where the account is closed.
    """
    rules.need(by, "people.manage")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        whom = _user(user)
        if not whom.is_active:
            raise rules.PeopleError("This account is closed. Open it first.")
        models.Return.objects.filter(user=whom, used_at=None).delete()
        models.Return.objects.create(
            user=whom, token=queries.hashed(token), made_by_id=by.id, made_at=now, expires_at=now + rules.RETURN_LASTS
        )
        _record("return.offered", now, by, {"person": whom.employee})
    return token


def come_back(*, token: str, password: str, now: datetime) -> models.User:
    """Set a new password by such a link. The second factor goes, and every log-in and key of before ends.

    Raises PeopleError where the link does not hold or the password is too weak.
    """
    from allauth.mfa.models import Authenticator

    with transaction.atomic():
        found = queries.way_back(token=token, now=now)
        user = found.user
        _check(password, user)
        if not models.Return.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
            raise rules.PeopleError("This link is not valid any more. Ask an administrator for a new one.")
        # A session carries a hash of the password: with a new one every session of before is over.
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        models.Key.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
        _record("return.made", now, None, {"person": user.employee})
    return user


def make_key(*, by: rules.Person, name: str, scopes: Iterable[str], expires_at: datetime | None, now: datetime) -> str:
    """Make a key of the API that acts as its maker, within the scopes; the key, which is shown this once."""
    rules.need(by, "keys.manage")
    asked = sorted(set(scopes))
    rules.acts_of(asked)
    if not name.strip():
        raise rules.PeopleError("Give the key a name that says what it is for.")
    token = f"ab_{secrets.token_urlsafe(_TOKEN_BYTES)}"
    with transaction.atomic():
        made = models.Key.objects.create(
            user_id=by.id,
            name=name.strip(),
            start=token[:_KEY_SHOWN],
            token=queries.hashed(token),
            scopes=" ".join(asked),
            made_at=now,
            expires_at=expires_at,
        )
        _record("key.made", now, by, {"key": made.pk, "scopes": asked})
    return token


def revoke_key(*, by: rules.Person, key: int, now: datetime) -> None:
    """Stop a key of one's own. Nothing happens where it is stopped."""
    with transaction.atomic():
        if models.Key.objects.filter(pk=key, user_id=by.id, revoked_at=None).update(revoked_at=now):
            _record("key.revoked", now, by, {"key": key})


def used_key(*, key: int, last: datetime | None, now: datetime) -> None:
    """Note that a key was used, `last` before now; to the minute, so that a busy key does not write at every request."""
    if last is None or (now - last).total_seconds() >= 60:
        models.Key.objects.filter(pk=key).update(used_at=now)


def note_reading(*, by: rules.Person, what: str, which: str, now: datetime) -> None:
    """Note that somebody reads personal data: `what` kind (`case`, `customer`, `name`), and `which` one."""
    models.Reading.objects.create(at=now, user_id=by.id, what=what, which=which, by_key=by.only is not None)


def add_team(*, by: rules.Person, name: str) -> models.Team:
    """Name a team as the ledger names it."""
    rules.need(by, "people.manage")
    if not name.strip():
        raise rules.PeopleError("Give the team a name.")
    return models.Team.objects.get_or_create(name=name.strip())[0]


def choose_language(*, user: int, language: str) -> None:
    """Show the pages in another language from now on."""
    models.User.objects.filter(pk=user).update(language=language)


def _check(password: str, user: models.User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise rules.PeopleError(" ".join(error.messages)) from error


def _team(name: str | None) -> models.Team | None:
    if name is None:
        return None
    found = models.Team.objects.filter(name=name).first()
    if found is None:
        raise rules.PeopleError(f"There is no team {name!r}. Add it first.")
    return found


def _user(user: int) -> models.User:
    found = models.User.objects.select_for_update().filter(pk=user).first()
    if found is None:
        raise rules.PeopleError("There is no such account.")
    return found


def _holders() -> Iterable[tuple[int, str, str | None]]:
    # Locked, so that two administrators who remove each other at the same moment do not both succeed.
    held = models.Membership.objects.select_for_update(of=("self",)).filter(user__is_active=True)
    return [(one.user_id, one.role, str(one.team_id) if one.team_id else None) for one in held]


def _record(type_: str, now: datetime, by: rules.Person | None, about: Mapping[str, Any]) -> None:
    said = {name: value for name, value in about.items() if value is not None} | {
        "by": by.employee if by else "terminal"
    }
    if by is None and "person" in about:
        said["by"] = about["person"]
    made = Event(id=f"{type_}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", attributes=said)
    journal.record(events=[made], now=now)
