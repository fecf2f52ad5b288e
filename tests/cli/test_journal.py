"""The journal from the terminal: make ready, import, seal, verify, prove, copy."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *arguments: str, database: str = "desk.db") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ABOVEBOARD_DATABASE": database}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "aboveboard.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events.csv").write_text(
        "id,type,time,subject\na,order.placed,2026-01-01T09:00:00Z,order:1\nb,order.paid,2026-01-01,order:1\nc,x,never,\n"
    )
    return tmp_path


@pytest.mark.slow
def test_a_journal_from_beginning_to_proof(folder: Path) -> None:
    early = run(folder, "verify")
    assert (early.returncode, "aboveboard journal init" in early.stderr) == (4, True)
    assert run(folder, "journal", "init").stdout == run(folder, "journal", "init").stdout == "The journal is ready.\n"
    first = run(folder, "import", "events.csv", "--journal")
    assert "read 3 = recorded 2 + known already 0 + rejected 1" in first.stdout
    assert [path.name for path in (folder / "rejects").iterdir()] == [Path(first.stdout.split()[-1]).name]
    assert "recorded 0 + known already 2 + rejected 1" in run(folder, "import", "events.csv", "--journal").stdout
    shown = [json.loads(line) for line in run(folder, "journal", "show", "--subject", "order:1").stdout.splitlines()]
    assert [(one["id"], one["time"]) for one in shown] == [
        ("b", "2026-01-01T00:00:00+00:00"), ("a", "2026-01-01T09:00:00+00:00"),
    ]  # fmt: skip
    assert run(folder, "journal", "show").returncode == 2
    assert run(folder, "journal", "seal").stdout == "2 events sealed, 0 left.\n"
    whole = run(folder, "verify", "--json")
    found = json.loads(whole.stdout)
    assert (whole.returncode, found["events"], found["faults"]) == (0, 2, [])
    assert "2 events copied" in run(folder, "journal", "copy", "copy").stdout

    proof = folder / "a.json"
    proof.write_text(run(folder, "journal", "proof", "a").stdout)
    assert run(folder, "verify", "--proof", "a.json", "--head", found["head"]).returncode == 0
    proof.write_text(proof.read_text().replace("order.placed", "order.returned"))
    forged = run(folder, "verify", "--proof", "a.json")
    assert (forged.returncode, "NOT WHOLE" in forged.stdout) == (1, True)

    with sqlite3.connect(folder / "desk.db") as connection:
        connection.execute("DROP TRIGGER events_no_UPDATE")
        connection.execute("UPDATE events SET subject = 'order:2' WHERE id = 'a'")
    broken = run(folder, "verify")
    assert (broken.returncode, broken.stdout.splitlines()[0]) == (1, "NOT WHOLE: under seal 1 an event was changed")


@pytest.mark.parametrize(
    ("database", "arguments", "code", "says"),
    [
        ("mysql://host/x", ("verify",), 2, "mysql:// is not known"),
        ("postgresql://localhost", ("verify",), 2, "names no database"),
        ("postgresql://127.0.0.1:1/none", ("verify",), 4, "cannot be reached"),
        ("nowhere/at/all/desk.db", ("journal", "init"), 4, "cannot be reached"),
        ("desk.db", ("import", "events.csv"), 2, "Say where to"),
        ("desk.db", ("verify", "--proof", "events.csv"), 3, "no proof of an event"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, database: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = run(folder, *arguments, database=database)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr


def test_a_setting_that_does_not_exist_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABOVEBOARD_DATABSE", "x")
    done = run(folder, "verify")
    assert (done.returncode, "ABOVEBOARD_DATABSE" in done.stderr) == (2, True)
