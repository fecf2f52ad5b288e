"""OCEL 2.0 in JSON (`.jsonocel`, `.ocel.json`, packed or not). What stands where: see `ocel`.

Read element by element, twice; only the objects are held in memory. Values keep the type that JSON gives them, or take
the declared one where their text allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import pyarrow as pa

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import json_stream, ocel, ocel_log, ocel_rows, packing, rows
from aboveboard.ledger.formats.ocel import Change, Declared, Event, Object, Relation, Types

_PARTS = ("objectTypes", "eventTypes", "objects", "events")


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns and `_line`, the line of the event; times without an offset in `timezone`."""
    return rows.batches(ocel_rows.read(lambda: scan(path), ZoneInfo(timezone)))


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger as OCEL 2.0 JSON, one element a line; packed if the name ends in `.gz`."""
    log = ocel_log.Log(events)
    with packing.writing(path) as out:
        out.write("{\n")
        _array(out, "objectTypes", _types(log.object_types), ",")
        _array(out, "eventTypes", _types(log.event_types), ",")
        _array(out, "objects", (found.json() for found in log.objects.values()), ",")
        _array(out, "events", (_event(event) for event in log.events()), "")
        out.write("}\n")


def scan(path: Path) -> Iterator[ocel.Item]:
    """The file's types, objects and events, in its order."""
    known = False
    for part, element, line in json_stream.members(path):
        if part not in _PARTS:
            continue
        known = True
        try:
            yield _item(part, element, line)
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise LedgerError(
                f"{path}, line {line}: this is no OCEL 2.0 element of `{part}`: {_missing(problem)}."
            ) from problem
    if not known and "ocel:events" in (part for part, _, _ in json_stream.members(path)):
        raise LedgerError(f"{path}: this is OCEL 1.0; save it as OCEL 2.0 first.")


def _item(part: str, element: Any, line: int) -> ocel.Item:
    if part in ("objectTypes", "eventTypes"):
        types = {_text(a["name"]): ocel.kind_of(a.get("type")) for a in element.get("attributes") or []}
        return Declared("object" if part == "objectTypes" else "event", _text(element["name"]), types)
    relations = [
        Relation(_text(r["objectId"]), _text(r.get("qualifier") or "")) for r in element.get("relationships") or []
    ]
    told = element.get("attributes") or []
    if part == "objects":
        changes = [Change(_text(a["name"]), _text(a.get("time") or ocel.UNDATED), a.get("value")) for a in told]
        return Object(_text(element["id"]), _text(element["type"]), changes, relations)
    attributes = [(_text(a["name"]), a.get("value")) for a in told]
    time = element.get("time")
    return Event(
        _text(element["id"]), _text(element["type"]), None if time is None else _text(time), attributes, relations, line
    )


def _text(value: Any) -> str:
    """Ids are texts, but some writers make numbers of them."""
    if isinstance(value, str):
        value.encode()  # a lone surrogate is a ValueError here rather than a crash later
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{json.dumps(value)[:60]} where a text belongs")


def _missing(problem: Exception) -> str:
    return f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)


def _types(types: Types) -> Iterator[dict[str, Any]]:
    for name, attributes in types.items():
        yield {"name": name, "attributes": [{"name": key, "type": kind} for key, kind in attributes.items()]}


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        **({} if event.time is None else {"time": event.time}),
        "attributes": [{"name": name, "value": value} for name, value in event.attributes],
        "relationships": [{"objectId": r.object, "qualifier": r.qualifier} for r in event.relations],
    }


def _array(out: TextIO, name: str, elements: Iterator[dict[str, Any]], after: str) -> None:
    out.write(f'"{name}": [')
    for number, element in enumerate(elements):
        out.write((",\n" if number else "\n") + json.dumps(element, ensure_ascii=False))
    out.write(f"\n]{after}\n")
