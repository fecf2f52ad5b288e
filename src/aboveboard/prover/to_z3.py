"""Formulas → z3 terms, and z3's models → values of facts. Nothing else knows z3's sorts."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import z3

from aboveboard.prover import logic
from aboveboard.prover.facts import Known, Situation
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Absent, Atom, Formula, Is, Value

Term = Any  # a z3 expression: z3 ships no types


class Terms:
    """The z3 constants of a situation's facts, and the terms of formulas over them. Words are numbered from 0."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self._of: dict[str, Term] = {name: _constant(known) for name, known in situation.items()}
        self._whole = {name for name, known in situation.items() if known.sort == "integer"}
        self._made: dict[Formula, Term] = {}

    def term(self, formula: Formula) -> Term:
        """The formula as a z3 term; the same formula is translated once."""
        made = self._made.get(formula)
        if made is None:
            made = self._made[formula] = self._term(formula)
        return made

    def _term(self, formula: Formula) -> Term:
        if isinstance(formula, logic.All):
            return z3.And([self.term(part) for part in formula.parts])
        if isinstance(formula, logic.Any):
            return z3.Or([self.term(part) for part in formula.parts])
        if isinstance(formula, Atom):
            total, bound = self._sum(formula.linear)
            return total < bound if formula.strict else total <= bound
        if isinstance(formula, Absent):
            absent = self.absent(formula.fact)
            return absent if formula.holds else z3.Not(absent)
        return self._is(formula)

    def of(self, name: str) -> Term:
        """The z3 constant of a fact."""
        return self._of[name]

    def absent(self, name: str) -> Term:
        """The z3 constant that says that the fact has no value."""
        return z3.Bool(f"{name} is null")

    def sum(self, linear: Linear, *, whole: bool) -> Term:
        """A sum of facts as a term; `whole` where every part of it is."""
        if whole:
            parts = [int(factor) * self._of[name] for name, factor in linear.terms]
            return z3.Sum([*parts, z3.IntVal(int(linear.constant))])
        parts = [_times(factor, self._real(name)) for name, factor in linear.terms]
        return z3.Sum([*parts, z3.RealVal(str(linear.constant))])

    def _is(self, leaf: Is) -> Term:
        known = self.situation[leaf.fact]
        found = self._of[leaf.fact]
        if known.sort == "word":
            found = found == known.words.index(str(leaf.option))
        elif leaf.option is False:
            found = z3.Not(found)
        return found if leaf.holds else z3.Not(found)

    def _sum(self, linear: Linear) -> tuple[Term, Term]:
        """Left and right side of a comparison, in whole numbers where all facts are whole."""
        if all(name in self._whole for name in linear.names):
            scale = _denominator(linear)
            total = z3.Sum([int(factor * scale) * self._of[name] for name, factor in linear.terms])
            return total, z3.IntVal(int(-linear.constant * scale))
        parts = [_times(factor, self._real(name)) for name, factor in linear.terms]
        return z3.Sum(parts), z3.RealVal(str(-linear.constant))

    def _real(self, name: str) -> Term:
        return z3.ToReal(self._of[name]) if name in self._whole else self._of[name]

    def equals(self, name: str, value: Value) -> Term:
        """The fact has this value."""
        known = self.situation[name]
        if value is None:
            return self.term(Absent(name))
        there = self.term(Absent(name, False)) if known.absent else z3.BoolVal(True)
        if isinstance(value, Fraction):
            number = z3.IntVal(int(value)) if name in self._whole else z3.RealVal(str(value))
            return z3.And(there, self._of[name] == number)
        return z3.And(there, self._is(Is(name, value)))

    def words(self) -> Term:
        """Every word is one of its fact's."""
        limits = [(self._of[name], len(known.words)) for name, known in self.situation.items() if known.sort == "word"]
        return z3.And([z3.And(term >= 0, term < count) for term, count in limits])

    def values(self, model: Any, names: list[str]) -> dict[str, Value]:
        """What the facts are in a model; what the model leaves open is filled in."""
        return {name: self._value(model, self.situation[name]) for name in names}

    def _value(self, model: Any, known: Known) -> Value:
        if known.absent and z3.is_true(model.eval(z3.Bool(f"{known.name} is null"), model_completion=True)):
            return None
        found = model.eval(self._of[known.name], model_completion=True)
        if known.sort == "truth":
            return bool(z3.is_true(found))
        if known.sort == "word":
            return known.words[int(found.as_long())]
        return Fraction(found.as_long()) if known.sort == "integer" else Fraction(found.as_fraction())


def _constant(known: Known) -> Term:
    if known.sort == "truth":
        return z3.Bool(known.name)
    return z3.Int(known.name) if known.sort in ("integer", "word") else z3.Real(known.name)


def _times(factor: Fraction, term: Term) -> Term:
    return term if factor == 1 else z3.RealVal(str(factor)) * term


def _denominator(linear: Linear) -> int:
    """The least number by which every part becomes whole."""
    return math.lcm(linear.constant.denominator, *(factor.denominator for _, factor in linear.terms))
