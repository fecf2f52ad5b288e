"""Which of many differences are real: a test for each, and a limit on the share of false ones among those reported."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SMALL = 5.0
"""Below this many expected cases in a cell of the 2 × 2 table the exact test takes over (Cochran 1954)."""


def benjamini_hochberg(p_values: npt.ArrayLike, *, rate: float = 0.05) -> npt.NDArray[np.bool_]:
    """True for each p-value that is a discovery at the false-discovery rate `rate`. NaN is never one, nor counted.

    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57, 289–300. It holds for
    independent tests and for positively dependent ones (Benjamini and Yekutieli 2001).
    """
    p = np.asarray(p_values, float)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    below = np.flatnonzero(p[order] <= rate * np.arange(1, len(order) + 1) / max(len(order), 1))
    found = np.zeros(p.shape, dtype=bool)
    found[order[: below[-1] + 1 if len(below) else 0]] = True
    return found


def adjusted(p_values: npt.ArrayLike) -> Floats:
    """The least rate at which `benjamini_hochberg` would call each p-value a discovery; NaN stays NaN, and is not counted.

    Yekutieli, D. and Benjamini, Y. (1999). Resampling-based false discovery rate controlling multiple test procedures.
    J. Statistical Planning and Inference 82, 171–196, definition 2.4.
    """
    p = np.asarray(p_values, float)
    tested = np.flatnonzero(~np.isnan(p))
    falling = tested[np.argsort(p[tested], kind="stable")][::-1]
    rates = p[falling] * len(falling) / np.arange(len(falling), 0, -1)
    least = np.full(p.shape, np.nan)
    least[falling] = np.minimum(np.minimum.accumulate(rates), 1.0)
    return least


def two_sided(z: float) -> float:
    """P(|Z| ≥ |z|) of the standard normal."""
    return math.erfc(abs(z) / math.sqrt(2))


def against_rest(
    missed: npt.ArrayLike, ended: npt.ArrayLike, all_missed: npt.ArrayLike, all_ended: npt.ArrayLike
) -> tuple[float, float]:
    """Does one part miss at another rate than the rest? One number per day: (z, two-sided p).

    `missed` and `ended` are the part's counts per day, `all_*` those of the whole, the part included. z is above 0
    where the part misses more. A score test of the pooled share whose variance is the greater of the binomial one and
    the one seen between days, because whole days go wrong together and cases of a day are then no independent
    witnesses: Boos, D. D. (1992). On generalized score tests. American Statistician 46, 327–333; Rao, J. N. K. and
    Scott, A. J. (1992). A simple method for the analysis of clustered binary data. Biometrics 48, 577–585.
    A spread seen between few days is itself uncertain: z is then read from Student's t with one degree less than days.
    Where fewer than 5 cases are expected in a cell, the greater of that p and Fisher's exact one stands.
    (0, 1) when there is no rest, or when nothing or everything was missed.
    """
    x, n = np.asarray(missed, float), np.asarray(ended, float)
    whole_x, whole_n = np.asarray(all_missed, float), np.asarray(all_ended, float)
    part, whole, misses = n.sum(), whole_n.sum(), whole_x.sum()
    if not 0 < part < whole or not 0 < misses < whole:
        return 0.0, 1.0
    p = misses / whole
    # One day's pull on the score: what the part missed beyond the pooled share, less its share of the whole day's.
    pulls = (x - n * p) - (part / whole) * (whole_x - whole_n * p)
    days = int(np.count_nonzero(whole_n))
    spread = float((pulls**2).sum()) - float(pulls.sum()) ** 2 / days
    between = spread * days / max(days - 1, 1)
    binomial = p * (1 - p) * part * (whole - part) / whole
    z = float((x.sum() - part * p) / math.sqrt(max(between, binomial)))
    p_value = two_sided(z if between <= binomial else _normal_of_t(z, days - 1))
    if min(part, whole - part) * min(p, 1 - p) < SMALL:
        p_value = max(p_value, fisher(int(x.sum()), int(part), int(misses), int(whole)))
    return z, p_value


def _normal_of_t(t: float, freedom: int) -> float:
    """The normal deviate with the same tail as Student's t: Wallace (1959), Ann. Math. Stat. 30, 1124–1130, eq. 7."""
    shrunk = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.copysign(shrunk, t)


def fisher(missed: int, ended: int, all_missed: int, all_ended: int) -> float:
    """Fisher's exact test that a part (`missed` of `ended`) misses as often as the rest of the whole, two-sided.

    The sum of the hypergeometric chances no greater than that of what was seen. Fisher, R. A. (1935). The logic of
    inductive inference. JRSS 98, 39–82.
    """
    lowest, highest = max(0, ended + all_missed - all_ended), min(ended, all_missed)
    logs = np.array(
        [
            _log_choose(all_missed, k) + _log_choose(all_ended - all_missed, ended - k)
            for k in range(lowest, highest + 1)
        ]
    )
    chances = np.exp(logs - _log_choose(all_ended, ended))
    # Equal chances may differ in the last digit.
    return float(min(1.0, chances[chances <= chances[missed - lowest] * (1 + 1e-7)].sum()))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
