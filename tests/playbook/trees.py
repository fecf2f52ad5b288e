"""Random expressions of every type over the ledger's columns, and random rows to try them on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aboveboard.playbook.expressions import tree

ZONE = ZoneInfo("America/New_York")
# Letters with one other case, the signs that LIKE, quoting and regular expressions care for, a line break, two more bytes.
ALPHABET = "abXYé%_\\'\"0 1.-\n日"
KEYS = ("level", "ship to", "n")

texts = st.text(ALPHABET, max_size=6)
numbers = st.one_of(
    st.integers(-50, 50).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-3),
)
written_numbers = st.one_of(
    numbers.map(str),
    st.sampled_from(("1e3", " 12 ", "+.5", "7.", "1_000", "0x1A", "inf", "nan", "1e999", "--1", "", "1\n")),
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
written_moments = st.one_of(
    moments.map(lambda moment: moment.isoformat()),
    moments.map(lambda moment: moment.replace(tzinfo=None).isoformat(sep=" ")),
    moments.map(lambda moment: moment.astimezone(ZONE).isoformat(timespec="minutes")),
    moments.map(lambda moment: moment.date().isoformat()),
    st.sampled_from(
        ("2024-02-29", "2023-02-29", "2026-03-08 02:30", "2026-11-01 01:30", "2026-11-21T16:15Z", "noon", "2026-13-01")
    ),
)

rows = st.fixed_dictionaries(
    {
        "team": st.none() | texts,
        "channel": st.none() | st.sampled_from(("web", "phone", "Web")),
        "value": st.none() | numbers,
        "time": moments,
        "due": st.none() | moments,
        "attributes": st.none()
        | st.dictionaries(
            st.sampled_from(KEYS),
            st.none() | texts | written_numbers | written_moments | st.booleans() | st.integers(-9, 9),
        ).map(json.dumps),
    }
)


def expressions(depth: int = 2) -> SearchStrategy[tree.Node]:
    """Expressions of any type."""
    return st.one_of(booleans(depth), number_nodes(depth), text_nodes(depth), moment_nodes(depth))


@cache
def booleans(depth: int) -> SearchStrategy[tree.Node]:
    if depth == 0:
        return st.one_of(
            st.sampled_from((tree.Constant(True, "boolean"), tree.Constant(False, "boolean"))),
            st.builds(tree.IsNull, _columns("text", "team", "channel")),
        )
    below = booleans(depth - 1)
    parts = st.lists(below.filter(lambda node: node.type == "boolean"), min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.And, parts.filter(lambda nodes: not any(isinstance(node, tree.And) for node in nodes))),
        st.builds(tree.Or, parts.filter(lambda nodes: not any(isinstance(node, tree.Or) for node in nodes))),
        st.builds(tree.Not, below),
        st.builds(tree.IsNull, _any(depth - 1)),
        _comparisons(depth - 1),
        _memberships(depth - 1),
        st.builds(tree.Like, text_nodes(depth - 1), texts),
        _choices("boolean", below),
    )


@cache
def number_nodes(depth: int) -> SearchStrategy[tree.Node]:
    if depth == 0:
        return st.one_of(_columns("number", "value"), numbers.map(lambda value: tree.Constant(value, "number")))
    below = number_nodes(depth - 1)
    texts_, moments_ = text_nodes(depth - 1), moment_nodes(0)
    signs: Any = st.sampled_from(("+", "-", "*", "/"))
    return st.one_of(
        st.builds(tree.Arithmetic, signs, below, below),
        st.builds(tree.Negative, below.filter(lambda node: not isinstance(node, tree.Constant))),
        st.builds(lambda of: tree.Call("abs", of, "number"), below),
        st.builds(lambda of: tree.Call("length", of, "number"), texts_),
        st.builds(
            lambda name, of: tree.Local(name, of, ZONE), st.sampled_from(("local_hour", "local_weekday")), moments_
        ),
        st.builds(
            lambda to, of: tree.Cast(of, to, ZONE, "number"),
            st.sampled_from(("double", "integer")),
            st.one_of(below, texts_, booleans(depth - 1)),
        ),
        _choices("number", below),
    )


@cache
def text_nodes(depth: int) -> SearchStrategy[tree.Node]:
    if depth == 0:
        return st.one_of(
            _columns("text", "team", "channel"),
            st.sampled_from(KEYS).map(tree.Attribute),
            texts.map(lambda value: tree.Constant(value, "text")),
        )
    below = text_nodes(depth - 1)
    return st.one_of(
        st.builds(lambda name, of: tree.Call(name, of, "text"), st.sampled_from(("lower", "upper", "trim")), below),
        st.builds(lambda of: tree.Cast(of, "text", ZONE, "text"), booleans(depth - 1)),
        _choices("text", below),
    )


@cache
def moment_nodes(depth: int) -> SearchStrategy[tree.Node]:
    if depth == 0:
        constants = moments.map(lambda value: tree.Constant(value, "timestamp"))
        return st.one_of(_columns("timestamp", "time", "due"), constants)
    written = st.one_of(_columns("text", "team"), st.sampled_from(KEYS).map(tree.Attribute))
    return st.one_of(
        st.builds(lambda of: tree.Cast(of, "timestamp", ZONE, "timestamp"), written),
        _choices("timestamp", moment_nodes(depth - 1)),
    )


def _columns(kind: tree.Type, *names: str) -> SearchStrategy[tree.Node]:
    return st.sampled_from([tree.Column(name, kind) for name in names])


def _any(depth: int) -> SearchStrategy[tree.Node]:
    return st.one_of(text_nodes(depth), number_nodes(depth), moment_nodes(depth), booleans(depth))


@cache
def _comparisons(depth: int) -> SearchStrategy[tree.Node]:
    equal: Any = st.sampled_from(("=", "<>"))
    ordered: Any = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
    alike = [
        st.builds(tree.Comparison, equal, text_nodes(depth), text_nodes(depth)),
        st.builds(tree.Comparison, equal, booleans(depth), booleans(depth)),
    ]
    for nodes in (number_nodes(depth), moment_nodes(depth)):
        alike += [st.builds(tree.Comparison, ordered, nodes, nodes), st.builds(tree.Between, nodes, nodes, nodes)]
    return st.one_of(*alike)


@cache
def _memberships(depth: int) -> SearchStrategy[tree.Node]:
    null = tree.Constant(None, "unknown")
    kinds = []
    for nodes in (text_nodes(depth), number_nodes(depth), moment_nodes(depth)):
        choices = st.lists(nodes | st.just(null), min_size=1, max_size=4).map(tuple)
        kinds.append(st.builds(tree.In, nodes, choices))
    return st.one_of(*kinds)


def _choices(kind: tree.Type, below: SearchStrategy[tree.Node]) -> SearchStrategy[tree.Node]:
    """Nodes that choose among values of one type: case and coalesce."""
    null: SearchStrategy[tree.Node] = st.just(tree.Constant(None, "unknown"))
    branches = st.lists(st.tuples(booleans(0) | _comparisons(0), below), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(lambda found, otherwise: tree.Case(found, otherwise, kind), branches, below | null),
        st.builds(lambda of: tree.Coalesce(tuple(of), kind), st.lists(below, min_size=1, max_size=3)),
    )
