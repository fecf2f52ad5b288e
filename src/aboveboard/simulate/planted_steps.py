"""A company whose procedure holds steps of known worth: the test bed of the analysis that weighs steps.

Steps are left out in the ordinary course of work, and not by chance: in the rush of the late afternoon, with business
customers, by employees who are less careful, and by whoever left out the step before. The same things move what customers
say, so the plain difference between visits with and without a step is wrong for every step. What moves both is on
record, except for the `hidden` impression, which is not and is there to show what no analysis can mend.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

PROCEDURE = "breakdown-visit"
TOUCHPOINTS, CUSTOMERS, CHANNELS = ("roadside", "at home", "office"), ("private", "business"), ("phone", "app")
TEAMS, EMPLOYEES, DAYS = 4, 24, 120
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
COUNT, ANSWERED, SPREAD, MIDDLE = 12_000, 0.75, 1.1, 5.6
_DAY, _SECOND = 86_400, 1_000_000


@dataclass(frozen=True)
class Planted:
    """One step: its kind, what it adds to the rating (in points, for all or by place or customer), how often it is left out.

    `left_out` is in log odds; `sways` is how strongly rush, customer and care move it.
    """

    name: str
    kind: str
    adds: float = 0.0
    adds_where: Mapping[str, float] = field(default_factory=dict)
    left_out: float = -1.0
    sways: float = 1.0


STEPS: tuple[Planted, ...] = (
    Planted("greet", "must", left_out=-9.0, sways=0.0),
    Planted("explain", "must", adds=0.6),
    Planted("check-tyres", "default", adds=0.25, left_out=-0.6),
    Planted("offer-water", "offer", adds_where={"roadside": 0.8}, left_out=-0.7),
    Planted("name-the-account", "default", adds_where={"business": 0.9}, left_out=-0.6),
    Planted("hand-over-leaflet", "default", left_out=-0.5, sways=1.5),
    Planted("read-the-terms", "must", left_out=-0.7, sways=1.5),
    Planted("offer-insurance", "offer", adds=-0.5, left_out=-0.4),
)
"""Useful everywhere; useful in one place, or for one kind of customer; of no use; harmful. `greet` is never left out."""
USEFUL, USELESS, HARMFUL = ("explain", "check-tyres"), ("hand-over-leaflet", "read-the-terms"), ("offer-insurance",)
IN_CONTEXT = {"offer-water": "roadside", "name-the-account": "business"}


def playbook() -> str:
    """The company's playbook as YAML."""
    steps = [f"      {step.name}: {{kind: {step.kind}, why: Somebody thought of it.}}" for step in STEPS]
    head = ["organisation: A patrol", "timezone: UTC", "procedures:", f"  {PROCEDURE}:"]
    head += ["    owner: patrol training", "    starts: type = 'visit.started'", "    steps:"]
    return "\n".join([*head, *steps, "measures: {rating: {scale: [0, 10]}}"]) + "\n"


@dataclass(frozen=True)
class Visits:
    """Everything about the visits that the events are written from; one value per visit."""

    at: Ints
    touchpoint: Ints
    customer: Ints
    channel: Ints
    employee: Ints
    taken: Mapping[str, Bools]
    declined: Mapping[str, Bools]
    rating: Floats
    answered: Bools


def effects(seed: int, *, count: int = COUNT, hidden: float = 0.0) -> dict[tuple[str, str], float]:
    """What each step truly adds in these visits: (step, context) → points, for `all` and every context.

    Each visit is lived twice, with the step and without it, all chances alike; what the step does to the next ones and
    what the ends of the scale swallow is part of it.
    """
    found: dict[tuple[str, str], float] = {}
    for step in STEPS:
        one, other = (visits(seed, count=count, hidden=hidden, force={step.name: way}) for way in (True, False))
        gain = one.rating - other.rating
        found[step.name, "all"] = float(gain.mean())
        for column, names in (
            (one.touchpoint, TOUCHPOINTS),
            (one.customer, [f"kind {kind}" for kind in CUSTOMERS]),
            (one.channel, [f"channel {channel}" for channel in CHANNELS]),
        ):
            for number, name in enumerate(names):
                found[step.name, name] = float(gain[column == number].mean())
    return found


def visits(seed: int, *, count: int = COUNT, hidden: float = 0.0, force: Mapping[str, bool] | None = None) -> Visits:
    """Draw `count` visits. `hidden` is the weight of what only the employee saw, on leaving out and on the rating alike.

    `force` has a step taken always or never, and changes nothing else but what follows from it.
    """
    rng = np.random.default_rng([seed, 4_4])
    at = np.sort(rng.integers(0, DAYS, count) * _DAY + rng.integers(7 * 3600, 21 * 3600, count))
    touchpoint = rng.choice(3, count, p=(0.5, 0.35, 0.15))
    # Businesses call from the office more than others do, and from the app.
    customer = (rng.random(count) < np.where(touchpoint == 2, 0.7, 0.3)).astype(np.int64)
    channel = (rng.random(count) < 0.3 + 0.3 * customer).astype(np.int64)
    employee = rng.integers(0, EMPLOYEES, count)
    care, skill = rng.normal(0, 0.4, EMPLOYEES), rng.normal(0, 0.25, EMPLOYEES)
    rush = ((at % _DAY >= 16 * 3600) & (at % _DAY < 20 * 3600)).astype(float)
    impression = rng.normal(0, 1, count)
    busy = 1.1 * rush + 0.8 * customer - care[employee] + hidden * impression
    before = np.zeros(count, dtype=bool)
    taken: dict[str, Bools] = {}
    for step in STEPS:
        odds = step.left_out + step.sways * (busy + 0.4 * before)
        taken[step.name] = rng.random(count) >= 1 / (1 + np.exp(-odds))
        if step.name in (force or {}):
            taken[step.name] = np.full(count, (force or {})[step.name])
        before = ~taken[step.name]
    drawn = Visits(
        at, touchpoint, customer, channel, employee, taken,
        {step.name: rng.random(count) < 0.45 for step in STEPS}, np.zeros(count), rng.random(count) < ANSWERED,
    )  # fmt: skip
    # Careful employees are good ones too: what a step seems to do is partly theirs.
    mean = MIDDLE - 0.6 * rush - 0.5 * customer + skill[employee] + 0.5 * care[employee] - hidden * impression
    mean += 0.3 * (touchpoint == 1) - 0.2 * channel
    mean += sum((_added(step, drawn) * taken[step.name] for step in STEPS), start=np.zeros(count))
    drawn.rating[:] = np.clip(np.round(mean + rng.normal(0, SPREAD, count)), 0, 10)
    return drawn


def events(drawn: Visits, *, people: Sequence[str] | None = None) -> pa.Table:
    """The visits as ledger events; `people` are the employees' keys (absent: `employee-00` and so on)."""
    names = np.array(people or [f"employee-{number:02d}" for number in range(EMPLOYEES)], dtype=object)
    all_of = np.arange(len(drawn.at))
    parts = [_part(drawn, names, all_of, "visit.started", 0)]
    for number, step in enumerate(STEPS):
        parts += _of_step(drawn, names, step, 120 + 300 * number)
    rated = np.flatnonzero(drawn.answered)
    survey = _part(drawn, names, rated, "survey.answered", 4 * 3600)
    parts.append(survey | {"outcome": np.full(len(rated), "rating", dtype=object), "value": drawn.rating[rated]})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns["id"] = np.array([f"e{number:07d}" for number in range(len(columns["time"]))], dtype=object)
    return _table(columns)


def _of_step(drawn: Visits, names: npt.NDArray[np.object_], step: Planted, after: int) -> list[dict[str, npt.NDArray]]:  # type: ignore[type-arg]
    taken, declined = drawn.taken[step.name], drawn.declined[step.name]
    rule = f"step:{PROCEDURE}/{step.name}"
    left = _part(drawn, names, np.flatnonzero(~taken), "step.skipped", after, rule, reason="next call waiting")
    if step.kind != "offer":
        return [left, _part(drawn, names, np.flatnonzero(taken), "step.done", after, rule)]
    return [
        left,
        _part(drawn, names, np.flatnonzero(taken), "step.offered", after, rule),
        _part(drawn, names, np.flatnonzero(taken & declined), "step.declined", after + 20, rule),
        _part(drawn, names, np.flatnonzero(taken & ~declined), "step.done", after + 20, rule),
    ]


def _part(
    drawn: Visits,
    names: npt.NDArray[np.object_],
    which: Ints,
    type: str,
    after: int,
    rule: str | None = None,
    reason: str | None = None,
) -> dict[str, npt.NDArray]:  # type: ignore[type-arg]
    """Columns of one event per visit in `which`, `after` so many seconds."""

    def same(value: str | None) -> npt.NDArray[np.object_]:
        return np.full(len(which), value, dtype=object)

    told = same(json.dumps({"reason": reason}) if reason else None)
    if type == "visit.started":
        told = np.array([json.dumps({"kind": kind}) for kind in CUSTOMERS], dtype=object)[drawn.customer[which]]
    return {
        "type": same(type),
        "time": drawn.at[which] + after,
        "subject": np.array([f"visit:{number}" for number in which], dtype=object),
        "customer": np.array([f"member-{number}" for number in which], dtype=object),
        "touchpoint": np.array(TOUCHPOINTS, dtype=object)[drawn.touchpoint[which]],
        "channel": np.array(CHANNELS, dtype=object)[drawn.channel[which]],
        "team": np.array([f"team {number}" for number in range(TEAMS)], dtype=object)[drawn.employee[which] % TEAMS],
        "employee": names[drawn.employee[which]],
        "rule": same(rule),
        "outcome": same(None),
        "value": np.full(len(which), np.nan),
        "attributes": told,
    }


def _table(columns: Mapping[str, npt.NDArray]) -> pa.Table:  # type: ignore[type-arg]
    start = int(FIRST.timestamp())
    moments = pa.array((columns["time"] + start) * _SECOND, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    arrays = []
    for column in SCHEMA:
        if column.name in ("time", "recorded_at"):
            arrays.append(moments)
        elif column.name == "value":
            arrays.append(pa.array(columns["value"], pa.float64(), from_pandas=True))
        elif column.name in columns:
            arrays.append(pa.array(columns[column.name], column.type))
        else:
            arrays.append(pa.nulls(len(moments), column.type))
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _added(step: Planted, drawn: Visits) -> Floats:
    places, kinds = (
        np.array(TOUCHPOINTS, dtype=object)[drawn.touchpoint],
        np.array(CUSTOMERS, dtype=object)[drawn.customer],
    )
    added = np.full(len(drawn.at), step.adds)
    for context, more in step.adds_where.items():
        added = added + more * ((places == context) | (kinds == context))
    return added
