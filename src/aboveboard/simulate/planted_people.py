"""A company whose employees are known: alike but for a bad day, or a fall, that was planted. The test bed of verdicts on people.

Contacts end well more or less often by channel, place and time of day, and each employee's week is somewhat better or worse than
the next for reasons that nobody wrote down (a beta-binomial with intraclass correlation `alike`). One day the system fails for
everybody. None of this is any employee's doing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
"""A Monday."""
CHANNELS, TOUCHPOINTS = ("phone", "chat", "store"), ("help", "order desk")
BY_CHANNEL, BY_TOUCHPOINT = (0.3, -0.5, 0.0), (0.2, -0.3)
WORK_DAYS, OPENS, CLOSES = 5, 8, 18
BAD_COUNT = 12
"""A bad day has so many contacts."""
OUTAGE_SHARE = 0.3
_DAY, _SECOND = 86_400, 1_000_000


@dataclass(frozen=True)
class Plan:
    """What is planted. Weeks are counted from 0; `bad_days` and `falls` say for how many employees (the first ones, in turn); of
    a bad day's contacts `bad_share` end well. The first falls in `fall_week`, each further one `fall_every` weeks later."""

    employees: int = 200
    weeks: int = 52
    per_week: int = 25
    share: float = 0.85
    alike: float = 0.05
    between: float = 0.0
    bad_days: int = 0
    bad_share: float = 0.1
    falls: int = 0
    fall_week: int = 40
    fall_every: int = 0
    fall_to: float = 0.75
    outage: int | None = None
    teams: int = 10

    @property
    def bad(self) -> range:
        """The employees with a bad day."""
        return range(self.bad_days)

    @property
    def falling(self) -> range:
        """The employees whose share falls."""
        return range(self.bad_days, self.bad_days + self.falls)

    @property
    def fall_weeks(self) -> list[int]:
        """The week from which it falls, of each of `falling`."""
        return [self.fall_week + number * self.fall_every for number in range(self.falls)]


@dataclass(frozen=True)
class Contacts:
    """One value per contact; `bad_day` per employee, as days since FIRST (−1: none)."""

    at: Ints
    employee: Ints
    channel: Ints
    touchpoint: Ints
    good: npt.NDArray[np.bool_]
    bad_day: Ints


def contacts(seed: int, plan: Plan) -> Contacts:
    """Draw a company's contacts."""
    random = np.random.default_rng([seed, 4_6])
    shape = (plan.employees, plan.weeks)
    counts = random.poisson(plan.per_week, shape)
    who, week = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(shape))
    day = week * 7 + random.integers(WORK_DAYS, size=len(who))
    second = random.integers(OPENS * 3600, CLOSES * 3600, len(who))
    channel = random.choice(3, len(who), p=(0.5, 0.3, 0.2))
    touchpoint = random.choice(2, len(who), p=(0.6, 0.4))
    odds = _weekly(random, plan)[who, week] + np.array(BY_CHANNEL)[channel] + np.array(BY_TOUCHPOINT)[touchpoint]
    share = 1 / (1 + np.exp(-odds))
    if plan.outage is not None:
        share = np.where(day == plan.outage, OUTAGE_SHARE, share)
    good = random.random(len(who)) < share
    drawn = Contacts(day * _DAY + second, who, channel, touchpoint, good, np.full(plan.employees, -1))
    return _with_bad_days(random, plan, drawn)


def _weekly(random: np.random.Generator, plan: Plan) -> Floats:
    """The log odds of a good end, by employee and week."""
    share = np.full((plan.employees, plan.weeks), plan.share)
    for employee, week in zip(plan.falling, plan.fall_weeks, strict=True):
        share[employee, week:] = plan.fall_to
    level = random.normal(0, plan.between, plan.employees)[:, None]
    share = 1 / (1 + np.exp(-(np.log(share / (1 - share)) + level)))
    if plan.alike > 0:
        strength = (1 - plan.alike) / plan.alike
        share = np.clip(random.beta(share * strength, (1 - share) * strength), 1e-6, 1 - 1e-6)
    found: Floats = np.log(share / (1 - share))
    return found


def _with_bad_days(random: np.random.Generator, plan: Plan, drawn: Contacts) -> Contacts:
    """One bad day each, on any working day, in place of what that day was."""
    bad_day = drawn.bad_day.copy()
    bad_day[plan.bad] = random.integers(plan.weeks, size=plan.bad_days) * 7 + random.integers(
        WORK_DAYS, size=plan.bad_days
    )
    kept = drawn.at // _DAY != bad_day[drawn.employee]
    who = np.repeat(np.arange(plan.bad_days), BAD_COUNT)
    at = bad_day[who] * _DAY + random.integers(OPENS * 3600, CLOSES * 3600, len(who))
    more = (at, who, random.choice(3, len(who)), random.choice(2, len(who)), random.random(len(who)) < plan.bad_share)
    parts = (drawn.at, drawn.employee, drawn.channel, drawn.touchpoint, drawn.good)
    at, who, channel, touchpoint, good = (
        np.concatenate([part[kept], new]) for part, new in zip(parts, more, strict=True)
    )
    return Contacts(at, who, channel, touchpoint, good, bad_day)


def keys(plan: Plan) -> list[str]:
    """The employees' keys, in order."""
    return [f"e{number:04d}" for number in range(plan.employees)]


def events(drawn: Contacts, plan: Plan, *, people: Sequence[str] | None = None) -> pa.Table:
    """The contacts as ledger events; `people` are the employees' keys (absent: `keys`)."""
    names = np.array(people or keys(plan), dtype=object)
    order = np.argsort(drawn.at, kind="stable")
    who = drawn.employee[order]
    start = int(FIRST.timestamp())
    moments = pa.array((drawn.at[order] + start) * _SECOND, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    columns = {
        "id": pa.array([f"k{number:07d}" for number in range(len(order))]),
        "type": pa.array(np.full(len(order), "contact.ended", dtype=object)),
        "time": moments,
        "recorded_at": moments,
        "channel": pa.array(np.array(CHANNELS, dtype=object)[drawn.channel[order]]),
        "touchpoint": pa.array(np.array(TOUCHPOINTS, dtype=object)[drawn.touchpoint[order]]),
        "team": pa.array([f"team {number:02d}" for number in who % plan.teams]),
        "employee": pa.array(names[who]),
        "outcome": pa.array(np.where(drawn.good[order], "resolved", "unresolved").astype(object)),
    }
    arrays = [
        columns[column.name].cast(column.type) if column.name in columns else pa.nulls(len(order), column.type)
        for column in SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
