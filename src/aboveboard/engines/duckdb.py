"""DuckDB: the default engine, inside this process, straight over Parquet files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.engines import compiled

_CODE_BITS = 20
"""So many bits may the codes of a group have together: its sums are then looked up by them, in some 50 MB per thread."""


class DuckDB:
    """A DuckDB in memory. `threads` defaults to the number of cores, `memory` (such as "4GB") to 80 % of the machine's."""

    def __init__(self, *, threads: int | None = None, memory: str | None = None) -> None:
        self.backend = ibis.duckdb.connect()
        self._set("TimeZone", "UTC")
        # Rows of a table have no order of their own; without this promise DuckDB streams more and holds less.
        self._set("preserve_insertion_order", "false")
        if threads is not None:
            self._set("threads", str(threads))
        if memory is not None:
            self._set("memory_limit", memory)

    def _set(self, name: str, value: str) -> None:
        quoted = value.replace("'", "''")
        self.backend.con.execute(f"SET {name} = '{quoted}'")

    def open_parquet(self, files: Sequence[Path], *, name: str) -> Any:
        """The files as one table, read where they lie; nothing is copied."""
        compiled.expect(self.backend, sum(pq.read_metadata(file).num_rows for file in files))
        return self.backend.read_parquet([str(file) for file in files], table_name=name, union_by_name=len(files) > 1)

    def keep(self, expression: Any, *, name: str) -> Any:
        """Compute the expression once and hand back the stored table."""
        with compiled.as_suits(self.backend):
            return self.backend.create_table(name, expression, overwrite=True)

    def close(self) -> None:
        """Let go of memory and files."""
        self.backend.disconnect()


def arrow(backend: Any, expression: Any) -> pa.Table:
    """The rows of the expression as a pyarrow table. (Ibis' own way loads pandas, which takes longer than most queries.)"""
    rows = backend.con.sql(compiled.sql(backend, expression)).to_arrow_table()
    return rows.cast(expression.as_table().schema().to_pyarrow())


def sums_by(backend: Any, table: Any, by: Sequence[str], of: str) -> pa.Table:
    """As `ledgers.sums_by`; over many rows without comparing any text, where there are few enough levels.

    What a Parquet file holds as a dictionary DuckDB turns into an enumeration entry by entry, not row by row, and enumerations
    are grouped by their numbers.
    """
    rows = compiled.sql(backend, table)
    keys = {name: _quoted(name) for name in by}
    if not compiled.small(backend):
        keys = _coded(backend, rows, keys) or keys
    y = _quoted(of)
    said = ", ".join(f"{key} as {_quoted(name)}" for name, key in keys.items())
    sums = f"count({y}) as n, sum({y}) as total, sum({y} * {y}) as squares"
    (before,) = backend.con.execute("select current_setting('perfect_ht_threshold')").fetchone()
    backend.con.execute(f"set perfect_ht_threshold = {_CODE_BITS}")
    try:
        return backend.con.sql(f"select {said}, {sums} from ({rows}) group by all").to_arrow_table()  # noqa: S608
    finally:
        backend.con.execute(f"set perfect_ht_threshold = {before}")


def _coded(backend: Any, rows: str, keys: Mapping[str, str]) -> dict[str, str] | None:
    """The keys as enumerations; None where there are too many levels for that."""
    distinct = ", ".join(f"list(distinct {key})" for key in keys.values())
    levels = backend.con.execute(f"select {distinct} from ({rows})").fetchone()  # noqa: S608
    held = [sorted(level for level in each or [] if level is not None) for each in levels]
    # One number more than there are levels stands for none.
    if not all(held) or sum(len(each).bit_length() for each in held) > _CODE_BITS:
        return None
    listed = (", ".join("'" + level.replace("'", "''") + "'" for level in each) for each in held)
    return {
        name: f"try_cast({key} as enum({values}))" for (name, key), values in zip(keys.items(), listed, strict=True)
    }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
