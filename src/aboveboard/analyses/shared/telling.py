"""Which of the attributes of some events tell kinds of cases apart: short texts of few values, never people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import ibis

from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

MOST_KEYS, MOST_VALUES, SAMPLE = 5, 12, 2_000
"""So many attributes with so many values are looked at, as seen in so many events, the first in order."""


def keys(events: Any, *, by: str, order: str) -> dict[str, list[str]]:
    """By value of the column `by`, keys of `attributes` that hold a few short texts, the most often filled first.

    `events` has the columns `by`, `order`, attributes, employee and customer. A key that holds the keys of employees or
    customers is none: a kind of case is never a person. A value of `by` whose events carry no attributes is missing.
    Executes a small query.
    """
    told = events.filter(events.attributes.notnull())
    ranked = told.mutate(place=ibis.row_number().over(group_by=by, order_by=order))
    sample = ranked.filter(ranked.place < SAMPLE).select(by, "attributes", "employee", "customer")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in ledgers.arrow(sample).to_pylist():
        rows.setdefault(row[by], []).append(row)
    return {value: _telling(rows[value]) for value in sorted(rows)}


def places(found: Mapping[str, list[str]]) -> Iterator[tuple[str, int]]:
    """The columns that hold them: `attribute_0`, …, each with its place; every value of `by` has its own keys in them."""
    return ((f"attribute_{place}", place) for place in range(max(map(len, found.values()), default=0)))


def attribute(events: Any, found: Mapping[str, list[str]], place: int, *, by: str) -> Any:
    """The attribute that stands in this place, whose key differs by the value of `by`."""
    branches = [
        (events[by] == value, attributes.text(events, mine[place]))
        for value, mine in found.items()
        if place < len(mine)
    ]
    return ibis.cases(*branches, else_=ibis.null("string"))


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
