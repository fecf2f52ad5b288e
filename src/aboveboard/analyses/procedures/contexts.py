"""Where a step's worth differs: the one cut of the visits that matters, found from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.shared import discoveries, doubly_robust
from aboveboard.analyses.shared.arrays import Array
from aboveboard.analyses.shared.doubly_robust import Bools, Cases, Effect, Pulls
from aboveboard.playbook.expressions import to_sql, tree

ALL = "all"
RATE = 0.01
"""False-discovery rate of the cuts: a rule for a difference that is none costs more than one rule for all."""


@dataclass(frozen=True)
class Context:
    """One value of a column of the starting events: `called` is what a condition calls the column."""

    called: str
    value: str

    @property
    def words(self) -> str:
        """As the table says it: a touchpoint by its name alone, else with what it is."""
        kind = self.called.removeprefix("attributes.")
        return self.value if self.called == "touchpoint" else f"{kind} {self.value}"


@dataclass(frozen=True)
class Cut:
    """A step's effects by the values of one column, and the p-value of their being one."""

    called: str
    effects: Mapping[Context, Effect | None]
    p: float


def cuts(visits: Cases, found: Pulls, columns: Mapping[str, Array]) -> list[Cut]:
    """One cut per column (what a condition calls it → its values): the effect in each value, and whether they differ."""
    cut = [_cut(called, values, visits, found) for called, values in columns.items()]
    return [one for one in cut if not np.isnan(one.p)]


def matter(of_steps: Mapping[str, list[Cut]], *, rate: float = RATE) -> dict[str, Cut]:
    """The cut of each step whose worth differs, at a false-discovery rate over all steps and columns.

    Of several the surest one; at equal p the one with fewer values.
    """
    every = [(step, cut) for step, found in of_steps.items() for cut in found]
    real = discoveries.benjamini_hochberg([cut.p for _, cut in every], rate=rate)
    best: dict[str, Cut] = {}
    for (step, cut), is_real in zip(every, real, strict=True):
        if is_real and (step not in best or _rank(cut) < _rank(best[step])):
            best[step] = cut
    return best


def condition(called: str, values: list[str]) -> str:
    """The contexts as a condition over the starting event, as a playbook writes it."""
    key = called.removeprefix("attributes.")
    of: tree.Node = tree.Attribute(key) if key != called else tree.Column(called, "text")
    if len(values) == 1:
        return to_sql.text(tree.Comparison("=", of, tree.Constant(values[0], "text")))
    return to_sql.text(tree.In(of, tuple(tree.Constant(value, "text") for value in values)))


def _cut(called: str, values: Array, visits: Cases, found: Pulls) -> Cut:
    effects: dict[Context, Effect | None] = {}
    for value in sorted({value for value in values.tolist() if value is not None}):
        chosen: Bools = values == value
        effects[Context(called, value)] = doubly_robust.effect(visits, found, chosen)
    return Cut(called, effects, doubly_robust.p_of_difference([each for each in effects.values() if each is not None]))


def _rank(cut: Cut) -> tuple[float, int, str]:
    return cut.p, len(cut.effects), cut.called
