"""What employees and customers brought with them when a visit began: the case mix that a fair comparison must hold equal.

Everything is known before the step: the starting event's channel, touchpoint, team, employee, hour and text attributes,
and whether the earlier steps were undertaken. What comes after a step may be its doing, and is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from aboveboard.analyses.procedures import visits
from aboveboard.analyses.procedures.scores import CONTACTS, Measure
from aboveboard.analyses.shared import arrays, buckets, telling
from aboveboard.ledger import local_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from aboveboard.playbook.model import Playbook

FOLDS = 5
PLACES = ("touchpoint", "channel")
"""Columns whose values are contexts; the text attributes of the starting event are contexts too."""


@dataclass(frozen=True)
class Mix:
    """All visits with what is known of each, on the engine.

    `table` has one row per procedure and visit: procedure, visit, fold and the columns of `covariates`. `contexts` maps, for
    each procedure, the columns whose values may be contexts to what a condition calls them: a ledger column, or
    `attributes.<key>`. Procedures share the columns `attribute_0`, …: each has its own keys in them.
    """

    table: Any
    covariates: tuple[str, ...]
    contexts: Mapping[str, Mapping[str, str]]


def with_crew(begun: Any, told: Any) -> Any:
    """The visits with team and employee of their first step event (`acts.told`) where the starting event names nobody."""
    in_turn = ibis.window(group_by=["procedure", "visit"], order_by=[told.at, told.id])
    ranked = told.mutate(place=ibis.row_number().over(in_turn))
    crews = ranked.filter(ranked.place == 0).select("procedure", "visit", crew_team="team", crew_employee="employee")
    joined = begun.left_join(crews, ["procedure", "visit"])
    filled = {name: ibis.coalesce(joined[name], joined[f"crew_{name}"]) for name in ("team", "employee")}
    return joined.mutate(**filled).select(*begun.columns)


def mix(begun: Any, zone: ZoneInfo) -> Mix:
    """The case mix of the visits. Executes a small query: which attributes the starting events carry."""
    keys = telling.keys(begun, by="procedure", order="visit")
    held = {name: telling.attribute(begun, keys, place, by="procedure") for name, place in telling.places(keys)}
    # A column of its own first: the zone's table of offsets is then written into the query once.
    timed = begun.mutate(local=local_time.local(begun.started_at, zone), **held)
    table = timed.select(
        "procedure",
        "visit",
        *PLACES,
        "team",
        "employee",
        *held,
        hour=(timed.local % 86_400 // 3600).cast("string"),
        # Day 0 of the count is a Thursday.
        weekend=((timed.local // 86_400 + 3) % 7 >= 5).cast("string"),
        fold=buckets.bucket(timed.visit) % FOLDS,
    )
    places = {column: column for column in PLACES}
    named = {
        procedure: places | {f"attribute_{place}": f"attributes.{key}" for place, key in enumerate(mine)}
        for procedure, mine in keys.items()
    }
    return Mix(table, (*PLACES, "team", "employee", "hour", "weekend", *held), defaultdict(lambda: places, named))


def scored(held: Mix, steps: Any, found: Any, measures: Mapping[str, Measure]) -> arrays.Cells:
    """The visits that have a score, gathered into cells of equal case mix: arrays of one row per cell.

    `steps` is what `taken` gives, `found` what `scores.scores` gives, `measures` says which of them count. Columns:
    procedure, fold, the covariates, one per step (`step_0`, …: 1 undertaken, 0 not, NaN not due or not known), visits, total
    and squares (the sums of the scores and of their squares). However many visits there are, only as many cells leave the
    engine as there are different ones.
    """
    rows = [
        {"procedure": procedure, "origin": one.origin, "measure": one.name, "upward": float(one.upward)}
        for procedure, one in measures.items()
    ]
    chosen = ibis.memtable(pa.Table.from_pylist(rows))
    key = ["procedure", "visit"]
    wanted = held.table.inner_join(chosen, "procedure").inner_join(steps, key)
    mine = found.inner_join(chosen.view().select("procedure", "origin", "measure"), ["procedure", "origin", "measure"])
    joined = wanted.left_join(mine.select(*key, "score"), key)
    none = ibis.ifelse(joined.origin == CONTACTS, 0.0, ibis.null("float64"))
    full = joined.mutate(score=ibis.coalesce(joined.score, none) * joined.upward)
    known = full.filter(full.score.notnull())
    names = ["procedure", "fold", *held.covariates, *(name for name in known.columns if name.startswith("step_"))]
    sums = {"total": known.score.sum(), "squares": (known.score * known.score).sum()}
    return arrays.cells(known.group_by(names).aggregate(visits=known.count(), **sums).order_by(names))


def taken(duties: Any, playbook: Playbook) -> Any:
    """One row per procedure and visit: whether each step was undertaken, as `step_0`, `step_1`, … in the playbook's order."""
    known = ibis.ifelse(duties.undertaken, 1, 0)
    columns = {}
    for place in range(max(len(procedure.steps) for procedure in playbook.procedures.values())):
        named = [
            visits.name(each, each.steps[place].name)
            for each in playbook.procedures.values()
            if place < len(each.steps)
        ]
        columns[f"step_{place}"] = known.max(where=duties.undertaken.notnull() & duties.step.isin(named))
    return duties.group_by("procedure", "visit").aggregate(**columns)
