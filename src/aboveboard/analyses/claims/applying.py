"""The claims that apply: those that ship, changed and added to by the playbook, and whether such acts are on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.engines import ledgers
from aboveboard.playbook import claims, reader
from aboveboard.playbook.formulas import CLAIM
from aboveboard.playbook.model import Claim, Playbook

_SHIPPED = Path(__file__).with_name("defaults.yaml")
_TYPES = {"text": "string", "number": "float64", "timestamp": "timestamp('UTC', 6)"}


def applied(playbook: Playbook) -> dict[str, Claim]:
    """The claims that apply under a playbook, by name."""
    return claims.overlaid(_shipped(playbook.timezone), playbook.claims)


@cache
def _shipped(zone: ZoneInfo) -> Mapping[str, Claim]:
    return reader.read(_SHIPPED, timezone=zone).claims


def on_record(events: Any, claim: Claim, topics: Collection[str | None]) -> dict[str | None, bool]:
    """For each topic whether the ledger holds any event of the kind that the claim's formula looks for.

    Where it holds none, that nothing is found shows nothing. Executes one small query per topic. A condition that asks more
    of the claim than its topic (its employee, its value) counts as shown by whatever meets the rest: unknown is not false.
    """
    if claim.evidence is None:
        return dict.fromkeys(topics, False)
    return {topic: _ever(events, claim, topic) for topic in sorted(topics, key=str)}


def _ever(events: Any, claim: Claim, topic: str | None) -> bool:
    assert claim.evidence is not None
    absent = {name: ibis.null(_TYPES[kind]) for name, kind in CLAIM.items()}
    long_ago = {"claim.time": ibis.literal("1700-01-01T00:00:00+00:00").cast(_TYPES["timestamp"])}
    table = events.mutate(**absent | long_ago | {"claim.topic": ibis.literal(topic, type="string")})
    found = ibis.literal(False)
    for condition in claim.evidence.conditions:
        found = found | condition.to_ibis(table).coalesce(
            condition.columns & {"claim.employee", "claim.value"} != set()
        )
    (row,) = ledgers.arrow(table.aggregate(shown=ibis.ifelse(found, 1, 0).max())).to_pylist()
    return bool(row["shown"])
