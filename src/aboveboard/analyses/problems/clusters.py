"""One problem per cause: regions that strike the same customers are one, and carry the name by which the record knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.problems import cells, clock, scan, tallies
from aboveboard.analyses.problems.regions import Region
from aboveboard.analyses.problems.scan import Found
from aboveboard.analyses.problems.tallies import Tally
from aboveboard.analyses.shared import discoveries, horizon
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

SAME = 0.5
"""Two regions are one problem where they have so large a part of the smaller one's cases in common."""
NEAR = 0.25
"""… if they have a place in common, or the smaller has at least so large a part of the larger one's number of cases."""
_SUBJECT = "problem:"


@dataclass(frozen=True)
class Cluster:
    """One problem: its key, its regions with their numbers (the surest first; none where only the record names it).

    `regions` are the places in the list of all regions that `cases` counts by.
    """

    problem: str
    members: tuple[Tally, ...] = ()
    regions: tuple[int, ...] = ()
    recorded: bool = False

    @property
    def lead(self) -> Tally | None:
        return self.members[0] if self.members else None


@dataclass(frozen=True)
class Clusters:
    """Every problem; `timed` are the occasions with their clock, `found` the regions in the order in which they take cases."""

    problems: tuple[Cluster, ...]
    found: tuple[Region, ...]
    timed: Any
    searches_count: int = 0


def clusters(
    events: Any, occasions: Any, playbook: Playbook, *, as_of: datetime | None = None, rate: float = scan.RATE
) -> Clusters:
    """Find the problems among the occasions, and those that events name, at a false-discovery rate of `rate`.

    Queries run here: counts per place and period, and how many cases two regions have in common.
    """
    within, _ = horizon.until(events, as_of)
    known = recorded(within)
    timed, calendar = clock.with_clock(occasions, playbook.timezone)
    if calendar is None:
        return Clusters(tuple(_only_recorded(known, set())), (), timed)
    scanned = scan.scan(cells.gathered(timed, calendar), rate=rate)
    found = _with_everywhere(timed, calendar, scanned, playbook, rate)
    its = tuple(each.region for each in found)
    numbers = tallies.tallies(timed, found, calendar, playbook)
    merged = _merged(numbers, its, timed, known)
    taken = {each.problem for each in merged}
    return Clusters((*merged, *_only_recorded(known, taken)), its, timed, scanned.searches_count)


def recorded(within: Any) -> Any:
    """Cases that the record ties to a problem, as a query: problem, subject, customer, at, whether it is a case at all.

    What is said *of* a problem (a fix, with the problem as its subject) names it and is no case of it.
    """
    named = within.mutate(problem=attributes.text(within, "problem"))
    of_it = named.subject.startswith(_SUBJECT).fill_null(False)
    problem = ibis.coalesce(named.problem, ibis.cases((of_it, named.subject.substr(len(_SUBJECT)))))
    is_case = ~of_it & ~named.type.startswith("fix.") & (named.subject.notnull() | named.customer.notnull())
    lines = named.mutate(problem=problem, is_case=is_case).select("problem", "subject", "customer", "time", "is_case")
    return lines.filter(lines.problem.notnull(), lines.problem != "")


def _with_everywhere(
    timed: Any, calendar: clock.Calendar, scanned: scan.Scanned, playbook: Playbook, rate: float
) -> list[Found]:
    """The regions, and the promises that miss their objective outside of them, all under one false-discovery limit."""
    parts = sorted(scanned.found, key=lambda each: (each.region.stratum[0], each.region.rule or ""))
    known = tallies.counts(timed, [each.region for each in parts], calendar)
    whole = tallies.everywhere(known, scanned.spreads, playbook)
    tested = sum(1 for promise in playbook.promises.values() if promise.objective is not None)
    both = [*parts, *whole]
    p = [each.p for each in both] + [1.0] * max(scanned.searches_count + tested - len(both), 0)
    q = discoveries.adjusted(p)
    return [replace(each, q=float(its)) for each, its in zip(both, q, strict=False) if its <= rate]


def _merged(numbers: Sequence[Tally], its: Sequence[Region], timed: Any, known: Any) -> list[Cluster]:
    """Regions grouped by cause. The surest member leads; equal ones in the order of their keys."""
    place = {region: number for number, region in enumerate(its)}
    if not numbers:
        return []
    common, sizes = _in_common(timed, its, known)
    parent = {place[each.region]: place[each.region] for each in numbers}

    def root(one: int) -> int:
        while parent[one] != one:
            one = parent[one]
        return one

    for number, one in enumerate(numbers):
        for other in numbers[:number]:
            first, second = place[one.region], place[other.region]
            counts = common[first, second], sizes[first], sizes[second]
            if one.region.key == other.region.key or _same(one.region, other.region, *counts):
                parent[root(first)] = root(second)
    grouped: dict[int, list[Tally]] = {}
    for each in sorted(numbers, key=lambda one: (one.q, -one.count.broken, one.region.key)):
        grouped.setdefault(root(place[each.region]), []).append(each)
    return _named([(group, [place[each.region] for each in group]) for group in grouped.values()], common, sizes)


def _same(one: Region, other: Region, shared: int, size: int, other_size: int) -> bool:
    """Whether two regions are one problem: at one place at one time, or striking the same cases in two ways.

    Of one kind and rule no case is in two regions, and what is at two places is two problems. What is everywhere has a
    part of every other problem's cases, and a long stretch of time many: so the smaller must be at a place of the larger
    too, or nearly as large.
    """
    if one.is_everywhere or other.is_everywhere or one.stratum == other.stratum:
        return one.stratum == other.stratum and one.overlaps(other)
    alike = bool(set(one.place) & set(other.place)) or min(size, other_size) >= NEAR * max(size, other_size)
    return one.overlaps(other) or (alike and shared >= SAME * min(size, other_size))


def _named(
    groups: Sequence[tuple[list[Tally], list[int]]], common: Counter[tuple[Any, Any]], sizes: Counter[Any]
) -> list[Cluster]:
    """Each group under the name in use that shares most cases with it, or that is one of its keys; else the lead's key."""
    names = sorted(name for name in sizes if isinstance(name, str))
    taken: set[str] = set()
    clusters_ = []
    for group, places in groups:
        keys = [each.region.key for each in group]
        shares = {
            name: max(
                common[name, number] / min(sizes[name], sizes[number]) if sizes[name] else 0.0 for number in places
            )
            for name in names
            if name not in taken
        }
        own = [name for name in keys if name in shares]
        shared = [name for name in shares if shares[name] >= SAME]
        name = (own or sorted(shared, key=lambda one: (-shares[one], one)) or keys)[0]
        taken.add(name)
        clusters_.append(Cluster(name, tuple(group), tuple(places), recorded=name in names))
    return clusters_


def _in_common(timed: Any, its: Sequence[Region], known: Any) -> tuple[Counter[tuple[Any, Any]], Counter[Any]]:
    """How many cases two regions, or a region and a problem of the record, have in common; and how many each has."""
    lines = tallies.placed(timed, its)
    struck = lines.filter(lines.broken, lines.region.notnull())
    cases = struck.select(
        name=ibis.literal(""), region="region", case=ibis.coalesce(struck.subject, struck.customer)
    ).distinct()
    named = known.mutate(case=ibis.coalesce(known.subject, known.customer))
    told = named.filter(named.is_case).select(name="problem", region=ibis.literal(-1, type="int64"), case="case")
    both = ibis.union(cases, told.distinct(), distinct=False)
    both = both.filter(both.case.notnull())
    other = both.view()
    pairs = both.inner_join(other, both.case == other.case).select(
        "name", "region", other_name=other.name, other_region=other.region
    )
    rows = ledgers.arrow(
        pairs.group_by(["name", "region", "other_name", "other_region"]).aggregate(n=pairs.count())
    ).to_pylist()
    common: Counter[tuple[Any, Any]] = Counter()
    for row in rows:
        common[_label(row["name"], row["region"]), _label(row["other_name"], row["other_region"])] = row["n"]
    sizes: Counter[Any] = Counter({one: n for (one, other), n in common.items() if one == other})
    for name in ledgers.arrow(known.select("problem").distinct())["problem"].to_pylist():
        sizes.setdefault(name, 0)
    return common, sizes


def _label(name: str, region: int) -> str | int:
    return name if region < 0 else region


def _only_recorded(known: Any, taken: set[str]) -> list[Cluster]:
    """Problems that events name and no scan has found."""
    names = ledgers.arrow(known.filter(known.is_case).select("problem").distinct())["problem"].to_pylist()
    return [Cluster(name, recorded=True) for name in sorted(names) if name not in taken]
