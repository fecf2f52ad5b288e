"""Parquet with the ledger's column names, of whatever types: scanned by DuckDB, and written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import RESERVED, places
from aboveboard.ledger.limits import USUAL, Limits
from aboveboard.ledger.sql import literal


def scan(path: Path, limits: Limits = USUAL) -> str:
    """SQL that reads the file; its rows are numbered in `_line`, from 1.

    Raises LedgerError where the file is not whole, or too wide.
    """
    schema = _opened(path).schema_arrow
    if len(schema.names) > limits.columns:
        raise LedgerError(f"{path}: {len(schema.names):,} columns; at most {limits.columns:,} are read")
    seen = set(RESERVED)
    for name in schema.names:
        if name.lower() in seen:
            raise LedgerError(f"{path}: a column may not be called {name!r}, or there are two of that name; rename it")
        seen.add(name.lower())
    rows = f"read_parquet({literal(str(path))}, file_row_number=true)"
    return f"(SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS _line FROM {rows})"  # noqa: S608


def read(path: Path) -> Iterator[pa.RecordBatch]:
    """The file's rows as they are, in batches."""
    yield from _opened(path).iter_batches()


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger's events as Parquet with the ledger's schema."""
    with places.replacing(path) as fresh, pq.ParquetWriter(fresh, columns.SCHEMA, compression="zstd") as writer:
        for batch in events.to_batches() if isinstance(events, pa.Table) else events:
            writer.write_table(pa.Table.from_batches([batch]).select(columns.NAMES).cast(columns.SCHEMA))


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise LedgerError(f"{path}: this Parquet file is damaged or was cut short: {error}") from error
