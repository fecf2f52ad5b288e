"""The command `aboveboard import`: what it prints, and what its exit codes mean."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from aboveboard import cli
from aboveboard.cli import import_

CLEAN = "id,type,time,subject\n1,order.placed,2026-03-01,order:1\n2,order.placed,2026-03-01,\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(import_.command, list(map(str, arguments)))


def written(tmp_path: Path, content: str, name: str = "events.csv") -> Path:
    (tmp_path / name).write_text(content)
    return tmp_path / name


def test_clean(tmp_path: Path) -> None:
    path = written(tmp_path, CLEAN)
    result = run(path, "--into", tmp_path / "ledger")
    assert result.exit_code == 0
    assert result.stdout == (
        f"{path}: read 2 = recorded 2 + known already 0 + rejected 0\n  recorded, but 1 order.placed without subject\n"
    )


def test_rejects_say_why_and_where(tmp_path: Path) -> None:
    path = written(tmp_path, CLEAN + "3,,2026-03-01,\n4,order.paid,,\n5,order.paid,,\n")
    result = run(path, "--into", tmp_path / "ledger")
    assert result.exit_code == 1
    assert "read 5 = recorded 2 + known already 0 + rejected 3" in result.stdout
    assert "rejected 2: the event has no time" in result.stdout
    assert "rejected 1: the event has no type" in result.stdout
    (rejects,) = (tmp_path / "ledger" / "rejects").iterdir()
    assert f"the rejected rows are in {rejects}" in result.stdout
    assert rejects.read_text() == (
        "file,line,column,reason,found,row\n"
        'events.csv,4,type,the event has no type,,"3,,2026-03-01,"\n'
        'events.csv,5,time,the event has no time,,"4,order.paid,,"\n'
        'events.csv,6,time,the event has no time,,"5,order.paid,,"\n'
    )


def test_one_bad_file_does_not_keep_the_others_out(tmp_path: Path) -> None:
    first, last = written(tmp_path, CLEAN), written(tmp_path, CLEAN.replace("\n1", "\n3"), "more.csv")
    result = run(first, tmp_path / "nowhere.csv", last, "--into", tmp_path / "ledger")
    assert result.exit_code == 3
    assert f"Error: {tmp_path / 'nowhere.csv'}: cannot be read: No such file or directory" in result.stderr
    assert "all: read 4 = recorded 3 + known already 1 + rejected 0" in result.stdout


def test_json_for_machines(tmp_path: Path) -> None:
    result = run(written(tmp_path, CLEAN + "x\n"), tmp_path / "nowhere.csv", "--into", tmp_path / "ledger", "--json")
    told = json.loads(result.stdout)
    assert (told["read"], told["recorded"], told["known"], told["rejected"]) == (3, 2, 0, 1)
    assert told["by_reason"] == {"fewer fields than the header": 1}
    assert told["lacking"] == {"order.placed without subject": 1}
    good, bad = told["files"]
    assert Path(good["rejects"]).is_file()
    assert "cannot be read" in bad["error"]


def test_no_column_of_ours_points_to_a_mapping(tmp_path: Path) -> None:
    result = run(written(tmp_path, "ticket,opened\n1,2026-03-01\n"), "--into", tmp_path / "ledger")
    assert result.exit_code == 3
    assert "no column is called 'type' nor 'time'; the columns are ticket, opened" in result.stderr
    assert "aboveboard sources guess" in result.stderr


def test_with_a_mapping(tmp_path: Path) -> None:
    path = written(tmp_path, "ticket,opened,asked\n1,2026-03-01 10:00,help\n2,when,help\n", "tickets.csv")
    (tmp_path / "tickets.yaml").write_text(
        "source: desk\n"
        "timezone: Europe/Berlin\n"
        "files: {tickets: tickets.csv}\n"
        "events:\n"
        "  case.opened:\n"
        "    from: tickets\n"
        "    subject: \"'ticket:' || ticket\"\n"
        "    time: opened\n"
        "    text: asked\n"
    )
    result = run(path, "--mapping", tmp_path / "tickets.yaml", "--into", tmp_path / "ledger", "--json")
    told = json.loads(result.stdout)
    assert (told["read"], told["recorded"], told["rejected"]) == (2, 1, 1), told
    assert result.exit_code == 1


def test_the_command_is_found_by_name() -> None:
    result = CliRunner().invoke(cli.main, ["import", "--help"])
    assert result.exit_code == 0
    assert "Exit codes" in result.stdout
