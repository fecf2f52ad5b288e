"""DuckDB: the default engine, inside this process, straight over Parquet files.

The four functions of this module are what every engine offers; `ledgers` picks the module by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis

WANTS: frozenset[str] = frozenset({"threads", "memory"})


def connect(*, threads: int | None = None, memory: str | None = None) -> Any:
    """A fresh DuckDB in memory; it spills to a temporary folder beside nothing of the user's.

    `threads` defaults to the number of cores, `memory` (such as "4GB") to 80 % of the machine's.
    """
    settings: dict[str, Any] = {"TimeZone": "UTC", "preserve_insertion_order": False}
    if threads is not None:
        settings["threads"] = threads
    if memory is not None:
        settings["memory_limit"] = memory
    backend = ibis.duckdb.connect()
    for name, value in settings.items():
        backend.con.execute(f"SET {name} = {_literal(value)}")
    return backend


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def open_parquet(backend: Any, files: Sequence[Path], *, name: str) -> Any:
    """The files as one table, read where they lie; nothing is copied."""
    return backend.read_parquet([str(file) for file in files], table_name=name, union_by_name=len(files) > 1)


def keep(backend: Any, expression: Any, *, name: str) -> Any:
    """Compute the expression once and hand back the stored table."""
    return backend.create_table(name, expression, overwrite=True)


def arrow(backend: Any, expression: Any) -> Any:
    """The rows of the expression as a pyarrow table."""
    return backend.to_pyarrow(expression)


def disconnect(backend: Any) -> None:
    """Let go of memory and files."""
    backend.disconnect()
