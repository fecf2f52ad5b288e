"""Findings about problems: what is said, of whom (never an employee), with which numbers, and where to begin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from aboveboard.analyses.problems.tables import CASES, FACTORS, OCCASIONS, PROBLEMS
from aboveboard.findings import problems
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader
from aboveboard.simulate import planted_problems

BOOK = reader.read(planted_problems.PLAYBOOK)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TYPES = {
    "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}  # fmt: skip
ROW: dict[str, Any] = {
    "problem": "late-north", "cause": "“Your order is ready” is missed: at north.", "region": "at north", "found": "scan",
    "kind": "promise missed", "rule": "promise:ready-by", "promise": "ready-by", "team": "north", "since": AT,
    "occasions_count": 400, "n": 60, "expected": 15.4, "against": "the rest", "relative_risk": 3.9, "relative_risk_low": 2.8,
    "relative_risk_high": 5.4, "q": 0.001, "affected_count": 58, "complained_count": 6, "asked_count": 12, "silent_count": 40,
}  # fmt: skip


def table(spec: Any, rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(field.name, TYPES[field.kind]) for field in spec.fields])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def factor(place: int, answer: str, evidence: str = "Kept in 40 % of 400.") -> dict[str, Any]:
    question = "Can the promise be kept as it stands?" if place == 1 else "Is a vendor in between?"
    name = "promise" if place == 1 else "vendor"
    return {
        "problem": "late-north",
        "place": place,
        "factor": name,
        "question": question,
        "answer": answer,
        "evidence": evidence,
    }


def found(rows: list[dict[str, Any]], factors: list[dict[str, Any]] | None = None) -> list[Finding]:
    occasions = [
        {
            "kind": kind,
            "rule": rule,
            "event": f"e{number}",
            "subject": f"order:{number}",
            "at": AT,
            "broken": number < 3,
        }
        for number in range(4)
        for kind, rule in (("promise missed", "promise:ready-by"), ("complaint", None))
    ]
    cases = [{"problem": "late-north", "subject": f"order:{number}", "voice": "silent"} for number in range(4)]
    tables = {"problems": table(PROBLEMS, rows), "problem_factors": table(FACTORS, factors or [])}
    tables |= {"problem_cases": table(CASES, cases), "occasions": table(OCCASIONS, occasions)}
    return list(problems.findings(tables, BOOK, as_of=AT))


def test_a_problem_is_told_with_whom_it_struck_and_who_was_silent() -> None:
    (finding,) = found([ROW])
    assert (finding.kind, finding.about, finding.owner) == ("problem.found", {"problem": "late-north"}, "shops")
    assert finding.sentence == (
        "“Your order is ready” is missed: at north. 60 of 400 occasions, 3.9 times (2.8–5.4) as many as at the rate of the "
        "rest. 58 customers were struck; 40 of them never said a word."
    )
    assert (finding.weight, finding.evidence.n, finding.evidence.unit) == (58, 60, "ratio")
    assert finding.events == ("e0", "e1", "e2"), "the occasions that broke, of this kind and rule"
    assert "nothing on record says yet" in finding.action


def test_the_action_begins_with_the_first_that_contributes() -> None:
    factors = [factor(6, "contributes", "A vendor was in between: 9 of 10."), factor(1, "contributes")]
    (finding,) = found([ROW], factors)
    assert finding.action == (
        "Begin here: Can the promise be kept as it stands? Kept in 40 % of 400. Then look at: vendor. Tell those who were struck."
    )
    (other,) = found([ROW], [factor(1, "no evidence"), factor(6, "contributes", "A vendor was in between: 9 of 10.")])
    assert other.action.startswith("Begin here: Is a vendor in between? A vendor was in between")
    assert other.id == finding.id, "the same cause, whatever is known of it"


def test_what_hardly_ever_goes_wrong_elsewhere_is_told_by_its_number() -> None:
    (finding,) = found(
        [ROW | {"relative_risk": 414.0, "expected": 1.2, "silent_count": 0, "also": "Customers complain: at north"}]
    )
    assert "60 of 400 occasions, where 1.2 would be expected at the rate of the rest." in finding.sentence
    assert finding.sentence.endswith("All of them said so. With it: customers complain: at north.")


def test_a_problem_of_the_record_alone_is_a_finding_too() -> None:
    row = {"problem": "P-1", "cause": "Known as P-1; no scan sees it.", "found": "record", "n": 2, "affected_count": 2}
    (finding,) = found([row | {"complained_count": 1, "asked_count": 0, "silent_count": 1}])
    assert (finding.kind, finding.table) == ("problem.recorded", "problem_cases")
    assert finding.sentence.startswith("2 customers have cases that belong to the problem P-1.")


def test_no_table_says_nothing() -> None:
    assert list(problems.findings({}, BOOK, as_of=AT)) == []
