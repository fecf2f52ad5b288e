# ruff: noqa: S608 (values from outside go into SQL through `sql.literal` only)
"""The one door into a ledger: every row is checked, counted, and recorded once or rejected with its reason.

The rows pass through DuckDB in bulk and in little memory (it spills into the ledger's own working folder). A clean CSV
file goes straight into a Parquet part; a file with any flaw is read again with care, so that each reject can name its
line. Then events that the ledger knows are left out, and the part takes its place in one step: a kill at any moment
leaves the ledger as it was, and the same import can simply be run again.

Ids: the same id is the same event, in the ledger and within a file (the first row counts). A row without an id gets
one from what it says and from how many identical rows stood before it, so that importing a file twice adds nothing, and
a file that holds the same row twice keeps both.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import pyarrow as pa

from aboveboard.ledger import casts, columns, formats, sifting, store, unpacking, validation
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import csv, lines, parquet
from aboveboard.ledger.limits import USUAL, Limits
from aboveboard.ledger.receipts import Receipt
from aboveboard.ledger.recording import Progress, Recording
from aboveboard.ledger.sql import literal, quoted

Rows = Any  # a DuckDB relation, a pyarrow Table, RecordBatch or RecordBatchReader


def take(
    rows: Rows,
    *,
    into: Path,
    recorded_at: datetime,
    source: str | None = None,
    timezone: str = "UTC",
    name: str = "rows",
    limits: Limits = USUAL,
    progress: Progress | None = None,
) -> Receipt:
    """Check rows and add them to the ledger in the folder `into`, which is made if it does not exist.

    `rows` has columns of the ledger, of their own types or as text; all but `type` and `time` may be missing, other
    columns become attributes. `_line`, `_file` and `_raw` say where a row came from. `recorded_at` and `source` fill
    what rows do not say; times without an offset are on the clock of `timezone`; a `due` without a time is the last
    microsecond of that day there. `name` is what the rows are called in the reject file and in errors.

    Raises LedgerError where the ledger cannot be written, or the rows as a whole cannot be used.
    """
    with _desk(into, name, recorded_at, source, timezone, limits, progress) as desk:
        return desk.take_batches(iter(_reader(rows)))


def take_file(
    path: Path,
    *,
    into: Path,
    recorded_at: datetime,
    source: str | None = None,
    timezone: str = "UTC",
    limits: Limits = USUAL,
    progress: Progress | None = None,
) -> Receipt:
    """Check the events of a file (CSV, Parquet, JSON lines, XES, OCEL 2.0; plain, .gz or .zip) and add them.

    Arguments are those of `take`. Raises LedgerError where the file cannot be read as events, or the ledger written.
    """
    _must_be_file(path)
    path = path.absolute()  # so that no engine takes a name for an address
    with _desk(into, path.name, recorded_at, source, timezone, limits, progress) as desk:
        return desk.take_plain(unpacking.plain(path, desk.recording.writing.working, limits), path)


@dataclass
class _Desk:
    """One import at work."""

    recording: Recording
    source: str | None
    zone: ZoneInfo
    limits: Limits

    def take_plain(self, plain: Path, path: Path) -> Receipt:
        """Take a file that is not compressed; errors call it `path`."""
        form = formats.of(plain)
        if form.name == "csv":
            return self._take_csv(plain)
        if form.name == "parquet":
            return self._take_parquet(plain, path)
        if form.name == "jsonl":
            return self.take_batches(form.module.read(plain, self.limits), _encoding_notes(plain))
        return self.take_batches(form.module.read(plain, timezone=self.zone.key))

    def take_batches(self, batches: Iterator[pa.RecordBatch], notes: tuple[str, ...] = ()) -> Receipt:
        """Take Arrow batches of one schema, in one pass."""
        incoming = _Incoming(batches)
        if incoming.first is None:
            return Receipt(0, 0, 0, 0, notes=notes)
        connection = self.recording.connection
        connection.register("sample", pa.Table.from_batches([incoming.first]))
        connection.register("incoming", incoming.reader())
        types = self._types("sample")
        notes += self._epochs("sample", types)
        query = self._query("incoming", types)
        try:
            staged = self.recording.copied(query.checked, "staged.parquet")
        except duckdb.Error as error:
            raise incoming.failure or error from None
        return self.recording.settle(staged, checked=True, stamped=query.stamped, notes=notes)

    def _take_csv(self, plain: Path) -> Receipt:
        """At speed where the file allows it; else from the start, with care, row by row."""
        for text, codec in self._texts(plain):
            try:
                sifted = self._sifted(text, codec)
            except duckdb.Error as error:
                if self._concerns_writing(error, text):
                    raise
                sifted = None  # DuckDB cannot make sense of the file; the careful way can.
            if sifted is not None:
                notes = sifted.notes if text == plain else _encoding_notes(plain) + sifted.notes
                return self.recording.settle(sifted.good, flawed=sifted.flawed, stamped=sifted.stamped, notes=notes)
        return self.take_batches(csv.read(plain, self.limits), _encoding_notes(plain))

    def _texts(self, plain: Path) -> Iterator[tuple[Path, str]]:
        """The file, if its first bytes are UTF-8; if nothing came of that, and the rest is not, its text in UTF-8."""
        tried = lines.encoding_of_head(plain)
        if tried is not None:
            yield plain, tried
        codec = lines.encoding(plain).codec
        if not codec.startswith("utf-8"):
            yield lines.as_utf8(plain, codec, self.recording.writing.working / "text.csv"), "utf-8"
        elif tried is None:
            yield plain, codec

    def _sifted(self, text: Path, codec: str) -> sifting.Sifted | None:
        dialect = csv.dialect(text, codec, self.limits)
        sifter = sifting.Sifter(self.recording, text, dialect, self.limits, self._query)
        types = dict.fromkeys(dialect.header, "VARCHAR")
        epochs = self._epochs(csv.table(text, dialect, csv.Flawed.SKIPPED), types)
        sifted = sifter.sifted()
        return sifted and replace(sifted, notes=epochs + sifted.notes)

    def _take_parquet(self, plain: Path, path: Path) -> Receipt:
        rows = parquet.scan(plain, self.limits)
        try:
            types = self._types(rows)
            notes = self._epochs(rows, types)
            query = self._query(rows, types)
            staged = self.recording.copied(query.checked, "staged.parquet")
        except duckdb.Error as error:
            if self._concerns_writing(error, plain):
                raise
            raise LedgerError(f"{path}: this Parquet file is damaged: {_first_line(error)}") from error
        return self.recording.settle(staged, checked=True, stamped=query.stamped, notes=notes)

    def _concerns_writing(self, error: duckdb.Error, plain: Path) -> bool:
        """Whether the room to work in is at fault, and not the file that is read."""
        working = str(self.recording.writing.working)
        return isinstance(error, duckdb.OutOfMemoryException) or (
            working in str(error) and str(plain) not in str(error)
        )

    def _query(self, rows: str, types: dict[str, str]) -> validation.Query:
        missing = [name for name in ("type", "time") if name not in types]
        if missing:
            own = [name for name in types if name not in formats.CONTROLS]
            raise LedgerError(
                f"{self.recording.name}: no column is called {' nor '.join(map(repr, missing))}; the columns are "
                f"{', '.join(name[:40] for name in own[:12])}{', …' if len(own) > 12 else ''}. A file with other names "
                "needs a mapping: `aboveboard sources guess FILE` writes a first one"
            )
        return validation.query(rows, types, zone=self.zone, recorded_at=self.recording.recorded_at, source=self.source)

    def _types(self, rows: str) -> dict[str, str]:
        """The columns of `rows` and their DuckDB types; the ledger's own names in lower case, as DuckDB takes them."""
        described = self.recording.connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
        return {name.lower() if name.lower() in columns.NAMES else name: type_ for name, type_, *_ in described}

    def _epochs(self, rows: str, types: dict[str, str]) -> tuple[str, ...]:
        """Say of each column whose first thousand rows tell times as bare numbers in which unit they are read."""
        return tuple(note for name in validation.MOMENTS if name in types for note in self._epoch(name, rows))

    def _epoch(self, name: str, rows: str) -> Iterator[str]:
        sample = f"SELECT trim(CAST({quoted(name)} AS VARCHAR)) AS x FROM {rows} LIMIT 1000"
        ((found,),) = self.recording.connection.execute(
            f"SELECT any_value(x) FROM ({sample}) WHERE regexp_full_match(x, {literal(casts.EPOCH)})"
        ).fetchall()
        if found:
            yield f"{name}: a bare number such as {found} is read as {casts.unit(found)} since 1970 (UTC)"


class _Incoming:
    """Batches on their way through DuckDB. What goes wrong in making them is kept, since DuckDB would reword it."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.first = next(batches, None)
        self.failure: Exception | None = None

    def reader(self) -> pa.RecordBatchReader:
        assert self.first is not None
        return pa.RecordBatchReader.from_batches(self.first.schema, self._every())

    def _every(self) -> Iterator[pa.RecordBatch]:
        yield self.first
        try:
            yield from self._batches
        except Exception as error:
            self.failure = error
            raise


@contextmanager
def _desk(
    into: Path,
    name: str,
    recorded_at: datetime,
    source: str | None,
    timezone: str,
    limits: Limits,
    progress: Progress | None,
) -> Iterator[_Desk]:
    zone = _zone(timezone)
    if recorded_at.tzinfo is None:
        raise ValueError("recorded_at must carry a time zone")
    with _writable(into), store.Store(into).writing() as writing, duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = 'UTC'; SET memory_limit = {literal(limits.memory)}")
        connection.execute(f"SET temp_directory = {literal(str(writing.working / 'spill'))}")
        connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        # How far a query is can be asked only while DuckDB keeps count, which it may do without drawing a bar.
        connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        if limits.threads:
            connection.execute(f"SET threads = {limits.threads}")
        yield _Desk(Recording(connection, writing, name, recorded_at, progress), source, zone, limits)


@contextmanager
def _writable(into: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that says so; the ledger is as it was before."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise LedgerError(
            f"{into}: not enough memory or room to spill for this import: {_first_line(error)}"
        ) from error
    except (duckdb.IOException, OSError) as error:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or re.search(
            "No space left|File too large|Disk quota|disk full", str(error)
        )
        what = "the disk is full" if full else "the ledger cannot be written"
        raise LedgerError(f"{into}: {what}; nothing was recorded ({_first_line(error)})") from error


def _must_be_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                file.read(1)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror or error}") from error
    if stat.S_ISDIR(mode):
        hint = "import its part-*.parquet files" if store.is_ledger(path) else "name the files in it"
        raise LedgerError(f"{path}: this is a folder; {hint}")
    if not stat.S_ISREG(mode):
        raise LedgerError(f"{path}: this is a device or a pipe, not a file; save the events to a file first")


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LedgerError(f"there is no time zone {timezone!r}; names look like Europe/Berlin") from error


def _reader(rows: Rows) -> pa.RecordBatchReader:
    if isinstance(rows, pa.RecordBatchReader):
        return rows
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    if isinstance(rows, pa.Table):
        return rows.to_reader()
    return rows.to_arrow_reader()


def _encoding_notes(plain: Path) -> tuple[str, ...]:
    note = lines.encoding(plain).note
    return (note,) if note else ()


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
