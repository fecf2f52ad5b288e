"""SQL text → tree: read by sqlglot, then walked by an allow-list. What is not named here cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, get_args
from zoneinfo import ZoneInfo

import sqlglot
from sqlglot import errors, exp

from aboveboard.ledger import attributes, moments
from aboveboard.playbook.expressions import tree
from aboveboard.playbook.expressions.errors import ConditionError
from aboveboard.playbook.problems import nearest

LONGEST = 20_000
FUNCTIONS = ("local_hour", "local_weekday", "lower", "upper", "trim", "length", "abs", "coalesce", "cast")
ALLOWED = "= <> < <= > >=, and, or, not, in (…), between, like, is null, case, + - * /, " + ", ".join(FUNCTIONS)
_CASTS: dict[str, tuple[str, tree.Type]] = {
    **dict.fromkeys(("DOUBLE", "FLOAT", "DECIMAL"), ("double", "number")),
    **dict.fromkeys(("INT", "BIGINT", "SMALLINT"), ("integer", "number")),
    **dict.fromkeys(("TEXT", "VARCHAR"), ("text", "text")),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "DATETIME"), ("timestamp", "timestamp")),
}
_CASTABLE: dict[str, tuple[tree.Type, ...]] = {
    "double": ("text", "number", "boolean"),
    "integer": ("text", "number", "boolean"),
    "text": ("text", "boolean"),
    "timestamp": ("text", "timestamp"),
}


@dataclass(frozen=True)
class Scope:
    """What a condition may speak of: columns with their types, what an enumerated one may hold, and the time zone.

    `attributes` may be read where it is among the columns (with type `attributes`). A column's name may hold a dot
    (`claim.due`). `called` is the word for a column in messages: a situation has facts.
    """

    columns: Mapping[str, str]
    zone: ZoneInfo
    options: Mapping[str, tuple[str, ...]]
    called: str = "column"


def parse(sql: str, scope: Scope) -> tree.Node:
    """Read SQL text into a tree, checked against the scope; raise ConditionError at the first thing wrong."""
    if not sql.strip():
        raise ConditionError("the condition is empty", sql=sql)
    if len(sql) > LONGEST:
        raise ConditionError(f"the condition is longer than {LONGEST:,} characters", sql=sql)
    try:
        return _Walk(sql, scope).node(_syntax(sql))
    except RecursionError:
        raise ConditionError("the condition is nested too deeply", sql=sql) from None


def _syntax(sql: str) -> Any:
    try:
        statements = sqlglot.parse(sql, error_level=sqlglot.ErrorLevel.IMMEDIATE)
    except errors.ParseError as error:
        detail = error.errors[0] if error.errors else {}
        raise ConditionError(_plain(detail), sql=sql, at=_offset(sql, detail)) from None
    except errors.TokenError:
        raise ConditionError("a quotation mark or a comment is not closed", sql=sql) from None
    if len(statements) != 1 or statements[0] is None:
        raise ConditionError("one condition is expected, without ';'", sql=sql, at=_after_semicolon(sql))
    return statements[0]


def _plain(detail: Mapping[str, Any]) -> str:
    described = str(detail.get("description", "this cannot be read"))
    if described.startswith("Required keyword"):
        return f"something is missing beside {str(detail.get('highlight', '')).strip()!r}"
    return f"this cannot be read ({described.rstrip('.')})"


def _offset(sql: str, detail: Mapping[str, Any]) -> int | None:
    highlight = str(detail.get("highlight") or "")
    before = str(detail.get("start_context") or "")
    at = sql.find(before + highlight) if before + highlight else -1
    return at + len(before) if at >= 0 else None


def _after_semicolon(sql: str) -> int | None:
    at = sql.find(";")
    return at if at >= 0 else None


class _Walk:
    """One pass over sqlglot's tree. Each method named in `_READ` turns one kind of its nodes into one of ours."""

    def __init__(self, sql: str, scope: Scope) -> None:
        self.sql, self.scope = sql, scope

    def node(self, found: Any) -> tree.Node:
        read = _READ.get(type(found))
        if read is None:
            self.fail(f"{_called(found)} cannot be used here; use {ALLOWED}", found)
        return read(self, found)

    def fail(self, message: str, found: Any, suggestion: str | None = None) -> NoReturn:
        raise ConditionError(message, sql=self.sql, at=_start(found), suggestion=suggestion)

    def typed(self, found: Any, wanted: tree.Type, role: str) -> tree.Node:
        node = self.node(found)
        if node.type not in (wanted, "unknown"):
            self.fail(f"{role} must be {_a(wanted)}, and this is {_a(node.type)}{_cure(node, wanted)}", found)
        return node

    def alike(self, found: list[Any], role: str) -> tuple[tuple[tree.Node, ...], tree.Type]:
        """Read several values that must share a type."""
        nodes = tuple(self.node(each) for each in found)
        known = [(node, each) for node, each in zip(nodes, found, strict=True) if node.type != "unknown"]
        if not known:
            return nodes, "unknown"
        first = known[0][0]
        for node, each in known[1:]:
            if node.type != first.type:
                cure = _cure(node, first.type) or _cure(first, node.type)
                self.fail(f"{role}: {_a(first.type)} and {_a(node.type)}{cure}", each)
        return nodes, first.type

    def column(self, found: Any) -> tree.Node:
        if found.args.get("table"):
            return self._attribute(found)
        written = found.name
        name = written if written in self.scope.columns or found.this.args.get("quoted") else written.lower()
        kind = self.scope.columns.get(name)
        if kind is None:
            self._unknown_column(found, written)
        if kind == "attributes":
            self.fail("'attributes' holds many values: name one, as in attributes.level", found)
        assert kind in get_args(tree.Type)
        return tree.Column(name, kind)  # type: ignore[arg-type]

    def _unknown_column(self, found: Any, written: str) -> NoReturn:
        near = nearest(written, self.scope.columns)
        if found.this.args.get("quoted"):
            self.fail(f'unknown {self.scope.called} "{written}": text stands in single quotes', found, f"'{written}'")
        known = "" if near else f"; known are {', '.join(self.scope.columns) or 'none'}"
        self.fail(f"unknown {self.scope.called} {written!r}{known}", found, near)

    def _attribute(self, found: Any) -> tree.Node:
        dotted = f"{found.table}.{found.name}".lower()
        kind = None if found.args.get("db") else self.scope.columns.get(dotted)
        if kind is not None:
            return tree.Column(dotted, kind)  # type: ignore[arg-type]
        family = [name for name in self.scope.columns if name.startswith(f"{found.table.lower()}.")]
        if family:
            near = nearest(dotted, family)
            self.fail(f"unknown {self.scope.called} {found.sql()!r}; known are {', '.join(family)}", found, near)
        if found.args.get("db") or found.table != "attributes" or "attributes" not in self.scope.columns:
            near = "attributes." + found.name if "attributes" in self.scope.columns else None
            self.fail(f"{found.sql()!r} is no {self.scope.called}; only attributes.<key> has a dot", found, near)
        try:
            return tree.Attribute(attributes.check(found.name))
        except attributes.AttributeKeyError as error:
            self.fail(str(error), found)

    def literal(self, found: Any) -> tree.Node:
        if found.is_string:
            return tree.Constant(found.name, "text")
        number = float(found.name)
        if number in (float("inf"), float("-inf")):
            self.fail("this number is too large", found)
        return tree.Constant(number, "number")

    def boolean(self, found: Any) -> tree.Node:
        return tree.Constant(bool(found.this), "boolean")

    def null(self, _found: Any) -> tree.Node:
        return tree.Constant(None, "unknown")

    def paren(self, found: Any) -> tree.Node:
        return self.node(found.this)

    def arithmetic(self, found: Any) -> tree.Node:
        sign = _SIGNS[type(found)]
        left = self.typed(found.left, "number", f"what stands left of '{sign}'")
        return tree.Arithmetic(sign, left, self.typed(found.right, "number", f"what stands right of '{sign}'"))

    def negative(self, found: Any) -> tree.Node:
        of = self.typed(found.this, "number", "what follows '-'")
        if isinstance(of, tree.Constant) and isinstance(of.value, float):
            return tree.Constant(-of.value, "number")
        return tree.Negative(of)

    def comparison(self, found: Any) -> tree.Node:
        relation = _RELATIONS[type(found)]
        for side in (found.left, found.right):
            if isinstance(side, exp.Null):
                said = "is null" if relation == "=" else "is not null"
                self.fail(f"'{relation} null' is never true", side, said)
        (left, right), kind = self.alike([found.left, found.right], f"'{relation}' compares two of a kind")
        if relation not in ("=", "<>"):
            self._ordered(kind, relation, found.left)
        self._options(left, right, found.right)
        self._options(right, left, found.left)
        return tree.Comparison(relation, left, right)

    def _ordered(self, kind: tree.Type, relation: str, found: Any) -> None:
        if kind in ("text", "boolean"):
            self.fail(
                f"'{relation}' needs numbers or timestamps, and this is {_a(kind)}; use =, <>, in or like, "
                "or cast(… as double), cast(… as timestamp)",
                found,
            )

    def _options(self, column: tree.Node, constant: tree.Node, found: Any) -> None:
        """A constant beside an enumerated fact must be one that the fact can hold."""
        if not (isinstance(column, tree.Column) and isinstance(constant, tree.Constant)):
            return
        options = self.scope.options.get(column.name)
        if options and isinstance(constant.value, str) and constant.value not in options:
            near = nearest(constant.value, options)
            said = f"{column.name} is never {constant.value!r}; it is one of {', '.join(options)}"
            self.fail(said, found, near)

    def joined(self, found: Any) -> tree.Node:
        kind = type(found)
        word = "and" if kind is exp.And else "or"
        parts: list[tree.Node] = []
        for each in found.flatten():
            node = self.typed(each, "boolean", f"what '{word}' joins")
            parts.append(node)
        return tree.And(tuple(parts)) if kind is exp.And else tree.Or(tuple(parts))

    def opposite(self, found: Any) -> tree.Node:
        return tree.Not(self.typed(found.this, "boolean", "what follows 'not'"))

    def is_null(self, found: Any) -> tree.Node:
        if not isinstance(found.expression, exp.Null):
            self.fail("'is' goes with null only; use =", found.expression)
        return tree.IsNull(self.node(found.this))

    def within(self, found: Any) -> tree.Node:
        if found.args.get("query") or found.args.get("unnest") or not found.expressions:
            self.fail("'in' needs a list: in ('web', 'phone')", found)
        nodes, kind = self.alike([found.this, *found.expressions], "'in' compares values of a kind")
        if kind == "unknown":
            self.fail("'in' over nothing but null is never true", found)
        for node, each in zip(nodes[1:], found.expressions, strict=True):
            self._options(nodes[0], node, each)
        return tree.In(nodes[0], nodes[1:])

    def between(self, found: Any) -> tree.Node:
        low, high = found.args["low"], found.args["high"]
        (of, least, most), kind = self.alike([found.this, low, high], "'between' compares values of a kind")
        self._ordered(kind, "between", found.this)
        return tree.Between(of, least, most)

    def like(self, found: Any) -> tree.Node:
        pattern = found.expression
        if not (isinstance(pattern, exp.Literal) and pattern.is_string):
            self.fail("'like' needs a pattern in single quotes: like '%late%'", pattern)
        return tree.Like(self.typed(found.this, "text", "what 'like' looks at"), pattern.name)

    def case(self, found: Any) -> tree.Node:
        whens = [self._when(found.this, each.this) for each in found.args["ifs"]]
        default = found.args.get("default")
        results = [each.args["true"] for each in found.args["ifs"]] + [default or exp.Null()]
        nodes, kind = self.alike(results, "every result of a case is of a kind")
        return tree.Case(tuple(zip(whens, nodes[:-1], strict=True)), nodes[-1], kind)

    def _when(self, operand: Any, found: Any) -> tree.Node:
        """`case x when 1` is `case when x = 1`."""
        if operand is None:
            return self.typed(found, "boolean", "what follows 'when'")
        return self.comparison(exp.EQ(this=operand.copy(), expression=found.copy()))

    def coalesce(self, found: Any) -> tree.Node:
        nodes, kind = self.alike([found.this, *found.expressions], "coalesce chooses among values of a kind")
        return tree.Coalesce(nodes, kind)

    def call(self, found: Any) -> tree.Node:
        name, takes, gives = _CALLS[type(found)]
        if any(value for key, value in found.args.items() if key != "this"):
            self.fail(f"{name} takes one value", found)
        return tree.Call(name, self.typed(found.this, takes, f"what {name} takes"), gives)  # type: ignore[arg-type]

    def named(self, found: Any) -> tree.Node:
        """Functions that sqlglot does not know: ours."""
        name = str(found.this).lower()
        if name not in ("local_hour", "local_weekday"):
            near = nearest(name, FUNCTIONS)
            self.fail(f"unknown function {name!r}; use {ALLOWED}", found, near)
        if len(found.expressions) != 1:
            self.fail(f"{name} takes one timestamp: {name}(time)", found)
        of = self.typed(found.expressions[0], "timestamp", f"what {name} takes")
        if any(isinstance(node, tree.Cast) for node in tree.walk(of)):
            # The table of the zone's offsets stands in the expression; over a cast it would fill megabytes.
            self.fail(f"{name} takes a column that holds a timestamp, not a cast", found.expressions[0])
        return tree.Local(name, of, self.scope.zone)  # type: ignore[arg-type]

    def cast(self, found: Any) -> tree.Node:
        name = found.args["to"].this.name
        if name == "DATE":
            name = "TIMESTAMP"
        if name not in _CASTS:
            self.fail("cast goes to double, integer, text or timestamp", found.this)
        to, gives = _CASTS[name]
        of = self.node(found.this)
        if of.type not in (*_CASTABLE[to], "unknown"):
            able = " or ".join(_CASTABLE[to])
            self.fail(f"{_a(of.type)} cannot be cast to {to}, only {able} can", found.this)
        if to == "timestamp" and isinstance(of, tree.Constant) and isinstance(of.value, str):
            return self._moment(of.value, found.this)
        if to == of.type and to in ("text", "timestamp"):
            return of
        return tree.Cast(of, to, self.scope.zone, gives)  # type: ignore[arg-type]

    def _moment(self, written: str, found: Any) -> tree.Node:
        moment = moments.moment_of(written, self.scope.zone)
        if moment is None:
            self.fail("this is no time; write 2026-11-21, 2026-11-21 16:15 or 2026-11-21 16:15:00+01:00", found)
        return tree.Constant(moment, "timestamp")


_SIGNS: dict[type, tree.Sign] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_RELATIONS: dict[type, tree.Relation] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_CALLS: dict[type, tuple[str, tree.Type, tree.Type]] = {
    exp.Lower: ("lower", "text", "text"),
    exp.Upper: ("upper", "text", "text"),
    exp.Trim: ("trim", "text", "text"),
    exp.Length: ("length", "text", "number"),
    exp.Abs: ("abs", "number", "number"),
}
_READ: dict[type, Callable[[_Walk, Any], tree.Node]] = {
    exp.Column: _Walk.column,
    exp.Literal: _Walk.literal,
    exp.Boolean: _Walk.boolean,
    exp.Null: _Walk.null,
    exp.Paren: _Walk.paren,
    exp.Neg: _Walk.negative,
    exp.And: _Walk.joined,
    exp.Or: _Walk.joined,
    exp.Not: _Walk.opposite,
    exp.Is: _Walk.is_null,
    exp.In: _Walk.within,
    exp.Between: _Walk.between,
    exp.Like: _Walk.like,
    exp.Case: _Walk.case,
    exp.Coalesce: _Walk.coalesce,
    exp.Anonymous: _Walk.named,
    exp.Cast: _Walk.cast,
    exp.TryCast: _Walk.cast,
    **dict.fromkeys(_SIGNS, _Walk.arithmetic),
    **dict.fromkeys(_RELATIONS, _Walk.comparison),
    **dict.fromkeys(_CALLS, _Walk.call),
}


def _called(found: Any) -> str:
    return f"'{type(found).__name__.lower()}'" if not isinstance(found, exp.Func) else f"{found.sql_name().lower()}()"


def _a(kind: tree.Type) -> str:
    return {"unknown": "null"}.get(kind, f"a {kind}" if kind != "text" else "text")


def _cure(node: tree.Node, wanted: tree.Type) -> str:
    if isinstance(node, tree.Attribute) and wanted in ("number", "timestamp"):
        to = "double" if wanted == "number" else "timestamp"
        return f"; write cast(attributes.{node.key} as {to})"
    if isinstance(node, tree.Constant) and node.type == "text" and wanted == "timestamp":
        return f"; write timestamp '{node.value}'"
    return ""


def _start(found: Any) -> int | None:
    """Return the offset of the first token below a node that knows where it stands."""
    if not isinstance(found, exp.Expression):
        return None
    starts = [each.meta["start"] for each in found.walk() if "start" in each.meta]
    return min(starts, default=None)
