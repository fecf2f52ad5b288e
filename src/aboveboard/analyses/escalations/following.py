"""The first event that follows another on a thread they share, with its id: by numbers, in one pass and a plain join.

A time alone (`engines.first_after`) would not say which event it was. So the ends of a thread are numbered in turn, and
a start that has n ends behind it is followed by number n + 1: equal keys on both sides, one row each.
"""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.engines import grouping


def first_following(starts: Any, ends: Any) -> Any:
    """For each start the earliest end at or after it, over all threads that the two share.

    Both have the columns `thread` (text; a start or an end may stand on several), `at` (microseconds since 1970) and
    `id`. Gives `start`, `end` (ids) and `end_at`; starts that nothing follows are left out. At one moment a start comes
    before an end; of ends at one moment the least id is the first.
    """
    rows = ibis.union(_numbered(starts, 0), _numbered(ends, 1), distinct=False)
    turn = ibis.window(
        group_by=grouping.cheapest(rows, ["thread"]),
        order_by=[rows.at, rows.is_end, rows.id],
        preceding=None,
        following=0,
    )
    counted = rows.mutate(number=rows.is_end.sum().over(turn).cast("int64"))
    first = counted.filter(counted.is_end == 0).select("thread", start="id", number=counted.number + 1)
    second = counted.filter(counted.is_end == 1).select(end_thread="thread", end="id", end_at="at", end_number="number")
    met = first.join(second, (first.thread == second.end_thread) & (first.number == second.end_number))
    earliest = ibis.window(group_by="start", order_by=[met.end_at, met.end])
    ranked = met.mutate(place=ibis.row_number().over(earliest))
    return ranked.filter(ranked.place == 0).select("start", "end", "end_at")


def _numbered(rows: Any, is_end: int) -> Any:
    # A row that stands twice on a thread counts once.
    known = rows.filter(rows.thread.notnull()).select("thread", "at", "id").distinct()
    return known.mutate(is_end=ibis.literal(is_end, type="int64"))
