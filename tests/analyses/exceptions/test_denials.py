"""What a refusal rests on, and what came after it; the words that mean evidence, and those that hide behind a rule."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest
from tests.analyses.exceptions.test_abuse import event, honest, often

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions import evidence
from aboveboard.analyses.exceptions.denial_tables import DENIAL_SUMMARY, DENIALS
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA

Row = dict[str, Any]
A = {"subject": "order:a", "rule": "policy:card", "customer": "ann"}

REASONS = {
    "It is against the law.": "law",
    "Underage": "law",
    "GDPR": "law",
    "for your SAFETY": "safety",
    "Guest is allergic to nuts": "safety",
    "Not possible, the dish is sold out": "impossible",
    "not possible under our policy": None,
    "That is impossible: the rules.": None,
    "company policy": None,
    "abuse": None,
    "lawn mowers only": None,
    "danger": "safety",
    "": None,
    None: None,
}


def test_the_words_of_a_reason() -> None:
    table = ibis.memtable(pa.table({"reason": pa.array(list(REASONS), pa.string())}))
    meant = table.mutate(meant=evidence.by_words(table.reason)).to_pyarrow().to_pylist()
    assert {row["reason"]: row["meant"] for row in meant} == REASONS


def test_every_phrase_of_the_list_means_its_class() -> None:
    phrases = [(phrase.replace("*", "ous"), name) for name, of in evidence.WORDS.items() for phrase in of]
    table = ibis.memtable(pa.table({"reason": pa.array([f"Sorry, {phrase}!" for phrase, _ in phrases], pa.string())}))
    assert table.mutate(meant=evidence.by_words(table.reason)).meant.to_pyarrow().to_pylist() == [n for _, n in phrases]


def denied(id: str, day: float, *, reason: str | None = None, said: str | None = None, **columns: Any) -> Row:
    attributes = {"reason": reason, "evidence": said, "clause": "side", "level": "waiter"}
    return event(id, "exception.denied", day, **{**A, **columns}, attributes=attributes)


def asked(day: float, **columns: Any) -> Row:
    return event(f"asked-{day}", "exception.requested", day, **{**A, **columns})


def found(rows: list[Row]) -> dict[str, Row]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        table = led.arrow(exceptions.denials(led.events, exceptions.judge(led.events)))
    assert tuple(table.column_names) == DENIALS.columns
    return {row["event"]: row for row in table.to_pylist()}


def test_what_it_rests_on() -> None:
    """Abuse needs a finding in force then, whoever says so; the other classes are believed."""
    x = {"customer": "x", "subject": "order:x"}
    rows = honest() + often() + [
        denied("stated", 5, said="Law"),
        denied("words", 5, reason="sold out"),
        denied("whim", 5, reason="policy", said="because"),
        denied("slander", 40, said="abuse", customer="g001"),
        denied("proven", 40, said="abuse", **x),
        denied("unsaid", 40, reason="policy", **x),
        denied("too early", 2, said="abuse", **x),
        denied("other evidence", 40, said="safety", **x),
        event("spoken", "exception.denied", 5, text="It is illegal.", **A),
    ]  # fmt: skip
    rests = {name: (row["evidence"], row["basis"]) for name, row in found(rows).items()}
    assert rests == {
        "stated": ("law", "stated"), "words": ("impossible", "words"), "whim": ("none", None),
        "slander": ("none", None), "proven": ("abuse", "finding"), "unsaid": ("abuse", "finding"),
        "too early": ("none", None), "other evidence": ("safety", "stated"), "spoken": ("law", "words"),
    }  # fmt: skip


def test_the_events_behind_it() -> None:
    rows = [*honest(), *often(), denied("proven", 40, said="abuse", customer="x"), denied("stated", 5, said="law")]
    refusals = found([*rows, denied("none", 6)])
    assert refusals["proven"]["evidence_of"].startswith("x-27-harm, x-24-harm, ")
    assert refusals["stated"]["evidence_of"] == "stated"
    assert (refusals["none"]["evidence_of"], refusals["none"]["clause"], refusals["none"]["level"]) == (
        None,
        "side",
        "waiter",
    )


def test_how_long_it_took_and_what_came_after() -> None:
    other = {"subject": "order:b"}
    rows = [
        asked(0), asked(1), denied("first", 1 + 2 / 1440), asked(2), denied("second", 3), event("g", "exception.granted", 4, **A),
        asked(5, **other), denied("quiet", 6, **other), event("g2", "exception.granted", 7, subject="order:b", rule="policy:x"),
        denied("marked", 5, subject="order:c"),
        event("objects", "message.received", 6, subject="order:c", attributes={"appeal": "marked"}),
        denied("untied", 5, subject=None), denied("ruleless", 5, rule=None),
    ]  # fmt: skip
    after = {name: (row["answered_minutes"], row["appealed"], row["overturned"]) for name, row in found(rows).items()}
    assert after["first"] == (pytest.approx(2), True, True)
    assert after["second"] == (1440, False, True)
    assert after["quiet"] == (1440, False, False), "a grant under another rule overturns nothing"
    assert after["marked"] == (None, True, False)
    assert after["untied"] == after["ruleless"] == (None, None, None)
    assert found(rows)["ruleless"]["policy"] == "(unnamed)"


def test_counts_per_rule() -> None:
    rows = [asked(0), denied("d1", 1, said="law"), denied("d2", 2), asked(3), denied("d3", 4, rule="policy:other")]
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        table = led.arrow(exceptions.denial_summary(exceptions.denials(led.events, exceptions.judge(led.events))))
    assert tuple(table.column_names) == DENIAL_SUMMARY.columns
    card, other = sorted(table.to_pylist(), key=lambda row: row["policy"])
    assert [card[name] for name in ("denials_count", "law_count", "without_count", "appealed_count")] == [2, 1, 1, 2]
    # Wilson by hand for 1 of 2: half, give or take z ÷ 2 ÷ √(2 + z²).
    assert (card["without_share_low"], card["without_share_high"]) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    assert card["answered_minutes_median"] == 1440, "nearest rank"
    assert (other["overturned_share"], other["answered_minutes_median"]) == (0, None)


def test_nothing_refused() -> None:
    assert found([]) == {}
