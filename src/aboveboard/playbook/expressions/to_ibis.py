"""Tree → Ibis: one expression that every engine understands and answers alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.ledger import attributes, local_time
from aboveboard.playbook.expressions import cases, casts, to_python, tree

Table = Any  # an ibis Table: ibis ships no types
Expression = Any  # an ibis Value

_TYPES: dict[tree.Type, str] = {
    "text": "string",
    "number": "float64",
    "boolean": "boolean",
    "timestamp": "timestamp('UTC', 6)",
}


def expression(node: tree.Node, table: Table) -> Expression:
    """Return the node as an expression over the table's columns."""
    return _Over(table).of(node)


class _Over:
    """One table, and how each kind of node reads over it: a method per kind."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def of(self, node: tree.Node) -> Expression:
        if isinstance(node, (tree.Local, tree.Cast, tree.Call)) and _fixed(node):
            # These take the engine's own functions, and an expression without a column does not know its engine.
            return self.constant(tree.Constant(to_python.function(node)({}), node.type))
        return _FORMS[type(node)](self, node)

    def constant(self, node: tree.Constant) -> Expression:
        if node.type == "unknown":
            return ibis.null()
        if node.value is None:
            return _null(node.type)
        if node.type == "number":
            # A bare 0.1 is a decimal on every engine, and 1.0 / 3.0 * 3.0 then is not 1: only text casts to a double.
            return ibis.literal(repr(node.value)).cast("float64")
        return ibis.literal(node.value, type=_TYPES[node.type])

    def column(self, node: tree.Column) -> Expression:
        column = self.table[node.name]
        # Integer columns would divide as integers on some engines: a number is a double, everywhere.
        return column.cast("float64") if node.type == "number" and not column.type().is_float64() else column

    def attribute(self, node: tree.Attribute) -> Expression:
        return attributes.text(self.table, node.key)

    def arithmetic(self, node: tree.Arithmetic) -> Expression:
        left, right = self.of(node.left), self.of(node.right)
        if node.sign == "/":
            return left / right.nullif(0.0)
        return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__}[node.sign](right)

    def negative(self, node: tree.Negative) -> Expression:
        return -self.of(node.of)

    def comparison(self, node: tree.Comparison) -> Expression:
        left, right = self.operand(node.left), self.operand(node.right)
        compare = {
            "=": left.__eq__,
            "<>": left.__ne__,
            "<": left.__lt__,
            "<=": left.__le__,
            ">": left.__gt__,
            ">=": left.__ge__,
        }
        return compare[node.relation](right)

    def truth(self, node: tree.Node) -> Expression:
        found = self.of(node)
        return _null("boolean") if node.type == "unknown" else found

    def and_(self, node: tree.And) -> Expression:
        return reduce(lambda a, b: a & b, (self.truth(part) for part in node.parts))

    def or_(self, node: tree.Or) -> Expression:
        return reduce(lambda a, b: a | b, (self.truth(part) for part in node.parts))

    def not_(self, node: tree.Not) -> Expression:
        return ~self.truth(node.of)

    def isnull(self, node: tree.IsNull) -> Expression:
        return self.operand(node.of).isnull()

    def operand(self, node: tree.Node) -> Expression:
        """The node where something follows it in the same breath.

        Ibis writes no parentheses around NOT, LIKE, IN and IS NULL: with `IS NULL` or `=` behind them they would take that in,
        and each engine in its own way (`NOT a IS NULL` is `NOT (a IS NULL)`). A CASE ends where it ends.
        """
        found = self.of(node)
        if isinstance(node, (tree.Not, tree.Like, tree.In, tree.IsNull)):
            return ibis.cases((found, True), (~found, False), else_=_null("boolean"))
        return found

    def in_(self, node: tree.In) -> Expression:
        of = self.operand(node.of)
        plain = [choice for choice in node.choices if choice.type != "unknown"]
        constants = [choice for choice in plain if isinstance(choice, tree.Constant)]
        tests = [of == self.of(choice) for choice in plain if not isinstance(choice, tree.Constant)]
        if constants:
            tests.append(of.isin([self.of(choice) for choice in constants]))
        if len(plain) < len(node.choices):
            tests.append(_null("boolean"))
        return reduce(lambda a, b: a | b, tests)

    def between(self, node: tree.Between) -> Expression:
        of = self.of(node.of)
        return (of >= self.of(node.low)) & (of <= self.of(node.high))

    def like(self, node: tree.Like) -> Expression:
        pattern = node.pattern
        # Everywhere but on DuckDB a backslash takes the meaning from the next sign; here it is a sign like any other.
        if ibis.get_backend(self.table).name != "duckdb":
            pattern = pattern.replace("\\", "\\\\")
        return self.of(node.of).like(pattern)

    def case(self, node: tree.Case) -> Expression:
        branches = [(self.truth(when), self.typed(then, node.type)) for when, then in node.branches]
        return ibis.cases(*branches, else_=self.typed(node.otherwise, node.type))

    def typed(self, node: tree.Node, kind: tree.Type) -> Expression:
        """A bare NULL takes the type of its neighbours."""
        return ibis.null(_TYPES[kind]) if node.type == "unknown" and kind != "unknown" else self.of(node)

    def coalesce(self, node: tree.Coalesce) -> Expression:
        return ibis.coalesce(*(self.typed(option, node.type) for option in node.of))

    def call(self, node: tree.Call) -> Expression:
        of = self.of(node.of)
        if node.name == "trim":
            return of.re_replace("^ +| +$", "")
        if node.name == "length":
            return of.length().cast("float64")
        if node.name in ("lower", "upper") and ibis.get_backend(self.table).name == "postgres":
            return cases.changed(of, node.name)
        return getattr(of, node.name)()

    def local(self, node: tree.Local) -> Expression:
        return _local(node.name, self.of(node.of), node.zone)

    def cast(self, node: tree.Cast) -> Expression:
        return casts.expression(node, self.of(node.of))


_FORMS: dict[type, Callable[[_Over, Any], Expression]] = {
    tree.Constant: _Over.constant,
    tree.Column: _Over.column,
    tree.Attribute: _Over.attribute,
    tree.Arithmetic: _Over.arithmetic,
    tree.Negative: _Over.negative,
    tree.Comparison: _Over.comparison,
    tree.And: _Over.and_,
    tree.Or: _Over.or_,
    tree.Not: _Over.not_,
    tree.IsNull: _Over.isnull,
    tree.In: _Over.in_,
    tree.Between: _Over.between,
    tree.Like: _Over.like,
    tree.Case: _Over.case,
    tree.Coalesce: _Over.coalesce,
    tree.Call: _Over.call,
    tree.Local: _Over.local,
    tree.Cast: _Over.cast,
}


def _fixed(node: tree.Node) -> bool:
    return not any(isinstance(each, (tree.Column, tree.Attribute)) for each in tree.walk(node))


def _null(kind: tree.Type) -> Expression:
    """NULL of a type. Not a literal: beside `=`, a literal NULL would be compiled to `is null`."""
    some = {"text": "", "number": 0.0, "boolean": True, "timestamp": datetime(1970, 1, 1, tzinfo=UTC)}[kind]
    value = ibis.literal(some, type=_TYPES[kind])
    return value.nullif(value)


def _local(name: str, moment: Expression, zone: ZoneInfo) -> Expression:
    seconds = local_time.local(moment, zone)
    day = (seconds / 86_400).floor().cast("int64")
    if name == "local_hour":
        return (seconds - day * 86_400).cast("float64") / 3600
    # 1970-01-01 was a Thursday, the fourth day of its week; the remainder is kept positive before that, too.
    return (((day + 3) % 7 + 7) % 7 + 1).cast("float64")
