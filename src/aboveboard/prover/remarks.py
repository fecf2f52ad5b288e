"""What else a rule book shows when it is read whole: dead rules, repetitions, gaps, refusals without evidence, pay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import z3

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.model import Fact, Playbook
from aboveboard.prover import conditions, linear, logic, plain, regions, samples, search, translate
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.facts import Known
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Absent, All, Atom, Formula, Is, Value
from aboveboard.prover.logic import Any as AnyOf
from aboveboard.prover.possible import Possible
from aboveboard.prover.rulebook import Rule, Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.telling import Telling
from aboveboard.prover.to_z3 import Terms

NEVER, NOTHING, SHADOWED, SAME = "never applies", "says nothing", "says nothing new", "says the same"
GAP, REFUSES, NOBODY, PAYS = "gap", "refuses without evidence", "nobody may bend it", "pays for another act"
KINDS = (GAP, REFUSES, PAYS, NOBODY, NEVER, NOTHING, SHADOWED, SAME)
_SECOND = "another "


@dataclass(frozen=True)
class Remark:
    """One remark on a rule book. `rules` are those it is about; `by` those that already say it; `fact` the decision of a gap.

    `when` is where it holds and `sample` a situation there; both are absent where it holds everywhere or is about no
    situation.
    """

    kind: str
    rules: tuple[str, ...]
    says: str
    by: tuple[str, ...] = ()
    fact: str | None = None
    when: Condition | None = None
    sample: Mapping[str, Value] | None = None
    number: int | None = None


class Reading:
    """One reading of a whole book. `unknown` holds, in words, what had no answer in time."""

    def __init__(
        self, playbook: Playbook, book: Rulebook, telling: Telling, limits: Limits, conflicts: Sequence[frozenset[str]]
    ) -> None:
        self.playbook, self.book, self.telling, self.limits = playbook, book, telling, limits
        self.conflicts = conflicts
        self.unknown: list[str] = []
        self.terms = Terms(book.situation)

    def remarks(self) -> list[Remark]:
        """Every remark, in the order of `KINDS`."""
        found: list[Remark] = []
        for look in (self._gaps, self._refusals, self._pay, self._authority, self._never, self._shadowed):
            try:
                found += look()
            except UndecidedError:
                self.unknown.append(_UNDECIDED[look.__name__])
        return sorted(found, key=lambda remark: KINDS.index(remark.kind))

    def _never(self) -> Iterator[Remark]:
        asking = Asking(self.terms, self.limits, self.book.world, self.book.able)
        for rule in self.book.rules:
            for part in rule.parts:
                if part.requirement.when is not None and not asking.can(part.applies):
                    where = f"`{part.requirement.when.sql}`"
                    yield Remark(
                        NEVER,
                        (rule.name,),
                        f"{rule.title} never applies: {where} is true in no situation.",
                        number=part.number,
                    )

    def _shadowed(self) -> Iterator[Remark]:
        follow = _Following(self.book, self.terms, self.limits, self.conflicts)
        told: set[frozenset[str]] = set()
        for rule in self.book.rules:
            if rule.kind == "calendar":
                continue
            by = follow.by(rule)
            if by is None:
                continue
            names = tuple(each.name for each in by)
            if not by:
                yield Remark(NOTHING, (rule.name,), f"{rule.title} asks for nothing: it is kept whatever is chosen.")
            elif len(by) == 1 and follow.implies([rule], by[0]):
                pair = frozenset((rule.name, *names))
                if pair not in told:
                    told.add(pair)
                    yield Remark(
                        SAME, (rule.name, *names), f"{rule.title} and {by[0].title} ask for exactly the same.", names
                    )
            else:
                said = " and ".join(each.title for each in by)
                yield Remark(
                    SHADOWED, (rule.name,), f"{rule.title} says nothing new: whoever keeps {said} keeps it too.", names
                )

    def _gaps(self) -> Iterator[Remark]:
        for group in search.groups(self.book):
            spoken_of = set().union(*(logic.facts(rule.kept) for rule in group))
            for fact in self.playbook.situation.values():
                if fact.decided and fact.name in spoken_of:
                    yield from self._gap(group, self.book.situation[fact.name], sorted(spoken_of))
        spoken_of = set().union(*(logic.facts(rule.kept) for rule in self.book.rules), set())
        for fact in self.playbook.situation.values():
            if fact.decided and fact.name not in spoken_of:
                yield Remark(GAP, (), f"No rule decides {_plain(fact.name)}, in any situation.", fact=fact.name)

    def _gap(self, group: Sequence[Rule], known: Known, spoken_of: Sequence[str]) -> Iterator[Remark]:
        """Where the rules of a group leave two values: each rule is kept by one choice and by another that differs in this."""
        decisions = [name for name in spoken_of if self.book.situation[name].decision]
        book = _doubled(self.book, decisions)
        kept = [rule.kept for rule in group]
        twice = [*kept, *(_renamed(each, decisions) for each in kept), _differ(known)]
        bounds = [book.situation[name].bounds for name in (*decisions, *(_SECOND + name for name in decisions))]
        terms = Terms(book.situation)
        if not Asking(terms, self.limits, book.world, *twice, *bounds).holds():
            return
        possible = Possible(book, terms, self.limits)
        where = possible.without([*decisions, *(_SECOND + name for name in decisions)], [*twice, *bounds])
        yield from self._somewhere(
            where,
            lambda values: Remark(
                GAP, tuple(rule.name for rule in group), self._open(group, known, values), fact=known.name
            ),
        )

    def _open(self, group: Sequence[Rule], known: Known, values: Mapping[str, Value]) -> str:
        said = f"{self.telling.situation(values)} No rule decides {_plain(known.name)}"
        options: tuple[Any, ...] = (
            known.words if known.sort == "word" else (True, False) if known.sort == "truth" else ()
        )
        left = [option for option in options if self._allowed(group, known, option, values)]
        if not 2 <= len(left) <= 4:
            return f"{said}."
        words = [self.telling.value(known.name, option) for option in left]
        return f"{said}: {', '.join(words[:-1])} and {words[-1]} are {'both' if len(left) == 2 else 'all'} open."

    def _allowed(self, group: Sequence[Rule], known: Known, option: Any, values: Mapping[str, Value]) -> bool:
        try:
            fixed = Rule("", Is(known.name, option), group[0].place)
            return plain.choice(self.book, [*group, fixed], values) is not None
        except plain.UntriedError:
            return False

    def _refusals(self) -> Iterator[Remark]:
        for fact in self.playbook.situation.values():
            for rule in self.book.rules if fact.refuses else ():
                policy = self.playbook.policies.get(rule.title) if rule.kind == "policy" else None
                if policy is not None and not policy.evidence and fact.name in logic.facts(rule.kept):
                    yield from self._refuses(fact, rule)

    def _refuses(self, fact: Fact, rule: Rule) -> Iterator[Remark]:
        """Where a rule alone leaves no option that does not refuse."""
        possible = Possible(self.book, self.terms, self.limits)
        options = self.book.situation[fact.name].words
        grants = logic.either(Is(fact.name, word) for word in options if word not in fact.refuses)
        where = logic.both([logic.opposite(possible.some([rule.kept, grants])), possible.where([rule])])
        said = f"{rule.title} refuses, and states no evidence that it rests on."
        yield from self._somewhere(
            where, lambda values: Remark(REFUSES, (rule.name,), f"{self.telling.situation(values)} {said}")
        )

    def _pay(self) -> Iterator[Remark]:
        for incentive in self.playbook.incentives.values():
            if incentive.pays is not None:
                yield from self._pays(incentive.name, translate.amount(incentive.pays.tree, self.book.situation))

    def _pays(self, name: str, pays: Sequence[tuple[Formula, Linear | None]]) -> Iterator[Remark]:
        """Where an act that breaks a promise pays more than every act that keeps all rules."""
        spoken_of = set().union(*(logic.facts(where) | set(amount.names if amount else ()) for where, amount in pays))
        rules = [
            rule
            for group in search.groups(self.book)
            if any(logic.facts(rule.kept) & spoken_of for rule in group)
            for rule in group
        ]
        if not any(rule.kind == "promise" for rule in rules):
            return
        facts_ = set().union(spoken_of, *(logic.facts(rule.kept) for rule in rules))
        decisions = [each for each in self.book.decisions if each in facts_]
        book = _doubled(self.book, decisions)
        other = [_SECOND + each for each in decisions]
        bounds = [book.situation[each].bounds for each in decisions]
        kept = [*(rule.kept for rule in rules), *bounds]
        acts = [
            _renamed(each, decisions) for each in [*(rule.kept for rule in rules if rule.kind != "promise"), *bounds]
        ]
        no_less = logic.either(
            logic.both([where, _renamed(than, decisions), logic.atom(_renamed_sum(less, decisions) - amount, strict=False)])
            for where, amount in pays if amount is not None for than, less in pays if less is not None
        )  # fmt: skip
        possible = Possible(book, Terms(book.situation), self.limits)
        matched = possible.without(decisions, [*kept, no_less])
        where = possible.without(other, [*acts, logic.opposite(matched), possible.without(decisions, kept)])
        said = f"{name} pays most for an act that breaks a promise."
        about = (f"incentive:{name}",)
        yield from self._somewhere(
            where, lambda values: Remark(PAYS, about, f"{self.telling.situation(values)} {said}")
        )

    def _authority(self) -> Iterator[Remark]:
        for policy in self.playbook.policies.values():
            if policy.authority and not any(policy.authority.values()):
                levels = " and ".join(policy.authority)
                yield Remark(NOBODY, (policy.rule,), f"Nobody may bend {policy.name}: {levels} may by nothing.")

    def _somewhere(self, where: Formula, build: Callable[[Mapping[str, Value]], Remark]) -> Iterator[Remark]:
        """The remark once per box of the region in which it holds, with a sample; nothing where there is none."""
        found = regions.region(self.book, where, self.terms, self.limits)
        if found is None:
            return
        parts = [regions.Region(where, (box,)) for box in found.boxes] if found.whole else [found]
        for part in parts:
            names = [name for name in self.book.situation if name in part.facts]
            values = samples.sample(self.book, part, names, self.telling.clock, self.terms, self.limits)
            when = conditions.of_region(part, self.book.situation) if part.facts else None
            yield replace(build(values), when=when, sample=values)


_UNDECIDED = {
    "_gaps": "whether there are gaps",
    "_refusals": "whether rules refuse without evidence",
    "_pay": "whether incentives pay for another act than the promised one",
    "_authority": "who may bend rules",
    "_never": "whether every rule applies somewhere",
    "_shadowed": "whether every rule says something new",
}


class _Following:
    """Which rules already say what a rule says. Rules that conflict among themselves say everything, and so count for nothing."""

    def __init__(self, book: Rulebook, terms: Terms, limits: Limits, conflicts: Sequence[frozenset[str]]) -> None:
        self.book, self.terms, self.conflicts = book, terms, conflicts
        self.asking = Asking(terms, limits, book.world, book.able)
        self.on = {rule.name: z3.Bool(f"follows {rule.name}") for rule in book.rules}
        self.asking.add_terms(*(z3.Implies(self.on[rule.name], terms.term(rule.kept)) for rule in book.rules))
        self.conflicting = frozenset().union(*conflicts) if conflicts else frozenset()

    def by(self, rule: Rule) -> list[Rule] | None:
        """The fewest rules from which it follows; none where it follows from nothing; None where it does not follow."""
        return self._by(rule, frozenset(each.name for each in self.book.rules if each.name != rule.name))

    def implies(self, rules: Sequence[Rule], rule: Rule) -> bool:
        """Whether a rule follows from others."""
        return not self.asking.holds(*(self.on[each.name] for each in rules), self._not(rule))

    def _by(self, rule: Rule, names: frozenset[str]) -> list[Rule] | None:
        core = self._core(rule, names)
        if core is None:
            return None
        clash = next((found for found in self.conflicts if found <= core), None)
        if clash is None:
            return [each for each in self.book.rules if each.name in core]
        for name in sorted(clash):
            found = self._by(rule, names - {name})
            if found is not None:
                return found
        return None

    def _core(self, rule: Rule, names: frozenset[str]) -> frozenset[str] | None:
        broken = self._not(rule)
        if self.asking.holds(*(self.on[name] for name in sorted(names)), broken):
            return None
        core = self._named() & names
        for name in sorted(core):
            if name in core and not self.asking.holds(*(self.on[each] for each in sorted(core - {name})), broken):
                core = self._named() & (core - {name})
        return core

    def _named(self) -> frozenset[str]:
        return frozenset(str(each).removeprefix("follows ") for each in self.asking.core())

    def _not(self, rule: Rule) -> Any:
        return self.terms.term(logic.opposite(rule.kept))


def _doubled(book: Rulebook, decisions: Sequence[str]) -> Rulebook:
    """The book with a second copy of some decisions."""
    more = {_SECOND + name: replace(book.situation[name], name=_SECOND + name) for name in decisions}
    return replace(book, situation={**book.situation, **more})


def _renamed(formula: Formula, names: Sequence[str]) -> Formula:
    """The formula over the second copy of these facts."""
    if isinstance(formula, All):
        return All(tuple(_renamed(part, names) for part in formula.parts))
    if isinstance(formula, AnyOf):
        return AnyOf(tuple(_renamed(part, names) for part in formula.parts))
    if isinstance(formula, Atom):
        return logic.atom(_renamed_sum(formula.linear, names), strict=formula.strict)
    return replace(formula, fact=_SECOND + formula.fact) if formula.fact in names else formula


def _renamed_sum(total: Linear, names: Sequence[str]) -> Linear:
    terms = [(_SECOND + name if name in names else name, factor) for name, factor in total.terms]
    return Linear(tuple(sorted(terms)), total.constant)


def _differ(known: Known) -> Formula:
    """The two copies of a fact hold different values."""
    one, other = known.name, _SECOND + known.name
    ways: list[Formula] = []
    if known.absent:
        ways += [logic.both([Absent(a), Absent(b, False)]) for a, b in ((one, other), (other, one))]
    both = logic.both([Absent(one, False), Absent(other, False)]) if known.absent else logic.TRUE
    if known.sort == "word":
        ways += [logic.both([both, Is(one, word), Is(other, word, False)]) for word in known.words]
    elif known.sort == "truth":
        ways += [logic.both([both, Is(one, True, a), Is(other, True, not a)]) for a in (True, False)]
    else:
        gap = linear.fact(one) - linear.fact(other)
        ways += [logic.both([both, logic.atom(each, strict=True)]) for each in (gap, gap.times(Fraction(-1)))]
    return logic.either(ways)


def _plain(name: str) -> str:
    return name.replace("_", " ")
