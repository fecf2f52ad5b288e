"""What should be done first? Small changes by breakdowns spared × reach ÷ effort, and those that fit into the time there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aboveboard.analyses.journeys import knapsack
from aboveboard.analyses.journeys.candidates import EFFORTS, Candidate, candidates
from aboveboard.analyses.journeys.tables import SMALL_STEPS
from aboveboard.analyses.shared import arrays, horizon, intervals
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes
from aboveboard.playbook.model import Playbook

CAPACITY = 10.0
"""Days of work that may be under way at one time: a fortnight of one person."""
_READ = ("promise_slices", "deliverability", "steps", "policies", "touchpoints")
_WEEK = 7 * 86_400 * 1_000_000


def small_steps(
    events: Any,
    tables: Mapping[str, Any],
    playbook: Playbook,
    *,
    as_of: datetime | None = None,
    efforts: Mapping[str, float] = EFFORTS,
    capacity_days: float = CAPACITY,
) -> Any:
    """One row per small change: table SMALL_STEPS (see `tables`).

    `tables` are those of the other analyses by name: promise_slices, deliverability, steps, insistence, policies and
    touchpoints; a missing one suggests nothing. What a change spares is the share of those whom it reaches that are let
    down now and would not be if it worked wholly (see `candidates`); for a part of a promise or a touchpoint: as seldom as
    the others are. Differences between parts are shrunken. So the numbers are the most that can be hoped for, and good for
    the order.

    Effort is what the latest `suggestion.made` about the rule says in `attributes.effort` (days), else `efforts` by the kind of
    change. The order is by what is spared each week per day of effort; of alternatives (several changes to one promise) only
    the best is in it. `chosen` is the exact best set within `capacity_days` (`knapsack`). `information_weekly` is what knowing
    the effect for sure would be worth before deciding (Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory,
    5.4): the unit normal loss.
    """
    rows = {name: ledgers.arrow(tables[name]).to_pylist() for name in _READ if name in tables}
    if "insistence" in tables:
        asked = tables["insistence"]
        counted = asked.group_by("step").aggregate(visits_count=asked.visit.nunique())
        rows["insistence"] = ledgers.arrow(counted).to_pylist()
    found = list(candidates(rows, playbook))
    if not found:
        return arrays.rows_to_table(SMALL_STEPS, [])
    timed, end = horizon.until(events, as_of)
    first = arrays.cells(timed.aggregate(first=timed.at.min(), last=timed.at.max() if as_of is None else end))
    weeks = max(1.0, float(first["last"][0] - first["first"][0]) / _WEEK)
    return arrays.rows_to_table(SMALL_STEPS, _rows(found, _suggested(timed), efforts, weeks, capacity_days))


def _suggested(timed: Any) -> dict[str, tuple[int, float | None]]:
    """By rule: how many suggestions there are, and the effort that the latest one with a number names (days)."""
    made = timed.filter(timed.type == "suggestion.made", timed.rule.notnull())
    told = made.select("rule", "at", "id", effort=attributes.text(made, "effort"))
    said: dict[str, tuple[int, float | None]] = {}
    for row in ledgers.arrow(told.order_by(["at", "id"])).to_pylist():
        count, effort = said.get(row["rule"], (0, None))
        said[row["rule"]] = count + 1, _days(row["effort"]) or effort
    return said


def _days(text: str | None) -> float | None:
    try:
        days = float(text or "")
    except ValueError:
        return None
    return days if 0 < days < 1e4 else None


def _rows(
    found: list[Candidate],
    suggested: Mapping[str, tuple[int, float | None]],
    efforts: Mapping[str, float],
    weeks: float,
    capacity: float,
) -> Iterator[dict[str, Any]]:
    said = [suggested.get(one.rule or "", (0, None)) for one in found]
    days = [own or efforts[one.kind] for one, (_, own) in zip(found, said, strict=True)]
    spared = [one.reach * one.spared / weeks for one in found]
    order = knapsack.order(spared, days)
    best_of: dict[str, int] = {}
    for at in order:
        best_of.setdefault(found[at].group, at)
    queue = list(best_of.values())
    chosen = {queue[at] for at in knapsack.best([spared[at] for at in queue], [days[at] for at in queue], capacity)}
    for at in order:
        one, error = found[at], found[at].reach * found[at].error / weeks
        yield {
            "step": f"{one.kind}: {one.about}",
            "kind": one.kind,
            "about": one.about,
            "says": one.says,
            "owner": one.owner,
            "reach_weekly": one.reach / weeks,
            "spared_share": one.spared,
            "spared_weekly": spared[at],
            "spared_weekly_low": max(0.0, spared[at] - intervals.Z95 * error),
            "spared_weekly_high": min(one.reach / weeks, spared[at] + intervals.Z95 * error),
            "effort_days": days[at],
            "effort_from": "a suggestion" if said[at][1] else "usual for its kind",
            "suggestions_count": said[at][0],
            "spared_per_day": spared[at] / days[at],
            "information_weekly": _worth_of_knowing(spared[at], error),
            "rank": queue.index(at) + 1 if at in queue else None,
            "chosen": at in chosen,
        }


def _worth_of_knowing(mean: float, error: float) -> float:
    """What would be saved by leaving a change alone that does nothing: the expected value of perfect information."""
    from scipy import stats

    if error <= 0:
        return 0.0
    z = abs(mean) / error
    return float(error * (stats.norm.pdf(z) - z * stats.norm.sf(z)))
