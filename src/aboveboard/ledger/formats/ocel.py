"""OCEL 2.0 as Python objects, and how one OCEL event stands in the ledger: what its three file formats share.

**Relations.** The columns subject, customer, team, employee, rule, channel and touchpoint are objects; the qualifier of
the relation is the column's name. An object's id is `<column>:<value>`, its type the column; a subject that is typed
already (`order:123`) is its own id, and its type the part before the colon.

In a log from elsewhere: (1) a relation whose qualifier is the name of one of these columns fills it; (2) else an object
whose type is that name, in singular or plural, fills customer, team, employee, channel or touchpoint; (3) the subject is,
among the objects left, the only one of its type in the event, as `<type>:<id>`; of several such the one of the leading
type, and where every type has several objects, the first object of the leading type. The leading type is the one of
which the most events of the log have exactly one object (ties: the first in the log). Whatever the columns do not say, all
relations in their order, doubles too, stands in `attributes.ocel.relationships` as pairs of object and qualifier.

**Attributes.** source, outcome, value, due, audience, text and recorded_at are event attributes of their own name. The
others are members of `attributes`; written out, `attributes.<key>` where a column owns the name, `<key>:json` (JSON text)
where OCEL has no type for the value or two events of a type disagree on it, and the member `attributes` (a JSON object)
for keys that a file format cannot hold. Whole numbers among fractions become fractions.

**What belongs to no event.** Objects with attributes, changes of attributes over time, relations to other objects, or a
type that their id does not show, are kept once, in `attributes.ocel.objects` of the first event that touches them (of
the first event at all, if none does). The declared types of events, objects and attributes stand in
`attributes.ocel.types` of the first event, where the data alone would give others. A UTC offset that an event's time
was written with stands in `attributes.ocel.offset`. Written out, an object that is
only related to, and was never declared, is declared. A log without events holds nothing that a ledger could keep.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypeAlias

from aboveboard.ledger.formats import json_text, markup, rows, scalars
from aboveboard.ledger.formats.member_names import MemberNames

RELATED = ("subject", "customer", "team", "employee", "rule", "channel", "touchpoint")
TEXTS = ("source", "outcome", "audience", "text")
MOMENTS = ("recorded_at", "due")
BESIDE, WHOLE, AS_JSON = "ocel", "attributes", ":json"
OVERRIDE, KEPT, RAW_TIME = "ocel:columns", "ocel:kept", "ocel:time"
OWNED = frozenset({*TEXTS, *MOMENTS, "value", WHOLE})
FIXED = dict.fromkeys(TEXTS, "string") | dict.fromkeys(MOMENTS, "time") | {"value": "float"}
NAMES = MemberNames(OWNED)
UNDATED = "1970-01-01T00:00:00Z"

_PLURALS = {
    f"{name}{ending}": name for name in RELATED if name not in ("subject", "rule") for ending in ("", "s", "es")
}
_TYPED = re.compile(r"(?!subject:)[^:]+:", re.DOTALL)
_KINDS = {"int": "integer", "long": "integer", "double": "float", "real": "float", "bool": "boolean", "date": "time",
          "datetime": "time", "timestamp": "time", "text": "string", "varchar": "string"}  # fmt: skip

Types: TypeAlias = dict[
    str, dict[str, str]
]  # type of event or object → attribute → string, time, integer, float, boolean


class Relation(NamedTuple):
    """That an event or object has to do with an object, and as what."""

    object: str
    qualifier: str


class Change(NamedTuple):
    """The value of an object's attribute from a moment on (ISO text; 1970 where it was always so)."""

    name: str
    time: str
    value: Any


@dataclass(slots=True)
class Object:
    """An OCEL object."""

    id: str
    type: str
    attributes: list[Change] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """As OCEL's own JSON has it."""
        return {
            "id": self.id,
            "type": self.type,
            "attributes": [change._asdict() for change in self.attributes],
            "relationships": [{"objectId": r.object, "qualifier": r.qualifier} for r in self.relations],
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Object:
        """What `json` made. Raises KeyError, TypeError or ValueError on anything else."""
        changes = [Change(c["name"], c["time"], c["value"]) for c in kept["attributes"]]
        relations = [Relation(r["objectId"], r["qualifier"]) for r in kept["relationships"]]
        found = cls(kept["id"], kept["type"], changes, relations)
        texts = [found.id, found.type, *(t for c in changes for t in c[:2]), *(t for r in relations for t in r)]
        if found.json() != kept or not all(isinstance(t, str) and markup.legal(t) for t in texts):
            raise ValueError("not an OCEL object")
        return found


@dataclass(slots=True)
class Event:
    """An OCEL event; `time` as ISO text, values as the file has them."""

    id: str
    type: str
    time: str | None
    attributes: list[tuple[str, Any]] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    line: int | None = None


class Declared(NamedTuple):
    """A type of events or objects as a file declares it: attribute → type."""

    of: str  # "event" or "object"
    name: str
    attributes: dict[str, str]


Item: TypeAlias = Declared | Object | Event


class Leading:
    """Counts in how many events exactly one object of a type appears: what a log is about."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def see(self, relations: Iterable[Relation], types: Mapping[str, str]) -> None:
        """Count one event. Relations that are a column by their qualifier do not vote."""
        voting = dict.fromkeys(r.object for r in relations if r.qualifier not in RELATED)
        seen = Counter(types.get(name, natural_type(name)) for name in voting)
        for name, count in seen.items():
            self.counts[name] += count == 1

    def rank(self) -> dict[str, int]:
        """Type → place, 0 for the leading one."""
        return {name: place for place, (name, _) in enumerate(self.counts.most_common())}


def kind_of(declared: str | None) -> str:
    """One of the five types of OCEL for a name that a file uses."""
    name = (declared or "string").lower()
    return _KINDS.get(name, name)


def typed(value: Any, kind: str | None) -> Any:
    """A value as its declared type, where its text allows; else as it is."""
    if isinstance(value, str):
        text = value.strip()
        if kind == "integer" and (whole := scalars.whole_number(text)) is not None:
            return whole
        if kind == "boolean":
            return scalars.TRUTHS.get(text.lower(), value)
        if kind == "float" and "_" not in text:
            try:
                return number if math.isfinite(number := float(text)) else value
            except ValueError:
                return value
    elif kind == "boolean" and value in (0, 1):
        return bool(value)
    elif kind == "float" and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53:
        return float(value)
    return value


def natural_type(object_id: str) -> str:
    """The type that an id shows: what stands before the colon."""
    before, colon, _ = object_id.partition(":")
    return before if colon and before else "object"


def relations(row: Mapping[str, Any]) -> list[Relation]:
    """The relations that the columns of a row make."""
    found = []
    for column in RELATED:
        if (value := row.get(column)) is not None:
            own = column == "subject" and _TYPED.match(value)
            found.append(Relation(markup.mended(value if own else f"{column}:{value}"), column))
    return found


def related(found: list[Relation], types: Mapping[str, str], rank: Mapping[str, int]) -> dict[str, str]:
    """The columns that an event's relations fill, by the three rules at the head of this module."""
    row: dict[str, str] = {}
    left: list[tuple[str, str]] = []
    for relation in found:
        if relation.qualifier not in RELATED:
            left.append((types.get(relation.object, natural_type(relation.object)), relation.object))
        elif relation.qualifier not in row:
            row[relation.qualifier] = _value(relation.qualifier, relation.object, types)
    subjects = []
    for name, object_id in left:
        column = _PLURALS.get(name.lower())
        if column and column not in row:
            row[column] = object_id.removeprefix(f"{column}:")
        else:
            subjects.append((name, object_id))
    if subjects and "subject" not in row:
        several = Counter(name for name, _ in set(subjects))
        name, object_id = min(subjects, key=lambda found: (several[found[0]] > 1, rank.get(found[0], len(rank))))
        row["subject"] = object_id if object_id.startswith(f"{name}:") else f"{name}:{object_id}"
    return row


def decode(event: Event, declared: Mapping[str, str], zone: tzinfo) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of an event (but those of its relations) and its attributes; `declared` are the types of its type.

    Among the columns there may be `ocel:columns` and `ocel:kept`, which we wrote and `ocel_rows` reads, and
    `attributes` where that was no JSON object.
    """
    row: dict[str, Any] = {"id": event.id, "type": event.type, "time": rows.moment(event.time, zone)}
    kept: dict[str, Any] = {}
    if row["time"] is None and event.time is not None:
        kept[RAW_TIME] = event.time
    elif event.time and (offset := scalars.offset_of(event.time)):
        kept[BESIDE] = {"offset": offset}
    for name, raw in event.attributes:
        if raw is not None:
            _take(name, typed(raw, declared.get(name)), zone, row, kept)
    return row, kept


def _take(name: str, value: Any, zone: tzinfo, row: dict[str, Any], kept: dict[str, Any]) -> None:
    if name in (OVERRIDE, KEPT, WHOLE) and isinstance(value, str) and isinstance(found := _json(value), dict):
        if name == WHOLE:
            kept.update(found)
        else:
            row[name] = found
    elif name in TEXTS and isinstance(value, str) and name not in row:
        row[name] = value
    elif name == "value" and isinstance(value, int | float) and not isinstance(value, bool) and name not in row:
        row[name] = float(value)
    elif name in MOMENTS and isinstance(value, str) and (when := rows.moment(value, zone, ends_day=name == "due")):
        row[name] = when
    elif name.endswith(AS_JSON) and isinstance(value, str) and (found := _json(value)) is not _NOT_JSON:
        bare = name.removesuffix(AS_JSON)
        if bare in TEXTS or bare == WHOLE:
            row[bare] = found
        else:
            kept[NAMES.back(bare)] = found
    else:
        key = NAMES.back(name)
        while key in kept:
            key += "'"
        kept[key] = value


def of_columns(row: Mapping[str, Any], *, whole: bool = False) -> Iterator[tuple[str, Any]]:
    """The event attributes that the columns make; with `whole`, that of `attributes` as the text it is."""
    for name in TEXTS:
        if (text := row.get(name)) is not None:
            yield (name, text) if markup.legal(text) else (name + AS_JSON, json_text.dumps_ascii(text))
    for name in MOMENTS:
        if (when := row.get(name)) is not None:
            yield name, rows.iso(when)
    if (value := row.get("value")) is not None and math.isfinite(value):
        yield "value", value
    if whole and (text := row.get(WHOLE)) is not None:
        yield WHOLE + AS_JSON, json_text.dumps_ascii(text)


def of_members(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members of `attributes` under the names that they go out by."""
    return ((NAMES.out(key), value) for key, value in members.items() if key != BESIDE)


def scalar(value: Any) -> bool:
    """Whether OCEL has a type for the value, and every file format can hold it."""
    if isinstance(value, str):
        return markup.legal(value)
    return isinstance(value, bool | float) or (isinstance(value, int) and scalars.is_long(value))


def as_json(name: str, value: Any) -> tuple[str, str]:
    """An attribute whose value goes out as JSON text."""
    return name + AS_JSON, json_text.dumps_ascii(value)


def with_offset(when: datetime, offset: Any) -> str:
    """The ISO text of a moment, in the offset that it came with."""
    if not scalars.is_offset(offset):
        return rows.iso(when)
    return rows.iso(when.astimezone(datetime.strptime(offset, "%z").tzinfo))


def _value(column: str, object_id: str, types: Mapping[str, str]) -> str:
    if column != "subject" or object_id.startswith("subject:"):
        return object_id.removeprefix(f"{column}:")
    return object_id if _TYPED.match(object_id) else f"{types.get(object_id, 'object')}:{object_id}"


_NOT_JSON = object()


def _json(text: str) -> Any:
    try:
        found = json_text.loads(text)
    except ValueError:
        return _NOT_JSON
    return _NOT_JSON if isinstance(found, str) and not json_text.encodable(found) else found
