"""The Wilson interval of a share as an expression of the query, so that a table of shares needs no trip to numpy."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.analyses.shared.intervals import Z95


def share(count: Any, n: Any) -> Any:
    """`count / n` (both integer columns); absent where n is 0."""
    return count.cast("float64") / n.nullif(0).cast("float64")


def wilson(count: Any, n: Any) -> tuple[Any, Any]:
    """The 95 % Wilson score interval of `count / n` (both integer columns): (low, high); absent where n is 0.

    The formula and its source are those of `analyses.shared.intervals.wilson`, which the tests hold it to.
    """
    ns = n.nullif(0).cast("float64")
    p = share(count, n)
    middle = p + Z95**2 / (2 * ns)
    reach = Z95 * (p * (1 - p) / ns + Z95**2 / (4 * ns * ns)).sqrt()
    scale = 1 + Z95**2 / ns
    low, high = (middle - reach) / scale, (middle + reach) / scale
    # Rounding may leave −1e-17 where the count is 0 or n. An engine's least() may skip absent values: ask first.
    return _within(low, ns), _within(high, ns)


def _within(share: Any, n: Any) -> Any:
    clipped = ibis.least(ibis.greatest(share, 0.0), 1.0)
    return ibis.ifelse(n.isnull(), ibis.null("float64"), clipped)
