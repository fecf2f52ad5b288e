"""Tree → a plain Python function of one row: the meaning against which every engine is tested.

A row is a mapping from column to value; a column that is not there is NULL. `None` is NULL and, among truths, unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from functools import singledispatch
from typing import Any

from aboveboard.ledger import attributes, local_time
from aboveboard.playbook.expressions import casts, tree

Row = Mapping[str, Any]
Read = Callable[[Row], Any]


@singledispatch
def function(node: tree.Node) -> Read:
    """Return the function that gives the node's value for a row: str, float, bool, aware datetime or None."""
    raise TypeError(f"no Python form for {type(node).__name__}")


@function.register
def _(node: tree.Constant) -> Read:
    value = node.value
    return lambda _row: value


@function.register
def _(node: tree.Column) -> Read:
    name = node.name
    if node.type == "number":
        return lambda row: _number(row.get(name))
    if node.type == "timestamp":
        return lambda row: _aware(row.get(name))
    return lambda row: row.get(name)


def _number(value: Any) -> float | Fraction | None:
    """A missing value reaches Python as None or, out of pandas and numpy, as NaN. An exact number stays exact."""
    if isinstance(value, Fraction):
        return value
    return None if value is None or math.isnan(value) else float(value)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


@function.register
def _(node: tree.Attribute) -> Read:
    key = node.key
    return lambda row: attributes.text_of(row.get("attributes"), key)


def _known(compute: Callable[..., Any], *reads: Read) -> Read:
    """Return NULL where any operand is NULL, else what `compute` makes of them."""

    def value(row: Row) -> Any:
        operands = [read(row) for read in reads]
        return None if None in operands else compute(*operands)

    return value


_SIGNS: dict[tree.Sign, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
}
_RELATIONS: dict[tree.Relation, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@function.register
def _(node: tree.Arithmetic) -> Read:
    return _known(_SIGNS[node.sign], function(node.left), function(node.right))


@function.register
def _(node: tree.Negative) -> Read:
    return _known(lambda a: -a, function(node.of))


@function.register
def _(node: tree.Comparison) -> Read:
    return _known(_RELATIONS[node.relation], function(node.left), function(node.right))


def _any(truths: list[bool | None]) -> bool | None:
    return True if True in truths else None if None in truths else False


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


@function.register
def _(node: tree.And) -> Read:
    parts = [function(part) for part in node.parts]
    return lambda row: _not(_any([_not(part(row)) for part in parts]))


@function.register
def _(node: tree.Or) -> Read:
    parts = [function(part) for part in node.parts]
    return lambda row: _any([part(row) for part in parts])


@function.register
def _(node: tree.Not) -> Read:
    of = function(node.of)
    return lambda row: _not(of(row))


@function.register
def _(node: tree.IsNull) -> Read:
    of = function(node.of)
    return lambda row: of(row) is None


@function.register
def _(node: tree.In) -> Read:
    equals = [function(tree.Comparison("=", node.of, choice)) for choice in node.choices]
    return lambda row: _any([equal(row) for equal in equals])


@function.register
def _(node: tree.Between) -> Read:
    return function(tree.And((tree.Comparison(">=", node.of, node.low), tree.Comparison("<=", node.of, node.high))))


@function.register
def _(node: tree.Like) -> Read:
    wild = {"%": ".*", "_": "."}
    pattern = re.compile("".join(wild.get(sign, re.escape(sign)) for sign in node.pattern), re.DOTALL)
    return _known(lambda text: pattern.fullmatch(text) is not None, function(node.of))


@function.register
def _(node: tree.Case) -> Read:
    branches = [(function(when), function(then)) for when, then in node.branches]
    otherwise = function(node.otherwise)

    def value(row: Row) -> Any:
        for when, then in branches:
            if when(row):
                return then(row)
        return otherwise(row)

    return value


@function.register
def _(node: tree.Coalesce) -> Read:
    options = [function(option) for option in node.of]
    return lambda row: next((value for option in options if (value := option(row)) is not None), None)


_CALLS: dict[str, Callable[[Any], Any]] = {
    "lower": lambda text: "".join(_single(sign, sign.lower()) for sign in text),
    "upper": lambda text: "".join(_single(sign, sign.upper()) for sign in text),
    "trim": lambda text: text.strip(" "),
    "length": lambda text: float(len(text)),
    "abs": abs,
}


def _single(sign: str, other: str) -> str:
    """Letters whose other case is several letters (ß, İ) stay as they are."""
    return other if len(other) == 1 else sign


@function.register
def _(node: tree.Call) -> Read:
    return _known(_CALLS[node.name], function(node.of))


@function.register
def _(node: tree.Local) -> Read:
    zone = node.zone
    if node.name == "local_hour":
        return _known(lambda moment: local_time.local_of(moment, zone) % 86_400 / 3600, function(node.of))
    # 1970-01-01 was a Thursday, the fourth day of its week.
    return _known(lambda moment: float((local_time.local_of(moment, zone) // 86_400 + 3) % 7 + 1), function(node.of))


@function.register
def _(node: tree.Cast) -> Read:
    cast = casts.value(node)
    return _known(cast, function(node.of))
