"""What a step adds, estimated from visits in which it was left out in the ordinary course of work.

Visits with and without the step differ in other things too: who is in a hurry leaves it out. The augmented inverse
probability weighted estimate (Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994). JASA 89, 846–866) holds equal those
that are known, by a model of the score and one of who leaves the step out; it is right where either is. Both are fitted
on the other four fifths of the visits (cross-fitting: Chernozhukov, V. et al. (2018). Econometrics Journal 21, C1–C68),
and only visits that could have gone either way count (Crump, R. K., Hotz, V. J., Imbens, G. W. and Mitnik, O. A.
(2009). Biometrika 96, 187–199).

All of it works on cells of visits with equal case mix: their number, the sum of their scores and of the squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

OVERLAP = (0.05, 0.95)
"""A visit counts where the step's propensity lies in between."""
LEAST = 20
"""Fewer visits with or without the step give no estimate."""
PENALTY = 1.0
"""Ridge penalty on every coefficient but the intercept: what one visit weighs."""
_MOST_STEPS, _CLOSE = 25, 1e-8


@dataclass(frozen=True)
class Visits:
    """Cells of visits: how many, the sum of their scores and of the squares, whether the step was undertaken, the fold,
    the cluster (−1: a visit stands alone) and the case mix (one row per cell)."""

    n: Floats
    total: Floats
    squares: Floats
    taken: Bools
    fold: Ints
    cluster: Ints
    case_mix: Floats

    def of(self, chosen: Bools) -> Visits:
        """These cells alone."""
        return Visits(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pulls:
    """How each cell's visits pull at the estimate: the mean of their influence terms and the sum of the squares.

    `propensity` is the chance that the step is undertaken there; NaN where a fold could not be fitted.
    """

    mean: Floats
    squares: Floats
    propensity: Floats

    @property
    def comparable(self) -> Bools:
        """Where the visit could have gone either way."""
        return (self.propensity >= OVERLAP[0]) & (self.propensity <= OVERLAP[1])


@dataclass(frozen=True)
class Effect:
    """An estimate with its standard error, the degrees of freedom it is read with, and what it rests on."""

    value: float
    error: float
    freedom: float
    overlap: float
    effective: float

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval."""
        return self.value - self._reach

    @property
    def high(self) -> float:
        """The upper end of the 95 % interval."""
        return self.value + self._reach

    @property
    def p(self) -> float:
        """Two-sided, that there is no effect."""
        return 2 * _below(-abs(self.value) / self.error, self.freedom) if self.error > 0 else float(self.value == 0)

    def p_at_least(self, margin: float) -> float:
        """One-sided, that the effect is `margin` or more: the upper one of two one-sided tests (Schuirmann, D. J. (1987).

        J. Pharmacokinetics and Biopharmaceutics 15, 657–680).
        """
        return (
            _below((self.value - margin) / self.error, self.freedom) if self.error > 0 else float(self.value >= margin)
        )

    @property
    def _reach(self) -> float:
        from scipy import special

        return float(special.stdtrit(self.freedom, 0.975)) * self.error


def pulls(visits: Visits) -> Pulls:
    """Fit score and propensity on four folds, and read the influence terms of the fifth, for each fold in turn."""
    columns = np.column_stack([np.ones(len(visits.n)), visits.case_mix])
    taken = np.where(visits.taken, 1.0, 0.0)
    with_it, without, propensity = (np.full(len(visits.n), np.nan) for _ in range(3))
    start = _logistic(columns, taken, visits.n, np.zeros(columns.shape[1]))
    for fold in np.unique(visits.fold):
        here, there = visits.fold == fold, visits.fold != fold
        if not (visits.taken[there].any() and (~visits.taken[there]).any()):
            continue
        with_it[here] = columns[here] @ _ridge(columns, visits, there & visits.taken)
        without[here] = columns[here] @ _ridge(columns, visits, there & ~visits.taken)
        fitted = _logistic(columns[there], taken[there], visits.n[there], start)
        propensity[here] = _chance(columns[here] @ fitted)
    own = np.where(visits.taken, with_it, without)
    with np.errstate(divide="ignore"):
        weight = np.where(visits.taken, 1 / propensity, -1 / (1 - propensity))
    gap = with_it - without
    surprise = visits.total - visits.n * own
    surprises = visits.squares - 2 * own * visits.total + visits.n * own**2
    return Pulls(
        gap + weight * surprise / visits.n,
        visits.n * gap**2 + 2 * gap * weight * surprise + weight**2 * surprises,
        propensity,
    )


def effect(visits: Visits, found: Pulls, chosen: Bools) -> Effect | None:
    """The mean effect over the chosen cells' comparable visits; None where too few of either kind are among them.

    The variance is the greater of that between visits and that between clusters (employees), since one employee's
    visits are no independent witnesses; few clusters are read by Student's t with one degree less.
    """
    used = chosen & found.comparable
    n = visits.n[used]
    if min(n[visits.taken[used]].sum(), n[~visits.taken[used]].sum()) < LEAST:
        return None
    size = float(n.sum())
    mean, squares = found.mean[used], found.squares[used]
    value = float((n * mean).sum() / size)
    alone = squares - 2 * value * n * mean + n * value**2
    between_visits = float(alone.sum()) / (size * (size - 1))
    between_clusters, clusters = _clustered(visits.cluster[used], n * (mean - value), alone, n)
    error = float(np.sqrt(max(between_visits, between_clusters / size**2)))
    freedom = size - 1 if between_visits >= between_clusters / size**2 else clusters - 1
    return Effect(
        value, error, freedom, size / float(visits.n[chosen].sum()), _effective(visits.of(used), found.propensity[used])
    )


def plain_difference(visits: Visits, chosen: Bools) -> float:
    """The difference of the two means as they stand, which the case mix distorts; NaN where one side is empty."""
    sides = [chosen & visits.taken, chosen & ~visits.taken]
    with np.errstate(invalid="ignore"):
        with_it, without = (visits.total[side].sum() / np.float64(visits.n[side].sum()) for side in sides)
    return float(with_it - without)


def spread(visits: Visits) -> float:
    """The standard deviation of the scores; NaN for fewer than two visits."""
    size = float(visits.n.sum())
    if size < 2:
        return float("nan")
    mean = visits.total.sum() / size
    return float(np.sqrt(max(0.0, float(visits.squares.sum()) - size * mean**2) / (size - 1)))


def p_of_difference(effects: list[Effect]) -> float:
    """That all these effects are one: Cochran's Q (Cochran, W. G. (1954). Biometrics 10, 101–129). NaN for fewer than two."""
    from scipy import special

    known = [each for each in effects if each.error > 0]
    if len(known) < 2:
        return float("nan")
    values, weights = np.array([each.value for each in known]), np.array([each.error**-2 for each in known])
    q = float((weights * (values - np.average(values, weights=weights)) ** 2).sum())
    return float(special.chdtrc(len(known) - 1, q))


def _clustered(cluster: Ints, pull: Floats, alone: Floats, n: Floats) -> tuple[float, float]:
    """The sum of squares between clusters, corrected for their number, and that number. Single visits are clusters too."""
    single = cluster < 0
    sums = np.bincount(cluster[~single], weights=pull[~single])
    clusters = float(len(np.unique(cluster[~single])) + n[single].sum())
    if clusters < 2:
        return 0.0, clusters
    return float((sums**2).sum() + alone[single].sum()) * clusters / (clusters - 1), clusters


def _effective(used: Visits, propensity: Floats) -> float:
    """Kish's effective number of visits, both sides together: (Σ w)² ÷ Σ w²."""
    weight = np.where(used.taken, 1 / propensity, 1 / (1 - propensity))
    sides = (used.taken, ~used.taken)
    return float(sum((used.n * weight)[side].sum() ** 2 / (used.n * weight**2)[side].sum() for side in sides))


def _ridge(columns: Floats, visits: Visits, chosen: Bools) -> Floats:
    """Coefficients of the scores' linear model on the chosen cells."""
    mine = columns[chosen]
    square = (mine * visits.n[chosen, None]).T @ mine + _penalty(mine.shape[1])
    return np.asarray(np.linalg.solve(square, mine.T @ visits.total[chosen]), dtype=np.float64)


def _logistic(columns: Floats, taken: Floats, n: Floats, start: Floats) -> Floats:
    """Coefficients of the log odds that the step is undertaken, by Newton's method from `start`."""
    penalty, found = _penalty(columns.shape[1]), start
    for _ in range(_MOST_STEPS):
        chance = _chance(columns @ found)
        slope = columns.T @ (n * (taken - chance)) - penalty @ found
        curve = (columns * (n * chance * (1 - chance))[:, None]).T @ columns + penalty
        # Where the step is taken always, the intercept runs off: a hair of curvature keeps it finite.
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(found)), slope)
        found = found + np.clip(step, -5, 5)
        if np.abs(step).max() < _CLOSE:
            break
    return found


def _penalty(size: int) -> Floats:
    penalty = PENALTY * np.eye(size)
    penalty[0, 0] = 1e-9
    return penalty


def _chance(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def _below(t: float, freedom: float) -> float:
    from scipy import special

    return float(special.stdtr(freedom, t))
