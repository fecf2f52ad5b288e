"""Who came to how many abuse events on how many occasions: counted in the engine, and the few long records brought out.

An **abuse event** is a `harm.found` on an exception that the customer was granted (the same subject and rule, at or after the
grant), unless the event says `attributes.abuse` is false, as where the harm befell the customer; and any event of the
customer that says `attributes.abuse` is true. An **occasion** is an exception granted to the customer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from aboveboard.analyses.exceptions import honest_rates
from aboveboard.analyses.exceptions.honest_rates import Floats
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

GRANTED, HARM = "exception.granted", "harm.found"
ALL = "(all)"


@dataclass(frozen=True)
class History:
    """One customer's record: moments in microseconds, ascending; `others` are the household's events and occasions."""

    customer: str
    segment: str
    abuse_at: npt.NDArray[np.int64]
    abuse_ids: tuple[str, ...]
    occasions_at: npt.NDArray[np.int64]
    others: tuple[float, float] = (0.0, 0.0)

    def within(self, after: int, until: int) -> tuple[int, int]:
        """(abuse events, occasions) later than `after` and up to `until`; an abuse event is an occasion too."""
        count = _between(self.abuse_at, after, until)
        return count, max(count, _between(self.occasions_at, after, until))

    def ids(self, after: int, until: int) -> tuple[str, ...]:
        """The abuse events in that time, the latest first."""
        chosen = (self.abuse_at > after) & (self.abuse_at <= until)
        return tuple(name for name, is_in in zip(self.abuse_ids, chosen, strict=True) if is_in)[::-1]


@dataclass(frozen=True)
class Record:
    """Everybody's record within the window by segment, as kinds of record, and the histories of those with a long one."""

    segments: dict[str, tuple[Floats, Floats, Floats]]
    histories: dict[str, History]


def _between(moments: npt.NDArray[np.int64], after: int, until: int) -> int:
    return int(np.searchsorted(moments, until, side="right") - np.searchsorted(moments, after, side="right"))


def of(timed: Any, *, now: int, window: int, long: int, occasions: Collection[str] = (GRANTED,)) -> Record:
    """Count the record of `timed` (events with `at`) within the `window` before `now`, both in microseconds.

    Records of `long` abuse events and more come with their histories; shorter ones are counted in the engine alone.
    """
    marks = _marks(timed, occasions)
    recent = marks["at"] > now - window
    counted = marks.group_by("customer").aggregate(
        ever=_sum(marks.is_abuse == 1),
        count=_sum((marks.is_abuse == 1) & recent),
        granted=_sum((marks.is_abuse == 0) & recent),
    )
    people = _described(counted.mutate(exposure=ibis.greatest(counted["count"], counted.granted)), timed)
    return Record(_segments(people), _histories(marks, people, long))


def _sum(condition: Any) -> Any:
    return condition.ifelse(1, 0).sum().cast("int64")


def _marks(timed: Any, occasions: Collection[str]) -> Any:
    """One row per abuse event and per occasion: customer, id, at, is_abuse."""
    granted = timed.filter(timed.type.isin(sorted(occasions)), timed.customer.notnull())
    marked = timed.filter(timed.attributes.contains('"abuse"'), timed.customer.notnull())
    said = marked.filter(attributes.text(marked, "abuse") == "true")
    harmed = _harms(timed)
    abuse = ibis.union(said.select("customer", "id", "at"), harmed, distinct=True)
    return ibis.union(
        granted.select("customer", "id", "at").mutate(is_abuse=ibis.literal(0, type="int64")),
        abuse.mutate(is_abuse=ibis.literal(1, type="int64")),
        distinct=False,
    )


def _harms(timed: Any) -> Any:
    """Harm found on an exception: customer (who had the exception), id, at."""
    granted = timed.filter(timed.type == GRANTED, timed.subject.notnull(), timed.rule.notnull())
    given = granted.group_by(given_subject=granted.subject, given_rule=granted.rule).aggregate(
        given_at=granted["at"].min(), given_to=granted.customer.min()
    )
    harm = timed.filter(timed.type == HARM)
    counting = harm.filter((attributes.text(harm, "abuse") != "false").fill_null(True))
    joined = counting.join(
        given, (counting.subject == given.given_subject) & (counting.rule == given.given_rule)
    ).mutate(who=ibis.coalesce(given.given_to, counting.customer))
    return (
        joined.filter(joined["at"] >= joined.given_at, joined.who.notnull())
        .select("id", "at", customer="who")
        .select("customer", "id", "at")
    )


def _described(people: Any, timed: Any) -> Any:
    """Adds segment and household: what the customer's latest event that says so says."""
    for key in ("segment", "household"):
        saying = timed.filter(timed.attributes.contains(f'"{key}"'), timed.customer.notnull())
        said = saying.select("id", "at", who="customer", said=attributes.text(saying, key))
        known = said.filter(said.said.notnull())
        latest = ibis.window(group_by="who", order_by=[known["at"].desc(), known.id.desc()])
        first = known.mutate(place=ibis.row_number().over(latest)).filter(ibis._.place == 0).select("who", "said")
        people = people.left_join(first, people.customer == first.who).drop("who").rename({key: "said"})
    return people.mutate(segment=ibis.coalesce(people.segment, ALL))


def _segments(people: Any) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Of each segment the kinds of record: (abuse events, occasions, customers)."""
    seen = people.filter(people.exposure > 0)
    cells = arrays.cells(seen.group_by("segment", "count", "exposure").aggregate(customers=seen.count()))
    return {
        key[0]: honest_rates.records(one["count"], one["exposure"], one["customers"])
        for key, one in arrays.groups(cells, "segment")
    }


def _histories(marks: Any, people: Any, least: int) -> dict[str, History]:
    long = people.filter(people.ever >= least)
    rows = ledgers.arrow(long.select("customer", "segment", "household", "count", "exposure")).to_pylist()
    if not rows:
        return {}
    mine = marks.semi_join(long, "customer").order_by("customer", "at", "id")
    events = dict(arrays.groups(arrays.cells(mine), "customer"))
    homes = _households(people, least) if any(row["household"] is not None for row in rows) else {}
    return {row["customer"]: _history(row, events[(row["customer"],)], homes) for row in rows}


def _households(people: Any, least: int) -> dict[str, tuple[int, int]]:
    """Of each household with a long record in it: abuse events and occasions of all its members."""
    home = people.filter(people.household.notnull())
    concerned = home.filter(home.ever >= least).select("household").distinct()
    sums = (
        home.semi_join(concerned, "household")
        .group_by("household")
        .aggregate(counts=home["count"].sum(), exposures=home.exposure.sum())
    )
    return {row["household"]: (row["counts"], row["exposures"]) for row in ledgers.arrow(sums).to_pylist()}


def _history(row: dict[str, Any], events: arrays.Cells, homes: dict[str, tuple[int, int]]) -> History:
    order = np.lexsort((events["id"].astype(str), events["at"]))
    at, ids, is_abuse = events["at"][order], events["id"][order], events["is_abuse"][order] == 1
    all_counts, all_exposures = homes.get(row["household"], (row["count"], row["exposure"]))
    return History(
        row["customer"],
        row["segment"],
        at[is_abuse].astype(np.int64),
        tuple(str(name) for name in ids[is_abuse]),
        at[~is_abuse].astype(np.int64),
        (float(all_counts - row["count"]), float(all_exposures - row["exposure"])),
    )
