"""A playbook's `requires` as rules: where each entry is kept, as one formula over the facts of the situation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.expressions.tree import Node
from aboveboard.playbook.model import Incentive, Place, Playbook, Policy, Promise, Requirement
from aboveboard.prover import days, facts, logic, translate
from aboveboard.prover.errors import NotTranslatableError, at

Entry = Promise | Policy | Incentive


@dataclass(frozen=True)
class Part:
    """One requirement of a rule: where it applies, and where it is kept once it does. `number` counts from 1."""

    applies: logic.Formula
    asks: logic.Formula
    requirement: Requirement
    number: int


@dataclass(frozen=True)
class Rule:
    """One entry that requires something. `name` is `promise:…`, `policy:…`, `incentive:…` or `calendar:…`.

    `kept` is true where each of its requirements is: where its `when` is not true, or its `then` is. An unknown `when` does
    not apply; an unknown `then` is not kept. A calendar has no parts.
    """

    name: str
    kept: logic.Formula
    place: Place
    says: str = ""
    owner: str | None = None
    parts: tuple[Part, ...] = ()

    @property
    def kind(self) -> str:
        """promise, policy, incentive or calendar."""
        return self.name.partition(":")[0]

    @property
    def title(self) -> str:
        """The name without its kind."""
        return self.name.partition(":")[2]


@dataclass(frozen=True)
class Rulebook:
    """The facts of a situation and the rules over them, in the order of the playbook.

    `world` is what the facts of the world keep to in any case, `able` what our choices do.
    """

    situation: facts.Situation
    rules: tuple[Rule, ...]
    world: logic.Formula = logic.TRUE
    able: logic.Formula = logic.TRUE
    days: days.Days | None = None
    by_name: Mapping[str, Rule] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {rule.name: rule for rule in self.rules})

    @property
    def decisions(self) -> tuple[str, ...]:
        """The facts that are ours to choose."""
        return tuple(name for name, known in self.situation.items() if known.decision)


def read(playbook: Playbook, *, between: tuple[date, date] | None = None, beside: Playbook | None = None) -> Rulebook:
    """Return the rules of a playbook. Raises ProverError, with file, line and rule, at the first that has no exact form.

    `between` are the days whose opening hours count, where a fact has a calendar. `beside` is another version of the
    playbook over the same facts: what may be absent in one may be in both, so that their formulas can be compared.
    """
    entries = list(_entries(playbook))
    trees = [tree for each in (playbook, beside) if each is not None for tree in _trees(each)]
    situation = facts.situation(playbook.situation, trees)
    looked_at = days.read(playbook, between)
    if looked_at is not None:
        situation[looked_at.fact.name] = looked_at.fact
    rules = [_rule(name, entry, situation) for name, entry in entries]
    rules += _calendars(playbook, looked_at)
    world = [facts.bounds(situation, decisions=False)]
    if looked_at is not None:
        world += [
            looked_at.opening(fact) for fact in playbook.situation.values() if fact.calendar and not fact.decision
        ]
        world += looked_at.ties
    return Rulebook(situation, tuple(rules), logic.both(world), facts.bounds(situation, decisions=True), looked_at)


def changed(book: Rulebook, name: str, entry: Entry) -> Rule:
    """The rule of an entry that has been changed, over the same facts."""
    return _rule(name, entry, book.situation)


def with_rule(book: Rulebook, rule: Rule) -> Rulebook:
    """The book with a rule in the place of the one of its name."""
    return replace(book, rules=tuple(rule if each.name == rule.name else each for each in book.rules))


def entry(playbook: Playbook, name: str) -> Entry | None:
    """The playbook's entry of a rule; None for a calendar."""
    return dict(_entries(playbook)).get(name)


def _trees(playbook: Playbook) -> Iterator[Node]:
    """Every condition and amount over the facts of the situation."""
    for _, entry in _entries(playbook):
        for need in entry.requires:
            yield from (condition.tree for condition in (need.when, need.then) if condition)
    yield from (each.pays.tree for each in playbook.incentives.values() if each.pays)


def _entries(playbook: Playbook) -> Iterator[tuple[str, Entry]]:
    kinds: dict[str, Mapping[str, Entry]] = {
        "promise": playbook.promises,
        "policy": playbook.policies,
        "incentive": playbook.incentives,
    }
    for kind, entries in kinds.items():
        for name, entry in entries.items():
            if entry.requires:
                yield f"{kind}:{name}", entry


def _rule(name: str, entry: Entry, situation: facts.Situation) -> Rule:
    parts = []
    for number, need in enumerate(entry.requires, start=1):
        applies = logic.TRUE if need.when is None else _true(name, entry, need.when, situation)
        parts.append(Part(applies, _true(name, entry, need.then, situation), need, number))
    kept = logic.both(logic.either([logic.opposite(part.applies), part.asks]) for part in parts)
    says = f"{entry.paid_to} are paid by it" if isinstance(entry, Incentive) else entry.says
    owner = None if isinstance(entry, Incentive) else entry.owner
    return Rule(name, kept, entry.place, says, owner, tuple(parts))


def _calendars(playbook: Playbook, looked_at: days.Days | None) -> Iterator[Rule]:
    """The opening hours in which our own choices lie are a rule like any other: they can be what stands in the way."""
    if looked_at is None:
        return
    for name in playbook.calendars:
        chosen = [fact for fact in playbook.situation.values() if fact.calendar == name and fact.decision]
        if chosen:
            kept = logic.both(looked_at.opening(fact) for fact in chosen)
            yield Rule(f"calendar:{name}", kept, chosen[0].place, "Opening hours.")


def _true(name: str, entry: Entry, condition: Condition, situation: facts.Situation) -> logic.Formula:
    try:
        return translate.condition(condition.tree, situation).true
    except NotTranslatableError as error:
        place = condition.place if isinstance(condition.place, Place) else entry.place
        raise at(place, name, error.said) from None
