"""How often does asking higher up change anything, and how long does it take? Over all, by team and by policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.escalations.tables import SUMMARY
from aboveboard.analyses.shared import arrays, horizon, intervals, survival
from aboveboard.ledger import epochs

SLICES = ("team", "policy")
ALL = "all"


def summary(escalations: Any, *, as_of: datetime) -> Any:
    """Counts, shares and latency of each slice: an Ibis table with the columns of `tables.SUMMARY`.

    `escalations` is the table of `escalations.escalations`. Without any escalation the table is empty. The engine
    counts; the intervals and the Kaplan–Meier curve are worked out on its counts.
    """
    sliced = _sliced(escalations)
    waits = dict(arrays.groups(arrays.cells(_waits(sliced, as_of)), "slice", "value"))
    rows = arrays.groups(arrays.cells(_counts(sliced)), "slice", "value")
    return arrays.rows_to_table(SUMMARY, (_row(key, counted, waits[key]) for key, counted in rows))


def _sliced(escalations: Any) -> Any:
    """The escalations once per slice that they stand in."""
    carried = ("opened_at", "decided_at", "climbed", "ending", "theatre", "needless")
    parts = [escalations.mutate(slice=ibis.literal(ALL), value=ibis.literal(ALL)).select("slice", "value", *carried)]
    for name in SLICES:
        known = escalations.filter(escalations[name].notnull())
        parts.append(known.mutate(slice=ibis.literal(name), value=known[name]).select("slice", "value", *carried))
    nullable = parts[0].cast({"slice": "string", "value": "string"})
    return ibis.union(nullable, *parts[1:], distinct=False)


def _number(condition: Any) -> Any:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().coalesce(0).cast("int64")


def _counts(sliced: Any) -> Any:
    return sliced.group_by("slice", "value").aggregate(
        opened_count=sliced.count(),
        decided_count=_number(sliced.decided_at.notnull()),
        climbed_count=_number(sliced.climbed),
        judged_count=_number(sliced.theatre.notnull()),
        changed_count=_number(sliced.ending == "changed"),
        theatre_count=_number(sliced.theatre),
        told_no_count=_number(sliced.theatre & (sliced.ending == "told no")),
        undecided_count=_number(sliced.theatre & (sliced.ending == "undecided")),
        needless_known_count=_number(sliced.needless.notnull()),
        needless_count=_number(sliced.needless),
    )


def _waits(sliced: Any, as_of: datetime) -> Any:
    """How many waited how long, in whole seconds, and whether that was until the decision or is still going on."""
    opened, end = epochs.seconds(sliced.opened_at), horizon.micros(as_of) // epochs.SECOND
    decided = sliced.decided_at.notnull()
    waited = ibis.ifelse(decided, epochs.seconds(sliced.decided_at), end) - opened
    return sliced.group_by("slice", "value", waited=waited.cast("int64"), decided=decided).aggregate(
        count=sliced.count()
    )


def _row(key: tuple[Any, ...], counted: arrays.Cells, waits: arrays.Cells) -> Mapping[str, Any]:
    row: dict[str, Any] = {"slice": key[0], "value": key[1]}
    row |= {name: int(values[0]) for name, values in counted.items() if name.endswith("_count")}
    row |= _share("theatre_share", row["theatre_count"], row["judged_count"])
    row |= _share("needless_share", row["needless_count"], row["needless_known_count"])
    decided = waits["decided"].astype(bool)
    curve = survival.curve(waits["waited"] / 60, waits["count"] * decided, waits["count"] * ~decided)
    row |= arrays.estimate_columns("latency_minutes_median", curve.quantile(0.5))
    return row | {"latency_minutes_p90": curve.quantile(0.9).value}


def _share(name: str, count: int, n: int) -> dict[str, Any]:
    low, high = intervals.wilson(count, n)
    share = count / n if n else np.nan
    return {name: share, f"{name}_low": float(low), f"{name}_high": float(high)}
