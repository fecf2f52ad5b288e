"""The Fellegi–Sunter model of record linkage, its probabilities learned by EM from counts of patterns.

Fellegi, I. P., and Sunter, A. B. (1969). A theory for record linkage. JASA 64, 1183–1210. Winkler, W. E. (1988). Using
the EM algorithm for weight computation in the Fellegi–Sunter model of record linkage. Proceedings of the Section on
Survey Research Methods, ASA, 667–671.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int64]

MISSING = -1
# What one expects of a field before seeing data, worth so many pairs: keeps small sets from certainty they cannot have.
_PRIOR_PAIRS = 10.0
_AGREES = 0.9


@dataclass(frozen=True)
class Model:
    """`m[f][l]` and `u[f][l]`: probability that field f shows level l for one person and for two; `prior` that a pair is one."""

    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    prior: float

    def weights(self, patterns: Levels) -> Floats:
        """Match weight of each pattern (rows × fields): log2 of the Bayes factor. A missing field says nothing."""
        total = np.zeros(len(patterns))
        for field, (m, u) in enumerate(zip(self.m, self.u, strict=True)):
            seen = patterns[:, field] != MISSING
            total[seen] += np.log2(m / u)[patterns[seen, field]]
        return total

    def probabilities(self, patterns: Levels) -> Floats:
        """Posterior probability that each pattern is of one person."""
        odds = self.weights(patterns) + np.log2(self.prior / (1 - self.prior))
        result: Floats = 1 / (1 + np.exp2(-np.clip(odds, -500, 500)))
        return result


def learn(
    candidates: Levels, counts: Floats, strangers: Levels, stranger_counts: Floats, *,
    levels: Sequence[int], pairs: float, rounds: int = 200,
) -> Model:  # fmt: skip
    """Learn a model from patterns (rows × fields; −1 is missing) and how often each occurs.

    `candidates` are the pairs that blocking brought together; `strangers` a random sample of all pairs, less
    those that are plainly one person; `levels` how many levels each field has, the last the best; `pairs` how many
    pairs there are in all.
    The prior is over all pairs, not over the candidates: pairs that blocking left out count as two persons, so that
    agreeing on the very field that one was blocked on is still rare among strangers, and worth its full weight.
    """
    expected = [_expected(n) for n in levels]
    u = tuple(_shares(strangers[:, f], stranger_counts, n, np.full(n, 1 / n)) for f, n in enumerate(levels))
    model = Model(tuple(expected), u, prior=_clipped(1 / np.sqrt(max(pairs, 4.0))))
    for _ in range(rounds):
        match = model.probabilities(candidates) * counts
        m = tuple(_shares(candidates[:, f], match, n, _PRIOR_PAIRS * expected[f]) for f, n in enumerate(levels))
        better = Model(m, u, prior=_clipped(float(match.sum()) / max(pairs, 1.0)))
        change = max(float(np.abs(a - b).max()) for a, b in zip(better.m, model.m, strict=True))
        model = better
        if change < 1e-6:
            break
    return model


def _expected(levels: int) -> Floats:
    rest = (1 - _AGREES) / (levels - 1)
    return np.array([rest] * (levels - 1) + [_AGREES])


def _shares(levels: Levels, weights: Floats, n: int, prior: Floats) -> Floats:
    seen = levels != MISSING
    total: Floats = np.bincount(levels[seen], weights=weights[seen], minlength=n) + prior
    shares: Floats = total / total.sum()
    return shares


def _clipped(share: float) -> float:
    return float(np.clip(share, 1e-12, 0.5))
