"""What each employee's contacts would have come to whoever had served, day by day.

The expected share of a contact is that of the model of `resolved` with everything but the employee: the effects of rule, channel,
product, touchpoint, situation, hour and team, in the crossed random effects fit in which employees have effects of their own, so
that a product is not blamed for who sells it. The engine looks the effects up and adds; what comes back is one row per employee,
team and day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.attribution import components
from aboveboard.analyses.attribution.modelling import JOINT, Model
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.analyses.shared.arrays import Array, Cells
from aboveboard.playbook.model import Playbook

RESOLVED = "resolved"


def days(events: Any, model: Model | None, playbook: Playbook, *, as_of: datetime | None) -> Cells:
    """Columns employee, team ("" where absent), day (of the organisation's calendar, since 1970), n, good, expected, spread.

    `expected` is the sum of the expected shares, `spread` of their variances p(1 − p). `model` is that of `resolved`, or None
    where there were too few contacts for one: then every contact is expected to end as all do.
    """
    contacts = ended(events, playbook, as_of=as_of)
    odds, effects = _added(model)
    looked_up = contacts.mutate(odds=ibis.literal(odds, type="float64"))
    for name, levels in effects.items():
        looked_up = _with(looked_up, name, levels)
    share = 1 / (1 + (-looked_up.odds).exp())
    chosen = looked_up.filter(looked_up.employee.notnull()).mutate(share=share)
    table = chosen.group_by("employee", team=chosen.team.fill_null(""), day=chosen.day).aggregate(
        n=chosen.y.count(),
        good=chosen.y.sum(),
        expected=chosen.share.sum(),
        spread=(chosen.share * (1 - chosen.share)).sum(),
    )
    found = arrays.cells(table)
    order = np.lexsort([found["day"], found["team"].astype(str), found["employee"].astype(str)])
    sorted_cells = {name: column[order] for name, column in found.items()}
    return _floats(sorted_cells) if model is not None else _alike(_floats(sorted_cells))


def ended(events: Any, playbook: Playbook, *, as_of: datetime | None) -> Any:
    """Contacts that ended with one of the vocabulary's outcomes: y (1 resolved, else 0), day, what the event says, components."""
    timed = components.with_band(horizon.until(events, as_of)[0], playbook)
    some = timed.filter(timed.type == "contact.ended", timed.outcome.isin(["resolved", "unresolved", "abandoned"]))
    y = (some.outcome == RESOLVED).ifelse(1.0, 0.0)
    return some.select("id", "subject", "time", "customer", "outcome", y=y, day=some.day, **components.of_events(some))


def _added(model: Model | None) -> tuple[float, dict[str, dict[str, float]]]:
    """The log odds in the middle of all, so that as many are expected as were resolved, and the effects of all but employees."""
    if model is None or model.fit is None:
        return 0.0, {}
    fit, cells = model.fit, model.cells
    kept = [number for number, title in enumerate(model.titles) if components.EMPLOYEE not in title.split(JOINT)]
    effects = [effect if number in kept else np.zeros_like(effect) for number, effect in enumerate(fit.effects)]
    middle = _levelled(fit.design.spread(effects), cells.count, cells.total)
    named = {}
    for number in kept:
        name, levels = fit.design.names[number], fit.design.levels[number]
        named[name] = {
            _raw(name, level): float(effect) for level, effect in zip(levels, fit.effects[number], strict=True)
        }
    return middle, named


def _levelled(odds: Array, count: Array, total: Array) -> float:
    """What has to be added to all log odds for as many to be expected as there were."""
    middle = 0.0
    for _ in range(50):
        share = 1 / (1 + np.exp(-(odds + middle)))
        step = float((total - count * share).sum() / (count * share * (1 - share)).sum())
        middle += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return middle


def _raw(name: str, level: str) -> str:
    """A level as the events have it: the hours are numbered there."""
    if name != "hour":
        return level
    return next(str(band) for band in range(24 // components.BAND) if components.readable(name, str(band)) == level)


def _with(contacts: Any, name: str, levels: dict[str, float]) -> Any:
    """The contacts with the effect of their level of one component added to their odds; absent levels add nothing."""
    lookup = ibis.memtable(pa.table({"level": list(levels), "effect": pa.array(levels.values(), pa.float64())}))
    joined = contacts.left_join(lookup, contacts[name] == lookup.level)
    added = joined.mutate(odds=joined.odds + joined.effect.fill_null(0.0))
    return added.select(*contacts.columns)


def _floats(cells: Cells) -> Cells:
    """Numbers cut to eight digits: what lies beyond hangs on the order in which an engine adds."""
    numbers = {name: cells[name].astype(np.float64) for name in ("n", "good", "expected", "spread")}
    rounded = {name: np.round(column, 8) for name, column in numbers.items()}
    return {"employee": cells["employee"], "team": cells["team"], "day": cells["day"].astype(np.int64)} | rounded


def _alike(cells: Cells) -> Cells:
    """Too few contacts for a model: each is as likely to be resolved as all of them together."""
    total = cells["n"].sum()
    share = (cells["good"].sum() + 0.5) / (total + 1.0)
    return cells | {"expected": cells["n"] * share, "spread": cells["n"] * share * (1 - share)}
