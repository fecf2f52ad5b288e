"""Sums of facts with exact coefficients: what is compared in a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Linear:
    """`constant` + Σ coefficient · fact. `terms` are sorted by fact and hold no zero."""

    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction

    def __add__(self, other: Linear) -> Linear:
        together = dict(self.terms)
        for name, factor in other.terms:
            together[name] = together.get(name, NOTHING) + factor
        return _linear(together, self.constant + other.constant)

    def __sub__(self, other: Linear) -> Linear:
        return self + other.times(Fraction(-1))

    def times(self, factor: Fraction) -> Linear:
        """Every part multiplied."""
        if not factor:
            return constant(NOTHING)
        return Linear(tuple((name, each * factor) for name, each in self.terms), self.constant * factor)

    def of(self, name: str) -> Fraction:
        """The coefficient of a fact; 0 where it does not occur."""
        return next((factor for each, factor in self.terms if each == name), NOTHING)

    def without(self, name: str) -> Linear:
        """The same sum with one fact left out."""
        return Linear(tuple(term for term in self.terms if term[0] != name), self.constant)

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that occur, sorted."""
        return tuple(name for name, _ in self.terms)

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        """The number it is where the facts have these values."""
        return self.constant + sum((factor * values[name] for name, factor in self.terms), NOTHING)


def constant(value: Fraction | int) -> Linear:
    """A number by itself."""
    return Linear((), Fraction(value))


def fact(name: str) -> Linear:
    """One fact by itself."""
    return Linear(((name, Fraction(1)),), NOTHING)


def _linear(parts: Mapping[str, Fraction], rest: Fraction) -> Linear:
    return Linear(tuple((name, parts[name]) for name in sorted(parts) if parts[name]), rest)
