"""A choice put in a decision's place: a sum of the world's facts, a word, a truth, or nothing.

Which sums have to be tried is said by the bounds themselves: for a real number the ends of its intervals, the middles
between two ends and a step beyond the last (test points: Ferrante, J. and Rackoff, C. (1975). SIAM J. Computing 4, 69–76).
Led by one situation in which a choice is known, a single test point is picked that does for every situation like it
(model-based projection: Bjørner, N. and Janota, M. (2015). Playing with quantified satisfaction. LPAR-20, 15–27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from aboveboard.prover import linear, logic
from aboveboard.prover.facts import Known, Situation
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Absent, All, Any, Atom, Formula, Value

Choice: TypeAlias = Linear | str | bool | None
HALF, ONE = Fraction(1, 2), linear.constant(1)


def put(formula: Formula, name: str, choice: Choice) -> Formula:
    """The formula with a choice in the place of a fact."""
    if isinstance(formula, All):
        return logic.both(put(part, name, choice) for part in formula.parts)
    if isinstance(formula, Any):
        return logic.either(put(part, name, choice) for part in formula.parts)
    if isinstance(formula, Atom):
        return _put_in_atom(formula, name, choice)
    if formula.fact != name:
        return formula
    there = choice is None if isinstance(formula, Absent) else choice == formula.option
    return logic.TRUE if there == formula.holds else logic.FALSE


def _put_in_atom(atom: Atom, name: str, choice: Choice) -> Formula:
    factor = atom.linear.of(name)
    if not factor:
        return atom
    if not isinstance(choice, Linear):
        return logic.FALSE
    return logic.atom(atom.linear.without(name) + choice.times(factor), strict=atom.strict)


def given(formula: Formula, values: Mapping[str, Value]) -> Formula:
    """What is left of a formula where some facts have these values."""
    if isinstance(formula, All):
        return logic.both(given(part, values) for part in formula.parts)
    if isinstance(formula, Any):
        return logic.either(given(part, values) for part in formula.parts)
    if not isinstance(formula, Atom):
        return (logic.TRUE if logic.holds(formula, values) else logic.FALSE) if formula.fact in values else formula
    total, rest = formula.linear.constant, []
    for name, factor in formula.linear.terms:
        if name not in values:
            rest.append((name, factor))
            continue
        value = values[name]
        if not isinstance(value, Fraction):
            return logic.FALSE
        total += factor * value
    return logic.atom(Linear(tuple(rest), total), strict=formula.strict)


def present(choices: Iterable[Choice], situation: Situation) -> Formula:
    """Where every fact has a value that the choices count with."""
    names = {name for choice in choices if isinstance(choice, Linear) for name in choice.names}
    return logic.both(Absent(name, False) for name in sorted(names) if situation[name].absent)


def fitting(
    formulas: Sequence[Formula],
    values: Mapping[str, Value],
    decisions: Sequence[str],
    situation: Situation,
    worth: Callable[[Mapping[str, Value]], int] | None = None,
) -> dict[str, Choice]:
    """Choices, as sums of the world's facts, under which all formulas hold at these values, as they do with their own choices.

    `worth` says of values how good they are beyond that: of several choices the best is taken, else the first.
    """
    found: dict[str, Choice] = {}
    now, left = dict(values), list(formulas)
    for name in decisions:
        choice = _fitting_one(left, now, situation[name], situation, worth)
        found = {each: _settled(other, name, choice) for each, other in found.items()} | {name: choice}
        now[name] = choice.at(_numbers(now)) if isinstance(choice, Linear) else choice
        left = [put(each, name, choice) for each in left]
    return found


def _settled(choice: Choice, name: str, by: Choice) -> Choice:
    if not isinstance(choice, Linear) or not choice.of(name) or not isinstance(by, Linear):
        return choice
    return choice.without(name) + by.times(choice.of(name))


def _numbers(values: Mapping[str, Value]) -> dict[str, Fraction]:
    return {name: value for name, value in values.items() if isinstance(value, Fraction)}


def _fitting_one(
    formulas: Sequence[Formula],
    values: Mapping[str, Value],
    known: Known,
    situation: Situation,
    worth: Callable[[Mapping[str, Value]], int] | None,
) -> Choice:
    own = values[known.name]
    if not isinstance(own, Fraction):
        return own
    numbers = _numbers(values)
    ends = [end for end in _ends(formulas, known) if all(name in numbers for name in end.names)]
    others = {name: value for name, value in values.items() if name != known.name}
    # Only the rules that are not settled by the other facts have a say.
    left = logic.both(given(each, others) for each in formulas)
    best, best_worth = None, -1
    for choice in _test_points(ends, known, own, situation, numbers):
        value = choice.at(numbers)
        if logic.holds(left, {known.name: value}):
            if worth is None:
                return choice
            its = worth({**values, known.name: value})
            if its > best_worth:
                best, best_worth = choice, its
    return linear.constant(own) if best is None else best


def _ends(formulas: Sequence[Formula], known: Known) -> list[Linear]:
    """The sums at which a comparison with this fact turns."""
    found: dict[Linear, None] = {}
    for formula in formulas:
        for leaf in logic.leaves(formula):
            if isinstance(leaf, Atom) and (factor := leaf.linear.of(known.name)):
                found[leaf.linear.without(known.name).times(-1 / factor)] = None
    return list(found)


def _test_points(
    ends: list[Linear], known: Known, own: Fraction, situation: Situation, numbers: Mapping[str, Fraction]
) -> Iterator[Linear]:
    """The ends themselves, constants first; then what lies on the same side of all ends as the fact's own value."""
    ends.sort(key=lambda end: len(end.terms))
    if known.sort == "integer":
        whole = [end for end in ends if _is_whole(end, situation)]
        yield from (point for end in whole for point in (end, end + ONE, end - ONE))
        return
    yield from ends
    placed = [(end.at(numbers), end) for end in ends]
    below = max((pair for pair in placed if pair[0] < own), key=lambda pair: pair[0], default=None)
    above = min((pair for pair in placed if pair[0] > own), key=lambda pair: pair[0], default=None)
    if below and above:
        yield (below[1] + above[1]).times(HALF)
    elif below:
        yield below[1] + ONE
    elif above:
        yield above[1] - ONE


def _is_whole(end: Linear, situation: Situation) -> bool:
    whole = all(situation[name].sort == "integer" and factor.denominator == 1 for name, factor in end.terms)
    return whole and end.constant.denominator == 1
