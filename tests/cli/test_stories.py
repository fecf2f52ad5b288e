"""The command says what came out, and its exit code says whether all that should hold does."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from aboveboard.cli import main, stories
from aboveboard.findings.expectations import Answer, Expectation

MET = Answer(Expectation(says="The promise is broken."), "met", "1 rows of promises")
LATER = Answer(Expectation(says="A proof.", needs="prover"), "not yet", "needs prover: no table conflicts yet")
UNMET = Answer(Expectation(says="Nobody is blamed.", never=True), "not met", "1 findings, such as …")


def _run(monkeypatch: pytest.MonkeyPatch, answers: list[Answer], *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(stories, "tell", lambda name: answers)
    result = CliRunner().invoke(main, ["stories", *arguments])
    return result.exit_code, result.output


def test_what_is_met_and_what_is_still_to_come_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = _run(monkeypatch, [MET, LATER], "two-phones")
    assert code == 0
    assert "✓ The promise is broken." in said
    assert "… A proof." in said
    assert "needs prover" in said


def test_what_is_not_met_is_said_and_exits_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = _run(monkeypatch, [MET, UNMET], "two-phones")
    assert code == 1
    assert "✗ Nobody is blamed." in said


def test_json_is_one_line_for_each_story(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = _run(monkeypatch, [MET, LATER], "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert [line["story"] for line in lines] == stories.names()
    assert lines[0]["met"] == 1
    assert lines[0]["expectations"][1]["needs"] == "prover"


def test_an_unknown_story_is_told_with_those_there_are() -> None:
    result = CliRunner().invoke(main, ["stories", "three-phones"])
    assert result.exit_code == 2
    assert "no story 'three-phones'" in result.output
    assert "two-phones" in result.output


@pytest.mark.slow
def test_the_smallest_story_runs_whole() -> None:
    result = CliRunner().invoke(main, ["stories", "cinema", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert {one["state"] for one in told["expectations"]} == {"met"}
