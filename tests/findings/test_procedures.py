"""Findings about steps: what is said, of whom (never an employee), with which numbers and events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.procedures.tables import DUTIES, INSISTENCE, STEPS
from aboveboard.findings import procedures
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = {
    "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}  # fmt: skip
STEP = {"step": "visit/offer-water", "procedure": "visit", "context": "all", "kind": "offer", "owner": "training"}


def table(spec: Any, rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(field.name, KINDS[field.kind]) for field in spec.fields])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def step(advice: str = "keep", *, why: str | None = "Thirst.", **more: Any) -> dict[str, Any]:
    counts = dict.fromkeys((field.name for field in STEPS.fields if field.kind == "int64"), 0)
    return {**counts, **STEP, "why": why, "advice": advice, "visits_count": 100, "scored_count": 90} | more


def effect(value: float, reach: float = 0.1) -> dict[str, Any]:
    return {"measure": "rating", "effect": value, "effect_low": value - reach, "effect_high": value + reach}


def duty(number: int, *, met: bool | None, team: str = "north", **more: Any) -> dict[str, Any]:
    return {
        "procedure": "visit", "visit": f"v{number:03d}", "step": "visit/offer-water", "kind": "must", "team": team,
        "started_at": START + timedelta(hours=number), "met": met, "offers_count": 0, "insisted_count": 0, "events_count": 1,
    } | more  # fmt: skip


def insisted(number: int, visit: str, *, accepted: bool = False) -> dict[str, Any]:
    at = START + timedelta(minutes=number)
    return {"visit": visit, "step": "visit/offer-water", "event": f"o{number}", "offered_at": at, "accepted": accepted}


def found(
    steps: list[dict[str, Any]],
    duties: list[dict[str, Any]] | None = None,
    insistence: list[dict[str, Any]] | None = None,
) -> list[Finding]:
    tables = {"steps": table(STEPS, steps), "duties": table(DUTIES, duties or [])}
    tables["insistence"] = table(INSISTENCE, insistence or [])
    return list(procedures.findings(tables, Playbook(), as_of=START))


def test_a_step_worth_keeping_with_its_why_is_no_finding() -> None:
    assert found([step(**effect(0.5))]) == []
    assert found([step("not enough data")]) == []
    assert list(procedures.findings({}, Playbook(), as_of=START)) == []


def test_make_conditional_says_where_and_what_to_write() -> None:
    when = "touchpoint = 'roadside'"
    (finding,) = found([
        step("make conditional", proposed_when=when, **effect(0.3)),
        step("make conditional", context="at home", proposed_when=when, declined_count=40, **effect(0.0)),
        step("keep", context="roadside", **effect(0.6)),
    ])  # fmt: skip
    assert finding.kind == "step.make-conditional"
    assert finding.about == {"procedure": "visit", "step": "offer-water"}
    assert finding.sentence == (
        "“offer water” is worth having here: roadside (+0.60 on rating, +0.50 to +0.70); and not here: at home "
        "(+0.00 on rating, −0.10 to +0.10)."
    )
    assert finding.action == "Make it due only where it helps: `when: touchpoint = 'roadside'`."
    assert (finding.owner, finding.weight, finding.evidence.n) == ("training", 40, 90)


def test_drop_says_why_it_may_be_there() -> None:
    (finding,) = found([step("drop", **effect(0.0, 0.05))])
    assert (
        finding.sentence
        == "“offer water” adds nothing worth having for the customer: +0.00 on rating, −0.05 to +0.05 in 90 visits."
    )
    assert finding.action == "Drop it, unless it is there for another reason: the playbook says “Thirst”."
    (harmful,) = found([step("drop", undertaken_count=60, **effect(-0.4))])
    assert "does harm" in harmful.sentence and harmful.weight == 60


def test_a_step_without_a_why_is_a_finding_by_itself() -> None:
    (finding,) = found([step(why=None, **effect(0.5))])
    assert (finding.kind, finding.weight) == ("step.without-why", 0)
    assert finding.sentence == "Nobody has written down why “offer water” is there."


def test_insistence_counts_customers_and_names_the_offers() -> None:
    rows = [insisted(1, "a"), insisted(2, "a", accepted=True), insisted(3, "b")]
    (finding,) = found([step()], insistence=rows)
    assert finding.sentence == (
        "After a no to “offer water”, 2 customers were asked again, 3 times in all; 1 took it in the end."
    )
    assert finding.events == ("o3", "o2", "o1") and (finding.weight, finding.evidence.unit) == (2, "count")
    one = found([step()], insistence=rows[2:])[0]
    assert one.sentence == "After a no to “offer water”, 1 customer was asked again; none took it in the end."
    declined = [duty(number, met=True, answer="declined") for number in range(40)]
    share = found([step()], declined, rows)[0]
    assert share.sentence.endswith("That is 5 % of those who declined (1–17 %).")
    assert (share.evidence.n, share.evidence.estimate) == (40, pytest.approx(0.05))
    assert share.id == finding.id == one.id, "the same cause, whatever its numbers"


def test_a_must_that_is_often_unmet_is_told_by_step_and_by_team() -> None:
    duties = [duty(n, met=n % 10 > 0, team="north") for n in range(200)]
    duties += [duty(n + 200, met=n % 2 > 0, team="south") for n in range(60)] + [duty(999, met=None)]
    row = step(kind="must", met_count=210, unmet_count=50, unmet_because="not done")
    whole, team = found([row], duties)
    assert [one.kind for one in (whole, team)] == ["step.skipped"] * 2
    assert [one.about["team"] for one in (whole, team)] == ["all", "south"]
    assert whole.sentence == "“offer water”, a must, was not met in 50 of 260 visits (15–24 %); mostly it was not done."
    assert team.sentence == "At south, “offer water”, a must, was not met in 30 of 60 visits (38–62 %)."
    assert team.events[0] == "v258" and len(team.events) == 20
    assert found([row | {"kind": "default"}], duties) == []


def test_a_must_that_is_seldom_unmet_or_seldom_due_is_no_finding() -> None:
    assert found([step(kind="must", met_count=97, unmet_count=3)]) == []
    assert found([step(kind="must", met_count=10, unmet_count=9)]) == []
