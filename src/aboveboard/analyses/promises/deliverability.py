"""What promise could be kept? The time within which the objective's share is met, overall and part by part.

Times are those of Kaplan–Meier, unmet ones censored where they were last seen, on the promise's own clock; quantiles
carry the interval of Brookmeyer and Crowley (1982). They hold for the world as it was: a promise that is made longer
may be worked on later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.promises import counts, honest, load, until
from aboveboard.analyses.promises.after import after
from aboveboard.analyses.promises.kept_share import KeptShare, kept_shares
from aboveboard.analyses.promises.slices import value_of
from aboveboard.analyses.promises.tables import DELIVERABILITY
from aboveboard.analyses.shared import arrays, survival
from aboveboard.playbook.model import Playbook

CUTS = ("all", "team", "channel", "touchpoint", "hour", "weekday", "load")
_PART = ("promise", "slice", "value")
Part = tuple[str, str, str]
FINE, COARSE = 4, 3
"""Significant digits of a duration, for the promise as a whole and for its parts."""
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
    dated = counts.with_clock(outcomes.filter(outcomes.outcome.notnull()), playbook.timezone)
    # Asked many times over: the engine works it out once, its load above all, and forgets it at the end.
    with _marked(dated).cache() as marked:
        rows = list(_rows(_parts(marked), playbook))
        stretches = _stretches(marked, rows)
        for row in rows:
            if row["slice"] == "all":
                row["honest"] = _honest(row, marked, playbook, stretches.get(row["promise"]), as_of)
    return arrays.rows_to_table(DELIVERABILITY, rows)


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


def _marked(dated: Any) -> Any:
    """What is asked of each start: its parts, and in seconds the time it took and what the date would need on top."""
    added = dated.minutes_observed - dated.minutes_allowed
    lengths = {
        f"{name}_{digits}": counts.seconds(minutes.coalesce(0), digits=digits)
        for name, minutes in (("taken", dated.minutes_observed), ("added", added))
        for digits in (FINE, COARSE)
    }
    return load.with_load(dated.drop("customer", "subject", "minutes_late", "minutes_taken").mutate(**lengths))


def _parts(marked: Any) -> Any:
    """Every start once per cut: under `slice` and `value`, its lengths `taken` and `added`, finer for the whole."""
    cuts = []
    for cut in CUTS:
        digits = FINE if cut == "all" else COARSE
        cuts.append(
            marked.select(
                "promise",
                "outcome",
                "minutes_observed",
                "minutes_allowed",
                slice=ibis.literal(cut),
                value=value_of(marked, cut),
                taken=marked[f"taken_{digits}"],
                added=marked[f"added_{digits}"],
            )
        )
    return ibis.union(*cuts)


def _rows(parts: Any, playbook: Playbook) -> Iterator[dict[str, Any]]:
    """The rows of the table but for `honest`, by promise, cut and value."""
    taken = _curves(parts, parts.taken)
    added = _added(parts, {promise for promise, *_ in taken if _by_date(promise, playbook)})
    promised = _promised(parts)
    shares = dict(kept_shares(parts, *_PART))
    for part in sorted(shares, key=lambda part: (str(part[0]), CUTS.index(part[1]))):
        promise, cut, value = part
        share, objective = shares[part], objective_of(promise, playbook)
        yield {
            "promise": promise,
            "slice": cut,
            "value": value,
            "starts_count": share.starts_count,
            **arrays.estimate_columns("kept_share", share.kept),
            "objective": objective,
            "minutes_promised": promised[part],
            **arrays.estimate_columns("minutes_deliverable", _minutes(taken[part], objective)),
            "minutes_added": _minutes(added[part], objective).value if part in added else None,
            "verdict": verdict(share, objective),
        }


def _curves(parts: Any, seconds: Any) -> Mapping[Part, survival.Curve]:
    """Per promise, cut and value, the share not yet met by each time, in seconds."""
    timed = parts.mutate(time=seconds, met=parts.outcome.isin(["kept", "late"]))
    table = arrays.cells(timed.group_by([*_PART, "time", "met"]).aggregate(count=lambda t: t.count()))
    return {
        key: survival.curve(cells["time"], cells["count"] * cells["met"], cells["count"] * (1 - cells["met"]))
        for key, cells in arrays.groups(table, *_PART)
    }


def _added(parts: Any, by_date: set[str]) -> Mapping[Part, survival.Curve]:
    """The same for promises by a date, in seconds after the date."""
    if not by_date:
        return {}
    dated = parts.filter(parts.promise.isin(sorted(by_date)))
    return _curves(dated, dated.added)


def _minutes(curve: survival.Curve, objective: float) -> survival.Estimate:
    seconds = curve.quantile(objective)
    return survival.Estimate(seconds.value / 60, seconds.low / 60, seconds.high / 60)


def _promised(parts: Any) -> Mapping[Part, float]:
    medians = parts.group_by(_PART).aggregate(promised=lambda t: t.minutes_allowed.quantile(0.5))
    table = arrays.cells(medians)
    return dict(zip(zip(*(table[name] for name in _PART), strict=True), table["promised"].tolist(), strict=True))


def _by_date(promise: str, playbook: Playbook) -> bool:
    entry = playbook.promises.get(promise)
    return entry is None or entry.within is None


def _stretches(marked: Any, rows: list[dict[str, Any]]) -> Mapping[str, until.Until]:
    """Until when those promises hold that do not hold all day, where such a time is found."""
    shaky = {
        row["promise"]: row["objective"] for row in rows if row["slice"] == "all" and row["verdict"] != DELIVERABLE
    }
    ended = marked.filter(marked.outcome.isin(counts.ENDED) & marked.promise.isin(list(shaky)))
    table = arrays.cells(
        ended.group_by(["promise", "day", "slot"]).aggregate(
            ended=lambda t: t.count(), missed=lambda t: counts.number(t.outcome.isin(counts.MISSED))
        )
    )
    found = {name: until.find(cells, shaky[name]) for (name,), cells in arrays.groups(table, "promise")}
    return {name: stretch for name, stretch in found.items() if stretch is not None}


def _honest(
    row: Mapping[str, Any], marked: Any, playbook: Playbook, stretch: until.Until | None, as_of: datetime
) -> str:
    """The promise that could be kept, in words; says so where there is none, or where the data do not tell."""
    entry = playbook.promises.get(row["promise"])
    as_it_stands = entry.within.says if entry is not None and entry.within is not None else "the time promised"
    if row["verdict"] == DELIVERABLE:
        return as_it_stands
    if stretch is not None:
        rest = after(marked, playbook, row["promise"], stretch, row["objective"], as_of)
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
