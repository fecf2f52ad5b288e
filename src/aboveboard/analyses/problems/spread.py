"""How far occasions of one place and one period go wrong together, judged by the ordinary cells and not by the outstanding ones.

The correlation is found by matching: the spread of the observed cells, the most outstanding left out, is held against
that of simulated ones treated in the same way (indirect inference: Gouriéroux, C., Monfort, A. and Renault, E. (1993),
J. Applied Econometrics 8, S85–S118). A plain moment estimate would take every problem for noise, and hide it.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.shared.arrays import Array

GRID = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256)
"""Correlations that are simulated; what lies between two of them is drawn in a straight line."""
LEAST_EXPECTED = 1.0
"""Periods are taken together until so many breakdowns are expected in a cell. Smaller cells say little of the spread; large
ones are few, and chance decides what they say."""
LEAST_OF_PLACE = 12.0
"""A place with fewer breakdowns says nothing of the spread."""
SURE = 0.9
"""Cells that gather no more than so large a part of simulated independent ones are taken for independent."""
LEFT_OUT = 0.05
"""The part of the cells that is left out as outstanding."""
LEAST_CELLS = 8
_REPEATS = 40


def drawn(rng: np.random.Generator, n: Array, rate: float | Array, spread: float) -> Array:
    """Breakdowns of `n` occasions per cell, of equal correlation `spread` within a cell (beta–binomial).

    Where breakdowns are rare this is the negative binomial.
    """
    rates: float | Array = rate
    if spread > 0:
        strength = (1 - spread) / spread
        rates = rng.beta(
            np.maximum(rate * strength, 1e-9), np.maximum((1 - np.asarray(rate)) * strength, 1e-9), n.shape
        )
    return rng.binomial(n, rates)


def spread(n: Array, broken: Array) -> float:
    """The correlation within the cells of `n` (a row per place, a column per period), at most the last of `GRID`.

    0 where there are too few cells to tell; each place is set against its own rate, so that a bad place is no noise.
    """
    totals = n.sum(axis=1)
    rates = np.divide(broken.sum(axis=1), totals, out=np.zeros(len(n)), where=totals > 0)
    usable = (rates * totals >= LEAST_OF_PLACE) & (rates < 1)
    n, broken, rates = n[usable], broken[usable], rates[usable]
    groups = _groups(n, rates)
    if groups.max(initial=-1) + 1 < LEAST_CELLS:
        return 0.0
    observed = _trimmed(n, broken, groups)
    rng = np.random.default_rng(4_11)
    repeats = max(8, min(_REPEATS, 400_000 // n.size))

    def simulated(candidate: float) -> Array:
        return np.array([_trimmed(n, drawn(rng, n, rates[:, None], candidate), groups) for _ in range(repeats)])

    independent = simulated(0.0)
    if observed <= np.quantile(independent, SURE):
        return 0.0
    below, at_below = 0.0, float(independent.mean())
    for candidate in GRID:
        at = float(simulated(candidate).mean())
        if observed <= at:
            # Chance may put the statistic of the lesser correlation above that of the greater.
            part = (observed - at_below) / (at - at_below) if at > at_below else 1.0
            return below + (candidate - below) * min(max(part, 0.0), 1.0)
        below, at_below = candidate, at
    return GRID[-1]


def _groups(n: Array, rates: Array) -> Array:
    """The number of the cell that each place and period belongs to: neighbouring periods until enough is expected."""
    expected = np.cumsum(n * rates[:, None], axis=1)
    blocks = np.floor(np.minimum(expected, expected[:, -1:] - 1e-9) / LEAST_EXPECTED).astype(np.int64)
    width = blocks.max(initial=0) + 1
    _, numbers = np.unique(blocks + width * np.arange(len(n))[:, None], return_inverse=True)
    return numbers.reshape(n.shape)


def _trimmed(n: Array, broken: Array, groups: Array) -> float:
    """Pearson's statistic per cell, the largest left out."""
    totals = np.maximum(n.sum(axis=1), 1)
    rates = broken.sum(axis=1) / totals
    flat = groups.ravel()
    inside, hit = np.bincount(flat, n.ravel()), np.bincount(flat, broken.ravel())
    mean = np.bincount(flat, (n * rates[:, None]).ravel())
    variance = np.bincount(flat, (n * (rates * (1 - rates))[:, None]).ravel())
    squares = np.sort((hit - mean)[inside > 0] ** 2 / np.maximum(variance[inside > 0], 1e-9))
    return float(squares[: max(1, round(len(squares) * (1 - LEFT_OUT)))].mean())
