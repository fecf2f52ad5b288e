"""Errors in words: what the user can mend, and what the system refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from aboveboard.cli import told
from aboveboard.ledger.errors import LedgerError


def test_an_error_ends_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, told.plainly():
        raise LedgerError("a.csv: is empty")
    assert ended.value.code == 3 and capsys.readouterr().err == "Error: a.csv: is empty\n"


def test_a_file_that_cannot_be_written_is_no_bug(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "no folder" / "report.html"
    with pytest.raises(SystemExit) as ended, told.plainly():
        place.write_text("")
    assert ended.value.code == 3 and capsys.readouterr().err == f"Error: {place}: No such file or directory\n"


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ConnectionError), told.plainly():
        raise ConnectionError("lost")
