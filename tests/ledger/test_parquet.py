"""Parquet: what is written reads back exactly, and has the schema of the ledger."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tidy import events_of, ledgers, quick

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import parquet


@quick
@ledgers
def test_round_trip(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("parquet")
    parquet.write(table, folder / "events.parquet")
    assert events_of(folder / "events.parquet", folder / "ledger") == table.to_pylist()
    assert [row for batch in parquet.read(folder / "events.parquet") for row in batch.to_pylist()] == table.to_pylist()


def test_the_schema_and_a_reader(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [{"id": "1"}, {"id": "2"}], schema=pa.schema([pa.field(f.name, f.type) for f in columns.SCHEMA])
    )
    with pytest.raises(LedgerError, match="cannot be written"):
        parquet.write(table, tmp_path / "missing" / "x.parquet")
    whole = pa.Table.from_pylist([], schema=columns.SCHEMA)
    parquet.write(whole.to_reader(), tmp_path / "events.parquet")
    assert pq.read_schema(tmp_path / "events.parquet").equals(columns.SCHEMA)


def test_a_file_cut_short_says_so(tmp_path: Path) -> None:
    (tmp_path / "events.parquet").write_bytes(b"PAR1")
    with pytest.raises(LedgerError, match="damaged or was cut short"):
        list(parquet.read(tmp_path / "events.parquet"))
