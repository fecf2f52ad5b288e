"""What is recorded, what is known, what is rejected: the counts add up, and importing again adds nothing."""

from __future__ import annotations

import csv as python_csv
import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aboveboard.ledger import columns, intake, store
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.receipts import Receipt

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HAND = datetime(2026, 3, 1, 10, tzinfo=UTC)


def take(path: Path, into: Path, **options: Any) -> Receipt:
    return intake.take_file(path, into=into, recorded_at=NOW, **options)


def written(tmp_path: Path, *lines: str, name: str = "events.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def events(into: Path) -> list[dict[str, Any]]:
    parts = store.Store(into).parts()
    return [event for part in parts for event in pq.read_table(part).to_pylist()]


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return receipt.read, receipt.recorded, receipt.known, receipt.rejected


def test_a_part_has_the_schema_of_the_ledger(tmp_path: Path) -> None:
    receipt = take(written(tmp_path, "type,time", "order.paid,2026-03-01"), tmp_path / "ledger")
    assert receipt.part is not None
    schema = pq.read_schema(receipt.part)
    assert schema.names == list(columns.NAMES)
    assert schema.types == columns.SCHEMA.types


def test_what_a_row_does_not_say_is_filled(tmp_path: Path) -> None:
    path = written(tmp_path, "id,type,time,source,recorded_at", "1,a,2026-03-01,own,2026-03-02", "2,a,2026-03-01,,")
    take(path, tmp_path / "ledger", source="given")
    own, filled = events(tmp_path / "ledger")
    assert (own["source"], own["recorded_at"]) == ("own", datetime(2026, 3, 2, tzinfo=UTC))
    assert (filled["source"], filled["recorded_at"]) == ("given", NOW)


def test_importing_again_adds_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "id,type,time", "1,a,2026-03-01", "2,a,2026-03-01", "1,a,2026-03-01", "3,,2026-03-01")
    assert counts(take(path, tmp_path / "ledger")) == (4, 2, 1, 1)
    assert counts(take(path, tmp_path / "ledger")) == (4, 0, 3, 1)
    assert [event["id"] for event in events(tmp_path / "ledger")] == ["1", "2"]


def test_the_first_of_an_id_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "id,type,time,text", *(f"{n % 7},a,2026-03-01,{n}" for n in range(5_000)))
    assert counts(take(path, tmp_path / "ledger")) == (5_000, 7, 4_993, 0)
    assert {event["id"]: event["text"] for event in events(tmp_path / "ledger")} == {str(n): str(n) for n in range(7)}


def test_rows_without_ids_are_all_kept_and_never_twice(tmp_path: Path) -> None:
    path = written(tmp_path, "type,time,text", "a,2026-03-01,x", "a,2026-03-01,x", "a,2026-03-01,y")
    assert counts(take(path, tmp_path / "ledger")) == (3, 3, 0, 0)
    assert counts(take(path, tmp_path / "ledger")) == (3, 0, 3, 0)
    more = written(tmp_path, "time,type,text", *["2026-03-01 00:00,a,x"] * 3, name="more.csv")
    assert counts(take(more, tmp_path / "ledger")) == (3, 1, 2, 0)


def test_the_id_of_a_row_without_one_is_settled(tmp_path: Path) -> None:
    """It may never change: events imported by an older version would be imported again."""
    take(written(tmp_path, "type,time,value,text", "a,2026-03-01,1.5,x", ",,,"), tmp_path / "ledger")
    (event,) = events(tmp_path / "ledger")
    said = "type=1:a;time=16:1772323200000000;value=3:1.5;text=1:x;"
    assert event["id"] == hashlib.md5(said.encode()).hexdigest() + "-1"


def test_words_of_one_column_do_not_pass_for_anothers(tmp_path: Path) -> None:
    path = written(tmp_path, "type,time,customer,team", 'a,2026-03-01,"x;team=1:y",', "a,2026-03-01,x,y")
    assert counts(take(path, tmp_path / "ledger")) == (2, 2, 0, 0)


def test_other_columns_become_attributes(tmp_path: Path) -> None:
    header = "id,type,time,attributes,colour,size"
    rows = [
        '1,a,2026-03-01,"{""colour"": ""kept"", ""n"": 1}",red,9',
        "2,a,2026-03-01,,blue,",
        "3,a,2026-03-01,,,",
        '4,a,2026-03-01,"{""n"": 1}",,',
    ]
    take(written(tmp_path, header, *rows), tmp_path / "ledger")
    found = [event["attributes"] and json.loads(event["attributes"]) for event in events(tmp_path / "ledger")]
    assert found == [{"colour": "kept", "size": "9", "n": 1}, {"colour": "blue"}, None, {"n": 1}]


def test_a_due_date_ends_with_its_day_in_the_zone(tmp_path: Path) -> None:
    path = written(
        tmp_path, "id,type,time,due", "1,a,2026-03-01 10:00,2026-03-05", "2,a,2026-03-01T10:00Z,2026-03-05 10:00"
    )
    take(path, tmp_path / "ledger", timezone="America/New_York")
    day, hour = events(tmp_path / "ledger")
    assert day["time"] == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert day["due"] == datetime(2026, 3, 6, 4, 59, 59, 999_999, tzinfo=UTC)
    assert hour["time"] == HAND
    assert hour["due"] == datetime(2026, 3, 5, 15, tzinfo=UTC)


def test_a_due_date_in_parquet_too(tmp_path: Path) -> None:
    rows = pa.table({"type": ["a"], "time": [HAND], "due": pa.array([date(2026, 3, 5)], pa.date32())})
    intake.take(rows, into=tmp_path / "ledger", recorded_at=NOW, timezone="Europe/Berlin")
    assert events(tmp_path / "ledger")[0]["due"] == datetime(2026, 3, 5, 22, 59, 59, 999_999, tzinfo=UTC)


def test_bare_numbers_say_their_unit(tmp_path: Path) -> None:
    receipt = take(written(tmp_path, "type,time", "a,1521000000123"), tmp_path / "ledger")
    assert receipt.notes == ("time: a bare number such as 1521000000123 is read as milliseconds since 1970 (UTC)",)
    assert events(tmp_path / "ledger")[0]["time"] == datetime(2018, 3, 14, 4, 0, 0, 123_000, tzinfo=UTC)


def test_what_a_type_needs_and_lacks_is_counted_not_rejected(tmp_path: Path) -> None:
    rows = ["1,order.placed,2026-03-01,order:1,,", "2,order.placed,2026-03-01,,,", "3,promise.made,2026-03-01,x,,says",
            '4,handoff.sent,2026-03-01,x,"{""to"": ""b""}",', "5,handoff.sent,2026-03-01,x,{},", "6,odd,2026-03-01,,,"]  # fmt: skip
    receipt = take(written(tmp_path, "id,type,time,subject,attributes,text", *rows), tmp_path / "ledger")
    assert counts(receipt) == (6, 6, 0, 0)
    assert receipt.lacking == {
        "handoff.sent without team": 2,
        "order.placed without subject": 1,
        "promise.made without due": 1,
        "handoff.sent without attributes.to": 1,
    }


@pytest.mark.parametrize("kind", ["relation", "reader", "table", "batch"])
def test_rows_of_every_kind(kind: str, tmp_path: Path) -> None:
    table = pa.table(
        {"id": ["1", "2"], "type": ["a", None], "time": [HAND, HAND], "_line": [5, 9], "_file": ["f", "g"]}
    )
    rows = {
        "relation": lambda: duckdb.connect().from_arrow(table),
        "reader": table.to_reader,
        "table": lambda: table,
        "batch": lambda: table.to_batches()[0],
    }[kind]()
    receipt = intake.take(rows, into=tmp_path / "ledger", recorded_at=NOW, name="given")
    assert counts(receipt) == (2, 1, 0, 1)
    assert receipt.rejects is not None
    with receipt.rejects.open(encoding="utf-8", newline="") as file:
        (reject,) = python_csv.DictReader(file)
    assert (reject["file"], reject["line"], reject["column"]) == ("g", "9", "type")
    assert json.loads(reject["row"])["id"] == "2"


def test_no_rows_are_no_part(tmp_path: Path) -> None:
    empty = pa.table({"type": pa.array([], pa.string()), "time": pa.array([], pa.string())})
    assert counts(intake.take(empty, into=tmp_path / "ledger", recorded_at=NOW)) == (0, 0, 0, 0)
    assert store.Store(tmp_path / "ledger").parts() == []


def test_data_frames_say_absent_by_nan(tmp_path: Path) -> None:
    rows = pa.table({"type": ["a"], "time": [HAND], "value": [float("nan")], "due": [float("nan")]})
    assert counts(intake.take(rows, into=tmp_path / "ledger", recorded_at=NOW)) == (1, 1, 0, 0)
    assert events(tmp_path / "ledger")[0]["value"] is None


def test_a_reject_file_is_safe_to_open(tmp_path: Path) -> None:
    receipt = take(written(tmp_path, "id,type,time", "=1+1,a,@SUM(A1)"), tmp_path / "ledger")
    assert receipt.rejects is not None
    with receipt.rejects.open(encoding="utf-8", newline="") as file:
        (reject,) = python_csv.DictReader(file)
    assert (reject["found"], reject["row"]) == ("'@SUM(A1)", "'=1+1,a,@SUM(A1)")


def test_errors_of_the_caller(tmp_path: Path) -> None:
    path = written(tmp_path, "type,time", "a,2026-03-01")
    with pytest.raises(LedgerError, match="no time zone 'Mars/Olympus'"):
        take(path, tmp_path / "ledger", timezone="Mars/Olympus")
    with pytest.raises(LedgerError, match="no time zone"):
        take(path, tmp_path / "ledger", timezone="../../etc/passwd")
    with pytest.raises(ValueError, match="time zone"):
        intake.take_file(path, into=tmp_path / "ledger", recorded_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_progress_goes_from_nothing_to_everything(tmp_path: Path) -> None:
    rows = (f"{n},a,2026-03-01,{'x' * 200}" for n in range(50_000))
    shares: list[float] = []
    take(written(tmp_path, "id,type,time,text", *rows, "1,,,"), tmp_path / "ledger", progress=shares.append)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.slow
def test_memory_stays_bounded(tmp_path: Path) -> None:
    """Three million rows without ids (the most costly case) within 400 MB over the memory given to DuckDB."""
    path = tmp_path / "events.csv"
    duckdb.execute(
        f"COPY (SELECT 'a' AS type, '2026-03-01' AS time, md5(range::VARCHAR) AS text FROM range(3000000)) TO '{path}' (HEADER)"
    )
    code = (
        "import sys, re, pathlib, datetime\n"
        "from aboveboard.ledger import intake, limits\n"
        "r = intake.take_file(pathlib.Path(sys.argv[1]), into=pathlib.Path(sys.argv[2]), limits=limits.Limits(memory='400MB'),"
        " recorded_at=datetime.datetime.now(datetime.UTC))\n"
        "assert r.recorded == 3_000_000\n"
        # not ru_maxrss: a new process starts with the peak of the one that started it
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text()).group(1))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "ledger"], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 800 * 1024
