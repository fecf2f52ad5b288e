"""Cells and the levels they belong to: all that a mixed model needs to know of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aboveboard.analyses.shared.arrays import Array


@dataclass(frozen=True)
class Design:
    """Which level of each component each cell has.

    `names` are the components, `levels` the names of their levels, `codes` one integer array per component: the level of
    each cell, or the number of levels where a cell has none (nobody served it): such a cell gets no effect of that component.
    `fixed` are the columns of the fixed effects, cells × columns; the first is the intercept, all ones.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    codes: tuple[Array, ...]
    fixed: Array

    @classmethod
    def of(cls, columns: dict[str, Sequence[str | None]], covariates: Sequence[Sequence[float]] = ()) -> Design:
        """From one value per cell and component (None: no level), and columns of covariates."""
        encoded = {name: encode(np.array(values, dtype=object)) for name, values in columns.items()}
        count = len(next(iter(columns.values())))
        fixed = np.column_stack([np.ones(count), *(np.asarray(column, float) for column in covariates)])
        levels = tuple(levels for levels, _ in encoded.values())
        return cls(tuple(columns), levels, tuple(codes for _, codes in encoded.values()), fixed)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many levels each component has."""
        return tuple(len(levels) for levels in self.levels)

    def only(self, names: Sequence[str]) -> Design:
        """The same cells with some of the components."""
        places = [self.names.index(name) for name in names]
        levels, codes = tuple(self.levels[place] for place in places), tuple(self.codes[place] for place in places)
        return Design(tuple(names), levels, codes, self.fixed)

    def sums(self, values: Array) -> list[Array]:
        """The sum of `values` (one per cell) over the cells of each level, per component."""
        pairs = zip(self.codes, self.sizes, strict=True)
        return [np.bincount(code, values, size + 1)[:size] for code, size in pairs]

    def spread(self, effects: Sequence[Array]) -> Array:
        """The sum of the effects of each cell's levels: the transpose of `sums`."""
        total = np.zeros(len(self.fixed))
        for code, effect in zip(self.codes, effects, strict=True):
            total += np.append(effect, 0.0)[code]
        return total


def encode(values: Array) -> tuple[tuple[str, ...], Array]:
    """The distinct values in order, and the place of each (the number of values where it is None)."""
    levels = sorted({str(value) for value in values if value is not None})
    place = {level: number for number, level in enumerate(levels)}
    codes = np.array([len(levels) if value is None else place[str(value)] for value in values], dtype=np.int64)
    return tuple(levels), codes
