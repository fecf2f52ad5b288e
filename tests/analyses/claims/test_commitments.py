"""What is promised by word lives by its own clock, whatever becomes of the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aboveboard.analyses import claims, promises
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook.model import Playbook

from .conftest import START, event

Opened = Callable[[list[dict[str, Any]]], Ledger]
CALL = "I will call you by Friday."
FRIDAY = datetime.fromisoformat("2026-03-06T23:59:59.999999+00:00")
AS_OF = START + timedelta(days=20)


def made(ledger: Ledger) -> list[Mapping[str, Any]]:
    known = ledger.keep(claims.claims(ledger.events, Playbook(), as_of=AS_OF), "claims")
    kept = ledger.keep(claims.commitments(ledger.events, known, Playbook(), as_of=AS_OF), "commitments")
    return ledgers.arrow(kept).to_pylist()


def outcomes(ledger: Ledger) -> dict[str, str]:
    """What `promises.outcomes` says of the commitments: the message → its outcome."""
    known = ledger.keep(claims.claims(ledger.events, Playbook(), as_of=AS_OF), "claims")
    kept = ledger.keep(claims.commitments(ledger.events, known, Playbook(), as_of=AS_OF), "commitments")
    table = promises.outcomes(claims.with_promises(ledger.events, kept), Playbook(), as_of=AS_OF)
    return {row["event"].partition("/")[0]: row["outcome"] for row in ledgers.arrow(table).to_pylist()}


def test_a_commitment_survives_closing_handing_on_and_merging(opened: Opened) -> None:
    ledger = opened(
        [
            event(0, "message.sent", "ticket:1", id="kept", text=CALL),
            event(1, "case.closed", "ticket:1", outcome="solved"),
            event(2, "case.closed", "ticket:1", attributes={"merged_into": "ticket:2"}),
            event(50, "call.made", "ticket:2", id="call", team="another"),
            event(0, "message.sent", "ticket:3", id="late", text=CALL),
            event(200, "call.made", "ticket:3"),
            event(0, "message.sent", "ticket:4", id="broken", text=CALL),
            event(1, "case.closed", "ticket:4", outcome="solved"),
            event(478, "message.sent", "ticket:5", id="open", text="I will call you by the end of next week."),
        ]
    )
    assert outcomes(ledger) == {"kept": "kept", "late": "late", "broken": "broken", "open": "open"}


def test_what_a_commitment_says(opened: Opened) -> None:
    ledger = opened(
        [
            event(0, "message.sent", "case:1", id="said", text="Thank you. " + CALL),
            event(30, "call.made", "case:1", id="call"),
            event(0, "message.sent", "case:2", id="sometime", text="I will call you."),
            event(0, "message.sent", "case:3", id="written-down", text=CALL),
            event(0.1, "promise.made", "case:3", rule="promise:call-back", due=FRIDAY),
            event(0, "message.sent", None, id="nobody", text=CALL),
            event(0, "message.sent", "case:4", id="unrecorded", text="A technician will come on Friday."),
        ]
    )
    rows = {row["event"]: row for row in made(ledger)}
    said = rows["said"]
    assert (said["kind"], said["due"], said["due_words"], said["start"]) == ("call-back", FRIDAY, "friday", 11)
    assert said["kept_at"] == START + timedelta(hours=30)
    assert {name for name, row in rows.items() if row["counted"]} == {"said"}
    assert rows["sometime"]["due"] is None and rows["unrecorded"]["kind"] == "visit"


def test_without_any_the_promises_stay_as_they_are(opened: Opened) -> None:
    ledger = opened(
        [
            event(0, "promise.made", "case:1", rule="promise:x", due=FRIDAY),
            event(1, "promise.kept", "case:1", rule="promise:x"),
        ]
    )
    assert list(outcomes(ledger).values()) == ["kept"]


def test_a_commitment_without_a_time_is_judged_after_a_week(opened: Opened) -> None:
    events = [
        event(0, "message.sent", "case:1", id="said", text="I will call you."),
        event(0, "call.made", "case:2"),
        event(24 * 9, "call.made", "case:1"),
    ]
    ledger = opened(events)
    for days, verdict in ((6, "not yet"), (8, "contradicted")):
        rows = ledgers.arrow(claims.claims(ledger.events, Playbook(), as_of=START + timedelta(days=days))).to_pylist()
        assert [row["verdict"] for row in rows] == [verdict]
