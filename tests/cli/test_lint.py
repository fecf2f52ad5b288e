"""`aboveboard lint` from the outside: exit codes, formats, the pre-commit hook."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from aboveboard.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAID = "We're not supposed to, but for you I'll ask the kitchen. {0}\n"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear guest,\n\n" + SAID, encoding="utf-8")
    return path


def lint(*arguments: object, **how: str) -> Result:
    return CliRunner().invoke(main, ["lint", *map(str, arguments)], **how)  # type: ignore[arg-type]


def test_exit_codes(letter: Path, tmp_path: Path) -> None:
    clean, binary = tmp_path / "clean.md", tmp_path / "binary.txt"
    clean.write_text("Thank you for waiting.")
    binary.write_bytes(b"\0\0")
    assert lint(clean).exit_code == 0
    assert lint(letter).exit_code == 1
    assert lint(letter, "--language", "fr").exit_code == 2
    assert lint().exit_code == 2
    assert lint(letter, "--write").exit_code == 2
    assert lint(tmp_path / "absent.txt").exit_code == 3
    done = lint(binary, letter)
    assert done.exit_code == 3 and "binary" in done.stderr and "indebting" in done.stdout


def test_text_names_place_words_rule_and_what_is_better(letter: Path) -> None:
    lines = lint(letter).stdout.splitlines()
    assert lines[0] == f"{letter}:3:1: warning: We're not supposed to, but for you [indebting]"
    assert lines[1].strip() == "I'll ask the kitchen."


def test_standard_input_and_unread_languages() -> None:
    done = lint("-", input="That's our policy.")
    assert done.exit_code == 1 and done.stdout.startswith("<stdin>:1:1")
    done = lint("-", input="Nous ne pouvons pas faire cela pour vous, désolé.")
    assert done.exit_code == 0 and "no language that has rules" in done.stderr


def test_json(letter: Path) -> None:
    (remark,) = json.loads(lint(letter, "--format", "json").stdout)["remarks"]
    assert remark["rule"] == "indebting" and (remark["line"], remark["column"], remark["end_column"]) == (3, 1, 35)


def test_sarif_has_what_the_schema_requires(letter: Path) -> None:
    log = json.loads(lint(letter, "--format", "sarif").stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] and run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule.get("defaultConfiguration", {"level": "note"})["level"] in ("none", "note", "warning", "error")
    assert run["results"]
    for result in run["results"]:
        assert result["message"]["text"] and result["level"] in ("none", "note", "warning", "error")
        assert ids[result["ruleIndex"]] == result["ruleId"]
        for location in result["locations"]:
            physical = location["physicalLocation"]
            region = physical["region"]
            assert physical["artifactLocation"]["uri"].startswith("file:///")
            assert all(
                isinstance(region[key], int) and region[key] >= 1 for key in ("startLine", "startColumn", "endColumn")
            )
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        for fix in result["fixes"]:
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"]
                assert all(one["deletedRegion"]["charOffset"] >= 0 for one in change["replacements"])


def test_fix_proposes_and_writes_only_when_told(letter: Path) -> None:
    before = letter.read_text()
    done = lint(letter, "--fix")
    assert done.exit_code == 1 and "-We're not supposed to" in done.stdout and "+I'll ask the kitchen." in done.stdout
    assert letter.read_text() == before
    lint(letter, "--fix", "--write")
    assert letter.read_text() == "Dear guest,\n\nI'll ask the kitchen. {0}\n"
    assert lint(letter).exit_code == 0


def test_the_proposal_is_one_that_patch_takes(letter: Path, tmp_path: Path) -> None:
    proposal = lint(letter, "--fix").stdout
    done = subprocess.run(
        ["git", "apply", "--unsafe-paths", f"-p{len(letter.parts) - 1}", "-"],
        input=proposal, text=True, cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "not supposed" not in letter.read_text()


def test_rules_are_listed_and_explained() -> None:
    listed = lint("--list-rules").stdout
    assert "hiding-behind-policy" in listed and "internal" in listed
    assert "remarked on: difficult customer" in lint("--explain", "contempt").stdout
    assert "did you mean contempt" in lint("--explain", "contemp").stderr


def test_the_playbook_switches_off(letter: Path, tmp_path: Path) -> None:
    book = tmp_path / "playbook.yaml"
    book.write_text("wording: {indebting: {off: a comedy}}")
    assert lint(letter, "--playbook", book).exit_code == 0
    assert "(off)" in lint("--list-rules", "--playbook", book).stdout


def test_checking_a_playbook_checks_its_wording(tmp_path: Path) -> None:
    book = tmp_path / "playbook.yaml"
    book.write_text("wording: {gessing: {off: because}}")
    done = CliRunner().invoke(main, ["playbook", "check", str(book)])
    assert (
        done.exit_code == 2 and f"{book}:1: there is no wording rule 'gessing' (did you mean guessing?)" in done.stderr
    )
    book.write_text("wording: {guessing: {off: because}}")
    done = CliRunner().invoke(main, ["playbook", "check", str(book)])
    assert done.exit_code == 0 and "1 wording rule." in done.stdout


def test_the_hook_runs_what_it_says(letter: Path) -> None:
    (hook,) = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *arguments = shlex.split(hook["entry"])
    command = [str(Path(sys.executable).parent / program), *arguments, str(letter)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "[indebting]" in done.stdout
