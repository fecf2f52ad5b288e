"""Which words are a customer's, and what the rating that came with them says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.voice import texts
from aboveboard.engines import Ledger
from aboveboard.ledger import columns
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
MEASURES = reader.read("""
organisation: A shop
measures:
  csat: {scale: [1, 5], good_from: 4}
  effort: {scale: [1, 7], high_is: hard}
  nps: {scale: [0, 10]}
""")


def rated(rows: list[dict[str, Any]], playbook: Playbook = MEASURES, **how: Any) -> dict[str, str | None]:
    blank = {"recorded_at": AT, "source": "test", "text": "words", "type": "survey.answered"}
    full = [
        dict.fromkeys(columns.NAMES) | blank | {"id": f"e{n}", "time": AT + timedelta(hours=n)} | row
        for n, row in enumerate(rows)
    ]
    with Ledger.of(pa.Table.from_pylist(full, schema=columns.SCHEMA)) as ledger:
        found = ledger.arrow(texts.texts(ledger.events, playbook, **how)).to_pylist()
    return {row["event"]: row["rated"] for row in sorted(found, key=lambda row: row["event"])}


def labels(measure: str | None, *values: float | None, type: str = "survey.answered") -> list[str | None]:
    return list(rated([{"outcome": measure, "value": value, "type": type} for value in values]).values())


def test_a_measure_of_the_playbook_says_what_is_good() -> None:
    assert labels("csat", 1, 2, 3, 4, 5, 6, None) == ["negative"] * 2 + ["neutral"] + ["positive"] * 2 + [None] * 2
    assert labels("effort", 1, 4, 7) == ["positive", "neutral", "negative"]


def test_net_promoters_have_their_own_borders() -> None:
    assert labels("nps", 0, 6, 7, 8, 9) == ["negative", "negative", "neutral", "neutral", "positive"]
    assert list(rated([{"outcome": "nps", "value": v} for v in (6.0, 7.0, 9.0)], Playbook()).values()) == [
        "negative",
        "neutral",
        "positive",
    ]


@pytest.mark.parametrize(
    "values, expected",
    [
        ((1, 2, 3, 4, 5), ["negative", "negative", "neutral", "positive", "positive"]),
        ((-1, 0, 1), ["negative", "neutral", "positive"]),
        ((0, 5, 10), ["negative", "neutral", "positive"]),
        ((0, 1), ["negative", "positive"]),
        ((-7, 3), [None, None]),
    ],
)
def test_without_a_measure_the_values_tell_the_scale(values: tuple[float, ...], expected: list[str | None]) -> None:
    assert labels("stars", *values, type="review.posted") == expected


def test_the_number_on_a_message_is_no_rating() -> None:
    assert labels(None, 1, 5, type="message.received") == [None, None]


def test_only_customers_are_heard_and_only_what_was_said_by_then() -> None:
    rows: list[dict[str, Any]] = [
        {"type": "message.sent"},
        {"type": "note.written"},
        {"type": "message.received", "audience": "internal"},
        {"type": "message.received", "text": "  "},
        {"type": "message.received"},
        {"type": "complaint.received"},
        {"type": "post.published"},
    ]
    assert list(rated(rows)) == ["e4", "e5", "e6"]
    assert list(rated(rows, as_of=AT + timedelta(hours=5))) == ["e4", "e5"]
