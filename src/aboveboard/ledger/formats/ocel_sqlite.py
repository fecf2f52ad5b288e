"""OCEL 2.0 in SQLite (`.sqlite`): a table per type of event and object. What stands where: see `ocel`.

Tables: `event` and `object` (id, type), `event_map_type` and `object_map_type` (type → name of its table),
`event_<T>` (id, time, attributes), `object_<T>` (id, time, changed field, attributes), `event_object` and
`object_object` (relations with qualifiers). A column's declared type is the attribute's. The file is opened read-only and
queried in the order of `event`; SQLite sorts on disk where it must, and only the objects are held in memory.
There are no lines; `_line` is the place of the event in the table `event`.
"""

# Names of tables cannot be bound as parameters; they come from constants or go through `_quoted` and `_literal`.
# ruff: noqa: S608

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pyarrow as pa

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import ocel, ocel_log, ocel_rows, places, rows
from aboveboard.ledger.formats.ocel import Change, Declared, Event, Object, Relation, Types

NEEDED = ("event", "object", "event_object", "event_map_type", "object_map_type")
OF_OCEL = ("ocel_id", "ocel_time", "ocel_changed_field", "ocel:activity")
_SQL_TYPES = {"string": "TEXT", "time": "TIMESTAMP", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN"}


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns and `_line`, the place of the event; times without an offset in `timezone`."""
    return rows.batches(ocel_rows.read(lambda: scan(path), ZoneInfo(timezone)))


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger as OCEL 2.0 SQLite."""
    log = ocel_log.Log(events)
    try:
        with places.replacing(path) as fresh, closing(sqlite3.connect(fresh)) as db:
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("PRAGMA synchronous = OFF")
            with db:
                _Tables(db).write(log)
    except sqlite3.Error as problem:
        raise LedgerError(f"{path}: cannot be written: {problem}.") from problem


def scan(path: Path) -> Iterator[ocel.Item]:
    """The file's types, objects and events, in the order of its tables `object` and `event`."""
    if not path.is_file():
        raise LedgerError(f"{path}: there is no such file.")
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:  # a stream of batches may be drawn by an engine's thread, one at a time
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as db:
            yield from _Log(db, path).items()
    except (sqlite3.Error, UnicodeError) as problem:
        raise LedgerError(f"{path}: cannot be read as an SQLite database with an OCEL 2.0 log: {problem}.") from problem


class _Log:
    """The tables of a log, joined."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.db, self.path = db, path
        self.tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        if missing := [name for name in NEEDED if name not in self.tables]:
            raise LedgerError(f"{path}: not an OCEL 2.0 log: it has no table {', '.join(missing)}.")

    def items(self) -> Iterator[ocel.Item]:
        """Types, objects, events."""
        for of in ("event", "object"):
            for name, table in self._types(of):
                yield Declared(of, name, self._attributes(table))
        yield from self._objects()
        yield from self._events()

    def _types(self, of: str) -> list[tuple[str, str]]:
        """Types of events or objects with their tables, where these exist."""
        mapped = self.db.execute(f"SELECT ocel_type, ocel_type_map FROM {of}_map_type").fetchall()
        return [(_text(name), table) for name, mark in mapped if (table := f"{of}_{mark}") in self.tables]

    def _attributes(self, table: str) -> dict[str, str]:
        columns = self.db.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
        return {name: _kind(declared) for _, name, declared, *_ in columns if name not in OF_OCEL}

    def _events(self) -> Iterator[Event]:
        relations = _Lockstep(self._relations("event", "event_object", "ocel_event_id", "ocel_object_id"))
        found = heapq.merge(*(self._rows("event", name, table) for name, table in self._types("event")), self._bare())
        for place, name, row in heapq.merge(found, key=lambda event: event[0]):
            attributes = [(key, value) for key, value in row.items() if key not in OF_OCEL and value is not None]
            time = row.get("ocel_time")
            related = relations.upto(place)
            yield Event(_text(row["ocel_id"]), name, None if time is None else _text(time), attributes, related, place)

    def _objects(self) -> Iterator[Object]:
        relations = _Lockstep(self._relations("object", "object_object", "ocel_source_id", "ocel_target_id"))
        types = self._types("object")
        changes = _Lockstep(
            (place, change)
            for place, _, row in heapq.merge(
                *(self._rows("object", name, table) for name, table in types), key=lambda found: found[0]
            )
            for change in _changes(row)
        )
        for place, object_id, name in self.db.execute(f"SELECT place, ocel_id, ocel_type FROM {_numbered('object')}"):
            yield Object(_text(object_id), _text(name), changes.upto(place), relations.upto(place))

    def _rows(self, of: str, name: str, table: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """The rows of one type's table, with the place of each in the table of all."""
        cursor = self.db.execute(
            f"SELECT e.place, t.* FROM {_numbered(of)} e JOIN {_quoted(table)} t ON t.ocel_id = e.ocel_id "
            "WHERE e.ocel_type = ? ORDER BY e.place",
            (name,),
        )
        keys = [column[0] for column in cursor.description]
        for row in cursor:
            yield row[0], name, dict(zip(keys[1:], row[1:], strict=True))

    def _bare(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Events that no table of a type knows: without a time, but not lost."""
        known = " UNION ALL ".join(
            f"SELECT ocel_id, {_literal(name)} FROM {_quoted(table)}" for name, table in self._types("event")
        )
        unless = f"WHERE (ocel_id, ocel_type) NOT IN ({known})" if known else ""
        cursor = self.db.execute(f"SELECT place, ocel_id, ocel_type FROM {_numbered('event')} {unless} ORDER BY place")
        for place, event_id, name in cursor:
            yield place, _text(name), {"ocel_id": event_id}

    def _relations(self, of: str, table: str, source: str, target: str) -> Iterator[tuple[int, Relation]]:
        if table not in self.tables:
            return
        cursor = self.db.execute(
            f"SELECT e.place, r.{target}, r.ocel_qualifier FROM (SELECT *, row_number() OVER () AS nr FROM {table}) r "
            f"JOIN {_numbered(of)} e ON e.ocel_id = r.{source} ORDER BY e.place, r.nr"
        )
        for place, object_id, qualifier in cursor:
            yield place, Relation(_text(object_id), "" if qualifier is None else _text(qualifier))


class _Lockstep:
    """Pairs of place and thing, in the order of the places, handed out place by place."""

    def __init__(self, pairs: Iterator[tuple[int, Any]]) -> None:
        self.pairs = pairs
        self.next = next(pairs, None)

    def upto(self, place: int) -> list[Any]:
        """The things of this place; those of earlier places that nobody asked for are passed over."""
        found = []
        while self.next is not None and self.next[0] <= place:
            if self.next[0] == place:
                found.append(self.next[1])
            self.next = next(self.pairs, None)
        return found


class _Tables:
    """Writes a log's tables."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.inserts: dict[tuple[str, str], tuple[str, list[str]]] = {}

    def write(self, log: ocel_log.Log) -> None:
        """Everything; the file is new, so it takes its place when it is whole."""
        self._fixed()
        self._types("event", log.event_types)
        self._types("object", log.object_types)
        for found in log.objects.values():
            self._object(found)
        for event in log.events():
            self._event(event)
        self.db.execute("CREATE INDEX event_object_by_event ON event_object (ocel_event_id)")

    def _fixed(self) -> None:
        for of in ("event", "object"):
            self.db.execute(f"CREATE TABLE {of} (ocel_id TEXT, ocel_type TEXT)")
            self.db.execute(f"CREATE TABLE {of}_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)")
        self.db.execute("CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
        self.db.execute("CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)")

    def _types(self, of: str, types: Types) -> None:
        taken = {"object", "map_type"}  # event_object and object_object, event_map_type and object_map_type
        for name, attributes in types.items():
            mark = _mark(name, taken)
            own = ["ocel_id TEXT", "ocel_time TIMESTAMP", *(["ocel_changed_field TEXT"] if of == "object" else [])]
            own += [f"{_quoted(key)} {_SQL_TYPES.get(kind, 'TEXT')}" for key, kind in attributes.items()]
            self.db.execute(f"CREATE TABLE {_quoted(f'{of}_{mark}')} ({', '.join(own)})")
            self.db.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", (name, mark))
            places = ", ".join("?" * len(own))
            self.inserts[of, name] = (f"INSERT INTO {_quoted(f'{of}_{mark}')} VALUES ({places})", list(attributes))

    def _event(self, event: Event) -> None:
        insert, names = self.inserts["event", event.type]
        values = dict(event.attributes)
        self.db.execute("INSERT INTO event VALUES (?, ?)", (event.id, event.type))
        self.db.execute(insert, (event.id, event.time, *(values.get(name) for name in names)))
        self.db.executemany("INSERT INTO event_object VALUES (?, ?, ?)", ((event.id, *r) for r in event.relations))

    def _object(self, found: Object) -> None:
        insert, names = self.inserts["object", found.type]
        self.db.execute("INSERT INTO object VALUES (?, ?)", (found.id, found.type))
        self.db.executemany("INSERT INTO object_object VALUES (?, ?, ?)", ((found.id, *r) for r in found.relations))
        for number, values in enumerate(_by_row(found.attributes)):
            first = next(iter(values.values()), None)
            time, changed = (first.time, first.name if number else None) if first else (ocel.UNDATED, None)
            own = (values[name].value if name in values else None for name in names)
            self.db.execute(insert, (found.id, time, changed, *own))


def _by_row(changes: list[Change]) -> Iterator[dict[str, Change]]:
    """First what an object has from the beginning, in one row; then a row for every change."""
    start = {c.name: c for c in reversed(changes) if c.time == ocel.UNDATED}
    yield start
    yield from ({c.name: c} for c in changes if start.get(c.name) is not c)


def _changes(row: dict[str, Any]) -> Iterator[Change]:
    """The attributes that a row of an object's table gives: all that it has, or the one that changed."""
    changed, time = row.get("ocel_changed_field"), row.get("ocel_time")
    for name, value in row.items():
        if name not in OF_OCEL and value is not None and changed in (None, name):
            yield Change(name, ocel.UNDATED if time is None else _text(time), value)


def _numbered(of: str) -> str:
    return f"(SELECT ocel_id, ocel_type, row_number() OVER () AS place FROM {of})"


def _kind(declared: str) -> str:
    return ocel.kind_of((declared or "TEXT").partition("(")[0].strip())


def _mark(name: str, taken: set[str]) -> str:
    """A name for the table of a type: its letters and digits, each word with a capital, and no other type's."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name).split()
    wanted = mark = "".join(word[:1].upper() + word[1:] for word in words) or "Type"
    number = 1
    while mark.casefold() in taken:
        number += 1
        mark = f"{wanted}_{number}"
    taken.add(mark.casefold())
    return mark


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text(value: Any) -> str:
    """Ids are texts, but some writers make numbers of them, whole ones with a fraction of nought."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
