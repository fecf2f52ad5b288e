"""Customer keys that linkage found to be one person, as one key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import pyarrow as pa

LINKED = "linked"


def persons(links: Any) -> Any:
    """One row per customer key in a `linked` pair of the table LINKS: customer, person (the least key of the group).

    Pairs in the clerical band join nobody. Executes: links are few beside the events.
    """
    linked = links.filter(links.band == LINKED).select("left", "right").to_pyarrow().to_pylist()
    groups = grouped((pair["left"], pair["right"]) for pair in linked)
    rows = {"customer": list(groups), "person": list(groups.values())}
    return ibis.memtable(pa.table(rows, schema=pa.schema([("customer", pa.string()), ("person", pa.string())])))


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Every key in `pairs` → the least key that it hangs together with, however many pairs lie between."""
    above: dict[str, str] = {}

    def top(key: str) -> str:
        while above.setdefault(key, key) != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for left, right in pairs:
        low, high = sorted((top(left), top(right)))
        above[high] = low
    return {key: top(key) for key in sorted(above)}
