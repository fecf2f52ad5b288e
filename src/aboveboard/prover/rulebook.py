"""A playbook's `requires` as rules: where each entry is kept, as one formula over the facts of the situation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.model import Incentive, Place, Playbook, Policy, Promise
from aboveboard.prover import facts, logic, translate
from aboveboard.prover.errors import NotTranslatableError, at


@dataclass(frozen=True)
class Rule:
    """One entry that requires something. `name` is `promise:…`, `policy:…` or `incentive:…`.

    `kept` is true where each of its requirements is: where its `when` is not true, or its `then` is. An unknown `when` does not
    apply; an unknown `then` is not kept.
    """

    name: str
    kept: logic.Formula
    place: Place


@dataclass(frozen=True)
class Rulebook:
    """The facts of a situation and the rules over them, in the order of the playbook."""

    situation: facts.Situation
    rules: tuple[Rule, ...]


def read(playbook: Playbook) -> Rulebook:
    """Return the rules of a playbook. Raises ProverError, with file, line and rule, at the first that has no exact form."""
    entries = list(_entries(playbook))
    conditions = [each for _, entry in entries for need in entry.requires for each in (need.when, need.then) if each]
    situation = facts.situation(playbook.situation, [condition.tree for condition in conditions])
    return Rulebook(situation, tuple(_rule(name, entry, situation) for name, entry in entries))


def _entries(playbook: Playbook) -> Iterator[tuple[str, Promise | Policy | Incentive]]:
    kinds: dict[str, Mapping[str, Promise | Policy | Incentive]] = {
        "promise": playbook.promises,
        "policy": playbook.policies,
        "incentive": playbook.incentives,
    }
    for kind, entries in kinds.items():
        for name, entry in entries.items():
            if entry.requires:
                yield f"{kind}:{name}", entry


def _rule(name: str, entry: Promise | Policy | Incentive, situation: facts.Situation) -> Rule:
    kept = []
    for need in entry.requires:
        applies = logic.TRUE if need.when is None else _true(name, entry, need.when, situation)
        kept.append(logic.either([logic.opposite(applies), _true(name, entry, need.then, situation)]))
    return Rule(name, logic.both(kept), entry.place)


def _true(
    name: str, entry: Promise | Policy | Incentive, condition: Condition, situation: facts.Situation
) -> logic.Formula:
    try:
        return translate.condition(condition.tree, situation).true
    except NotTranslatableError as error:
        place = condition.place if isinstance(condition.place, Place) else entry.place
        raise at(place, name, error.said) from None
