"""Two-valued formulas over the facts: the form in which rules are joined, negated, evaluated and handed to z3.

They are in negation normal form: only leaves are ever negated. A comparison is `sum ≤ 0` or `sum < 0`; equality is two of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from aboveboard.prover.linear import Linear

Value: TypeAlias = Fraction | str | bool | None
"""What a fact may hold: a number (a moment is days since 1970), a word, a truth, or nothing."""


@dataclass(frozen=True, slots=True)
class Atom:
    """`linear` ≤ 0, or < 0 where `strict`. Scaled so that the first coefficient is 1 or −1."""

    linear: Linear
    strict: bool


@dataclass(frozen=True, slots=True)
class Is:
    """The fact is (or, where not `holds`, is not) this word; of a truth, the word is True."""

    fact: str
    option: str | bool
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Absent:
    """The fact has no value (or has one)."""

    fact: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part."""

    parts: tuple[Formula, ...]


Leaf: TypeAlias = Atom | Is | Absent
Formula: TypeAlias = Atom | Is | Absent | All | Any
TRUE: Formula = All(())
FALSE: Formula = Any(())


def atom(linear: Linear, *, strict: bool) -> Formula:
    """`linear` ≤ 0 (< 0): decided at once where no fact occurs."""
    if not linear.terms:
        return TRUE if linear.constant < 0 or (linear.constant == 0 and not strict) else FALSE
    size = abs(linear.terms[0][1])
    return Atom(linear if size == 1 else linear.times(1 / size), strict)


def both(parts: Iterable[Formula]) -> Formula:
    """Every part, flattened; what is always true is left out."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, All):
            kept.update(dict.fromkeys(part.parts))
        elif part == FALSE:
            return FALSE
        else:
            kept[part] = None
    return next(iter(kept)) if len(kept) == 1 else All(tuple(kept))


def either(parts: Iterable[Formula]) -> Formula:
    """At least one part, flattened; what is never true is left out."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, Any):
            kept.update(dict.fromkeys(part.parts))
        elif part == TRUE:
            return TRUE
        else:
            kept[part] = None
    return next(iter(kept)) if len(kept) == 1 else Any(tuple(kept))


def opposite(formula: Formula) -> Formula:
    """True exactly where the formula is not."""
    if isinstance(formula, Atom):
        return Atom(formula.linear.times(Fraction(-1)), not formula.strict)
    if isinstance(formula, Is):
        return Is(formula.fact, formula.option, not formula.holds)
    if isinstance(formula, Absent):
        return Absent(formula.fact, not formula.holds)
    parts = tuple(opposite(part) for part in formula.parts)
    return Any(parts) if isinstance(formula, All) else All(parts)


def leaves(formula: Formula) -> Iterator[Leaf]:
    """Every leaf, as often as it occurs, in order."""
    if isinstance(formula, All | Any):
        for part in formula.parts:
            yield from leaves(part)
    else:
        yield formula


def facts(formula: Formula) -> frozenset[str]:
    """The names of the facts that occur."""
    found: set[str] = set()
    for leaf in leaves(formula):
        found.update(leaf.linear.names if isinstance(leaf, Atom) else (leaf.fact,))
    return frozenset(found)


def holds(formula: Formula, values: Mapping[str, Value]) -> bool:
    """Say whether the formula is true of these values. A comparison with what is absent is not."""
    if isinstance(formula, All):
        return all(holds(part, values) for part in formula.parts)
    if isinstance(formula, Any):
        return any(holds(part, values) for part in formula.parts)
    if isinstance(formula, Is):
        return (values[formula.fact] == formula.option) == formula.holds
    if isinstance(formula, Absent):
        return (values[formula.fact] is None) == formula.holds
    numbers: dict[str, Fraction] = {}
    for name in formula.linear.names:
        value = values[name]
        if not isinstance(value, Fraction):
            return False
        numbers[name] = value
    found = formula.linear.at(numbers)
    return found < 0 or (found == 0 and not formula.strict)
