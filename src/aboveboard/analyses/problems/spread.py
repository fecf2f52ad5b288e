"""How far occasions of one place and one period go wrong together, judged by ordinary stretches, not by outstanding ones.

The correlation is found by matching: the spread of observed stretches of time, the most outstanding left out, is held against
that of simulated ones treated in the same way (indirect inference: Gouriéroux, C., Monfort, A. and Renault, E. (1993),
J. Applied Econometrics 8, S85–S118). A plain moment estimate would take every problem for noise, and hide it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aboveboard.analyses.shared.arrays import Array

GRID = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 0.9)
"""Correlations that are simulated; what lies between two of them is drawn in a straight line."""
EXPECTED = 0.4
"""Stretches are so long that so many breakdowns are expected in one. Shorter ones say little of the spread; longer ones are few,
and a cluster is in many of them."""
LEAST_OF_PLACE = 5.0
"""A place with fewer breakdowns says nothing of the spread: no region of it would be looked at either."""
SURE = 2.0
"""Stretches that gather no more than simulated independent ones and so many standard deviations are taken for independent."""
LEFT_OUT = 0.02
"""The part of the stretches that is left out as outstanding."""
LEAST_STRETCHES = 4
"""A calendar shorter than so many stretches cannot tell."""
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


def inherited(spreads: Mapping[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """The correlation per cut, no less than that of any cut it is a part of.

    Orders of one shop and channel are orders of one shop: what those have in common, they have. Pairs of places are too
    small to show it themselves.
    """
    return {cut: max(of for part, of in spreads.items() if set(part) <= set(cut)) for cut in spreads}


def spread(n: Array, broken: Array) -> float:
    """The correlation within the cells of `n` (a row per place, a column per period), at most the last of `GRID`.

    0 where there are too few cells to tell; each place is set against its own rate, so that a bad place is no noise.
    """
    totals, hits = n.sum(axis=1), broken.sum(axis=1)
    usable = (hits >= LEAST_OF_PLACE) & (hits < totals)
    n, broken = n[usable], broken[usable]
    if not len(n):
        return 0.0
    rates = hits[usable] / totals[usable]
    wide = int(np.ceil(EXPECTED * n.size / broken.sum()))
    if n.shape[1] < LEAST_STRETCHES * wide:
        return 0.0
    observed = _trimmed(n, broken, wide)
    rng = np.random.default_rng(4_11)
    repeats = max(8, min(_REPEATS, 400_000 // n.size))

    def simulated(candidate: float) -> Array:
        return np.array([_trimmed(n, drawn(rng, n, rates[:, None], candidate), wide) for _ in range(repeats)])

    independent = simulated(0.0)
    if observed <= independent.mean() + SURE * independent.std():
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


def _trimmed(n: Array, broken: Array, wide: int) -> float:
    """Pearson's statistic per stretch of `wide` periods, each beginning one later than the last; the largest left out.

    Stretches that overlap are in step with no calendar: it does not matter on which day noise, or a week, begins.
    """
    rates = broken.sum(axis=1, keepdims=True) / np.maximum(n.sum(axis=1, keepdims=True), 1)
    inside, hit = _moving(n, wide), _moving(broken, wide)
    squares = (hit - inside * rates) ** 2 / np.maximum(inside * rates * (1 - rates), 1e-9)
    squares = squares[inside > 0]
    kept = max(1, int(len(squares) * (1 - LEFT_OUT)))
    return float(np.partition(squares, kept - 1)[:kept].mean())


def _moving(counts: Array, wide: int) -> Array:
    to = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    return np.asarray(to[:, wide:] - to[:, :-wide])
