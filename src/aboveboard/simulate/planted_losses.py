"""A company that loses customers it lets down, by a known measure: the test bed of the analysis of money.

Parcels are late, and not by chance: for express customers, in one region, on dear orders. The same things move
whether customers leave, and what they spend, so the plain comparison is wrong. What moves both is on record, except for
the `hidden` grudge, which is not, and is there to show what no analysis can mend.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.ledger.columns import SCHEMA

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

COUNT, DAYS, WINDOW = 4_000, 260, 90
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
CHANNELS, TEAMS, SEGMENTS = ("web", "phone", "store"), ("north", "south", "west"), ("private", "business")
LEAVES_MORE = 0.9
"""What lateness adds to the log odds of leaving."""
BUYS_LESS = 0.7
"""What lateness takes from the log odds of buying again."""
REFUND = 15.0
_DAY = 86_400_000_000


def playbook(*names: str) -> str:
    """The playbook as YAML: one promise per company, so that one ledger may hold many (absent: `on-time`)."""
    promises = "".join(
        f"  {name}: {{says: Your parcel is there in five days., owner: logistics, kept_by: type = 'order.delivered', "
        f"starts: \"type = 'order.placed' and attributes.number = '{name}'\", within: 5 days}}\n"
        for name in names or ("on-time",)
    )
    return f"organisation: A bookseller\npromises:\n{promises}"


@dataclass(frozen=True)
class Customers:
    """One value per customer: the first order, and what became of it. `late` is lived; the others follow from it."""

    at: npt.NDArray[np.int64]
    channel: npt.NDArray[np.int64]
    team: npt.NDArray[np.int64]
    segment: npt.NDArray[np.int64]
    amount: Floats
    before: npt.NDArray[np.int64]
    late: Bools
    left: Bools
    again: Bools
    spent: Floats
    refunded: Floats


def customers(
    seed: int, *, count: int = COUNT, effect: float = 1.0, hidden: float = 0.0, force: bool | None = None
) -> Customers:
    """Draw the customers. `effect` scales what lateness does, `hidden` the grudge that goes with both; `force` makes all late or
    none, all other chances alike.
    """
    rng = np.random.default_rng([seed, 4_14])
    at = np.sort(rng.integers(0, DAYS * 86_400, count))
    channel, team = rng.choice(3, count, p=(0.6, 0.25, 0.15)), rng.integers(0, 3, count)
    segment = (rng.random(count) < 0.3).astype(np.int64)
    amount = np.round(np.exp(rng.normal(3.8, 0.7, count) + 0.5 * segment), 2).astype(np.float64)
    before = rng.poisson(0.6, count).astype(np.int64)
    grudge = rng.normal(0, 1, count)
    dear = np.log(amount) - 3.95
    odds = -1.4 + 0.8 * (team == 1) + 0.7 * segment + 0.5 * dear + 0.4 * (channel == 1) + 0.3 * before + hidden * grudge
    late = rng.random(count) < 1 / (1 + np.exp(-odds))
    if force is not None:
        late = np.full(count, force)
    leave = (
        -2.6
        + effect * LEAVES_MORE * late
        + 0.5 * (team == 1)
        + 0.6 * segment
        + 0.2 * before
        + 0.3 * dear
        + hidden * grudge
    )
    left = rng.random(count) < 1 / (1 + np.exp(-leave))
    buy = -0.7 - effect * BUYS_LESS * late - 0.4 * segment + 0.3 * before + 0.3 * dear - hidden * grudge
    again = (rng.random(count) < 1 / (1 + np.exp(-buy))) & ~left
    spent = np.where(again, np.round(amount * np.exp(rng.normal(0, 0.3, count)), 2), 0.0)
    refunded = np.where(late & (rng.random(count) < 0.4 * effect), REFUND, 0.0)
    return Customers(at * 1_000_000, channel, team, segment, amount, before, late, left, again, spent, refunded)


def truth(seed: int, *, count: int = COUNT, effect: float = 1.0, hidden: float = 0.0) -> Mapping[str, float]:
    """What lateness truly does to those whom it strikes: left, bought again (shares), spent, refunded (money).

    Each customer is lived twice, all chances alike, and the mean is over those who were truly late and are followed to the end.
    """
    seen = customers(seed, count=count, effect=effect, hidden=hidden)
    one, other = (customers(seed, count=count, effect=effect, hidden=hidden, force=way) for way in (True, False))
    struck = seen.late & (seen.at + (5 + WINDOW) * _DAY <= DAYS * _DAY)
    return {
        name: float((getattr(one, of).astype(float) - getattr(other, of).astype(float))[struck].mean())
        for name, of in (("left", "left"), ("bought again", "again"), ("spent", "spent"), ("refunded", "refunded"))
    }


def events(drawn: Customers, name: str = "on-time") -> pa.Table:
    """The customers as ledger events, under the promise `name`; the record ends after DAYS days."""
    rng = np.random.default_rng(len(drawn.at))
    count = len(drawn.at)
    keys = np.array([f"{name}-{number}" for number in range(count)], dtype=object)
    everybody = np.arange(count)
    due = drawn.at + 5 * _DAY
    after = due + rng.integers(2 * _DAY, (WINDOW - 2) * _DAY, count)
    parts = [_part(drawn, keys, everybody, "order.placed", drawn.at, f"order-{name}", value=drawn.amount, told=name)]
    taken = np.where(drawn.late, 5.5, 3.0) * _DAY
    parts.append(_part(drawn, keys, everybody, "order.delivered", drawn.at + taken.astype(np.int64), f"order-{name}"))
    for number in range(int(drawn.before.max())):
        who = np.flatnonzero(drawn.before > number)
        earlier = drawn.at[who] - (20 + 30 * number) * _DAY
        parts.append(
            _part(
                drawn,
                keys,
                who,
                "order.placed",
                earlier,
                f"earlier{number}-{name}",
                value=np.full(len(who), 30.0),
                told="other",
            )
        )
    again, left, paid = (np.flatnonzero(mask) for mask in (drawn.again, drawn.left, drawn.refunded > 0))
    parts.append(
        _part(drawn, keys, again, "order.placed", after[again], f"again-{name}", value=drawn.spent[again], told="other")
    )
    parts.append(_part(drawn, keys, left, "customer.left", after[left], "", value=np.full(len(left), np.nan)))
    parts.append(
        _part(drawn, keys, paid, "payment.refunded", due[paid] + 2 * _DAY, f"order-{name}", value=drawn.refunded[paid])
    )
    return _table(parts, name)


def _part(
    drawn: Customers, keys: npt.NDArray[np.object_], who: npt.NDArray[np.int64], type: str, at: npt.NDArray[np.int64], about: str,
    *, value: Floats | None = None, told: str | None = None,
) -> dict[str, list[object]]:  # fmt: skip
    kinds: list[object] = [
        json.dumps({"segment": SEGMENTS[drawn.segment[one]], "number": told}) if told else None for one in who
    ]
    return {
        "type": [type] * len(who),
        "time": list(at),
        "customer": list(keys[who]),
        "subject": [f"{about}:{one}" if about else None for one in who],
        "channel": [CHANNELS[drawn.channel[one]] for one in who],
        "team": [TEAMS[drawn.team[one]] for one in who],
        "value": [None] * len(who) if value is None else [None if np.isnan(v) else float(v) for v in value],
        "attributes": kinds,
    }


def _table(parts: list[dict[str, list[object]]], name: str) -> pa.Table:
    columns = {name: [value for part in parts for value in part[name]] for name in parts[0]}
    start = int(FIRST.timestamp()) * 1_000_000
    moments = pa.array([start + int(at) for at in columns["time"]], pa.int64()).cast(pa.timestamp("us", tz="UTC"))  # type: ignore[call-overload]
    columns["id"] = [f"{name}-e{number:06d}" for number in range(len(moments))]
    arrays = [
        moments if c.name in ("time", "recorded_at") else pa.array(columns[c.name], c.type) if c.name in columns
        else pa.nulls(len(moments), c.type)
        for c in SCHEMA
    ]  # fmt: skip
    whole = pa.Table.from_arrays(arrays, schema=SCHEMA)
    end = start + DAYS * _DAY
    return whole.filter(pc.less_equal(whole["time"].cast(pa.int64()), end))
