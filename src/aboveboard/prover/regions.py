"""Where a formula over the world's facts is true, said as a few boxes: each as wide as it can be, together exactly the whole.

A situation in which it is true makes some of its comparisons true; of these as many are left out as can be (a prime
implicant: Quine, W. V. (1955). American Mathematical Monthly 62, 627–631), and the next box is looked for outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aboveboard.prover import logic
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.facts import Known
from aboveboard.prover.logic import Absent, Atom, Formula, Leaf, Value
from aboveboard.prover.rulebook import Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.to_z3 import Terms

Box = tuple[Leaf, ...]
MOST_BOXES = 24


@dataclass(frozen=True)
class Region:
    """The situations in which `formula` is true: the union of `boxes`, or more than they hold where not `whole`."""

    formula: Formula
    boxes: tuple[Box, ...]
    whole: bool = True

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that the boxes speak of, in order of appearance."""
        return tuple(dict.fromkeys(name for box in self.boxes for leaf in box for name in sorted(logic.facts(leaf))))


def region(book: Rulebook, formula: Formula, terms: Terms, limits: Limits) -> Region | None:
    """Where the formula is true within what the world's facts may be; None where it never is. Raises UndecidedError."""
    inside = Asking(terms, limits, book.world, formula)
    outside = Asking(terms, limits, book.world, logic.opposite(formula))
    if not inside.holds():
        return None
    names = [name for name, known in book.situation.items() if not known.decision]
    boxes: list[Box] = []
    whole = True
    while True:
        try:
            if not inside.holds():
                break
            if len(boxes) == MOST_BOXES:
                whole = False
                break
            box = _widened(_true_leaves(formula, inside.values(names), book), outside, terms)
        except UndecidedError:
            if not boxes:
                raise
            whole = False
            break
        boxes.append(box)
        inside.add(logic.opposite(logic.both(box)))
    if not whole:
        return Region(formula, tuple(boxes), whole)
    return Region(formula, _needed(_joined(boxes, book), Asking(terms, limits, book.world)))


def _true_leaves(formula: Formula, values: Mapping[str, Value], book: Rulebook) -> list[Leaf]:
    """Every comparison of the formula, or its opposite, as it is true of the values; what is absent is said to be."""
    found: dict[Leaf, None] = {}
    for leaf in logic.leaves(formula):
        names = sorted(logic.facts(leaf))
        for name in names:
            if book.situation[name].absent:
                found[Absent(name, values[name] is None)] = None
        if isinstance(leaf, Absent) or any(values[name] is None for name in names):
            continue
        true = leaf if logic.holds(leaf, values) else logic.opposite(leaf)
        assert not isinstance(true, logic.All | logic.Any)
        found[true] = None
    # The first are left out first: sums of several facts, then what a fact is not, then single facts.
    return sorted(found, key=lambda leaf: (-len(logic.facts(leaf)), not _is_negative(leaf), _roundness(leaf)))


def _is_negative(leaf: Leaf) -> bool:
    return isinstance(leaf, logic.Is) and not leaf.holds


def _roundness(leaf: Leaf) -> int:
    """Higher for rounder numbers: of two bounds that both do, the rounder is kept."""
    return -leaf.linear.constant.denominator if isinstance(leaf, Atom) else 0


def _widened(leaves: Sequence[Leaf], outside: Asking, terms: Terms) -> Box:
    """As few of the comparisons as keep the box inside."""
    kept = list(leaves)
    by_id = {terms.term(leaf).get_id(): leaf for leaf in leaves}
    if outside.can(*leaves):
        raise UndecidedError  # a box of all comparisons lies inside by how it was made
    core = {by_id[each.get_id()] for each in outside.core() if each.get_id() in by_id}
    kept = [leaf for leaf in kept if leaf in core or _tied(leaf, core)]
    for leaf in list(kept):
        rest = [each for each in kept if each != leaf]
        if not _tied(leaf, rest) and not outside.can(*rest):
            kept = rest
    return tuple(kept)


def _tied(leaf: Leaf, rest: Sequence[Leaf] | set[Leaf]) -> bool:
    """That a fact has a value is part of every comparison with it."""
    if not isinstance(leaf, Absent) or leaf.holds:
        return False
    return any(leaf.fact in logic.facts(other) for other in rest if not isinstance(other, Absent))


def _joined(boxes: Sequence[Box], book: Rulebook) -> list[Box]:
    """Boxes that differ in what one fact's word is, made one: Saturdays and Sundays, not once for each."""
    found = list(boxes)
    for name, known in book.situation.items():
        if known.sort != "word":
            continue
        together: dict[frozenset[Leaf], set[str]] = {}
        for box in found:
            of_it = [leaf for leaf in box if isinstance(leaf, logic.Is) and leaf.fact == name]
            rest = frozenset(leaf for leaf in box if leaf not in of_it)
            together.setdefault(rest, set()).update(
                word for word in known.words if all((leaf.option == word) == leaf.holds for leaf in of_it)
            )
        found = [(*sorted(rest, key=str), *_words(known, words)) for rest, words in together.items()]
    return found


def _words(known: Known, words: set[str]) -> list[Leaf]:
    if len(words) == 1:
        return [logic.Is(known.name, next(iter(words)))]
    return [logic.Is(known.name, word, False) for word in known.words if word not in words]


def _needed(boxes: Sequence[Box], asking: Asking) -> tuple[Box, ...]:
    """The boxes without those that lie within the others together, wide ones first."""
    kept = sorted(boxes, key=len)
    for box in sorted(boxes, key=len, reverse=True):
        rest = [each for each in kept if each != box]
        if rest and not asking.can(logic.both(box), *(logic.opposite(logic.both(each)) for each in rest)):
            kept = rest
    return tuple(kept)


def limits_of(box: Box, name: str) -> tuple[Fraction | None, Fraction | None]:
    """The lowest and highest value of a number that the box's own comparisons with it allow (open ends not told apart)."""
    low: Fraction | None = None
    high: Fraction | None = None
    for leaf in box:
        if isinstance(leaf, Atom) and leaf.linear.names == (name,):
            end = -leaf.linear.constant / leaf.linear.of(name)
            if leaf.linear.of(name) > 0:
                high = end if high is None else min(high, end)
            else:
                low = end if low is None else max(low, end)
    return low, high
