"""Every set of rules that cannot all be kept in some situation, though any of them can be left out: ∃ situation ∀ choice.

One solver proposes a situation and a set of rules; a second looks for a choice that keeps them there. A choice that does is
put, as a sum of the world's facts, back into the first, which then proposes only what this choice does not solve
(counterexample-guided: Solar-Lezama et al. (2006), ASPLOS; Bjørner and Janota (2015), LPAR). Where there is none, the set
is made minimal by leaving out one rule after another, and the situations in which it bites are closed for every set that
holds it: what MARCO does with sets alone (Liffiton, M. H. et al. (2016). Constraints 21, 223–250) is done here with sets
and situations at once. When nothing more is proposed, all are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import z3

from aboveboard.prover import choices, logic, solving
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.logic import Formula, Value
from aboveboard.prover.possible import Possible
from aboveboard.prover.rulebook import Rule, Rulebook
from aboveboard.prover.solving import Asking


def groups(book: Rulebook) -> list[tuple[Rule, ...]]:
    """The rules that hang together by a decision that they share: a minimal conflict never goes beyond one such group."""
    of: dict[str, int] = {}
    members: dict[int, list[Rule]] = {}
    for number, rule in enumerate(book.rules):
        decisions = [name for name in logic.facts(rule.kept) if book.situation[name].decision]
        joined = sorted({of[name] for name in decisions if name in of})
        members[number] = [each for group in joined for each in members.pop(group)] + [rule]
        of.update(dict.fromkeys(decisions, number))
        of.update({name: number for name, group in of.items() if group in joined})
    return [tuple(found) for found in members.values()]


class Search:
    """The search through one group of rules."""

    def __init__(self, book: Rulebook, rules: Sequence[Rule], possible: Possible) -> None:
        self.book, self.rules, self.possible = book, rules, possible
        self.terms, self.limits = possible.terms, possible.limits
        spoken_of = set().union(*(logic.facts(rule.kept) for rule in rules), logic.facts(book.world))
        self.world = [name for name, known in book.situation.items() if name in spoken_of and not known.decision]
        self.decisions = [name for name in book.decisions if name in spoken_of]
        self.active = [z3.Bool(f"keep {rule.name}") for rule in rules]
        self.able = logic.both(book.situation[name].bounds for name in self.decisions)
        guarded = [z3.Implies(on, self.terms.term(rule.kept)) for on, rule in zip(self.active, rules, strict=True)]
        self.kept = z3.And(self.terms.term(self.able), *guarded)
        self.outer = Asking(self.terms, self.limits, book.world)
        self.closed: list[tuple[frozenset[int], Formula]] = []

    def conflicts(self) -> Iterator[tuple[Rule, ...]]:
        """The minimal sets, each once. Raises UndecidedError where the time is over before all are found."""
        # With all rules active first: that finds a conflict wherever there is one, and what is learned serves for the rest.
        for assumed in (self.active, []):
            while self.outer.holds(*assumed):
                found = self._look(self.outer.model())
                if found:
                    yield tuple(self.rules[number] for number in sorted(found))

    def _look(self, model: Any) -> frozenset[int] | None:
        """What comes of one proposal: a new minimal set, or a choice that is learned."""
        values = self.terms.values(model, self.world)
        on = [number for number, each in enumerate(self.active) if z3.is_true(model.eval(each, model_completion=True))]
        on = self._grown(on, values)
        left = {number: choices.given(self.rules[number].kept, values) for number in on}
        chosen = self._choice(left, values)
        if chosen is not None:
            self._learn(chosen)
            return None
        minimal = self._minimal(left)
        where = logic.opposite(self.possible.where(self.rules[number] for number in sorted(minimal)))
        self.closed.append((minimal, where))
        bites = z3.And(self.terms.term(where), *(self.active[number] for number in sorted(minimal)))
        self.outer.add_terms(z3.Not(bites))
        return minimal

    def _grown(self, on: list[int], values: Mapping[str, Value]) -> list[int]:
        """The set made as large as it may be without holding a conflict that is known to bite here."""
        here = [known for known, where in self.closed if logic.holds(where, values)]
        grown = set(on)
        for number in range(len(self.rules)):
            if number not in grown and not any(known <= grown | {number} for known in here):
                grown.add(number)
        return sorted(grown)

    def _choice(self, left: Mapping[int, Formula], values: Mapping[str, Value]) -> dict[str, choices.Choice] | None:
        """A choice that keeps what is left of the rules here, as sums of the world's facts; None where there is none."""
        asking = Asking(self.terms, self.limits, self.able, *left.values())
        if not asking.holds():
            return None
        here = {**values, **asking.values(self.decisions)}
        formulas = [self.able, *(self.rules[number].kept for number in left)]
        return choices.fitting(formulas, here, self.decisions, self.book.situation, self._worth)

    def _worth(self, values: Mapping[str, Value]) -> int:
        """How many rules would be kept even where they do not apply here: such a choice does elsewhere too."""
        return sum(logic.holds(part.asks, values) for rule in self.rules for part in rule.parts)

    def _learn(self, chosen: Mapping[str, choices.Choice]) -> None:
        pairs = solving.substitution(self.terms, chosen, self.book.situation)
        there = self.terms.term(choices.present(chosen.values(), self.book.situation))
        self.outer.add_terms(z3.Not(z3.And(there, z3.substitute(self.kept, *pairs) if pairs else self.kept)))

    def _minimal(self, left: Mapping[int, Formula]) -> frozenset[int]:
        """Of the rules on here, some that cannot all be kept, of which none can be left out (deletion, led by cores)."""
        asking = Asking(self.terms, self.limits, self.able)
        switches = {number: self.active[number] for number, formula in left.items() if formula != logic.TRUE}
        asking.add_terms(*(z3.Implies(on, self.terms.term(left[number])) for number, on in switches.items()))
        if asking.holds(*switches.values()):
            raise UndecidedError  # the two solvers disagree: an answer would not be proved
        by_name = {str(on): number for number, on in switches.items()}
        core = [by_name[str(each)] for each in asking.core()]
        needed: list[int] = []
        while core:
            number = core.pop()
            if asking.holds(*(switches[each] for each in (*core, *needed))):
                needed.append(number)
            else:
                keep = {by_name[str(each)] for each in asking.core()}
                core = [each for each in core if each in keep]
        return frozenset(needed)
