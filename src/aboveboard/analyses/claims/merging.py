"""Cases that were merged into others: what was said on the one is owed on the other."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

INTO = "merged_into"
_MOST_STEPS = 50


def followed(events: Any) -> Any:
    """The events, each on the subject that its own was merged into in the end: `attributes.merged_into` of any event.

    A value without a type (`123`) takes that of the subject it stands on (`ticket:123`). Rows are neither lost nor doubled;
    where nothing was merged the events come back as they are. Executes: the few merges leave the engine.
    """
    told = events.filter(events.subject.notnull(), events.attributes.contains(f'"{INTO}"'))
    into = told.select("subject", "time", "id", into=attributes.text(told, INTO))
    rows = ledgers.arrow(into.filter(into.into.notnull()).order_by("time", "id")).to_pylist()
    merged = {row["subject"]: _typed(row["into"], row["subject"]) for row in rows}
    ends = {subject: _end(subject, merged) for subject in merged}
    if not ends:
        return events
    table = ibis.memtable(pa.table({"_from": list(ends), "_into": list(ends.values())}))
    joined = events.left_join(table, events.subject == table["_from"])
    return joined.mutate(subject=joined["_into"].coalesce(joined.subject)).select(*events.columns)


def _typed(into: str, subject: str) -> str:
    kind, colon, _ = subject.partition(":")
    return into if ":" in into or not colon else f"{kind}:{into}"


def _end(subject: str, merged: dict[str, str]) -> str:
    """Where a chain of merges ends; one that runs in a circle ends where it would begin anew."""
    seen = [subject]
    while seen[-1] in merged and len(seen) < _MOST_STEPS and merged[seen[-1]] not in seen:
        seen.append(merged[seen[-1]])
    return seen[-1]
