"""JSON as systems export it: an object per line, one list of objects, or pages with the objects in a list inside."""

# ruff: noqa: S608  (texts go through `literal`; the table names are our own)

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from aboveboard.ledger.formats import lines
from aboveboard.ledger.formats.csv import BATCH_CHARACTERS, BATCH_ROWS, NOT_UTF8, TOO_LONG
from aboveboard.ledger.limits import USUAL
from aboveboard.sources.sql import JSON, LINE, literal

LONGEST = 64 << 20  # bytes of one object in a document
LONGEST_LINE = USUAL.row_bytes
_LINES = pa.schema([("place", pa.int64()), ("text", pa.string()), ("fault", pa.string())])
_HEAD = 1 << 16


def _head(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")


def is_list(path: Path) -> bool:
    """Whether the file is one JSON value: a list, or an object that goes over many lines."""
    head = _head(path)
    return head.startswith(b"[") or head.split(b"\n", 1)[0].strip() == b"{"


def is_lines(path: Path) -> bool:
    """Whether the first line closes the object it opens, so that there may be more of them."""
    head = _head(path)
    first, _, rest = head.partition(b"\n")
    return first.rstrip().endswith(b"}") and (bool(rest.strip()) or len(head) < _HEAD)


def is_ocel(path: Path) -> bool:
    """Whether it says that it is an object-centric event log."""
    head = _head(path)
    return any(mark in head for mark in (b'"objectTypes"', b'"eventTypes"', b'"ocel:'))


def of_lines(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> str:
    """SQL that yields `_json` and `_line` of every line that is an object; the other lines go into `_faulty`."""
    connection.register("arriving", pa.RecordBatchReader.from_batches(_LINES, _batches(path)))
    connection.execute("CREATE OR REPLACE TABLE _lines AS SELECT * FROM arriving")
    connection.unregister("arriving")
    good = "coalesce(try(fault IS NULL AND json_valid(text) AND json_type(text) = 'OBJECT'), false)"
    connection.execute(
        f"INSERT INTO _faulty SELECT place, {literal(name)}, left(text, 2000), coalesce(fault, 'not a JSON object'), NULL "
        f"FROM _lines WHERE NOT {good}"
    )
    return f"SELECT CAST(text AS JSON) AS {JSON}, place AS {LINE} FROM _lines WHERE {good}"


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The lines that are not blank, with their numbers; `fault` where a line is too long or not in its encoding."""
    waiting: list[tuple[int, str, str | None]] = []
    size = 0
    for line in lines.physical(path, lines.encoding(path).codec, LONGEST_LINE):
        if not line.text.strip():
            continue
        fault = TOO_LONG if line.cut else None if lines.is_sound(line.text) else NOT_UTF8
        # Of a faulty line only the beginning is kept, and without the bytes that no text can hold.
        text = line.text[:2_000].encode("utf-8", "replace").decode() if fault else line.text
        waiting.append((line.number, text, fault))
        size += len(text)
        if len(waiting) == BATCH_ROWS or size > BATCH_CHARACTERS:
            yield _batch(waiting)
            waiting, size = [], 0
    if waiting:
        yield _batch(waiting)


def _batch(rows: list[tuple[int, str, str | None]]) -> pa.RecordBatch:
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), _LINES, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=_LINES)


def of_document(path: Path) -> str:
    """SQL that yields `_json` and `_line` (here: which object) of every object of a list, or of the one object."""
    objects = f"read_json_objects({literal(str(path))}, format = 'auto', maximum_object_size = {LONGEST})"
    return f"SELECT json AS {JSON}, row_number() OVER () AS {LINE} FROM {objects}"


def unpaged(objects: str, records: str) -> str:
    """SQL that takes the pages among the objects apart: the list under `records`; other objects stay as they are."""
    path = literal('$."' + records.replace('"', "") + '"')
    listed = f"json_type({JSON}, {path}) = 'ARRAY'"
    items = f"CASE WHEN {listed} THEN json_extract({JSON}, {path.removesuffix(chr(39))}[*]') ELSE [{JSON}] END"
    return f"SELECT unnest({items}) AS {JSON}, {LINE} FROM ({objects})"
