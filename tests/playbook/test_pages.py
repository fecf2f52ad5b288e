"""What is generated from the key table: the schema, the command line's answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from tests.playbook.test_reader import WHOLE

from aboveboard.cli import main
from aboveboard.playbook import keys, schema


def test_the_schema_takes_what_is_right_and_refuses_what_is_wrong() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    found = schema.schema()
    jsonschema.Draft202012Validator.check_schema(found)
    check = jsonschema.Draft202012Validator(found)
    book = json.loads(
        json.dumps(YAML(typ="safe", pure=True).load(WHOLE.replace("2026-12-24", "'2026-12-24'")), default=str)
    )
    assert not list(check.iter_errors(book))
    for wrong in ({"promisses": {}}, {"promises": {"a": {"says": "x"}}}, {"measures": {"a": {"scale": [1]}}}):
        assert list(check.iter_errors(wrong))


def test_the_schema_knows_every_section() -> None:
    assert set(schema.schema()["properties"]) == set(keys.TOP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "playbook.yaml"
    file.write_text(WHOLE)
    return file


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["playbook", *arguments])
    return result.exit_code, result.output


def test_check_says_what_it_holds(path: Path) -> None:
    code, said = run("check", str(path))
    assert code == 0
    assert "1 calendar, 2 promises, 1 policy" in said and "3 facts" in said


def test_check_tells_problems_and_ends_with_two(path: Path) -> None:
    path.write_text(WHOLE.replace("owner: ovens", "ownr: ovens"))
    code, said = run("check", str(path))
    assert code == 2 and f"{path}:12:" in said and "did you mean owner?" in said and "1 problem" in said
    code, said = run("check", str(path), "--json")
    assert code == 2 and json.loads(said)["problems"][0]["suggestion"] == "owner"


def test_show_speaks_plainly(path: Path) -> None:
    code, said = run("show", str(path))
    assert code == 0
    assert "A bakery (Europe/Berlin) makes 2 promises:" in said
    assert "within 2 days, on the opening hours of shop" in said and "kept 97.5 % of the time" in said


def test_schema_is_json() -> None:
    code, said = run("schema")
    assert code == 0 and json.loads(said)["title"] == "Aboveboard playbook"
