"""What a run leaves can be found again: its tables, and the rows that a finding rests on."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.reports import exhibits, folder

TABLE = pa.table(
    {"step": ["a", "b", "b"], "met": [True, False, None], "effort": [3, 12, 20], "score": [0.5, 1.0, None]}
)


def test_rows_are_found_by_what_a_finding_says() -> None:
    def steps(**where: object) -> list[int]:
        return folder.rows_where(TABLE, where)["effort"].to_pylist()

    assert steps(step="b") == [12, 20]
    assert steps(step="b", met=False) == [12]
    assert steps(effort=">= 12") == [12, 20]
    assert steps(score=1) == [12]
    assert steps(nothing="there") == [3, 12, 20]


def test_only_tables_of_the_run_are_handed_out(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "steps.parquet")
    assert folder.tables(tmp_path) == ["steps"]
    assert folder.table(tmp_path, "steps") is not None
    assert folder.table(tmp_path, "../steps") is None
    assert folder.contents(tmp_path) == []
    assert folder.section(tmp_path, "none") is None


def test_no_cell_of_a_sheet_is_a_formula() -> None:
    sheet = exhibits.sheet(pa.table({"name": ["=1+1", "-2", "fine", None], "value": [-1, 2, 3, 4]})).decode()
    assert sheet.splitlines() == ['"name","value"', '"\'=1+1",-1', '"\'-2",2', '"fine",3', ",4"]
