"""The cases from which drivers are read: one overall answer each, with the answers at touchpoints that go with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations_with_replacement
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from aboveboard.analyses.journeys.answers import given
from aboveboard.analyses.shared import arrays, buckets
from aboveboard.playbook.model import Playbook

Floats = npt.NDArray[np.float64]

PROMISE = "kept"
"""The measure of a driver that is a promise: kept or not."""
COVERED = 0.5
"""A driver known of a smaller part of the cases is left out, or too few cases would be complete."""
LEAST, LEAST_EACH = 50, 10
"""Fewer complete cases, in all or for each driver, are not enough."""
MOST_ROWS = 2_000
"""Up to so many cases are brought over one by one for the permutation test."""


@dataclass(frozen=True)
class Driver:
    """A touchpoint as rated on a measure, or a promise (its measure is then `kept`). `known` is of how many cases."""

    name: str
    measure: str
    known: int


@dataclass(frozen=True)
class Cases:
    """The complete cases of one overall measure: drivers, and what is summed of them.

    `sums` has one matrix per block of customers, over (1, the drivers, the outcome): the sums of products; customers are never
    in two blocks. `rows` are the cases one by one (drivers, then outcome) where they are few, else None. `overall` is how
    many overall answers there are, `customers` how many gave the complete ones. `left_out` are drivers known too seldom.
    """

    measure: str
    drivers: tuple[Driver, ...]
    left_out: tuple[Driver, ...]
    overall: int
    customers: int
    values: int
    sums: Floats
    rows: Floats | None

    @property
    def count(self) -> int:
        """How many cases are complete."""
        return round(float(self.sums[:, 0, 0].sum())) if len(self.sums) else 0

    @property
    def is_enough(self) -> bool:
        """Whether drivers can be told at all."""
        return len(self.drivers) > 1 and self.count >= max(LEAST, LEAST_EACH * len(self.drivers))


def cases(events: Any, promises: Any | None, playbook: Playbook, *, as_of: datetime | None) -> Iterator[Cases]:
    """The cases of each measure with overall answers: those that name no touchpoint.

    An overall answer and the answers at touchpoints belong together by subject, or by customer where most overall answers
    of the measure name no subject. A case with several answers at a touchpoint counts their mean. `promises` is the table of
    promise outcomes: whether each promise on the subject was kept is then a driver too.
    """
    rated = given(events, playbook, as_of=as_of)
    whole = rated.filter(rated.touchpoint.isnull())
    counted = whole.group_by("measure").aggregate(
        n=whole.count(), tied=whole.subject.count(), people=whole.customer.count()
    )
    for row in sorted(zip(*(column.tolist() for column in arrays.cells(counted).values()), strict=True)):
        measure, n, tied, people = row
        key = "subject" if tied >= n / 2 else "customer"
        if max(tied, people) >= LEAST:
            yield _cases(whole.filter(whole.measure == measure), rated, promises, key=key, measure=measure)


def _cases(whole: Any, rated: Any, promises: Any | None, *, key: str, measure: str) -> Cases:
    outcome = whole.filter(whole[key].notnull()).mutate(case=whole[key])
    each = outcome.group_by("case").aggregate(outcome=outcome.quality.mean(), customer=outcome.customer.min())
    told = _told(rated, promises, key).semi_join(each, "case")
    known = told.group_by(["driver", "measure"]).aggregate(known=told.case.nunique())
    counts = arrays.cells(each.aggregate(overall=each.count(), values=each.outcome.nunique()))
    overall, values = int(counts["overall"][0]), int(counts["values"][0])
    found = [Driver(*row) for row in zip(*(column.tolist() for column in arrays.cells(known).values()), strict=True)]
    found.sort(key=lambda one: (-one.known, one.name, one.measure))
    chosen = [one for one in found if one.known >= max(COVERED * overall, LEAST)]
    while len(chosen) > 1:
        held = _complete(each, told, chosen)
        sums, customers = _sums(held, len(chosen))
        one = Cases(
            measure, tuple(chosen), tuple(d for d in found if d not in chosen), overall, customers, values, sums, None
        )
        if one.is_enough or len(chosen) == 2:
            return _with_rows(one, held)
        chosen.pop()
    return Cases(measure, (), tuple(found), overall, 0, values, np.zeros((0, 2, 2)), None)


def _told(rated: Any, promises: Any | None, key: str) -> Any:
    """What is known of each case beside its outcome: case, driver, measure, quality."""
    at = rated.filter(rated.touchpoint.notnull(), rated[key].notnull())
    told = at.select("measure", "quality", case=at[key], driver="touchpoint")
    if promises is None:
        return told
    ended = promises.filter(promises.outcome.isin(["kept", "late", "broken"]), promises[key].notnull())
    kept = ended.select(
        measure=ibis.literal(PROMISE),
        quality=(ended.outcome == "kept").ifelse(1.0, 0.0),
        case=ended[key],
        driver="promise",
    )
    return ibis.union(told, kept.select(*told.columns), distinct=False)


def _complete(each: Any, told: Any, chosen: Sequence[Driver]) -> Any:
    """One row per case of which every chosen driver is known: x_0, …, the outcome, the customer and the block."""
    columns = {
        f"x_{number}": told.quality.mean(where=(told.driver == one.name) & (told.measure == one.measure))
        for number, one in enumerate(chosen)
    }
    wide = told.group_by("case").aggregate(**columns)
    joined = each.inner_join(wide, "case")
    full = joined.filter(*(joined[name].notnull() for name in columns))
    return full.mutate(whose=ibis.coalesce(full.customer, full.case)).mutate(block=lambda t: buckets.bucket(t.whose))


def _sums(held: Any, drivers: int) -> tuple[Floats, int]:
    names = ["one", *(f"x_{number}" for number in range(drivers)), "outcome"]
    numbers = held.mutate(one=ibis.literal(1.0))
    pairs = list(combinations_with_replacement(range(len(names)), 2))
    products = {f"s_{a}_{b}": (numbers[names[a]] * numbers[names[b]]).sum() for a, b in pairs}
    cells = arrays.cells(
        numbers.group_by("block").aggregate(people=numbers.whose.nunique(), **products).order_by("block")
    )
    found = np.zeros((len(cells["block"]), len(names), len(names)))
    for a, b in pairs:
        found[:, a, b] = found[:, b, a] = cells[f"s_{a}_{b}"]
    return found, int(cells["people"].sum())


def _with_rows(one: Cases, held: Any) -> Cases:
    if not one.is_enough or one.count > MOST_ROWS or one.customers < one.count:
        return one
    names = [*(f"x_{number}" for number in range(len(one.drivers))), "outcome"]
    cells = arrays.cells(held.select("case", *names).order_by("case"))
    rows = np.column_stack([cells[name] for name in names])
    return Cases(one.measure, one.drivers, one.left_out, one.overall, one.customers, one.values, one.sums, rows)
