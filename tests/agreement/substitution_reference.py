"""The substitution test in plain Python: every breakdown against every other contact, in two loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
Z = 1.959963984540054
SITUATION = ("touchpoint", "situation", "channel", "product")
LEVELS = (
    (*SITUATION, "team", "hour"),
    (*SITUATION, "team"),
    SITUATION,
    ("touchpoint", "situation", "channel"),
    ("touchpoint", "situation"),
)


def cases(contacts: Sequence[Row]) -> dict[str, Row]:
    """By event: contacts, peers, same, share, low and high of the breakdowns that have twenty others; the rest have None."""
    found = {}
    for one in contacts:
        if one["employee"] and one["outcome"] != "resolved":
            found[one["id"]] = next((row for keys in LEVELS if (row := _compared(one, contacts, keys))), None)
    return found


def _compared(one: Row, contacts: Sequence[Row], keys: Sequence[str]) -> Row | None:
    if not any(one[key] for key in keys if key in SITUATION):
        return None
    others: dict[str, list[int]] = {}
    for other in contacts:
        if other["employee"] and other["employee"] != one["employee"] and all(other[key] == one[key] for key in keys):
            tally = others.setdefault(other["employee"], [0, 0])
            tally[0] += 1
            tally[1] += other["outcome"] != "resolved"
    if len(others) < 20:
        return None
    n, missed = (sum(tally[place] for tally in others.values()) for place in (0, 1))
    share, many = missed / n, len(others)
    clustered = sum((m - share * k) ** 2 for k, m in others.values()) * many / (many - 1) / n**2
    error = max(clustered, share * (1 - share) / n)
    worth = share * (1 - share) / error if error > 0 else 20.0
    middle, scale = share + Z**2 / (2 * worth), 1 + Z**2 / worth
    reach = Z * math.sqrt(share * (1 - share) / worth + Z**2 / (4 * worth**2))
    return {
        "contacts_count": n,
        "peers_count": many,
        "same_count": missed,
        "same_share": share,
        "same_share_low": (middle - reach) / scale,
        "same_share_high": (middle + reach) / scale,
    }
