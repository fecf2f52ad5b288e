"""DuckDB: the default engine, inside this process, straight over Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa


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
        return self.backend.read_parquet([str(file) for file in files], table_name=name, union_by_name=len(files) > 1)

    def keep(self, expression: Any, *, name: str) -> Any:
        """Compute the expression once and hand back the stored table."""
        return self.backend.create_table(name, expression, overwrite=True)

    def close(self) -> None:
        """Let go of memory and files."""
        self.backend.disconnect()


def arrow(backend: Any, expression: Any) -> pa.Table:
    """The rows of the expression as a pyarrow table. (Ibis' own way loads pandas, which takes longer than most queries.)"""
    backend._run_pre_execute_hooks(expression)
    rows = backend.con.sql(backend.compile(expression)).to_arrow_table()
    return rows.cast(expression.as_table().schema().to_pyarrow())
