"""CSV with a header of the ledger's column names: read with care or scanned at speed, and written.

Commas, semicolons, tabs or bars between fields; quotes doubled inside quotes (RFC 4180); any line ends; UTF-8, UTF-16
with its mark, or Windows-1252. Columns with other names become attributes. An empty field is absent, quoted or not.

There are two ways in. `scan` is DuckDB's own reader at its strictest: quick, and it refuses what is in any doubt.
`read` goes through the file record by record, says on which physical line each begins, and turns every row that cannot
be had into one that says why; a quote that is never closed costs its own line and no more.

Excel's first line `sep=;` says what stands between fields; it is no record.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
import pyarrow as pa

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import RESERVED, csv_shape, lines, places
from aboveboard.ledger.limits import USUAL, Limits
from aboveboard.ledger.sql import literal

DELIMITERS = (",", ";", "\t", "|")
BATCH_ROWS, BATCH_CHARACTERS = 20_000, 32_000_000

RAGGED_SHORT = "fewer fields than the header"
RAGGED_LONG = "more fields than the header"
QUOTES = "quotes that do not match"
UNCLOSED = "a quote is opened and never closed"
TOO_LONG = "the row is longer than the limit"
NOT_UTF8 = "bytes that are not UTF-8"


_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*[\r\n]*', re.IGNORECASE)
_FORMULA = re.compile(r"[=+@\t\r-]")


class Flawed(StrEnum):
    """What DuckDB does at a row that does not fit the header, is quoted wrongly, or is no UTF-8."""

    STOPS = "strict_mode=true"
    SKIPPED = "strict_mode=true, ignore_errors=true"
    KEPT = "strict_mode=true, store_rejects=true"
    """Left out too; the connection's table `reject_errors` tells where they are."""


@dataclass(frozen=True)
class Dialect:
    """What the first lines of a file give away. `before` is how many physical lines the header has before it."""

    delimiter: str
    header: tuple[str, ...]
    before: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands in the file, from physical line `line` on; `fault` says why it has no `fields`."""

    line: int
    raw: str
    fields: list[str]
    fault: str | None = None
    found: str | None = None


def scan(path: Path, limits: Limits = USUAL) -> tuple[str, dict[str, str]] | None:
    """SQL that reads the file at speed, and its columns' types; None where only `read` will do.

    Executing it raises duckdb.Error as soon as anything in the file is doubtful.
    """
    codec = lines.encoding_of_head(path)
    if codec is None:
        return None
    found = dialect(path, codec, limits)
    return table(path, found), dict.fromkeys(found.header, "VARCHAR")


def dialect(path: Path, codec: str, limits: Limits = USUAL) -> Dialect:
    """The dialect of a file. Raises LedgerError where its header cannot be used."""
    return _dialect(path, lines.physical(path, codec, limits.row_bytes), limits)


def table(path: Path, dialect: Dialect, flawed: Flawed = Flawed.STOPS) -> str:
    """SQL for the rows of a UTF-8 file, every column text."""
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.header)
    skip = f", skip={dialect.before}" if dialect.before else ""
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, columns={{{types}}}, "
        f"delim={literal(dialect.delimiter)}, quote='\"', escape='\"', compression='none'{skip}, {flawed})"
    )


def read(path: Path, limits: Limits = USUAL) -> Iterator[pa.RecordBatch]:
    """Batches of text columns named as in the header, with `_line`, `_raw`, `_fault` and `_found` (see CONTROLS).

    Raises LedgerError where the file is no text, is empty, or has a header that cannot be used.
    """
    codec = lines.encoding(path).codec
    found = dialect(path, codec, limits)
    physical = itertools.islice(lines.physical(path, codec, limits.row_bytes), found.before, None)
    records = _records(physical, limits, found.delimiter)
    next(records)  # the header
    fitted = (_fitted(record, len(found.header)) for record in records)
    for batch in _batched(fitted):
        yield _arrow(batch, found.header)


@dataclass(frozen=True)
class Some:
    """Records read singly: `rows` as `read` has them, and whether all their bytes are UTF-8."""

    rows: pa.Table
    sound: bool


def read_some(path: Path, dialect: Dialect, places: Iterable[csv_shape.Extent], limits: Limits) -> Some | None:
    """Read single records of a UTF-8 file with care; None where one is not what it seemed to be: one record."""
    rows, sound = [], True
    with path.open("rb") as file:
        for place in places:
            file.seek(place.start)
            text = file.read(place.end - place.start).decode("utf-8", "surrogateescape")
            sound = sound and lines.is_sound(text)
            physical = (lines.Line(place.line, line) for line in io.StringIO(text, newline=""))
            records = list(itertools.islice(_records(physical, limits, dialect.delimiter), 2))
            if len(records) != 1:
                return None
            rows.append(_fitted(records[0], len(dialect.header)))
    return Some(pa.Table.from_batches(_arrow(batch, dialect.header) for batch in _batched(iter(rows))), sound)


def write(events: pa.Table | pa.RecordBatchReader, path: Path, *, spreadsheet_safe: bool = False) -> None:
    """Write a ledger's events as CSV that reads back exactly: UTF-8, times in UTC to the microsecond.

    A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula. `spreadsheet_safe` puts an apostrophe
    before it, which changes the data; leave it off for files that are to be read back.
    """
    with duckdb.connect() as connection, places.replacing(path) as fresh:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("events", events)
        chosen = ", ".join(_written(column, safe=spreadsheet_safe) for column in columns.COLUMNS)
        target = literal(str(fresh))
        connection.execute(f"COPY (SELECT {chosen} FROM events) TO {target} (FORMAT csv, HEADER)")  # noqa: S608


def _written(column: columns.Column, *, safe: bool) -> str:
    if column.type == columns.MOMENT:
        return f"strftime({column.name}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {column.name}"
    if safe and column.type == pa.string():
        return f"{defused(column.name)} AS {column.name}"
    return column.name


def defused(text: str) -> str:
    """SQL: the text, with an apostrophe before anything that a spreadsheet would take for a formula."""
    return f"CASE WHEN regexp_matches({text}, '^[=+@\\t\\r-]') THEN '''' || {text} ELSE {text} END"


def harmless(text: str) -> str:
    """The text, with an apostrophe before anything that a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _dialect(path: Path, physical: Iterator[lines.Line], limits: Limits) -> Dialect:
    kept = list(_first_lines(physical))
    if not kept:
        raise LedgerError(f"{path}: the file is empty; a CSV of events begins with a line of column names")
    if kept[0].cut:
        raise LedgerError(f"{path}: the first line is longer than {limits.row_bytes:,} characters; is this a CSV file?")
    if said := _SEPARATOR_LINE.fullmatch(kept[0].text):
        delimiter, before = said[1], kept[0].number
        header = _header(iter(kept[1:]), limits, delimiter)
    else:
        found = [(d, _header(iter(kept), limits, d)) for d in DELIMITERS]
        delimiter, header = max(found, key=lambda pair: (len(set(pair[1]) & set(columns.NAMES)), len(pair[1])))
        before = 0
    _check_header(path, header, limits)
    return Dialect(delimiter, header, before)


def _first_lines(physical: Iterator[lines.Line]) -> Iterator[lines.Line]:
    """The lines that may belong to the header: blank ones before it go, and quoted names may hold a few line ends."""
    begun = 0
    for line in physical:
        begun += bool(begun or line.text.strip())
        if begun:
            yield line
        if begun > 20:
            return


def _header(physical: Iterator[lines.Line], limits: Limits, delimiter: str) -> tuple[str, ...]:
    record = next(_records(physical, limits, delimiter), None)
    if record is None:
        return ()
    return tuple(_name(field) for field in record.fields) if not record.fault else (record.raw.strip(),)


def _name(field: str) -> str:
    """The ledger's own name where case and blanks are all that differs."""
    plain = field.strip()
    return plain.lower() if plain.lower() in columns.NAMES else plain


def _check_header(path: Path, header: Sequence[str], limits: Limits) -> None:
    if not header:
        raise LedgerError(f"{path}: no line of column names follows the line `sep=`")
    if len(header) > limits.columns:
        raise LedgerError(f"{path}: {len(header):,} columns; at most {limits.columns:,} are read")
    seen: set[str] = set()
    for name in header:
        if name.lower() in seen:
            raise LedgerError(f"{path}: two columns are called {name[:80]!r}; rename one of them in the first line")
        if not name:
            raise LedgerError(f"{path}: column {header.index(name) + 1} has no name in the first line")
        if not lines.is_sound(name) or "\0" in name:
            raise LedgerError(f"{path}: the name of column {header.index(name) + 1} is not readable text")
        if name.lower() in RESERVED:
            raise LedgerError(f"{path}: a column may not be called {name!r}; rename it in the first line")
        seen.add(name.lower())


def _records(physical: Iterator[lines.Line], limits: Limits, delimiter: str) -> Iterator[Record]:
    """The records of the file, blank lines left out; those that cannot be had carry a fault."""
    csv.field_size_limit(max(csv.field_size_limit(), limits.row_bytes + 1))
    feed = _Feed(physical, limits.row_bytes)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RowTooLongError) as error:
            yield feed.give_up(error)
            continue
        if fields:
            yield Record(feed.given[0].number, "".join(line.text for line in feed.given).rstrip("\r\n"), fields)


class _RowTooLongError(Exception):
    """A record went on beyond the limit."""


class _Feed:
    """Hands lines to the csv reader and remembers those of the record at work, so that they can be taken back."""

    def __init__(self, physical: Iterator[lines.Line], limit: int) -> None:
        self.physical, self.limit = physical, limit
        self.waiting: deque[lines.Line] = deque()
        self.begin()

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.given: list[lines.Line] = []
        self.size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.physical)
        self.given.append(line)
        self.size += len(line.text)
        if line.cut or self.size > self.limit:
            raise _RowTooLongError
        return line.text

    def give_up(self, error: Exception) -> Record:
        """Reject the first line of the record, and read the others anew, as records of their own."""
        first, *others = self.given
        self.waiting.extendleft(reversed(others))
        if isinstance(error, _RowTooLongError):
            fault = UNCLOSED if others else TOO_LONG
        else:
            fault = UNCLOSED if "unexpected end" in str(error) else QUOTES
        return Record(first.number, first.text.rstrip("\r\n"), [], fault)


def _fitted(record: Record, width: int) -> Record:
    """The record, faulty where it does not fit the header. Empty fields too many are delimiters at the line's end."""
    if record.fault:
        return _readable(record)
    count = len(record.fields)
    if count > width and not any(record.fields[width:]):
        del record.fields[width:]
    elif count != width:
        fault = RAGGED_SHORT if count < width else RAGGED_LONG
        return _readable(Record(record.line, record.raw, [], fault, f"{count} fields, {width} expected"))
    return record if lines.is_sound(record.raw) else _readable(Record(record.line, record.raw, [], NOT_UTF8))


def _readable(record: Record) -> Record:
    """The faulty record with a question mark for each byte that could not be read, and at most so much of the row."""
    raw = record.raw[:10_000].encode("utf-8", "replace").decode("utf-8")
    return Record(record.line, raw, [], record.fault, record.found)


def _batched(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.raw)
        if len(batch) >= BATCH_ROWS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _arrow(batch: list[Record], header: tuple[str, ...]) -> pa.RecordBatch:
    nothing: list[str | None] = [None] * len(header)
    rows = [record.fields or nothing for record in batch]
    arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    arrays.append(pa.array([record.line for record in batch], pa.int64()))
    arrays += [pa.array([getattr(r, name) for r in batch], pa.string()) for name in ("raw", "fault", "found")]
    return pa.RecordBatch.from_arrays(arrays, names=[*header, "_line", "_raw", "_fault", "_found"])
