"""One key of the JSON column `attributes`, as text: the same on DuckDB, PostgreSQL, Spark and in plain Python.

What counts as the value: a JSON string gives its text; a number, `true` or `false` gives the text as JSON writes it;
an object or a list gives its JSON. Absent (NULL, None): the key is not there, its value is JSON null, or the whole
column is. Only keys at the top level are read. Whoever needs a number casts the text: one rule for what a number is.

Numbers written in an unusual way (`1e5`, `1.10`) and the spaces inside nested values are shown as each engine's
JSON reader shows them; compare them after a cast, not as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import ibis

from aboveboard.ledger import engine_functions
from aboveboard.ledger.errors import AboveboardError

Text = Any  # an ibis StringValue: ibis ships no types
Table = Any  # an ibis Table

# Quotes, backslashes and the signs of JSON path languages would mean something else to one of the engines.
_PLAIN = re.compile(r"""[^"'\\\[\]*?$\x00-\x1f]{1,200}""")


class AttributeKeyError(AboveboardError):
    """The key cannot be asked for on every engine."""


_duckdb = engine_functions.binary("json_extract_string", ("string", "string"), "string")
_spark = engine_functions.binary("get_json_object", ("string", "string"), "string")
_postgres = engine_functions.binary("jsonb_extract_path_text", ("jsonb", "string"), "string")

_BY_ENGINE: dict[str, Callable[[Text, str], Text]] = {
    "duckdb": lambda document, key: _duckdb(document, f'$."{key}"'),
    "pyspark": lambda document, key: _spark(document, f"$['{key}']"),
    "postgres": lambda document, key: _postgres(document.cast("jsonb"), key),
}


def check(key: str) -> str:
    """Return `key`; raise AttributeKeyError where it holds a quote, a bracket, a backslash, `*`, `?` or `$`."""
    if not _PLAIN.fullmatch(key):
        raise AttributeKeyError(
            f"attribute key {key!r} cannot be read on every engine: use letters, digits, spaces, dots, '-', '_' or '/'"
        )
    return key


def text(table: Table, key: str) -> Text:
    """Read `attributes.<key>` of every row of an ibis table as text; NULL where it is absent."""
    check(key)
    engine = ibis.get_backend(table).name
    if engine not in _BY_ENGINE:
        raise AttributeKeyError(f"attributes cannot be read on {engine}: use {', '.join(sorted(_BY_ENGINE))}")
    return _BY_ENGINE[engine](table.attributes, key)


def text_of(document: str | None, key: str) -> str | None:
    """Read one key of one row's `attributes`, as `text` does. What is no JSON object has no keys: None."""
    check(key)
    if document is None:
        return None
    try:
        held = json.loads(document, parse_float=_Raw, parse_int=_Raw)
    except (ValueError, RecursionError):
        return None
    value = held.get(key) if isinstance(held, dict) else None
    if isinstance(value, (dict, list)):
        return json.dumps(json.loads(document)[key], ensure_ascii=False, separators=(",", ":"))
    return _as_text(value)


class _Raw(float):
    """A JSON number that remembers how it was written."""

    def __new__(cls, written: str) -> _Raw:
        number = super().__new__(cls, written)
        number.written = written
        return number

    written: str


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Raw):
        return value.written
    return value if isinstance(value, str) else None
