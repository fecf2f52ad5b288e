"""A sample customer: values inside a region that a person would call round and natural, not those that a solver happens on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from aboveboard.prover import logic, regions
from aboveboard.prover.facts import Known
from aboveboard.prover.logic import Formula, Value
from aboveboard.prover.regions import Box, Region
from aboveboard.prover.rulebook import Rulebook
from aboveboard.prover.solving import Asking, Limits
from aboveboard.prover.to_z3 import Terms

_INTO, _NEAR = Fraction(3, 10), Fraction(1, 5)
_STEPS = (
    *(Fraction(step) * 10**power for power in range(9, -1, -1) for step in (5, 2, 1)),
    Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 20), Fraction(1, 100),
)  # fmt: skip
_CLOCK_STEPS = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 12), Fraction(1, 60))


def sample(
    book: Rulebook, region: Region, names: Sequence[str], clock: frozenset[str], terms: Terms, limits: Limits
) -> dict[str, Value]:
    """Values of the world's facts `names` inside the region's widest box. Facts on the clock take full hours first."""
    box = region.boxes[0] if region.boxes else ()
    asking = Asking(terms, limits, book.world, region.formula, logic.both(box))
    chosen: dict[str, Value] = {}
    for name in names:
        known = book.situation[name]
        for value in _candidates(known, box, known.name in clock):
            if asking.holds(terms.equals(name, value)):
                break
        else:
            asking.holds()
            value = asking.values([name])[name]
        asking.add_terms(terms.equals(name, value))
        chosen[name] = value
    return chosen


def inside(formula: Formula, values: Mapping[str, Value]) -> bool:
    """Whether the values lie in the region, by plain evaluation."""
    return logic.holds(formula, values)


def _candidates(known: Known, box: Box, on_clock: bool) -> Iterator[Value]:
    if known.sort == "truth":
        yield from (False, True)
    elif known.sort == "word":
        yield from known.words
    else:
        yield from _numbers(known, box, on_clock)
    if known.absent:
        yield None


def _numbers(known: Known, box: Box, on_clock: bool) -> Iterator[Fraction]:
    """Round numbers a little way into what is possible, the roundest first; then any round number."""
    low, high = regions.limits_of(box, known.name)
    low = known.low if low is None else low if known.low is None else max(low, known.low)
    high = known.high if high is None else high if known.high is None else min(high, known.high)
    if low is None and high is None:
        low, high = Fraction(0), Fraction(100)
    elif low is None or high is None:
        end = low if low is not None else high
        assert end is not None
        room = max(abs(end), Fraction(10))
        low, high = (end, end + room) if high is None else (end - room, end)
    target, near = low + (high - low) * _INTO, (high - low) * _NEAR
    steps = [step for step in (_CLOCK_STEPS if on_clock else _STEPS) if known.sort != "integer" or step >= 1]
    for step in steps:
        first = math.floor(target / step) * step
        for value in sorted((first, first + step), key=lambda each: abs(each - target)):
            if low < value < high and abs(value - target) <= near:
                yield value
    for step in steps:
        yield from (
            value
            for number in (math.ceil(low / step), math.floor(high / step))
            if low <= (value := number * step) <= high
        )
