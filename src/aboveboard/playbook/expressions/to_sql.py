"""Tree → SQL text, in one spelling: what a changed condition is written back as, and what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import singledispatch

from aboveboard.playbook.expressions import tree

# How tightly each kind binds; a looser one inside a tighter one stands in brackets.
_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _SIGN, _TIGHT = range(8)
_SIGNS: dict[tree.Sign, int] = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def text(node: tree.Node) -> str:
    """Return SQL that parses to the same tree."""
    return _text(node)


@singledispatch
def _text(node: tree.Node) -> str:
    raise TypeError(f"no SQL form for {type(node).__name__}")


def _binds(node: tree.Node) -> int:
    if isinstance(node, tree.Arithmetic):
        return _SIGNS[node.sign]
    if isinstance(node, tree.Constant) and isinstance(node.value, float) and node.value < 0:
        return _SIGN
    levels: dict[type, int] = {tree.Or: _OR, tree.And: _AND, tree.Not: _NOT, tree.Negative: _SIGN}
    tests = (tree.Comparison, tree.IsNull, tree.In, tree.Between, tree.Like)
    return _TEST if isinstance(node, tests) else levels.get(type(node), _TIGHT)


def _inside(node: tree.Node, level: int) -> str:
    """The node as it stands where at least `level` is needed."""
    return _text(node) if _binds(node) >= level else f"({_text(node)})"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@_text.register
def _(node: tree.Constant) -> str:
    value = node.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"timestamp '{value.astimezone(UTC).isoformat(sep=' ')}'"
    return _quoted(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


@_text.register
def _(node: tree.Column) -> str:
    return node.name


@_text.register
def _(node: tree.Attribute) -> str:
    return f'attributes."{node.key}"' if not node.key.isidentifier() else f"attributes.{node.key}"


@_text.register
def _(node: tree.Arithmetic) -> str:
    level = _SIGNS[node.sign]
    return f"{_inside(node.left, level)} {node.sign} {_inside(node.right, level + 1)}"


@_text.register
def _(node: tree.Negative) -> str:
    return f"-{_inside(node.of, _TIGHT)}"


@_text.register
def _(node: tree.Comparison) -> str:
    return f"{_inside(node.left, _SUM)} {node.relation} {_inside(node.right, _SUM)}"


@_text.register
def _(node: tree.And) -> str:
    return " and ".join(_inside(part, _NOT) for part in node.parts)


@_text.register
def _(node: tree.Or) -> str:
    return " or ".join(_inside(part, _AND) for part in node.parts)


@_text.register
def _(node: tree.Not) -> str:
    of = node.of
    if isinstance(of, tree.IsNull):
        return f"{_inside(of.of, _SUM)} is not null"
    if isinstance(of, (tree.In, tree.Between, tree.Like)):
        return _test(of, "not ")
    return f"not ({_text(of)})"


@_text.register
def _(node: tree.IsNull) -> str:
    return f"{_inside(node.of, _SUM)} is null"


@_text.register(tree.In)
@_text.register(tree.Between)
@_text.register(tree.Like)
def _(node: tree.In | tree.Between | tree.Like) -> str:
    return _test(node, "")


def _test(node: tree.In | tree.Between | tree.Like, negated: str) -> str:
    subject = f"{_inside(node.of, _SUM)} {negated}"
    if isinstance(node, tree.In):
        return f"{subject}in ({', '.join(_text(choice) for choice in node.choices)})"
    if isinstance(node, tree.Between):
        return f"{subject}between {_inside(node.low, _SUM)} and {_inside(node.high, _SUM)}"
    return f"{subject}like {_quoted(node.pattern)}"


@_text.register
def _(node: tree.Case) -> str:
    branches = " ".join(f"when {_text(when)} then {_text(then)}" for when, then in node.branches)
    otherwise = "" if node.otherwise.type == "unknown" else f" else {_text(node.otherwise)}"
    return f"case {branches}{otherwise} end"


@_text.register
def _(node: tree.Coalesce) -> str:
    return f"coalesce({', '.join(_text(option) for option in node.of)})"


@_text.register(tree.Call)
@_text.register(tree.Local)
def _(node: tree.Call | tree.Local) -> str:
    return f"{node.name}({_text(node.of)})"


@_text.register
def _(node: tree.Cast) -> str:
    return f"cast({_text(node.of)} as {node.to})"
