"""A company in which a few orders go wrong together for a reason, among many that go wrong for none: the test bed of problems.

Orders are placed at several shops, over several channels, for several products. Each has a time promised and a small
chance to be late; chances of one shop and one week may rise and fall together (`gathering`), as they do where people
fall ill. Some customers complain, some answer a survey, most do neither. Planted on top: at one shop, in one stretch of
days, so many orders more are late.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SHOPS, CHANNELS, PRODUCTS, DAYS, ORDERS, RATE = 10, ("web", "phone", "store"), 8, 182, 4_000, 0.03
COMPLAIN, COMPLAIN_ANYWAY, ANSWER, BAD, BAD_ANYWAY = 0.2, 0.004, 0.35, 0.6, 0.06
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
PLAYBOOK = """
organisation: A chain of shops
timezone: UTC
promises:
  ready-by:
    says: Your order is ready at the time on your receipt.
    owner: shops
    starts: type = 'order.paid'
    kept_by: type = 'order.ready'
    by: due
measures:
  csat: {scale: [1, 5], good_from: 4, high_is: good}
"""
_DAY, _HOUR, _SECOND = 86_400, 3_600, 1_000_000
_ANSWERED = 36 * _HOUR


@dataclass(frozen=True)
class Planted:
    """At this shop, in these days (`start` up to, not including, `end`), `count` more orders are late."""

    shop: int = 0
    start: int = 90
    end: int = 97
    count: int = 8


@dataclass(frozen=True)
class Company:
    """Its events, the subjects that each planted cause made late, and the occasions to let a customer down that it holds.

    `occasions` have kind, rule, subject, at (seconds since `FIRST`), team, channel, product and broken: what the analysis
    should make of the events.
    """

    events: pa.Table
    struck: tuple[frozenset[str], ...]
    occasions: pa.Table


def company(
    seed: int, planted: Sequence[Planted] = (), *, orders: int = ORDERS, rate: float = RATE, gathering: float = 0.0
) -> Company:
    """Draw a company. `gathering` is the correlation of two orders of the same shop and week."""
    rng = np.random.default_rng([seed, 4_11])
    day, second = rng.integers(0, DAYS, orders), rng.integers(8 * _HOUR, 20 * _HOUR, orders)
    order = np.argsort(day * _DAY + second)
    at = (day * _DAY + second)[order]
    shop = rng.choice(SHOPS, orders, p=_sizes(SHOPS))
    channel, product = rng.choice(3, orders, p=(0.5, 0.3, 0.2)), rng.choice(PRODUCTS, orders, p=_sizes(PRODUCTS))
    late = rng.random(orders) < _rates(rng, rate, gathering)[shop, at // (7 * _DAY)]
    struck = []
    for cause in planted:
        inside = (shop == cause.shop) & (at >= cause.start * _DAY) & (at < cause.end * _DAY) & ~late
        chosen = rng.permutation(np.flatnonzero(inside))[: cause.count]
        late[chosen] = True
        struck.append(frozenset(f"order:{number}" for number in chosen))
    said = _said(rng, late)
    return Company(
        _events(rng, at, shop, channel, product, late, said),
        tuple(struck),
        _occasions(at, shop, channel, product, late, said),
    )


def _sizes(count: int) -> Floats:
    """Shops and products are not all of one size: the largest has three times the orders of the smallest."""
    weights: Floats = np.linspace(1.5, 0.5, count)
    weights /= weights.sum()
    return weights


def _rates(rng: np.random.Generator, rate: float, gathering: float) -> Floats:
    shape = (SHOPS, DAYS // 7 + 1)
    if not gathering:
        return np.full(shape, rate)
    strength = (1 - gathering) / gathering
    return np.asarray(rng.beta(rate * strength, (1 - rate) * strength, shape))


@dataclass(frozen=True)
class _Said:
    """Who complains, who answers a survey, and whose answer is bad."""

    complains: Bools
    answers: Bools
    bad: Bools


def _said(rng: np.random.Generator, late: Bools) -> _Said:
    orders = len(late)
    complains = rng.random(orders) < np.where(late, COMPLAIN, COMPLAIN_ANYWAY)
    return _Said(complains, rng.random(orders) < ANSWER, rng.random(orders) < np.where(late, BAD, BAD_ANYWAY))


def _occasions(at: Ints, shop: Ints, channel: Ints, product: Ints, late: Bools, said: _Said) -> pa.Table:
    answered = np.flatnonzero(said.answers)
    everyone = np.arange(len(at))
    parts = (
        ("promise missed", "promise:ready-by", everyone, at, late),
        ("complaint", None, everyone, at, said.complains),
        ("bad rating", "measure:csat", answered, at + _ANSWERED, said.bad),
    )
    return pa.concat_tables(
        [
            pa.table(
                {
                    "kind": [kind] * len(which),
                    "rule": pa.array([rule] * len(which), pa.string()),
                    "subject": [f"order:{number}" for number in which],
                    "at": moments[which],
                    "team": [f"shop {number}" for number in shop[which]],
                    "channel": [CHANNELS[number] for number in channel[which]],
                    "product": [f"product {chr(97 + number)}" for number in product[which]],
                    "broken": broken[which],
                }
            )
            for kind, rule, which, moments, broken in parts
        ]
    )


def _events(
    rng: np.random.Generator, at: Ints, shop: Ints, channel: Ints, product: Ints, late: Bools, said: _Said
) -> pa.Table:
    """Paid, ready, and what customers said."""
    orders = len(at)
    due = at + 6 * _HOUR
    ready = np.where(late, due + rng.integers(_HOUR, 20 * _HOUR, orders), due - rng.integers(600, 5 * _HOUR, orders))
    complains, answers, bad = said.complains, said.answers, said.bad
    everyone = np.arange(orders)
    lines: list[tuple[str, Ints, Ints]] = [
        ("order.paid", everyone, at),
        ("order.ready", everyone, ready),
        ("complaint.received", np.flatnonzero(complains), (due + 26 * _HOUR)[complains]),
        ("survey.answered", np.flatnonzero(answers), (at + _ANSWERED)[answers]),
    ]
    which = np.concatenate([numbers for _, numbers, _ in lines])
    types = np.repeat(np.array([name for name, _, _ in lines], dtype=object), [len(numbers) for _, numbers, _ in lines])
    paid, answered = types == "order.paid", types == "survey.answered"
    start = int(FIRST.timestamp())
    products = np.array(
        [json.dumps({"product": f"product {chr(97 + number)}"}) for number in range(PRODUCTS)], dtype=object
    )
    columns: dict[str, Any] = {
        "id": [f"e{number:07d}" for number in range(len(which))],
        "type": types,
        "time": _moments(np.concatenate([times for _, _, times in lines]) + start),
        "customer": np.array([f"customer-{number}" for number in range(orders)], dtype=object)[which],
        "subject": np.array([f"order:{number}" for number in range(orders)], dtype=object)[which],
        "channel": np.array(CHANNELS, dtype=object)[channel][which],
        "team": np.array([f"shop {number}" for number in range(SHOPS)], dtype=object)[shop][which],
        "outcome": np.array([None, "csat"], dtype=object)[answered.astype(int)],
        "value": pa.array(np.where(answered, np.where(bad[which], 1.0, 5.0), np.nan), from_pandas=True),
        "due": pa.array(np.where(paid, (due[which] + start) * _SECOND, -1), pa.int64()),
        "attributes": products[product][which],
    }
    columns["recorded_at"] = columns["time"]
    columns["due"] = _moments(due[which] + start, ~paid)
    arrays = [
        pa.array(columns[each.name]).cast(each.type) if each.name in columns else pa.nulls(len(which), each.type)
        for each in SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _moments(seconds: Ints, absent: Bools | None = None) -> pa.Array:
    return pa.array(seconds * _SECOND, pa.int64(), mask=absent).cast(pa.timestamp("us", tz="UTC"))
