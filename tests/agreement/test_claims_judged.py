"""Claims judged on every engine, held to the definition of the formulas, one claim and one event at a time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from tests.agreement.conftest import Opener
from tests.analyses.claims.monitor import reference

from aboveboard.analyses.claims import monitor
from aboveboard.engines import Ledger, ledgers
from aboveboard.ledger import columns, epochs
from aboveboard.playbook import conditions, formulas

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
FORMULAS = (
    "once[0, 20 minutes] (type = 'asked')",
    "eventually[0, 30 minutes] (type = 'done') or once (type = 'done')",
    "not eventually[0, claim.due] (type = 'undone')",
    "eventually[5 minutes, claim.due] (type = 'done' and employee = claim.employee)",
    "once[0, 1 hour] (type = 'asked' and employee <> claim.employee and value >= claim.value)",
    "(not (type = 'undone')) since[0, 2 hours] (type = 'done' and subject = claim.subject)",
    "(employee = claim.employee) until (type = 'done' or time > claim.due)",
    "always[0, 3 hours] not (type = 'undone' and local_hour(time) >= local_hour(claim.time))",
    "historically[1 minute, *] eventually[0, 40 minutes] (type = 'done' or id = claim.event)",
    "(attributes.topic = claim.topic) or once (attributes.topic = claim.topic)",
)


def drawn(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Some events with ties, absent subjects, people and values; and claims made by some of them."""
    draw = random.Random(seed)
    events = [
        {
            "id": f"e{number:03}",
            "type": draw.choice(("asked", "done", "undone", "said", "said")),
            "time": START + timedelta(minutes=5 * draw.randrange(60)),
            "subject": draw.choice(("s1", "s2", "s3", None)),
            "customer": draw.choice(("k1", "k2", None)),
            "employee": draw.choice(("p1", "p2", None)),
            "value": draw.choice((1.0, 2.5, None)),
            "due": START + timedelta(minutes=5 * draw.randrange(80)) if draw.random() < 0.6 else None,
            "attributes": draw.choice(('{"topic": "fee"}', '{"topic": "car"}', None)),
        }
        for number in range(150)
    ]
    said = [event for event in events if event["type"] == "said"]
    claims = [
        {"id": f"c{number:03}", "event": event["id"], "topic": draw.choice(("fee", "car", None))}
        for number, event in enumerate(said + said[:9])
    ]
    return events, claims


def expected(
    events: list[dict[str, Any]], claims: list[dict[str, Any]], formula: formulas.Formula, as_of: datetime, by: str
) -> dict[str, tuple[str, str | None]]:
    """Verdict and truth per claim, by the definition."""
    known = sorted(
        (event for event in events if event["time"] <= as_of), key=lambda event: (event["time"], event["id"])
    )
    found: dict[str, tuple[str, str | None]] = {}
    for claim in claims:
        own = next((event for event in known if event["id"] == claim["event"]), None)
        if own is None:
            continue
        if own[by] is None:
            found[claim["id"]] = ("unverifiable", None)
            continue
        rows = [event for event in known if event[by] == own[by]]
        bound = {f"claim.{name}": own.get(name) for name in ("time", "due", "subject", "customer", "employee", "value")}
        bound |= {"claim.event": own["id"], "claim.topic": claim["topic"]}
        met = {atom: [atom.to_python()({**row, **bound}) is True for row in rows] for atom in formula.conditions}
        times = [epochs.micros_of(row["time"]) for row in rows]
        due = None if own["due"] is None else epochs.micros_of(own["due"])
        trace = reference.Trace(times, met, epochs.micros_of(as_of), due)
        truth = monitor.Truth(reference.truth(formula.tree, rows.index(own), trace))
        found[claim["id"]] = (monitor.verdict(truth), truth.words)
    return found


def judged(ledger: Ledger, claims: list[dict[str, Any]], *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ledgers.arrow(
        monitor.judge(ledger.events, ibis.memtable(pa.Table.from_pylist(claims)), *args, **kwargs)
    ).to_pylist()
    return rows


def opened_with(opener: Opener, events: list[dict[str, Any]]) -> Any:
    recorded = [{"recorded_at": event["time"], **event} for event in events]
    return opener(pa.Table.from_pylist(recorded, schema=columns.SCHEMA))


def agree(opener: Opener) -> None:
    events, claims = drawn(7)
    middle = START + timedelta(minutes=222)
    with opened_with(opener, events) as ledger:
        for number, text in enumerate(FORMULAS):
            formula = formulas.parse(text)
            by, as_of = (("subject", middle), ("customer", max(event["time"] for event in events)))[number % 2]
            rows = judged(ledger, claims, formula, as_of=as_of, by=by)
            said = {row["claim"]: (row["verdict"], row["truth"]) for row in rows}
            assert said == expected(events, claims, formula, as_of, by), text


def test_verdicts_as_defined(opened: Opener) -> None:
    agree(opened)


@pytest.mark.slow
def test_verdicts_as_defined_on_spark(opened_on_spark: Opener) -> None:
    agree(opened_on_spark)


def test_the_formulas_reach_every_value() -> None:
    events, claims = drawn(7)
    seen = {
        truth
        for text in FORMULAS
        for _, truth in expected(
            events, claims, formulas.parse(text), START + timedelta(minutes=222), "subject"
        ).values()
    }
    assert seen == {None, "true", "presumably true", "presumably false", "false"}


def events_of(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [
        {"id": name, "type": kind, "time": START + timedelta(minutes=minute), "subject": "s"}
        for name, kind, minute in rows
    ]


def test_evidence_window_and_count(opened: Opener) -> None:
    rows = events_of(("a", "asked", 0), ("b", "asked", 50), ("c", "said", 60), ("d", "done", 70), ("e", "said", 200))
    claims = [{"id": "early", "event": "c"}, {"id": "late", "event": "e"}]
    with opened_with(opened, rows) as ledger:
        early, late = judged(ledger, claims, formulas.parse("once[0, 1 hour] (type = 'asked')"))
        assert (early["verdict"], early["evidence"], early["searched_count"]) == ("supported", "b", 3)
        assert (early["window_from"], early["window_to"]) == (START, START + timedelta(minutes=60))
        assert (late["verdict"], late["evidence"], late["searched_count"]) == ("contradicted", None, 1)
        asked = formulas.parse("once (type = 'asked') and eventually[0, 1 hour] (type = 'done')")
        early, late = judged(ledger, claims, asked)
        assert (early["verdict"], early["evidence"], early["window_from"]) == ("supported", "b, d", None)
        assert (late["verdict"], late["truth"], late["window_to"]) == ("not yet", "presumably false", rows[-1]["time"])


def test_what_speaks_against_a_claim_is_named(opened: Opener) -> None:
    rows = events_of(("a", "reserved", 0), ("b", "released", 5), ("c", "said", 10))
    held = formulas.parse("not (type = 'released') since (type = 'reserved')")
    with opened_with(opened, rows) as ledger:
        (row,) = judged(ledger, [{"id": "held", "event": "c"}], held)
    assert (row["verdict"], row["evidence"]) == ("contradicted", "b")


def test_what_is_never_recorded_is_unverifiable(opened: Opener) -> None:
    rows, claims = events_of(("a", "done", 0), ("b", "said", 5)), [{"id": "one", "event": "b"}]
    never, done = conditions.parse("type = 'asked'"), conditions.parse("type = 'done'")
    with opened_with(opened, rows) as ledger:
        for text, recorded_by, verdict in (
            ("once (type = 'asked')", never, "unverifiable"),
            ("once (type = 'asked')", done, "contradicted"),
            ("once (type = 'done')", never, "supported"),
            ("not once (type = 'undone')", never, "unverifiable"),
            ("not once (type = 'undone')", done, "supported"),
            ("eventually[0, 1 day] (type = 'asked')", never, "not yet"),
        ):
            (row,) = judged(ledger, claims, formulas.parse(text), recorded_by=recorded_by)
            assert row["verdict"] == verdict, text
            assert row["because"] == ("never recorded" if verdict == "unverifiable" else None)


def test_a_due_time_of_the_claim_wins_over_the_event_s(opened: Opener) -> None:
    rows = events_of(("a", "said", 0), ("b", "done", 30), ("c", "said", 100))
    rows[0]["due"] = START + timedelta(minutes=10)
    formula = formulas.parse("eventually[0, claim.due] (type = 'done')")
    claims = [{"id": "one", "event": "a", "due": START + timedelta(minutes=40)}]
    with opened_with(opened, rows) as ledger:
        (row,) = judged(ledger, claims, formula)
        assert (row["verdict"], row["evidence"]) == ("supported", "b")
        (row,) = judged(ledger, [{"id": "one", "event": "a"}], formula)
        assert (row["verdict"], row["window_to"]) == ("contradicted", START + timedelta(minutes=10))


def test_no_events_no_claims(opened: Opener) -> None:
    none = pa.table({"id": pa.array([], pa.string()), "event": pa.array([], pa.string())})
    with opened_with(opened, []) as ledger:
        for text in ("once (type = 'asked')", "once (employee = claim.employee)"):
            found = monitor.judge(ledger.events, ibis.memtable(none), formulas.parse(text))
            assert ledgers.arrow(found).num_rows == 0 and tuple(found.columns) == monitor.JUDGED.columns


def test_what_is_missing_is_said() -> None:
    events, claims = drawn(1)
    with opened_with(Ledger.of, events) as ledger:
        with pytest.raises(monitor.JudgingError, match="no column 'event'"):
            judged(ledger, [{"id": "c"}], formulas.parse("(true)"))
        with pytest.raises(monitor.JudgingError, match=r"'c000' stands on 2 rows"):
            judged(ledger, [*claims, claims[0]], formulas.parse("(true)"))
        with pytest.raises(monitor.JudgingError, match="no column 'episode'"):
            judged(ledger, claims, formulas.parse("(true)"), by="episode")
        with pytest.raises(ValueError, match="no time zone"):
            judged(ledger, claims, formulas.parse("(true)"), as_of=datetime(2026, 3, 2))  # noqa: DTZ001
