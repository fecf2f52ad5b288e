"""How promises are counted: the engine groups the outcomes into small cells, numpy does the rest."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.engines import ledgers
from aboveboard.ledger import local_time

QUARTER = 900
"""Seconds in a quarter of an hour."""
DAY = 86_400
"""Seconds in a day of the wall clock."""
ENDED = ("kept", "late", "broken")
MISSED = ("late", "broken")
RUNNING = ("open", "at risk")
ENOUGH = 20
"""Fewer ended promises than this, and no share of them is judged."""
ABSENT = "(none)"
"""Stands for the value of a slice where the starting event does not say."""


def number(condition: Any) -> Any:
    """How many rows hold `condition`: an int64 aggregate, 0 where none does."""
    return condition.ifelse(1, 0).sum().coalesce(0).cast("int64")


def seconds(minutes: Any, *, digits: int) -> Any:
    """Minutes as whole seconds with `digits` significant digits, rounded up: int64, so that cells stay few.

    A duration of 10,750 seconds with three digits is 10,800; the error is below one part in 10^(digits − 1), and
    always on the side that promises less. Integers only, so that engines agree. Rounding up holds below zero too.
    """
    exact = (minutes * 60).ceil().cast("int64")
    size = exact.abs()
    step = ibis.cases(*((size < 10**power, 10 ** (power - digits)) for power in range(digits + 1, 10)), else_=10**6)
    step = ibis.ifelse(size < 10**digits, 1, step)
    return -((-exact).cast("float64") / step).floor().cast("int64") * step


def with_clock(outcomes: Any, zone: ZoneInfo) -> Any:
    """The outcomes with what the organisation's clocks showed at the start.

    Adds int64 columns: `day` (local days since 1970-01-01), `slot` (quarter hour of the day, 0–95), `hour` (0–23) and
    `weekday` (1 Monday – 7).
    """
    shown = local_time.local(outcomes.made_at, zone, *years(outcomes))
    day = whole(shown, DAY)
    slot = whole(shown - day * DAY, QUARTER)
    # 1970-01-01 was a Thursday.
    return outcomes.mutate(day=day, slot=slot, hour=whole(slot, 4), weekday=(day + 3) % 7 + 1)


def years(outcomes: Any) -> tuple[int, int]:
    """The first and the last year in which a promise was made: the fewer years, the quicker local time is found."""
    edges = ledgers.arrow(outcomes.aggregate(first=outcomes.made_at.min(), last=outcomes.made_at.max())).to_pylist()[0]
    return (1970, 1970) if edges["first"] is None else (edges["first"].year - 1, edges["last"].year + 1)


def whole(value: Any, divisor: int) -> Any:
    """`value` divided by `divisor`, rounded down: int64 on every engine (`//` is not the same on all)."""
    return (value / divisor).floor().cast("int64")
