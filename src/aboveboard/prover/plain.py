"""The check that does not trust the solver: rules evaluated in plain Python, choices tried out one by one, in exact fractions.

In one situation a rule is a comparison of our choices with numbers, so its truth can only turn at those numbers: it is
enough to try them, the middles between two, and a step beyond the last (Ferrante, J. and Rackoff, C. (1975). SIAM J.
Computing 4, 69–76).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from aboveboard.playbook.expressions import to_python, tree
from aboveboard.prover import choices, conditions, linear, logic
from aboveboard.prover.choices import Choice
from aboveboard.prover.facts import Known, Situation, exact
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Atom, Formula, Value
from aboveboard.prover.rulebook import Rule, Rulebook

_MOST_WHOLE = 200


class UntriedError(Exception):
    """There are too many choices to try them one by one."""


def choice(book: Rulebook, rules: Iterable[Rule], values: Mapping[str, Value]) -> dict[str, Value] | None:
    """A choice that keeps all rules in this situation, or None where none does. Raises UntriedError."""
    kept = [choices.given(rule.kept, values) for rule in rules]
    names = [name for name in book.decisions if any(name in logic.facts(each) for each in kept)]
    formula = logic.both([*kept, *(book.situation[name].bounds for name in names)])
    order = sorted(names, key=lambda name: _order(book.situation[name], formula))
    return _tried(formula, order, book.situation)


def _order(known: Known, formula: Formula) -> int:
    """Words and truths first, then whole numbers that stand beside other choices, real numbers, whole numbers alone."""
    if not known.numeric:
        return 0
    beside = any(
        isinstance(leaf, Atom) and leaf.linear.of(known.name) and len(leaf.linear.terms) > 1
        for leaf in logic.leaves(formula)
    )
    return (1 if beside else 3) if known.sort == "integer" else 2


def _tried(formula: Formula, names: Sequence[str], situation: Situation) -> dict[str, Value] | None:
    if formula == logic.FALSE:
        return None
    if not names:
        return {} if formula == logic.TRUE else None
    known, rest = situation[names[0]], names[1:]
    for point in _points(formula, known):
        found = _tried(choices.put(formula, known.name, point), rest, situation)
        if found is not None:
            value = (
                point.at({n: v for n, v in found.items() if isinstance(v, Fraction)})
                if isinstance(point, Linear)
                else point
            )
            return {known.name: value, **found}
    return None


def _points(formula: Formula, known: Known) -> Iterator[Choice]:
    if known.absent:
        yield None
    if known.sort == "truth":
        yield from (True, False)
    elif known.sort == "word":
        yield from known.words
    elif known.sort == "integer":
        yield from map(linear.constant, _whole(formula, known))
    else:
        yield from _real(formula, known)


def _ends(formula: Formula, known: Known) -> list[Linear]:
    leaves = [leaf for leaf in logic.leaves(formula) if isinstance(leaf, Atom) and leaf.linear.of(known.name)]
    return list(
        dict.fromkeys(leaf.linear.without(known.name).times(-1 / leaf.linear.of(known.name)) for leaf in leaves)
    )


def _real(formula: Formula, known: Known) -> Iterator[Linear]:
    ends = _ends(formula, known)
    yield from ends
    if not ends:
        yield linear.constant(0)
    if all(not end.terms for end in ends):
        numbers = sorted(end.constant for end in ends)
        yield from (linear.constant((one + two) / 2) for one, two in pairwise(numbers))
    else:
        yield from ((one + two).times(choices.HALF) for i, one in enumerate(ends) for two in ends[:i])
    yield from (end + linear.constant(step) for end in ends for step in (1, -1))


def _whole(formula: Formula, known: Known) -> Iterable[Fraction]:
    ends = _ends(formula, known)
    if all(not end.terms for end in ends):
        near = {math.floor(end.constant) + step for end in ends for step in (-1, 0, 1, 2)} or {0}
        return [Fraction(number) for number in sorted(near)]
    if known.low is None or known.high is None or known.high - known.low > _MOST_WHOLE:
        raise UntriedError
    return [Fraction(number) for number in range(math.ceil(known.low), math.floor(known.high) + 1)]


def kept(book: Rulebook, rule: Rule, values: Mapping[str, Value]) -> bool:
    """Whether the rule is kept, by the playbook's own conditions as plain Python predicates, without any translation."""
    if not rule.parts:
        return logic.holds(rule.kept, values)
    row = {name: conditions.moment(value) if book.situation[name].sort == "moment" and isinstance(value, Fraction) else value
           for name, value in values.items()}  # fmt: skip
    for part in rule.parts:
        need = part.requirement
        if (need.when is None or _true(need.when.tree, row)) and not _true(need.then.tree, row):
            return False
    return True


def _true(node: tree.Node, row: Mapping[str, Any]) -> bool:
    return to_python.function(exactly(node))(row) is True


def exactly(node: Any) -> Any:
    """The tree with every number as an exact fraction: 0.1 is a tenth."""
    if isinstance(node, tree.Constant):
        number: Any = exact(node.value) if isinstance(node.value, float) else node.value
        return replace(node, value=number)
    if isinstance(node, tuple):
        return tuple(exactly(each) for each in node)
    if isinstance(node, tree.Node):
        changed = {each.name: exactly(getattr(node, each.name)) for each in fields(node)}
        return replace(node, **changed)
    return node
