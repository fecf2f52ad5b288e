"""Cells, and so variances and effects, are the same on every engine; the cells are those of a plain loop over the events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.analyses.attribution import ratings_reference, test_ratings, test_tables

from aboveboard.analyses import attribution
from aboveboard.analyses.attribution import outcomes
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
ZONE = ZoneInfo("America/New_York")
PLAYBOOK = replace(test_tables.PLAYBOOK, timezone=ZONE)
COMPONENTS = ("employee", "team", "policy", "product", "hour", "vendor")


def contacts() -> list[dict[str, Any]]:
    """Contacts across the night on which New York's clocks change; products and vendors in some of the attributes."""
    said = [
        '{"product": "phone"}',
        '{"product": "case", "vendor": true}',
        '{"vendor": "Acme"}',
        '{"vendor": false}',
        None,
    ]
    rows = test_tables._contacts(700)
    return [row | {"attributes": said[number % len(said)]} for number, row in enumerate(rows)]


def by_hand(rows: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    """How many contacts, and how many of them resolved, by all components."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        start = row["time"].astimezone(ZONE).hour // 2 * 2
        said = row["attributes"] or ""
        product = "phone" if "phone" in said else "case" if "case" in said else None
        vendor = "Acme" if "Acme" in said else row["team"] if "true" in said else None
        policy = row["rule"] and row["rule"].removeprefix("policy:")
        key = (row["employee"], row["team"], policy, product, f"{start:02d}–{start + 2:02d}", vendor)
        counted[(*key, "n")] += 1
        counted[(*key, "resolved")] += row["outcome"] == "resolved"
    return +counted


def cells(ledger: Ledger) -> Counter[tuple[Any, ...]]:
    first = next(outcomes.outcomes(ledger.events, None, PLAYBOOK, as_of=None))
    held = outcomes.cells(first)
    assert held is not None
    assert held.design.names == COMPONENTS
    counted: Counter[tuple[Any, ...]] = Counter()
    for place in range(len(held.count)):
        coded = zip(held.design.codes, held.design.levels, strict=True)
        key = tuple(None if code[place] == len(levels) else levels[code[place]] for code, levels in coded)
        counted[(*key, "n")] += round(held.count[place])
        counted[(*key, "resolved")] += round(held.total[place])
    return +counted


def same(opened: Opener) -> None:
    rows = contacts()
    events = pa.Table.from_pylist(rows, schema=SCHEMA)
    with Ledger.of(events) as here, opened(events) as there:
        assert cells(there) == by_hand(rows)
        for table in (attribution.variance, attribution.effects):
            ours, theirs = (
                led.arrow(table(attribution.models(led.events, None, PLAYBOOK))).to_pylist() for led in (here, there)
            )
            assert len(ours) == len(theirs) > 10
            for one, other in zip(ours, theirs, strict=True):
                for name, value in one.items():
                    wanted = pytest.approx(value, rel=1e-5, abs=1e-6) if isinstance(value, float) else value
                    assert other[name] == wanted, (name, one, other)


def same_ratings(opened: Opener) -> None:
    """Each engine is held against the plain loops."""
    random = Random(7)
    rows = [*test_ratings.drawn(random, "b", 120), *test_ratings.answers(random)]
    with opened(pa.Table.from_pylist(rows, schema=SCHEMA)) as there:
        made = {name: there.keep(make(there.events), name) for name, make in test_ratings.TABLES.items()}
        found = there.arrow(attribution.ratings(there.events, **made)).to_pylist()
    assert test_ratings.by_key(found) == pytest.approx(ratings_reference.weights(rows))


def test_each_engine_gives_the_same(opened: Opener) -> None:
    same(opened)
    same_ratings(opened)


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    same(opened_on_spark)
    same_ratings(opened_on_spark)
