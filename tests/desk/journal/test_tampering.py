"""A hand in the database, whatever byte it changes: what is stored is as it was sealed, or `verify` says that it is not."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.conftest import use

from aboveboard.desk.journal import actions, queries
from aboveboard.ledger import columns
from aboveboard.ledger.event import Event

NOW = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=UTC)
COUNT = 6
TABLES = ("events", "event_seals")
NAMES = {
    "events": ("sequence", *columns.NAMES),
    "event_seals": ("number", "last", "count", "root", "previous", "hash", "sealed_at"),
}
WHOLE = {"source": "app", "customer": "c1", "channel": "chat", "touchpoint": "help", "team": "desk", "employee": "a1"}


def filled() -> None:
    """Events with something in every column and some with nothing, under two seals."""
    made = []
    for number in range(COUNT):
        more: dict[str, Any] = {"text": "Grüße ☃"} if number % 2 else {}
        if number % 3:
            more |= {
                **WHOLE,
                "rule": "promise:x",
                "outcome": "done",
                "value": number / 7,
                "due": NOW,
                "audience": "customer",
            }
            more |= {"attributes": {"a": [1, None]}}
        at = NOW + timedelta(minutes=number, microseconds=0 if number % 2 else -NOW.microsecond)
        made.append(Event(id=f"e{number}", type="order.paid", time=at, subject=f"order:{number}", **more))
    actions.record(events=made, now=NOW)
    actions.seal(now=NOW, most=COUNT // 2)
    assert queries.verify().faults == ()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Path:
    """A journal in an SQLite file, closed."""
    path = tmp_path_factory.mktemp("tampering") / "whole.db"
    shutil.copy(empty_sqlite, path)
    use(str(path), tables=False)
    filled()
    connection.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.execute("PRAGMA journal_mode = DELETE")
    return path


def stored(path: Path) -> list[Any] | None:
    """All that both tables hold, with its kind, byte by byte; None where it cannot be read."""
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        try:
            return [
                file.execute(
                    f"SELECT {', '.join(f'{name}, typeof({name})' for name in NAMES[table])} FROM {table} NOT INDEXED ORDER BY 1"
                ).fetchall()
                for table in TABLES
            ]
        except sqlite3.DatabaseError:
            return None


def pages(path: Path) -> list[tuple[int, int]]:
    """Where in the file the tables' own pages lie: few rows have one page each."""
    with closing(sqlite3.connect(path)) as file:
        size = file.execute("PRAGMA page_size").fetchone()[0]
        roots = file.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name IN (?, ?)", TABLES
        ).fetchall()
    found = [((page - 1) * size, page * size) for (page,) in roots]
    assert all(path.read_bytes()[start] == 13 for start, _ in found), "each is a leaf, with all the rows in it"
    return found


@settings(max_examples=80)
@given(data=st.data())
def test_any_byte_of_the_file(sealed: Path, data: st.DataObject) -> None:
    """A byte of the tables' pages in the file itself: where what is stored is another, `verify` says so."""
    start, end = data.draw(st.sampled_from(pages(sealed)), "table")
    content = bytearray(sealed.read_bytes())
    # Rows lie at the end of a page; what lies between them and its head is free.
    used = [n for n in range(start, end) if content[n]]
    place = data.draw(st.sampled_from(used), "byte")
    content[place] ^= data.draw(st.integers(1, 255), "bits")
    assert_found(sealed, bytes(content))


def assert_found(sealed: Path, content: bytes) -> None:
    changed = sealed.with_name(f"{secrets.token_hex(4)}.db")
    changed.write_bytes(content)
    before, after = stored(sealed), stored(changed)
    use(str(changed), tables=False)
    try:
        faults = queries.verify().faults
    finally:
        connection.close()
        for end in ("", "-wal", "-shm"):
            changed.with_name(changed.name + end).unlink(missing_ok=True)
    assert bool(faults) == (after != before), (faults, after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2026-03-02 09:00:00", b"2026-03-02T09:00:00"),  # says the same
        (b"2026-03-02 09:00:00", b"2026-13-02 09:00:00"),  # says nothing
        ("Grüße".encode(), b"Gr\xff\xfc\xdfe.."[:7]),  # is no text
        (b"order.paid", b"order.paiD"),
    ],
)
def test_a_value_in_another_spelling_or_none(sealed: Path, old: bytes, new: bytes) -> None:
    content, (start, end) = sealed.read_bytes(), pages(sealed)[0]
    at = content.index(old, start, end)
    assert_found(sealed, content[:at] + new + content[at + len(old) :])


@pytest.fixture
def loosened(database: str) -> Iterator[None]:
    """The journal in a database whose triggers let everything happen."""
    filled()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    yield


def held(table: str, form: str | None = None) -> list[tuple[Any, ...]]:
    """The rows as text, to the last bit (SQLite: with what tells one kind from another)."""
    form = form or ("{}::text" if connection.vendor == "postgresql" else "quote({})")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(map(form.format, NAMES[table]))} FROM {table} ORDER BY {table}.{NAMES[table][0]}"
        )
        return [tuple(row) for row in cursor.fetchall()]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_of_any_value(loosened: None, data: st.DataObject) -> None:
    """A row, a column, a byte of it, by SQL: changed, taken out, put in, or the whole value gone or there."""
    table = data.draw(st.sampled_from(TABLES), "table")
    before = held(table)
    row = data.draw(st.sampled_from(held(table, "CAST({} AS TEXT)")), "row")
    name = data.draw(st.sampled_from(NAMES[table]), "column")
    value = row[NAMES[table].index(name)]
    kind = data.draw(st.sampled_from(["change", "cut", "add", "empty"]), "how")
    new = None if kind == "empty" else altered(value, kind, data)
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cast = f"CAST(%s AS {_kind(table, name)})" if connection.vendor == "postgresql" else "%s"
                cursor.execute(f"UPDATE {table} SET {name} = {cast} WHERE {NAMES[table][0]} = %s", [new, int(row[0])])
        except connection.Database.Error:
            pass
        except Exception as error:
            # A value that the column does not take: nothing was changed.
            assert type(error).__module__.startswith("django.db"), error
        after = held(table)
        faults = queries.verify().faults
        transaction.set_rollback(True)
    assert bool(faults) == (after != before), (faults, new)


def altered(value: Any, kind: str, data: st.DataObject) -> str:
    text = "" if value is None else str(value)
    place = data.draw(st.integers(0, max(0, len(text) - 1)), "place")
    sign = data.draw(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f"), "sign")
    if kind == "cut":
        return text[:place] + text[place + 1 :]
    return text[:place] + sign + text[place + (kind == "change") :]


def _kind(table: str, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s", [table, name]
        )
        return str(cursor.fetchone()[0])
