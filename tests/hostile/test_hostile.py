"""No file makes an import crash, hang or lose a row: each is a clear error, or rejects that add up."""

from __future__ import annotations

import csv
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import cases
import duckdb
import pytest
from click.testing import CliRunner, Result

from aboveboard.cli import import_
from aboveboard.ledger import store

for module in sorted(path.stem for path in Path(__file__).parent.glob("*_files.py")):
    import_module(module)


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def hung(*_: object) -> None:
        raise TimeoutError(f"still running after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def imported(given: cases.Given, into: Path) -> Result:
    mapping = ["--mapping", str(given.mapping)] if given.mapping else []
    arguments = ["--into", str(into), "--json", *mapping, *given.options, "--", *map(str, given.files)]
    return CliRunner().invoke(import_.command, arguments)


def marked(case: cases.Case) -> Any:
    return pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else [])


@pytest.mark.parametrize("case", [marked(case) for case in cases.CASES])
def test_a_hostile_file_is_an_error_or_rejects_that_add_up(case: cases.Case, tmp_path: Path) -> None:
    given, into = case.given(tmp_path), tmp_path / "ledger"
    with at_most(case.seconds):
        result = imported(given, into)
    if not isinstance(result.exception, SystemExit | None):
        raise result.exception
    told = json.loads(result.stdout)
    if case.error is None:
        check_counts(case, told, result.exit_code)
    else:
        check_error(case, told, result.exit_code)
    assert recorded_in(into) == told["recorded"]
    assert not (into / ".working").exists()


def check_counts(case: cases.Case, told: dict[str, Any], exit_code: int) -> None:
    counts = {name: told[name] for name in ("recorded", "known", "rejected")}
    assert counts == {"recorded": case.recorded, "known": case.known, "rejected": case.rejected}, told
    assert told["read"] == sum(counts.values())
    assert exit_code == (1 if case.rejected else 0)
    assert sum(told["by_reason"].values()) == case.rejected
    rejects = [row for file in told["files"] if file["rejects"] for row in rows_of(Path(file["rejects"]))]
    assert len(rejects) == case.rejected
    assert all(row["reason"] and row["file"] for row in rejects)
    if case.lines is not None:
        assert tuple(int(row["line"]) for row in rejects) == case.lines
    if case.says is not None:
        assert case.says in json.dumps(told, ensure_ascii=False)


def check_error(case: cases.Case, told: dict[str, Any], exit_code: int) -> None:
    errors = [file["error"] for file in told["files"] if "error" in file]
    assert len(errors) == 1, told
    assert any(part in errors[0] for part in str(case.error).split("|")), errors
    assert "Traceback" not in errors[0]
    assert len(errors[0]) < 1_000
    assert exit_code in (2, 3)
    assert told["recorded"] == 0


def rows_of(rejects: Path) -> list[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with rejects.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recorded_in(into: Path) -> int:
    parts = [str(part) for part in store.Store(into).parts()]
    return sum(duckdb.execute("SELECT count(DISTINCT id) FROM read_parquet(?)", [parts]).fetchone()) if parts else 0


def test_there_are_enough_of_them() -> None:
    assert len(cases.CASES) >= 40
