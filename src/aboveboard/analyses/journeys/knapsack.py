"""Which steps to take when there is time for some of them: the order by worth per day, and the best set within the time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PARTS = 4
"""Effort is counted in quarters of a day, rounded up."""


def order(worths: Sequence[float], efforts: Sequence[float]) -> list[int]:
    """The places, the greatest worth per effort first (Dantzig 1957, Operations Research 5, 266–277).

    Taken in this order until the time is used up, no other set with the same total effort is worth more.
    """
    return sorted(range(len(worths)), key=lambda at: (-worths[at] / efforts[at], efforts[at], at))


def best(worths: Sequence[float], efforts: Sequence[float], capacity: float) -> list[int]:
    """The places of the set worth most whose efforts fit into `capacity`: exact, by dynamic programming over quarters of a day.

    Kellerer, H., Pferschy, U. and Pisinger, D. (2004). Knapsack Problems, section 2.3. Of sets worth the same, the one
    whose items come first. Efforts are above nothing.
    """
    room = int(capacity * PARTS + 1e-9)
    costs = [max(1, int(np.ceil(effort * PARTS - 1e-9))) for effort in efforts]
    value = np.zeros((len(worths) + 1, room + 1))
    for at, (worth, cost) in enumerate(zip(worths, costs, strict=True)):
        value[at + 1] = value[at]
        if cost <= room:
            value[at + 1, cost:] = np.maximum(value[at, cost:], value[at, : room + 1 - cost] + worth)
    taken, left = [], room
    for at in reversed(range(len(worths))):
        if value[at + 1, left] > value[at, left]:
            taken.append(at)
            left -= costs[at]
    return taken[::-1]
