"""Findings about fixes: one per verdict that somebody should act on, with its number, its owner and its event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.fixes.tables import FIXES
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.findings import fixes
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = reader.read("""
organisation: A desk
promises:
  answer: {says: Soon., owner: the desk, starts: type = 'a', kept_by: type = 'b', within: 1 day}
""")


def table(**more: Any) -> pa.Table:
    row = {
        "fix": "f1", "problem": "lost-parcel", "part": "all", "released_at": AT, "verdict": "fixed",
        "because": "4 a week where 20 a week would be expected.", "reduced_share": 0.8, "reduced_share_low": 0.6,
        "reduced_share_high": 0.9, "breakdowns_before_count": 200, "breakdowns_after_count": 12,
    } | more  # fmt: skip
    return ledgers.arrow(arrays.rows_to_table(FIXES, [row]))


def found(**more: Any) -> list[Finding]:
    return list(fixes.findings({"fixes": table(**more)}, BOOK, as_of=AT))


def test_a_fix_that_worked_is_told_and_weighs_nothing() -> None:
    [one] = found()
    assert (one.kind, one.weight, one.events) == ("fix.fixed", 0.0, ("f1",))
    assert one.sentence == (
        "What was done about “lost parcel” on 2 Mar 2026 worked: 4 a week where 20 a week would be expected."
    )
    assert (one.evidence.n, one.evidence.estimate, one.evidence.low, one.evidence.high) == (212, 0.8, 0.6, 0.9)
    assert "tell" in one.action


@pytest.mark.parametrize("verdict", ["partly", "no evidence", "worse", "came back"])
def test_the_others_weigh_what_has_happened_since(verdict: str) -> None:
    [one] = found(verdict=verdict)
    assert one.kind == f"fix.{verdict.replace(' ', '-')}" and one.weight == 12.0


def test_too_early_is_no_finding_and_a_missing_table_says_nothing() -> None:
    assert found(verdict="too early") == [] and list(fixes.findings({}, BOOK, as_of=AT)) == []


def test_the_owner_is_the_rules_and_the_place_is_said() -> None:
    [one] = found(problem="promise:answer", rule="promise:answer", part="team north")
    assert one.owner == "the desk"
    assert one.sentence.startswith("What was done about “answer”, a promise, at team north on 2 Mar 2026 worked")
    assert found()[0].owner is None


def test_identity_does_not_hang_on_numbers() -> None:
    assert found()[0].id == found(because="5 a week.", reduced_share=0.7)[0].id
