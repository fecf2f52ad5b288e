"""The benchmark of claims on real conversations: how it lays them side by side, and what it makes of a record without acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from benchmarks import claim_labels, claims_real

from aboveboard.engines import Ledger

START = datetime(2026, 1, 1, tzinfo=UTC)


def ledger() -> Ledger:
    """Two conversations of one customer, a year apart: words, an act, words."""
    rows = [
        (f"{subject}-{second}", kind, START + timedelta(days=days, seconds=second), subject, "c", audience, second)
        for subject, days in (("conversation:1", 0), ("conversation:2", 365))
        for second, kind, audience in (
            (1, "message.sent", "customer"),
            (3, "booking.made", "internal"),
            (4, "message.sent", "customer"),
        )
    ]
    names = ("id", "type", "time", "subject", "customer", "audience", "message")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["attributes"] = [f'{{"message": {number}}}' for number in columns.pop("message")]
    columns["recorded_at"] = columns["time"]
    columns["text"] = ["It is booked."] * len(rows)
    return Ledger.of(pa.table(columns))


def test_conversations_lie_side_by_side_and_keep_their_order() -> None:
    with ledger() as opened:
        laid = opened.arrow(claims_real.conversations(opened).order_by("id")).to_pylist()
    assert [(row["id"], (row["time"] - START).total_seconds()) for row in laid] == [
        ("conversation:1-1", 1.0),
        ("conversation:1-3", 3.0),
        ("conversation:1-4", 4.0),
        ("conversation:2-1", 1.0),
        ("conversation:2-3", 3.0),
        ("conversation:2-4", 4.0),
    ]
    assert [row["customer"] for row in laid] == [row["subject"] for row in laid]


def test_acts_are_taken_out_where_they_are_to_be_and_words_stay() -> None:
    with ledger() as opened:
        left = claims_real.without_acts(opened.events, ["conversation:2"])
        assert sorted(row["id"] for row in opened.arrow(left.select("id")).to_pylist()) == [
            "conversation:1-1",
            "conversation:1-3",
            "conversation:1-4",
            "conversation:2-1",
            "conversation:2-4",
        ]
        assert claims_real.places(opened, opened.events)["conversation:2-4"] == 4


def test_without_the_act_only_claims_of_acts_are_judged_and_become_false() -> None:
    known = {
        ("a", 1, "changed"): "supported",
        ("a", 2, "will-do"): "supported",
        ("b", 1, "changed"): "supported",
        ("b", 1, "policy-forbids"): "unverifiable",
    }
    assert claims_real.false_now(known, ["a"]) == {
        ("a", 1, "changed"): "contradicted",
        ("b", 1, "changed"): "supported",
    }


def test_contradictions_name_what_was_missed_and_what_was_made_up() -> None:
    read = [
        claim_labels.Label(1, ("a", 4), "changed", "contradicted", "no bags"),
        claim_labels.Label(1, ("a", 6), "checked", "supported", ""),
        claim_labels.Label(1, ("a", 8), "", "", ""),
    ]
    made = {
        ("a", 6, "checked"): "contradicted",
        ("a", 8, "will-do"): "contradicted",
        ("z", 1, "changed"): "contradicted",
    }
    assert list(claims_real.contradictions(read, made))[2:] == [
        "| 1 | a | 4 | changed | no bags | not found |",
        "| 1 | a | 6 | checked | *the labels: supported* | contradicted |",
        "| 1 | a | 8 | will-do | *the labels: no such claim* | contradicted |",
    ]


def test_the_goal_is_of_all_that_is_called_contradicted() -> None:
    known = {("a", 1, "changed"): "contradicted", ("a", 2, "checked"): "supported"}
    seen = {("a", 1, "changed"): "contradicted", ("a", 2, "checked"): "contradicted"}
    assert claims_real.called_contradicted([("development", known, known), ("held out", known, seen)]) == (2, 3)
