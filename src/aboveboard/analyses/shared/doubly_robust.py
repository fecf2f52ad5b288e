"""What something adds, estimated from cases with and without it in the ordinary course of work: nobody draws lots.

Cases with and without it differ in other things too. The augmented inverse probability weighted estimate (Robins, J. M.,
Rotnitzky, A. and Zhao, L. P. (1994). JASA 89, 846–866) holds equal those that are known, by a model of the score and one
of who has it; it is right where either is. Both are fitted on the other four fifths of the cases (cross-fitting:
Chernozhukov, V. et al. (2018). Econometrics Journal 21, C1–C68), and only cases that could have gone either way count
(Crump, R. K., Hotz, V. J., Imbens, G. W. and Mitnik, O. A. (2009). Biometrika 96, 187–199).

All of it works on cells of cases with equal case mix: their number, the sum of their scores and of the squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

OVERLAP = (0.05, 0.95)
"""A case counts where its propensity lies in between."""
LEAST = 20
"""Fewer cases with it or without it give no estimate."""
PENALTY = 1.0
"""Ridge penalty on every coefficient but the intercept: what one case weighs."""
_MOST_STEPS, _CLOSE = 25, 1e-8


@dataclass(frozen=True)
class Cases:
    """Cells of cases: how many, the sum of their scores and of the squares, whether they have what is studied, the fold,
    the cluster (−1: a case stands alone) and the case mix (one row per cell)."""

    n: Floats
    total: Floats
    squares: Floats
    taken: Bools
    fold: Ints
    cluster: Ints
    case_mix: Floats

    def of(self, chosen: Bools) -> Cases:
        """These cells alone."""
        return Cases(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pulls:
    """How each cell's cases pull at the estimate: the mean of their influence terms and the sum of the squares.

    `propensity` is the chance to have it there; NaN where a fold could not be fitted.
    """

    mean: Floats
    squares: Floats
    propensity: Floats

    @property
    def comparable(self) -> Bools:
        """Where the case could have gone either way."""
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


def pulls(cases: Cases) -> Pulls:
    """Fit score and propensity on four folds, and read the influence terms of the fifth, for each fold in turn."""
    with_it, without = _scored(cases, cases.taken), _scored(cases, ~cases.taken)
    chance = propensity(cases)
    own = np.where(cases.taken, with_it, without)
    with np.errstate(divide="ignore"):
        weight = np.where(cases.taken, 1 / chance, -1 / (1 - chance))
    gap = with_it - without
    surprise = cases.total - cases.n * own
    surprises = cases.squares - 2 * own * cases.total + cases.n * own**2
    return Pulls(
        gap + weight * surprise / cases.n,
        cases.n * gap**2 + 2 * gap * weight * surprise + weight**2 * surprises,
        chance,
    )


def propensity(cases: Cases) -> Floats:
    """The chance to have it in each cell, by the models of the other folds; NaN where these have one kind alone."""
    columns = np.column_stack([np.ones(len(cases.n)), cases.case_mix])
    taken, found = np.where(cases.taken, 1.0, 0.0), np.full(len(cases.n), np.nan)
    start = _logistic(columns, taken, cases.n, np.zeros(columns.shape[1]))
    for fold in np.unique(cases.fold):
        here, there = cases.fold == fold, cases.fold != fold
        if cases.taken[there].any() and (~cases.taken[there]).any():
            fitted = _logistic(columns[there], taken[there], cases.n[there], start)
            found[here] = _chance(columns[here] @ fitted)
    return found


def effect(cases: Cases, found: Pulls, chosen: Bools) -> Effect | None:
    """The mean effect over the chosen cells' comparable cases; None where too few of either kind are among them.

    The variance is the greater of that between cases and that between clusters (employees), since one employee's
    cases are no independent witnesses; few clusters are read by Student's t with one degree less.
    """
    used = chosen & found.comparable
    n = cases.n[used]
    if min(n[cases.taken[used]].sum(), n[~cases.taken[used]].sum()) < LEAST:
        return None
    size = float(n.sum())
    mean, squares = found.mean[used], found.squares[used]
    value = float((n * mean).sum() / size)
    alone = squares - 2 * value * n * mean + n * value**2
    between_cases = float(alone.sum()) / (size * (size - 1))
    between_clusters, clusters = _clustered(cases.cluster[used], n * (mean - value), alone, n)
    error = float(np.sqrt(max(between_cases, between_clusters / size**2)))
    freedom = size - 1 if between_cases >= between_clusters / size**2 else clusters - 1
    return Effect(
        value, error, freedom, size / float(cases.n[chosen].sum()), _effective(cases.of(used), found.propensity[used])
    )


def effect_on_taken(cases: Cases, chance: Floats) -> Effect | None:
    """The mean effect on the cases that have it; None where fewer than 20 of either kind are comparable.

    Those without it stand for those with it by the odds of having it (weights that sum to the number of those with it): the
    augmented estimate of the effect on the treated (Hahn, J. (1998). Econometrica 66, 315–331; Mercatanti, A. and Li, F. (2014).
    Annals of Applied Statistics 8, 2485–2508), cross-fitted as above. Only the upper end of the overlap matters: a case that
    has it needs peers, one without it may be unlike any. `overlap` is the share of those with it that have peers; `chance` is
    the `propensity`, which is one for all that is asked of the same cases.
    """
    used = chance <= OVERLAP[1]
    mine = cases.of(used)
    if min(mine.n[mine.taken].sum(), mine.n[~mine.taken].sum()) < LEAST:
        return None
    odds = chance[used] / (1 - chance[used])
    size = float(mine.n[mine.taken].sum())
    weight = np.where(mine.taken, 1.0, -odds * size / float((mine.n * odds)[~mine.taken].sum()))
    without = _scored(cases, ~cases.taken)[used]
    surprise = mine.total - mine.n * without
    value = float((weight * surprise).sum()) / size
    middle = without + np.where(mine.taken, value, 0.0)
    alone = weight**2 * (mine.squares - 2 * middle * mine.total + mine.n * middle**2)
    between_cases = float(alone.sum()) / (size * (size - 1))
    pull = weight * (mine.total - mine.n * middle)
    between_clusters, clusters = _clustered(mine.cluster, pull, alone, mine.n)
    error = float(np.sqrt(max(between_cases, between_clusters / size**2)))
    freedom = size - 1 if between_cases >= between_clusters / size**2 else clusters - 1
    peers = ~mine.taken
    effective = size + float((mine.n * odds)[peers].sum() ** 2 / (mine.n * odds**2)[peers].sum())
    return Effect(value, error, freedom, size / float(cases.n[cases.taken].sum()), effective)


def _scored(cases: Cases, like: Bools) -> Floats:
    """The score that each cell's cases would have if they were `like` these, by the models of the other folds; else NaN."""
    columns = np.column_stack([np.ones(len(cases.n)), cases.case_mix])
    found = np.full(len(cases.n), np.nan)
    for fold in np.unique(cases.fold):
        here, there = cases.fold == fold, cases.fold != fold
        if like[there].any():
            found[here] = columns[here] @ _ridge(columns, cases, there & like)
    return found


def plain_difference(cases: Cases, chosen: Bools) -> float:
    """The difference of the two means as they stand, which the case mix distorts; NaN where one side is empty."""
    sides = [chosen & cases.taken, chosen & ~cases.taken]
    with np.errstate(invalid="ignore"):
        with_it, without = (cases.total[side].sum() / np.float64(cases.n[side].sum()) for side in sides)
    return float(with_it - without)


def spread(cases: Cases) -> float:
    """The standard deviation of the scores; NaN for fewer than two cases."""
    size = float(cases.n.sum())
    if size < 2:
        return float("nan")
    mean = cases.total.sum() / size
    return float(np.sqrt(max(0.0, float(cases.squares.sum()) - size * mean**2) / (size - 1)))


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
    """The sum of squares between clusters, corrected for their number, and that number. Single cases are clusters too."""
    single = cluster < 0
    sums = np.bincount(cluster[~single], weights=pull[~single])
    clusters = float(len(np.unique(cluster[~single])) + n[single].sum())
    if clusters < 2:
        return 0.0, clusters
    return float((sums**2).sum() + alone[single].sum()) * clusters / (clusters - 1), clusters


def _effective(used: Cases, propensity: Floats) -> float:
    """Kish's effective number of cases, both sides together: (Σ w)² ÷ Σ w²."""
    weight = np.where(used.taken, 1 / propensity, 1 / (1 - propensity))
    sides = (used.taken, ~used.taken)
    return float(sum((used.n * weight)[side].sum() ** 2 / (used.n * weight**2)[side].sum() for side in sides))


def _ridge(columns: Floats, cases: Cases, chosen: Bools) -> Floats:
    """Coefficients of the scores' linear model on the chosen cells."""
    mine = columns[chosen]
    square = (mine * cases.n[chosen, None]).T @ mine + _penalty(mine.shape[1])
    return np.asarray(np.linalg.solve(square, mine.T @ cases.total[chosen]), dtype=np.float64)


def _logistic(columns: Floats, taken: Floats, n: Floats, start: Floats) -> Floats:
    """Coefficients of the log odds to have it, by Newton's method from `start`."""
    penalty, found = _penalty(columns.shape[1]), start
    for _ in range(_MOST_STEPS):
        chance = _chance(columns @ found)
        slope = columns.T @ (n * (taken - chance)) - penalty @ found
        curve = (columns * (n * chance * (1 - chance))[:, None]).T @ columns + penalty
        # Where it is had always, the intercept runs off: a hair of curvature keeps it finite.
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
