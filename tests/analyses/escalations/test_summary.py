"""Escalations counted: shares with their intervals, latency with those still waiting; by person on request alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aboveboard.analyses import catalogue, escalations
from aboveboard.analyses.escalations.tables import BY_EMPLOYEE, ESCALATIONS, SUMMARY
from aboveboard.analyses.shared import arrays

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = FIRST + timedelta(days=20)


def story(number: int, *, team: str = "desk", latency: float | None = 1, remedy: bool = False) -> dict[str, Any]:
    """One escalation of its own subject, opened at hour `number`; told as the table of them has it."""
    opened = FIRST + timedelta(hours=number)
    return {
        "event": f"e{number}", "subject": f"case:{number}", "team": team, "opened_at": opened,
        "decided_at": None if latency is None else opened + timedelta(hours=latency), "decision": f"d{number}",
        "ending": None if latency is None else "changed" if remedy else "nothing",
        "theatre": None if latency is None else not remedy,
    }  # fmt: skip


def summed(rows: list[dict[str, Any]], as_of: datetime = LATER) -> dict[str, dict[str, Any]]:
    table = escalations.summary(arrays.rows_to_table(ESCALATIONS, rows), as_of=as_of).to_pyarrow()
    assert tuple(table.column_names) == SUMMARY.columns
    return {row["value"]: row for row in table.to_pylist()}


def test_shares_and_slices() -> None:
    rows = summed([story(n, remedy=n < 2, team="desk" if n < 4 else "shop") for n in range(6)])
    assert list(rows) == ["all", "desk", "shop"]
    assert [rows["all"][name] for name in ("opened_count", "judged_count", "theatre_count")] == [6, 6, 4]
    assert rows["shop"]["theatre_share"] == 1
    # Wilson by hand: 2 of 2 begins at 1 ÷ (1 + z²/2).
    assert rows["shop"]["theatre_share_low"] == pytest.approx(0.3424, abs=1e-4)
    assert rows["all"]["needless_share"] is None


def test_those_still_waiting_count_as_long_as_they_have_waited() -> None:
    """Kaplan–Meier by hand: 3 of 6 decided within 1, 2 and 3 hours, the others watched for longer than that."""
    stories = [story(n, latency=n + 1) for n in range(3)] + [story(n, latency=None) for n in range(3, 6)]
    row = summed(stories, FIRST + timedelta(days=2))["all"]
    assert row["latency_minutes_median"] == 180, "of the three decided alone it would be 120"
    assert row["latency_minutes_p90"] is None
    assert (row["decided_count"], row["judged_count"]) == (3, 3)


def test_nobody_asked_nothing_counted() -> None:
    assert summed([]) == {}


def test_by_person_needs_a_reason_and_leaves_a_record(opened: Any) -> None:
    stories = [story(n, remedy=n < 5) for n in range(24)]
    events = [(n, "escalation.decided", {"id": f"d{n}", "employee": "many" if n < 20 else "few"}) for n in range(24)]
    led = opened(*events)
    found = led.keep(arrays.rows_to_table(ESCALATIONS, stories), "found")
    for reason, asked_by in (("", "a"), ("  \n", "a"), ("The complaint of 3 March.", " ")):
        with pytest.raises(escalations.ReasonError):
            escalations.by_employee(led.events, found, reason=reason, asked_by=asked_by, at=LATER)
    given = escalations.by_employee(led.events, found, reason=" The complaint. ", asked_by="lead-7", at=LATER)
    table = led.arrow(given.table)
    assert tuple(table.column_names) == BY_EMPLOYEE.columns
    few, many = table.to_pylist()
    assert (few["employee"], few["theatre_count"], few["theatre_share"]) == ("few", 4, None), "too few for a rate"
    assert (many["judged_count"], many["theatre_share"]) == (20, 0.75)
    record = dict(given.record)
    said = (record["type"], record["employee"], record["text"], record["time"])
    assert said == ("audit.read", "lead-7", "The complaint.", LATER)
    again = escalations.by_employee(
        led.events, found, reason="The complaint.", asked_by="lead-7", at=LATER.astimezone(ZoneInfo("Asia/Tokyo"))
    )
    assert again.record["id"] == record["id"], "the same question at the same moment is the same event"


def test_no_table_of_a_run_knows_who_decided() -> None:
    for spec in escalations.TABLES:
        assert not {"employee", "decided_by"} & set(spec.columns)
    assert BY_EMPLOYEE.name not in catalogue.SPECS
