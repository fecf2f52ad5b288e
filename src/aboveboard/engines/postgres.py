"""PostgreSQL: events in a table of a server, or copied there for as long as the connection lasts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.engines.errors import EngineError, missing_extra
from aboveboard.ledger import copy_text

_BATCH = 50_000
_TEXT_TYPES = (25, 1043)  # text and varchar, by their fixed numbers in every PostgreSQL
_TYPES = {pa.string(): 'text collate "C"', pa.float64(): "double precision", pa.timestamp("us", "UTC"): "timestamptz"}


class Postgres:
    """A session on the server at `url` (`postgresql://user@host:port/database`), which speaks UTC."""

    def __init__(self, *, url: str | None = None) -> None:
        if not url:
            raise EngineError("PostgreSQL needs an address: pass url='postgresql://user@host:5432/database'")
        self.backend = _connected(url)

    def open_parquet(self, files: Sequence[Path], *, name: str) -> Any:
        """The files copied into a temporary table, which ends with the session.

        Text is compared byte by byte (collation C), so that order and extremes are those of the other engines.
        """
        import psycopg

        schema = pq.read_schema(files[0])
        columns = ", ".join(f'"{field.name}" {_TYPES[field.type]}' for field in schema)
        names = ", ".join(f'"{column}"' for column in schema.names)
        try:
            with self.backend.con.transaction(), self.backend.con.cursor() as cursor:
                cursor.execute(f'create temporary table "{name}" ({columns})')
                with cursor.copy(f'copy "{name}" ({names}) from stdin') as copy:
                    for file in files:
                        for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=schema.names):
                            copy.write(copy_text.of(batch.select(schema.names)))
                cursor.execute(f'analyze "{name}"')
        except psycopg.Error as problem:
            raise EngineError(f"PostgreSQL did not take the events: {str(problem).strip()}") from problem
        return self.backend.table(name)

    def open_table(self, table: str, *, name: str) -> Any:
        """An existing table or view (`events`, or `schema.events`), through a view that compares text byte by byte."""
        import psycopg

        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))
        try:
            with self.backend.con.cursor() as cursor:
                cursor.execute(f"select * from {quoted} limit 0")  # noqa: S608 - quoted above
                columns = ", ".join(_by_bytes(column) for column in cursor.description or ())
                cursor.execute(f'create temporary view "{name}" as select {columns} from {quoted}')  # noqa: S608
        except psycopg.Error as problem:
            raise EngineError(f"table {table} cannot be read: {str(problem).strip()}") from problem
        return self.backend.table(name)

    def keep(self, expression: Any, *, name: str) -> Any:
        """Compute the expression once into a temporary table.

        The server gathers no statistics on temporary tables by itself, and without them takes thousands of rows for few.
        """
        table = self.backend.create_table(name, expression, temp=True, overwrite=True)
        with self.backend.con.cursor() as cursor:
            cursor.execute(f'analyze "{name}"')
        return table

    def close(self) -> None:
        """End the session; temporary tables go with it."""
        self.backend.disconnect()


def _connected(url: str) -> Any:
    try:
        import psycopg

        postgres = ibis.postgres
    except (ImportError, AttributeError) as problem:
        raise missing_extra("PostgreSQL", "postgres", problem) from problem
    try:
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("set time zone 'UTC'")
        # Analyses join whole tables by equal keys. Where the planner takes many rows for one (it cannot know how many a window
        # ranks first), it compares each row with each: minutes, for what a hash does in a second.
        connection.execute("set enable_nestloop = off")
    except psycopg.Error as problem:
        raise EngineError(f"PostgreSQL cannot be reached: {str(problem).strip()}") from problem
    return postgres.from_connection(connection)


def _by_bytes(column: Any) -> str:
    quoted = '"' + column.name.replace('"', '""') + '"'
    return f'{quoted} collate "C" as {quoted}' if column.type_code in _TEXT_TYPES else quoted


def arrow(backend: Any, expression: Any) -> pa.Table:
    """The rows of the expression as a pyarrow table, absent values absent and times to the microsecond."""
    schema = expression.as_table().schema().to_pyarrow()
    backend._run_pre_execute_hooks(expression)
    with backend.con.transaction(), backend.con.cursor(name="rows") as cursor:
        cursor.execute(backend.compile(expression))
        batches = []
        while rows := cursor.fetchmany(_BATCH):
            columns = zip(*rows, strict=True)
            arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    # PostgreSQL sums integers into numerics, which arrive as Decimal.
    if pa.types.is_integer(kind):
        values = [int(value) if isinstance(value, Decimal) else value for value in values]
    elif pa.types.is_floating(kind):
        values = [float(value) if isinstance(value, Decimal) else value for value in values]
    return pa.array(values, type=kind)
