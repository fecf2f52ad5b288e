"""Formulas: read, written back as they were understood, and refused with the place of what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.playbook.trees import ZONE, booleans

from aboveboard.playbook import conditions, formulas
from aboveboard.playbook.expressions import to_sql
from aboveboard.playbook.temporal import tree
from aboveboard.playbook.temporal.parse import is_group


def atoms() -> SearchStrategy[tree.Formula]:
    """Conditions of every kind, also ones that speak of the claim; never one that reads as a group of formulas."""
    written = st.one_of(
        booleans(1).map(to_sql.text),
        st.sampled_from(("employee = claim.employee", "time <= claim.due", "team = ') since ('", "\"type\" = 'a'")),
    ).filter(lambda sql: not is_group(sql))
    return written.map(lambda sql: tree.Atom(conditions.parse(sql, columns=COLUMNS, timezone=ZONE)))


COLUMNS = {**conditions.LEDGER, **formulas.CLAIM}
lengths = st.one_of(
    st.just(0.0), st.sampled_from((0.5, 1.0, 60.0, 90.0, 1440.0, 2880.0, 10_080.0)), st.floats(0.1, 1e5)
)


@st.composite
def intervals(draw: st.DrawFn, *, ahead: bool) -> tree.Interval:
    low = draw(lengths)
    ends: list[SearchStrategy[tree.End]] = [st.none(), lengths.map(lambda more: low + more)]
    if ahead:
        ends.append(st.just("claim.due"))
    return tree.Interval(low, draw(st.one_of(ends)))


def larger(below: SearchStrategy[tree.Formula]) -> SearchStrategy[tree.Formula]:
    parts = st.lists(below, min_size=2, max_size=3).map(tuple)
    behind, ahead = intervals(ahead=False), intervals(ahead=True)
    return st.one_of(
        st.builds(tree.Not, below),
        st.builds(tree.And, parts),
        st.builds(tree.Or, parts),
        st.builds(tree.Implies, below, below),
        *(st.builds(kind, below, behind) for kind in (tree.Once, tree.Historically)),
        *(st.builds(kind, below, ahead) for kind in (tree.Eventually, tree.Always)),
        st.builds(tree.Since, below, below, behind),
        st.builds(tree.Until, below, below, ahead),
    )


trees = st.recursive(atoms(), larger, max_leaves=5)


@given(trees)
def test_what_is_written_reads_as_what_it_was(node: tree.Formula) -> None:
    assume(len(str(node)) < 20_000)
    assert formulas.parse(str(node), timezone=ZONE).tree == node


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("not (true) and (false)", "(not (true)) and (false)"),
        ("(true) or (false) and (true)", "(true) or ((false) and (true))"),
        ("(true) implies (false) implies (true)", "(true) implies ((false) implies (true))"),
        ("once (true) since (false)", "(once (true)) since (false)"),
        ("(true) and (false) since (true)", "(true) and ((false) since (true))"),
        ("ONCE[0,2 hours](true)", "once[0, 120 minutes] (true)"),
        ("once[0, *] (true)", "once (true)"),
        ("((((true))))", "(true)"),
    ],
)
def test_what_binds_tightest(text: str, same_as: str) -> None:
    assert formulas.parse(text).tree == formulas.parse(same_as).tree


def test_a_bracket_is_a_condition_unless_it_holds_formulas_alone() -> None:
    assert isinstance(formulas.parse("(value > 1 or (value < 0))").tree, tree.Atom)
    assert isinstance(formulas.parse("((value + 1) > 3)").tree, tree.Atom)
    assert isinstance(formulas.parse("((value > 1) or (value < 0))").tree, tree.Or)
    assert isinstance(formulas.parse("(not (value > 1))").tree, tree.Not)
    assert isinstance(formulas.parse("(text = 'once (')").tree, tree.Atom)


def test_what_it_reads() -> None:
    formula = formulas.parse(
        "once (type = 'a' and employee = claim.employee) and eventually[0, claim.due] (type = 'b')"
    )
    assert formula.columns == {"type", "employee"}
    assert formula.claim_columns == {"employee", "due"} and formula.speaks_of_claim
    assert [each.sql for each in formula.conditions] == ["type = 'a' and employee = claim.employee", "type = 'b'"]
    assert not formulas.parse("once (type = 'a')").speaks_of_claim


@pytest.mark.parametrize(
    ("text", "said", "at", "suggestion"),
    [
        ("", "the formula is empty", None, None),
        ("once", "stops too early", 4, None),
        ("(true) and", "stops too early", 10, None),
        ("once[0, 2 hours (true)", "this '[' is not closed", 4, None),
        ("once (type = 'a", "a quotation mark is not closed", 13, None),
        ("type = 'a'", "a condition stands in brackets", 0, None),
        ("= 3", "does not belong here", 0, None),
        ("onec (true)", "is no word of formulas", 0, "once"),
        ("(true) (false)", "'and' or 'or' is missing", 8, None),
        ("(true) since (false) since (true)", "brackets say which", 21, None),
        ("once[0, claim.due] (true)", "ends a window that looks ahead", 5, None),
        ("once[2 hours, 1 hour] (true)", "ends before it begins", 5, None),
        ("once[1 hour] (true)", "two ends", 5, None),
        ("once[0, 1 hour, 30 minutes] (true)", "two ends", 5, None),
        ("once[0,] (true)", "an end of an interval is missing", 5, None),
        ("eventually[0, clam.due] (true)", "no duration", 11, "claim.due"),
        ("once[0, 2 open days] (true)", "counts open days", 5, None),
        ("[0, 1 hour] (true)", "an interval follows", 1, None),
        ("once (typ = 'a')", "unknown column 'typ'", 6, "type"),
        ("((true) or (employee = claim.employe))", "unknown column 'claim.employe'", 23, "claim.employee"),
        ("once (value)", "a condition must be true or false", 6, None),
        ("not " * 5_000 + "(true)", "longer than", None, None),
        ("not " * 4_000 + "(true)", "nested too deeply", None, None),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str, at: int | None, suggestion: str | None) -> None:
    with pytest.raises(formulas.FormulaError) as error:
        formulas.parse(text)
    assert said in error.value.message and (error.value.at, error.value.suggestion) == (at, suggestion)
