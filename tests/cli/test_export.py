"""A ledger exported and imported again is the same ledger; a file appears whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from aboveboard.cli import export
from aboveboard.ledger import columns, intake, store

WHEN = datetime(2026, 3, 1, 10, 0, 0, 123_456, UTC)
EVENTS = [
    {"id": "1", "type": "order.placed", "time": WHEN, "recorded_at": WHEN, "subject": "order:1", "customer": "c",
     "text": "=SUM(A1)", "value": 2.5, "due": WHEN, "attributes": '{"level": "lead", "says": {"order": "paid"}}'},
    {"id": "2", "type": "note.written", "time": WHEN, "recorded_at": WHEN, "text": 'two\nlines, "quoted" ü',
     "audience": "internal"},
    {"id": "3", "type": "anything else", "time": WHEN, "recorded_at": WHEN, "subject": "order:1", "team": "North"},
]  # fmt: skip


def ledger(folder: Path) -> Path:
    path = folder / "ledger"
    intake.take(pa.Table.from_pylist(EVENTS, schema=columns.SCHEMA), into=path, recorded_at=WHEN)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(export.command, list(map(str, arguments)))


def held(path: Path) -> list[dict[str, object]]:
    found = pa.concat_tables(pq.read_table(part) for part in store.Store(path).parts()).to_pylist()
    said = [row | {"attributes": json.loads(row["attributes"] or "null")} for row in found]
    return sorted(said, key=lambda row: row["id"])


@pytest.mark.parametrize(
    "name", ["a.csv", "a.parquet", "a.jsonl", "a.xes", "a.xes.gz", "a.jsonocel", "a.ocel.json", "a.sqlite", "a.xmlocel"]
)
def test_out_and_in_again_is_the_same_ledger(name: str, tmp_path: Path) -> None:
    first = ledger(tmp_path)
    result = run(first, "--to", tmp_path / name)
    assert (result.exit_code, "3 events" in result.stdout) == (0, True), result.output
    receipt = intake.take_file(tmp_path / name, into=tmp_path / "again", recorded_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert (receipt.recorded, receipt.rejected) == (3, 0)
    assert held(tmp_path / "again") == held(first)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_the_format_may_be_named(tmp_path: Path) -> None:
    assert run(ledger(tmp_path), "--to", tmp_path / "log.txt", "--format", "xes").exit_code == 0
    assert (tmp_path / "log.txt").read_text(encoding="utf-8").startswith("<?xml")


def test_a_suffix_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    result = run(ledger(tmp_path), "--to", tmp_path / "a.docx")
    assert (result.exit_code, "no format is known" in result.output) == (3, True)


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    first, to = ledger(tmp_path), tmp_path / "a.csv"
    to.write_text("mine")
    refused = run(first, "--to", to)
    assert (refused.exit_code, "--force" in refused.output, to.read_text()) == (3, True, "mine")
    assert run(first, "--to", to, "--force").exit_code == 0
    assert to.read_text().startswith("id,")


def test_a_file_is_not_exported_onto_itself(tmp_path: Path) -> None:
    first, to = ledger(tmp_path), tmp_path / "a.parquet"
    assert run(first, "--to", to).exit_code == 0
    assert "the ledger itself" in run(to, "--to", to, "--force").output


def test_formulas_are_defused_only_when_asked(tmp_path: Path) -> None:
    first = ledger(tmp_path)
    run(first, "--to", tmp_path / "plain.csv")
    run(first, "--to", tmp_path / "safe.csv", "--spreadsheet-safe")
    assert ",=SUM(A1)," in (tmp_path / "plain.csv").read_text(encoding="utf-8")
    assert ",'=SUM(A1)," in (tmp_path / "safe.csv").read_text(encoding="utf-8")
    assert run(first, "--to", tmp_path / "a.xes", "--spreadsheet-safe").exit_code == 2


def test_a_failed_export_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aboveboard.ledger.formats import xes_writing

    first, to = ledger(tmp_path), tmp_path / "a.xes"
    to.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xes_writing, "_event", full)
    result = run(first, "--to", to, "--force")
    assert (result.exit_code, "No space left" in result.output, to.read_text()) == (3, True, "before")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_an_unknown_ledger_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path / "none", "--to", tmp_path / "a.csv")
    assert result.exit_code in (2, 3)
    assert not (tmp_path / "a.csv").exists()
