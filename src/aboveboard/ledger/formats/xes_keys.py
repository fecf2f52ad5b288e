"""XES attributes ↔ ledger columns and the `attributes` JSON, event by event. Both ways are pure and undo each other.

**Columns.** `concept:name` is type, `time:timestamp` time, `org:resource` employee, `org:group` team (`org:role` where
there is no group), `lifecycle:transition` outcome, `identity:id` id. The other columns have plain keys of their own name.

**Everything else** becomes a member of `attributes` under its own key, as text, number or truth value; attributes of
the trace likewise, with `case:` before the key. What a JSON scalar cannot say stands in the member `xes`:

- `types`: key → `date`, `id`, `list`, … where the JSON value alone would not tell the XES type;
- `children`: key → the attributes nested in that attribute;
- `more`: attributes whose key the event has already;
- `offsets`: key → the UTC offset that a moment in a column was written with, where that was not UTC;
- `keys`: `{"team": "org:role"}` where the team came from the role.

A nested attribute is `{"type", "key", "value", "children"}`, value and children where there are any.

**Out again.** A key that a column owns is written as `attributes.<key>`. A value that XES has no type for (object,
array, null, text with control characters) is written as JSON text under `<key>:json`. If even that would not come back
equal, the whole of `attributes` goes out as the text of one attribute named `attributes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from aboveboard.ledger.formats import json_text, markup, rows, scalars
from aboveboard.ledger.formats.member_names import ESCAPE, MemberNames

KINDS = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
STANDARD = {
    "identity:id": "id",
    "concept:name": "type",
    "time:timestamp": "time",
    "org:resource": "employee",
    "org:group": "team",
    "lifecycle:transition": "outcome",
}
PLAIN = ("source", "customer", "subject", "channel", "touchpoint", "rule", "audience", "text")
MOMENTS = {"time:timestamp": "time", "recorded_at": "recorded_at", "due": "due"}
COLUMN_OF = STANDARD | {name: name for name in (*PLAIN, "recorded_at", "value", "due")}
WHOLE, BESIDE, CASE, AS_JSON = "attributes", "xes", "case:", ":json"
ROLE = "org:role"
OWNED = frozenset({*COLUMN_OF, ROLE, WHOLE})

_NAMES = MemberNames(OWNED)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


@dataclass(slots=True)
class Node:
    """One XES attribute: its type, key, text as written, and the attributes nested in it."""

    kind: str
    key: str
    value: str | None = None
    children: list[Node] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """As `attributes` keeps a nested attribute."""
        value = {} if self.value is None else {"value": self.value}
        children = {"children": [child.json() for child in self.children]} if self.children else {}
        return {"type": self.kind, "key": self.key, **value, **children}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Node:
        """What `json` made. Raises ValueError or KeyError on anything else."""
        kind, key, value = kept["type"], kept["key"], kept.get("value")
        known = (kind in KINDS or kind == "values") and isinstance(key, str) and isinstance(value, str | None)
        if not known or not markup.legal(key + (value or "")):
            raise ValueError("not an XES attribute")
        return cls(kind, key, value, [cls.of(child) for child in kept.get("children", [])])

    def xml(self) -> str:
        """The element, with all within it."""
        if self.kind == "values":
            return "<values>" + "".join(child.xml() for child in self.children) + "</values>"
        head = markup.tag(self.kind, {"key": self.key, "value": self.value}, close=not self.children)
        return head + ("".join(child.xml() for child in self.children) + f"</{self.kind}>" if self.children else "")


def decode(nodes: Iterable[Node], zone: tzinfo, prefix: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """An event's columns and its attributes. With a prefix (that of the trace) there are no columns, only attributes.

    Where `attributes` was written whole, the columns hold its text, which is then all there is to it.
    """
    row: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    seen: set[str] = set()
    for node in nodes:
        key = prefix + node.key
        if key in seen:
            beside.setdefault("more", []).append(node.json())
            continue
        seen.add(key)
        if node.children and node.kind != "list":
            beside.setdefault("children", {})[key] = [child.json() for child in node.children]
        if not prefix and node.key in COLUMN_OF and _column(node, zone, row, beside):
            continue
        if not prefix and node.key in (WHOLE, WHOLE + AS_JSON) and node.kind == "string" and not node.children:
            row[WHOLE] = node.value if node.key == WHOLE else json_text.loads(node.value or "null")
            continue
        _member(node, key, row, kept, beside)
    if not prefix and ROLE in seen:
        _team_of_role(row, kept, beside)
    if beside:
        kept[BESIDE] = {**beside, **kept[BESIDE]} if isinstance(kept.get(BESIDE), dict) else beside
    return row, kept


def encode(row: Mapping[str, Any], attributes: Mapping[str, Any]) -> list[Node]:
    """The attributes of the event that `decode` turns back into this row; `attributes` is the parsed JSON."""
    beside = attributes.get(BESIDE)
    if not isinstance(beside, dict):
        return _columns(row, {}) + [_plain(key, value) for key, value in attributes.items()]
    types, children = beside.get("types", {}), beside.get("children", {})
    nodes = _columns(row, beside)
    nodes += [member(key, value, types.get(key)) for key, value in attributes.items() if key != BESIDE]
    grouped = any(node.key == "org:group" for node in nodes)
    for node in nodes:
        node.key = ROLE if grouped and node.key == ESCAPE + ROLE else node.key
        node.children += [Node.of(child) for child in children.get(node.key, [])]
    return nodes + [Node.of(more) for more in beside.get("more", [])]


def whole(row: Mapping[str, Any], text: str) -> list[Node]:
    """The last resort: the columns, and `attributes` as the text it is, JSON object or not."""
    return [*_columns(row, {}), _text(WHOLE, text)]


def member(key: str, value: Any, kind: str | None) -> Node:
    """One member of `attributes` as an XES attribute of the type that was noted, or of the one its value shows."""
    if kind is None:
        return _plain(key, value)
    if kind == "list":
        return Node("list", _NAMES.out(key), None, [Node("values", "", None, [Node.of(item) for item in value])])
    if kind not in KINDS or not isinstance(value, str | int | float | None):
        raise ValueError(f"not an XES type: {kind}")
    return Node(kind, _NAMES.out(key), None if value is None else str(value))


def _column(node: Node, zone: tzinfo, row: dict[str, Any], beside: dict[str, Any]) -> bool:
    """Put the attribute into its column, if its type fits; say whether it did."""
    column, value = COLUMN_OF[node.key], node.value
    if value is None:
        return False
    if node.key in MOMENTS:
        if node.kind != "date" or (found := rows.moment(value, zone, ends_day=column == "due")) is None:
            return False
        row[column] = found
        if offset := scalars.offset_of(value):
            beside.setdefault("offsets", {})[node.key] = offset
        return True
    if column == "value":
        if node.kind not in ("float", "int") or (number := _number(node)) is None:
            return False
        row["value"] = float(number)
        if node.kind == "int":
            beside.setdefault("types", {})["value"] = "int"
        return True
    if node.kind == "string" or (node.kind == "id" and column == "id"):
        row[column] = value
        return True
    return False


def _member(node: Node, key: str, row: dict[str, Any], kept: dict[str, Any], beside: dict[str, Any]) -> None:
    if node.kind == "string" and node.value is not None:
        if key.endswith(AS_JSON) and _from_json(node.value, key.removesuffix(AS_JSON), row, kept):
            return
        kept[_NAMES.back(key)] = node.value
        return
    value, kind = _json_value(node)
    kept[_NAMES.back(key)] = value
    if kind:
        beside.setdefault("types", {})[_NAMES.back(key)] = kind


def _from_json(text: str, name: str, row: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Take a value that was written as JSON text into its column or member; False if it is no JSON after all."""
    try:
        value = json_text.loads(text)
    except ValueError:
        return False
    if isinstance(value, str) and not json_text.encodable(value):
        return False
    if name in COLUMN_OF and isinstance(value, str):
        row[COLUMN_OF[name]] = value
    else:
        kept[_NAMES.back(name)] = value
    return True


def _json_value(node: Node) -> tuple[Any, str | None]:
    """The value as JSON knows it, and the XES type where the value does not show it."""
    if node.kind == "list":
        return [child.json() for items in node.children for child in _items(items)], "list"
    if node.kind == "boolean" and node.value in scalars.TRUTHS:
        return scalars.TRUTHS[node.value], None
    if node.kind in ("int", "float") and (number := _number(node)) is not None and number - number == 0:
        return number, None
    return node.value, node.kind


def _items(node: Node) -> list[Node]:
    """What stands in a list: inside `<values>`, or, as older logs have it, straight in the list."""
    return node.children if node.kind == "values" else [node]


def _number(node: Node) -> int | float | None:
    text = (node.value or "").strip()
    if node.kind == "int":
        return scalars.whole_number(text)
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _team_of_role(row: dict[str, Any], kept: dict[str, Any], beside: dict[str, Any]) -> None:
    if "team" not in row and isinstance(kept.get(ROLE), str) and ROLE not in beside.get("types", {}):
        row["team"] = kept.pop(ROLE)
        beside["keys"] = {"team": ROLE}


def _columns(row: Mapping[str, Any], beside: Mapping[str, Any]) -> list[Node]:
    offsets, types = beside.get("offsets", {}), beside.get("types", {})
    nodes = []
    for key, column in COLUMN_OF.items():
        value = row.get(column)
        if value is None:
            continue
        if isinstance(value, datetime):
            nodes.append(Node("date", key, rows.iso(_with_offset(value, offsets.get(key)))))
        elif isinstance(value, float):
            whole_number = types.get(key) == "int" and value == value // 1
            nodes.append(Node("int", key, str(int(value))) if whole_number else Node("float", key, _float(value)))
        elif column == "team":
            nodes.append(_text(beside.get("keys", {}).get("team", key), value))
        else:
            nodes.append(_text(key, value))
            if column == "id" and _UUID.match(value):
                nodes[-1].kind = "id"
    return nodes


def _with_offset(value: datetime, offset: str | None) -> datetime:
    if offset is None:
        return value.astimezone(UTC)
    return value.astimezone(datetime.strptime(offset, "%z").tzinfo)


def _plain(key: str, value: Any) -> Node:
    if not markup.legal(key):
        raise ValueError("XML cannot hold this key")
    name = _NAMES.out(key)
    if not key.endswith(AS_JSON):
        if isinstance(value, str) and markup.legal(value):
            return Node("string", name, value)
        if isinstance(value, bool):
            return Node("boolean", name, "true" if value else "false")
        if isinstance(value, int) and scalars.is_long(value):
            return Node("int", name, str(value))
        if isinstance(value, float):
            return Node("float", name, _float(value))
    return Node("string", name + AS_JSON, json_text.dumps_ascii(value))


def _text(key: str, value: str) -> Node:
    if markup.legal(value):
        return Node("string", key, value)
    return Node("string", key + AS_JSON, json_text.dumps_ascii(value))


def _float(value: float) -> str:
    """As XML Schema writes a double."""
    return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(text := repr(value), text)
