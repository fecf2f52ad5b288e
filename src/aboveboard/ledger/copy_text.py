"""Rows for PostgreSQL's COPY, in its text format, made column by column.

Not CSV: up to version 17 a line of its own with `\\.` ends a CSV, even within quotes, and a customer may write one.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_ABSENT = "\\N"


def of(rows: pa.RecordBatch | pa.Table) -> bytes:
    """The rows as COPY reads them: tabs between columns, a line end behind each row, `\\N` for what is absent.

    Text must be free of NUL, which PostgreSQL has no way to hold.
    """
    if not rows.num_rows:
        return b""
    columns = [_written(column) for column in rows.columns]
    lines = pc.binary_join_element_wise(*columns, "\t")
    return ("\n".join(lines.to_pylist()) + "\n").encode()


def _written(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    text = column
    if not pa.types.is_string(column.type):
        text = pc.cast(column, pa.string())
    else:
        for sign, escaped in _ESCAPES:
            if pc.any(pc.match_substring(text, sign)).as_py():
                text = pc.replace_substring(text, sign, escaped)
    return pc.fill_null(text, _ABSENT)
