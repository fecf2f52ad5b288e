"""The first event after another: the one join that every promise and every hand-off asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis


def first_after(starts: Any, ends: Any, *, by: Sequence[str], at: str, end_at: str, name: str) -> Any:
    """Every row of `starts`, with a column `name`: the earliest `end_at` among `ends` at or after its `at`.

    `by` are the columns, of the same name in both tables, that must be equal; a row whose `by` holds an absent value
    finds nothing. `name` is absent where no end follows. Rows of `starts` are neither lost nor doubled, and an end
    may serve several starts. `at` and `end_at` are timestamps; an end at the very moment of the start counts.

    DuckDB has a join for it (ASOF); elsewhere it is the minimum over the rows that follow in the same group.
    The rows are the same.
    """
    if ibis.get_backend(starts).name == "duckdb":
        return _asof(starts, ends, by=by, at=at, end_at=end_at, name=name)
    return _window(starts, ends, by=by, at=at, end_at=end_at, name=name)


def _asof(starts: Any, ends: Any, *, by: Sequence[str], at: str, end_at: str, name: str) -> Any:
    following = ends.select(**{f"_{key}": ends[key] for key in by}, **{name: ends[end_at]})
    same = [starts[key] == following[f"_{key}"] for key in by]
    joined = starts.asof_join(following, on=starts[at] <= following[name], predicates=same)
    return joined.select(*starts.columns, name)


def _window(starts: Any, ends: Any, *, by: Sequence[str], at: str, end_at: str, name: str) -> Any:
    types = starts.schema()
    absent = {column: ibis.null(types[column]) for column in starts.columns if column not in by and column != at}
    first = starts.mutate(**{name: ibis.null(types[at]), "_order": ibis.literal(0, type="int8")})
    then = ends.filter(*[ends[key].notnull() for key in by]).select(
        *by, **{at: ends[end_at], **absent, name: ends[end_at], "_order": ibis.literal(1, type="int8")}
    )
    rows = ibis.union(first, then.select(*first.columns), distinct=False)
    # A start sorts before an end of the same moment, so that the rows that follow it hold every end it may have.
    following = ibis.window(group_by=list(by), order_by=[rows[at], rows["_order"]], preceding=0, following=None)
    found = rows.mutate(**{name: rows[name].min().over(following)})
    found = found.filter(found["_order"] == 0)
    known = ibis.and_(*[found[key].notnull() for key in by])
    return found.mutate(**{name: ibis.ifelse(known, found[name], ibis.null(types[at]))}).select(*starts.columns, name)
