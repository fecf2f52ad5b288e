"""How busy a team was when it made a promise: in quarters, from its calmest moments to its busiest."""

from __future__ import annotations

from typing import Any

import ibis


def with_load(outcomes: Any) -> Any:
    """The outcomes with an int64 column `load`: 1 (calm) – 4 (busy), relative to the same team's other moments.

    The load is how many of the same team's promises of the same name were running when this one was made; the quarters
    are those of that number within promise and team, so that a large team is not busy for being large. Equal loads
    share a quarter. A promise runs until it is met or cancelled, else until it falls due: one forgotten for ever
    does not make every later day a busy one.
    """
    loads = running(outcomes)
    rank = ibis.percent_rank().over(ibis.window(group_by=["promise", "team"], order_by="running"))
    ranked = loads.mutate(rank=rank)
    quarters = ranked.mutate(load=ibis.least((ranked["rank"] * 4).floor().cast("int64") + 1, 4))
    return quarters.select(*outcomes.columns, "load")


def running(outcomes: Any) -> Any:
    """The outcomes with `running`: how many of the same team's promises of the same name ran just before each start.

    Every promise is written down twice, where it starts (+1) and where it is over (−1); the running sum does the rest.
    What ends in the same instant as another starts no longer runs.
    """
    over = ibis.coalesce(outcomes.met_at, outcomes.cancelled_at, outcomes.due_at)
    starts = outcomes.mutate(at=outcomes.made_at, change=1)
    ends = outcomes.mutate(at=over, change=-1).filter(over.notnull())
    moves = ibis.union(starts, ends)
    so_far = ibis.cumulative_window(group_by=["promise", "team"], order_by=["at", "change", "event"])
    sums = moves.mutate(running=moves.change.sum().over(so_far) - 1)
    return sums.filter(sums.change == 1).drop("at", "change")
