"""The smallest edits that free a conflict: a number in one rule made softer, or the situations taken out of one rule.

Only edits that soften are looked at: whatever kept the rule before still keeps it, so that no situation that was free of
conflict gets one. A number becomes a variable, everything else is eliminated, and what is left says which numbers will do;
of these the one nearest to what is written is taken, or the first round one beyond it. Every edit is written as a
condition, read anew and proved again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from aboveboard.playbook import conditions as reading
from aboveboard.playbook.expressions import to_sql, tree
from aboveboard.playbook.model import Place, Playbook, Policy, Promise
from aboveboard.prover import clock, conditions, linear, logic, rulebook, search, telling, translate
from aboveboard.prover.errors import NotTranslatableError, UndecidedError
from aboveboard.prover.facts import Known, exact
from aboveboard.prover.logic import Formula, Leaf
from aboveboard.prover.possible import Possible
from aboveboard.prover.regions import Box, Region
from aboveboard.prover.rulebook import Part, Rule, Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.telling import Telling
from aboveboard.prover.to_z3 import Terms

NUMBER = "the number"
_MOST_BOXES = 3
_SECONDS, _SECONDS_IN_ALL = 2.0, 8.0
"""How long the search for one number may take, and that for all edits of one conflict."""
_STEPS = tuple(Fraction(step) * Fraction(10) ** power for power in range(6, -4, -1) for step in (5, 2, 1))


@dataclass(frozen=True)
class Edit:
    """One change of one requirement of a rule: what is written there now and what would be, as conditions.

    `kind` is number or exclusion. `number` says which requirement of the rule changes, from 1; `key` which half of it: when
    or then. `size` orders edits: how far the number moves, against the range of what it is compared with; 1 where the rule
    does not apply where it bites, 2 and more where it applies in even fewer situations, for the sake of a simple sentence.
    """

    rule: str
    kind: str
    number: int
    key: str
    old: str | None
    new: str
    says: str
    size: float
    place: Place


@dataclass(frozen=True)
class _Spot:
    """A number in a requirement: in which part, on which side, what it is, and the tree with a variable in its place."""

    part: int
    key: str
    value: Fraction
    tree: tree.Node
    beside: tuple[str, ...]


class Editing:
    """The search for edits to the rules of one conflict."""

    def __init__(self, telling: Telling, rules: Sequence[Rule], region: Region, limits: Limits) -> None:
        self.playbook, self.book, self.telling = telling.playbook, telling.book, telling
        self.rules, self.region, self.limits = rules, region, limits.within(_SECONDS_IN_ALL)

    def edits(self) -> list[Edit]:
        """Every edit found, the smallest first. What cannot be decided within a few seconds is left out."""
        found: list[Edit] = []
        for attempt in (self._exclusions, self._numbers):
            for rule in self.rules:
                if rule.parts:
                    found += list(attempt(rule))
        return sorted(found, key=lambda edit: (edit.size, edit.rule, edit.new))

    def _numbers(self, rule: Rule) -> Iterator[Edit]:
        for spot in _spots(rule):
            try:
                value = self._softened(rule, spot)
            except (NotTranslatableError, UndecidedError):
                continue
            if value is not None:
                edit = self._number(rule, spot, value)
                if edit is not None:
                    yield edit

    def _softened(self, rule: Rule, spot: _Spot) -> Fraction | None:
        """The number nearest to what is written that frees the conflict by softening the rule; None where there is none."""
        known = Known(NUMBER, _sort(spot, self.book))
        situation = {**self.book.situation, NUMBER: known}
        book = replace(self.book, situation=situation)
        possible = Possible(book, Terms(situation), self.limits.within(_SECONDS))
        softer = _kept_with(rule, spot, situation)
        # Softer in every situation that can be written down, and not only in those within the facts' bounds: that is asked sooner.
        both = [rule.kept, logic.opposite(softer)]
        harder = possible.without(_facts(both, book), both)
        others = [each.kept for each in self.rules if each is not rule]
        where = logic.either(logic.both(box) for box in self.region.boxes) if self.region.whole else self.region.formula
        left = [where, logic.opposite(possible.some([softer, *others]))]
        facts = _facts(left, book)
        bounds = [part for part in _parts(book.world) if logic.facts(part) <= set(facts)]
        stuck = possible.without(facts, [*bounds, *left])
        good = logic.both([logic.opposite(harder), logic.opposite(stuck), _of_one_sign(spot.value)])
        return _nearest(good, known, spot.value)

    def _number(self, rule: Rule, spot: _Spot, value: Fraction) -> Edit | None:
        node = _replaced(spot.tree, conditions.number_node(value))
        part = rule.parts[spot.part]
        old = part.requirement.then if spot.key == "then" else part.requirement.when
        assert old is not None
        written = to_sql.text(node)
        now, then = (self._amount(each, spot) for each in (spot.value, value))
        says = f"In {rule.title}, write {then} in place of {now}"
        ranges = [(known.low, known.high) for name in spot.beside if (known := self.book.situation[name]).numeric]
        scale = max(
            (high - low for low, high in ranges if low is not None and high is not None and high > low),
            default=abs(spot.value),
        )
        size = float(abs(value - spot.value) / (scale or 1))
        edit = Edit(rule.name, "number", part.number, spot.key, old.to_sql(), written, says, size, rule.place)
        return edit if self._proved(rule, spot.part, edit) else None

    def _amount(self, value: Fraction, spot: _Spot) -> str:
        """A number as a person would say it: beside one time a time, between two a length of time."""
        clocked = [name for name in spot.beside if name in self.telling.clock]
        if len(clocked) == 1 == len(spot.beside):
            return clock.said(value)
        return f"{telling.number(value)}{' hours' if clocked else ''}"

    def _exclusions(self, rule: Rule) -> Iterator[Edit]:
        """The rule does not apply where it bites. A region of many boxes is no condition that anybody would write.

        What customers are told cannot depend on what only the shop knows: of a promise, each single comparison is tried too.
        """
        if not self.region.whole or len(self.region.boxes) > _MOST_BOXES or not all(self.region.boxes):
            return
        spoken_of = {name for box in self.region.boxes for leaf in box for name in logic.facts(leaf)}
        if self.book.days is not None and self.book.days.fact.name in spoken_of:
            return  # the day is no fact that the playbook could speak of
        for part in rule.parts:
            yield from self._exclusion(rule, part, self.region.boxes, 1.0)
            if rule.kind == "promise" and len(self.region.boxes) == 1:
                (box,) = self.region.boxes
                for leaf in box if len(box) > 1 else ():
                    # The hour of an order is known to whoever makes the promise; how full the shop is may not be.
                    timed = logic.facts(leaf) <= self.telling.clock
                    yield from self._exclusion(rule, part, ((leaf,),), 2.0 if timed else 2.5)

    def _exclusion(self, rule: Rule, part: Part, boxes: tuple[Box, ...], size: float) -> Iterator[Edit]:
        # What the rule's own `when` says already need not be said again.
        boxes = tuple(tuple(leaf for leaf in box if not self._said(part.applies, leaf)) for box in boxes)
        if not all(boxes):
            return
        when = part.requirement.when
        outside = _outside(boxes, self.book)
        written = to_sql.text(_and(when.tree, outside) if when else outside)
        single = len(boxes) == 1 and len(boxes[0]) == 1
        said = self.telling.where(Region(logic.TRUE, ((_inverted(boxes[0][0]),),) if single else boxes))
        says = f"Let {rule.title} apply {'only' if single else 'but not'} where: {said}"
        old = when.to_sql() if when else None
        edit = Edit(rule.name, "exclusion", part.number, "when", old, written, says, size, rule.place)
        try:
            if self._proved(rule, part.number - 1, edit):
                yield edit
        except UndecidedError:
            return

    def _said(self, applies: Formula, leaf: Leaf) -> bool:
        asking = Asking(Terms(self.book.situation), self.limits, self.book.world, applies)
        return applies != logic.TRUE and not asking.can(logic.opposite(leaf))

    def _proved(self, rule: Rule, number: int, edit: Edit) -> bool:
        """The edit as written is read, and proved: softer than before, still says something, and the conflict is gone."""
        entry = rulebook.entry(applied(self.playbook, edit), rule.name)
        assert entry is not None
        after = rulebook.changed(self.book, rule.name, entry)
        asking = Asking(Terms(self.book.situation), self.limits, self.book.world, self.book.able)
        if asking.can(rule.kept, logic.opposite(after.kept)):
            return False
        # A requirement that holds whatever happens is dropped, not softened.
        part = after.parts[number]
        if not asking.can(part.applies, logic.opposite(part.asks)):
            return False
        rules = tuple(after if each is rule else each for each in self.rules)
        book = replace(self.book, rules=rules)
        possible = Possible(book, Terms(book.situation), self.limits)
        names = {each.name for each in rules}
        for group in search.groups(book):
            for found in search.Search(book, group, possible).conflicts():
                if {each.name for each in found} == names:
                    return False
        return True


def _facts(formulas: Sequence[Formula], book: Rulebook) -> list[str]:
    """The facts of the situation that formulas speak of."""
    spoken_of = set().union(*(logic.facts(each) for each in formulas))
    return [name for name in book.situation if name in spoken_of and name != NUMBER]


def _parts(formula: Formula) -> tuple[Formula, ...]:
    return formula.parts if isinstance(formula, logic.All) else (formula,)


def _inverted(leaf: Leaf) -> Leaf:
    other = logic.opposite(leaf)
    assert not isinstance(other, logic.All | logic.Any)
    return other


def applied(playbook: Playbook, edit: Edit) -> Playbook:
    """The playbook with the edit made, its text read as the playbook's reader reads it."""
    entry = rulebook.entry(playbook, edit.rule)
    assert entry is not None
    columns = {name: _column_type(fact.type) for name, fact in playbook.situation.items()}
    options = {name: fact.options for name, fact in playbook.situation.items() if fact.options}
    read = reading.parse(edit.new, columns=columns, options=options, timezone=playbook.timezone, called="fact")
    needs = list(entry.requires)
    needs[edit.number - 1] = replace(needs[edit.number - 1], **{edit.key: read})
    requires = tuple(needs)
    if isinstance(entry, Promise):
        return replace(playbook, promises={**playbook.promises, entry.name: replace(entry, requires=requires)})
    if isinstance(entry, Policy):
        return replace(playbook, policies={**playbook.policies, entry.name: replace(entry, requires=requires)})
    return replace(playbook, incentives={**playbook.incentives, entry.name: replace(entry, requires=requires)})


def _column_type(kind: str) -> str:
    return {"boolean": "boolean", "date": "timestamp", "enumeration": "text", "string": "text"}.get(kind, "number")


def _outside(boxes: tuple[Box, ...], book: Rulebook) -> tree.Node:
    """Everything outside the boxes, as a condition that is true there: of one comparison its opposite, else `not (…)`."""
    absent = any(book.situation[name].absent for box in boxes for leaf in box for name in logic.facts(leaf))
    if len(boxes) == 1 and len(boxes[0]) == 1 and not absent:
        return conditions.of_formula(logic.opposite(boxes[0][0]), book.situation).tree
    where = conditions.of_region(Region(logic.TRUE, boxes), book.situation).tree
    if absent:
        where = tree.Coalesce((where, tree.Constant(False, "boolean")), "boolean")
    return tree.Not(where)


def _and(one: tree.Node, other: tree.Node) -> tree.Node:
    parts = one.parts if isinstance(one, tree.And) else (one,)
    return tree.And((*parts, other))


def _of_one_sign(value: Fraction) -> Formula:
    """Numbers on the same side of nothing: two hours and a half before make no sense where they were after."""
    here = linear.fact(NUMBER)
    if not value:
        return logic.TRUE
    return logic.atom(here.times(Fraction(-1)) if value > 0 else here, strict=False)


def _spots(rule: Rule) -> Iterator[_Spot]:
    """Every number that is compared with something, or added to it."""
    for at, part in enumerate(rule.parts):
        for key, condition in (("when", part.requirement.when), ("then", part.requirement.then)):
            if condition is not None:
                for value, changed, beside in _variants(condition.tree):
                    yield _Spot(at, key, value, changed, beside)


def _variants(node: Any, beside: tuple[str, ...] = ()) -> Iterator[tuple[Fraction, Any, tuple[str, ...]]]:
    """The tree once per number in it, with a variable in that number's place."""
    if isinstance(node, tree.Comparison | tree.Between):
        beside = tuple(each.name for each in tree.walk(node) if isinstance(each, tree.Column))
    if isinstance(node, tree.Constant):
        if node.type == "number" and isinstance(node.value, float) and beside:
            yield exact(node.value), tree.Column(NUMBER, "number"), beside
    elif isinstance(node, tuple):
        for number, each in enumerate(node):
            for value, changed, names in _variants(each, beside):
                yield value, (*node[:number], changed, *node[number + 1 :]), names
    elif isinstance(node, tree.Node):
        for each in fields(node):
            for value, changed, names in _variants(getattr(node, each.name), beside):
                yield value, replace(node, **{each.name: changed}), names


def _replaced(node: Any, by: tree.Node) -> Any:
    """The tree with the number put where the variable stands."""
    if isinstance(node, tree.Column):
        return by if node.name == NUMBER else node
    if isinstance(node, tuple):
        return tuple(_replaced(each, by) for each in node)
    if isinstance(node, tree.Node):
        return replace(node, **{each.name: _replaced(getattr(node, each.name), by) for each in fields(node)})
    return node


def _sort(spot: _Spot, book: Rulebook) -> Any:
    """Beside whole numbers alone, a whole number."""
    whole = spot.value.denominator == 1 and all(book.situation[name].sort == "integer" for name in spot.beside)
    return "integer" if whole else "real"


def _kept_with(rule: Rule, spot: _Spot, situation: Mapping[str, Known]) -> Formula:
    kept = []
    for at, part in enumerate(rule.parts):
        applies, asks = part.applies, part.asks
        if at == spot.part and spot.key == "when":
            applies = translate.condition(spot.tree, situation).true
        elif at == spot.part:
            asks = translate.condition(spot.tree, situation).true
        kept.append(logic.either([logic.opposite(applies), asks]))
    return logic.both(kept)


def _nearest(good: Formula, known: Known, now: Fraction) -> Fraction | None:
    """Of the numbers that will do, the nearest; the first round one beyond it where its end is not round or not included."""
    best: Fraction | None = None
    for span in telling.spans(good, known):
        if span.low is not None and span.low >= now:
            value = _round_within(good, known, span.low, span.high, up=True)
        elif span.high is not None and span.high <= now:
            value = _round_within(good, known, span.high, span.low, up=False)
        else:
            continue  # the number as it is would do: then there is no conflict
        if value is not None and (best is None or abs(value - now) < abs(best - now)):
            best = value
    return best


def _round_within(good: Formula, known: Known, end: Fraction, far: Fraction | None, *, up: bool) -> Fraction | None:
    if _is_round(end) and logic.holds(good, {known.name: end}):
        return end
    for step in reversed([each for each in _STEPS if known.sort != "integer" or each >= 1]):
        # The finest step that is still round gives the number nearest to the end.
        if step < Fraction(1, 2) and known.sort != "integer" and far is None:
            continue
        value = (end // step + 1) * step if up else -((-end) // step + 1) * step
        if logic.holds(good, {known.name: value}):
            return value
    return end if logic.holds(good, {known.name: end}) else None


def _is_round(value: Fraction) -> bool:
    return (value * 4).denominator == 1 or (value * 100).denominator == 1
