"""From an OCEL file to rows of the ledger, in two passes, so that only the objects and their types are held in memory.

The first pass learns the declared types, the objects, what the log is about, and which event first touches an object;
the second makes the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import Any

from aboveboard.ledger.formats import json_text, ocel, rows
from aboveboard.ledger.formats.ocel import BESIDE, Declared, Event, Object, Types

Scan = Callable[[], Iterable[ocel.Item]]


def read(scan: Scan, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """Rows for `rows.batches`; `scan` opens the file anew and gives its types, objects and events in any order."""
    log = _Survey()
    for item in scan():
        log.see(item)
    log.conclude()
    first = True
    for item in scan():
        if isinstance(item, Event):
            yield _row(item, log, zone, first)
            first = False


class Inference:
    """Which type of attribute the values alone show, per type of event or object."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, set[str]]] = {}

    def see(self, name: str, attributes: Iterable[tuple[str, Any]]) -> None:
        """Note the attributes of one event or object of the type `name`."""
        known = self.kinds.setdefault(name, {})
        for key, value in attributes:
            if value is not None:
                known.setdefault(key, set()).add(kind(value))

    def types(self, fixed: dict[str, str]) -> Types:
        """The types, with those that are `fixed` by our columns; where values disagree, string (or float of numbers)."""
        return {
            name: {key: fixed.get(key) or one(kinds) for key, kinds in known.items()}
            for name, known in self.kinds.items()
        }


def kind(value: Any) -> str:
    """The OCEL type of a JSON value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if abs(value) <= 2**53 else "large"
    return "float" if isinstance(value, float) else "string"


def one(kinds: set[str]) -> str:
    """The one type that holds values of these kinds."""
    if kinds == {"integer", "float"}:
        return "float"
    if kinds <= {"integer", "large"}:
        return "integer"
    return next(iter(kinds)) if len(kinds) == 1 else "string"


class _Survey:
    """What the first pass learns."""

    def __init__(self) -> None:
        self.declared: dict[str, Types] = {"event": {}, "object": {}}
        self.inferred = {"event": Inference(), "object": Inference()}
        self.types: dict[str, str] = {}  # object → type
        self.kept: dict[str, Object] = {}  # objects that say more than their id
        self.touched: dict[str, str] = {}  # kept object → first event
        self.claimed: set[str] = set()  # kept objects whose place we wrote down
        self.leading = ocel.Leading()
        self.events: list[tuple[ocel.Relation, ...]] = []
        self.at: dict[str | None, list[dict[str, Any]]] = {}
        self.rank: dict[str, int] = {}

    def see(self, item: ocel.Item) -> None:
        if isinstance(item, Declared):
            self.declared[item.of].setdefault(item.name, {}).update(item.attributes)
        elif isinstance(item, Object):
            self._object(item)
        else:
            self._event(item)

    def conclude(self) -> None:
        """Once all is seen: rank the types, and give every kept object its event."""
        for relations in self.events:  # those seen before the objects were known
            self.leading.see(relations, self.types)
        self.events = []
        self.rank = self.leading.rank()
        for name, found in sorted(self.kept.items()):
            found.attributes.sort(key=lambda change: (change.time, change.name))
            if name not in self.claimed:
                self.at.setdefault(self.touched.get(name), []).append(found.json())

    def declarations(self) -> dict[str, Types] | None:
        """The declared types, where the data alone would give others."""
        shown = {"event": self.inferred["event"].types(ocel.FIXED), "object": self.inferred["object"].types({})}
        return None if shown == self.declared else self.declared

    def _object(self, found: Object) -> None:
        declared = self.declared["object"].get(found.type, {})
        found.attributes = [c._replace(value=ocel.typed(c.value, declared.get(c.name))) for c in found.attributes]
        self.inferred["object"].see(found.type, ((c.name, c.value) for c in found.attributes))
        self.types.setdefault(found.id, found.type)
        if before := self.kept.get(found.id):
            before.attributes += found.attributes
            before.relations += found.relations
        elif found.attributes or found.relations or found.type != ocel.natural_type(found.id):
            self.kept[found.id] = found

    def _event(self, event: Event) -> None:
        declared = self.declared["event"].get(event.type, {})
        values = [(name, ocel.typed(value, declared.get(name))) for name, value in event.attributes]
        self.inferred["event"].see(event.type, values)
        for name, value in values:
            if name == ocel.KEPT and isinstance(value, str):
                self.claimed |= _claims(value)
        for relation in event.relations:
            self.touched.setdefault(relation.object, event.id)
        if self.types:
            self.leading.see(event.relations, self.types)
        else:
            self.events.append(tuple(event.relations))


def _claims(text: str) -> set[str]:
    try:
        found = json_text.loads(text)
        return {kept["id"] for kept in found[BESIDE]["objects"]}
    except (KeyError, TypeError, ValueError):
        return set()


def _row(event: Event, log: _Survey, zone: tzinfo, first: bool) -> dict[str, Any]:
    row, kept = ocel.decode(event, log.declared["event"].get(event.type, {}), zone)
    row |= ocel.related(event.relations, log.types, log.rank)
    verbatim = row.pop(ocel.KEPT, None)
    beside = kept.pop(BESIDE, {}) | _beside(event, row, log, first)
    if verbatim is not None:
        kept |= verbatim
    elif beside:
        kept[BESIDE] = beside
    for column, value in row.pop(ocel.OVERRIDE, {}).items():
        row[column] = float(value) if column == "value" else value
    if ocel.WHOLE not in row:
        row[ocel.WHOLE] = json_text.dumps(kept) if kept else None
    return row | {rows.LINE: event.line}


def _beside(event: Event, row: dict[str, Any], log: _Survey, first: bool) -> dict[str, Any]:
    """What the log says at this event beyond columns and attributes."""
    found: dict[str, Any] = {}
    if event.relations != ocel.relations(row):
        found["relationships"] = [list(relation) for relation in event.relations]
    objects = log.at.pop(event.id, []) + (log.at.pop(None, []) if first else [])
    if objects:
        found["objects"] = sorted(objects, key=lambda kept: kept["id"])
    if first and (types := log.declarations()):
        found["types"] = types
    return found
