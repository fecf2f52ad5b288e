"""Random conditions over random situations, absent facts included: formula, z3 term and Python predicate say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aboveboard.playbook.expressions import to_python, tree
from aboveboard.prover import logic, to_z3, translate
from aboveboard.prover.facts import Known, exact

WORDS = ("web", "Web", "phone")
SITUATION = {
    "size": Known("size", "real", absent=True),
    "count": Known("count", "integer", absent=True),
    "vip": Known("vip", "truth", absent=True),
    "channel": Known("channel", "word", words=WORDS, absent=True),
    "origin": Known("origin", "word", words=("phone", "store"), absent=True),
    "day": Known("day", "moment", absent=True),
}
ZONE = ZoneInfo("UTC")
DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in (21, 22, 23)]
# Halves are exact as doubles, so that Python's arithmetic and the exact one agree.
numbers = st.integers(-8, 8).map(lambda half: half / 2)
rows = st.fixed_dictionaries(
    {
        "size": st.none() | numbers,
        "count": st.none() | st.integers(-4, 4),
        "vip": st.none() | st.booleans(),
        "channel": st.none() | st.sampled_from(WORDS),
        "origin": st.none() | st.sampled_from(("phone", "store")),
        "day": st.none() | st.sampled_from(DAYS),
    }
)
NULL = st.just(tree.Constant(None, "unknown"))


@cache
def number_nodes(depth: int) -> SearchStrategy[tree.Node]:
    plain = st.one_of(
        numbers.map(lambda value: tree.Constant(value, "number")),
        st.sampled_from([tree.Column(name, "number") for name in ("size", "count")]),
    )
    if depth == 0:
        return plain
    below = number_nodes(depth - 1)
    constants = st.sampled_from([-2.0, -0.5, 0.0, 0.5, 2.0]).map(lambda value: tree.Constant(value, "number"))
    signs: Any = st.sampled_from(("+", "-"))
    scalings: Any = st.sampled_from(("*", "/"))
    return st.one_of(
        plain,
        st.builds(tree.Arithmetic, signs, below, below),
        st.builds(tree.Arithmetic, scalings, below, constants),
        st.builds(tree.Negative, below),
        below.map(lambda of: tree.Call("abs", of, "number")),
        text_nodes(0).map(lambda of: tree.Call("length", of, "number")),
        truths(depth - 1).map(lambda of: tree.Cast(of, "double", ZONE, "number")),
        st.builds(lambda when, a, b: tree.Case(((when, a),), b, "number"), truths(depth - 1), below, below | NULL),
        st.builds(lambda a, b: tree.Coalesce((a, b), "number"), below, below),
    )


@cache
def text_nodes(depth: int) -> SearchStrategy[tree.Node]:
    plain = st.one_of(
        st.sampled_from([tree.Column(name, "text") for name in ("channel", "origin")]),
        st.sampled_from(("web", "phone", "none")).map(lambda value: tree.Constant(value, "text")),
    )
    if depth == 0:
        return plain
    below = text_nodes(depth - 1)
    return st.one_of(
        plain,
        below.map(lambda of: tree.Call("lower", of, "text")),
        truths(0).map(lambda of: tree.Cast(of, "text", ZONE, "text")),
        st.builds(lambda a, b: tree.Coalesce((a, b), "text"), below, below),
        st.builds(lambda when, a: tree.Case(((when, a),), tree.Constant(None, "unknown"), "text"), truths(0), below),
    )


def _moments() -> SearchStrategy[tree.Node]:
    written = st.sampled_from(DAYS).map(lambda value: tree.Constant(value, "timestamp"))
    return st.one_of(st.just(tree.Column("day", "timestamp")), written)


@cache
def truths(depth: int) -> SearchStrategy[tree.Node]:
    plain = st.one_of(
        st.booleans().map(lambda value: tree.Constant(value, "boolean")), st.just(tree.Column("vip", "boolean"))
    )
    if depth == 0:
        return plain
    below, numeric, texts = truths(depth - 1), number_nodes(depth - 1), text_nodes(depth - 1)
    equal: Any = st.sampled_from(("=", "<>"))
    ordered: Any = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
    parts = st.lists(below | NULL, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.And, parts),
        st.builds(tree.Or, parts),
        st.builds(tree.Not, below | NULL),
        st.builds(tree.IsNull, st.one_of(below, numeric, texts, NULL)),
        st.builds(tree.Comparison, ordered, numeric, numeric),
        st.builds(tree.Comparison, ordered, _moments(), _moments()),
        st.builds(tree.Comparison, equal, texts, texts),
        st.builds(tree.Comparison, equal, below, below),
        st.builds(tree.Between, numeric, numeric, numeric),
        st.builds(tree.In, texts, st.lists(texts | NULL, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.In, numeric, st.lists(numeric | NULL, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.Like, texts, st.sampled_from(("%e%", "web", "_eb", "%"))),
        st.builds(lambda when, a, b: tree.Case(((when, a),), b, "boolean"), below, below, below | NULL),
        st.builds(lambda a, b: tree.Coalesce((a, b), "boolean"), below, below),
    )


def _exact(value: Any) -> logic.Value:
    if isinstance(value, datetime):
        return translate.days(value)
    return exact(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@settings(max_examples=250, deadline=None)
@given(truths(3), rows)
def test_formula_and_z3_agree_with_the_python_predicate(node: tree.Node, row: dict[str, Any]) -> None:
    expected = to_python.function(node)(row)
    truth = translate.condition(node, SITUATION)
    values = {name: _exact(value) for name, value in row.items()}
    assert (logic.holds(truth.true, values), logic.holds(truth.false, values)) == (expected is True, expected is False)
    terms = to_z3.Terms(SITUATION)
    solver = z3.Solver()
    solver.add(*(terms.equals(name, value) for name, value in values.items()))
    for side, wanted in ((truth.true, expected is True), (truth.false, expected is False)):
        assert (solver.check(terms.term(side)) == z3.sat) is wanted
        assert (solver.check(terms.term(logic.opposite(side))) == z3.sat) is not wanted


def test_a_model_reads_back_as_values_of_the_facts() -> None:
    values: dict[str, logic.Value] = {
        "size": exact(0.1),
        "count": exact(3),
        "vip": False,
        "channel": "Web",
        "origin": None,
        "day": translate.days(DAYS[0]),
    }
    terms = to_z3.Terms(SITUATION)
    solver = z3.Solver()
    solver.add(terms.words(), *(terms.equals(name, value) for name, value in values.items()))
    assert solver.check() == z3.sat
    assert terms.values(solver.model(), list(values)) == values
