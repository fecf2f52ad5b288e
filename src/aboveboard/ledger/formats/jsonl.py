"""JSON lines: one event a line, an object whose keys are the ledger's columns; other keys become attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from aboveboard.ledger import columns
from aboveboard.ledger.formats import lines, places
from aboveboard.ledger.limits import USUAL, Limits

NO_OBJECT = "the line is no JSON object"
BATCH_ROWS, BATCH_CHARACTERS = 20_000, 32_000_000
_FIELDS = (*columns.NAMES, "_raw", "_fault", "_found")
_OWN = frozenset(columns.NAMES)
_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in _FIELDS] + [pa.field("_line", pa.int64())])

Row = dict[str, Any]


def read(path: Path, limits: Limits = USUAL) -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns as text, with `_line`, `_raw`, `_fault` and `_found` (see CONTROLS).

    Blank lines are left out. Raises LedgerError where the file is no text.
    """
    batch: list[Row] = []
    size = 0
    for line in lines.physical(path, lines.encoding(path).codec, limits.row_bytes):
        if line.text.strip():
            batch.append(_row(line))
            size += len(line.text)
        if len(batch) >= BATCH_ROWS or size >= BATCH_CHARACTERS:
            yield pa.RecordBatch.from_pylist(batch, schema=_SCHEMA)
            batch, size = [], 0
    if batch:
        yield pa.RecordBatch.from_pylist(batch, schema=_SCHEMA)


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger's events as JSON lines that read back exactly: times in UTC, columns without a value left out."""
    with places.replacing(path) as fresh, fresh.open("w", encoding="utf-8", newline="\n") as file:
        for batch in events.to_batches() if isinstance(events, pa.Table) else events:
            for event in batch.to_pylist():
                file.write(
                    _text({name: _plain(name, event[name]) for name in columns.NAMES if event[name] is not None})
                )
                file.write("\n")


def _row(line: lines.Line) -> Row:
    raw = line.text.rstrip("\r\n")
    if line.cut:
        return _faulty(line.number, raw, "the row is longer than the limit")
    if not lines.is_sound(raw):
        return _faulty(line.number, raw, "bytes that are not UTF-8")
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return _faulty(line.number, raw, NO_OBJECT, str(error))
    if not isinstance(event, dict):
        return _faulty(line.number, raw, NO_OBJECT, f"a {type(event).__name__}")
    row: Row = {"_line": line.number, "_raw": raw}
    others: Row = {}
    for name, value in event.items():
        if name in _OWN:
            row[name] = value if value is None or isinstance(value, str) else _text(value)
        else:
            others[name] = value
    if others:
        row["attributes"] = _merged(others, row.get("attributes"))
    # "\\ud800" is JSON, and no text; without an escape the text is as sound as its line.
    if "\\u" in raw and not all(lines.is_sound(value) for value in row.values() if isinstance(value, str)):
        return _faulty(line.number, raw, "an escape that stands for no character")
    return row


def _faulty(number: int, raw: str, fault: str, found: str | None = None) -> Row:
    readable = raw[:10_000].encode("utf-8", "replace").decode("utf-8")
    return {"_line": number, "_raw": readable, "_fault": fault, "_found": found}


def _merged(others: Row, attributes: str | None) -> str:
    """The keys that are no columns, among the attributes; where those cannot be read they stay as they are."""
    try:
        own = json.loads(attributes) if attributes else {}
    except (ValueError, RecursionError):
        own = None
    return _text({**others, **own}) if isinstance(own, dict) else str(attributes)


def _plain(name: str, value: Any) -> Any:
    if columns.SCHEMA.field(name).type == columns.MOMENT:
        return value.isoformat().replace("+00:00", "Z")
    return _nested(value) if name == "attributes" else value


def _nested(attributes: str) -> Any:
    """The attributes as an object, where reading that back gives the very same text; otherwise as text."""
    try:
        nested = json.loads(attributes)
        return nested if isinstance(nested, dict) and _text(nested) == attributes else attributes
    except (ValueError, RecursionError):
        return attributes


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
