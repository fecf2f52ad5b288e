"""JSON as systems export it: an object per line, one list of objects, or pages with the objects in a list inside."""

# ruff: noqa: S608  (texts go through `literal`; the table names are our own)

from __future__ import annotations

from pathlib import Path

import duckdb

from aboveboard.sources.problems import FilesError
from aboveboard.sources.sql import JSON, LINE, literal

LONGEST = 64 << 20
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


def of_lines(connection: duckdb.DuckDBPyConnection, path: Path, name: str, codec: str) -> str:
    """SQL that yields `_json` and `_line` of every line that is an object; the other lines go into `_faulty`."""
    if codec not in ("utf-8", "utf-8-sig"):
        raise FilesError(f"{name}: this is {codec.upper()}; JSON is UTF-8. Save it as UTF-8.")
    connection.execute("DROP TABLE IF EXISTS _lines")
    # A reader of CSV without quotes, and with a separator that JSON cannot contain, is a reader of lines.
    connection.execute(
        f"CREATE TABLE _lines AS SELECT line FROM read_csv({literal(str(path))}, auto_detect = false, header = false, "
        f"columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', max_line_size = {LONGEST}, "
        f"buffer_size = {LONGEST * 2}, store_rejects = true, rejects_limit = 0)"
    )
    connection.execute(
        f"INSERT INTO _faulty SELECT line, {literal(name)}, left(any_value(csv_line), 2000), "
        "'the line cannot be read: ' || lower(any_value(error_type)), NULL FROM reject_errors GROUP BY line"
    )
    connection.execute("DROP TABLE reject_errors")
    connection.execute("DROP TABLE reject_scans")
    # rowid counts the lines that came through; each line that did not pushes the later ones down by one.
    connection.execute(
        "CREATE OR REPLACE TABLE _numbered AS SELECT line, rowid + 1 AS place FROM _lines WHERE trim(line) <> ''"
    )
    connection.execute("DROP TABLE _lines")
    good = "coalesce(try(json_valid(line) AND json_type(line) = 'OBJECT'), false)"
    connection.execute(
        f"INSERT INTO _faulty SELECT place, {literal(name)}, left(line, 2000), 'not a JSON object', NULL "
        f"FROM _numbered WHERE NOT {good}"
    )
    return f"SELECT CAST(line AS JSON) AS {JSON}, place AS {LINE} FROM _numbered WHERE {good}"


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
