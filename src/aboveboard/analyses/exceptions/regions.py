"""The smallest relaxed region: a short list of short rules inside which what was granted did no harm.

A rule joins one to three conditions on what was known of the request. It is sought on one half of the requests, greedily, as
rule lists are (Rivest, R. L. (1987). Learning decision lists. Machine Learning 2, 229–246): the rule that best divides
harm from no harm, then the best one for what it left over. Best is the greatest likelihood of two rates of harm, one
inside and one outside, less a price for every condition, so that a region is no wider and no wordier than the record
asks for. The other half then judges each rule as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from aboveboard.analyses.exceptions import margins
from aboveboard.analyses.exceptions.margins import Cases
from aboveboard.analyses.shared import arrays

ENOUGH = 20
"""Fewer granted and followed than this, inside or outside, on either half, and nothing is said."""
MOST_RULES, MOST_TESTS = 3, 3
PROMISING = 0.1
"""On the half that is searched: harm inside has to be within the margin at this p. The other half decides."""


@dataclass(frozen=True)
class Rule:
    """Conditions that hold together, by their places in the list of tests, the first found first."""

    places: tuple[int, ...]

    def holds(self, meets: arrays.Array) -> arrays.Array:
        """Which requests meet them all; `meets` has one column per test."""
        return np.asarray(meets[:, list(self.places)].all(axis=1))


@dataclass(frozen=True)
class Bar:
    """What harm inside a region is held against: the ordinary cases (None where there are none) and the margin."""

    ordinary: Cases | None
    margin: float

    def within_p(self, harmed: arrays.Array, n: arrays.Array) -> arrays.Array:
        """p, for columns of counts, that harm is within the margin; 1 where there is no case."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.ordinary is None:
                held = special.betainc(np.maximum(n - harmed, 1e-9), harmed + 1, 1 - self.margin)
                p = np.where(harmed < n, held, 1.0)
            else:
                p = special.ndtr(margins.score(Cases(harmed, n), self.ordinary, self.margin))
        return np.asarray(np.where(n > 0, np.nan_to_num(p, nan=1.0), 1.0))


def find(meets: arrays.Array, followed: arrays.Array, harmed: arrays.Array, bar: Bar) -> list[Rule]:
    """The rule list, best first; empty where no region stands out.

    `meets` is a boolean matrix, requests × tests; `followed` and `harmed` are masks over the requests.
    """
    left, rules = followed.copy(), list[Rule]()
    while meets.shape[1] and len(rules) < MOST_RULES:
        rule = _best(meets[left].astype(float), harmed[left].astype(float), bar)
        if rule is None:
            break
        rules.append(rule)
        left &= ~rule.holds(meets)
    return rules


def _best(meets: arrays.Array, harmed: arrays.Array, bar: Bar) -> Rule | None:
    """The best rule of up to two conditions, lengthened by a third where that is worth its price."""
    if len(harmed) < 2 * ENOUGH or not harmed.any():
        return None
    price = np.log(meets.shape[1])
    n, x = meets.T @ meets, (meets * harmed[:, None]).T @ meets
    worth = _gain(x, n, harmed, bar) - price * np.where(np.eye(len(n), dtype=bool), 1, 2)
    first, second = np.unravel_index(int(np.argmax(worth)), worth.shape)
    best = float(worth[first, second])
    if not best > 0:
        return None
    places = tuple(sorted({int(first), int(second)}))
    inside = meets[:, first] * meets[:, second]
    while len(places) < MOST_TESTS:
        longer = _gain((inside * harmed) @ meets, inside @ meets, harmed, bar) - price * (len(places) + 1)
        place = int(np.argmax(longer))
        if not longer[place] > best:
            break
        best, places, inside = float(longer[place]), tuple(sorted({*places, place})), inside * meets[:, place]
    return Rule(places)


def _gain(x: arrays.Array, n: arrays.Array, harmed: arrays.Array, bar: Bar) -> arrays.Array:
    """Log-likelihood of two rates above that of one; −∞ where the inside is not promising."""
    all_n, all_x = float(len(harmed)), float(harmed.sum())
    out_n, out_x = all_n - n, all_x - x
    fits = (n >= ENOUGH) & (out_n >= ENOUGH) & (x * out_n < out_x * n)
    gain = _likelihood(x, n) + _likelihood(out_x, out_n) - _likelihood(np.array(all_x), np.array(all_n))
    promising = fits & (gain > 0)
    promising[promising] = bar.within_p(x[promising], n[promising]) <= PROMISING
    return np.asarray(np.where(promising, gain, -np.inf))


def _likelihood(x: arrays.Array, n: arrays.Array) -> arrays.Array:
    """Binomial log-likelihood at the share seen."""
    return np.asarray(special.xlogy(x, x) + special.xlogy(n - x, n - x) - special.xlogy(n, n))
