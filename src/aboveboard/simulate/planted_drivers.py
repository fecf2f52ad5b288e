"""A company whose overall satisfaction is made of known parts: the test bed of the drivers.

Customers rate touchpoints after a journey, and then the whole. Ratings of one journey go together (a good mood, a good
day), so a touchpoint that adds nothing to the whole is still rated high where the whole is. What each adds is planted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

Floats = npt.NDArray[np.float64]

ADDS: Mapping[str, float] = {
    "advice": 0.50,
    "delivery": 0.35,
    "fitting": 0.20,
    "invoice": 0.10,
    "web shop": 0.0,
    "packaging": 0.0,
    "hotline": 0.0,
    "store": 0.0,
}
"""What one point at each touchpoint adds to the whole, before the whole is rounded."""
IDLE = tuple(name for name, adds in ADDS.items() if not adds)
TOGETHER = 0.45
"""The correlation of any two touchpoints' moods."""
NOISE = 1.3
AGAIN = 0.25
"""The share of customers who come twice, in much the same mood."""
OVERALL, AT = "satisfaction", "rating"
FIRST, DAYS = datetime(2026, 1, 5, 9, tzinfo=UTC), 180
_BIG = 300_000


def playbook() -> str:
    """The company's playbook as YAML."""
    return (
        f"organisation: A furniture shop\ntouchpoints: [{', '.join(ADDS)}]\n"
        f"measures: {{{AT}: {{scale: [0, 10]}}, {OVERALL}: {{scale: [0, 10]}}, recommends: {{scale: [0, 1]}}}}\n"
    )


def ratings(seed: int, count: int, *, adds: Mapping[str, float] = ADDS) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Draw `count` journeys: ratings of the touchpoints (one row each), of the whole, and the customer of each."""
    rng = np.random.default_rng([seed, 4_7])
    customer = np.arange(count)
    twice = np.flatnonzero(rng.random(count // 2) < AGAIN) * 2
    customer[twice + 1] = customer[twice]
    mood = rng.normal(0, 1, count)
    mood[twice + 1] = 0.8 * mood[twice] + 0.6 * mood[twice + 1]
    own = rng.normal(0, 1, (count, len(adds)))
    felt = np.sqrt(TOGETHER) * mood[:, None] + np.sqrt(1 - TOGETHER) * own
    rated = np.clip(np.round(6.5 + 2 * felt), 0, 10)
    whole = 6.5 + (rated - 6.5) @ np.array(list(adds.values())) + rng.normal(0, NOISE, count)
    return rated, np.clip(np.round(whole), 0, 10), customer


@cache
def true_covariance() -> Floats:
    """The covariance of the touchpoints and the whole, from 300,000 journeys."""
    rated, whole, _ = ratings(0, _BIG)
    return np.asarray(np.cov(np.column_stack([rated, whole]).T), float)


@cache
def true_covariance_of_yes() -> Floats:
    """The same where the whole is asked as yes or no: yes from 8 on."""
    rated, whole, _ = ratings(0, _BIG)
    return np.asarray(np.cov(np.column_stack([rated, whole >= 8]).T), float)


def events(seed: int, count: int, *, adds: Mapping[str, float] = ADDS, yes: bool = False) -> pa.Table:
    """The journeys as ledger events; with `yes` the whole is asked as yes or no."""
    rated, whole, customer = ratings(seed, count, adds=adds)
    start = int(FIRST.timestamp()) * 1_000_000
    at = start + np.linspace(0, DAYS * 86_400_000_000, count).astype(np.int64)
    parts = [(name, AT, rated[:, place]) for place, name in enumerate(adds)]
    parts.append((None, "recommends" if yes else OVERALL, (whole >= 8).astype(float) if yes else whole))  # type: ignore[arg-type]
    rows = len(parts) * count
    moments = pa.array(np.tile(at, len(parts)), pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    columns = {
        "id": [f"e{number}" for number in range(rows)],
        "type": ["survey.answered"] * rows,
        "time": moments,
        "recorded_at": moments,
        "subject": [f"order:{number}" for number in range(count)] * len(parts),
        "customer": [f"customer-{number}" for number in customer] * len(parts),
        "touchpoint": [name for name, _, _ in parts for _ in range(count)],
        "outcome": [measure for _, measure, _ in parts for _ in range(count)],
        "value": np.concatenate([values for _, _, values in parts]),
    }
    arrays = [
        columns[c.name] if c.name in ("time", "recorded_at") else pa.array(columns[c.name], c.type)
        if c.name in columns else pa.nulls(rows, c.type)
        for c in SCHEMA
    ]  # fmt: skip
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
