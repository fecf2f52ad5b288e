"""Asking z3: with a limit of time on every question, and one word for "no answer in time"."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import z3

from aboveboard.prover import to_z3
from aboveboard.prover.choices import Choice
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.facts import Situation
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Formula

_QUICK = 2_000_000
"""Steps (about a second) after which a question is asked again by the clock: nearly all need fewer, and a clock costs a thread."""


@dataclass(frozen=True)
class Limits:
    """How long a question and the whole search may take, in seconds, and how many conflicts are told at most."""

    query_seconds: float = 10.0
    seconds: float = 120.0
    conflicts: int = 200
    began: float = field(default_factory=time.monotonic)

    def within(self, seconds: float) -> Limits:
        """Limits for a part of the work: so many seconds from now, and no longer than the whole."""
        now = time.monotonic()
        left = max(0.0, self.began + self.seconds - now)
        return Limits(self.query_seconds, min(seconds, left), self.conflicts, now)

    def left(self) -> float:
        """The seconds that the next question may take. Raises UndecidedError where the time is over."""
        left = min(self.query_seconds, self.began + self.seconds - time.monotonic())
        if left <= 0:
            raise UndecidedError
        return left


class Asking:
    """A z3 solver over the facts of a situation. Every question has its limit of time, and ends in UndecidedError beyond it."""

    def __init__(self, terms: to_z3.Terms, limits: Limits, *formulas: Formula) -> None:
        self.terms, self.limits = terms, limits
        self._solver = z3.SimpleSolver()
        self._solver.set("rlimit", _QUICK)
        self._solver.add(terms.words())
        self.add(*formulas)

    def add(self, *formulas: Formula) -> None:
        """Hold these from now on."""
        self._solver.add(*(self.terms.term(each) for each in formulas))

    def add_terms(self, *terms: Any) -> None:
        """Hold these z3 terms from now on."""
        self._solver.add(*terms)

    def holds(self, *terms: Any) -> bool:
        """Whether there are values under which all that is held, and these terms, are true."""
        left = self.limits.left()
        answer = self._solver.check(*terms)
        if answer == z3.unknown:
            self._solver.set("rlimit", 0)
            self._solver.set("timeout", max(1, int(left * 1000)))
            answer = self._solver.check(*terms)
        if answer == z3.unknown:
            raise UndecidedError
        return bool(answer == z3.sat)

    def can(self, *formulas: Formula) -> bool:
        """The same for formulas."""
        return self.holds(*(self.terms.term(each) for each in formulas))

    def model(self) -> Any:
        """The values of the last question that was answered with yes."""
        return self._solver.model()

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of some facts."""
        return self.terms.values(self.model(), list(names))

    def core(self) -> list[Any]:
        """Of the terms of the last question, some that suffice for a no."""
        return list(self._solver.unsat_core())


def substitution(terms: to_z3.Terms, choices: Mapping[str, Choice], situation: Situation) -> list[tuple[Any, Any]]:
    """What `z3.substitute` needs to put choices in the place of decisions."""
    pairs = []
    for name, choice in choices.items():
        known, here = situation[name], terms.of(name)
        if known.absent:
            pairs.append((terms.absent(name), z3.BoolVal(choice is None)))
        if isinstance(choice, Linear):
            pairs.append((here, terms.sum(choice, whole=known.sort == "integer")))
        elif isinstance(choice, bool):
            pairs.append((here, z3.BoolVal(choice)))
        elif choice is not None:
            pairs.append((here, z3.IntVal(known.words.index(choice))))
    return pairs
