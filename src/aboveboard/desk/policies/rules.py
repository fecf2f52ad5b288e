"""How far somebody may bend a rule, who else may, what a refusal needs, and what a proposal would change.

**Authority.** The playbook names levels and how far each may bend a policy, in money: `authority: {rep: 0, lead: 100}`. A level
belongs to whoever holds a role of the same name, and to the roles that a setting of the desk names (`Levels`). 0 is no
authority. Whoever may change the playbook for the policy's owner, or for everything, bends it without a limit: they could
change it. What was granted already on the same subject counts, so that no limit is cut into slices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from aboveboard.desk.people import rules as people
from aboveboard.findings.model import Evidence as Numbers
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Playbook, Policy

ASK, DECIDE, READ = "exceptions.ask", "exceptions.decide", "policies.read"
MAKE, ANSWER, CHANGE = "suggestions.make", "suggestions.answer", "playbook.change"

State = Literal["waiting", "granted", "denied", "withdrawn"]
WAITING, GRANTED, DENIED, WITHDRAWN = "waiting", "granted", "denied", "withdrawn"
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
OWNER = "owner"
"""The level on record of whoever decides because the rule is theirs to change."""
EVIDENCE: Mapping[str, str] = {
    "law": "a law forbids it",
    "safety": "somebody could come to harm",
    "impossible": "it cannot be done",
    "abuse": "a finding of abuse on this customer is in force",
}
"""What a refusal may rest on. The rule itself is no evidence: the rule is what is in question."""
MOST = Decimal("999999999.99")

Levels = Mapping[str, frozenset[str]]
"""Per role the levels of authority that the desk's setting gives it, beside its own name."""


class PoliciesError(AboveboardError):
    """An act on a policy that cannot be done as it was asked for; the text says why and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Authority:
    """How far somebody may bend a policy: up to `limit`, at a `level`; without a limit where it is None.

    No level and 0: not at all.
    """

    level: str | None
    limit: Decimal | None

    def covers(self, amount: Decimal) -> bool:
        """Whether this amount may be granted. What costs nothing needs authority too."""
        return self.limit is None or (self.limit > 0 and amount <= self.limit)

    def __bool__(self) -> bool:
        return self.limit is None or self.limit > 0


@dataclass(frozen=True)
class Able:
    """Somebody who may decide, how far, and whether they do so for the very team."""

    person: people.Person
    authority: Authority
    near: bool


def levels(person: people.Person, *, team: str | None, named: Levels) -> frozenset[str]:
    """The levels that a person has in a team's matters: of each role held for it or for everything, its name and what is set."""
    held = {
        one.role
        for one in person.held
        if one.team in (None, team) and {ASK, DECIDE} & people.ROLES[one.role].acts
    }  # fmt: skip
    return frozenset().union(
        *({role, people.ROLES[role].title.lower()} | named.get(role, frozenset()) for role in held)
    )


def owns(person: people.Person, owner: str | None, act: str) -> bool:
    """Whether a rule with this owner is theirs: they may `act` for everything, or for the team that the playbook names as owner."""
    reach = people.reach(person, act)
    return reach.everything or (owner is not None and owner.lower() in {one.lower() for one in reach.teams})


def authority(person: people.Person, policy: Policy, *, team: str | None, named: Levels) -> Authority:
    """How far this person may bend this policy in a matter of this team. A key of the API without the acts has none."""
    if not (people.may(person, ASK) or people.may(person, DECIDE)):
        return Authority(None, Decimal(0))
    if owns(person, policy.owner, CHANGE) and people.may(person, DECIDE):
        return Authority(OWNER, None)
    mine = {one.lower() for one in levels(person, team=team, named=named)}
    found = [(limit, level) for level, limit in policy.authority.items() if level.lower() in mine]
    if not found:
        return Authority(None, Decimal(0))
    limit, level = max(found)
    return Authority(level, Decimal(str(limit)))


def may_decide(person: people.Person, policy: Policy, *, team: str | None, amount: Decimal, named: Levels) -> bool:
    """Whether this person may decide somebody else's request: within reach, or the rule is theirs, and the authority suffices."""
    within = people.reach(person, DECIDE).holds(team) or (
        people.may(person, DECIDE) and owns(person, policy.owner, CHANGE)
    )
    return within and authority(person, policy, team=team, named=named).covers(amount)


def nearest(able: Iterable[Able]) -> list[Able]:
    """Those who may, nearest first: of the team itself before all others, then whose authority just suffices, then by name."""

    def far(one: Able) -> tuple[bool, Decimal, str]:
        return (not one.near, one.authority.limit if one.authority.limit is not None else MOST, one.person.name)

    return sorted(able, key=far)


def needed(policy: Policy, amount: Decimal) -> str:
    """The lowest level of the playbook whose authority suffices for this amount; `owner` where none does."""
    enough = (level for level, limit in policy.authority.items() if limit > 0 and amount <= Decimal(str(limit)))
    return next(enough, OWNER)


def levels_of(book: Playbook) -> list[str]:
    """Every level that a policy of the playbook names, in the order in which they come."""
    return list(dict.fromkeys(level for policy in book.policies.values() for level in policy.authority))


def unheld(book: Playbook, named: Levels) -> list[str]:
    """Levels of the playbook that no role has, so that whatever needs them goes to the owners."""
    known = {one.lower() for role in people.ROLES.values() for one in (role.name, role.title)}
    known |= {one.lower() for levels in named.values() for one in levels}
    return [level for level in levels_of(book) if level.lower() not in known]


def check_refusal(evidence: str, reason: str, *, abuse_found: bool) -> None:
    """Raise PoliciesError unless a refusal says what it rests on and why; abuse needs a finding that is in force."""
    if evidence not in EVIDENCE:
        classes = "; ".join(f"{name}: {says}" for name, says in EVIDENCE.items())
        raise PoliciesError(f"Customers are trusted: a refusal needs evidence. Say which ({classes}), or grant it.")
    if not reason.strip():
        raise PoliciesError("Say why it is refused, in words that the customer can be told.")
    if evidence == "abuse" and not abuse_found:
        raise PoliciesError(
            "No finding of abuse on this customer is in force, so abuse is no evidence here. Grant it, or say what else stands "
            "against it."
        )


def policy(book: Playbook, name: str) -> Policy:
    """The policy of this name. Raises PoliciesError where the playbook has none."""
    found = book.policies.get(name)
    if found is None:
        raise PoliciesError(f"The playbook has no policy {name!r} any more. Choose one that it has.")
    return found


@dataclass(frozen=True)
class Rule:
    """An entry of the playbook that somebody can meet: as the ledger names it, what it says, whose it is, where it stands.

    `keys` are those that a proposal can change, with what they hold now.
    """

    rule: str
    says: str
    owner: str | None
    path: tuple[str, ...]
    keys: tuple[str, ...]


_KEYS = {
    "policy": ("says", "authority", "harm_margin", "evidence"),
    "promise": ("says", "within", "objective", "calendar"),
    "step": ("kind", "why", "when"),
}


def rules_of(book: Playbook) -> dict[str, Rule]:
    """Every policy, promise and step of the playbook by its name in the ledger."""
    found = [
        Rule(one.rule, one.says, one.owner, ("policies", one.name), _KEYS["policy"]) for one in book.policies.values()
    ]
    found += [
        Rule(one.rule, one.says, one.owner, ("promises", one.name), _KEYS["promise"]) for one in book.promises.values()
    ]
    for procedure in book.procedures.values():
        for step in procedure.steps:
            path = ("procedures", procedure.name, "steps", step.name)
            says = f"{step.name} ({procedure.name})"
            found.append(Rule(f"step:{procedure.name}/{step.name}", says, procedure.owner, path, _KEYS["step"]))
    return {one.rule: one for one in found}


def rule(book: Playbook, name: str) -> Rule:
    """The rule of this name in the ledger. Raises PoliciesError where the playbook has none."""
    found = rules_of(book).get(name)
    if found is None:
        raise PoliciesError(f"The playbook has no rule {name!r}. A rule is policy:…, promise:… or step:procedure/step.")
    return found


def rule_about(about: Mapping[str, str]) -> str:
    """The rule that a finding is about, from its keys. Raises PoliciesError where it is about none."""
    if "policy" in about:
        return f"policy:{about['policy']}"
    if "promise" in about:
        return f"promise:{about['promise']}"
    if "procedure" in about and "step" in about:
        return f"step:{about['procedure']}/{about['step']}"
    raise PoliciesError(
        f"This finding is about {', '.join(about) or 'nothing'}, and no rule of the playbook: nothing to change."
    )


PROPOSING = (
    "policy.change-the-rule", "policy.push-authority-down", "promise.not-deliverable", "step.make-conditional", "step.drop",
    "step.without-why",
)  # fmt: skip
"""Kinds of findings that say that a rule should change: each is put to the rule's owner as a proposal."""

Change = tuple[str, Any]
"""A key of the rule, and what it is to hold; None takes it out."""


def drafted(kind: str, policy: Policy) -> list[Change]:
    """The change that a kind of finding comes down to, as a draft for the owner; nothing where it leaves that open.

    Pushing authority down gives the lowest level what the next one above may.
    """
    limits = list(policy.authority.items())
    if kind != "policy.push-authority-down" or len({limit for _, limit in limits}) < 2:
        return []
    lowest = limits[0][1]
    next_up = min(limit for _, limit in limits if limit > lowest)
    return [("authority", {level: max(limit, next_up) for level, limit in limits})]


def meant(key: str, written: str) -> Any:
    """What somebody wrote for a key of a rule, as the playbook holds it: numbers as numbers, authority as levels; None: nothing."""
    text = written.strip()
    if not text:
        return None
    if key == "authority":
        return dict(_level(part) for part in re.split(r"[,\n]", text) if part.strip())
    return _number(text)


def _level(part: str) -> tuple[str, Any]:
    name, colon, amount = part.rpartition(":")
    if not colon or not name.strip():
        raise PoliciesError(f"Write each level with its amount, such as `lead: 100`; this is {part.strip()!r}.")
    return name.strip(), _number(amount.strip())


def _number(text: str) -> Any:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        return text
    return float(text) if "." in text else int(text)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """What differs between a rule's keys as they are written and as they are to be."""
    return [
        (key, meant(key, written)) for key, written in after.items() if written.strip() != before.get(key, "").strip()
    ]


def written(value: Any) -> str:
    """A key of a rule as people write it: `rep: 0, lead: 100`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(amount)}" for name, amount in value.items())
    return str(value)


def _plain(amount: Any) -> str:
    return f"{amount:g}" if isinstance(amount, float) and amount < 1e6 else str(amount)


NO_EVIDENCE = Numbers(0, None, "count")
"""A finding's identity is its kind and what it is about: to work it out, its numbers are not needed."""
