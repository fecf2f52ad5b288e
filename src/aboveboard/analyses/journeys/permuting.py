"""Does a driver add anything that the others do not? A permutation test of what it adds when it enters last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TIMES = 999
_SEED = 4_7


def p_values(rows: Floats, *, times: int = TIMES) -> Floats:
    """From cases one by one (drivers, then the outcome): the p-value of each driver, two-sided.

    The residuals of the outcome on all other drivers are shuffled: Freedman, D. and Lane, D. (1983). A nonstochastic
    interpretation of reported significance levels. J. Business & Economic Statistics 1, 292–298. The statistic is the
    squared partial correlation.
    """
    rng = np.random.default_rng(_SEED)
    outcome, drivers = rows[:, -1], rows[:, :-1]
    return np.array([_one(drivers, outcome, place, rng, times) for place in range(drivers.shape[1])])


def approximated(covariance: Floats, n: float) -> Floats:
    """The same from the covariance matrix alone, for many cases.

    The first moments of the permutation distribution of a squared correlation are those of a Beta(½, (n − 2) ÷ 2) (Pitman, E. J. G.
    (1937). Significance tests which may be applied to samples from any populations. II. JRSS Supplement 4, 225–232); each of
    the other drivers takes one degree. `n` is the number of customers where they come more than once.
    """
    from scipy import special

    p = covariance.shape[0] - 1
    freedom = max(n - p - 1, 1.0)
    precision = np.linalg.pinv(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        partial = precision[:-1, -1] ** 2 / (np.diagonal(precision)[:-1] * precision[-1, -1])
    return np.asarray(1 - special.betainc(0.5, freedom / 2, np.clip(partial, 0, 1)), float)


def _one(drivers: Floats, outcome: Floats, place: int, rng: np.random.Generator, times: int) -> float:
    others = np.column_stack([np.ones(len(outcome)), np.delete(drivers, place, axis=1)])
    span, _ = np.linalg.qr(others)
    of_driver = drivers[:, place] - span @ (span.T @ drivers[:, place])
    left = outcome - span @ (span.T @ outcome)
    if not of_driver @ of_driver > 1e-12 * len(outcome):
        return float("nan")
    seen = _squared(of_driver, left, span)
    beaten = sum(_squared(of_driver, rng.permutation(left), span) >= seen * (1 - 1e-12) for _ in range(times))
    return (beaten + 1) / (times + 1)


def _squared(of_driver: Floats, left: Floats, span: Floats) -> float:
    """The squared correlation of the driver's residuals with what the others leave of `left`."""
    room = float(left @ left - ((span.T @ left) ** 2).sum())
    return float(of_driver @ left) ** 2 / (float(of_driver @ of_driver) * room) if room > 0 else 0.0
