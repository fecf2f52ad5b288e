"""The case mix as numbers: one column per value of a covariate, which the models of `doubly_robust` are fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.shared.arrays import Array, Cells

Floats = npt.NDArray[np.float64]

LEAST, MOST = 10, 30
"""A value of fewer cases has no column of its own, nor have those beyond so many values of one covariate."""


def matrix(cells: Cells, covariates: Sequence[str], earlier: Sequence[str], *, count: str) -> Floats:
    """The columns of the case mix, one row per cell, without an intercept.

    `covariates` hold text (absent is a value of its own); `earlier` are things done before: 1, 0 or NaN (not due); `count`
    names the column that says how many cases a cell stands for.
    """
    n = np.asarray(cells[count], float)
    columns = [column for name in covariates for column in _dummies(cells[name], n)]
    for name in earlier:
        taken = np.asarray(cells[name], float)
        columns += [column for value in (0.0, 1.0) if _varies(column := (taken == value).astype(float))]
    return np.column_stack(columns) if columns else np.zeros((len(n), 0))


def codes(values: Array) -> npt.NDArray[np.int64]:
    """Texts as whole numbers from 0; absent is −1."""
    known = {value: number for number, value in enumerate(dict.fromkeys(v for v in values.tolist() if v is not None))}
    return np.array([known.get(value, -1) for value in values.tolist()], dtype=np.int64)


def _dummies(values: Array, n: Floats) -> list[Floats]:
    """One column per value that enough cases have.

    Where there are too many, those above a number of visits, never some of equally many: the names of employees must
    not decide.
    """
    numbers = codes(values)
    counts = np.bincount(numbers + 1, weights=n)
    if np.count_nonzero(counts) < 2:
        return []
    least = max(LEAST, np.sort(counts)[::-1][MOST] + 1) if len(counts) > MOST else LEAST
    columns = [(numbers + 1 == place).astype(float) for place in np.flatnonzero(counts >= least)]
    return [column for column in columns if _varies(column)]


def _varies(column: Floats) -> bool:
    return bool(len(column)) and 0 < column.sum() < len(column)
