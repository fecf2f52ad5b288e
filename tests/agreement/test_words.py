"""Wording over a made ledger: DuckDB and PostgreSQL give what plain loops give; Spark too, in the slow suite."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import words
from aboveboard.engines import ledgers
from aboveboard.ledger import columns

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXTS = (
    "We're not supposed to, but for you I'll ask.",
    "That's our policy.",
    "Your parcel leaves today at four.",
    "Nous ne pouvons pas faire cela pour vous, désolé.",
    "Das ist bei uns Vorschrift.",
    "Another drama queen. Ignore.",
    "",
    None,
)
TYPES = (
    "message.sent",
    "message.received",
    "note.written",
    "case.closed",
    "exception.granted",
    "step.offered",
    "odd.thing",
)
RULES = (None, None, "policy:card", "policy:bill", "step:visit/offer-water", "promise:x", "policy:")


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words_reference", Path(__file__).with_name("words_reference.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(seed: int, n: int = 300) -> list[dict[str, Any]]:
    """Events with ties in time, absent values in every column that may hold none, and causes."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        pick = {
            name: draw.integers(0, 10_000) for name in ("text", "type", "rule", "subject", "audience", "cause", "time")
        }
        subject = pick["subject"] % 9
        rows.append(
            dict.fromkeys(columns.NAMES)
            | {
                "id": f"e{number:03}",
                "type": TYPES[pick["type"] % len(TYPES)],
                "time": START + timedelta(minutes=10 * int(pick["time"] % 60)),
                "recorded_at": START,
                "source": "test",
                "subject": f"order:{subject}" if subject else None,
                "rule": RULES[pick["rule"] % len(RULES)],
                "audience": (None, "customer", "internal")[pick["audience"] % 3],
                "text": TEXTS[pick["text"] % len(TEXTS)],
                "attributes": (None, '{"cause":"difficult customer"}', '{"cause":null}', "{}")[pick["cause"] % 4],
            }
        )
    return rows


def found(opened: Callable[..., Any], rows: list[dict[str, Any]], **how: Any) -> tuple[set[Any], dict[Any, int]]:
    with opened(pa.Table.from_pylist(rows, schema=columns.SCHEMA)) as ledger:
        read = words.read(ledger.events, **how)
        remarks = ledgers.arrow(words.wording(read)).to_pylist()
        counts = ledgers.arrow(read.counts).to_pylist()
    keys = ("event", "part", "rule", "start", "end", "policy", "language")
    assert len(remarks) == len({(row["event"], row["part"], row["rule"], row["start"]) for row in remarks})
    return (
        {tuple(row[key] for key in keys) for row in remarks},
        {(row["audience"], row["policy"], row["language"]): row["messages_count"] for row in counts},
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_engines_give_what_plain_loops_give(opened: Callable[..., Any], plain: ModuleType, seed: int) -> None:
    rows = made(seed)
    assert found(opened, rows) == (plain.remarks(rows), plain.read(rows))


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Callable[..., Any], plain: ModuleType) -> None:
    rows = made(1)
    assert found(opened_on_spark, rows) == (plain.remarks(rows), plain.read(rows))


def test_what_happens_later_does_not_exist(opened: Callable[..., Any], plain: ModuleType) -> None:
    rows, end = made(3), START + timedelta(hours=5)
    seen = [row for row in rows if row["time"] <= end]
    assert 0 < len(seen) < len(rows)
    assert found(opened, rows, as_of=end) == (plain.remarks(seen), plain.read(seen))


def test_a_ledger_without_words_gives_empty_tables(opened: Callable[..., Any]) -> None:
    with opened(pa.Table.from_pylist([], schema=columns.SCHEMA)) as ledger:
        read = words.read(ledger.events)
        remarks = words.wording(read)
        by_policy = words.by_policy(ledger.keep(remarks, "w"), ledger.keep(read.counts, "r"))
        for spec, table in zip(words.TABLES, (remarks, read.counts, by_policy), strict=True):
            rows = ledgers.arrow(table)
            assert rows.num_rows == 0 and tuple(rows.column_names) == spec.columns
            assert "employee" not in spec.columns
