"""Formulas: when the record bears out what was said, in past and future metric temporal logic over ledger events.

>>> asked = parse("once[0, 2 hours] (type = 'escalation.opened' and employee = claim.employee)")
>>> asked.speaks_of_claim, sorted(asked.columns)
(True, ['employee', 'type'])
>>> str(asked.tree)
"once[0, 2 hours] (type = 'escalation.opened' and employee = claim.employee)"
>>> parse("eventualy[0, claim.due] (type = 'order.ready')")
Traceback (most recent call last):
aboveboard.playbook.temporal.parse.FormulaError: 'eventualy' is no word of formulas, which are once, historically, \
eventually, always, since, until, and, or, not, implies (character 1 of: eventualy[0, claim.due] (type = 'order.ready')) \
(did you mean eventually?)

What each operator means, and what counts as simultaneous, is said in `playbook.temporal.tree`; what becomes of a formula when the
record stops before its windows are over, in `analyses.claims.monitor`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.temporal import parse as parsing
from aboveboard.playbook.temporal import tree
from aboveboard.playbook.temporal.parse import CLAIM, FormulaError

__all__ = ["CLAIM", "Formula", "FormulaError", "parse"]

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Formula:
    """A checked formula: `text` as written, `tree` as understood, `place` where it stands in a playbook."""

    text: str
    tree: tree.Formula
    place: Any = field(default=None, compare=False)

    def __str__(self) -> str:
        return str(self.tree)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its distinct conditions, in the order they are first written."""
        return conditions(self.tree)

    @property
    def columns(self) -> frozenset[str]:
        """The ledger columns it reads of events; any `attributes.<key>` counts as the column `attributes`."""
        return self._named - CLAIM.keys()

    @property
    def claim_columns(self) -> frozenset[str]:
        """What its conditions read of the claim, without the leading `claim.`; `due` where an interval ends there."""
        due = {"due"} if any(_interval(node).high == tree.DUE for node in tree.walk(self.tree)) else set()
        return frozenset({name.removeprefix("claim.") for name in self._named & CLAIM.keys()} | due)

    @property
    def speaks_of_claim(self) -> bool:
        """Whether its value at an event depends on the claim that is judged."""
        return bool(self.claim_columns)

    @property
    def _named(self) -> frozenset[str]:
        return frozenset().union(*(each.columns for each in self.conditions))


def parse(text: str, *, timezone: ZoneInfo = UTC, place: Any = None) -> Formula:
    """Read a formula and check it against the ledger's columns and the claim's (`CLAIM`).

    `timezone` is that of `local_hour` and of times written without an offset. Raises FormulaError.
    """
    return Formula(text, parsing.parse(text, timezone=timezone), place)


def conditions(node: tree.Formula) -> tuple[Condition, ...]:
    """Return the distinct conditions of a tree, in the order they are first written."""
    return tuple(dict.fromkeys(each.condition for each in tree.walk(node) if isinstance(each, tree.Atom)))


def _interval(node: tree.Formula) -> tree.Interval:
    return getattr(node, "interval", tree.EVER)
