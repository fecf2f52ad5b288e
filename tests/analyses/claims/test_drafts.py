"""A draft is read and held against the record as the analysis would read and hold it, were it said now."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aboveboard.analyses import claims
from aboveboard.analyses.claims import drafts
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

from .conftest import START, event

SENTENCES = (
    "I asked my supervisor.", "Your refund has been issued.", "I have checked our stock again.", "Your booking has been cancelled.",
    "I will call you back by Friday.", "We'll send the part within two hours.", "Our policy does not allow it.",
    "I have reserved a table for you.", "Ich habe meinen Chef gefragt.", "Thank you for your patience.",
    "The fault has been fixed.",
)  # fmt: skip
ACTS = (
    "escalation.opened", "exception.requested", "payment.refunded", "stock.checked", "booking.cancelled", "table.reserved",
    "exception.denied", "message.received", "repair.done",
)  # fmt: skip
READ = {"supported", "contradicted"}
Opened = Callable[[list[dict[str, Any]]], Ledger]


def drawn(seed: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Some acts on two subjects in ten days, and what is said at their end."""
    draw = random.Random(seed)
    acts = [
        event(draw.randrange(240), draw.choice(ACTS), draw.choice(("case:1", "case:2")), id=f"e{number}")
        for number in range(draw.randrange(12))
    ]
    text = " ".join(draw.sample(SENTENCES, 3))
    return acts, event(240, "message.sent", text=text, id="zz")


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_the_analysis_says_of_a_ledger_that_ends_with_it(opened: Opened, seed: int) -> None:
    acts, draft = drawn(seed)
    # Acts of every kind on another subject: the analysis asks the same of the ledger as a draft asks of its types.
    known = [event(1, one, "case:9", id=f"k{number}") for number, one in enumerate(ACTS)]
    ledger = opened([*acts, *known, draft])
    table = claims.claims(ledger.events, Playbook(), as_of=draft["time"])
    rows = {(one["claim"], one["start"]): one for one in ledgers.arrow(table).to_pylist() if one["event"] == "zz"}
    said = drafts.read(draft["text"], Playbook(), said_at=draft["time"])
    assert {(one.claim, one.start): (one.words, one.due) for one in said} == {
        key: (row["words"], row["due"]) for key, row in rows.items()
    }
    record = [{**one, "attributes": json.loads(one["attributes"] or "{}")} for one in acts]
    shown = drafts.shown(said, record, draft, Playbook(), types=set(ACTS))
    assert {(one.said.claim, one.said.start) for one in shown} == {
        (one.claim, one.start) for one in said if not one.commitment
    }
    for one in shown:
        row = rows[one.said.claim, one.said.start]
        assert one.verdict == row["verdict"], one
        assert ", ".join(one.evidence) == (row["evidence"] or "") or one.verdict not in READ


def test_an_act_that_the_ledger_never_holds_shows_nothing() -> None:
    draft = event(240, "message.sent", text="I asked my supervisor.")
    said = drafts.read(draft["text"], Playbook(), said_at=draft["time"])
    (silent,) = drafts.shown(said, [], draft, Playbook(), types={"message.sent"})
    (told,) = drafts.shown(said, [], draft, Playbook(), types={"message.sent", "escalation.opened"})
    assert (silent.verdict, told.verdict) == ("unverifiable", "not yet")
    assert (told.act, told.since) == ("escalation or request to a superior", timedelta(days=3))


def test_times_are_those_of_the_playbook() -> None:
    book = reader.read("organisation: A\ntimezone: America/New_York\n")
    (one,) = drafts.read("I will call you back today at 5 pm.", book, said_at=START)
    assert one.due == START.replace(hour=22), "five in the afternoon, in New York in winter"


def test_a_claim_by_customer_looks_beyond_the_subject() -> None:
    book = reader.read("organisation: A\ntimezone: UTC\nclaims:\n  refunded: {same: customer}\n")
    draft = event(240, "message.sent", text="Your refund has been issued.")
    elsewhere = event(230, "payment.refunded", "case:2", id="paid")
    for playbook, verdict in ((Playbook(), "not yet"), (book, "supported")):
        said = drafts.read(draft["text"], playbook, said_at=draft["time"])
        assert drafts.ask_customers(said, playbook) == (playbook is book)
        (found,) = drafts.shown(said, [elsewhere], draft, playbook, types={"payment.refunded"})
        assert found.verdict == verdict
