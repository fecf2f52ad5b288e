"""The condition tree → formulas: a truth is where it is true and where it is false, and unknown is what is left over.

So SQL's three values are kept exactly with two-valued formulas: `x > 3` is true where x has a value above 3, false where it
has one that is not, and neither where x is absent. A number or a text is a list of cases, of which exactly one holds. What
is not linear, or has no exact form, raises NotTranslatableError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Generic, TypeVar

from aboveboard.playbook.expressions import to_python, to_sql, tree
from aboveboard.prover import linear, logic
from aboveboard.prover.errors import NotTranslatableError
from aboveboard.prover.facts import OTHER, Situation, exact
from aboveboard.prover.linear import Linear
from aboveboard.prover.logic import Absent, Formula, Is, both, either, opposite

T = TypeVar("T")
Cases = tuple[tuple[Formula, T | None], ...]
"""Where, and what it is there: exactly one of the formulas is true; None is absent."""


@dataclass(frozen=True)
class Truth:
    """Where a condition is true, and where it is false. Elsewhere it is unknown."""

    true: Formula
    false: Formula


@dataclass(frozen=True)
class Word(Generic[T]):
    """A text: a word as written, or what a fact holds."""

    written: str | None = None
    fact: str | None = None


def condition(node: tree.Node, situation: Situation) -> Truth:
    """Return where a condition is true and where it is false."""
    return _Over(situation).truth(node)


def amount(node: tree.Node, situation: Situation) -> Cases[Linear]:
    """Return what a number is, case by case."""
    return _Over(situation).number(node)


def days(moment: datetime) -> Fraction:
    """A moment as days since 1970-01-01 UTC, exact."""
    return Fraction((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), 86_400_000_000)


def _refuse(node: tree.Node, why: str) -> NotTranslatableError:
    return NotTranslatableError(f"`{to_sql.text(node)}` {why}")


class _Over:
    """One situation, and how each kind of node reads over it."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation

    def truth(self, node: tree.Node) -> Truth:
        """A boolean node; a bare NULL is unknown."""
        if node.type == "unknown":
            return Truth(logic.FALSE, logic.FALSE)
        read = _TRUTHS.get(type(node))
        if read is None:
            raise _refuse(node, "has no exact form over the facts of the situation")
        return read(self, node)

    def number(self, node: tree.Node) -> Cases[Linear]:
        """A number, by what it is made of."""
        return self._cases(node)

    def constant(self, node: tree.Constant) -> Truth:
        return Truth(*(logic.TRUE if node.value is side else logic.FALSE for side in (True, False)))

    def column(self, node: tree.Column) -> Truth:
        there = self._there(node.name)
        return Truth(both([there, Is(node.name, True)]), both([there, Is(node.name, True, False)]))

    def _there(self, name: str) -> Formula:
        return Absent(name, False) if self.situation[name].absent else logic.TRUE

    def and_(self, node: tree.And) -> Truth:
        parts = [self.truth(part) for part in node.parts]
        return Truth(both(part.true for part in parts), either(part.false for part in parts))

    def or_(self, node: tree.Or) -> Truth:
        parts = [self.truth(part) for part in node.parts]
        return Truth(either(part.true for part in parts), both(part.false for part in parts))

    def not_(self, node: tree.Not) -> Truth:
        of = self.truth(node.of)
        return Truth(of.false, of.true)

    def isnull(self, node: tree.IsNull) -> Truth:
        if node.of.type == "boolean":
            of = self.truth(node.of)
            absent = both([opposite(of.true), opposite(of.false)])
        elif node.of.type == "unknown":
            absent = logic.TRUE
        else:
            absent = either(where for where, value in self._cases(node.of) if value is None)
        return Truth(absent, opposite(absent))

    def in_(self, node: tree.In) -> Truth:
        return self.or_(tree.Or(tuple(tree.Comparison("=", node.of, choice) for choice in node.choices)))

    def between(self, node: tree.Between) -> Truth:
        low, high = tree.Comparison(">=", node.of, node.low), tree.Comparison("<=", node.of, node.high)
        return self.and_(tree.And((low, high)))

    def choose(self, node: tree.Case) -> Truth:
        picked = [(where, self.truth(then)) for where, then in self._branches(node)]
        return _joined(picked)

    def first_known(self, node: tree.Coalesce) -> Truth:
        found, before = [], logic.TRUE
        for option in (self.truth(each) for each in node.of):
            found.append((before, option))
            before = both([before, opposite(option.true), opposite(option.false)])
        return _joined(found)

    def _branches(self, node: tree.Case) -> Iterable[tuple[Formula, tree.Node]]:
        before: Formula = logic.TRUE
        for when, then in node.branches:
            true = self.truth(when).true
            yield both([before, true]), then
            before = both([before, opposite(true)])
        yield before, node.otherwise

    def comparison(self, node: tree.Comparison) -> Truth:
        if "unknown" in (node.left.type, node.right.type):
            return Truth(logic.FALSE, logic.FALSE)
        if node.left.type == "boolean":
            return self._alike(self.truth(node.left), self.truth(node.right), node.relation)
        compare = self._words if node.left.type == "text" else _numbers
        true: list[Formula] = []
        false: list[Formula] = []
        for left_where, left in self._cases(node.left):
            for right_where, right in self._cases(node.right):
                where = both([left_where, right_where])
                if left is None or right is None or where == logic.FALSE:
                    continue
                found = compare(node.relation, left, right)
                true.append(both([where, found]))
                false.append(both([where, opposite(found)]))
        return Truth(either(true), either(false))

    def _alike(self, left: Truth, right: Truth, relation: tree.Relation) -> Truth:
        same = either([both([left.true, right.true]), both([left.false, right.false])])
        differ = either([both([left.true, right.false]), both([left.false, right.true])])
        return Truth(same, differ) if relation == "=" else Truth(differ, same)

    def _words(self, relation: tree.Relation, left: Word[str], right: Word[str]) -> Formula:
        if left.written is not None and right.written is not None:
            same = logic.TRUE if left.written == right.written else logic.FALSE
        elif left.fact is not None and right.fact is not None:
            same = self._same(left.fact, right.fact)
        else:
            fact, word = left.fact or right.fact, left.written if left.written is not None else right.written
            assert fact is not None and word is not None
            same = Is(fact, word) if word in self.situation[fact].words else logic.FALSE
        return same if relation == "=" else opposite(same)

    def _same(self, one: str, other: str) -> Formula:
        if one == other:
            return logic.TRUE
        if self.situation[one].free or self.situation[other].free:
            raise NotTranslatableError(
                f"{one} and {other} are compared, and either may be any text: give them `options`"
            )
        shared = [word for word in self.situation[one].words if word in self.situation[other].words]
        return either(both([Is(one, word), Is(other, word)]) for word in shared)

    def like(self, node: tree.Like) -> Truth:
        matches = to_python.function(tree.Like(tree.Column("", "text"), node.pattern))
        true: list[Formula] = []
        false: list[Formula] = []
        for where, word in self._spelled(node.of):
            if word is not None:
                (true if matches({"": word}) else false).append(where)
        return Truth(either(true), either(false))

    def _spelled(self, node: tree.Node) -> Cases[str]:
        """A text as written words alone: a fact becomes one case per word that it can hold."""
        found: list[tuple[Formula, str | None]] = []
        for where, word in self._cases(node):
            if word is None or word.fact is None:
                found.append((where, None if word is None else word.written))
                continue
            known = self.situation[word.fact]
            if known.free:
                raise _refuse(node, "may be any text, of which only = <> and in are understood: give it `options`")
            found += [(both([where, Is(word.fact, option)]), option) for option in known.words]
        return tuple(found)

    def _cases(self, node: tree.Node) -> Cases[Any]:
        """A number, moment or text; each by what it is made of."""
        if node.type == "unknown":
            return ((logic.TRUE, None),)
        read = _VALUES.get(type(node))
        if read is None:
            raise _refuse(node, "has no exact form over the facts of the situation")
        return read(self, node)

    def constant_value(self, node: tree.Constant) -> Cases[Any]:
        value = node.value
        if value is None:
            return ((logic.TRUE, None),)
        if isinstance(value, str):
            if value == OTHER:
                raise _refuse(node, "stands for any other text here: write another word")
            return ((logic.TRUE, Word(written=value)),)
        number = days(value) if isinstance(value, datetime) else exact(value)
        return ((logic.TRUE, linear.constant(number)),)

    def column_value(self, node: tree.Column) -> Cases[Any]:
        value: Any = Word(fact=node.name) if node.type == "text" else linear.fact(node.name)
        if not self.situation[node.name].absent:
            return ((logic.TRUE, value),)
        return ((Absent(node.name, False), value), (Absent(node.name), None))

    def arithmetic(self, node: tree.Arithmetic) -> Cases[Linear]:
        def compute(left: Linear, right: Linear) -> Linear | None:
            if node.sign in "+-":
                return left + right if node.sign == "+" else left - right
            if node.sign == "/":
                if right.terms:
                    raise _refuse(
                        node, "divides by a fact, which is not linear: multiply both sides, or split it into cases"
                    )
                return left.times(1 / right.constant) if right.constant else None
            if left.terms and right.terms:
                raise _refuse(node, "multiplies two facts, which is not linear: split it into cases")
            return left.times(right.constant) if left.terms else right.times(left.constant)

        return _combined(self._cases(node.left), self._cases(node.right), compute)

    def negative(self, node: tree.Negative) -> Cases[Linear]:
        return tuple((where, None if of is None else of.times(Fraction(-1))) for where, of in self._cases(node.of))

    def choose_value(self, node: tree.Case) -> Cases[Any]:
        return tuple(
            (both([branch, where]), value)
            for branch, then in self._branches(node)
            for where, value in self._cases(then)
        )

    def first_value(self, node: tree.Coalesce) -> Cases[Any]:
        found: list[tuple[Formula, Any]] = []
        before: Formula = logic.TRUE
        for option in node.of:
            cases = self._cases(option)
            found += [(both([before, where]), value) for where, value in cases if value is not None]
            before = both([before, either(where for where, value in cases if value is None)])
        return (*found, (before, None))

    def call(self, node: tree.Call) -> Cases[Any]:
        if node.name == "abs":
            return tuple(piece for where, of in self._cases(node.of) for piece in _sizes(where, of))
        compute = to_python.function(tree.Call(node.name, tree.Column("", "text"), node.type))

        def changed(word: str) -> Any:
            value = compute({"": word})
            return Word(written=value) if isinstance(value, str) else linear.constant(exact(value))

        return tuple((where, None if word is None else changed(word)) for where, word in self._spelled(node.of))

    def cast(self, node: tree.Cast) -> Cases[Any]:
        if node.of.type == "boolean":
            truth = self.truth(node.of)
            one, nil = (Word(written="true"), Word(written="false")) if node.to == "text" else _ONE_AND_NOTHING
            unknown = both([opposite(truth.true), opposite(truth.false)])
            return ((truth.true, one), (truth.false, nil), (unknown, None))
        if node.of.type == "number" and node.to == "double":
            return self._cases(node.of)
        if node.of.type == "number" and node.to == "integer":
            return tuple((where, self._whole(node, of)) for where, of in self._cases(node.of))
        compute = to_python.function(tree.Cast(tree.Column("", "text"), node.to, node.zone, node.type))
        if node.to == "timestamp":
            raise _refuse(node, "reads a time out of a text: make it a fact of type date")
        found = ((where, None if word is None else compute({"": word})) for where, word in self._spelled(node.of))
        return tuple((where, None if value is None else linear.constant(exact(value))) for where, value in found)

    def _whole(self, node: tree.Node, of: Linear | None) -> Linear | None:
        if of is None or not of.terms:
            return None if of is None else linear.constant(int(of.constant))
        whole = all(self.situation[name].sort == "integer" and factor.denominator == 1 for name, factor in of.terms)
        if not whole or of.constant.denominator != 1:
            raise _refuse(node, "drops a fraction, which is not linear: make the fact an integer")
        return of


_ONE_AND_NOTHING = (linear.constant(1), linear.constant(0))


def _joined(picked: Iterable[tuple[Formula, Truth]]) -> Truth:
    pairs = list(picked)
    true = either(both([where, truth.true]) for where, truth in pairs)
    return Truth(true, either(both([where, truth.false]) for where, truth in pairs))


def _combined(
    left: Cases[Linear], right: Cases[Linear], compute: Callable[[Linear, Linear], Linear | None]
) -> Cases[Linear]:
    return tuple(
        (both([one, other]), None if a is None or b is None else compute(a, b)) for one, a in left for other, b in right
    )


def _sizes(where: Formula, of: Linear | None) -> Cases[Linear]:
    if of is None:
        return ((where, None),)
    below = logic.atom(of, strict=True)
    return ((both([where, opposite(below)]), of), (both([where, below]), of.times(Fraction(-1))))


def _numbers(relation: tree.Relation, left: Linear, right: Linear) -> Formula:
    less, more = left - right, right - left
    if relation in ("=", "<>"):
        same = both([logic.atom(less, strict=False), logic.atom(more, strict=False)])
        return same if relation == "=" else opposite(same)
    return logic.atom(less if relation[0] == "<" else more, strict=len(relation) == 1)


_TRUTHS: dict[type, Callable[[_Over, Any], Truth]] = {
    tree.Constant: _Over.constant,
    tree.Column: _Over.column,
    tree.And: _Over.and_,
    tree.Or: _Over.or_,
    tree.Not: _Over.not_,
    tree.IsNull: _Over.isnull,
    tree.In: _Over.in_,
    tree.Between: _Over.between,
    tree.Like: _Over.like,
    tree.Comparison: _Over.comparison,
    tree.Case: _Over.choose,
    tree.Coalesce: _Over.first_known,
}
_VALUES: dict[type, Callable[[_Over, Any], Cases[Any]]] = {
    tree.Constant: _Over.constant_value,
    tree.Column: _Over.column_value,
    tree.Arithmetic: _Over.arithmetic,
    tree.Negative: _Over.negative,
    tree.Case: _Over.choose_value,
    tree.Coalesce: _Over.first_value,
    tree.Call: _Over.call,
    tree.Cast: _Over.cast,
}
