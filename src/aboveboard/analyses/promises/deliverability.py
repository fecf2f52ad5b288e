"""What promise could be kept? The time within which the objective's share is met, overall and part by part.

Times are those of Kaplan–Meier, unmet ones censored where they were last seen, on the promise's own clock; quantiles
carry the interval of Brookmeyer and Crowley (1982). They hold for the world as it was: a promise that is made longer
may be worked on later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aboveboard.analyses.promises import counts, honest, load, until
from aboveboard.analyses.promises.after import after
from aboveboard.analyses.promises.kept_share import KeptShare, kept_shares
from aboveboard.analyses.promises.slices import value_of
from aboveboard.analyses.promises.tables import DELIVERABILITY
from aboveboard.analyses.shared import survival
from aboveboard.playbook.model import Playbook

CUTS = ("all", "team", "channel", "touchpoint", "hour", "weekday", "load")
OBJECTIVE = 0.95
"""Asked for where the playbook states no objective."""
DELIVERABLE, NOT_DELIVERABLE, NOT_ENOUGH = "deliverable", "not deliverable", "not enough data"


def deliverability(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """One row per promise and slice: an Ibis table with the columns of `tables.DELIVERABILITY`.

    Slices are those of `slices.slices`, and `load` (see `load.with_load`). Starts without a time promised are left
    out. `verdict` is `deliverable` where the lower bound of the kept share reaches the objective, `not deliverable`
    where the upper bound does not, else, and below 20 ended promises, `not enough data`. For promises by a date,
    `minutes_added` is what the date would need on top; `minutes_deliverable` is still counted from the start.
    The row `all` says the honest promise in words (`honest`).
    """
    dated = outcomes.filter(outcomes.outcome.notnull())
    marked = counts.with_clock(dated, playbook.timezone)
    rows = [row for cut in CUTS for row in _cut(load.with_load(marked) if cut == "load" else marked, cut, playbook)]
    stretches = _stretches(marked, rows)
    for row in rows:
        if row["slice"] == "all":
            row["honest"] = _honest(row, outcomes, playbook, stretches.get(row["promise"]), as_of)
    rows.sort(key=lambda row: str(row["promise"]))
    return counts.rows_to_table(DELIVERABILITY, rows)


def verdict(share: KeptShare, objective: float) -> str:
    """Whether the promise as it stands can be kept at the objective; see `deliverability`."""
    if share.ended_count < counts.ENOUGH:
        return NOT_ENOUGH
    if share.kept.low >= objective:
        return DELIVERABLE
    return NOT_DELIVERABLE if share.kept.high < objective else NOT_ENOUGH


def objective_of(promise: str, playbook: Playbook) -> float:
    """The playbook's objective for the promise, `OBJECTIVE` where it states none."""
    entry = playbook.promises.get(promise)
    return OBJECTIVE if entry is None or entry.objective is None else entry.objective


def _cut(marked: Any, cut: str, playbook: Playbook) -> Iterator[dict[str, Any]]:
    parts = marked.mutate(value=value_of(marked, cut))
    digits = 4 if cut == "all" else 3
    taken = _curves(parts, parts.minutes_observed, digits)
    added = _added(parts, {promise for promise, _ in taken if _by_date(promise, playbook)}, digits)
    promised = _promised(parts)
    for (promise, value), share in kept_shares(parts, "promise", "value"):
        objective = objective_of(promise, playbook)
        yield {
            "promise": promise,
            "slice": cut,
            "value": value,
            "starts_count": share.starts_count,
            **counts.estimate_columns("kept_share", share.kept),
            "objective": objective,
            "minutes_promised": promised[promise, value],
            **counts.estimate_columns("minutes_deliverable", _minutes(taken[promise, value], objective)),
            "minutes_added": _minutes(added[promise, value], objective).value if (promise, value) in added else None,
            "verdict": verdict(share, objective),
        }


def _curves(parts: Any, minutes: Any, digits: int) -> Mapping[tuple[str, str], survival.Curve]:
    """Per promise and value, the share not yet met by each time, in seconds."""
    met = parts.outcome.isin(["kept", "late"])
    timed = parts.mutate(time=counts.seconds(minutes.coalesce(0), digits=digits), met=met)
    table = counts.cells(timed.group_by(["promise", "value", "time", "met"]).aggregate(count=lambda t: t.count()))
    return {
        key: survival.curve(cells["time"], cells["count"] * cells["met"], cells["count"] * (1 - cells["met"]))
        for key, cells in counts.groups(table, "promise", "value")
    }


def _added(parts: Any, by_date: set[str], digits: int) -> Mapping[tuple[str, str], survival.Curve]:
    """Per promise by a date, and value, the share not yet met by each time after the date, in seconds."""
    if not by_date:
        return {}
    dated = parts.filter(parts.promise.isin(sorted(by_date)))
    return _curves(dated, dated.minutes_observed - dated.minutes_allowed, digits)


def _minutes(curve: survival.Curve, objective: float) -> survival.Estimate:
    seconds = curve.quantile(objective)
    return survival.Estimate(seconds.value / 60, seconds.low / 60, seconds.high / 60)


def _promised(parts: Any) -> Mapping[tuple[str, str], float]:
    medians = parts.group_by(["promise", "value"]).aggregate(promised=lambda t: t.minutes_allowed.quantile(0.5))
    table = counts.cells(medians)
    return dict(zip(zip(table["promise"], table["value"], strict=True), table["promised"].tolist(), strict=True))


def _by_date(promise: str, playbook: Playbook) -> bool:
    entry = playbook.promises.get(promise)
    return entry is None or entry.within is None


def _stretches(marked: Any, rows: list[dict[str, Any]]) -> Mapping[str, until.Until]:
    """Until when those promises hold that do not hold all day, where such a time is found."""
    shaky = {
        row["promise"]: row["objective"] for row in rows if row["slice"] == "all" and row["verdict"] != DELIVERABLE
    }
    ended = marked.filter(marked.outcome.isin(counts.ENDED) & marked.promise.isin(list(shaky)))
    table = counts.cells(
        ended.group_by(["promise", "day", "slot"]).aggregate(
            ended=lambda t: t.count(), missed=lambda t: counts.number(t.outcome.isin(counts.MISSED))
        )
    )
    found = {name: until.find(cells, shaky[name]) for (name,), cells in counts.groups(table, "promise")}
    return {name: stretch for name, stretch in found.items() if stretch is not None}


def _honest(
    row: Mapping[str, Any], outcomes: Any, playbook: Playbook, stretch: until.Until | None, as_of: datetime
) -> str:
    """The promise that could be kept, in words; says so where there is none, or where the data do not tell."""
    entry = playbook.promises.get(row["promise"])
    as_it_stands = entry.within.says if entry is not None and entry.within is not None else "the time promised"
    if row["verdict"] == DELIVERABLE:
        return as_it_stands
    if stretch is not None:
        rest = after(outcomes, playbook, row["promise"], stretch, row["objective"], as_of)
        minutes = float("nan") if rest.minutes is None else rest.minutes
        return honest.in_parts(as_it_stands, stretch, rest, _words(minutes, row["promise"], playbook))
    if row["verdict"] == NOT_ENOUGH:
        return NOT_ENOUGH
    minutes = row["minutes_added"] if _by_date(row["promise"], playbook) else row["minutes_deliverable"]
    return _words(minutes, row["promise"], playbook)


def _words(minutes: float, promise: str, playbook: Playbook) -> str:
    """Minutes (of promises by a date: after the date) as what can be said to a customer."""
    return (
        "no time at all" if minutes != minutes else honest.in_words(minutes, playbook.promises.get(promise), playbook)
    )
