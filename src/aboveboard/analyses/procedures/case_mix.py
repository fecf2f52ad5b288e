"""What employees and customers brought with them when a visit began: the case mix that a fair comparison must hold equal.

Everything is known before the step: the starting event's channel, touchpoint, team, employee, hour and text attributes,
and whether the earlier steps were undertaken. What comes after a step may be its doing, and is left alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.procedures import visits
from aboveboard.analyses.procedures.scores import CONTACTS, Measure
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes, engine_functions, local_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from aboveboard.playbook.model import Procedure

FOLDS = 5
PLACES = ("touchpoint", "channel")
"""Columns whose values are contexts; the text attributes of the starting event are contexts too."""
MOST_KEYS, MOST_VALUES, SAMPLE = 5, 12, 2_000
"""So many attributes with so many values are looked at, as seen in the starting events with the lowest ids."""
_md5 = engine_functions.unary("md5", "string", "string")


@dataclass(frozen=True)
class Mix:
    """One procedure's visits with what is known of each, on the engine.

    `table` has one row per visit: visit, fold, the columns of `covariates`. `contexts` maps each of the columns whose
    values may be contexts to what a condition calls it: a ledger column, or `attributes.<key>`.
    """

    table: Any
    covariates: tuple[str, ...]
    contexts: dict[str, str]


def with_crew(begun: Any, told: Any) -> Any:
    """The visits with team and employee of their first step event (`acts.told`) where the starting event names nobody."""
    in_turn = ibis.window(group_by=["procedure", "visit"], order_by=[told.at, told.id])
    ranked = told.mutate(place=ibis.row_number().over(in_turn))
    crews = ranked.filter(ranked.place == 0).select("procedure", "visit", crew_team="team", crew_employee="employee")
    joined = begun.left_join(crews, ["procedure", "visit"])
    filled = {name: ibis.coalesce(joined[name], joined[f"crew_{name}"]) for name in ("team", "employee")}
    return joined.mutate(**filled).select(*begun.columns)


def mix(begun: Any, procedure: Procedure, zone: ZoneInfo) -> Mix:
    """The case mix of one procedure's visits. Executes a small query: which attributes the starting events carry."""
    mine = begun.filter(begun.procedure == procedure.name)
    keys = telling_keys(mine)
    held = {f"attribute_{number}": attributes.text(mine, key) for number, key in enumerate(keys)}
    # A column of its own first: the zone's table of offsets is then written into the query once.
    timed = mine.mutate(local=local_time.local(mine.started_at, zone), **held)
    table = timed.select(
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
    named = {column: column for column in PLACES}
    named |= {f"attribute_{number}": f"attributes.{key}" for number, key in enumerate(keys)}
    return Mix(table, (*PLACES, "team", "employee", "hour", "weekend", *held), named)


def telling_keys(mine: Any) -> list[str]:
    """Keys of the starting events' `attributes` that hold a few short texts, the most often filled first.

    One that holds the keys of employees or customers is none: a context is a place or a kind, never a person.
    """
    told = mine.filter(mine.attributes.notnull()).order_by("visit").limit(SAMPLE)
    sample = ledgers.arrow(told.select("attributes", "employee", "customer"))
    values: dict[str, list[str]] = {}
    for document in sample["attributes"].to_pylist():
        for key, value in _texts(document).items():
            values.setdefault(key, []).append(value)
    people = {*sample["employee"].to_pylist(), *sample["customer"].to_pylist()}
    few = [
        key
        for key, found in values.items()
        if 2 <= len(set(found)) <= MOST_VALUES and not people & set(found) and _can_be_asked(key)
    ]
    return sorted(few, key=lambda key: (-len(values[key]), key))[:MOST_KEYS]


def scored(held: Mix, duties: Any, found: Any, procedure: Procedure, measure: Measure) -> arrays.Cells:
    """The visits that have a score, gathered into cells of equal case mix: arrays of one row per cell.

    Columns: fold, the covariates, one per step (`step_0`, …: 1 undertaken, 0 not, NaN not due or not known), visits,
    total and squares (the sums of the scores and of their squares). However many visits there are, only as many cells
    leave the engine as there are different ones.
    """
    steps = taken(duties, procedure)
    mine = found.filter(
        found.procedure == procedure.name, found.origin == measure.origin, found.measure == measure.name
    )
    joined = held.table.inner_join(steps, "visit")
    joined = joined.left_join(mine.select("visit", "score"), "visit").drop("visit_right")
    if measure.origin == CONTACTS:
        joined = joined.mutate(score=joined.score.fill_null(0.0))
    known = joined.filter(joined.score.notnull())
    oriented = known.mutate(score=known.score * float(measure.upward))
    names = ["fold", *held.covariates, *(column for column in steps.columns if column != "visit")]
    return arrays.cells(
        oriented.group_by(names)
        .aggregate(
            visits=oriented.count(),
            total=oriented.score.sum(),
            squares=(oriented.score * oriented.score).sum(),
        )
        .order_by(names)
    )


def taken(duties: Any, procedure: Procedure) -> Any:
    """One row per visit: whether each step was undertaken, as `step_0`, `step_1`, … in the playbook's order."""
    mine = duties.filter(duties.procedure == procedure.name)
    known = ibis.ifelse(mine.undertaken, 1, 0)
    columns = {
        f"step_{number}": known.max(where=mine.undertaken.notnull() & (mine.step == visits.name(procedure, step.name)))
        for number, step in enumerate(procedure.steps)
    }
    return mine.group_by("visit").aggregate(**columns)


def _fold(visit: Any) -> Any:
    """One of five by the visit's MD5: the same on every engine, and nothing to do with what happened in it."""
    digits, digest = ibis.literal("0123456789abcdef"), _md5(visit)
    number = digits.find(digest.substr(0, 1)) * 16 + digits.find(digest.substr(1, 1))
    return (number % FOLDS).cast("int64")


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
