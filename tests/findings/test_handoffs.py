from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses.episodes.flows import flows
from aboveboard.analyses.episodes.tables import HANDOFFS
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
}
SCHEMA = pa.schema([(field.name, KINDS[field.kind]) for field in HANDOFFS.fields])


def handoff(number: int, sender: str, receiver: str | None, waited: float | None, **more: Any) -> dict[str, Any]:
    sent = START + timedelta(hours=number)
    row = {
        "subject": f"order:{number}",
        "customer": None,
        "between": "team",
        "sender": sender,
        "receiver": receiver,
        "basis": "told",
        "sent_at": sent,
        "received_at": None if waited is None else sent + timedelta(minutes=waited),
        "waiting_minutes": 5000.0 if waited is None else waited,
        "lost": waited is None,
        "returned": False,
        "event": f"h{number:05d}",
    }
    return row | more


def found(rows: list[dict[str, Any]]) -> list[Finding]:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    tables = {"handoffs": table, "handoff_flows": flows(ibis.memtable(table)).to_pyarrow()}
    return collect.collect(tables, Playbook(), as_of=START + timedelta(days=900))


def test_one_lost_handoff_is_a_fact_with_its_name() -> None:
    (finding,) = found([handoff(1, "web", "Main Street", None), handoff(2, "web", "Main Street", 5)])
    assert finding.kind == "handoff.lost"
    assert finding.about == {"between": "team", "sender": "web", "receiver": "Main Street"}
    assert finding.sentence == (
        "order:1 (2 Mar 2026 10:00) was handed from web to Main Street and not received in time."
    )
    assert finding.events == ("h00001",)
    assert (finding.evidence.n, finding.evidence.estimate, finding.evidence.unit) == (2, 1, "count")


def test_two_lost_are_two_and_not_a_share() -> None:
    (finding,) = found([handoff(1, "web", None, None), handoff(2, "web", None, None)])
    assert "were handed from web to somebody unknown" in finding.sentence
    assert "%" not in finding.sentence
    assert finding.about["receiver"] == "(unknown)"


def test_many_lost_are_a_share_with_its_interval() -> None:
    rows = [handoff(n, "web", "Main Street", None if n % 4 == 0 else 5.0) for n in range(80)]
    (finding,) = [one for one in found(rows) if one.kind == "handoff.lost"]
    assert finding.sentence == "20 of 80 hand-offs from web to Main Street were never received in time (17–35 %)."
    assert finding.weight == 20
    assert len(finding.events) == 20


def test_scattered_losses_share_one_finding() -> None:
    rows = [handoff(n, f"team {n}", "desk", None) for n in range(6)] + [
        handoff(n, "web", "desk", None) for n in range(9, 14)
    ]
    lost = [finding for finding in found(rows) if finding.kind == "handoff.lost"]
    assert [finding.about["sender"] for finding in lost] == ["(others)", "web"]
    assert lost[0].sentence.startswith("6 hand-offs were sent and never received in time")


def test_one_return_is_told_as_it_happened() -> None:
    rows = [handoff(1, "A", "B", 5), handoff(1, "B", "A", 5, returned=True, event="back")]
    (finding,) = found(rows)
    assert (finding.kind, finding.sentence) == ("handoff.ping-pong", "order:1 went from A to B and back.")
    assert finding.events == ("back",)


def test_the_pair_that_sends_back_more_is_named() -> None:
    rng = np.random.default_rng(41)
    rows = [handoff(n, "A", "B", 5, returned=bool(rng.random() < 0.5)) for n in range(100)]
    rows += [handoff(n, "C", f"D{n % 4}", 5, returned=bool(rng.random() < 0.05)) for n in range(100, 500)]
    named = {f.about["teams"] for f in found(rows) if f.kind == "handoff.ping-pong"}
    assert named == {"(others)", "A ↔ B"}


def test_the_slow_pair_is_found_and_the_ordinary_ones_are_not() -> None:
    rng = np.random.default_rng(42)
    rows = [handoff(n, "web", f"store {n % 6}", float(rng.exponential(30))) for n in range(600)]
    rows += [handoff(n, "web", "annex", float(rng.exponential(300))) for n in range(600, 660)]
    slow = [finding for finding in found(rows) if finding.kind == "handoff.slow"]
    assert [finding.about["receiver"] for finding in slow] == ["annex"]
    assert slow[0].evidence.unit == "minutes"
    assert slow[0].sentence.startswith("Half of the 60 hand-offs from web to annex wait longer than ")


@pytest.mark.parametrize(("slow_pairs", "own", "gathered"), [(5, 5, 0), (6, 6, 0), (8, 5, 3)])
def test_many_slow_pairs_share_a_finding_beyond_the_fifth(slow_pairs: int, own: int, gathered: int) -> None:
    rng = np.random.default_rng(43)
    rows = [handoff(n, "web", f"store {n % 20}", float(rng.exponential(30))) for n in range(4000)]
    rows += [
        handoff(n, "web", f"annex {n % slow_pairs}", float(300 + rng.exponential(300))) for n in range(40 * slow_pairs)
    ]
    slow = [finding for finding in found(rows) if finding.kind == "handoff.slow"]
    others = [finding for finding in slow if finding.about["receiver"] == "(others)"]
    assert len(slow) - len(others) == own
    assert sum(finding.evidence.n for finding in others) == gathered
    assert all(finding.weight <= min(one.weight for one in slow) for finding in others), "read after the named ones"
    assert all(f"{gathered} more pairs wait at least 2 times as long" in finding.sentence for finding in others)


@pytest.mark.parametrize("seed", range(4))
def test_pairs_that_are_all_alike_are_quiet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [handoff(n, "web", f"store {n % 12}", float(rng.exponential(30))) for n in range(600)]
    assert found(rows) == []
