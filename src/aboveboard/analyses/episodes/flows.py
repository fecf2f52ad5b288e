"""Between whom does work go, how long does it wait there, and how much of it is lost?"""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.analyses.episodes.tables import FLOWS
from aboveboard.analyses.shared.shares import share, wilson

_PAIR = ("between", "sender", "receiver")


def flows(handoffs: Any) -> Any:
    """Sum the hand-offs up by who gave to whom: table FLOWS (see `tables`), as a query.

    The median and the 90th percentile of the waiting are nearest-rank quantiles of the hand-offs received: the
    ⌈q·n⌉-th shortest wait, a wait that really happened, and the same on every engine (Hyndman, R. J., and Fan, Y.
    (1996). Sample quantiles in statistical packages. The American Statistician 50, 361–365, definition 1).
    Both are absent where nothing was received.
    """
    grouped = handoffs.group_by(*_PAIR).aggregate(
        handoffs_count=handoffs.count(),
        subjects_count=handoffs.subject.nunique(),
        told_count=(handoffs.basis == "told").ifelse(1, 0).sum().cast("int64"),
        lost_count=handoffs.lost.ifelse(1, 0).sum().cast("int64"),
        returned_count=handoffs.returned.ifelse(1, 0).sum().cast("int64"),
    )
    low, high = wilson(grouped.lost_count, grouped.told_count)
    shares = grouped.mutate(
        lost_share=share(grouped.lost_count, grouped.told_count), lost_share_low=low, lost_share_high=high
    )
    # Joined with a key that is never absent: the receiver may be, and NULL equals nothing.
    keyed, waits = _keyed(shares), _keyed(_waits(handoffs))
    joined = keyed.left_join(waits, "pair")
    return joined.select(*(keyed[name] if name in keyed.columns else waits[name] for name in FLOWS.columns))


def _waits(handoffs: Any) -> Any:
    received = handoffs.filter(handoffs.received_at.notnull())
    ranked = received.mutate(
        place=ibis.row_number().over(group_by=_PAIR, order_by=received.waiting_minutes) + 1,
        n=received.count().over(group_by=_PAIR),
    )
    return ranked.group_by(*_PAIR).aggregate(
        waiting_minutes_median=ranked.waiting_minutes.max(where=ranked.place == (ranked.n + 1) // 2),
        waiting_minutes_p90=ranked.waiting_minutes.max(where=ranked.place == (9 * ranked.n + 9) // 10),
    )


def _keyed(table: Any) -> Any:
    """A text that tells the pairs apart: each part says how long it is, so that no two pairs read the same."""
    parts = [ibis.coalesce(table[name].length().cast("string") + ":" + table[name], "-") for name in _PAIR]
    return table.mutate(pair=parts[0] + parts[1] + parts[2])
