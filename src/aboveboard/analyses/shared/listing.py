"""Several names in one cell, in an order, on every engine."""

from __future__ import annotations

from typing import Any

import ibis

MOST = 20
"""So many names a list in a cell may hold; the counts beside it are of all."""


def listed(table: Any, *, by: str, value: str, order: list[str], joint: str, name: str) -> Any:
    """One row per `by`: its values, in order, joined into one text of at most twenty names.

    Ranks and one `max` per rank instead of an ordered list, which not every engine can join in a given order.
    """
    ranked = table.mutate(rank=ibis.row_number().over(group_by=by, order_by=[table[column] for column in order]))
    columns = {f"at_{rank}": ranked[value].max(where=ranked["rank"] == rank) for rank in range(MOST)}
    wide = ranked.filter(ranked["rank"] < MOST).group_by(by).aggregate(**columns)
    text = wide.at_0
    for rank in range(1, MOST):
        text = text + ibis.coalesce(joint + wide[f"at_{rank}"], "")
    return wide.select(by, **{name: text})
