"""What a page shows as evidence: figures, and the tables behind them, to be read and to be downloaded."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from aboveboard.analyses import catalogue
from aboveboard.reports import theme, words

Row = dict[str, Any]

MOST_ROWS = 200
"""No table shows more; the download holds them all."""
MOST_NAMES = 12
"""No figure or list names more."""


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption, and the table it was drawn from for reading and for download.

    `lines` are said above the drawing: what each is, and one or more sentences.
    """

    title: str
    note: str
    drawing: theme.Drawing | None
    table: Table
    lines: Sequence[tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True)
class Table:
    """A table as shown: at most `MOST_ROWS` rows; the download holds them all."""

    name: str
    columns: Sequence[tuple[str, str, bool]]
    rows: Sequence[Sequence[str]]
    rows_count: int
    download: str


def rows_of(table: pa.Table | None) -> list[Row]:
    """A small table as dictionaries; none where the run did not make it."""
    return [] if table is None else list(table.to_pylist())


def rows_where(table: pa.Table, **equal: str) -> list[Row]:
    """The rows whose columns equal the values given."""
    mask = None
    for column, value in equal.items():
        is_it = pc.equal(table[column], value)
        mask = is_it if mask is None else pc.and_(mask, is_it)
    return rows_of(table.filter(mask))


def table_of(name: str, rows: Sequence[Row], file: str) -> Table:
    """A table for reading (values as words) with its download (values as they are)."""
    spec = catalogue.SPECS[name]
    fields = [f for f in spec.fields if rows and f.name in rows[0]]
    shown = [[_cell(f.name, f.kind, row[f.name]) for f in fields] for row in rows[:MOST_ROWS]]
    heads = [(f.name.replace("_", " ").removesuffix(" at"), f.meaning, f.kind in ("int64", "float64")) for f in fields]
    return Table(file, heads, shown, len(rows), _download(rows, [f.name for f in fields]))


def _cell(name: str, kind: str, value: Any) -> str:
    if words.absent(value):
        return ""
    if kind == "boolean":
        return "yes" if value else ""
    readers: Mapping[str, Callable[[Any], str]] = {
        "_share": words.share,
        "_minutes": words.duration,
        "_count": words.count,
    }
    stem = name.removesuffix("_low").removesuffix("_high").removesuffix("_median").removesuffix("_p90")
    for ending, says in readers.items():
        if stem.endswith(ending):
            return says(value)
    if stem in ("minutes_deliverable", "minutes_promised", "minutes_late"):
        return words.duration(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return words.number(value) if isinstance(value, float) else str(value)


def sheet(table: pa.Table) -> bytes:
    """The table as CSV; text that a spreadsheet would take for a formula has an apostrophe before it."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in table.columns]
    sink = pa.BufferOutputStream()
    csv.write_csv(pa.table(columns, names=table.column_names), sink)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    formula = pc.match_substring_regex(column, r"^[=+@\t\r-]")
    return pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)


def _download(rows: Sequence[Row], columns: Sequence[str]) -> str:
    if not rows:
        return ""
    held = sheet(pa.Table.from_pylist([{c: row[c] for c in columns} for row in rows]))
    return "data:text/csv;base64," + base64.b64encode(held).decode()
