"""Coming back: who is counted, who is censored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes.tables import EPISODES, REPEATS
from aboveboard.analyses.shared import intervals

S = {"customer": "ann", "subject": "ticket:1", "channel": "phone", "team": "desk"}
Event = tuple[float, str, dict[str, Any]]


def contact(hours: float, outcome: str | None = "resolved", **columns: Any) -> list[Event]:
    line = {**S, **columns}
    return [
        (hours, "contact.started", line),
        (hours + 0.5, "contact.ended", {**line, "outcome": outcome, "value": 30.0}),
    ]


def overall(led: Any, **options: Any) -> dict[str, Any]:
    table = led.arrow(episodes.repeats(led.events, **options))
    assert tuple(table.column_names) == REPEATS.columns
    rows = {(row["slice"], row["value"]): row for row in table.to_pylist()}
    return rows.get(("all", "all"), {"resolved_count": 0, "repeat_count": 0})


def counts(led: Any, **options: Any) -> tuple[int, int]:
    row = overall(led, **options)
    return row["resolved_count"], row["repeat_count"]


def test_who_came_back_within_the_window_is_a_repeat(opened: Any, first: datetime) -> None:
    led = opened(*contact(0), *contact(24 * 5, outcome="unresolved"))
    late = first + timedelta(days=30)
    assert counts(led, as_of=late) == (1, 1)
    assert counts(led, as_of=late, window=timedelta(days=2)) == (1, 0)


def test_only_a_full_window_counts(opened: Any, first: datetime) -> None:
    led = opened(*contact(0))
    assert counts(led, as_of=first + timedelta(days=7)) == (0, 0)
    assert counts(led, as_of=first + timedelta(days=7, hours=0.5)) == (1, 0)


def test_a_repeat_before_the_window_is_over_waits_too(opened: Any, first: datetime) -> None:
    """Counting at once those who came back, and the others only later, would make every rate too high."""
    led = opened(*contact(0), *contact(5, outcome="unresolved"))
    assert counts(led, as_of=first + timedelta(days=1)) == (0, 0)


def test_a_case_closed_after_the_call_is_one_resolution(opened: Any, first: datetime) -> None:
    led = opened(*contact(0), (1, "case.closed", S), (30, "case.reopened", S), (40, "case.closed", S))
    assert counts(led, as_of=first + timedelta(days=30)) == (2, 1)


def test_closed_as_unresolved_is_not_resolved(opened: Any, first: datetime) -> None:
    led = opened((0, "case.opened", S), (1, "case.closed", {**S, "outcome": "unresolved"}))
    assert counts(led, as_of=first + timedelta(days=30)) == (0, 0)


def test_slices_carry_the_interval(opened: Any, first: datetime) -> None:
    events = [e for n in range(8) for e in contact(n, subject=f"t:{n}", customer=f"c{n}")]
    led = opened(*events, *contact(20, subject="t:0", customer="c0", outcome=None))
    rows = led.arrow(episodes.repeats(led.events, as_of=first + timedelta(days=30))).to_pylist()
    desk = next(row for row in rows if (row["slice"], row["value"]) == ("team", "desk"))
    low, high = intervals.wilson(7, 8)
    assert desk["fcr_share"] == 7 / 8
    assert (desk["fcr_share_low"], desk["fcr_share_high"]) == pytest.approx((float(low), float(high)))
    assert not any(row["slice"] == "touchpoint" for row in rows)


def test_the_episode_knows_whether_the_customer_came_back(opened: Any, first: datetime) -> None:
    led = opened(
        *contact(0), *contact(48, "unresolved", channel="chat", team=None), *contact(0, subject="t:2", customer="bob"),
        *contact(60, "abandoned", subject="t:3", customer="cy"), (61, "order.paid", {"customer": "dee", "subject": "o"}),
    )  # fmt: skip
    table = led.arrow(episodes.episodes(led.events, as_of=first + timedelta(days=4)))
    assert tuple(table.column_names) == EPISODES.columns
    rows = {row["customer"]: row for row in table.to_pylist()}
    assert {key: row["repeat_within_window"] for key, row in rows.items()} == {
        "ann": True, "bob": None, "cy": None, "dee": None,
    }  # fmt: skip
    ann = rows["ann"]
    assert (ann["contacts_count"], ann["restarts_count"], ann["channels"]) == (2, 1, "phone → chat")
    assert (ann["contact_minutes"], rows["dee"]["contact_minutes"]) == (60, None)
    assert ann["effort"] == 3
    later = led.arrow(episodes.episodes(led.events, as_of=first + timedelta(days=9))).to_pylist()
    assert {row["customer"]: row["repeat_within_window"] for row in later}["bob"] is False


@pytest.mark.parametrize(("hours", "repeated"), [(0.5, 0), (0.5 + 168, 1), (0.5 + 168 + 0.001, 0)])
def test_the_window_runs_from_after_the_moment_to_its_last(
    opened: Any, first: datetime, hours: float, repeated: int
) -> None:
    led = opened((0.5, "contact.ended", {**S, "outcome": "resolved"}), (hours, "contact.started", S))
    assert counts(led, as_of=first + timedelta(days=30)) == (1, repeated)
