"""DuckDB: the default engine, inside this process, straight over Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.engines import compiled


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
