"""The dry run counts what would come out, and imports nothing."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from aboveboard.cli import import_, sources
from aboveboard.sources import dry_run, mapping

MAPPING = """
source: s
files: {f: {name: '*.csv', key: id}}
events:
  note.written: {time: at, text: words, where: kind = 'note', attributes: {n: n}}
  any: {time: at, due: by, type: "'x.' || kind"}
"""
ROWS = "id,at,by,kind,words,n\n1,2026-01-01,2026-01-05,note,hello,1\n2,someday,,note,,2\n3,2026-01-03,soon,call,x,\n"


def report(folder: Path, rows: str = ROWS) -> dry_run.DryRun:
    (folder / "f.csv").write_text(rows)
    return dry_run.run(mapping.parse(MAPPING), [folder / "f.csv"])


def test_each_column_has_its_values_its_gaps_and_examples(tmp_path: Path) -> None:
    note, _ = report(tmp_path).blocks
    assert (note.read, note.events, note.left_out, note.types) == (3, 2, 1, {"note.written": 2})
    columns = {column.name: column for column in note.columns}
    assert (columns["text"].filled, columns["text"].missing, columns["text"].examples) == (1, 1, ("hello",))
    assert columns["attributes.n"].examples == ("1", "2")
    assert columns["time"].unread == 1


def test_types_that_are_computed_are_counted(tmp_path: Path) -> None:
    _, every = report(tmp_path).blocks
    assert every.types == {"x.note": 2, "x.call": 1}
    assert {column.name: column.unread for column in every.columns}["due"] == 1


def test_lines_that_are_no_rows_and_files_that_nobody_wants_are_told(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("x\n")
    (tmp_path / "f.csv").write_text(ROWS + "4,2026-01-04\n")
    done = dry_run.run(mapping.parse(MAPPING), [tmp_path])
    assert done.faulty == 1
    assert [Path(file).name for file in done.unused] == ["other.txt"]


def test_the_command_prints_json_for_machines_and_ends_with_one_where_times_do_not_read(tmp_path: Path) -> None:
    report(tmp_path)
    (tmp_path / "m.yaml").write_text(MAPPING)
    called = CliRunner().invoke(sources.command, ["try", str(tmp_path / "m.yaml"), str(tmp_path / "f.csv"), "--json"])
    assert called.exit_code == 1
    told = json.loads(called.stdout)
    assert (told["events"], told["unread"]) == (5, 3)


def test_the_command_prints_a_table_for_people(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("id,at,by,kind,words,n\n1,2026-01-01,2026-01-05,note,hello,1\n")
    (tmp_path / "m.yaml").write_text(MAPPING)
    called = CliRunner().invoke(sources.command, ["try", str(tmp_path / "m.yaml"), str(tmp_path / "f.csv")])
    assert called.exit_code == 0
    assert "note.written: 1 events from 1 rows of f" in called.stdout
    assert "hello" in called.stdout


def test_check_list_and_show() -> None:
    run = CliRunner().invoke
    assert "olist" in run(sources.command, ["list"]).stdout
    assert set(json.loads(run(sources.command, ["list", "--json"]).stdout)) == set(mapping.shipped())
    assert "order.placed" in run(sources.command, ["show", "olist"]).stdout
    assert run(sources.command, ["check", "olist"]).exit_code == 0
    wrong = run(sources.command, ["check", "olits"])
    assert wrong.exit_code == 2
    assert "Did you mean `olist`" in wrong.stderr


def test_import_has_the_dry_run_too_and_writes_nothing(tmp_path: Path) -> None:
    report(tmp_path)
    (tmp_path / "m.yaml").write_text(MAPPING)
    arguments = ["--mapping", str(tmp_path / "m.yaml"), "--dry-run", "--json", str(tmp_path / "f.csv")]
    called = CliRunner().invoke(import_.command, arguments)
    assert json.loads(called.stdout)["events"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv", "m.yaml"]
    assert CliRunner().invoke(import_.command, [str(tmp_path / "f.csv")]).exit_code == 2
