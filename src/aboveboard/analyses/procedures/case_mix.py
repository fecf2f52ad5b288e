"""What employees and customers brought with them when a visit began: the case mix that a fair comparison must hold equal.

Everything is known before the step: the starting event's channel, touchpoint, team, employee, hour and text attributes,
and whether the earlier steps were undertaken. What comes after a step may be its doing, and is left alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from aboveboard.analyses.procedures import visits
from aboveboard.analyses.procedures.scores import CONTACTS, Measure
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes, engine_functions, local_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from aboveboard.playbook.model import Playbook

FOLDS = 5
PLACES = ("touchpoint", "channel")
"""Columns whose values are contexts; the text attributes of the starting event are contexts too."""
MOST_KEYS, MOST_VALUES, SAMPLE = 5, 12, 2_000
"""So many attributes with so many values are looked at, as seen in the starting events with the lowest ids."""
_md5 = engine_functions.unary("md5", "string", "string")


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
    keys = telling_keys(begun)
    held = {
        f"attribute_{place}": _attribute(begun, keys, place) for place in range(max(map(len, keys.values()), default=0))
    }
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
        fold=_fold(timed.visit),
    )
    places = {column: column for column in PLACES}
    named = {
        procedure: places | {f"attribute_{place}": f"attributes.{key}" for place, key in enumerate(mine)}
        for procedure, mine in keys.items()
    }
    return Mix(table, (*PLACES, "team", "employee", "hour", "weekend", *held), defaultdict(lambda: places, named))


def telling_keys(begun: Any) -> dict[str, list[str]]:
    """By procedure, keys of the starting events' `attributes` that hold a few short texts, the most often filled first.

    One that holds the keys of employees or customers is none: a context is a place or a kind, never a person. A
    procedure whose starting events carry no attributes is missing.
    """
    told = begun.filter(begun.attributes.notnull())
    ranked = told.mutate(place=ibis.row_number().over(group_by="procedure", order_by="visit"))
    sample = ranked.filter(ranked.place < SAMPLE).select("procedure", "attributes", "employee", "customer")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in ledgers.arrow(sample).to_pylist():
        rows.setdefault(row["procedure"], []).append(row)
    return {procedure: _telling(rows[procedure]) for procedure in sorted(rows)}


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


def _attribute(begun: Any, keys: Mapping[str, list[str]], place: int) -> Any:
    """The attribute that stands in this place, whose key differs by procedure."""
    branches = [
        (begun.procedure == procedure, attributes.text(begun, mine[place]))
        for procedure, mine in keys.items()
        if place < len(mine)
    ]
    return ibis.cases(*branches, else_=ibis.null("string"))


def _fold(visit: Any) -> Any:
    """One of five by the visit's MD5: the same on every engine, and nothing to do with what happened in it."""
    digits, digest = ibis.literal("0123456789abcdef"), _md5(visit)
    number = digits.find(digest.substr(0, 1)) * 16 + digits.find(digest.substr(1, 1))
    return (number % FOLDS).cast("int64")


def _telling(rows: list[dict[str, str]]) -> list[str]:
    values: dict[str, list[str]] = {}
    for row in rows:
        for key, value in _texts(row["attributes"]).items():
            values.setdefault(key, []).append(value)
    people = {row[name] for row in rows for name in ("employee", "customer")}
    few = [
        key
        for key, found in values.items()
        if 2 <= len(set(found)) <= MOST_VALUES and not people & set(found) and _can_be_asked(key)
    ]
    return sorted(few, key=lambda key: (-len(values[key]), key))[:MOST_KEYS]


def _texts(document: str) -> dict[str, str]:
    try:
        held = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    held = held if isinstance(held, dict) else {}
    return {key: value for key, value in held.items() if isinstance(value, str) and value.strip() and len(value) <= 60}


def _can_be_asked(key: str) -> bool:
    try:
        attributes.check(key)
    except attributes.AttributeKeyError:
        return False
    return True
