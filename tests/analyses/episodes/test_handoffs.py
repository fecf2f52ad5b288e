"""Hand-offs, case by case, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes.tables import FLOWS, HANDOFFS

O = {"subject": "order:1"}  # noqa: E741 - short, for the eye


def sent(hours: float, to: str | None, team: str = "desk") -> tuple[float, str, dict[str, Any]]:
    return hours, "handoff.sent", {**O, "team": team, "attributes": {"to": to}}


def received(hours: float, team: str = "store") -> tuple[float, str, dict[str, Any]]:
    return hours, "handoff.received", {**O, "team": team}


def acted(hours: float, team: str, subject: str = "ticket:1", **columns: Any) -> tuple[float, str, dict[str, Any]]:
    return hours, "status.changed", {"subject": subject, "team": team, **columns}


def found(led: Any, **options: Any) -> list[dict[str, Any]]:
    table = led.arrow(episodes.handoffs(led.events, **options))
    assert tuple(table.column_names) == HANDOFFS.columns
    return sorted(table.to_pylist(), key=lambda row: (row["sent_at"], row["event"]))


def test_a_receipt_answers_the_latest_sending(opened: Any) -> None:
    rows = found(opened(sent(0, "store"), sent(60, "store"), received(61), received(62, "elsewhere")))
    assert [(row["event"], row["waiting_minutes"], row["lost"]) for row in rows] == [
        ("e1", 62 * 60, True),
        ("e2", 60, False),
    ]
    assert rows[0]["received_at"] is None


def test_each_receipt_answers_one_sending(opened: Any) -> None:
    rows = found(opened(sent(0, "store"), sent(1, "store"), received(2), received(5), received(6)))
    assert [row["waiting_minutes"] for row in rows] == [5 * 60, 60]


def test_lost_needs_the_window_to_be_over(opened: Any, first: datetime) -> None:
    led = opened(sent(0, "store"), sent(10, "bank"), received(49))
    at = [{row["event"]: row["lost"] for row in found(led, as_of=first + timedelta(hours=h))} for h in (48, 49, 58.5)]
    assert at == [{"e1": False, "e2": False}, {"e1": True, "e2": False}, {"e1": True, "e2": True}]
    assert not any(row["lost"] for row in found(led, lost_after=timedelta(days=9)))


def test_a_sending_to_nobody_goes_to_whoever_took_it_next(opened: Any) -> None:
    rows = found(opened(received(-1, "early"), sent(0, None), received(1, "bank"), sent(2, None)))
    assert [(row["receiver"], row["waiting_minutes"]) for row in rows] == [("bank", 60), (None, 0)]


def test_at_one_moment_the_sending_comes_first(opened: Any) -> None:
    (row,) = found(opened(received(3), sent(3, "store")))
    assert row["waiting_minutes"] == 0


def test_acts_are_handed_over_and_come_back(opened: Any) -> None:
    rows = found(opened(acted(0, "A"), acted(1, "A"), acted(2, "B"), acted(4, "A"), acted(7, "C"), acted(8, "A")))
    assert [(r["sender"], r["receiver"], r["waiting_minutes"], r["returned"]) for r in rows] == [
        ("A", "B", 60, False), ("B", "A", 120, True), ("A", "C", 180, False), ("C", "A", 60, True),
    ]  # fmt: skip
    assert {r["basis"] for r in rows} == {"seen"}
    assert not any(r["lost"] for r in rows)


def test_told_hand_offs_are_not_counted_again_as_seen(opened: Any) -> None:
    rows = found(opened(sent(0, "store"), received(1), (2, "order.ready", {**O, "team": "warehouse"}), acted(3, "x")))
    assert [row["basis"] for row in rows] == ["told"]


def test_only_chosen_acts_count(opened: Any) -> None:
    led = opened(acted(0, "A"), (1, "note.written", {"subject": "ticket:1", "team": "B"}), acted(2, "C"))
    assert [(r["sender"], r["receiver"]) for r in found(led, acts=["status.changed"])] == [("A", "C")]


def test_a_vendor_is_known_by_any_of_its_events(opened: Any) -> None:
    vendor = {"attributes": {"vendor": True}}
    rows = found(opened(acted(0, "A"), acted(1, "B"), acted(2, "C"), acted(0, "B", "contract:1", **vendor)))
    assert [row["between"] for row in rows] == ["vendor", "vendor"]


def test_the_customer_goes_from_channel_to_channel(opened: Any) -> None:
    who = {"customer": "ann"}
    rows = found(
        opened(
            (0, "contact.started", {**who, "channel": "web"}),
            (1, "contact.started", {**who, "channel": "phone"}),
            (2, "message.received", {**who, "channel": "chat"}),
            (2.2, "message.received", {**who, "channel": "chat"}),
            (2.3, "message.received", {**who, "channel": "phone"}),
            (3, "contact.started", {**who, "channel": "phone"}),
        )
    )
    assert [(r["sender"], r["receiver"], r["returned"]) for r in rows] == [
        ("web", "phone", False), ("phone", "chat", False), ("chat", "phone", True),
    ]  # fmt: skip
    assert {r["between"] for r in rows} == {"channel"}


def test_flows_give_waits_that_happened(opened: Any) -> None:
    waits = (1, 2, 3, 4, 5, 6, 7, 8, 9, 50)
    events = [e for n, w in enumerate(waits) for e in (acted(0, "A", f"t:{n}"), acted(w, "B", f"t:{n}"))]
    led = opened(*events, sent(0, "store"), sent(1, "store"), received(60))
    table = led.arrow(episodes.flows(episodes.handoffs(led.events)))
    assert tuple(table.column_names) == FLOWS.columns
    flows = {row["sender"]: row for row in table.to_pylist()}
    assert (flows["A"]["waiting_minutes_median"], flows["A"]["waiting_minutes_p90"]) == (5 * 60, 9 * 60)
    assert flows["A"]["handoffs_count"] == flows["A"]["subjects_count"] == 10
    assert (flows["A"]["told_count"], flows["A"]["lost_share"], flows["A"]["lost_share_high"]) == (0, None, None)
    assert (flows["desk"]["lost_count"], flows["desk"]["lost_share"]) == (2, 1.0)
    # Wilson by hand: n = 2, x = 2 gives 1 ÷ (1 + z²/2).
    assert flows["desk"]["lost_share_low"] == pytest.approx(0.3424, abs=1e-4)


def test_an_empty_ledger_has_no_hand_offs(opened: Any) -> None:
    assert found(opened()) == []


def test_as_of_needs_a_time_zone(opened: Any) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        episodes.handoffs(opened().events, as_of=datetime(2026, 1, 1))  # noqa: DTZ001
