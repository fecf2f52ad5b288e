"""Every expectation of every story is a test: one story in the default suite, all of the others in the slow one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from aboveboard.cli import stories
from aboveboard.findings import expectations

STORIES = Path(__file__).resolve().parents[2] / "stories"
NAMES = ("waiter", "water-bottle", "cinema", "bad-day", "two-phones")
QUICK = "waiter"


def _cases() -> list[pytest.param]:
    cases = []
    for name in NAMES:
        for number, expectation in enumerate(expectations.read(STORIES / name / "expected.yaml").expectations):
            marks = () if name == QUICK else pytest.mark.slow
            cases.append(pytest.param(name, number, id=f"{name}: {expectation.says}", marks=marks))
    return cases


@cache
def _told(name: str) -> list[expectations.Answer]:
    return stories.tell(name)


@pytest.mark.parametrize(("name", "number"), _cases())
def test_what_must_come_out(name: str, number: int) -> None:
    answer = _told(name)[number]
    assert answer.state == "met", answer.because


def test_the_five_stories_are_there_and_whole() -> None:
    assert sorted(stories.names()) == sorted(NAMES)
    for name in NAMES:
        held = {path.name for path in (STORIES / name).iterdir()}
        assert {"events.csv", "playbook.yaml", "story.md", "expected.yaml"} <= held
