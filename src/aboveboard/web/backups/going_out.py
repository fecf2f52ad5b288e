"""Make a backup, while the desk serves: everything as it was at one moment.

Both databases show a reader one moment for as long as it reads (a read transaction of SQLite's in WAL mode, REPEATABLE READ of
PostgreSQL's) and let others write meanwhile. Files come after the rows: a row is there only once its files are, and files are
never changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max

from aboveboard.web.backups import archive, rows

DERIVED = ("ledger", "ledger.new", "ledger.old", ".ledger")
"""Folders that are copies of the journal: made anew from it."""
_CHUNK = 1 << 20


def write(path: Path, *, folder: Path, secret: str, now: datetime) -> Mapping[str, Any]:
    """Write all that the database in use and `folder` hold to a new file; its manifest.

    Raises BackupError where there is nothing to back up, or the file is there; OSError where it cannot be written.
    """
    with archive.made(path) as made, _moment():
        loader = MigrationLoader(connection)
        applied = sorted(loader.applied_migrations or {})
        if not applied:
            raise archive.BackupError("the database has no tables yet: there is nothing to back up")
        if unknown := [node for node in applied if node not in loader.graph.nodes]:
            raise archive.BackupError(
                f"the database belongs to a later version of Aboveboard ({'.'.join(unknown[0])}); use that one"
            )
        held = rows.models_at(applied, loader)
        tables = {label: _table(made, held[label]) for label in sorted(held) if label not in rows.LEFT_OUT}
        manifest = {
            "aboveboard": version("aboveboard"),
            "made_at": now.isoformat(timespec="seconds"),
            "database": connection.vendor,
            "migrations": [list(node) for node in applied],
            "journal": _journal(held),
            "secret": fingerprint(secret),
            "tables": tables,
        }
        _files(made, folder)
        made.finish(manifest)
    return {**manifest, "members": made.members}


def fingerprint(secret: str) -> str:
    """What tells whether two installations sign with the same secret, and not with which."""
    return hmac.new(secret.encode(), b"which secret a backup was made beside", hashlib.sha256).hexdigest()[:16]


@contextmanager
def _moment() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django's own transactions of SQLite take the lock of writers from the start; this one only reads.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _table(made: archive.Writing, model: type[models.Model]) -> dict[str, Any]:
    count = -1
    with made.member(f"{archive.TABLES}{model._meta.label}.jsonl") as member:
        for line in rows.lines(model):
            member.write(line)
            count += 1
    return {"table": model._meta.db_table, "rows": count, "last_number": _last_number(model)}


def _last_number(model: type[models.Model]) -> int | None:
    """The last number that the database gave out for a key; numbers of rows that are gone are not given again."""
    key = model._meta.pk
    if not isinstance(key, models.AutoField):
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quoted = connection.ops.quote_name(model._meta.db_table)
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted, key.column])
            sequence = cursor.fetchone()[0]
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")  # noqa: S608 - its own name
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        found = cursor.fetchone()
    return int(found[0]) if found and found[0] else None


def _journal(held: Mapping[str, type[models.Model]]) -> dict[str, Any]:
    """How far the journal goes, and the last seal that vouches for it."""
    events, seals = held["journal.Event"]._base_manager, held["journal.Seal"]._base_manager
    last = seals.order_by("-number").values_list("number", "hash").first()
    return {
        "sequence": events.aggregate(most=Max("sequence"))["most"] or 0,
        "head": f"{last[0]}:{last[1]}" if last else None,
    }


def _files(made: archive.Writing, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or set(place.parts) & set(DERIVED):
            continue
        try:
            file = path.open("rb")
        except FileNotFoundError:
            # Cleaned up while we came to it.
            continue
        with file, made.member(archive.FILES + place.as_posix()) as member:
            while data := file.read(_CHUNK):
                member.write(data)
