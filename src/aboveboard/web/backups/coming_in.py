"""Take a backup in: all of it, or nothing.

The tables are made as they were when it was written, filled, checked against the manifest and the journal's seals, and brought up
to date. On PostgreSQL that is one transaction; on SQLite it is done in a file beside, whose content then takes the place of the
database's in one step.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import Error, OperationalError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from aboveboard.desk.journal import queries as journal
from aboveboard.web.backups import archive, going_out, rows
from aboveboard.web.backups.archive import Archive, BackupError

_CHUNK = 5_000
_PATIENCE_SECONDS = 20
# Made by Django in every database, whatever is in it.
_SAY_NOTHING = ("django_migrations", "django_content_type", "auth_permission")


@dataclass(frozen=True)
class Restored:
    """What was taken in: rows and files, the head of the journal, and whether this installation signs with the secret of before.

    `upgraded` says how many migrations followed to bring it up to date.
    """

    rows: int
    files: int
    head: str | None
    same_secret: bool
    upgraded: int


def restore(path: Path, *, folder: Path, secret: str, replace: bool = False) -> Restored:
    """Put what a backup holds into the database in use and into `folder`.

    Raises BackupError where the archive is damaged or of a later version, the journal in it is not whole, or the database or the
    folder holds something and `replace` is not said; then nothing is changed.
    """
    with archive.opened(path) as held:
        held.check()
        loader = MigrationLoader(None)
        nodes = _known(held, loader)
        tables = rows.models_at(nodes, loader)
        places = {
            one._meta.db_table for one in (*tables.values(), *rows.models_at(loader.graph.nodes, loader).values())
        }
        if not replace:
            _refuse_what_is_there(places, folder)
        with _beside(folder) as files:
            count = held.extract(files)
            with _whole():
                _clear(places)
                _make(held, nodes, tables)
                upgraded = len(_waiting())
                call_command("migrate", verbosity=0)
                _verify(held)
            _swap(files, folder)
        return Restored(
            rows=sum(one["rows"] for one in held.manifest["tables"].values()),
            files=count,
            head=held.manifest["journal"]["head"],
            same_secret=held.manifest["secret"] == going_out.fingerprint(secret),
            upgraded=upgraded,
        )


def _known(held: Archive, loader: MigrationLoader) -> list[rows.Node]:
    nodes = [(str(app), str(name)) for app, name in held.manifest["migrations"]]
    for node in nodes:
        if node not in loader.graph.nodes:
            raise BackupError(
                f"{held.path}: made by a later version of Aboveboard ({held.manifest['aboveboard']}, {'.'.join(node)}); "
                "install that one to take it in"
            )
    return nodes


def _refuse_what_is_there(places: set[str], folder: Path) -> None:
    if table := _filled(places):
        raise BackupError(
            f"the database is not empty (there is something in {table}); "
            "--replace takes all of it away and puts the backup in its place"
        )
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(
            f"{folder} is not empty; --replace takes all of it away and puts the backup's files in its place"
        )


def _filled(places: set[str]) -> str | None:
    """A table with something in it."""
    try:
        with connection.cursor() as cursor:
            for table in sorted(places.intersection(connection.introspection.table_names(cursor)) - set(_SAY_NOTHING)):
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - ours
                if cursor.fetchone():
                    return table
    except OperationalError:
        raise
    except Error as error:
        raise BackupError(f"the database cannot be read ({error}); put it aside, then restore") from error
    return None


@contextmanager
def _whole() -> Iterator[None]:
    """What is done in here is done to the database in use as a whole, or not at all."""
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic():
                yield
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            with _file_beside():
                yield
    except (Error, sqlite3.Error) as error:
        raise BackupError(f"it could not be put into the database, which is as it was: {str(error).strip()}") from error


@contextmanager
def _file_beside() -> Iterator[None]:
    place = Path(connection.settings_dict["NAME"])
    fresh = place.with_name(f".{place.name}.restoring")
    _forget(fresh)
    try:
        with _in_use(fresh):
            yield
        with closing(sqlite3.connect(fresh)) as source, closing(sqlite3.connect(place)) as target:
            target.execute("PRAGMA journal_mode = WAL")
            source.backup(target, progress=_patience())
    finally:
        _forget(fresh)


@contextmanager
def _in_use(path: Path) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        with connection.cursor() as cursor:
            # Where it falls over halfway it is begun again; only what is copied from it must be on the disk.
            cursor.execute("PRAGMA synchronous = OFF")
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _forget(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _patience() -> Any:
    end = time.monotonic() + _PATIENCE_SECONDS

    def waits(_status: int, _left: int, _all: int) -> None:
        if time.monotonic() > end:
            raise BackupError("somebody is writing to the database; stop the desk first")

    return waits


def _clear(places: set[str]) -> None:
    """Take the tables away that are there, and what their triggers call. On SQLite there are none: the file is new."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'")
        there = sorted((places | set(_SAY_NOTHING)).intersection(connection.introspection.table_names(cursor)))
        cursor.execute(
            "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relname = ANY(%s) AND relnamespace = current_schema()::regnamespace",
            [there],
        )
        called = [row[0] for row in cursor.fetchall()]
        for table in there:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
        for function in called:
            cursor.execute(f"DROP FUNCTION {function}")


def _make(held: Archive, nodes: Sequence[rows.Node], tables: Mapping[str, type[models.Model]]) -> None:
    """The tables as they were, with what was in them."""
    executor = MigrationExecutor(connection)
    executor.migrate(rows.tips(nodes, executor.loader))
    with transaction.atomic():
        for label, said in held.manifest["tables"].items():
            if label not in tables:
                raise BackupError(f"{held.path}: its migrations make no table for {label}")
            if (count := _fill(held, label, tables[label])) != said["rows"]:
                raise BackupError(f"{held.path}: {count:,} rows of {label}, and there should be {said['rows']:,}")
            _go_on_from(tables[label], said["last_number"])
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Or what follows could not change these tables: rows of theirs would still have to be looked at.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _fill(held: Archive, label: str, model: type[models.Model]) -> int:
    lines = held.rows(label)
    columns = next(lines)
    ready = rows.prepared(model, columns)
    quoted = connection.ops.quote_name
    table, names = quoted(model._meta.db_table), ", ".join(map(quoted, columns))
    count = 0
    with connection.cursor() as cursor:
        # A migration may have put in what every desk has; the backup has it too.
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - a table of ours
        if cursor.fetchone():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a table of ours
        if connection.vendor == "postgresql":
            # Errors of psycopg's own are not Django's unless it is told so.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(ready(line))
                    count += 1
            return count
        marks = ", ".join(["%s"] * len(columns))
        while chunk := [ready(line) for line in islice(lines, _CHUNK)]:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", chunk)  # noqa: S608 - a table of ours
            count += cursor.rowcount
    return count


def _go_on_from(model: type[models.Model], last: int | None) -> None:
    """The next key is the one after the last that was given out: a number is never used twice."""
    if last is None:
        return
    table, key = model._meta.db_table, model._meta.pk
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quoted = connection.ops.quote_name(table)
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [quoted, key.column, last])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _waiting() -> list[Any]:
    executor = MigrationExecutor(connection)
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _verify(held: Archive) -> None:
    said = held.manifest["journal"]
    found = journal.verify(anchor=said["head"])
    if found.faults:
        raise BackupError(f"{held.path}: the journal in it is not whole: {'; '.join(found.faults)}")
    if journal.latest() != said["sequence"]:
        raise BackupError(f"{held.path}: the journal in it ends at {journal.latest()}, not at {said['sequence']}")


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    fresh = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
