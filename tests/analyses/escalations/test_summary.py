"""Escalations counted: shares with their intervals, latency with those still waiting; by person on request alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aboveboard.analyses import catalogue, escalations
from aboveboard.analyses.escalations.tables import BY_EMPLOYEE, SUMMARY
from aboveboard.playbook.model import Playbook

Event = tuple[float, str, dict[str, Any]]


def story(
    number: int, *, team: str = "desk", latency: float | None = 1, remedy: bool = False, by: str = "m"
) -> list[Event]:
    """One escalation of its own subject, at hour `number`."""
    columns = {"subject": f"case:{number}", "team": team, "attributes": {"authority": "lead"}}
    events: list[Event] = [(number, "escalation.opened", columns)]
    if latency is not None:
        events.append((number + latency, "escalation.decided", {**columns, "employee": by}))
    if remedy:
        events.append((number + 1, "remedy.given", {"subject": f"case:{number}", "outcome": "voucher"}))
    return events


def summed(led: Any, as_of: datetime) -> dict[str, dict[str, Any]]:
    found = escalations.escalations(led.events, Playbook(), as_of=as_of)
    table = led.arrow(escalations.summary(found, as_of=as_of))
    assert tuple(table.column_names) == SUMMARY.columns
    return {row["value"]: row for row in table.to_pylist()}


def test_shares_and_slices(opened: Any, first: datetime) -> None:
    events = [event for n in range(6) for event in story(n, remedy=n < 2, team="desk" if n < 4 else "shop")]
    rows = summed(opened(*events), first + timedelta(days=20))
    assert list(rows) == ["all", "desk", "shop"]
    assert [rows["all"][name] for name in ("opened_count", "judged_count", "theatre_count")] == [6, 6, 4]
    assert rows["shop"]["theatre_share"] == 1
    # Wilson by hand: 2 of 2 begins at 1 ÷ (1 + z²/2).
    assert rows["shop"]["theatre_share_low"] == pytest.approx(0.3424, abs=1e-4)
    assert rows["all"]["needless_share"] is None


def test_those_still_waiting_count_as_long_as_they_have_waited(opened: Any, first: datetime) -> None:
    """Kaplan–Meier by hand: 3 of 6 decided within 1, 2 and 3 hours, the others watched for longer than that."""
    events = [event for n in range(3) for event in story(n, latency=n + 1)]
    events += [event for n in range(3, 6) for event in story(n, latency=None)]
    row = summed(opened(*events), first + timedelta(days=2))["all"]
    assert row["latency_minutes_median"] == 180, "of the three decided alone it would be 120"
    assert row["latency_minutes_p90"] is None
    assert (row["decided_count"], row["judged_count"]) == (3, 0)


def test_nobody_asked_nothing_counted(opened: Any, first: datetime) -> None:
    assert summed(opened(), first) == {}


def test_by_person_needs_a_reason_and_leaves_a_record(opened: Any, first: datetime) -> None:
    events = [event for n in range(20) for event in story(n, remedy=n < 5, by="many")]
    events += [event for n in range(20, 24) for event in story(n, by="few")]
    led = opened(*events)
    found = led.keep(escalations.escalations(led.events, Playbook(), as_of=first + timedelta(days=20)), "found")
    at = first + timedelta(days=20)
    for reason, asked_by in (("", "a"), ("  \n", "a"), ("The complaint of 3 March.", " ")):
        with pytest.raises(escalations.ReasonError):
            escalations.by_employee(led.events, found, reason=reason, asked_by=asked_by, at=at)
    given = escalations.by_employee(led.events, found, reason=" The complaint. ", asked_by="lead-7", at=at)
    table = led.arrow(given.table)
    assert tuple(table.column_names) == BY_EMPLOYEE.columns
    few, many = table.to_pylist()
    assert (few["employee"], few["theatre_count"], few["theatre_share"]) == ("few", 4, None), (
        "four are too few for a rate"
    )
    assert (many["judged_count"], many["theatre_share"]) == (20, 0.75)
    record = dict(given.record)
    assert (record["type"], record["employee"], record["text"], record["time"]) == (
        "audit.read",
        "lead-7",
        "The complaint.",
        at,
    )
    again = escalations.by_employee(
        led.events, found, reason="The complaint.", asked_by="lead-7", at=at.astimezone(UTC)
    )
    assert again.record["id"] == record["id"]


def test_no_table_of_a_run_knows_who_decided() -> None:
    for spec in escalations.TABLES:
        assert not {"employee", "decided_by"} & set(spec.columns)
    assert BY_EMPLOYEE.name not in catalogue.SPECS
