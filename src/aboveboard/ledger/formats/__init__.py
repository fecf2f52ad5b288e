"""The file formats of events: which one a file is in, and the module that reads and writes it.

Every module has `write(events, path)` and `read(path) -> Iterator[pa.RecordBatch]` of the ledger's columns, any of
which may be missing or text, and of `CONTROLS`. Modules are imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pyarrow as pa

from aboveboard.ledger.errors import LedgerError

CONTROLS = ("_line", "_file", "_raw", "_fault", "_found")
"""What a reader may say beside the ledger's columns: the line and the file a row came from, the row as it stood, and
what the reader itself found wrong with it (the row is then rejected for that reason)."""

RESERVED = (*CONTROLS, "_shown_time", "_shown_due", "_shown_recorded_at", "file_row_number")
"""Names that no column of a file may have."""

_HEAD = 65_536


@dataclass(frozen=True)
class Format:
    """A file format: its name (also that of its module here), its suffixes, and whether it reads times by itself.

    Formats that do (`zoned`) take `timezone` in `read`; the others leave times as text for the checks.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    zoned: bool = False

    @property
    def module(self) -> ModuleType:
        """The module that reads and writes this format."""
        return import_module(f"{__name__}.{self.name}")


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("csv", "CSV", (".csv", ".tsv", ".txt")),
        Format("parquet", "Parquet", (".parquet", ".pq")),
        Format("jsonl", "JSON lines", (".jsonl", ".ndjson")),
        Format("xes", "XES", (".xes", ".xes.gz"), zoned=True),
        Format("ocel_json", "OCEL 2.0 JSON", (".jsonocel", ".json"), zoned=True),
        Format("ocel_sqlite", "OCEL 2.0 SQLite", (".sqlite", ".db"), zoned=True),
        Format("ocel_xml", "OCEL 2.0 XML", (".xmlocel", ".xml"), zoned=True),
    )
}


def of(path: Path) -> Format:
    """The format of a plain file: by what it begins with, and where that says nothing, by its suffix; else CSV.

    Raises LedgerError where it is something else altogether.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return FORMATS[_by_content(path, head) or _by_suffix(path) or "csv"]


def to_write(path: Path, name: str | None = None) -> Format:
    """The format to write `path` in: the one named, or the one of its suffix. Raises LedgerError where there is none."""
    found = name or _by_suffix(path)
    if found not in FORMATS:
        known = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
        raise LedgerError(f"{path}: no format is known by this name; end it in one of {known}")
    return FORMATS[found]


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """The events of a plain file of any format, as its module reads them."""
    form = of(path)
    batches: Iterator[pa.RecordBatch] = (
        form.module.read(path, timezone=timezone) if form.zoned else form.module.read(path)
    )
    return batches


def _by_suffix(path: Path) -> str | None:
    name = path.name.lower()
    return next((f.name for f in FORMATS.values() for suffix in f.suffixes if name.endswith(suffix)), None)


def _by_content(path: Path, head: bytes) -> str | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\0"):
        return "ocel_sqlite"
    if start.startswith(b"<"):
        return _markup(path, head)
    if start.startswith(b"{"):
        return "jsonl" if _is_json_lines(path, head) else "ocel_json"
    if head.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise LedgerError(f"{path}: this is a document, not a file of events; export it as CSV")
    return None


def _markup(path: Path, head: bytes) -> str:
    if b"<html" in head[:4_096].lower():
        raise LedgerError(f"{path}: this is a web page, not a file of events; was the download behind a sign-in?")
    marks = (b"<object-types", b"<event-types", b"<objects", b"<events>")
    return "ocel_xml" if path.name.lower().endswith(".xmlocel") or any(mark in head for mark in marks) else "xes"


def _is_json_lines(path: Path, head: bytes) -> bool:
    """An OCEL file is one object over many lines, or names its parts on the first; JSON lines close on the first."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].rstrip()
    is_ocel = any(mark in head for mark in (b'"objectTypes"', b'"eventTypes"', b'"ocel:'))
    named = path.name.lower().endswith((".jsonl", ".ndjson"))
    return named or (first.endswith(b"}") and not is_ocel)
