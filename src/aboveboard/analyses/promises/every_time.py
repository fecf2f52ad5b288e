"""For how many customers was every promise kept? One late delivery among nine on time is, to that customer, not as promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np

from aboveboard.analyses.promises import counts, trend
from aboveboard.analyses.promises.tables import EVERY_TIME
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.playbook.model import Playbook

_ALL = -1


def every_time(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """Share of customers to whom every promise that ended was kept, of all and by the week in which it was made.

    An Ibis table of `tables.EVERY_TIME`, with Wilson intervals; none while no promise has ended. A customer is counted once in
    each span. The more promises somebody was made, the more could break: the share falls as they are added, and says how it
    was for customers, not how good a single promise is. `as_of` is taken for the sake of one shape.
    """
    dated = outcomes.filter(outcomes.outcome.isin([*counts.ENDED, *counts.RUNNING]))
    clocked = counts.with_clock(dated, playbook.timezone)
    # Day 4 was a Monday (1970-01-05).
    each = clocked.select(
        "outcome",
        week=((clocked.day - 4) / 7).floor().cast("int64"),
        whom=ibis.coalesce(clocked.customer, clocked.subject, clocked.event),
    )
    both = ibis.union(each, each.mutate(week=ibis.literal(_ALL, "int64")))
    customers = both.group_by(["week", "whom"]).aggregate(
        running=lambda t: counts.number(t.outcome.isin(counts.RUNNING)),
        ended=lambda t: counts.number(t.outcome.isin(counts.ENDED)),
        kept=lambda t: counts.number(t.outcome == "kept"),
    )
    spans = arrays.cells(
        customers.group_by("week").aggregate(
            running=lambda t: t.running.sum(),
            ended=lambda t: t.ended.sum(),
            kept=lambda t: t.kept.sum(),
            customers=lambda t: counts.number(t.ended > 0),
            whole=lambda t: counts.number((t.ended > 0) & (t.ended == t.kept)),
        )
    )
    return arrays.rows_to_table(EVERY_TIME, list(_rows(spans, playbook.timezone)))


def _rows(spans: arrays.Cells, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for number in np.argsort(spans["week"]):
        one = {name: int(values[number]) for name, values in spans.items()}
        if not one["customers"]:
            continue
        is_all = one["week"] == _ALL
        known = is_all or not one["running"]
        low, high = intervals.wilson(one["whole"], one["customers"]) if known else (np.nan, np.nan)
        yield {
            "span": "all" if is_all else "week",
            "period_start_at": None if is_all else trend.midnight(one["week"] * 7 + 4, zone),
            "customers_count": one["customers"],
            "whole_count": one["whole"],
            "whole_share": one["whole"] / one["customers"] if known else np.nan,
            "whole_share_low": float(low),
            "whole_share_high": float(high),
            "ended_count": one["ended"],
            "kept_count": one["kept"],
        }
