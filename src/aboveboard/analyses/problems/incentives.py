"""Does it go wrong more often on days on which a team does more of what it is paid for?

The promise and the pay may both hang on a third thing, a busy Saturday; each team is set against itself, which holds the
team equal and not the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aboveboard.analyses.problems import clock
from aboveboard.analyses.problems.clusters import Clusters
from aboveboard.analyses.problems.regions import Stratum
from aboveboard.analyses.shared import arrays

if TYPE_CHECKING:
    from aboveboard.playbook.model import Incentive, Playbook


@dataclass(frozen=True)
class Exposure:
    """Occasions and breakdowns of one kind and rule on the days with more, and with no more, than the team's median."""

    stratum: Stratum
    incentive: str
    high_n: int
    high_broken: int
    low_n: int
    low_broken: int


def exposures(timed_events: Any, found: Clusters, playbook: Playbook) -> list[Exposure]:
    """One per incentive of the playbook and kind and rule that has a problem; one query per incentive."""
    strata = {each.lead.region.stratum for each in found.problems if each.lead}
    return [
        one
        for incentive in playbook.incentives.values()
        for one in _of(incentive, timed_events, found, playbook, strata)
    ]


def _of(
    incentive: Incentive, timed_events: Any, found: Clusters, playbook: Playbook, strata: set[Stratum]
) -> list[Exposure]:
    paying = timed_events.filter(
        incentive.condition.to_ibis(timed_events).fill_null(False), timed_events.team.notnull()
    )
    by_day, _ = clock.with_clock(paying.mutate(at=paying.time), playbook.timezone)
    if "day" not in by_day.columns:
        return []
    per_day = by_day.group_by(its_team="team", its_day="day").aggregate(paid=by_day.count())
    lines = found.timed.filter(found.timed.team.notnull())
    joined = lines.left_join(per_day, [lines.team == per_day.its_team, lines.day == per_day.its_day])
    counted = joined.mutate(paid=joined.paid.fill_null(0).cast("int64")).group_by(["kind", "rule", "team", "paid"])
    cells = arrays.cells(
        counted.aggregate(
            n=lambda t: t.count().cast("int64"), broken=lambda t: t.broken.ifelse(1, 0).sum().cast("int64")
        )
    )
    grouped: dict[Stratum, list[arrays.Cells]] = {}
    for (kind, rule, _), each in arrays.groups(cells, "kind", "rule", "team"):
        if (kind, rule) in strata and each["paid"].any():
            grouped.setdefault((kind, rule), []).append(each)
    return [_split(stratum, incentive.name, teams) for stratum, teams in grouped.items()]


def _split(stratum: Stratum, name: str, teams: list[arrays.Cells]) -> Exposure:
    sums = np.zeros(4, dtype=np.int64)
    for cells in teams:
        order = np.argsort(cells["paid"])
        n, paid = cells["n"][order], cells["paid"][order]
        middle = paid[int(np.searchsorted(np.cumsum(n), n.sum() / 2))]
        for place, which in enumerate((cells["paid"] > middle, cells["paid"] <= middle)):
            sums[2 * place : 2 * place + 2] += (int(cells["n"][which].sum()), int(cells["broken"][which].sum()))
    return Exposure(stratum, name, *(int(each) for each in sums))
