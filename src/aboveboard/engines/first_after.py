"""The first event after another: the one question that every promise and every hand-off asks of an engine.

It is answered by a window that is sorted by falling time, so that every row has already seen what follows it: one pass
and one sort per group, whatever the number of starts and ends in it. Looking forward instead (a frame to the end) makes
Spark and PostgreSQL begin anew at every row; DuckDB's own ASOF join takes a third longer (see `grouping`); and a
join on equal keys alone grows with the square of a busy key. `docs/measures/speed.md` has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from aboveboard.engines import grouping


def next_times(rows: Any, *, by: Sequence[str], at: str, **conditions: Any) -> Any:
    """`rows` with one timestamp column per condition: the earliest `at`, at or after the row's own, of a row meeting it.

    Only rows with equal `by` count; rows whose `by` is absent are a group of their own, so leave out those that meet a
    condition if they are to find nothing. `conditions` are boolean expressions over `rows`; unknown counts as not met.
    The column is absent where no such row follows. A row may find itself. Rows are neither lost nor doubled.
    """
    # A RANGE frame up to the current row holds all rows of the same moment too.
    tied = grouping.cheapest(rows, by)
    seen = ibis.range_window(group_by=tied, order_by=ibis.desc(rows[at]), preceding=None, following=0)
    absent = ibis.null(rows[at].type())
    found = {name: ibis.ifelse(condition, rows[at], absent).min().over(seen) for name, condition in conditions.items()}
    return rows.mutate(**found)


def first_after(starts: Any, ends: Any, *, by: Sequence[str], at: str, end_at: str, name: str) -> Any:
    """`starts` with a column `name`: the earliest `end_at` among `ends` of equal `by`, at or after the start's `at`.

    For starts and ends that come from different tables; where both are rows of one, `next_times` reads it once.
    `by` are columns of the same names in both; a row whose `by` holds an absent value finds nothing. `name` is absent
    where no end follows. Rows of `starts` are neither lost nor doubled, and one end may serve several starts.
    """
    types = starts.schema()
    absent = {column: ibis.null(types[column]) for column in starts.columns if column not in by and column != at}
    known = ends.filter(*[ends[key].notnull() for key in by])
    then = known.select(*by, **{at: known[end_at], **absent, "_ends": True})
    rows = ibis.union(starts.mutate(_ends=False), then.select(*starts.columns, "_ends"), distinct=False)
    followed = next_times(rows, by=by, at=at, **{name: rows["_ends"]})
    return followed.filter(~followed["_ends"]).drop("_ends")
