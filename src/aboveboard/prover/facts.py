"""The facts of a situation as the prover sees them: what each may hold, and which are ours to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from aboveboard.playbook.expressions import tree
from aboveboard.playbook.model import Fact
from aboveboard.prover import linear, logic

Sort = Literal["real", "integer", "truth", "word", "moment"]
OTHER = "…"
"""Stands for every text that no rule names, where a fact is free text."""
_SORTS: dict[str, Sort] = {
    "integer": "integer",
    "boolean": "truth",
    "enumeration": "word",
    "string": "word",
    "date": "moment",
}


@dataclass(frozen=True)
class Known:
    """One fact: `sort` of its values, their bounds or words, whether it may be absent, and whether it is ours to choose.

    A number is exact. A moment is days since 1970-01-01 UTC. `free` is true of text that may be anything: its last word
    is then `OTHER`.
    """

    name: str
    sort: Sort
    low: Fraction | None = None
    high: Fraction | None = None
    words: tuple[str, ...] = ()
    decision: bool = False
    absent: bool = False
    free: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it is compared by size."""
        return self.sort in ("real", "integer", "moment")

    @property
    def bounds(self) -> logic.Formula:
        """What its values keep to."""
        here = linear.fact(self.name)
        limits = []
        if self.low is not None:
            limits.append(logic.atom(linear.constant(self.low) - here, strict=False))
        if self.high is not None:
            limits.append(logic.atom(here - linear.constant(self.high), strict=False))
        within = logic.both(limits)
        return logic.either([logic.Absent(self.name), within]) if self.absent and limits else within


Situation = Mapping[str, Known]


def exact(number: float) -> Fraction:
    """A number as it was written: 0.1 is a tenth, and not the double nearest to it."""
    return Fraction(repr(float(number)))


def situation(facts: Mapping[str, Fact], conditions: Iterable[tree.Node]) -> dict[str, Known]:
    """Return the facts by name, as the conditions speak of them.

    A fact has a value, unless some condition asks whether it has one (`is null`, `coalesce`): it may then be absent.
    Free text can hold every word that a condition compares it with, and one word beside them.
    """
    nodes = [node for condition in conditions for node in tree.walk(condition)]
    asked = {
        column.name
        for node in nodes
        if isinstance(node, tree.IsNull | tree.Coalesce)
        for column in tree.walk(node)
        if isinstance(column, tree.Column)
    }
    written = tuple(dict.fromkeys(n.value for n in nodes if isinstance(n, tree.Constant) and isinstance(n.value, str)))
    return {name: replace(_known(fact, written), absent=name in asked) for name, fact in facts.items()}


def _known(fact: Fact, written: tuple[str, ...]) -> Known:
    low, high = (None if end is None else exact(end) for end in (fact.low, fact.high))
    free = fact.type == "string"
    words = (*written, OTHER) if free else fact.options
    sort = _SORTS.get(fact.type, "real")
    return Known(fact.name, sort, low, high, words, fact.decision, free=free)


def bounds(situation: Situation, *, decisions: bool) -> logic.Formula:
    """What the facts keep to: those of the world, or (`decisions`) those that are ours to choose."""
    return logic.both(known.bounds for known in situation.values() if known.decision == decisions)
