"""What being let down adds, for those who were, from cells of customers with equal case mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.shared import arrays, design, doubly_robust
from aboveboard.analyses.shared.doubly_robust import Effect

Floats = npt.NDArray[np.float64]
LEAST_OVERLAP = 0.5
"""Where fewer of those let down have peers, nothing is said of them."""


@dataclass(frozen=True)
class Compared:
    """One outcome of one cause. `effect` is None where there is too little to compare. Means are as they stand."""

    struck: int
    peers: int
    struck_mean: float
    peers_mean: float
    spread: float
    effect: Effect | None
    yes: bool = False

    def e_values(self) -> tuple[float, float]:
        """The E-value of the effect, and that of the end of its interval nearer to nothing (1 where it holds nothing).

        A share by its risk ratio; a mean by way of the standardised difference (VanderWeele and Ding 2017, table 2).
        """
        assert self.effect is not None
        near = self.effect.low if self.effect.value > 0 else self.effect.high
        return self._e_value(self.effect.value), self._e_value(near) if near * self.effect.value > 0 else 1.0

    def _e_value(self, effect: float) -> float:
        if self.yes:
            # The ratio has no number where nobody is expected to without.
            otherwise = self.struck_mean - effect
            known = otherwise > 0 and self.struck_mean > 0
            return e_value(self.struck_mean / otherwise) if known else float("nan")
        return e_value(float(np.exp(0.91 * effect / self.spread)) if self.spread > 0 else 1.0)


def cells(table: Any, covariates: Sequence[str], outcomes: Sequence[str]) -> arrays.Cells:
    """Gather customers into cells of equal case mix: cause, struck, fold, the covariates, n, the sum of each outcome
    (`t_…`) and of each product of two (`s_…_…`). However many customers there are, only as many cells leave the engine.
    """
    names = ["cause", "struck", "fold", *covariates]
    sums = {f"t_{name}": table[name].sum().cast("float64") for name in outcomes}
    products = {
        f"s_{a}_{b}": (table[a] * table[b]).sum().cast("float64") for a, b in combinations_with_replacement(outcomes, 2)
    }
    grouped = table.group_by(names).aggregate(n=table.count().cast("float64"), **sums, **products)
    return arrays.cells(grouped.order_by(names))


@dataclass(frozen=True)
class Peers:
    """The cells of one cause, ready for any outcome: who was struck, the case mix as numbers, and the chance to be struck."""

    cells: arrays.Cells
    struck: npt.NDArray[np.bool_]
    case_mix: Floats
    chance: Floats

    @classmethod
    def of(cls, cells: arrays.Cells, covariates: Sequence[str]) -> Peers:
        """Model once who is struck; each outcome then has its own model of what would have been otherwise."""
        struck = cells["struck"] == 1
        case_mix = design.matrix(cells, covariates, (), count="n")
        alone = cls(cells, struck, case_mix, np.full(len(struck), np.nan))
        if not (struck.any() and (~struck).any()):
            return alone
        nothing = np.zeros(len(struck))
        return cls(cells, struck, case_mix, doubly_robust.propensity(alone.scored(nothing, nothing)))

    def scored(self, total: Floats, squares: Floats) -> doubly_robust.Cases:
        """The cells with these sums of scores."""
        n = self.cells["n"].astype(float)
        fold, cluster = self.cells["fold"].astype(np.int64), np.full(len(n), -1, dtype=np.int64)
        return doubly_robust.Cases(n, total, squares, self.struck, fold, cluster, self.case_mix)

    def sum(self, outcome: str, *, struck: bool) -> float:
        """The sum of an outcome (or of `n`) on one side."""
        column = self.cells["n" if outcome == "n" else f"t_{outcome}"]
        return float(column[self.struck == struck].sum())


def compare(peers: Peers, weights: Mapping[str, float], *, yes: bool = False) -> Compared:
    """Compare one outcome of one cause: the sum of some outcomes, each times its weight."""
    held, struck = peers.cells, peers.struck
    n = held["n"].astype(float)
    total = sum((weight * held[f"t_{name}"] for name, weight in weights.items()), start=np.zeros(len(n)))
    squares = np.zeros(len(n))
    for a, b in combinations_with_replacement(weights, 2):
        product = held[f"s_{a}_{b}"] if f"s_{a}_{b}" in held else held[f"s_{b}_{a}"]
        squares += (1 if a == b else 2) * weights[a] * weights[b] * product
    cases = peers.scored(total, squares)
    effect = None
    # Where it happened to nobody at all, there is nothing to compare.
    if struck.any() and (~struck).any() and squares.any():
        effect = doubly_robust.effect_on_taken(cases, peers.chance)
        effect = None if effect is None or effect.overlap < LEAST_OVERLAP else effect
    means = [float(total[side].sum() / n[side].sum()) if side.any() else np.nan for side in (struck, ~struck)]
    sizes = (int(n[struck].sum()), int(n[~struck].sum()))
    return Compared(*sizes, means[0], means[1], doubly_robust.spread(cases), effect, yes)


def e_value(ratio: float) -> float:
    """The least risk ratio that a confounder must have with both sides to explain a risk ratio away; 1 where there is none.

    VanderWeele, T. J. and Ding, P. (2017). Sensitivity analysis in observational research: introducing the E-value. Annals of
    Internal Medicine 167, 268–274. `ratio` is above 0.
    """
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))
