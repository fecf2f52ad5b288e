"""The section on rules: its answer, its pictures, and what it does where little is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from altair.utils import schemapi
from tests.reports import sample

from aboveboard.analyses.exceptions.tables import POLICIES
from aboveboard.playbook.model import Playbook
from aboveboard.reports import policy_charts
from aboveboard.reports.run import Results
from aboveboard.reports.sections import policies

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def rule(name: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "policy": name, "verdict": verdict, "requests_count": 100, "granted_count": 80, "denied_count": 20, "undecided_count": 0,
        "approval_share": 0.8, "approval_share_low": 0.71, "approval_share_high": 0.87, "waiting_minutes_median": 4.0,
        "waiting_minutes_p90": 9.0, "climbed_count": 0, "harm_count": 3, "harm_difference": 0.01, "harm_difference_low": -0.01,
        "harm_difference_high": 0.04, "harm_margin": 0.05, "condition": "true", "suggestions_unanswered_count": 0, **more,
    }  # fmt: skip


def results(*rows: dict[str, Any]) -> Results:
    return Results({"policies": sample.table(POLICIES, list(rows))}, (), AS_OF)


def test_the_answer_counts_what_should_change() -> None:
    section = policies.section(
        results(rule("a", "change the rule"), rule("b", "push authority down"), rule("c", "keep and explain")),
        Playbook(),
    )
    assert section is not None
    assert section.answer == (
        "Customers asked 300 times for what 3 rules forbid, and 80 % of the answers were yes. 1 rule should change and in 1 the "
        "authority should move to those who are asked."
    )
    assert [figure.drawing is not None for figure in section.figures] == [True, True]
    assert "change it" in section.figures[0].drawing.wide


def test_a_rule_that_changes_in_part_says_so() -> None:
    section = policies.section(results(rule("a", "change the rule", condition="value <= 5")), Playbook())
    assert section is not None
    assert "change a part" in section.figures[0].drawing.wide


def test_where_nothing_is_known_there_is_a_table_and_no_picture() -> None:
    absent = dict.fromkeys(("harm_difference", "harm_difference_low", "harm_difference_high", "waiting_minutes_median"))
    section = policies.section(results(rule("a", "not enough data", **absent)), Playbook())
    assert section is not None
    assert [figure.drawing for figure in section.figures] == [None, None]
    assert section.answer.endswith("None of them is shown to need a change.")


def test_without_requests_there_is_no_section() -> None:
    assert policies.section(results(rule("a", "not enough data", requests_count=0)), Playbook()) is None
    assert policies.section(Results({}, (), AS_OF), Playbook()) is None


@pytest.mark.parametrize("width", [330, 750])
def test_the_charts_fit_the_schema(width: int) -> None:
    rows = [rule("a", "change the rule"), rule("b", "not enough data", harm_margin=None)]
    with schemapi.debug_mode(True):
        policy_charts.harm(rows, width).to_dict()
        policy_charts.asking(rows, width).to_dict()
