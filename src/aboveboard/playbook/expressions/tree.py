"""The tree that a condition becomes: small, immutable, typed. Every reader and every target knows only these nodes.

There are four types. `number` is always a double: `/` divides exactly, `cast(x as integer)` drops the fraction.
`text` compares exactly and has no order. `timestamp` is a moment in UTC. `boolean` has three values, as in SQL:
true, false and unknown (NULL). `unknown` is the type of a bare NULL, which fits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal as OneOf
from zoneinfo import ZoneInfo

Type = OneOf["text", "number", "boolean", "timestamp", "unknown"]
Sign = OneOf["+", "-", "*", "/"]
Relation = OneOf["=", "<>", "<", "<=", ">", ">="]
Value = str | float | bool | datetime | None


@dataclass(frozen=True)
class Constant:
    """A value written in the condition. A timestamp carries its offset; None is NULL."""

    value: Value
    type: Type


@dataclass(frozen=True)
class Column:
    """A column of the ledger, or a fact of the situation."""

    name: str
    type: Type


@dataclass(frozen=True)
class Attribute:
    """`attributes.<key>`, as text."""

    key: str
    type: Type = "text"


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers and a sign. Division by zero is NULL."""

    sign: Sign
    left: Node
    right: Node
    type: Type = "number"


@dataclass(frozen=True)
class Negative:
    """Minus a number."""

    of: Node
    type: Type = "number"


@dataclass(frozen=True)
class Comparison:
    """Two values of one type and how they relate. NULL where either is."""

    relation: Relation
    left: Node
    right: Node
    type: Type = "boolean"


@dataclass(frozen=True)
class And:
    """All of the parts; false wins over unknown."""

    parts: tuple[Node, ...]
    type: Type = "boolean"


@dataclass(frozen=True)
class Or:
    """Any of the parts; true wins over unknown."""

    parts: tuple[Node, ...]
    type: Type = "boolean"


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    of: Node
    type: Type = "boolean"


@dataclass(frozen=True)
class IsNull:
    """Whether the value is NULL: never itself unknown."""

    of: Node
    type: Type = "boolean"


@dataclass(frozen=True)
class In:
    """Whether the value equals any of the choices; unknown where it equals none and one of them is NULL."""

    of: Node
    choices: tuple[Node, ...]
    type: Type = "boolean"


@dataclass(frozen=True)
class Between:
    """low ≤ value ≤ high."""

    of: Node
    low: Node
    high: Node
    type: Type = "boolean"


@dataclass(frozen=True)
class Like:
    """Text against a pattern: `%` stands for any text, `_` for any one character, everything else for itself."""

    of: Node
    pattern: str
    type: Type = "boolean"


@dataclass(frozen=True)
class Case:
    """The result of the first branch whose condition is true, else `otherwise` (NULL where none is written)."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
    type: Type


@dataclass(frozen=True)
class Coalesce:
    """The first value that is not NULL."""

    of: tuple[Node, ...]
    type: Type


@dataclass(frozen=True)
class Call:
    """A function of one value: lower, upper and trim keep text, length and abs give a number."""

    name: OneOf["lower", "upper", "trim", "length", "abs"]
    of: Node
    type: Type


@dataclass(frozen=True)
class Local:
    """What the wall clock of a zone shows at a moment, as a number.

    `local_hour`: hours since midnight, minutes and seconds as a fraction (0 ≤ x < 24).
    `local_weekday`: 1 for Monday to 7 for Sunday.
    """

    name: OneOf["local_hour", "local_weekday"]
    of: Node
    zone: ZoneInfo
    type: Type = "number"


@dataclass(frozen=True)
class Cast:
    """A value read as another type; NULL where it cannot be. See `casts` for what can."""

    of: Node
    to: OneOf["double", "integer", "text", "timestamp"]
    zone: ZoneInfo
    type: Type


Node = (
    Constant
    | Column
    | Attribute
    | Arithmetic
    | Negative
    | Comparison
    | And
    | Or
    | Not
    | IsNull
    | In
    | Between
    | Like
    | Case
    | Coalesce
    | Call
    | Local
    | Cast
)


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below, in the order they are written."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, each parent before its children."""
    yield node
    for child in children(node):
        yield from walk(child)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, Node):
        yield value
