"""How often honest customers of one segment come to an abuse event, and how unlike them one customer's record is.

A customer with `exposure` occasions and the rate r per occasion has Poisson(r · exposure) events. The rates of honest
customers differ, and nobody knows how: they are gamma-distributed, which makes the counts negative binomial (empirical
Bayes: Robbins, H. (1956). An empirical Bayes approach to statistics. Proc. Third Berkeley Symp. 1, 157–163), or
lognormal, whose tail is longer; a customer is called unlike the others only where both say so. Beside them stands a
small share of customers with any rate around once per occasion (two groups, as in Efron, B. (2008). Microarrays,
empirical Bayes and the two-groups model. Statistical Science 23, 1–22, and in DuMouchel, W. (1999). Bayesian data
mining in large frequency tables. The American Statistician 53, 177–190): without it, the few would pass for the many.

The parameters of each family are not plugged in at their maximum likelihood but averaged over their posterior on a
grid (Deely, J. J. and Lindley, D. V. (1981). Bayes empirical Bayes. JASA 76, 833–841), because a small segment says
little about how unlike its honest customers are. Nobody is measured against a yardstick that he himself has bent: the
posterior behind a customer's chance leaves that customer out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

OTHERS = np.array([0.0, 0.001, 0.003, 0.01, 0.03, 0.1])
"""The share of customers that are not honest, as far as it is considered; all alike likely beforehand."""
POINTS = 13
"""Grid points per parameter: once over its whole range, once more around where the posterior lies."""
SHAPES = (0.05, 100.0)
"""The gamma's shape: from very unlike one another to all but alike."""
SPREADS = (0.1, 2.0)
"""The lognormal's standard deviation of log rate."""
_NODES = 161
_LEAST = 1e-300
_AT_ONCE = 200


class Family(Protocol):
    """Distributions of honest rates, one per grid point (the columns of every result)."""

    def mass(self, counts: Floats, exposures: Floats) -> Floats:
        """P(count | exposure): a row per count."""

    def tail(self, counts: Floats, exposures: Floats) -> Floats:
        """P(at least count | exposure): a row per count."""


@dataclass(frozen=True)
class Gamma:
    """Rates with mean `mean` and shape `shape` (arrays over the grid): counts are negative binomial."""

    mean: Floats
    shape: Floats

    @classmethod
    def ranges(cls, rate: float) -> tuple[Floats, Floats]:
        return np.log(rate) + np.linspace(-2, 1.5, POINTS), _between(*SHAPES)

    @classmethod
    def of(cls, first: Floats, second: Floats, rate: float) -> Gamma:
        return cls(np.exp(first), np.exp(second))

    @property
    def per_rate(self) -> Floats:
        """The gamma's rate parameter: as if so many occasions had been seen before."""
        return self.shape / self.mean

    @cached_property
    def median(self) -> Floats:
        from scipy import special

        return np.asarray(special.gammaincinv(self.shape, 0.5) / self.per_rate)

    def mass(self, counts: Floats, exposures: Floats) -> Floats:
        from scipy import special

        x, e, a, b = counts[:, None], exposures[:, None], self.shape[None], self.per_rate[None]
        ways = special.gammaln(x + a) - special.gammaln(a) - special.gammaln(x + 1)
        return np.asarray(np.exp(ways + a * np.log(b / (b + e)) + x * np.log(e / (b + e))))

    def tail(
        self, counts: Floats, exposures: Floats, others_count: float = 0.0, others_exposure: float = 0.0
    ) -> Floats:
        """`others_*` are what is known of people with the same rate: they take part in the prior."""
        from scipy import special

        x, e = counts[:, None], exposures[:, None]
        a, b = self.shape[None] + others_count, self.per_rate[None] + others_exposure
        return np.where(x <= 0, 1.0, special.betainc(np.maximum(x, _LEAST), a, e / (b + e)))


@dataclass(frozen=True)
class Lognormal:
    """Log rates that are normal, on nodes: `weights` has a row per node of `rates` and a column per grid point."""

    rates: Floats
    weights: Floats

    @classmethod
    def ranges(cls, rate: float) -> tuple[Floats, Floats]:
        return np.log(rate) + np.linspace(-3, 1, POINTS), _between(*SPREADS)

    @classmethod
    def of(cls, first: Floats, second: Floats, rate: float) -> Lognormal:
        nodes = np.log(rate) + np.linspace(-7, 6, _NODES)
        away = ((nodes[:, None] - first[None]) / np.exp(second)[None]) ** 2 / 2
        heights = np.exp(away.min(axis=0) - away)
        return cls(np.exp(nodes), heights / heights.sum(axis=0))

    def mass(self, counts: Floats, exposures: Floats) -> Floats:
        from scipy import special

        x, expected = counts[:, None], exposures[:, None] * self.rates[None]
        return np.asarray(np.exp(x * np.log(expected) - expected - special.gammaln(x + 1)) @ self.weights)

    def tail(self, counts: Floats, exposures: Floats) -> Floats:
        from scipy import special

        x, expected = counts[:, None], exposures[:, None] * self.rates[None]
        return np.asarray(np.where(x <= 0, 1.0, special.gammainc(np.maximum(x, _LEAST), expected)) @ self.weights)


def other_mass(counts: Floats, exposures: Floats) -> Floats:
    """P(count | exposure) of the other group, whose rate is exponential with mean one event per occasion."""
    return np.asarray(np.exp(counts * np.log(exposures / (1 + exposures)) - np.log1p(exposures)))


AnyFamily = TypeVar("AnyFamily", bound=Family)


@dataclass(frozen=True)
class Fitted(Generic[AnyFamily]):
    """A family and the log posterior of its grid points (rows) and of the share of the others (columns)."""

    family: AnyFamily
    log_posterior: Floats

    def likelihood(self, counts: Floats, exposures: Floats) -> Floats:
        """log P(count | exposure) per customer, grid point and share of the others."""
        honest = self.family.mass(counts, exposures)[:, :, None]
        other = other_mass(counts, exposures)[:, None, None]
        return np.asarray(np.log(np.maximum((1 - OTHERS) * honest + OTHERS * other, _LEAST)))

    def without(self, counts: Floats, exposures: Floats) -> Floats:
        """The posterior of the grid points, per customer, from everybody else."""
        left = self.log_posterior[None] - self.likelihood(counts, exposures)
        weights = np.exp(left - left.max(axis=(1, 2), keepdims=True))
        return np.asarray((weights / weights.sum(axis=(1, 2), keepdims=True)).sum(axis=2))

    @cached_property
    def posterior(self) -> Floats:
        weights = np.exp(self.log_posterior - self.log_posterior.max())
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Rate:
    """A customer's rate per occasion: posterior mean and 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class HonestRates:
    """What is known of one segment (or of several together)."""

    gamma: Fitted[Gamma]
    lognormal: Fitted[Lognormal]
    customers: int
    mean: float

    @cached_property
    def median(self) -> float:
        """The median rate of honest customers."""
        return float(self.gamma.posterior.sum(axis=1) @ self.gamma.family.median)

    def weights(self, count: float, exposure: float) -> tuple[Floats, Floats]:
        """The posteriors of the two families' grid points without a customer of that record, who is in the data.

        Without an occasion there is nothing to leave out.
        """
        x, e = np.array([count], float), np.array([max(exposure, _LEAST)], float)
        return self.gamma.without(x, e)[0], self.lognormal.without(x, e)[0]

    def chances(
        self,
        counts: Floats,
        exposures: Floats,
        weights: tuple[Floats, Floats],
        others: tuple[float, float] = (0.0, 0.0),
    ) -> Floats:
        """The chance that an honest customer has at least so many events: a p-value per record.

        `weights` are those of `weights`; `others` the events and occasions of the customer's household. The greatest
        of the chances by the gamma, by the lognormal, and by the gamma where the household shares one rate: where
        the others have the same trouble, the house may be its cause.
        """
        gamma, lognormal = self.gamma.family, self.lognormal.family
        each = [gamma.tail(counts, exposures) @ weights[0], lognormal.tail(counts, exposures) @ weights[1]]
        if others[1]:
            each.append(gamma.tail(counts, exposures, *others) @ weights[0])
        return np.asarray(np.max(each, axis=0))

    def unlike(self, counts: Floats, exposures: Floats) -> Floats:
        """The chances of many customers, each held against all the others; as `chances`, without households."""
        kinds, place = np.unique(np.stack([counts, exposures], axis=1), axis=0, return_inverse=True)
        parts = [self._unlike(kinds[at : at + _AT_ONCE]) for at in range(0, len(kinds), _AT_ONCE)]
        return np.concatenate(parts)[place.ravel()] if parts else np.empty(0)

    def _unlike(self, kinds: Floats) -> Floats:
        x, e = kinds.T
        each = [(one.without(x, e) * one.family.tail(x, e)).sum(axis=1) for one in (self.gamma, self.lognormal)]
        return np.asarray(np.max(each, axis=0))

    def above(self, count: float, exposure: float, times: float) -> float:
        """The posterior probability that the rate is above `times` the median of honest customers."""
        limit = times * self.median
        return self._posterior_tail(limit, *self._groups(count, exposure), count, exposure)

    def rate(self, count: float, exposure: float) -> Rate:
        """The customer's own rate, drawn towards the honest customers' as far as the record leaves it open."""
        honest, other = self._groups(count, exposure)
        mean = honest @ ((self.gamma.family.shape + count) / (self.gamma.family.per_rate + exposure))
        mean += other * (count + 1) / (exposure + 1)
        low, high = (self._quantile(at, honest, other, count, exposure) for at in (0.025, 0.975))
        return Rate(float(mean), low, high)

    def _groups(self, count: float, exposure: float) -> tuple[Floats, float]:
        """The posterior that the customer is honest, by grid point, and that he belongs to the other group."""
        x, e = np.array([count], float), np.array([exposure], float)
        honest = (1 - OTHERS) * self.gamma.family.mass(x, e)[0][:, None]
        other = OTHERS * other_mass(x, e)[0]
        share = honest / (honest + other)
        return (self.gamma.posterior * share).sum(axis=1), float((self.gamma.posterior * (1 - share)).sum())

    def _posterior_tail(self, limit: float, honest: Floats, other: float, count: float, exposure: float) -> float:
        from scipy import special

        family = self.gamma.family
        above = special.gammaincc(family.shape + count, limit * (family.per_rate + exposure))
        return float(honest @ above + other * special.gammaincc(count + 1, limit * (exposure + 1)))

    def _quantile(self, at: float, honest: Floats, other: float, count: float, exposure: float) -> float:
        from scipy import optimize

        most = 10 * (count + 10) / exposure

        def excess(rate: float) -> float:
            return 1 - self._posterior_tail(rate, honest, other, count, exposure) - at

        return float(optimize.brentq(excess, 0.0, most)) if excess(most) > 0 else float("nan")


def fit(counts: Floats, exposures: Floats, customers: Floats) -> HonestRates | None:
    """The honest rates behind the records; None where there is no event at all, and so no rate to compare with.

    One entry per kind of record: so many `customers` had `counts` events on `exposures` occasions (above nothing).
    """
    total = float(counts @ customers)
    if total <= 0:
        return None
    mean = total / float(exposures @ customers)
    gamma: Fitted[Gamma] = _fitted(Gamma, counts, exposures, customers, mean)
    lognormal: Fitted[Lognormal] = _fitted(Lognormal, counts, exposures, customers, mean)
    return HonestRates(gamma, lognormal, int(customers.sum()), mean)


def _fitted(kind: Any, counts: Floats, exposures: Floats, customers: Floats, mean: float) -> Fitted[Any]:
    """The posterior on a grid over the whole range, then on one with more points where that posterior lies."""
    axes = kind.ranges(mean)
    rough = _on_grid(kind, axes, counts, exposures, customers, mean)
    weights = rough.posterior.sum(axis=1)
    # The posterior is no narrower than this, however it looks on a coarse grid.
    least = 1 / float(np.sqrt(counts @ customers + 1)), 0.03
    points = (at.ravel() for at in np.meshgrid(*axes, indexing="ij"))
    finer = tuple(_finer(*of, weights) for of in zip(axes, points, least, strict=True))
    return _on_grid(kind, finer, counts, exposures, customers, mean)


def _on_grid(
    kind: Any, axes: tuple[Floats, ...], counts: Floats, exposures: Floats, customers: Floats, mean: float
) -> Fitted[Any]:
    first, second = (at.ravel() for at in np.meshgrid(*axes, indexing="ij"))
    family = kind.of(first, second, mean)
    honest, other = family.mass(counts, exposures), other_mass(counts, exposures)[:, None]
    # One share of the others at a time: all at once would be six times as large.
    columns = [customers @ np.log(np.maximum((1 - o) * honest + o * other, _LEAST)) for o in OTHERS]
    width = np.outer(np.gradient(axes[0]), np.gradient(axes[1])).ravel()
    return Fitted(family, np.stack(columns, axis=1) + np.log(width)[:, None])


def _finer(axis: Floats, values: Floats, least: float, weights: Floats) -> Floats:
    """The axis with as many points again, four standard deviations either way of the posterior's mean."""
    mean = float(weights @ values)
    spread = max(float(np.sqrt(weights @ (values - mean) ** 2)), least)
    near = np.clip(mean + np.linspace(-4, 4, POINTS) * spread, axis[0], axis[-1])
    return np.unique(np.concatenate([axis, near]))


def _between(low: float, high: float) -> Floats:
    return np.linspace(float(np.log(low)), float(np.log(high)), POINTS)


def records(counts: npt.ArrayLike, exposures: npt.ArrayLike, customers: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Records as `fit` takes them, with exposures beyond a hundred rounded to two digits, so that they stay few."""
    e = np.asarray(exposures, float)
    size = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(e, 1))) - 1, 0)
    rounded = np.where(e > 100, np.round(e / size) * size, e)
    keys, place = np.unique(np.stack([np.asarray(counts, float), rounded], axis=1), axis=0, return_inverse=True)
    together = np.bincount(place.ravel(), np.asarray(customers, float)).astype(float)
    return keys[:, 0], keys[:, 1], together
