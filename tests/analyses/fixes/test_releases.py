"""By what a fix is judged is read from before it; afterwards nobody can choose."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from aboveboard.analyses.fixes import releases
from aboveboard.analyses.fixes.releases import Criterion, Release
from aboveboard.analyses.shared import horizon
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
BOOK = reader.read("""
organisation: A shop
promises:
  by-friday:
    {says: By Friday., owner: stores, starts: type = 'a', kept_by: type = 'b', within: 3 days, objective: 0.95}
""")


def event(day: float, type: str = "fix.released", *, recorded: float | None = None, **columns: Any) -> dict[str, Any]:
    held = columns.pop("attributes", None)
    at = START + timedelta(days=day)
    told = START + timedelta(days=day if recorded is None else recorded)
    return {
        **dict.fromkeys(SCHEMA.names), "id": f"{type}-{day}", "type": type, "time": at, "recorded_at": told,
        "attributes": json.dumps(held) if held else None, **columns,
    }  # fmt: skip


def read(*events: dict[str, Any]) -> list[Release]:
    with Ledger.of(pa.Table.from_pylist(list(events), schema=SCHEMA)) as led:
        return releases.releases(horizon.until(led.events, None)[0], BOOK)


def test_a_problem_is_named_by_attribute_subject_or_rule() -> None:
    named = read(
        event(0, attributes={"problem": "lost"}, rule="policy:p"),
        event(1, subject="problem:late"),
        event(2, rule="promise:by-friday", subject="order:1"),
        event(3),
    )
    assert [one.problem for one in named] == ["lost", "late", "promise:by-friday", None]


def test_the_latest_word_from_before_the_release_counts() -> None:
    early = event(-9, "fix.planned", attributes={"problem": "lost", "reduce_by": 0.3, "window_weeks": 6})
    later = event(-2, "fix.planned", subject="problem:lost", attributes={"at_most": 4})
    after = event(5, "fix.planned", attributes={"problem": "lost", "reduce_by": 0.01})
    other = event(-1, "fix.planned", attributes={"problem": "else", "reduce_by": 0.02})
    [one] = read(early, later, after, other, event(0, attributes={"problem": "lost"}))
    assert one.criterion == Criterion("at most", 4.0, "record")
    assert (one.window, one.window_source) == (6, "record")


def test_what_was_written_down_after_the_release_with_an_earlier_date_does_not_count() -> None:
    backdated = event(-2, "fix.planned", recorded=30, attributes={"problem": "lost", "reduce_by": 0.05})
    [one] = read(backdated, event(0, attributes={"problem": "lost"}))
    assert one.criterion == Criterion("reduce by", 0.5, "default") and one.window is None


def test_without_a_plan_the_release_then_the_playbook_then_a_default() -> None:
    own, by_book, bad = read(
        event(0, attributes={"problem": "lost", "reduce_by": 0.4, "window_weeks": 10}),
        event(1, rule="promise:by-friday"),
        event(2, attributes={"problem": "x", "reduce_by": "much", "at_most": -1, "window_weeks": "soon"}),
    )
    assert (own.criterion, own.window, own.window_source) == (Criterion("reduce by", 0.4, "release"), 10, "release")
    assert by_book.criterion == Criterion("at most", 0.05, "playbook")
    assert (bad.criterion, bad.window) == (Criterion("reduce by", 0.5, "default"), None)


def test_other_changes_to_the_same_thing_are_known() -> None:
    one, north, again = read(
        event(0, attributes={"problem": "lost"}),
        event(10, attributes={"problem": "lost"}, team="north"),
        event(20, attributes={"problem": "lost"}, team="south"),
    )
    day = 86_400_000_000
    assert one.following == north.at == one.at + 10 * day
    assert north.previous == one.at and north.following is None  # the south is another place
    assert again.previous == one.at and again.part == "team south"
