"""CSV: what is written reads back exactly; what is read carries the true lines."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tidy import events_of, ledgers, quick

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import csv
from aboveboard.ledger.limits import Limits


@quick
@ledgers
def test_round_trip(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("csv")
    csv.write(table, folder / "events.csv")
    assert events_of(folder / "events.csv", folder / "ledger") == table.to_pylist()


def test_a_reader_is_written_as_a_table_is(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([{"id": "1", "type": "a", "text": 'say "x",\nand go'}], schema=columns.SCHEMA)
    csv.write(table, tmp_path / "table.csv")
    csv.write(table.to_reader(), tmp_path / "reader.csv")
    assert (tmp_path / "table.csv").read_bytes() == (tmp_path / "reader.csv").read_bytes()


def test_formulas_are_defused_on_request_only(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "fine", "a=b", None]
    table = pa.Table.from_pylist([{"id": str(n), "text": text} for n, text in enumerate(texts)], schema=columns.SCHEMA)
    csv.write(table, tmp_path / "safe.csv", spreadsheet_safe=True)
    csv.write(table, tmp_path / "exact.csv")
    with duckdb.connect() as connection:
        read = [
            connection.read_csv(str(tmp_path / name), all_varchar=True).project("text").fetchall()
            for name in ("safe.csv", "exact.csv")
        ]
    assert [text for (text,) in read[0]] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "fine", "a=b", None]
    assert [text for (text,) in read[1]] == texts


def test_writing_where_one_cannot(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        csv.write(columns.SCHEMA.empty_table(), tmp_path / "nowhere" / "events.csv")
    assert list(tmp_path.iterdir()) == []


def rows(path: Path, limits: Limits | None = None) -> list[dict[str, object]]:
    return [row for batch in csv.read(path, limits or Limits()) for row in batch.to_pylist()]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b'\n\ntype,"ti\nme"\r\na,"x\r\ny"\n\n\nb,z\rc\nd,"1"\n')
    read = rows(path)
    assert [(row["_line"], row["type"], row["ti\nme"], row["_fault"]) for row in read] == [
        (5, "a", "x\r\ny", None),
        (9, "b", "z", None),
        (10, None, None, csv.RAGGED_SHORT),
        (11, "d", "1", None),
    ]
    assert [row["_raw"] for row in read] == ['a,"x\r\ny"', "b,z", "c", 'd,"1"']


def test_rows_longer_than_the_limit_cost_no_other_row(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("type,time\na,1\n" + "x" * 5_000 + ",2\nb,3\n" + '"open,4\n' + "c,5\n" * 300)
    read = rows(path, Limits(row_bytes=1_000))
    assert [(row["_line"], row["_fault"]) for row in read if row["_fault"]] == [(3, csv.TOO_LONG), (5, csv.UNCLOSED)]
    assert [row["type"] for row in read if not row["_fault"]] == ["a", "b", *["c"] * 300]


@pytest.mark.parametrize("delimiter", csv.DELIMITERS)
def test_the_delimiter_is_the_one_that_makes_ledger_columns(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(delimiter.join(["type", "time", "a,b;c|d" if delimiter == "\t" else '"a,b;c|d"']) + "\n")
    scanned = csv.scan(path)
    assert scanned is not None
    assert list(scanned[1]) == ["type", "time", "a,b;c|d"]


def test_names_of_the_ledger_in_other_letters(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(" TYPE ,Time,Colour\n")
    scanned = csv.scan(path)
    assert scanned is not None
    assert list(scanned[1]) == ["type", "time", "Colour"]


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;;;"])
def test_the_line_that_excel_writes_first(line: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"{line}\r\ntype;time;a,b\r\nx;2026-03-01;y\r\n")
    assert [(row["_line"], row["type"], row["a,b"]) for row in rows(path)] == [(3, "x", "y")]
    path.write_text(f"{line}\r\n")
    with pytest.raises(LedgerError, match="no line of column names follows"):
        rows(path)
