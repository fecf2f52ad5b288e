"""What else is on record of the cases of a problem, beside those of the same kind and rule that went well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aboveboard.analyses.problems import kinds, tallies
from aboveboard.analyses.problems.clusters import Clusters
from aboveboard.analyses.shared import arrays

LOST, SLOW, TOLD, VENDOR = "lost", "slow", "told", "vendor"
COORDINATION = (LOST, SLOW, TOLD)
SELF = {LOST: kinds.HANDOFF, TOLD: kinds.CONTRADICTION}
"""The trace that is the breakdown itself."""
_SAYS = {
    LOST: ("A hand-off was lost", "handoffs"),
    SLOW: ("A hand-off waited longer than nine of ten on its way", "handoffs, handoff_flows"),
    TOLD: ("Two channels said two things", "contradictions"),
    VENDOR: ("A vendor was in between", "handoffs"),
}


@dataclass(frozen=True)
class Trace:
    """How many cases of a problem, and how many that went well, have the trace."""

    problem: str
    name: str
    count: int
    n: int
    other_count: int
    other_n: int

    @property
    def says(self) -> str:
        return _SAYS[self.name][0]

    @property
    def source(self) -> str:
        return _SAYS[self.name][1]


def traces(found: Clusters, tables: Mapping[str, Any]) -> list[Trace]:
    """Every trace that the tables given can show, of every problem that a scan found; one query each."""
    marks = dict(_marks(tables))
    if not marks:
        return []
    lines = tallies.placed(found.timed, found.found)
    named = lines.filter(lines.subject.notnull())
    return [trace for name, marked in marks.items() for trace in _of(name, named, marked, found)]


def _marks(tables: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The subjects that have each trace (0 or 1), of those on which it could be known."""
    marks = []
    handoffs, flows, told = (tables.get(name) for name in ("handoffs", "handoff_flows", "contradictions"))
    if handoffs is not None:
        some = handoffs.filter(handoffs.basis == "told")
        marks.append((LOST, _flag(some, some.lost)))
        marks.append((VENDOR, _flag(handoffs, handoffs.between == "vendor")))
        if flows is not None:
            limits = flows.select("between", "sender", "receiver", slowest="waiting_minutes_p90")
            timed = handoffs.inner_join(limits, ["between", "sender", "receiver"])
            marks.append((SLOW, _flag(timed, (timed.waiting_minutes > timed.slowest).fill_null(False))))
    if told is not None:
        marks.append((TOLD, _flag(told, told.subject.notnull())))
    return marks


def _flag(table: Any, condition: Any) -> Any:
    marked = table.filter(table.subject.notnull()).mutate(mark=condition.ifelse(1, 0))
    return marked.group_by(its="subject").aggregate(mark=marked.mark.max())


def _of(name: str, named: Any, marked: Any, found: Clusters) -> list[Trace]:
    joined = named.left_join(marked, named.subject == marked.its)
    # A hand-off can be slow or lost only where there is one; a contradiction can strike any case.
    known = joined if name in (TOLD, VENDOR) else joined.filter(joined.mark.notnull())
    counted = known.mutate(mark=known.mark.fill_null(0), region=known.region.fill_null(-1)).group_by(
        ["kind", "rule", "region", "broken"]
    )
    cells = arrays.cells(
        counted.aggregate(n=lambda t: t.count().cast("int64"), marked=lambda t: t["mark"].sum().cast("int64"))
    )
    rows = list(
        zip(*(cells[column].tolist() for column in ("kind", "rule", "region", "broken", "n", "marked")), strict=True)
    )
    traced = []
    for each in found.problems:
        if each.lead is None:
            continue
        stratum = each.lead.region.stratum
        mine = [row for row in rows if row[2] in each.regions and row[3] and (row[0], row[1]) == stratum]
        well = [row for row in rows if not row[3] and (row[0], row[1]) == stratum]
        sums = [sum(row[place] for row in some) for some in (mine, well) for place in (5, 4)]
        traced.append(Trace(each.problem, name, *sums))
    return traced
