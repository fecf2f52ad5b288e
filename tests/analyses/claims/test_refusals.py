"""Rules that give way: what a refusal refuses, and what the record must show for it to be contradicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from aboveboard.analyses import claims
from aboveboard.analyses.claims import extraction, refusals
from aboveboard.analyses.claims.extraction import sentences
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook.model import Playbook

from .conftest import START, event

Opened = Callable[[list[dict[str, Any]]], Ledger]
FORBIDDEN = "Under our terms the booking cannot be cancelled."


def refused(text: str) -> set[str | None]:
    plain = sentences.plain(text)
    return {refusals.act(plain, one) for one in extraction.extract(text)}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The booking cannot be cancelled.", "cancel"),
        ("I'm unable to cancel the reservation as the fare is non-refundable.", "cancel"),
        ("Our terms do not allow refunds.", "refund"),
        ("The order can't be exchanged.", "exchange"),
        ("Die Buchung kann leider nicht storniert werden.", "cancel"),
        ("Eine Rückgabe ist ausgeschlossen.", "return"),
        ("Basic fares cannot be changed to another day.", None),
        ("The name on the booking cannot be changed.", None),
        ("Bags cannot be added to the booking.", None),
        ("However, your booking is a saver fare, which cannot be changed.", "change"),
        ("Under our terms the fare cannot be changed, however, you may give it to a friend.", None),
        ("Your contract cannot be terminated unless you move.", None),
        ("The order can't be changed or cancelled, sorry: it can't be cancelled and the order can't be changed.", None),
    ],
)
def test_the_act_that_is_refused(text: str, act: str | None) -> None:
    assert refused(text) == {act}


def verdicts(ledger: Ledger, days: float = 40) -> dict[str, Mapping[str, Any]]:
    table = claims.claims(ledger.events, Playbook(), as_of=START + timedelta(days=days))
    return {row["subject"]: row for row in ledgers.arrow(table).to_pylist()}


def said(subject: str, text: str = FORBIDDEN) -> dict[str, Any]:
    return event(1, "message.sent", subject, id=f"said-{subject}", text=text)


def test_a_rule_that_gives_way_is_contradicted_and_one_that_is_bent_openly_is_not(opened: Opened) -> None:
    found = verdicts(
        opened(
            [
                said("case:gave-way"),
                event(2, "booking.cancelled", "case:gave-way", id="act"),
                said("case:held"),
                said("case:other-act"),
                event(2, "booking.changed", "case:other-act"),
                said("case:before"),
                event(0, "booking.cancelled", "case:before"),
                said("case:much-later"),
                event(24 * 20, "booking.cancelled", "case:much-later"),
                said("case:granted"),
                event(2, "exception.granted", "case:granted"),
                event(3, "booking.cancelled", "case:granted"),
                said("case:decided"),
                event(2, "escalation.decided", "case:decided"),
                event(3, "booking.cancelled", "case:decided"),
                said("case:other-fare"),
                event(2, "booking.changed", "case:other-fare"),
                event(3, "booking.cancelled", "case:other-fare"),
                said("case:refused"),
                event(0, "exception.denied", "case:refused", id="no"),
                event(3, "booking.cancelled", "case:refused"),
            ]
        )
    )
    assert {subject.removeprefix("case:"): row["verdict"] for subject, row in found.items()} == {
        "gave-way": "contradicted",
        "held": "unverifiable",
        "other-act": "unverifiable",
        "before": "unverifiable",
        "much-later": "unverifiable",
        "granted": "unverifiable",
        "decided": "unverifiable",
        "other-fare": "unverifiable",
        "refused": "supported",
    }
    assert found["case:gave-way"]["evidence"] == "act"
    assert found["case:gave-way"]["why"] == "The record shows otherwise (act)."


def test_what_is_not_possible_gives_way_too_but_not_to_a_second_attempt(opened: Opened) -> None:
    words = "I am unable to cancel your order."
    found = verdicts(
        opened(
            [
                said("case:done", words),
                event(2, "order.cancelled", "case:done"),
                said("case:tried", words),
                event(0.5, "attempt.failed", "case:tried"),
                event(2, "order.cancelled", "case:tried"),
                said("case:tried-something-else", words),
                event(1.5, "message.received", "case:tried-something-else", text="Then send it to my office."),
                event(1.6, "attempt.failed", "case:tried-something-else"),
            ]
        )
    )
    assert {subject: row["verdict"] for subject, row in found.items()} == {
        "case:done": "contradicted",
        "case:tried": "supported",
        "case:tried-something-else": "unverifiable",
    }
    assert {row["claim"] for row in found.values()} == {"not-possible"}


def test_an_act_on_another_booking_or_another_part_contradicts_nothing(opened: Opened) -> None:
    words = "Booking 7QX2LP: under our terms the booking cannot be cancelled."
    found = verdicts(
        opened(
            [
                said("case:other", words),
                event(2, "booking.cancelled", "case:other", attributes={"reservation": "AB12CD"}),
                said("case:same", words),
                event(2, "booking.cancelled", "case:same", attributes={"reservation": "7QX2LP"}),
                said("case:silent", words),
                event(2, "booking.cancelled", "case:silent"),
                said("case:which"),
                event(2, "booking.cancelled", "case:which", attributes={"reservation": "AB12CD"}),
                said("booking:AB12CD"),
                event(2, "booking.cancelled", "booking:AB12CD", attributes={"reservation": "AB12CD"}),
                said(
                    "case:lines",
                    "1. Booking 7QX2LP: under our terms it cannot be cancelled.\n2. Booking AB12CD is flexible.",
                ),
                event(2, "booking.cancelled", "case:lines", attributes={"reservation": "AB12CD"}),
                said(
                    "case:letters",
                    "1. Booking QXTRLP: under our terms it cannot be cancelled.\n2. Booking AB12CD is flexible.",
                ),
                event(2, "booking.cancelled", "case:letters", attributes={"reservation": "AB12CD"}),
                said("case:whole", "Under our terms the booking cannot be changed."),
                event(2, "booking.changed", "case:whole"),
                said("case:part", "Under our terms the name on the booking cannot be changed."),
                event(2, "booking.changed", "case:part"),
            ]
        )
    )
    assert {subject: row["verdict"] for subject, row in found.items()} == {
        "case:other": "unverifiable",
        "case:same": "contradicted",
        "case:silent": "contradicted",
        "case:which": "unverifiable",
        "booking:AB12CD": "contradicted",
        "case:lines": "unverifiable",
        "case:letters": "unverifiable",
        "case:whole": "contradicted",
        "case:part": "unverifiable",
    }


def test_references() -> None:
    assert refusals.references("Booking 7QX2LP of 2024-05-15, order 123456, 24-hour, 5th, $1200") == {
        "7qx2lp",
        "123456",
    }
