"""`aboveboard prove`: what it prints, what it gives a program, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from aboveboard.cli import main

STORY = Path(__file__).parents[2] / "stories/two-phones/playbook.yaml"


def test_the_two_phones_for_a_program() -> None:
    done = CliRunner().invoke(main, ["prove", str(STORY), "--json"])
    answer = json.loads(done.output)
    assert done.exit_code == 1 and answer["unknown"] == [] and len(answer["conflicts"]) == 2
    first = answer["conflicts"][0]
    assert first["rules"] == ["promise:pick-up-in-3-hours", "policy:walk-ins-first", "policy:doors-close"]
    assert first["when"] == "ordered_at > 16 and walk_ins >= 10" and first["verdict"] == "proved"
    assert first["sample"]["ordered_at"] > 16 and first["sample"]["walk_ins"] >= 10
    news = {(edit["rule"], edit["key"], edit["new"]) for edit in first["edits"]}
    assert ("promise:pick-up-in-3-hours", "when", "ordered_at <= 16") in news
    assert ("policy:doors-close", "then", "ready_at <= 22.5 or ready_at >= 34") in news
    assert answer["shadowed"][0]["rules"] == ["policy:walk-ins-first", "incentive:walk-in-commission"]


def test_an_honest_promise_frees_the_story_and_the_comparison_says_so(tmp_path: Path) -> None:
    honest = tmp_path / "honest.yaml"
    text = STORY.read_text(encoding="utf-8")
    honest.write_text(
        text.replace(
            "- then: ready_at <= ordered_at + 3", '- {when: "ordered_at <= 16", then: "ready_at <= ordered_at + 3"}'
        )
    )
    done = CliRunner().invoke(main, ["prove", str(honest)])
    assert done.exit_code == 0 and "In every situation all of them can be kept." in done.output
    done = CliRunner().invoke(main, ["prove", str(honest), "--against", str(STORY)])
    assert done.exit_code == 0
    assert "All rules together: looser." in done.output and " – promise:pick-up-in-3-hours: looser." in done.output
    assert done.output.count("Gone: ") == 2 and "policy:doors-close: " not in done.output


def test_what_is_not_linear_ends_with_its_line(tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text(
        "policies:\n  a:\n    says: A.\n    requires: [{then: x * y > 1}]\nsituation:\n  x: {type: number}\n  y: {type: number}\n"
    )
    done = CliRunner().invoke(main, ["prove", str(book)])
    assert done.exit_code == 2 and f"{book}:4: policy:a: `x * y` multiplies two facts" in done.output


def test_a_playbook_without_requirements_says_that_there_is_nothing_to_prove(tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text("organisation: A shop\n")
    done = CliRunner().invoke(main, ["prove", str(book)])
    assert done.exit_code == 0 and "nothing to prove" in done.output
