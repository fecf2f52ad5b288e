"""The tree that a formula becomes, and its one spelling: past and future metric temporal logic over the events of a trace.

A trace is the events of one subject (customer, episode) in order of time. A formula is true or false at each of its events:

    once[a, b] f          f was true at some event between b and a before
    historically[a, b] f  f was true at every event between b and a before
    eventually[a, b] f    f will be true at some event between a and b after
    always[a, b] f        f will be true at every event between a and b after
    f since[a, b] g       g was true at some event between b and a before, and f at every event later than that one, up to now
    f until[a, b] g       g will be true at some event between a and b after, and f at every event from now on, earlier than that

Both ends of an interval belong to it. Events at one time are simultaneous: each lies 0 before and 0 after every other, whatever
the order of their ids, so "later" and "earlier" mean a different time. Where distinct events have distinct times this is the
usual pointwise semantics (Thati and Roşu 2005; Basin, Klaedtke, Müller and Zălinescu 2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from typing import Literal

from aboveboard.playbook.conditions import Condition

DUE = "claim.due"
"""As an interval's end: the time that was promised, wherever in time the window starts."""

End = float | None | Literal["claim.due"]


@dataclass(frozen=True)
class Interval:
    """From `low` to `high` minutes away, both included. `high` None is without end; DUE is the moment `claim.due`."""

    low: float = 0.0
    high: End = None

    def __str__(self) -> str:
        return "" if self == EVER else f"[{_length(self.low)}, {_end(self.high)}]"


EVER = Interval()
"""No interval written: any time at all."""


class _Written:
    """`str` gives text that parses to the same tree."""

    def __str__(self) -> str:
        return _text(self)


@dataclass(frozen=True, repr=True)
class Atom(_Written):
    """A condition on the event itself, which may speak of the claim (`claim.due`). Unknown (NULL) counts as false."""

    condition: Condition


@dataclass(frozen=True)
class Not(_Written):
    """The opposite."""

    of: Formula


@dataclass(frozen=True)
class And(_Written):
    """All of the parts, two or more."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Or(_Written):
    """Any of the parts, two or more."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Implies(_Written):
    """Where the left is true, so is the right."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Once(_Written):
    """At some event of the window before."""

    of: Formula
    interval: Interval = EVER


@dataclass(frozen=True)
class Historically(_Written):
    """At every event of the window before."""

    of: Formula
    interval: Interval = EVER


@dataclass(frozen=True)
class Eventually(_Written):
    """At some event of the window after."""

    of: Formula
    interval: Interval = EVER


@dataclass(frozen=True)
class Always(_Written):
    """At every event of the window after."""

    of: Formula
    interval: Interval = EVER


@dataclass(frozen=True)
class Since(_Written):
    """`right` at some event of the window before, `left` at every event later than that, up to now."""

    left: Formula
    right: Formula
    interval: Interval = EVER


@dataclass(frozen=True)
class Until(_Written):
    """`right` at some event of the window after, `left` at every event from now on that is earlier."""

    left: Formula
    right: Formula
    interval: Interval = EVER


Formula = Atom | Not | And | Or | Implies | Once | Historically | Eventually | Always | Since | Until
Looking = Once | Historically | Eventually | Always
Joining = Since | Until

PREFIXES: dict[str, type[Looking]] = {
    "once": Once,
    "historically": Historically,
    "eventually": Eventually,
    "always": Always,
}
INFIXES: dict[str, type[Joining]] = {"since": Since, "until": Until}
_WORDS: dict[type, str] = {kind: word for words in (PREFIXES, INFIXES) for word, kind in words.items()}


def children(node: Formula) -> tuple[Formula, ...]:
    """Return the formulas directly below, in the order they are written."""
    match node:
        case Atom():
            return ()
        case And(parts) | Or(parts):
            return parts
        case Implies() | Since() | Until():
            return (node.left, node.right)
        case _:
            return (node.of,)


def walk(node: Formula) -> Iterator[Formula]:
    """Yield the node and everything below it, each parent before its children."""
    yield node
    for child in children(node):
        yield from walk(child)


_UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))

# How tightly each kind binds; a looser one inside a tighter one stands in brackets.
_IMPLIES, _OR, _AND, _INFIX, _PREFIX = range(5)


def _binds(node: Formula) -> int:
    levels: dict[type, int] = {Implies: _IMPLIES, Or: _OR, And: _AND, Since: _INFIX, Until: _INFIX}
    return levels.get(type(node), _PREFIX)


def _inside(node: Formula, level: int) -> str:
    return str(node) if _binds(node) >= level else f"({node})"


@singledispatch
def _text(node: object) -> str:
    raise TypeError(f"no text for {type(node).__name__}")


@_text.register
def _(node: Atom) -> str:
    return f"({node.condition.sql})"


@_text.register
def _(node: Not) -> str:
    return f"not {_inside(node.of, _PREFIX)}"


@_text.register
def _(node: And) -> str:
    return " and ".join(_inside(part, _INFIX) for part in node.parts)


@_text.register
def _(node: Or) -> str:
    return " or ".join(_inside(part, _AND) for part in node.parts)


@_text.register
def _(node: Implies) -> str:
    return f"{_inside(node.left, _OR)} implies {_inside(node.right, _IMPLIES)}"


@_text.register(Once)
@_text.register(Historically)
@_text.register(Eventually)
@_text.register(Always)
def _(node: Looking) -> str:
    return f"{_WORDS[type(node)]}{node.interval} {_inside(node.of, _PREFIX)}"


@_text.register(Since)
@_text.register(Until)
def _(node: Joining) -> str:
    return f"{_inside(node.left, _PREFIX)} {_WORDS[type(node)]}{node.interval} {_inside(node.right, _PREFIX)}"


def _end(high: End) -> str:
    if high is None:
        return "*"
    return high if isinstance(high, str) else _length(high)


def _length(minutes: float) -> str:
    """Minutes in the largest unit that they fill: `0`, `1 hour`, `90 minutes`, `0.5 minutes`."""
    if minutes == 0:
        return "0"
    size, unit = next(each for each in _UNITS if minutes % each[0] == 0 or each[0] == 1)
    count = minutes / size
    written = str(int(count)) if count.is_integer() else repr(count)
    return f"{written} {unit}" if count == 1 else f"{written} {unit}s"
