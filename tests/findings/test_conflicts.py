"""What is said of conflicts, and what is drawn of them, from tables made by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from tests.reports import sample

from aboveboard.analyses.conflicts import tables as specs
from aboveboard.findings import conflicts
from aboveboard.playbook import reader
from aboveboard.reports import conflict_charts
from aboveboard.reports.run import Results
from aboveboard.reports.sections import conflicts as section

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = reader.read("""
promises:
  soon: {says: Ready soon., owner: operations, starts: type = 'a', kept_by: type = 'b', within: 1 hour}
""")
RULES = "promise:soon + incentive:commission"
EDITS = [
    {"rule": "incentive:commission", "kind": "number", "says": "Pay later", "size": 0.1, "new": "at >= 3"},
    {"rule": "promise:soon", "kind": "exclusion", "says": "Not where it is full", "size": 1.0, "new": "not full"},
    {"rule": "promise:soon", "kind": "exclusion", "says": "Only by four", "size": 2.0, "new": "hour <= 16"},
]
CONFLICT = {
    "rules": RULES, "verdict": "proved", "when": "hour > 16", "where_words": "ordered after 16:00",
    "says": "Ordered at 17:00. No choice.",
    "sample": '{"hour": 17}', "edits": json.dumps(EDITS), "promise": "soon", "incentive": "commission", "events_count": 30,
    "outside_count": 70, "unknown_count": 0, "ended_count": 28, "missed_count": 21, "missed_share": 0.75, "missed_share_low": 0.57,
    "missed_share_high": 0.87, "outside_ended_count": 70, "outside_missed_count": 7, "outside_missed_share": 0.1,
    "outside_missed_share_low": 0.05, "outside_missed_share_high": 0.19,
}  # fmt: skip
BOX = {"rules": RULES, "box": 1, "x_fact": "hour", "x_low": 16.0, "x_high": 20.0, "x_clock": True}
CASES = [
    {
        "rules": RULES,
        "event": f"e{number}",
        "x": 10 + number / 10,
        "inside": number > 60,
        "outcome": ("kept", "late", "broken")[number % 3],
    }
    for number in range(100)
]
REMARKS = [
    {"remark": 1, "kind": "gap", "fact": "answer", "says": "On the seventh day nothing is said."},
    {
        "remark": 2,
        "kind": "says the same",
        "rules": "policy:a + incentive:commission",
        "by": "policy:a",
        "says": "They say the same.",
    },
    {"remark": 3, "kind": "not decided", "says": "It was not found in time whether there are gaps."},
]


def tables(**rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    return {spec.name: sample.table(spec, rows.get(spec.name, [])) for spec in specs.TABLES}


ALL = tables(conflicts=[CONFLICT], conflict_boxes=[BOX], conflict_cases=CASES, rule_remarks=REMARKS)


def test_a_conflict_with_an_incentive_is_one_finding_with_its_cases_and_the_edit_that_can_be_told() -> None:
    found, gap = conflicts.findings(ALL, BOOK, as_of=AS_OF)
    assert (found.kind, found.about, found.owner, found.weight) == (
        "conflict.incentive",
        {"rules": RULES},
        "operations",
        21.0,
    )
    assert found.sentence == (
        "The promise soon and the incentive commission cannot all be kept: ordered after 16:00. "
        "30 of 100 cases fell there; 75 % of them were late or broken, of the others 10 %."
    )
    assert found.action == "The smallest change that frees it: Pay later. Or: Only by four."
    assert (found.evidence.n, found.evidence.low, found.evidence.high) == (28, 0.57, 0.87)
    assert found.events and all(int(event[1:]) > 60 and int(event[1:]) % 3 for event in found.events)
    # An incentive that asks for what a policy asks for is no repetition to clear up, and what was not decided is no finding.
    assert (gap.kind, gap.about) == ("rules.gap", {"rules": "", "fact": "answer"})


def test_a_conflict_that_no_case_is_known_to_have_struck_is_told_by_its_sample() -> None:
    bare = CONFLICT | dict.fromkeys(("promise", "incentive", "events_count", "missed_count", "missed_share", "edits"))
    (found,) = conflicts.findings(tables(conflicts=[bare]), BOOK, as_of=AS_OF)
    assert found.kind == "conflict.rules" and found.sentence.endswith("For example: Ordered at 17:00. No choice.")
    assert found.action == "Decide which of them gives way, and say so in its `when`." and found.weight == 0


def test_the_section_answers_draws_and_says_what_would_free_it() -> None:
    found = section.section(Results(ALL, (), AS_OF), BOOK)
    assert found is not None
    assert found.answer.startswith(
        "1 set of rules cannot be kept together in some situations, though any one of its rules"
    )
    assert "30 of 100 cases" in found.answer
    first, second = found.figures
    assert (
        first.title == "Ordered after 16:00"
        and first.drawing is not None
        and "cannot all be kept" in first.drawing.wide
    )
    assert ("For example", ["Ordered at 17:00. No choice."]) in first.lines
    assert second.title == "What else do the rules show?"
    assert section.section(Results(tables(), (), AS_OF), BOOK) is None


def test_the_chart_fits_the_schema_with_one_fact_and_with_two() -> None:
    conflict_charts.region([BOX | {"y_fact": None}], [case | {"y": None} for case in CASES], 700).to_dict()
    two = BOX | {"y_fact": "waiting", "y_low": 10.0, "y_high": None, "y_clock": False}
    conflict_charts.region([two], [case | {"y": 5.0} for case in CASES], 330).to_dict()
