"""What is said of what customers say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from aboveboard.analyses.voice import tables
from aboveboard.findings import voice
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook

AT = datetime(2026, 3, 1, tzinfo=UTC)


def found(**rows: list[dict[str, Any]]) -> list[Finding]:
    specs = {spec.name: spec for spec in tables.TABLES}
    made = {
        name: pa.Table.from_pylist([dict.fromkeys(specs[name].columns) | row for row in listed])
        for name, listed in rows.items()
    }
    return list(voice.findings(made, Playbook(), as_of=AT))


SHOP = {
    "cut": "team", "value": "Riverside", "theme": "all", "texts_count": 120, "sentiment_count": 120, "rated_count": 80,
    "negative_share": 0.6, "negative_share_low": 0.51, "negative_share_high": 0.69, "rest_negative_share": 0.3,
    "negative_differs": True,
}  # fmt: skip


def test_what_is_new_is_told_with_what_was_expected() -> None:
    row = {
        "words": "Card reader", "kind": "phrase", "since_at": AT, "until_at": AT, "customers_count": 15, "expected": 0.4,
        "before_count": 3, "touchpoint": "till", "example": "The card reader refused every card.", "example_event": "e9",
    }  # fmt: skip
    (one,) = found(voice_emerging=[row])
    assert one.kind == "voice.emerging" and one.about == {"words": "card reader"} and one.events == ("e9",)
    assert (
        "15 customers have spoken of “Card reader”, most of them at till; at the rate before it would be 0.4"
        in one.sentence
    )


def test_discontent_is_told_with_the_theme_that_stands_out_and_with_who_read_it() -> None:
    about = SHOP | {"theme": "parcel, late", "share": 0.5, "rest_share": 0.2, "share_differs": True}
    model = {"model": "sentiment", "slice": "all", "label": "all", "weak": True}
    (one,) = found(voice_by=[SHOP, about], voice_models=[model])
    assert one.about == {"cut": "team", "value": "Riverside"} and one.evidence.n == 120
    assert "elsewhere it is 30 %" in one.sentence and "“parcel, late” (50 % against 20 %)" in one.sentence
    assert "80 of these are rated, 40 were read by a weak model that ships" in one.sentence


def test_small_or_unsure_differences_are_not_told() -> None:
    assert found(voice_by=[SHOP | {"negative_differs": False}]) == []
    assert found(voice_by=[SHOP | {"rest_negative_share": 0.52}]) == []
    assert found(voice_by=[SHOP | {"cut": "week"}]) == []


def test_a_request_is_told_from_five_customers_on() -> None:
    rows = [
        {"event": f"e{n}", "said_at": AT, "customer": f"c{n % 5}", "wanted": "a ramp", "about": "ramp"}
        for n in range(7)
    ]
    (one,) = found(voice_requests=rows)
    assert one.sentence.startswith("5 customers ask for “a ramp”") and one.evidence.n == 5 and len(one.events) == 7
    assert found(voice_requests=rows[:4]) == []
