"""When is a claim borne out, contradicted, too early to tell, or nothing that the record could show?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from aboveboard.analyses import claims
from aboveboard.analyses.claims import tables
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

from .conftest import START, event

Opened = Callable[[list[dict[str, Any]]], Ledger]
ASKED = "I asked my supervisor."
BARE = Playbook()
LATER = START + timedelta(days=40)


def found(ledger: Ledger, playbook: Playbook = BARE, *, days: float = 40) -> list[Mapping[str, Any]]:
    table = claims.claims(ledger.events, playbook, as_of=START + timedelta(days=days))
    return ledgers.arrow(table).to_pylist()


def by_event(rows: list[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    return {(row["event"], row["claim"]): row["verdict"] for row in rows}


def test_words_and_deeds(opened: Opened) -> None:
    rows = found(
        opened(
            [
                event(0, "escalation.opened", "case:real", id="e1"),
                event(1, "message.sent", "case:real", id="real", text=ASKED),
                event(1, "message.sent", "case:false", id="false", text=ASKED),
                event(1, "message.sent", "case:after", id="after", text="Your complaint has been escalated."),
                event(2, "escalation.opened", "case:after", id="e2"),
                event(1, "message.sent", "case:late", id="late", text=ASKED),
                event(30, "escalation.opened", "case:late", id="e3"),
                event(1, "message.sent", None, id="nowhere", text=ASKED),
                event(1, "message.sent", "case:pays", id="pays", text="The fee has been refunded."),
                event(1, "note.written", "case:real", id="note", audience="internal", text=ASKED),
                event(1, "message.received", "case:real", id="his", audience="customer", text=ASKED),
            ]
        )
    )
    assert by_event(rows) == {
        ("real", "asked-superior"): "supported",
        ("false", "asked-superior"): "contradicted",
        ("after", "asked-superior"): "supported",
        ("late", "asked-superior"): "contradicted",
        ("nowhere", "asked-superior"): "unverifiable",
        ("pays", "refunded"): "unverifiable",  # this ledger never shows a refund
    }
    row = next(row for row in rows if row["event"] == "real")
    assert (row["evidence"], row["words"], row["start"], row["end"]) == ("e1", "I asked my supervisor", 0, 21)
    assert "No escalation" in next(row["why"] for row in rows if row["event"] == "false")
    assert "no subject" in next(row["why"] for row in rows if row["event"] == "nowhere")
    assert "never shows" in next(row["why"] for row in rows if row["event"] == "pays")


def test_a_second_look_is_one_after_the_question(opened: Opened) -> None:
    again, first = "I have double-checked your order.", "I have checked your order."
    rows = found(
        opened(
            [
                event(0, "record.checked", "case:once"),
                event(1, "message.received", "case:once", audience="customer", text="Are you sure?"),
                event(2, "message.sent", "case:once", id="once", text=again),
                event(2.1, "message.sent", "case:once", id="told-of-the-first", text=first),
                event(0, "record.checked", "case:twice"),
                event(1, "message.received", "case:twice", audience="customer", text="Are you sure?"),
                event(1.5, "record.checked", "case:twice"),
                event(2, "message.sent", "case:twice", id="twice", text=again),
                event(2, "message.sent", "case:written-later", id="written-later", text=again),
                event(2.5, "record.checked", "case:written-later"),
                event(2, "message.sent", "case:next", id="looked-at-the-next-question", text=again),
                event(2.2, "message.received", "case:next", audience="customer", text="And the invoice?"),
                event(2.4, "record.checked", "case:next"),
            ]
        )
    )
    assert by_event(rows) == {
        ("once", "checked"): "contradicted",
        ("told-of-the-first", "checked"): "supported",
        ("twice", "checked"): "supported",
        ("written-later", "checked"): "supported",
        ("looked-at-the-next-question", "checked"): "contradicted",
    }


def test_while_its_window_is_open_nothing_is_contradicted(opened: Opened) -> None:
    events = [
        event(0, "payment.refunded", "case:other"),
        event(1, "message.sent", "case:1", id="said", text="Your refund has been issued."),
    ]
    ledger = opened(events)
    assert [row["verdict"] for row in found(ledger, days=1)] == ["not yet"]
    assert [row["verdict"] for row in found(ledger, days=3)] == ["contradicted"]
    assert found(ledger, days=0.01) == []  # not said yet


def test_which_change_was_meant(opened: Opened) -> None:
    rows = found(
        opened(
            [
                event(0, "booking.cancelled", "trip:1"),
                event(1, "message.sent", "trip:1", id="right", text="Your booking has been cancelled."),
                event(0, "booking.changed", "trip:2"),
                event(1, "message.sent", "trip:2", id="wrong", text="Your booking has been cancelled."),
                event(1, "message.sent", "trip:2", id="changed", text="Your booking has been updated."),
                event(1, "message.sent", "trip:3", id="booked", text="I have booked your hotel."),
            ]
        )
    )
    assert by_event(rows) == {
        ("right", "changed"): "supported",
        ("wrong", "changed"): "contradicted",
        ("changed", "changed"): "supported",
        ("booked", "changed"): "unverifiable",  # nothing is ever booked in this record
    }


def test_a_public_status_claims_what_it_says(opened: Opened) -> None:
    rows = found(
        opened(
            [
                event(0, "status.changed", "order:1", id="s1", audience="customer", outcome="Refunded"),
                event(0, "status.changed", "order:2", id="s2", audience="customer", outcome="in progress"),
                event(0, "status.changed", "order:2", id="s3", audience="internal", outcome="Refunded"),
                event(0.5, "payment.refunded", "order:9"),
            ]
        )
    )
    assert by_event(rows) == {("s1", "refunded"): "contradicted"}
    assert rows[0]["pattern"] == "status"


def test_what_was_said_on_a_case_is_owed_on_the_one_it_was_merged_into(opened: Opened) -> None:
    ledger = opened(
        [
            event(0, "message.sent", "ticket:1", id="said", text="I have escalated your complaint."),
            event(1, "case.closed", "ticket:1", attributes={"merged_into": "2"}),
            event(1.5, "escalation.opened", "ticket:2", id="done"),
        ]
    )
    (row,) = found(ledger)
    assert (row["subject"], row["verdict"], row["evidence"]) == ("ticket:2", "supported", "done")


def test_an_organisation_adds_a_claim_of_its_own_and_changes_one(opened: Opened) -> None:
    playbook = reader.read(
        """
claims:
  sent-technician:
    says: A technician was sent.
    owner: field service
    words: {en: [sent a technician], de: [einen Techniker geschickt]}
    evidence: once[0, 7 days] (type = 'visit.started') or eventually[0, 1 day] (type = 'visit.started')
    recorded_by: type = 'visit.started'
  asked-superior:
    evidence: once[0, 1 hour] (type = 'call.made' and team = 'managers')
"""
    )
    rows = found(
        opened(
            [
                event(0, "visit.started", "case:1"),
                event(1, "message.sent", "case:1", id="came", text="We sent a technician this morning."),
                event(1, "message.sent", "case:2", id="not", text="Wir haben einen Techniker geschickt."),
                event(0.5, "call.made", "case:3", team="managers"),
                event(1, "message.sent", "case:3", id="asked", text=ASKED),
            ]
        ),
        playbook,
    )
    assert by_event(rows) == {
        ("came", "sent-technician"): "supported",
        ("not", "sent-technician"): "contradicted",
        ("asked", "asked-superior"): "supported",
    }


def test_evidence_of_the_same_customer(opened: Opened) -> None:
    ledger = opened(
        [
            event(0, "escalation.opened", "case:7"),
            event(1, "message.sent", "case:8", id="said", text=ASKED),
            event(1, "message.sent", "case:9", id="other", text=ASKED, customer="c2"),
        ]
    )
    playbook = reader.read("claims:\n  asked-superior: {same: customer}\n")
    assert by_event(found(ledger, playbook)) == {
        ("said", "asked-superior"): "supported",
        ("other", "asked-superior"): "contradicted",
    }


@pytest.mark.parametrize("events", [[], [event(0, "case.opened")], [event(0, "message.sent", text=None)]])
def test_nothing_said_gives_empty_tables_of_the_right_shape(opened: Opened, events: list[dict[str, Any]]) -> None:
    ledger = opened(events) if events else opened([event(0, "case.opened")])
    known = ledger.events if events else ledger.events.filter(ledger.events.id == "none")
    made = ledger.keep(claims.claims(known, Playbook()), "claims")
    for spec, table in (
        (tables.CLAIMS, made),
        (tables.SUMMARY, claims.summary(made)),
        (tables.COMMITMENTS, claims.commitments(known, made, Playbook())),
        (tables.DISSONANCE, claims.dissonance(known)),
    ):
        assert tuple(table.columns) == spec.columns
        assert ledgers.arrow(table).num_rows == 0


def test_renaming_employees_changes_nothing_and_asking_for_them_needs_a_reason(opened: Opened) -> None:
    def said(name: str) -> Ledger:
        return opened(
            [
                event(0, "escalation.opened", "case:1", employee=name),
                event(1, "message.sent", "case:1", text=ASKED, employee=name, rule="policy:fees"),
                event(1, "message.sent", "case:2", text=ASKED, employee=name),
            ]
        )

    one, other = said("anna"), said("zoe")
    assert found(one) == found(other)
    made = one.keep(claims.claims(one.events, Playbook(), as_of=LATER), "claims")
    rows = ledgers.arrow(claims.summary(made)).to_pylist()
    assert {row["slice"] for row in rows} == {"all", "channel", "team", "policy"}
    overall = next(row for row in rows if row["slice"] == "all" and row["claim"] == "all")
    assert (overall["claims_count"], overall["supported_count"], overall["contradicted_count"]) == (2, 1, 1)
    assert overall["true_share"] == 0.5 and 0.09 < overall["true_share_low"] < 0.10
    with pytest.raises(claims.ReasonError, match="reason"):
        claims.by_employee(made, one.events, reason=" ")
    named = ledgers.arrow(claims.by_employee(made, one.events, reason="an appeal")).to_pylist()
    assert {row["value"] for row in named if row["slice"] == "employee"} == {"anna"}
