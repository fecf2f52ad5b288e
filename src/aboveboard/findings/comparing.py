"""Shares that findings rest on: their interval, and which parts of a whole have a greater one than the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aboveboard.analyses.shared import discoveries, intervals

ENOUGH = 20
"""Fewer cases than this are told as facts, without rates."""
OTHERS = "(others)"
"""What a finding is about that gathers those without a finding of their own."""

WILSON = "Wilson (1927), JASA 22, 209–212"
BENJAMINI_HOCHBERG = "Benjamini and Hochberg (1995), JRSS B 57, 289–300"


def interval(count: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson interval of the share `count / n`; `n` is not 0."""
    low, high = intervals.wilson(count, n)
    return float(low), float(high)


def more_than_rest(parts: Sequence[tuple[int, int]], whole: tuple[int, int] | None = None) -> list[bool]:
    """Which parts (count, of how many) have a greater share than the rest of the whole, at a false-discovery rate of 5 %.

    The whole is the parts together where none is given. A part that is small, or leaves a small rest, is not tested.
    """
    if whole is None:
        whole = sum(count for count, _ in parts), sum(n for _, n in parts)
    tests = [_against_rest(part, whole) for part in parts]
    found = discoveries.benjamini_hochberg([p for _, p in tests])
    return [bool(is_found and z > 0) for is_found, (z, _) in zip(found, tests, strict=True)]


def _against_rest(part: tuple[int, int], whole: tuple[int, int]) -> tuple[float, float]:
    (count, n), (all_count, all_n) = part, whole
    if not ENOUGH <= n <= all_n - ENOUGH:
        return 0.0, np.nan
    return discoveries.against_rest([count], [n], [all_count], [all_n])
