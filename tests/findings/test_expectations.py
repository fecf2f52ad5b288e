"""The little language of `expected.yaml`: every word, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.findings import expectations
from aboveboard.findings.expectations import Expectation, ExpectationError
from aboveboard.findings.model import Evidence, Finding

TABLES = {
    "promises": pa.table({"subject": ["a", "b", "c"], "outcome": ["late", "kept", None], "minutes": [3.0, -1.0, None]})
}
FINDINGS = [
    Finding("promise.at-risk", {"promise": "pick-up"}, "It is.", Evidence(3, None, "count"), "Call.", owner="stores")
]


def _state(**fields: Any) -> str:
    return expectations.judge(Expectation(says="it", **fields), TABLES, FINDINGS).state


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({}, 3),
        ({"outcome": "late"}, 1),
        ({"outcome": None}, 1),
        ({"outcome": "any"}, 2),
        ({"outcome": {"not": "late"}}, 2),
        ({"outcome": {"not": None}}, 2),
        ({"outcome": {"one_of": ["late", "kept"]}}, 2),
        ({"outcome": {"matches": "^la"}}, 1),
        ({"minutes": {"at_least": 0}}, 1),
        ({"minutes": {"at_most": 0}}, 1),
        ({"minutes": {"at_least": -1, "at_most": 2}}, 1),
        ({"minutes": 3}, 1),
        ({"outcome": {"holds": "at"}}, 1),
    ],
)
def test_where_picks_rows(where: dict[str, Any], count: int) -> None:
    assert _state(table="promises", where=where, count=count) == "met"
    assert _state(table="promises", where=where, count=count + 1) == "not met"


def test_what_is_expected_must_hold_for_each_row() -> None:
    assert _state(table="promises", where={"subject": "a"}, expect={"outcome": "late"}) == "met"
    assert _state(table="promises", where={"subject": {"one_of": ["a", "b"]}}, expect={"outcome": "late"}) == "not met"


def test_no_row_at_all_is_not_met() -> None:
    assert _state(table="promises", where={"subject": "z"}, expect={"outcome": "late"}) == "not met"


def test_never_means_no_row() -> None:
    assert _state(table="promises", where={"subject": "z"}, never=True) == "met"
    assert _state(table="promises", where={"subject": "a"}, never=True) == "not met"
    assert _state(table="promises", where={"subject": "a"}, expect={"outcome": "kept"}, never=True) == "met"


def test_findings_are_matched_by_kind_and_what_they_are_about() -> None:
    assert _state(finding={"kind": "promise.at-risk"}) == "met"
    assert _state(finding={"kind": "promise.at-risk", "about": {"promise": "pick-up"}}) == "met"
    assert _state(finding={"kind": "promise.at-risk", "about": {"promise": "other"}}) == "not met"
    assert _state(finding={"about": {"employee": "any"}}, never=True) == "met"
    assert _state(finding={"about": {"promise": "any"}}, never=True) == "not met"


def test_a_missing_table_or_column_is_not_met_even_under_never() -> None:
    assert _state(table="nothing") == "not met"
    assert _state(table="promises", where={"nothing": 1}, never=True) == "not met"


def test_what_is_still_to_come_is_neither_met_nor_unmet() -> None:
    assert _state(table="claims", needs="claims") == "not yet"
    assert _state(finding={"kind": "x"}, needs="claims", never=True) == "not yet"
    tables = {**TABLES, "claims": pa.table({"event": ["e"]})}
    expectation = Expectation(says="it", table="claims", needs="claims")
    assert expectations.judge(expectation, tables, []).state == "met"


def _file(folder: Path, text: str) -> Path:
    path = folder / "expected.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_gives_moments_in_utc(tmp_path: Path) -> None:
    text = "story: s\nas_of: 2025-11-20T20:45:00-05:00\n"
    text += "expect:\n  - {says: x, table: promises}\nnever:\n  - {says: y, finding: {kind: k}}\n"
    story = expectations.read(_file(tmp_path, text))
    assert story.moments["as_of"].isoformat() == "2025-11-21T01:45:00+00:00"
    assert [one.never for one in story.expectations] == [False, True]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("{table: t}", "must say in `says`"),
        ("{says: x, tabel: t}", "unknown key 'tabel'"),
        ("{says: x}", "either a `table` or a `finding`"),
        ("{says: x, table: t, needs: magic}", "needs 'magic'"),
        ("{says: x, table: t, moment: later}", "no moment 'later'"),
    ],
)
def test_a_wrong_expectation_is_told_with_its_file(tmp_path: Path, item: str, problem: str) -> None:
    path = _file(tmp_path, f"as_of: 2025-11-20T20:45:00Z\nexpect:\n  - {item}\n")
    with pytest.raises(ExpectationError, match=problem) as error:
        expectations.read(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("text", ["", "expect: [", "as_of: soon\n"])
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExpectationError):
        expectations.read(_file(tmp_path, text))
