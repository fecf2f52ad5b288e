"""Boxes and formulas → conditions in the playbook's own language, for people to read, engines to count by, rules to take over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.expressions import to_sql, tree
from aboveboard.prover import logic
from aboveboard.prover.facts import Known, Situation
from aboveboard.prover.logic import Absent, All, Any, Atom, Formula, Is, Leaf
from aboveboard.prover.regions import Box, Region

_TYPES: Mapping[str, tree.Type] = {"truth": "boolean", "word": "text", "moment": "timestamp"}
_FLIPPED: Mapping[tree.Relation, tree.Relation] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def of_region(region: Region, situation: Situation) -> Condition:
    """The region as one condition: of its boxes where they are the whole of it, else of its formula."""
    if not region.whole:
        return of_formula(region.formula, situation)
    return _condition(_or([_box(box, situation) for box in region.boxes]))


def of_formula(formula: Formula, situation: Situation) -> Condition:
    """Any formula as a condition."""
    return _condition(_node(formula, situation))


def _condition(node: tree.Node) -> Condition:
    return Condition(to_sql.text(node), node)


def _node(formula: Formula, situation: Situation) -> tree.Node:
    if isinstance(formula, All):
        return _and([_node(part, situation) for part in formula.parts])
    if isinstance(formula, Any):
        return _or([_node(part, situation) for part in formula.parts])
    return _leaf(formula, situation)


def _box(box: Box, situation: Situation) -> tree.Node:
    """The comparisons of a box, fact by fact in the order of the playbook, those of one word put together."""
    spoken_of = {name for leaf in box if not isinstance(leaf, Absent) for name in logic.facts(leaf)}
    left = [leaf for leaf in box if not (isinstance(leaf, Absent) and not leaf.holds and leaf.fact in spoken_of)]
    order = list(situation)
    left.sort(
        key=lambda leaf: (len(logic.facts(leaf)), min(order.index(name) for name in logic.facts(leaf)), _upward(leaf))
    )
    words: dict[str, list[Is]] = {}
    parts: list[tree.Node] = []
    for leaf in left:
        if isinstance(leaf, Atom) and _mirrored(leaf) in left:
            # At most and at least the same number: equal to it, said once.
            if _upward(leaf):
                parts.append(replace(_comparison(leaf, situation), relation="="))
            continue
        if isinstance(leaf, Is) and situation[leaf.fact].sort == "word":
            words.setdefault(leaf.fact, []).append(leaf)
        else:
            parts.append(_leaf(leaf, situation))
    return _and([*parts, *(_words(found, situation[name]) for name, found in words.items())])


def _mirrored(atom: Atom) -> Atom | None:
    """The same comparison the other way round, which with it makes the two sides equal."""
    return None if atom.strict else Atom(atom.linear.times(Fraction(-1)), strict=False)


def _upward(leaf: Leaf) -> bool:
    """Lower ends come before upper ones."""
    return isinstance(leaf, Atom) and leaf.linear.terms[0][1] > 0


def _words(found: Iterable[Is], known: Known) -> tree.Node:
    """What a fact is, or is not: by the words that are left where they are fewer."""
    column = tree.Column(known.name, "text")
    are = {leaf.option for leaf in found if leaf.holds}
    not_ = {str(leaf.option) for leaf in found if not leaf.holds}
    left = [word for word in known.words if word not in not_ and (not are or word in are)]
    negated = len(not_) < len(left) or known.free
    if are or not negated:
        return _among(column, left)
    return tree.Not(_among(column, sorted(not_))) if len(not_) > 1 else tree.Comparison("<>", column, _text(min(not_)))


def _among(column: tree.Column, words: list[str]) -> tree.Node:
    if len(words) == 1:
        return tree.Comparison("=", column, _text(words[0]))
    return tree.In(column, tuple(_text(word) for word in words))


def _text(word: str) -> tree.Constant:
    return tree.Constant(word, "text")


def _leaf(leaf: Leaf, situation: Situation) -> tree.Node:
    if isinstance(leaf, Atom):
        return _comparison(leaf, situation)
    column = tree.Column(leaf.fact, _TYPES.get(situation[leaf.fact].sort, "number"))
    if isinstance(leaf, Absent):
        return tree.IsNull(column) if leaf.holds else tree.Not(tree.IsNull(column))
    if isinstance(leaf.option, str):
        return tree.Comparison("=" if leaf.holds else "<>", column, _text(leaf.option))
    return column if leaf.holds == leaf.option else tree.Not(column)


def _comparison(atom: Atom, situation: Situation) -> tree.Comparison:
    """`sum ≤ 0` with the facts counted in on the left, those counted out and the number on the right."""
    relation: tree.Relation = "<" if atom.strict else "<="
    plus = [term for term in atom.linear.terms if term[1] > 0]
    minus = [(name, -factor) for name, factor in atom.linear.terms if factor < 0]
    number = -atom.linear.constant
    if not plus:
        plus, minus, number, relation = minus, [], -number, _FLIPPED[relation]
    if any(situation[name].sort == "moment" for name in atom.linear.names):
        return _moments(plus, minus, number, relation, situation)
    right = _sum(minus) if minus else None
    if right is None:
        return tree.Comparison(relation, _sum(plus), number_node(number))
    if number:
        right = tree.Arithmetic("+" if number > 0 else "-", right, number_node(abs(number)))
    return tree.Comparison(relation, _sum(plus), right)


def _moments(
    plus: list[tuple[str, Fraction]],
    minus: list[tuple[str, Fraction]],
    number: Fraction,
    relation: tree.Relation,
    situation: Situation,
) -> tree.Comparison:
    left = tree.Column(plus[0][0], "timestamp")
    if minus:
        return tree.Comparison(relation, left, tree.Column(minus[0][0], "timestamp"))
    return tree.Comparison(relation, left, tree.Constant(moment(number), "timestamp"))


def moment(days: Fraction) -> datetime:
    """Days since 1970 as a moment, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(days * 86_400_000_000))


def _sum(terms: Iterable[tuple[str, Fraction]]) -> tree.Node:
    parts: list[tree.Node] = []
    for name, factor in terms:
        column = tree.Column(name, "number")
        parts.append(column if factor == 1 else tree.Arithmetic("*", number_node(factor), column))
    total = parts[0]
    for part in parts[1:]:
        total = tree.Arithmetic("+", total, part)
    return total


def number_node(value: Fraction) -> tree.Node:
    """A number as it would be written: in decimals where it has an end, else as a quotient."""
    written = float(value)
    if Fraction(repr(written)) == value:
        return tree.Constant(written, "number")
    return tree.Arithmetic(
        "/", tree.Constant(float(value.numerator), "number"), tree.Constant(float(value.denominator), "number")
    )


def _and(parts: list[tree.Node]) -> tree.Node:
    if len(parts) == 1:
        return parts[0]
    return tree.And(tuple(parts)) if parts else tree.Constant(True, "boolean")


def _or(parts: list[tree.Node]) -> tree.Node:
    if len(parts) == 1:
        return parts[0]
    return tree.Or(tuple(parts)) if parts else tree.Constant(False, "boolean")
