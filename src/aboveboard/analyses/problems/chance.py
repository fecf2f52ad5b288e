"""How often chance alone makes a place stand out so far: by simulation, with the tail carried on where it runs out.

Places of like size have like chances, so a few sizes are simulated and not every place. Beyond what was simulated the
tail of the greatest score falls off exponentially, which is the tail of Gumbel's distribution: Abrams, A. M., Kleinman,
K. and Kulldorff, M. (2010). Gumbel based p-value approximations for spatial scan statistics. Int. J. Health Geographics 9, 61.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from aboveboard.analyses.problems import spread, windows
from aboveboard.analyses.problems.cells import LEAST
from aboveboard.analyses.problems.windows import Ground
from aboveboard.analyses.shared.arrays import Array

REPEATS = 400
TAIL = 40
"""From so many of the greatest scores the tail is carried on."""
FEW = 10.0
"""Places that expect fewer breakdowns are simulated for each number of them, however rare."""
LOOSE = 0.1
"""… unless their spread within a step adds more than this to the variance."""
_STEEPEST = 1.0
"""A log likelihood ratio is no steeper than half a chi-squared's tail, which falls by e per unit."""
_PER_COUNT, _MOST_COUNTS, _NEVER = 30, 12, 1e-15


@dataclass(frozen=True)
class Tail:
    """Scores in falling order, and the chance of each or of a greater one."""

    scores: Array
    chances: Array

    def beyond(self, score: float) -> float:
        """The chance of a score of at least `score`."""
        reached = int(np.searchsorted(-self.scores, -score, side="right"))
        base = min(TAIL, len(self.scores)) - 1
        if base < 0:
            return 0.0
        if reached > base:
            return float(self.chances[reached - 1])
        weights = np.diff(self.chances[: base + 1], prepend=0.0)
        excess = float((weights * (self.scores[: base + 1] - self.scores[base])).sum() / weights.sum())
        rate = min(1 / max(excess, 1e-9), _STEEPEST)
        return float(self.chances[base] * np.exp(-rate * (score - self.scores[base])))


class Chance:
    """How often a place of a stratum has a score of x or more though its rate is that of all.

    `profile` are the stratum's occasions per step; what was simulated once is kept.
    """

    def __init__(self, ground: Ground, profile: Array, *, whole: bool) -> None:
        self._ground, self._profile, self._whole = ground, profile.astype(np.int64), whole
        self._known: dict[int | None, Tail] = {}

    def of_all(self, score: float) -> float:
        """Of the stratum itself, step by step."""
        return self._tail(None).beyond(score)

    def of_size(self, power: int, score: float) -> float:
        """Of one place with 2^power to 2^(power + 1) occasions."""
        return self._tail(power).beyond(score)

    def _tail(self, power: int | None) -> Tail:
        if power not in self._known:
            self._known[power] = self._simulated(power)
        return self._known[power]

    def _simulated(self, power: int | None) -> Tail:
        rng = np.random.default_rng([4_11, 0 if power is None else power + 1])
        if power is None:
            return self._plain(rng, np.repeat(self._profile[None, :], REPEATS, axis=0))
        size = min(round(1.5 * 2.0**power), int(self._ground.n))
        gathered = self._ground.spread * (size / np.count_nonzero(self._profile) - 1)
        if size * self._ground.rate < FEW and gathered < LOOSE:
            return self._by_count(rng, size)
        return self._plain(rng, rng.multinomial(size, self._profile / self._profile.sum(), 2 * REPEATS))

    def _plain(self, rng: np.random.Generator, n: Array) -> Tail:
        broken = spread.drawn(rng, n, self._ground.rate, self._ground.spread)
        return _tail(self._scores(rng, n, broken), np.full(len(n), 1 / len(n)))

    def _by_count(self, rng: np.random.Generator, size: int) -> Tail:
        """Given how many broke, where they fell is a draw; how likely so many are is known exactly."""
        counts = np.arange(LEAST, min(size, LEAST + 400) + 1)
        chances = _binomial(counts, size, self._ground.rate)
        counts, chances = counts[chances > _NEVER], chances[chances > _NEVER]
        if not len(counts):
            return Tail(np.empty(0), np.empty(0))
        counts, chances = counts[:_MOST_COUNTS], chances[:_MOST_COUNTS]
        parts = self._profile / self._profile.sum()
        hit = np.concatenate([rng.multinomial(count, parts, _PER_COUNT) for count in counts])
        left = np.repeat(size - counts, _PER_COUNT)
        n = hit + rng.multinomial(left, parts)
        return _tail(self._scores(rng, n, hit), np.repeat(chances / _PER_COUNT, _PER_COUNT))

    def _scores(self, rng: np.random.Generator, n: Array, broken: Array) -> Array:
        """The greatest score of each simulated place, beside a rest that is as all are."""
        ground, inside = self._ground, n.sum(axis=1)
        rest = np.maximum(int(ground.n) - inside, 0)
        all_broken = broken.sum(axis=1) + rng.binomial(rest, ground.rate)
        return windows.best(n, broken, inside + rest, all_broken, ground.spread, whole=self._whole)[0]


def _tail(scores: Array, weights: Array) -> Tail:
    held = np.isfinite(scores)
    scores, weights = scores[held], weights[held]
    order = np.argsort(-scores, kind="stable")
    return Tail(scores[order], np.cumsum(weights[order]))


def _binomial(counts: Array, size: int, rate: float) -> Array:
    """The chance of each number of breakdowns."""
    ways = special.gammaln(size + 1) - special.gammaln(counts + 1) - special.gammaln(size - counts + 1)
    return np.asarray(np.exp(ways + counts * np.log(rate) + (size - counts) * np.log1p(-rate)))
