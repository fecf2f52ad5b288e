"""How near to perfect was each journey? The customers' answers at its touchpoints, one score, and what cost the points."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.journeys.answers import answers
from aboveboard.analyses.journeys.tables import JOURNEYS
from aboveboard.analyses.shared.listing import listed
from aboveboard.playbook.model import Playbook

_KEY = ["subject", "measure"]


def journeys(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per subject and measure with a rated touchpoint: table JOURNEYS (see `tables`).

    Each touchpoint counts once, whatever number of answers it has (their mean); the score is the mean of the
    touchpoints, as parts of the scale, times 100. No weights: to weigh touchpoints is to say that a customer's word counts
    more at one counter than at another.
    """
    rated = answers(events, playbook, as_of=as_of)
    rated = rated.filter(rated.subject.notnull())
    points = rated.group_by([*_KEY, "touchpoint"]).aggregate(
        quality=rated.quality.mean(),
        answers=rated.count(),
        customer=rated.customer.min(),
        first_at=rated.time.min(),
        last_at=rated.time.max(),
    )
    # One key of one column, for names are listed by one column; the separator cannot stand in a measure's name.
    points = points.mutate(one=points.measure + "\n" + points.subject, is_best=points.quality == 1)
    whole = points.group_by(["one", *_KEY]).aggregate(
        customer=points.customer.min(),
        first_at=points.first_at.min(),
        last_at=points.last_at.max(),
        answers_count=points.answers.sum().cast("int64"),
        touchpoints_count=points.count(),
        score=points.quality.mean() * 100,
        excellent_count=points.is_best.ifelse(1, 0).sum().cast("int64"),
        **_in_each(points, playbook),
    )
    whole = whole.mutate(
        points_lost=100 - whole.score,
        blemishes_count=whole.touchpoints_count - whole.excellent_count,
        journey=_journey(whole, playbook),
    )
    return _with_names(whole, points).select(*JOURNEYS.columns)


def _in_each(points: Any, playbook: Playbook) -> dict[str, Any]:
    """How many of the touchpoints rated belong to each journey of the playbook."""
    return {
        f"in_{number}": points.touchpoint.isin(list(touchpoints)).ifelse(1, 0).sum().cast("int64")
        for number, touchpoints in enumerate(playbook.journeys.values())
        if touchpoints
    }


def _journey(whole: Any, playbook: Playbook) -> Any:
    """The first journey that holds all the touchpoints rated."""
    cases = [
        (whole[f"in_{number}"] == whole.touchpoints_count, name)
        for number, (name, touchpoints) in enumerate(playbook.journeys.items())
        if touchpoints
    ]
    return ibis.cases(*cases, else_=ibis.null("string")) if cases else ibis.null("string")


def _with_names(whole: Any, points: Any) -> Any:
    how = {"by": "one", "value": "touchpoint", "joint": ", "}
    worst = listed(points.filter(~points.is_best), order=["quality", "touchpoint"], name="blemishes", **how)
    best = listed(points.filter(points.is_best), order=["touchpoint"], name="excellent", **how)
    named = whole.left_join(worst, "one").select(*whole.columns, "blemishes")
    return named.left_join(best, "one").select(*named.columns, "excellent")
