"""Intervals for shares and for the difference of two shares, over numbers or whole columns of them.

Every function takes counts (numbers or arrays of one shape) and gives float64 of that shape. Where nothing was
counted (n = 0) the answer is NaN: nothing is known, and nothing is made up.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.ArrayLike
Floats = npt.NDArray[np.float64]

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: both ends of a 95 % interval lie this many standard errors out."""


def share(count: Numbers, n: Numbers) -> Floats:
    """`count / n`, NaN where n is 0."""
    counts, ns = np.asarray(count, float), np.asarray(n, float)
    known: Floats = np.full(np.broadcast(counts, ns).shape, np.nan)
    np.divide(counts, ns, out=known, where=ns > 0)
    return known


def wilson(count: Numbers, n: Numbers, *, z: float = Z95) -> tuple[Floats, Floats]:
    """The Wilson score interval of the share `count / n`: (low, high).

    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209–212.
    No continuity correction. `count` and `n` may be fractions: an effective number of cases is as good.
    """
    p, ns = share(count, n), np.asarray(n, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = p + z * z / (2 * ns)
        reach = z * np.sqrt(p * (1 - p) / ns + z * z / (4 * ns * ns))
        scale = 1 + z * z / ns
        # Where the count is 0 or n the interval ends there; rounding would leave it a hair off, or outside 0–1.
        return np.where(p == 0, 0.0, (middle - reach) / scale), np.where(p == 1, 1.0, (middle + reach) / scale)


def newcombe(
    count: Numbers, n: Numbers, other_count: Numbers, other_n: Numbers, *, z: float = Z95
) -> tuple[Floats, Floats, Floats]:
    """The difference of two independent shares, first − other, and its interval: (difference, low, high).

    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine 17, 873–890, method 10 (the squares of two Wilson intervals).
    """
    p, q = share(count, n), share(other_count, other_n)
    (p_low, p_high), (q_low, q_high) = wilson(count, n, z=z), wilson(other_count, other_n, z=z)
    below = np.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = np.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q, p - q - below, p - q + above
