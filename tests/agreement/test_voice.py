"""Voice gives the same rows on every engine: texts leave it once, and what is read of them is joined back there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import voice
from aboveboard.engines import Ledger, ledgers
from aboveboard.ledger import columns
from aboveboard.playbook import reader
from aboveboard.simulate import planted_voices

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
START = datetime(2026, 1, 12, 9, tzinfo=UTC)
ODD = ("", "   ", "☹️☹️", "Ärger ÄRGER ärger", "a\nb\tc", "Ok", "ok", "I wish you had ‘evening’ delivery — please!", None)
TYPES = ("review.posted", "survey.answered", "message.received", "message.sent", "post.published", "complaint.received")


def odd() -> list[dict[str, Any]]:
    """Texts at the edges, said by nobody, at one moment, with values off and on the scales."""
    return [
        dict.fromkeys(columns.NAMES)
        | {
            "id": f"o{number:03}",
            "type": TYPES[number % len(TYPES)],
            "time": START + timedelta(minutes=number // 4),
            "recorded_at": START,
            "source": "test",
            "team": ("Ä & Co", None, "b")[number % 3],
            "audience": (None, "customer", "internal")[number % 7 % 3],
            "outcome": (None, "stars", "nps", "rating")[number % 4],
            "value": (None, 0.0, 1.0, 3.0, 5.0, 7.5, 11.0)[number % 7],
            "text": ODD[number % len(ODD)],
            "attributes": (None, '{"reason":"late"}', '{"reason":null}')[number % 5 % 3],
        }
        for number in range(90)
    ]


@cache
def record() -> pa.Table:
    made = planted_voices.planted_voices(seed=11, texts=230, days=20)
    return pa.concat_tables([made.events, pa.Table.from_pylist(odd(), schema=columns.SCHEMA)])


def tables(opened: Opener, events: pa.Table, **how: Any) -> dict[str, list[dict[str, Any]]]:
    playbook = reader.read(planted_voices.planted_voices(seed=1, texts=1).playbook)
    with opened(events) as ledger:
        read = voice.read(ledger.events, playbook, **how)
        said = ledger.keep(voice.voice(read), "voice_said")
        made = (said, read.themes, voice.by(said), voice.emerging(read), read.requests, read.models)
        found = {}
        for spec, table in zip(voice.TABLES, made, strict=True):
            rows = ledgers.arrow(table)
            assert tuple(rows.column_names) == spec.columns
            found[spec.name] = sorted(rows.to_pylist(), key=lambda row: [str(row[name]) for name in spec.key])
            assert len({tuple(row[name] for name in spec.key) for row in found[spec.name]}) == rows.num_rows
    return found


@cache
def expected() -> dict[str, list[dict[str, Any]]]:
    return tables(Ledger.of, record())


def assert_same(found: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in expected().items():
        assert len(found[name]) == len(rows), name
        for here, there in zip(rows, found[name], strict=True):
            numbers = {column for column, value in here.items() if isinstance(value, float)}
            assert {c: v for c, v in there.items() if c not in numbers} == {
                c: v for c, v in here.items() if c not in numbers
            }
            assert [there[c] for c in sorted(numbers)] == pytest.approx([here[c] for c in sorted(numbers)], rel=1e-9)


def test_postgresql_gives_what_duckdb_gives(postgres: str) -> None:
    assert_same(tables(lambda events: Ledger.of(events, engine="postgres", url=postgres), record()))
    assert expected()["voice_emerging"] and expected()["voice_requests"]


@pytest.mark.slow
def test_spark_gives_the_same(opened_on_spark: Opener) -> None:
    assert_same(tables(opened_on_spark, record()))


def test_what_happens_later_does_not_exist() -> None:
    end = planted_voices.FIRST + timedelta(days=15)
    rows = [row for row in record().to_pylist() if row["time"] <= end]
    assert (
        tables(Ledger.of, record(), as_of=end)["voice"]
        == tables(Ledger.of, pa.Table.from_pylist(rows, schema=columns.SCHEMA))["voice"]
    )


def test_a_ledger_without_words_gives_empty_tables(opened: Opener) -> None:
    found = tables(opened, pa.Table.from_pylist([], schema=columns.SCHEMA))
    assert all(rows == [] for rows in found.values())
    assert all("employee" not in spec.columns for spec in voice.TABLES)
