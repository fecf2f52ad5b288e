"""From a ledger to the types, objects and events of an OCEL log: the way back from `ocel_rows`.

The table is gone through three times, so that no event is held: for the objects and for what the values are, for the
types of the attributes, and for the events. What reading the file would not bring back to its place is written beside
the event: `ocel:columns` holds columns that relations and texts cannot (a control character, a number that is not finite,
a subject that was changed since), `ocel:kept` the member `ocel` of its attributes, word for word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import pyarrow as pa

from aboveboard.ledger.formats import json_text, markup, ocel, ocel_rows, rows
from aboveboard.ledger.formats.ocel import BESIDE, Event, Object, Relation, Types

Members: TypeAlias = dict[str, Any]

NAMES = 1000  # attributes per type of event that get a place of their own: SQLite has no more than 2,000 columns
_NOWHERE = -1


class Log:
    """A ledger as OCEL: `event_types`, `object_types`, `objects`, and `events()`, one by one in the ledger's order."""

    def __init__(self, events: pa.Table | pa.RecordBatchReader) -> None:
        self.table: pa.Table = events.read_all() if isinstance(events, pa.RecordBatchReader) else events
        self.objects: dict[str, Object] = {}
        self._home: dict[str, int] = {}  # object with something to keep → the one row that keeps it
        self._touched: dict[str, int] = {}  # object → the first row that touches it
        self._names: dict[str, dict[str, str]] = {}  # type of event → folded name → the attribute that has it
        self._kinds = ocel_rows.Inference()
        self._learn()
        self._declare()

    def events(self) -> Iterator[Event]:
        """The events, with everything that is written beside them."""
        for number, (row, members) in enumerate(self._rows()):
            event = self._event(row, members)
            event.attributes += self._aside(number, row, members, event)
            yield event

    def _rows(self) -> Iterator[tuple[dict[str, Any], Members | None]]:
        """The rows, each with its parsed attributes: empty where there are none, None where they are no JSON object."""
        for batch in self.table.to_batches(max_chunksize=rows.BATCH):
            for row in batch.to_pylist():
                text = row.get(ocel.WHOLE)
                yield row, {} if text is None else json_text.loads_object(text)

    def _learn(self) -> None:
        votes: list[list[Relation]] = []
        for number, (row, members) in enumerate(self._rows()):
            for found in _objects(members):
                self._home[found.id] = number if found.id not in self._home and _worth_keeping(found) else _NOWHERE
                self.objects.setdefault(found.id, found)
            relations = _relations(row, members)
            if "relationships" in _beside(members):
                votes.append(relations)
            for relation in relations:
                self._touched.setdefault(relation.object, number)
            self._see(row, members)
        for name in self._touched:
            self.objects.setdefault(name, Object(name, ocel.natural_type(name)))
        self._types = {name: found.type for name, found in self.objects.items()}
        leading = ocel.Leading()
        for relations in votes:
            leading.see(relations, self._types)
        self._rank = leading.rank()

    def _see(self, row: Mapping[str, Any], members: Members | None) -> None:
        """Give every attribute its name, first come first served, and note what its values are."""
        kind = _type(row)
        names = self._names.setdefault(kind, {name: name for name in ocel.OWNED})
        found = list(ocel.of_members(members or {}))
        for name, _ in found:
            if len(names) < NAMES and _nameable(name):
                names.setdefault(name.casefold(), name)
        self._kinds.see(kind, ((name, value) for name, value in found if _plain(name, value)))

    def _declare(self) -> None:
        """The types that the written values show, and those that the first event keeps, where these fit."""
        changes, values = ocel_rows.Inference(), ocel_rows.Inference()
        for found in self.objects.values():
            changes.see(found.type, ((c.name, c.value) for c in found.attributes))
        for found in self.objects.values():  # what a type could not bring back is kept word for word
            if any(len(changes.kinds[found.type][c.name]) > 1 for c in found.attributes):
                self._home[found.id] = _NOWHERE
        first: Members = {}
        self._kept_types: dict[str, Types] | None = None
        for number, (row, members) in enumerate(self._rows()):
            event = self._event(row, members)
            if number == 0:
                first = _beside(members)
            else:
                event.attributes += self._aside(number, row, members, event)
            values.see(event.type, event.attributes)
        shown = {"event": values.types(ocel.FIXED), "object": changes.types({})}
        declared = _merged(shown, first.get("types"))
        self._kept_types = None if declared == shown else declared
        self.event_types, self.object_types = declared["event"], declared["object"]
        for row, members in self._rows():
            event = self._event(row, members)
            for name, _ in self._aside(0, row, members, event):
                self.event_types[event.type].setdefault(name, "string")
            break

    def _event(self, row: Mapping[str, Any], members: Members | None) -> Event:
        """The event without what is written beside it."""
        kind = _type(row)
        names, rest = self._names[kind], {}
        event = Event(markup.mended(row.get("id") or ""), kind, None, [], _relations(row, members))
        if (when := row.get("time")) is not None:
            event.time = ocel.with_offset(when, _beside(members).get("offset"))
        event.attributes += ocel.of_columns(row, whole=members is None)
        for name, value in ocel.of_members(members or {}):
            if names.get(name.casefold()) != name:
                rest[ocel.NAMES.back(name)] = value
            elif _plain(name, value) and not self._mixed(kind, name):
                event.attributes.append((name, float(value) if self._float(kind, name) else value))
            else:
                event.attributes.append(ocel.as_json(name, value))
        if rest:
            event.attributes.append((ocel.WHOLE, json_text.dumps_ascii(rest)))
        return event

    def _mixed(self, kind: str, name: str) -> bool:
        kinds = self._kinds.kinds[kind].get(name, set())
        return len(kinds) > 1 and kinds not in ({"integer", "float"}, {"integer", "large"})

    def _float(self, kind: str, name: str) -> bool:
        return self._kinds.kinds[kind].get(name) == {"integer", "float"}

    def _aside(
        self, number: int, row: Mapping[str, Any], members: Members | None, event: Event
    ) -> Iterator[tuple[str, Any]]:
        """What reading the event would otherwise not bring back."""
        found = ocel.related(event.relations, self._types, self._rank)
        told: dict[str, Any] = {"id": event.id, "type": event.type, **found}
        wanted = {name: row.get(name) for name in ("id", "type", *ocel.RELATED)}
        override = {name: value for name, value in wanted.items() if told.get(name) != value}
        if (value := row.get("value")) is not None and not math.isfinite(value):
            override["value"] = repr(value)
        if override:
            yield ocel.OVERRIDE, json_text.dumps_ascii(override)
        natural = self._natural(number, event, told)
        kept = {BESIDE: members[BESIDE]} if members and BESIDE in members else {}
        if json_text.canonical(kept) != json_text.canonical({BESIDE: natural} if natural else {}):
            yield ocel.KEPT, json_text.dumps_ascii(kept)

    def _natural(self, number: int, event: Event, told: Mapping[str, Any]) -> Members:
        """The member `ocel` that reading makes of the file by itself."""
        natural: Members = {}
        if event.time and not event.time.endswith("+00:00"):
            natural["offset"] = event.time[-6:]
        if event.relations != ocel.relations(told):
            natural["relationships"] = [list(relation) for relation in event.relations]
        at_home = self._at_home(number, event)
        if at_home:
            natural["objects"] = at_home
        if number == 0 and self._kept_types is not None:
            natural["types"] = self._kept_types
        return natural

    def _at_home(self, number: int, event: Event) -> list[Members]:
        """The objects that reading puts at this event: kept here, and first touched here, or nowhere and this is the first."""
        names = {relation.object for relation in event.relations}
        if number == 0:
            names |= {name for name in self._home if name not in self._touched}
        found = sorted(name for name in names if self._home.get(name) == number == self._touched.get(name, 0))
        return [self.objects[name].json() for name in found]


def _type(row: Mapping[str, Any]) -> str:
    return markup.mended(row.get("type") or "")


def _beside(members: Members | None) -> Members:
    found = (members or {}).get(BESIDE)
    return found if isinstance(found, dict) else {}


def _objects(members: Members | None) -> list[Object]:
    """The objects that an event keeps; none where they are not of our making."""
    kept = _beside(members).get("objects", [])
    try:
        return [Object.of(found) for found in kept]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def _worth_keeping(found: Object) -> bool:
    """Whether reading the file gives this object just as it is."""
    said = found.attributes or found.relations or found.type != ocel.natural_type(found.id)
    ordered = found.attributes == sorted(found.attributes, key=lambda change: (change.time, change.name))
    return bool(said) and ordered and all(ocel.scalar(c.value) for c in found.attributes)


def _relations(row: Mapping[str, Any], members: Members | None) -> list[Relation]:
    """The relations that were kept word for word, or else those that the columns make."""
    kept = _beside(members).get("relationships")
    try:
        if kept is not None and all(markup.legal(object_id + qualifier) for object_id, qualifier in kept):
            return [Relation(object_id, qualifier) for object_id, qualifier in kept]
    except (TypeError, ValueError):
        pass
    return ocel.relations(row)


def _nameable(name: str) -> bool:
    """Whether every format can have an attribute of this name."""
    folded = name.casefold()
    return bool(name.strip()) and markup.legal(name) and not folded.startswith("ocel")


def _plain(name: str, value: Any) -> bool:
    """Whether the value can stand as it is under its own name."""
    return ocel.scalar(value) and not name.casefold().endswith(ocel.AS_JSON)


def _merged(shown: dict[str, Types], kept: Any) -> dict[str, Types]:
    """The types shown by the values, in the order and with the additions of those kept, as far as the two agree."""
    merged: dict[str, Types] = {"event": {}, "object": {}}
    for of, types in merged.items():
        told = kept.get(of) if isinstance(kept, dict) else None
        for name, attributes in (told if isinstance(told, dict) else {}).items():
            if isinstance(attributes, dict) and markup.legal(name):
                types[name] = {
                    key: kind
                    for key, kind in attributes.items()
                    if _nameable(key) and kind in ("string", "time", "integer", "float", "boolean")
                }
        for name, attributes in shown[of].items():
            mine = types.setdefault(name, {})
            for key, kind in attributes.items():
                if (mine.get(key), kind) != ("time", "string"):
                    mine[key] = kind
    return merged
