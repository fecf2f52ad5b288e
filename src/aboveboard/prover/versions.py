"""What changed between two versions of a playbook: rule by rule and as a whole, each difference with a witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aboveboard.playbook.model import Fact, Playbook
from aboveboard.prover import logic, proof, rulebook, telling
from aboveboard.prover.errors import ProverError, UndecidedError
from aboveboard.prover.facts import exact
from aboveboard.prover.logic import Formula, Value
from aboveboard.prover.rulebook import Rule, Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.to_z3 import Terms

SAME, STRICTER, LOOSER, DIFFERENT, ADDED, REMOVED, UNKNOWN = (
    "same", "stricter", "looser", "different", "added", "removed", "unknown",
)  # fmt: skip
WHOLE = "all rules together"


@dataclass(frozen=True)
class Change:
    """How one rule (or `WHOLE`) changed: same, stricter (it forbids more), looser, different (both), added, removed, unknown.

    `forbidden` is a situation with choices that the old version allowed and the new one does not, `allowed` the other way
    round.
    """

    rule: str
    how: str
    forbidden: Mapping[str, Value] | None = None
    allowed: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Comparison:
    """What changed: one `Change` per rule of either version, one for the whole, and the conflicts that came and went."""

    changes: tuple[Change, ...]
    whole: Change
    came: tuple[proof.Conflict, ...]
    went: tuple[proof.Conflict, ...]
    unknown: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "whole": _as_dict(self.whole),
            "rules": [_as_dict(change) for change in self.changes],
            "conflicts_came": [proof.conflict_as_dict(each) for each in self.came],
            "conflicts_went": [proof.conflict_as_dict(each) for each in self.went],
            "unknown": list(self.unknown),
        }


def compare(
    old: Playbook,
    new: Playbook,
    *,
    between: tuple[date, date] | None = None,
    limits: Limits | None = None,
    with_conflicts: bool = True,
) -> Comparison:
    """Compare two versions of a playbook. A fact must be of one type in both; what one does not have, the other takes as it is."""
    limits = limits or Limits()
    facts = _together(old.situation, new.situation)
    books = [
        rulebook.read(replace(mine, situation=facts), between=between, beside=other)
        for mine, other in ((old, new), (new, old))
    ]
    asking = Asking(Terms(books[0].situation), limits, books[0].world, books[0].able)
    names = [rule.name for rule in books[0].rules] + [
        rule.name for rule in books[1].rules if rule.name not in books[0].by_name
    ]
    first, second = books
    changes = tuple(_change(name, first.by_name.get(name), second.by_name.get(name), asking, first) for name in names)
    whole = _differ(WHOLE, _everything(first, old), _everything(second, new), asking, first)
    if not with_conflicts:
        return Comparison(changes, whole, (), ())
    before, after = (
        proof.prove(version, between=between, limits=limits, with_edits=False, with_remarks=False)
        for version in (old, new)
    )
    known = {each.rules for each in before.conflicts}, {each.rules for each in after.conflicts}
    return Comparison(
        changes,
        whole,
        tuple(each for each in after.conflicts if each.rules not in known[0]),
        tuple(each for each in before.conflicts if each.rules not in known[1]),
        (*before.unknown, *after.unknown),
    )


def _together(old: Mapping[str, Fact], new: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts of both, each as wide as the wider of the two."""
    found = {**old, **new}
    for name in old.keys() & new.keys():
        one, other = old[name], new[name]
        if (one.type, one.decision, one.calendar) != (other.type, other.decision, other.calendar):
            raise ProverError(
                f"the fact {name} is another kind of fact in the other version: the two cannot be compared"
            )
        low = None if one.low is None or other.low is None else min(one.low, other.low)
        high = None if one.high is None or other.high is None else max(one.high, other.high)
        found[name] = replace(other, low=low, high=high, options=tuple(dict.fromkeys((*one.options, *other.options))))
    return found


def _everything(book: Rulebook, version: Playbook) -> Formula:
    """All rules, within the bounds that the version itself gives its facts."""
    bounds = []
    for name, fact in version.situation.items():
        known = book.situation[name]
        own = replace(
            known,
            low=None if fact.low is None else exact(fact.low),
            high=None if fact.high is None else exact(fact.high),
        )
        bounds.append(own.bounds)
        if fact.options:
            bounds.append(
                logic.either(
                    [*(logic.Is(name, word) for word in fact.options), *([logic.Absent(name)] if known.absent else [])]
                )
            )
    return logic.both([*bounds, *(rule.kept for rule in book.rules)])


def _change(name: str, old: Rule | None, new: Rule | None, asking: Asking, book: Rulebook) -> Change:
    if old is None or new is None:
        return Change(name, ADDED if old is None else REMOVED)
    return _differ(name, old.kept, new.kept, asking, book)


def _differ(name: str, old: Formula, new: Formula, asking: Asking, book: Rulebook) -> Change:
    facts = sorted(logic.facts(old) | logic.facts(new), key=list(book.situation).index)
    try:
        forbidden = _witness(asking, (old, logic.opposite(new)), facts)
        allowed = _witness(asking, (new, logic.opposite(old)), facts)
    except UndecidedError:
        return Change(name, UNKNOWN)
    ways = {(False, False): SAME, (True, False): STRICTER, (False, True): LOOSER, (True, True): DIFFERENT}
    return Change(name, ways[forbidden is not None, allowed is not None], forbidden, allowed)


def _witness(asking: Asking, both: tuple[Formula, Formula], facts: Sequence[str]) -> dict[str, Value] | None:
    """Values under which both are true, evaluated once more in plain Python."""
    if not asking.can(*both):
        return None
    values = asking.values(facts)
    assert all(logic.holds(each, values) for each in both), f"the witness {values} shows no difference"
    return values


def _as_dict(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {"rule": change.rule, "how": change.how}
    for key, values in (("now_forbidden", change.forbidden), ("now_allowed", change.allowed)):
        found[key] = None if values is None else telling.plain(values)
    return found
