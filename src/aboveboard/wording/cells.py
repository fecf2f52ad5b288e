"""The texts in tables: cells of a CSV with their places, and events of a Parquet file or a ledger's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aboveboard.playbook.problems import nearest
from aboveboard.wording import spoken
from aboveboard.wording.errors import UnreadableError, WordingError
from aboveboard.wording.model import Audience

TEXT_COLUMNS = ("text", "message", "body", "template", "content", "reply", "answer", "note", "comment", "sentence")
"""Columns read where none is named: the first of these that there is."""
_CELL = r'(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^@\r\n]*))(?P<end>@|\r\n|\n|\r|\Z)'


@dataclass(frozen=True)
class Cell:
    """One cell with its text; `origin` as in `markup.Prose`. `event` is the row's id where the file holds events."""

    text: str
    origin: tuple[int, ...]
    audience: Audience
    event: str | None


def of_csv(text: str, columns: Sequence[str], file: str) -> Iterator[Cell]:
    """The cells to lint: those of the columns named, else of the first of TEXT_COLUMNS that there is.

    A file with the columns `type` and `id` of a ledger is read as events: only the organisation's own words, each for the
    audience that it was said to. Raises WordingError where there is no such column.
    """
    rows = _rows(text)
    head = [cell[0].strip() for cell in next(rows, [])]
    wanted = _wanted(head, columns, file)
    events = {"id", "type", "text"} <= set(head) and not columns
    for row in rows:
        values = dict(zip(head, (cell[0] for cell in row), strict=False))
        audience: Audience | None = "customer"
        if events:
            audience = spoken.audience_of(values["type"], values.get("audience") or None)
        elif values.get("audience") == "internal":
            audience = "internal"
        if audience is None:
            continue
        for name, (value, origin) in zip(head, row, strict=False):
            if name in wanted and value.strip():
                yield Cell(value, origin, audience, values.get("id"))


def _wanted(head: Sequence[str], columns: Sequence[str], file: str) -> set[str]:
    for column in columns:
        if column not in head:
            near = nearest(column, head)
            meant = f" (did you mean {near}?)" if near else ""
            raise WordingError(f"{file}: there is no column {column!r}{meant}; there are {', '.join(head)}")
    lowered = {name.lower(): name for name in head}
    found = next((lowered[name] for name in TEXT_COLUMNS if name in lowered), None)
    if not columns and found is None:
        raise WordingError(f"{file}: which column holds the words? Name it with --column; there are {', '.join(head)}")
    return set(columns) or {str(found)}


def _rows(text: str) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """The rows of a CSV, each cell with the place of every sign. The sign between cells is the commonest in the first line."""
    first = text.partition("\n")[0]
    between = max(",;\t|", key=first.count)
    form = re.compile(_CELL.replace("@", re.escape(between)))
    row: list[tuple[str, tuple[int, ...]]] = []
    at = 0
    while at < len(text):
        match = form.match(text, at)
        if match is None:  # a quotation mark in the middle of a cell: the rest of the line is one cell
            line_end = len(text) if (found := text.find("\n", at)) < 0 else found
            row.append((text[at:line_end], tuple(range(at, line_end + 1))))
            ended, end = "\n", line_end + 1
        else:
            row.append(_cell(match))
            ended, end = match["end"], match.end()
        at = end
        if ended != between or at >= len(text):
            if any(cell[0] for cell in row):
                yield row
            row = []


def _cell(match: re.Match[str]) -> tuple[str, tuple[int, ...]]:
    if match["quoted"] is None:
        start, end = match.span("plain")
        return match["plain"], tuple(range(start, end + 1))
    signs, origin = [], []
    start, quoted, at = match.start("quoted"), match["quoted"], 0
    while at < len(quoted):
        signs.append(quoted[at])
        origin.append(start + at)
        at += 2 if quoted[at] == '"' else 1
    return "".join(signs), (*origin, match.end("quoted"))


def is_ledger(path: Path) -> bool:
    """True for the folder of a ledger."""
    from aboveboard.ledger import store

    return store.is_ledger(path)


def of_ledger(path: Path, columns: Sequence[str] = ()) -> Iterator[tuple[str, Audience, str]]:
    """Id, audience and words of the events that hold the organisation's own words; `columns` name others than `text`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from aboveboard.ledger import store

    parts = store.Store(path).parts() if path.is_dir() else [path]
    for part in parts:
        try:
            file = pq.ParquetFile(part)
        except pa.ArrowInvalid:
            raise UnreadableError(f"{part}: not a Parquet file") from None
        names = set(file.schema_arrow.names)
        texts = list(columns) or ["text"]
        if missing := [name for name in [*texts, *(() if columns else ("id", "type"))] if name not in names]:
            raise WordingError(f"{part}: there is no column {missing[0]!r}; there are {', '.join(sorted(names))}")
        kept = [name for name in ("id", "type", "audience", *texts) if name in names]
        for batch in file.iter_batches(columns=list(dict.fromkeys(kept))):
            for row in batch.to_pylist():
                yield from _said(row, texts)


def _said(row: dict[str, Any], texts: Sequence[str]) -> Iterator[tuple[str, Audience, str]]:
    audience: Audience | None = "customer"
    if row.get("type"):
        audience = spoken.audience_of(row["type"], row.get("audience"))
    if audience is not None:
        for name in texts:
            if row[name]:
                yield str(row.get("id") or ""), audience, str(row[name])
