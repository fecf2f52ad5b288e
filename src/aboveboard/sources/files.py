"""The files of an export → tables of a private DuckDB, which is then shut off from the world.

Each file is read once, into a compressed table that spills to disk when memory runs short. After that DuckDB can
open no file, no extension and no setting: whatever a mapping says, it can only compute over these tables.

Values of CSV and JSON stay text, as written; only what the mapping calls missing becomes NULL. Every table has
`_line` and `_file`: where the row came from. Lines that are no rows are kept aside in `_faulty`, for the ledger to count.
"""

# ruff: noqa: S608  (every name in the SQL below goes through `quoted`, every text through `literal`)

from __future__ import annotations

import csv as python_csv
import fnmatch
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from aboveboard.ledger import formats
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import csv
from aboveboard.playbook.problems import Problem
from aboveboard.sources import json_records, model
from aboveboard.sources.problems import FilesError, MappingError
from aboveboard.sources.sql import FAULTS, FILE, JSON, LINE, literal, quoted, without_markers
from aboveboard.sources.unpacking import Found, found, on_disk

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


@dataclass
class Table:
    """A staged file: its columns and DuckDB types (without `_line`); `json` where keys are read as they come."""

    alias: str
    columns: dict[str, str] = field(default_factory=dict)
    json: bool = False
    present: bool = True
    files: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """The private database with its tables; `faulty` counts lines that are no rows, `unused` names unwanted files."""

    connection: duckdb.DuckDBPyConnection
    tables: dict[str, Table]
    faulty: int
    unused: list[str]


@dataclass(frozen=True)
class Piece:
    """One file on its way into the database: the table to make, where its bytes are, what it is called to the user."""

    connection: duckdb.DuckDBPyConnection
    table: str
    path: Path
    file: Found
    export: model.Export
    missing: tuple[str, ...]


def stage(
    files: Mapping[str, model.Export],
    paths: Iterable[Path | str],
    *,
    timezone: str,
    missing: Sequence[str],
    memory: str = "2GB",
    place: str = "",
    guarded: bool = False,
) -> Stage:
    """Load the export. `guarded` keeps every `try(…)` of the statements to come whole.

    Raises FilesError for files that are absent or broken as a whole.
    """
    given = found(paths)
    chosen = _choose(files, given, place)
    used = {str(file) for matched in chosen.values() for file in matched}
    connection = _connect(timezone, memory)
    tables: dict[str, Table] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="aboveboard-") as folder:
            for alias, matched in chosen.items():
                tables[alias] = _load(connection, files[alias], matched, tuple(missing), Path(folder))
    except BaseException:
        connection.close()
        raise
    if guarded:
        # DuckDB would compute what two expressions share once, and outside of the `try` that each stands in.
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    counted = connection.execute("SELECT count(*) FROM _faulty").fetchone()
    return Stage(connection, tables, counted[0] if counted else 0, [str(f) for f in given if str(f) not in used])


def _connect(timezone: str, memory: str) -> duckdb.DuckDBPyConnection:
    spill = str(Path(tempfile.gettempdir()) / "aboveboard-spill")
    connection = duckdb.connect(config={**_SETTINGS, "memory_limit": memory, "temp_directory": spill})
    connection.execute("ATTACH ':memory:' AS export (COMPRESS)")
    connection.execute("USE export")
    connection.execute(f"SET TimeZone = {literal(timezone)}")
    connection.execute(f"CREATE TABLE _faulty ({', '.join(f'{name} {kind}' for name, kind in FAULTS.items())})")
    return connection


def _choose(files: Mapping[str, model.Export], given: Sequence[Found], place: str) -> dict[str, list[Found]]:
    """The files of each alias. A mapping over a single file takes a single file whatever its name."""
    real = {alias: export for alias, export in files.items() if not export.of}
    if len(real) == 1 and len(given) == 1:
        return {next(iter(real)): list(given)}
    chosen = {alias: [file for file in given if _matches(file, export)] for alias, export in real.items()}
    lacking = [export for alias, export in real.items() if not chosen[alias] and not export.optional]
    if lacking:
        names = ", ".join(file.name for file in given[:12])
        raise MappingError(
            Problem(
                place,
                export.line,
                f"`{export.alias}`: none of the files is called `{export.pattern}`.",
                hint=f"Given: {names}. Say `{export.alias}=PATH` where it has another name.",
            )
            for export in lacking
        )
    return chosen


def _matches(file: Found, export: model.Export) -> bool:
    if file.alias is not None:
        return file.alias == export.alias
    names = {file.name.lower(), file.path.name.lower(), file.name.lower().removesuffix(".gz")}
    return any(fnmatch.fnmatchcase(name, str(export.pattern).lower()) for name in names)


def _load(
    connection: duckdb.DuckDBPyConnection,
    export: model.Export,
    matched: Sequence[Found],
    missing: tuple[str, ...],
    folder: Path,
) -> Table:
    table = Table(export.alias, present=bool(matched), files=[str(file) for file in matched])
    if not matched:
        nothing = f"SELECT 0::BIGINT AS {LINE}, NULL::VARCHAR AS {FILE} LIMIT 0"
        connection.execute(f"CREATE TABLE {quoted(export.alias)} AS {nothing}")
        return table
    pieces = []
    for number, file in enumerate(matched):
        path = on_disk(file, folder)
        if path.stat().st_size == 0:
            raise FilesError(f"{file}: the file is empty.")
        kind = export.format or _format(path, file)
        piece = Piece(connection, f"{export.alias} {number}", path, file, export, missing)
        try:
            _READERS[kind](piece)
        except duckdb.Error as error:
            raise FilesError(f"{file}: cannot be read as {kind} ({str(error).splitlines()[0][:300]}).") from None
        except LedgerError as error:
            raise FilesError(str(error).replace(str(path), str(file))) from None
        table.json = table.json or kind == "json"
        pieces.append(piece.table)
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {quoted(piece)}" for piece in pieces)
    connection.execute(f"CREATE VIEW {quoted(export.alias)} AS {union}")
    described = connection.execute(f"DESCRIBE {quoted(export.alias)}").fetchall()
    table.columns = {str(name): str(kind) for name, kind, *_ in described if name not in (LINE, FILE, JSON)}
    return table


def _format(path: Path, file: Found) -> str:
    """csv, json, parquet, or ledger (an event log); by the content first, as the ledger does."""
    name = file.name.lower().removesuffix(".gz")
    try:
        found_format = formats.of(path).name
    except LedgerError as error:
        raise FilesError(str(error).replace(str(path), str(file))) from None
    if found_format in ("csv", "parquet"):
        return "json" if json_records.is_list(path) and name.endswith(("json", "jsonl")) else found_format
    if found_format == "jsonl" or (found_format == "ocel_json" and not json_records.is_ocel(path)):
        return "json"
    return "ledger"


def _place(piece: Piece) -> str:
    return f"{literal(str(piece.file))} AS {FILE}"


def _values(piece: Piece, columns: Iterable[tuple[str, str]]) -> str:
    """The columns of a file, text without the markers for missing."""
    return ", ".join(
        f"{without_markers(quoted(name), piece.missing)} AS {quoted(name)}" if kind == "VARCHAR" else quoted(name)
        for name, kind in columns
    )


def _read_csv(piece: Piece) -> None:
    """At speed where the file is clean to the last line; else with care, line by line, the faulty ones set aside."""
    if piece.export.encoding or piece.export.delimiter:
        piece = _plain_csv(piece)
    if scan := csv.scan(piece.path):
        sql, types = scan
        try:
            _number_lines(piece, sql, list(types))
            return
        except duckdb.Error:
            piece.connection.execute(f"DROP TABLE IF EXISTS {quoted(piece.table)}")
    raw = f"{piece.table} raw"
    _keep(piece, raw, csv.read(piece.path))
    con = piece.connection
    described = con.execute(f"DESCRIBE {quoted(raw)}").fetchall()
    names = [(str(name), "VARCHAR") for name, *_ in described if name not in FAULTS]
    con.execute(
        f"INSERT INTO _faulty SELECT _line, {literal(str(piece.file))}, _raw, _fault, _found "
        f"FROM {quoted(raw)} WHERE _fault IS NOT NULL"
    )
    con.execute(
        f"CREATE TABLE {quoted(piece.table)} AS SELECT {_values(piece, names)}, _line AS {LINE}, {_place(piece)} "
        f"FROM {quoted(raw)} WHERE _fault IS NULL"
    )
    con.execute(f"DROP TABLE {quoted(raw)}")


def _number_lines(piece: Piece, sql: str, header: Sequence[str]) -> None:
    """Load a clean CSV and add `_line`: the row's place in the file, counting line breaks inside quotes before it."""
    con, raw = piece.connection, f"{piece.table} raw"
    con.execute(f"DROP TABLE IF EXISTS {quoted(raw)}")
    con.execute(f"CREATE TABLE {quoted(raw)} AS SELECT * FROM {sql}")
    breaks = " + ".join(f"coalesce(length({quoted(c)}) - length(replace({quoted(c)}, chr(10), '')), 0)" for c in header)
    inside = con.execute(f"SELECT coalesce(sum({breaks}), 0) FROM {quoted(raw)}").fetchone()
    line = "rowid + 2"
    if inside and inside[0]:
        rows = "ORDER BY rowid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
        line += f" + coalesce(sum({breaks}) OVER ({rows}), 0)"
    values = _values(piece, [(name, "VARCHAR") for name in header])
    con.execute(
        f"CREATE TABLE {quoted(piece.table)} AS SELECT {values}, CAST({line} AS BIGINT) AS {LINE}, {_place(piece)} "
        f"FROM {quoted(raw)}"
    )
    con.execute(f"DROP TABLE {quoted(raw)}")


def _plain_csv(piece: Piece) -> Piece:
    """The file as the mapping says to read it, written again as UTF-8 with commas."""
    encoding, delimiter = piece.export.encoding or "utf-8-sig", piece.export.delimiter or ","
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if len(delimiter) != 1:
        raise FilesError(f"{piece.file}: the delimiter `{delimiter}` is not a single character.")
    target = Path(tempfile.mkdtemp(prefix="plain-", dir=_folder_of(piece))) / "plain.csv"
    try:
        with (
            piece.path.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            python_csv.writer(out, lineterminator="\n").writerows(python_csv.reader(source, delimiter=delimiter))
    except LookupError:
        raise FilesError(f"{piece.file}: there is no encoding called `{encoding}`.") from None
    except (UnicodeError, python_csv.Error) as error:
        raise FilesError(f"{piece.file}: is not CSV in {encoding} ({error}).") from None
    return Piece(piece.connection, piece.table, target, piece.file, piece.export, piece.missing)


def _folder_of(piece: Piece) -> str | None:
    """Beside the unpacked file, whose folder goes away by itself; else the system's folder for such files."""
    return str(piece.path.parent) if piece.path != piece.file.path else None


def _read_json(piece: Piece) -> None:
    """One object per line, a list of objects, or pages that hold the objects in a list under `records`."""
    if json_records.is_list(piece.path) or (piece.export.records and not json_records.is_lines(piece.path)):
        chosen = json_records.of_document(piece.path)
    else:
        chosen = json_records.of_lines(piece.connection, piece.path, str(piece.file))
    if piece.export.records:
        chosen = json_records.unpaged(chosen, piece.export.records)
    piece.connection.execute(f"CREATE TABLE {quoted(piece.table)} AS SELECT *, {_place(piece)} FROM ({chosen})")


def _read_parquet(piece: Piece) -> None:
    con = piece.connection
    reading = f"read_parquet({literal(str(piece.path))}, file_row_number = true)"
    described = con.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {reading}").fetchall()
    values = _values(piece, [(str(name), str(kind)) for name, kind, *_ in described])
    con.execute(
        f"CREATE TABLE {quoted(piece.table)} AS SELECT {values}, file_row_number + 1 AS {LINE}, {_place(piece)} FROM {reading}"
    )


def _read_ledger(piece: Piece) -> None:
    """XES and OCEL: the ledger's own readers give the ledger's columns; the rest of the log stands in `attributes`."""
    raw = f"{piece.table} raw"
    _keep(piece, raw, formats.read(piece.path))
    con = piece.connection
    described = con.execute(f"DESCRIBE {quoted(raw)}").fetchall()
    names = [(str(name), str(kind)) for name, kind, *_ in described if name not in FAULTS]
    con.execute(
        f"CREATE TABLE {quoted(piece.table)} AS SELECT {_values(piece, names)}, _line AS {LINE}, {_place(piece)} "
        f"FROM {quoted(raw)}"
    )
    con.execute(f"DROP TABLE {quoted(raw)}")


def _keep(piece: Piece, table: str, batches: Iterable[pa.RecordBatch]) -> None:
    """Arrow batches, as they come, into a table."""
    waiting = iter(batches)
    first = next(waiting, None)
    if first is None:
        raise FilesError(f"{piece.file}: there is no row in this file.")

    def every() -> Iterable[pa.RecordBatch]:
        yield first
        yield from waiting

    piece.connection.register("arriving", pa.RecordBatchReader.from_batches(first.schema, every()))
    piece.connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * FROM arriving")
    piece.connection.unregister("arriving")


_READERS = {"csv": _read_csv, "json": _read_json, "parquet": _read_parquet, "ledger": _read_ledger}
