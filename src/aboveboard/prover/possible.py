"""Where a choice keeps rules: our decisions eliminated from a formula, so that only facts of the world are left.

One situation after another is asked of the solver, each in which some choice does; the choice is read as a sum of the
world's facts, and where that sum does is one part of the answer (lazy quantifier elimination by model-based projection:
Komuravelli, A., Gurfinkel, A. and Chaki, S. (2016). Formal Methods in System Design 48, 175–205).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aboveboard.prover import choices, logic
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.logic import Formula
from aboveboard.prover.rulebook import Rule, Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.to_z3 import Terms

_MOST_PARTS = 400


class Possible:
    """Where, over the facts of the world, sets of rules of one book can be kept. What was worked out once is kept."""

    def __init__(self, book: Rulebook, terms: Terms, limits: Limits) -> None:
        self.book, self.terms, self.limits = book, terms, limits
        self._known: dict[frozenset[str], Formula] = {}

    def where(self, rules: Iterable[Rule]) -> Formula:
        """Where some choice keeps all these rules. Raises UndecidedError where that has no answer in time."""
        chosen = list(rules)
        key = frozenset(rule.name for rule in chosen)
        if key not in self._known:
            self._known[key] = self.some([rule.kept for rule in chosen])
        return self._known[key]

    def some(self, formulas: Sequence[Formula]) -> Formula:
        """Where some choice makes all these formulas true."""
        spoken_of = frozenset().union(*(logic.facts(each) for each in formulas)) if formulas else frozenset()
        decisions = [name for name in self.book.decisions if name in spoken_of]
        return self.without(decisions, [*formulas, *self._able(decisions)])

    def without(self, names: Sequence[str], formulas: Sequence[Formula]) -> Formula:
        """Where some values of these facts make all formulas true: a formula in which they do not occur."""
        if not names:
            return logic.both(formulas)
        asking = Asking(self.terms, self.limits, self.book.world, *formulas)
        spoken_of = sorted({*names, *(name for each in formulas for name in logic.facts(each))})
        parts: list[Formula] = []
        while asking.holds():
            if len(parts) == _MOST_PARTS:
                raise UndecidedError
            values = asking.values(spoken_of)
            fit = choices.fitting(formulas, values, names, self.book.situation)
            part = logic.both(
                [choices.present(fit.values(), self.book.situation), *(_put(each, fit) for each in formulas)]
            )
            parts.append(part)
            asking.add(logic.opposite(part))
        return logic.either(parts)

    def _able(self, decisions: Sequence[str]) -> list[Formula]:
        return [self.book.situation[name].bounds for name in decisions]


def _put(formula: Formula, fit: dict[str, choices.Choice]) -> Formula:
    for name, choice in fit.items():
        formula = choices.put(formula, name, choice)
    return formula
