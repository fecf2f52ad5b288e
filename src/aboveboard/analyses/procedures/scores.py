"""How a visit went for the customer: the measure that its steps' worth is counted in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.procedures import visits
from aboveboard.analyses.shared import arrays

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

LEAST = 40
"""A measure with fewer visits than this is not used."""
SURVEY, RESOLVED, CONTACTS = "survey", "resolved", "contacts"
"""Where a measure comes from, the one that says most first."""
_ENDINGS = ("resolved", "unresolved", "abandoned")


@dataclass(frozen=True)
class Measure:
    """What one procedure's visits are scored by. `upward` is 1 where more is better, −1 where less is."""

    origin: str
    name: str
    upward: int


def scores(timed: Any, begun: Any) -> Any:
    """One row per visit, origin and measure, as a query: procedure, visit, origin, measure, score.

    An event scores the latest visit on its subject that began before it (see `visits.belonging`):

    - survey: the mean of the answers to one survey measure (`survey.answered`, its `outcome`), for all touchpoints;
    - resolved: the share of the contacts (`contact.ended`) that ended resolved;
    - contacts: how many more the customer had to make (`contact.started`); visits without any have no row here.
    """
    tied = timed.filter(timed.subject.notnull())
    answers = tied.filter(tied.type == "survey.answered", tied.value.notnull(), ~tied.value.isnan())
    ended = tied.filter(tied.type == "contact.ended", tied.outcome.isin(list(_ENDINGS)))
    came = tied.filter(tied.type == "contact.started")
    told = ibis.union(
        _told(answers, SURVEY, ibis.coalesce(answers.outcome, "survey"), answers.value),
        _told(ended, RESOLVED, ibis.literal(RESOLVED), ibis.ifelse(ended.outcome == "resolved", 1.0, 0.0)),
        _told(came, CONTACTS, ibis.literal(CONTACTS), ibis.literal(1.0)),
        distinct=False,
    )
    asked = told.inner_join(begun.select("procedure", "subject").distinct(), "subject")
    held = visits.belonging(asked.select("procedure", *told.columns), begun)
    after = held.filter(held.id != held.visit)
    summed = after.group_by("procedure", "visit", "origin", "measure").aggregate(
        mean=after.score.mean(), total=after.score.sum()
    )
    score = ibis.ifelse(summed.origin == CONTACTS, summed.total, summed["mean"])
    return summed.mutate(score=score).drop("mean", "total")


def chosen(found: Any, playbook: Playbook) -> Mapping[str, Measure]:
    """The measure of each procedure that has one: of the first origin with enough visits, the one with the most."""
    counted = found.group_by("procedure", "origin", "measure").aggregate(n=found.count())
    best: dict[str, tuple[tuple[int, int, str], Measure]] = {}
    for (procedure, origin, measure), cells in arrays.groups(arrays.cells(counted), "procedure", "origin", "measure"):
        n = int(cells["n"][0])
        rank = ((SURVEY, RESOLVED, CONTACTS).index(origin), -n, measure)
        if n >= LEAST and (procedure not in best or rank < best[procedure][0]):
            best[procedure] = rank, Measure(origin, measure, _upward(origin, measure, playbook))
    return {procedure: measure for procedure, (_, measure) in best.items()}


def _told(rows: Any, origin: str, measure: Any, score: Any) -> Any:
    return rows.select("subject", "at", "id", origin=ibis.literal(origin), measure=measure, score=score.cast("float64"))


def _upward(origin: str, measure: str, playbook: Playbook) -> int:
    if origin != SURVEY:
        return -1 if origin == CONTACTS else 1
    entry = playbook.measures.get(measure)
    return -1 if entry is not None and entry.high_is in ("hard", "bad") else 1
