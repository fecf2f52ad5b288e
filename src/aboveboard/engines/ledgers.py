"""A ledger opened on an engine: the table of events, and nothing that tells an analysis where it lives."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal, Protocol

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.engines.errors import EngineError
from aboveboard.ledger import columns, store
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.receipts import Receipt

Engine = Literal["duckdb", "postgres", "spark"]
_CLASSES = {"duckdb": "DuckDB", "postgres": "Postgres", "spark": "Spark"}
_counter = count(1)


class Host(Protocol):
    """What every engine offers; the modules beside this one hold one class each."""

    def open_parquet(self, files: Sequence[Path], *, name: str) -> Any:
        """The files as one Ibis table."""

    def keep(self, expression: Any, *, name: str) -> Any:
        """The expression computed once and stored under `name`, as an Ibis table."""

    def close(self) -> None:
        """Let go of everything that was opened."""


class Ledger:
    """Events on an engine.

    `events` is an Ibis table with the ledger's columns, in their order and types; `engine` is the engine's name.
    `receipts` say what came of the files that had to be checked first (none for a file that was clean); their reject
    files are there until the ledger is closed. Use it as a context manager, or call `close`.
    """

    def __init__(
        self, host: Host, events: Any, *, engine: Engine, closing: ExitStack, receipts: Sequence[Receipt] = ()
    ) -> None:
        self.events = events
        self.engine = engine
        self.receipts = tuple(receipts)
        self._host = host
        self._closing = closing

    @classmethod
    def of(cls, events: pa.Table, *, engine: Engine = "duckdb", **options: Any) -> Ledger:
        """A ledger of the rows of an Arrow table that has at least the ledger's required columns."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aboveboard-")))
            file = folder / "events.parquet"
            pq.write_table(_shaped(events), file)
            return _open([file], engine=engine, options=options, closing=stack.pop_all())

    def keep(self, expression: Any, name: str) -> Any:
        """Compute `expression` once on the engine, and hand back the stored table under `name`."""
        return self._host.keep(expression, name=name)

    def arrow(self, expression: Any) -> pa.Table:
        """The rows of `expression` as a pyarrow table."""
        return arrow(expression)

    def close(self) -> None:
        """Let go of the engine and of temporary files; the events are no longer readable."""
        self._closing.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger on {self.engine}>"


def read(
    *paths: str | Path,
    mapping: str | Path | None = None,
    engine: Engine = "duckdb",
    timezone: str = "UTC",
    recorded_at: datetime | None = None,
    table: str | None = None,
    **options: Any,
) -> Ledger:
    """Open events on an engine.

    `paths` are a ledger (a folder of its parts), or any files of events: CSV, Parquet, JSON lines, XES, OCEL 2.0, or
    folders of them. A Parquet file in the ledger's own shape is read where it lies; everything else is checked into
    a temporary ledger first (with `mapping`, by that mapping). `timezone` is where times without an offset are read.
    `recorded_at` is what the ledger says of events that do not say it themselves; when absent, the time at which
    the file was last changed.

    `postgresql://…` as the only path opens the server's `table` (`events` unless another is named) where it is.

    `options` are the engine's: DuckDB `threads`, `memory`; PostgreSQL `url`; Spark `session`, `master`, `settings`.

    Raises LedgerError where a file is missing or cannot be read as events, and EngineError where the engine is not
    installed or cannot be reached.
    """
    if len(paths) == 1 and str(paths[0]).startswith(("postgresql://", "postgres://")):
        return _existing(str(paths[0]), table=table or "events")
    with ExitStack() as stack:
        files, receipts = _files(paths, mapping=mapping, timezone=timezone, recorded_at=recorded_at, stack=stack)
        return _open(files, engine=engine, options=options, closing=stack.pop_all(), receipts=receipts)


def _existing(url: str, *, table: str) -> Ledger:
    from aboveboard.engines.postgres import Postgres

    with ExitStack() as stack:
        host = Postgres(url=url)
        stack.callback(host.close)
        events = with_ledger_columns(host.open_table(table, name=f"ledger_events_{next(_counter)}"))
        return Ledger(host, events, engine="postgres", closing=stack.pop_all())


def arrow(expression: Any) -> pa.Table:
    """The rows of an Ibis expression as a pyarrow table: absent values stay absent, times keep their microseconds.

    Ibis' own `to_pyarrow` goes through pandas on PostgreSQL and Spark, where an absent number becomes NaN.
    """
    backend, module = _engine_of(expression)
    rows: pa.Table = module.arrow(backend, expression)
    return rows


def sums_by(table: Any, by: Sequence[str], of: str) -> pa.Table:
    """The rows that have the texts `by` in common: how many have the number `of` (`n`), its sum (`total`) and that of its squares.

    The texts may come as dictionaries.
    """
    backend, module = _engine_of(table)
    y = table[of]
    if hasattr(module, "sums_by"):
        rows: pa.Table = module.sums_by(backend, table, by, of)
        return rows
    return arrow(table.group_by(list(by)).aggregate(n=y.count(), total=y.sum(), squares=(y * y).sum()))


def _engine_of(expression: Any) -> tuple[Any, ModuleType]:
    backend = ibis.get_backend(expression)
    return backend, _module({"pyspark": "spark"}.get(backend.name, backend.name))


def _open(
    files: Sequence[Path],
    *,
    engine: Engine,
    options: dict[str, Any],
    closing: ExitStack,
    receipts: Sequence[Receipt] = (),
) -> Ledger:
    with closing as stack:
        host = _host(engine, options)
        stack.callback(host.close)
        events = with_ledger_columns(host.open_parquet(files, name=f"ledger_events_{next(_counter)}"))
        return Ledger(host, events, engine=engine, closing=stack.pop_all(), receipts=receipts)


def _host(engine: Engine, options: dict[str, Any]) -> Host:
    module = _module(engine)
    try:
        host: Host = getattr(module, _CLASSES[engine])(**options)
    except TypeError as problem:
        raise EngineError(f"{engine} does not know an option that was given: {problem}") from problem
    return host


def _module(engine: str) -> ModuleType:
    if engine not in _CLASSES:
        raise EngineError(f"there is no engine {engine!r}; there are {', '.join(_CLASSES)}")
    return import_module(f"aboveboard.engines.{engine}")


def with_ledger_columns(table: Any) -> Any:
    """The table with exactly the ledger's columns, in order and typed; optional ones that it lacks are absent."""
    schema = table.schema()
    chosen = {}
    for column in columns.COLUMNS:
        wanted = ibis.dtype(column.type)
        if column.name not in schema:
            chosen[column.name] = ibis.null(wanted)
        elif schema[column.name].copy(nullable=True) != wanted:
            chosen[column.name] = table[column.name].cast(wanted)
        else:
            chosen[column.name] = table[column.name]
    return table.select(**chosen)


def _shaped(events: pa.Table) -> pa.Table:
    arrays = [
        events[column.name].cast(column.type)
        if column.name in events.column_names
        else pa.nulls(events.num_rows, column.type)
        for column in columns.COLUMNS
    ]
    return pa.table(arrays, schema=columns.SCHEMA)


def _files(
    paths: Sequence[str | Path],
    *,
    mapping: str | Path | None,
    timezone: str,
    recorded_at: datetime | None,
    stack: ExitStack,
) -> tuple[list[Path], list[Receipt]]:
    """The Parquet files to open (those read where they lie, those the rest was checked into), and the receipts."""
    if not paths:
        raise LedgerError("no file of events was named")
    found = [file for path in paths for file in _listed(Path(path))]
    clean = [] if mapping else [file for file in found if is_clean(file)]
    doubtful = [file for file in found if file not in clean]
    receipts: list[Receipt] = []
    if doubtful:
        into = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aboveboard-"))) / "ledger"
        receipts = _checked(doubtful, into=into, mapping=mapping, timezone=timezone, recorded_at=recorded_at)
        clean += store.Store(into).parts()
    return clean or [_empty(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aboveboard-"))))], receipts


def _listed(path: Path) -> list[Path]:
    """The parts of a ledger, the files of a folder (hidden ones left aside), or the one file that `path` is."""
    if not path.exists():
        raise LedgerError(f"{path}: there is no such file")
    if not path.is_dir():
        return [path]
    if store.is_ledger(path):
        return store.Store(path).parts()
    inside = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not inside:
        raise LedgerError(f"{path}: the folder holds no file of events")
    return inside


def _checked(
    files: Sequence[Path], *, into: Path, mapping: str | Path | None, timezone: str, recorded_at: datetime | None
) -> list[Receipt]:
    """Take the files through the ledger's door into a ledger of our own."""
    from aboveboard.ledger import intake

    def learned(file: Path) -> datetime:
        return recorded_at or datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)

    if mapping is None:
        return [intake.take_file(f, into=into, recorded_at=learned(f), timezone=timezone) for f in files]
    from aboveboard.sources import mapping as mappings

    with mappings.read(mapping).open(files) as opened:
        latest = max(learned(file) for file in files)
        return [intake.take(opened.rows(), into=into, recorded_at=latest, timezone=timezone, name=str(mapping))]


def _empty(folder: Path) -> Path:
    """A ledger without events is still a ledger."""
    file = folder / "events.parquet"
    pq.write_table(columns.SCHEMA.empty_table(), file)
    return file


def is_clean(file: Path) -> bool:
    """Whether a file is Parquet in the ledger's own shape: its columns and no others, and no required value absent.

    Only the footer is read: a file whose statistics do not say how many values are absent is not taken on trust.
    """
    if file.suffix != ".parquet":
        return False
    try:
        footer = pq.read_metadata(file)
    except (pa.ArrowInvalid, OSError) as problem:
        raise LedgerError(f"{file}: this is not a readable Parquet file ({problem})") from problem
    types = {field.name: field.type for field in footer.schema.to_arrow_schema()}
    ours = {field.name: field.type for field in columns.SCHEMA}
    shaped = all(ours.get(name) == kind for name, kind in types.items())
    return shaped and all(name in types and _filled(footer, name) for name in columns.REQUIRED)


def _filled(footer: Any, name: str) -> bool:
    index = footer.schema.names.index(name)
    for group in range(footer.num_row_groups):
        statistics = footer.row_group(group).column(index).statistics
        if statistics is None or not statistics.has_null_count or statistics.null_count:
            return False
    return True
