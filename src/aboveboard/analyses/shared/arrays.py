"""Between engine and numpy: small results of a query as arrays, and rows as a table of a declared shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.analyses.shared.survival import Estimate
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.engines import ledgers

Array = npt.NDArray[Any]
Cells = dict[str, Array]


def cells(expr: Any) -> Cells:
    """Run a small query: one numpy array per column, object arrays for text, NaN for absent numbers."""
    table = ledgers.arrow(expr)
    return {name: column_array(table[name]) for name in table.column_names}


def column_array(column: pa.ChunkedArray) -> Array:
    """An Arrow column as a numpy array (see `cells`)."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False))


def groups(table: Cells, *by: str) -> Iterator[tuple[tuple[Any, ...], Cells]]:
    """The cells of each distinct combination of the `by` columns, in sorted order: (values, their cells)."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for index, key in enumerate(zip(*(table[name].tolist() for name in by), strict=True)):
        rows.setdefault(key, []).append(index)
    for key in sorted(rows, key=lambda values: tuple((value is None, str(value)) for value in values)):
        yield key, {name: column[rows[key]] for name, column in table.items()}


def rows_to_table(spec: TableSpec, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows (missing keys and NaN are absent) as an Ibis table with exactly the columns of `spec`."""
    kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}
    kinds["timestamp"] = pa.timestamp("us", tz="UTC")
    listed = list(rows)
    columns = [pa.array([_present(row.get(field.name)) for row in listed], kinds[field.kind]) for field in spec.fields]
    schema = pa.schema([(field.name, kinds[field.kind]) for field in spec.fields])
    return ibis.memtable(pa.Table.from_arrays(columns, schema=schema))


def estimate_columns(name: str, estimate: Estimate) -> dict[str, float]:
    """An estimate as the three columns `name`, `name_low` and `name_high`."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _present(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
