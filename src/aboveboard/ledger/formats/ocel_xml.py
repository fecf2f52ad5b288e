"""OCEL 2.0 in XML (`.xmlocel`, `.ocel.xml`, packed or not). What stands where: see `ocel`.

Read as a stream, twice; only the objects are held in memory. Values take the type that their attribute is declared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import markup, ocel, ocel_log, ocel_rows, packing, rows
from aboveboard.ledger.formats.ocel import Change, Declared, Event, Object, Relation, Types


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns and `_line`, the line of the event; times without an offset in `timezone`."""
    return rows.batches(ocel_rows.read(lambda: scan(path), ZoneInfo(timezone)))


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger as OCEL 2.0 XML; packed if the name ends in `.gz`."""
    log = ocel_log.Log(events)
    with packing.writing(path) as out:
        for piece in _document(log):
            out.write(piece)


def scan(path: Path) -> Iterator[ocel.Item]:
    """The file's types, objects and events, in its order."""
    document = _Document(path)
    for _ in markup.stream(path, document.start, document.end, document.text):
        yield from document.items
        document.items = []
    yield from document.items


class _Document:
    """The elements that are open, and the items that are complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.items: list[ocel.Item] = []
        self.current: ocel.Item | None = None
        self.attribute: dict[str, str] | None = None
        self.words: list[str] = []
        self.rootless = True
        self.inner = 0  # early logs write a relation as <object object-id=…> within an event or object

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if self.rootless and tag != "log":
            raise LedgerError(f"{self.path}, line {line}: not an OCEL log: its first element is <{tag}>, not <log>.")
        self.rootless = False
        try:
            self._open(tag, attributes, line)
        except KeyError as problem:
            raise LedgerError(f"{self.path}, line {line}: <{tag}> lacks the attribute {problem}.") from problem

    def _open(self, tag: str, given: dict[str, str], line: int) -> None:
        current = self.current
        if tag in ("object-type", "event-type"):
            self.current = Declared(tag.removesuffix("-type"), given["name"], {})
        elif tag == "event":
            self.current = Event(given["id"], given["type"], given.get("time"), line=line)
        elif tag == "attribute" and isinstance(current, Declared):
            current.attributes[given["name"]] = ocel.kind_of(given.get("type"))
        elif tag == "attribute" and current is not None:
            self.attribute, self.words = given, []
            given["name"]
        elif tag in ("relationship", "object") and isinstance(current, Object | Event):
            current.relations.append(Relation(given["object-id"], given.get("qualifier", "")))
            self.inner += tag == "object"
        elif tag == "object":
            self.current = Object(given["id"], given["type"])

    def text(self, words: str) -> None:
        if self.attribute is not None:
            self.words.append(words)

    def end(self, tag: str) -> None:
        current = self.current
        if tag == "attribute" and self.attribute is not None:
            name, value = self.attribute["name"], "".join(self.words)
            if isinstance(current, Event):
                current.attributes.append((name, value))
            elif isinstance(current, Object):
                current.attributes.append(Change(name, self.attribute.get("time") or ocel.UNDATED, value))
            self.attribute = None
        elif tag == "object" and self.inner:
            self.inner -= 1
        elif current is not None and _closes(tag, current):
            self.items.append(current)
            self.current = None


def _closes(tag: str, current: ocel.Item) -> bool:
    if isinstance(current, Declared):
        return tag == f"{current.of}-type"
    return tag == ("event" if isinstance(current, Event) else "object")


def _document(log: ocel_log.Log) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<log>\n'
    yield from _types("object", log.object_types)
    yield from _types("event", log.event_types)
    yield "  <objects>\n"
    for found in log.objects.values():
        inside = "".join(_attribute({"name": c.name, "time": c.time}, c.value) for c in found.attributes)
        yield _element("object", {"id": found.id, "type": found.type}, inside, found.relations)
    yield "  </objects>\n  <events>\n"
    for event in log.events():
        inside = "".join(_attribute({"name": name}, value) for name, value in event.attributes)
        yield _element("event", {"id": event.id, "type": event.type, "time": event.time}, inside, event.relations)
    yield "  </events>\n</log>\n"


def _types(of: str, types: Types) -> Iterator[str]:
    yield f"  <{of}-types>\n"
    for name, attributes in types.items():
        inside = "".join(markup.tag("attribute", {"name": k, "type": t}, close=True) for k, t in attributes.items())
        yield f"    {markup.tag(f'{of}-type', {'name': name})}<attributes>{inside}</attributes></{of}-type>\n"
    yield f"  </{of}-types>\n"


def _element(tag: str, given: dict[str, str | None], attributes: str, relations: list[Relation]) -> str:
    related = "".join(
        markup.tag("relationship", {"object-id": r.object, "qualifier": r.qualifier}, close=True) for r in relations
    )
    objects = f"<objects>{related}</objects>" if related else ""
    return f"    {markup.tag(tag, given)}<attributes>{attributes}</attributes>{objects}</{tag}>\n"


def _attribute(given: dict[str, str | None], value: Any) -> str:
    return f"{markup.tag('attribute', given)}{markup.escaped(_text(value))}</attribute>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else markup.mended(str(value))
