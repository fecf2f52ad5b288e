"""Henderson's mixed-model equations from tables of how often two levels meet, solved without ever seeing the cases.

Two levels of one component never meet in a case, so the block of the component with the most levels is diagonal. It is
eliminated first; what remains is a dense system in the levels of the others and the fixed effects (the Schur complement).
A thousand employees in two hundred teams are one system of 201 unknowns, whatever the number of contacts.

Henderson (1950), Annals of Mathematical Statistics 21, 309–310; Searle, Casella and McCulloch (1992), *Variance
Components*, section 7.6.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import linalg

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.shared.arrays import Array

DENSE = 4_000_000
"""A table of pairs with more entries than this is kept sparse."""


class Equations:
    """The tables of pairs of one design under one set of weights (cases per cell, or working weights)."""

    def __init__(self, design: Design, weights: Array, *, with_fixed: bool = True) -> None:
        self.design, self.weights = design, weights
        sizes = design.sizes
        self.first = int(np.argmax(sizes))
        self.rest = [number for number in range(len(sizes)) if number != self.first]
        self.fixed_count = design.fixed.shape[1] if with_fixed else 0
        starts = np.cumsum([self.fixed_count, *(sizes[number] for number in self.rest)])
        self.slots = dict(zip(self.rest, (slice(a, b) for a, b in pairwise(starts)), strict=True))
        self.width = int(starts[-1])
        self.sums = design.sums(weights)
        self.diagonal = self.sums[self.first]
        self.cross: Any = self.crossed(weights)
        self.small = self._small()

    def crossed(self, weights: Array) -> Any:
        """Eliminated levels × all other unknowns: the weight with which they meet."""
        size, rest = self.design.sizes[self.first], self.rest
        fixed = [self._by_level(self.first, column, weights) for column in range(self.fixed_count)]
        if size * self.width <= DENSE:
            columns = np.array(fixed).reshape(len(fixed), size).T
            return np.hstack([columns, *(self._pairs(self.first, other, weights) for other in rest)])
        from scipy import sparse

        blocks = [sparse.csr_array(column[:, None]) for column in fixed]
        pairs = (self._sparse_pairs(self.first, other, weights) for other in rest)
        return sparse.hstack([*blocks, *pairs], format="csr")

    def _small(self) -> Array:
        small = np.zeros((self.width, self.width))
        fixed, count = self.design.fixed, self.fixed_count
        small[:count, :count] = (fixed.T * self.weights @ fixed)[:count, :count]
        for place, one in enumerate(self.rest):
            at = self.slots[one]
            small[at, at] = np.diag(self.sums[one])
            for column in range(count):
                small[column, at] = small[at, column] = self._by_level(one, column, self.weights)
            for other in self.rest[:place]:
                pairs = self._pairs(one, other, self.weights)
                small[at, self.slots[other]], small[self.slots[other], at] = pairs, pairs.T
        return small

    def _by_level(self, number: int, column: int, weights: Array) -> Array:
        if column == 0 and weights is self.weights:  # The intercept is 1 in every cell.
            return self.sums[number]
        code, size = self.design.codes[number], self.design.sizes[number]
        return np.bincount(code, weights * self.design.fixed[:, column], size + 1)[:size]

    def _pairs(self, one: int, other: int, weights: Array) -> Array:
        codes, sizes = self.design.codes, self.design.sizes
        wide = sizes[other] + 1
        counts = np.bincount(codes[one] * wide + codes[other], weights, (sizes[one] + 1) * wide)
        return counts.reshape(-1, wide)[: sizes[one], : sizes[other]]

    def _sparse_pairs(self, one: int, other: int, weights: Array) -> Any:
        from scipy import sparse

        codes, sizes = self.design.codes, self.design.sizes
        shape = (sizes[one] + 1, sizes[other] + 1)
        return sparse.csr_array((weights, (codes[one], codes[other])), shape=shape)[: sizes[one], : sizes[other]]

    def right_side(self, residuals: Array) -> tuple[Array, Array]:
        """The sums of `residuals` (weights included, one per cell) over the unknowns: (eliminated, others)."""
        sums = self.design.sums(residuals)
        fixed = (self.design.fixed.T @ residuals)[: self.fixed_count]
        return sums[self.first], np.concatenate([fixed, *(sums[number] for number in self.rest)])

    def factor(self, precisions: Array) -> Factored:
        """With the precision (one over the variance) of each component's effects added."""
        return Factored(self, precisions)


class Factored:
    """The equations at one set of variances: their determinant, solutions and inverse."""

    def __init__(self, equations: Equations, precisions: Array) -> None:
        self.equations = equations
        self.eliminated = equations.diagonal + precisions[equations.first]
        added = np.zeros(equations.width)
        for number, at in equations.slots.items():
            added[at] = precisions[number]
        cross = equations.cross
        self.ratio: Any = scaled(cross, 1 / self.eliminated)
        reduced = equations.small + np.diag(added) - dense(cross.T @ self.ratio)
        # Scaled to a unit diagonal: precisions of 1e10 stand beside counts of one.
        scale = 1 / np.sqrt(np.diag(reduced))
        unit = reduced * scale[:, None] * scale
        # The factor is enough for a solution; the inverse, three times as dear, is made only where it is asked for.
        self._scale, self._root = scale, linalg.cholesky(unit, lower=True, check_finite=False)
        self.log_determinant = float(
            np.log(self.eliminated).sum() + 2 * np.log(np.diag(self._root)).sum() - 2 * np.log(scale).sum()
        )

    @cached_property
    def inverse(self) -> Array:
        """The inverse over all unknowns but those eliminated."""
        if not len(
            self._scale
        ):  # One component and no fixed effects: nothing is left, and LAPACK takes no empty matrix.
            return np.zeros((0, 0))
        lower, _ = linalg.lapack.dpotri(self._root, lower=1)
        lower = np.tril(lower)
        inverse: Array = (lower + np.tril(lower, -1).T) * self._scale[:, None] * self._scale
        return inverse

    def solve(self, right: tuple[Array, Array]) -> tuple[Array, list[Array]]:
        """The fixed effects, and the effects of each component in the order of the design."""
        eliminated, others = right
        right_side = self._scale * (others - self.ratio.T @ eliminated)
        solved = self._scale * linalg.cho_solve((self._root, True), right_side, check_finite=False)
        first = eliminated / self.eliminated - self.ratio @ solved
        return solved[: self.equations.fixed_count], self._in_order(first, solved)

    def diagonals(self) -> list[Array]:
        """The diagonal of the inverse, per component: variances of prediction over the residual variance."""
        product = self.ratio @ self.inverse
        first = 1 / self.eliminated + np.asarray(_times(self.ratio, product).sum(axis=1)).ravel()
        return self._in_order(first, np.diag(self.inverse))

    def leverages(self) -> Array:
        """z′ (inverse) z for each cell, z marking the cell's levels (and its fixed effects, where the equations hold them)."""
        equations, design = self.equations, self.equations.design
        fixed = design.fixed[:, : equations.fixed_count]
        total = self._spread_first(design, fixed)
        for column in range(equations.fixed_count):
            total += fixed[:, column] * (fixed @ self.inverse[column, : equations.fixed_count])
        for place, one in enumerate(equations.rest):
            block = self.inverse[equations.slots[one]]
            code = design.codes[one]
            total += np.append(np.diag(block[:, equations.slots[one]]), 0.0)[code]
            for column in range(equations.fixed_count):
                total += 2 * fixed[:, column] * np.append(block[:, column], 0.0)[code]
            for other in equations.rest[:place]:
                total += 2 * _gathered(block[:, equations.slots[other]], code, design.codes[other])
        return total

    def _spread_first(self, design: Design, fixed: Array) -> Array:
        equations = self.equations
        product = np.asarray(self.ratio @ self.inverse)
        diagonal = 1 / self.eliminated + np.asarray(_times(self.ratio, product).sum(axis=1)).ravel()
        code = design.codes[equations.first]
        total = np.append(diagonal, 0.0)[code]
        for column in range(equations.fixed_count):
            total -= 2 * fixed[:, column] * np.append(product[:, column], 0.0)[code]
        for other in equations.rest:
            total -= 2 * _gathered(product[:, equations.slots[other]], code, design.codes[other])
        return total

    def _in_order(self, first: Array, others: Array) -> list[Array]:
        slots, count = self.equations.slots, len(self.equations.design.sizes)
        return [first if number == self.equations.first else others[slots[number]] for number in range(count)]


def _gathered(block: Array, rows: Array, columns: Array) -> Array:
    """Elements of a block by code; 0 where a cell has no level."""
    known = (rows < block.shape[0]) & (columns < block.shape[1])
    if known.all():
        return block[rows, columns]
    found = np.zeros(len(rows))
    found[known] = block[rows[known], columns[known]]
    return found


def scaled(matrix: Any, by: Array) -> Any:
    """A dense or sparse matrix, each row times its number."""
    if isinstance(matrix, np.ndarray):
        return matrix * by[:, None]
    from scipy import sparse

    return sparse.diags_array(by) @ matrix


def _times(matrix: Any, dense: Array) -> Any:
    return matrix * dense if isinstance(matrix, np.ndarray) else matrix.multiply(dense)


def dense(matrix: Any) -> Array:
    """A dense or sparse matrix as a dense one."""
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
