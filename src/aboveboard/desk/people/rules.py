"""Who may do what, and for which teams: roles, the acts that each allows, and how far a person's reach goes.

A role is held for one team or for the whole organisation. What a person may do is what their roles allow, each as far as it
is held; nothing is forbidden by a role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from aboveboard.ledger.errors import AboveboardError

ACTS: Mapping[str, str] = {
    "cases.read": "read cases and what is known of their customers",
    "cases.work": "answer, assign, decide and close cases",
    "customers.read": "find a customer's whole record",
    "policies.read": "read policies and their exceptions",
    "exceptions.ask": "grant an exception within one's own authority, or ask for one",
    "exceptions.decide": "decide exceptions that others ask for",
    "suggestions.make": "say that a rule is in the way",
    "suggestions.answer": "answer those who say that a rule is in the way",
    "playbook.read": "read promises, policies and procedures",
    "playbook.change": "make a new version of the playbook",
    "promises.read": "see running promises and those at risk",
    "persons.act": "talk with, train or warn a person about a case",
    "procedures.work": "work through the steps of a visit",
    "escalations.decide": "decide what was escalated",
    "findings.read": "read findings and reports",
    "findings.work": "accept findings, work on them, or refuse them with a reason",
    "problems.work": "keep problems and their fixes",
    "recognition.give": "thank a colleague on record",
    "conduct.read": "read reports about conduct",
    "conduct.answer": "answer reports about conduct",
    "names.read": "see which person stands behind an employee's key",
    "people.manage": "invite people, give and take roles",
    "keys.manage": "make and revoke keys of the API",
    "events.write": "add events to the ledger by API or import",
    "audit.read": "see who read and changed what",
}
"""Every act that a page or a route of the API can ask for, in words."""

_FRONTLINE = {
    "cases.read", "cases.work", "policies.read", "exceptions.ask", "suggestions.make", "playbook.read", "promises.read",
    "procedures.work", "findings.read", "recognition.give",
}  # fmt: skip
_LEAD = _FRONTLINE | {
    "exceptions.decide",
    "escalations.decide",
    "names.read",
    "customers.read",
    "findings.work",
    "problems.work",
    "persons.act",
}
_OWNER = {
    "policies.read", "exceptions.decide", "suggestions.answer", "suggestions.make", "playbook.read", "playbook.change",
    "promises.read", "findings.read", "findings.work", "problems.work", "escalations.decide", "recognition.give",
}  # fmt: skip
_READING = {"cases.read", "customers.read", "policies.read", "playbook.read", "promises.read", "findings.read"}


@dataclass(frozen=True)
class Role:
    """A role: its name, its title on a page, what it is for, and the acts that it allows."""

    name: str
    title: str
    purpose: str
    acts: frozenset[str]


ROLES: Mapping[str, Role] = {
    one.name: one
    for one in (
        Role("frontline", "Frontline", "serves customers", frozenset(_FRONTLINE)),
        Role("lead", "Team lead", "serves customers and decides for a team", frozenset(_LEAD)),
        Role("policy-owner", "Policy owner", "answers for rules and promises", frozenset(_OWNER)),
        Role(
            "cx-lead",
            "CX lead",
            "answers for the whole of what customers meet",
            frozenset(_LEAD | _OWNER | {"conduct.read", "conduct.answer", "events.write"}),
        ),
        Role("analyst", "Analyst", "reads findings, not persons", frozenset({"findings.read", "playbook.read", "promises.read"})),
        Role(
            "admin",
            "Administrator",
            "keeps people, roles and keys; reads no case",
            frozenset({"people.manage", "keys.manage", "audit.read", "names.read", "events.write", "playbook.read"}),
        ),
        Role("auditor", "Auditor", "reads everything and changes nothing", frozenset(_READING | {"audit.read", "conduct.read"})),
    )
}  # fmt: skip
_CLOSE = frozenset(
    {"names.read", "conduct.read", "conduct.answer", "audit.read", "people.manage", "keys.manage", "persons.act"}
)
"""What no key may do: a program has no need of it, and much harm is done with it."""
SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset(one for one in ACTS if one.endswith(".read")) - _CLOSE,
    "write": frozenset(one for one in ACTS if not one.endswith(".read")) - _CLOSE - {"events.write"},
    "events": frozenset({"events.write"}),
}
"""What a key of the API may be used for; never for more than its maker may."""
INVITATION_LASTS = timedelta(days=7)
RETURN_LASTS = timedelta(hours=24)


class ForbiddenError(AboveboardError):
    """Somebody asked for what they may not do; the text says which act, and who may."""

    exit_code = 2


class PeopleError(AboveboardError):
    """An act on people that cannot be done as it was asked for; the text says why and what to do."""

    exit_code = 2


class MatterError(AboveboardError):
    """A page was opened without the matter it is about, or too long ago."""

    exit_code = 2


@dataclass(frozen=True)
class Held:
    """A role that somebody holds, for a `team`, or for the whole organisation where that is None."""

    role: str
    team: str | None


@dataclass(frozen=True)
class Person:
    """Whoever acts: the number of their account, their name, their key in the ledger, and the roles they hold.

    `only` limits what they may do further: the acts that the key of the API allows which they use. None where they are
    here themselves.
    """

    id: int
    name: str
    employee: str
    held: tuple[Held, ...]
    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Reach:
    """How far an act goes: over `everything`, or the named teams alone. No teams: nothing at all."""

    everything: bool
    teams: frozenset[str] = frozenset()

    def holds(self, team: str | None) -> bool:
        """Whether something of this team's lies within. What belongs to no team is within only where everything is."""
        return self.everything or (team is not None and team in self.teams)

    def __bool__(self) -> bool:
        return self.everything or bool(self.teams)


@dataclass(frozen=True)
class Matter:
    """What something at the desk is about, as the ledger's columns say it: a `subject` such as `case:12`, whose it is, and where.

    A page of a higher slice hands it to the pages of lower ones that it shows (`pages.sealed`), which need not know cases to
    know whether somebody may act on this one.
    """

    subject: str
    customer: str | None = None
    team: str | None = None
    channel: str | None = None


def reach(person: Person, act: str) -> Reach:
    """How far this person may do this. Raises KeyError for an act that there is not."""
    if act not in ACTS:
        raise KeyError(act)
    if person.only is not None and act not in person.only:
        return Reach(False)
    giving = [one for one in person.held if act in ROLES[one.role].acts]
    return Reach(any(one.team is None for one in giving), frozenset(one.team for one in giving if one.team is not None))


def may(person: Person, act: str) -> bool:
    """Whether this person may do this for anybody at all."""
    return bool(reach(person, act))


def need(person: Person, act: str, *, team: str | None = None, of_team: bool = False) -> None:
    """Raise ForbiddenError unless this person may do this; with `of_team`, unless they may for what belongs to `team`."""
    found = reach(person, act)
    if not found or (of_team and not found.holds(team)):
        able = " or ".join(role.title for role in ROLES.values() if act in role.acts)
        what = ACTS[act] + (f" of the team {team}" if of_team and team and found else "")
        raise ForbiddenError(f"You may not {what}. Who may: {able}.")


def acts_of(scopes: Iterable[str]) -> frozenset[str]:
    """What a key with these scopes may do. Raises PeopleError for a scope that there is not."""
    asked = list(scopes)
    unknown = [one for one in asked if one not in SCOPES]
    if unknown or not asked:
        raise PeopleError(
            f"A key needs one scope or more of {', '.join(SCOPES)}{f'; there is no {unknown[0]}' if unknown else ''}."
        )
    return frozenset().union(*(SCOPES[one] for one in asked))


def checked_role(role: str) -> Role:
    """The role of this name. Raises PeopleError where there is none."""
    if role not in ROLES:
        raise PeopleError(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    return ROLES[role]


def leaves_an_admin(holders: Iterable[tuple[int, str, str | None]], without: int) -> None:
    """Raise PeopleError where nobody would be left to manage people: `holders` are (user, role, team) of active users.

    `without` is the user who is to leave, or lose the role.
    """
    if not any(
        user != without and "people.manage" in ROLES[role].acts and team is None for user, role, team in holders
    ):
        raise PeopleError("Nobody would be left to manage people. Make somebody else an administrator first.")
