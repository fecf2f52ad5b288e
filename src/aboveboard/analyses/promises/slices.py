"""Where, when and for whom does a promise break? Each part of a promise's starts beside the rest of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.tables import SLICES
from aboveboard.analyses.shared import arrays, discoveries, intervals
from aboveboard.playbook.model import Playbook

CUTS = ("team", "channel", "touchpoint", "hour", "weekday", "hour_weekday")


def slices(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """Kept share by team, channel, touchpoint, and by hour, weekday and both of the start in local time.

    An Ibis table with the columns of `tables.SLICES`, ended promises only; the row `all` is the promise as a whole.
    `differs` compares a part with the rest of its promise (`discoveries.against_rest`: a score test that takes days,
    not single promises, as the independent witnesses, exact where cases are few), for parts and rests of 20 ended
    promises or more, and keeps the false-discovery rate of the whole table at 5 % (Benjamini–Hochberg). The parts of
    one promise overlap (a bad team may work the late hours): a difference says where to look, not what is to blame.
    `as_of` is taken for the sake of one shape; what has ended does not depend on it.
    """
    clocked = counts.with_clock(outcomes.filter(outcomes.outcome.isin(counts.ENDED)), playbook.timezone)
    rows = list(_rows(_days(clocked)))
    found = discoveries.benjamini_hochberg([row["p_value"] for row in rows])
    for row, differs in zip(rows, found, strict=True):
        row["differs"] = bool(differs)
    return arrays.rows_to_table(SLICES, rows)


def value_of(outcomes: Any, cut: str) -> Any:
    """The column that says which part of the cut a start belongs to, as text. Needs `counts.with_clock` for times."""
    if cut == "all":
        return ibis.literal("all")
    if cut == "hour_weekday":
        return outcomes.weekday.cast("string") + "/" + outcomes.hour.cast("string")
    return outcomes[cut].cast("string").coalesce(counts.ABSENT)


def _days(clocked: Any) -> arrays.Cells:
    """How many ended and were missed, per promise, cut, value and day. One query for all cuts."""
    cuts = (
        clocked.select("promise", "outcome", "day", slice=ibis.literal(cut), value=value_of(clocked, cut))
        for cut in ("all", *CUTS)
    )
    days = ibis.union(*cuts).group_by(["promise", "slice", "value", "day"])
    return arrays.cells(
        days.aggregate(ended=lambda t: t.count(), missed=lambda t: counts.number(t.outcome.isin(counts.MISSED)))
    )


def _rows(days: arrays.Cells) -> Iterator[dict[str, Any]]:
    """The rows, by promise, cut and value, with a `p_value` that is NaN where nothing can be compared."""
    for (promise,), cells in arrays.groups(days, "promise"):
        known, day = np.unique(cells["day"], return_inverse=True)
        parts = dict(arrays.groups(cells | {"day": day}, "slice", "value"))
        ended, missed = (_per_day(parts["all", "all"], name, len(known)) for name in ("ended", "missed"))
        for cut, value in sorted(parts, key=lambda part: ("all", *CUTS).index(part[0])):
            its_ended, its_missed = (_per_day(parts[cut, value], name, len(known)) for name in ("ended", "missed"))
            enough = counts.ENOUGH <= its_ended.sum() <= ended.sum() - counts.ENOUGH
            tested = discoveries.against_rest(its_missed, its_ended, missed, ended) if enough else (0.0, np.nan)
            shares = _shares(int(its_ended.sum()), int(its_missed.sum()))
            yield {"promise": promise, "slice": cut, "value": value, "p_value": tested[1], **shares}


def _per_day(part: arrays.Cells, name: str, days: int) -> arrays.Array:
    return np.bincount(part["day"], part[name], days)


def _shares(ended: int, missed: int) -> dict[str, Any]:
    low, high = intervals.wilson(ended - missed, ended)
    shares = {"kept_share": (ended - missed) / ended, "kept_share_low": float(low), "kept_share_high": float(high)}
    return {"ended_count": ended, "missed_count": missed, **shares}
