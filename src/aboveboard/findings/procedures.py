"""What the procedures show: steps to make conditional or to drop, a no that did not count, steps left out, whys unwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.analyses.procedures import advice, saying
from aboveboard.findings import comparing, sentences
from aboveboard.findings.comparing import ENOUGH
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

OFTEN = 0.05
"""A must that is unmet in a smaller part of its visits is no finding."""
MOST_TEAMS = 5
_AIPW = (
    "augmented inverse probability weighting over natural omissions, five-fold cross-fitting, false-discovery rate 5 %",
    f"Robins, Rotnitzky and Zhao (1994), JASA 89, 846–866; Chernozhukov et al. (2018), Econometrics J. 21, C1–C68; "
    f"{comparing.BENJAMINI_HOCHBERG}",
)
_SHARE = ("share of visits, Wilson interval", comparing.WILSON)
_AGAINST_REST = (
    "share of visits, Wilson interval; against the other teams, false-discovery rate 5 %",
    f"{comparing.WILSON}; {comparing.BENJAMINI_HOCHBERG}",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "step.make-conditional",
        "A step is worth having in one context and surely not in another.",
        "The advice for the step is make conditional.",
        ("procedure", "step"),
        "steps",
    ),
    Kind(
        "step.drop",
        "A step surely adds less than is worth having, everywhere.",
        "The advice for the step is drop.",
        ("procedure", "step"),
        "steps",
    ),
    Kind(
        "step.insistence",
        "Customers who had declined a step were offered it again in the same visit.",
        "At least one such offer.",
        ("procedure", "step"),
        "insistence",
    ),
    Kind(
        "step.without-why",
        "A step for which nobody has written down why.",
        "The playbook says no why.",
        ("procedure", "step"),
        "steps",
    ),
    Kind(
        "step.skipped",
        "A must is often not met; or a team has it unmet more often than the others.",
        "20 or more visits and at least 5 % unmet; a team (five at most) where its share is above the rest's (false-discovery "
        "rate 5 %).",
        ("procedure", "step", "team"),
        "duties",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `steps`, `insistence` and `duties` (a missing table says nothing)."""
    steps = rows(tables, "steps")
    for row in steps:
        if row["context"] != "all":
            continue
        if row["advice"] == advice.CONDITIONAL:
            yield _conditional(row, [one for one in steps if one["step"] == row["step"] and one is not row])
        if row["advice"] == advice.DROP:
            yield _drop(row)
        if row["why"] is None:
            yield _without_why(row)
        yield from _insistence(row, tables)
        if row["kind"] == "must":
            yield from _skipped(row, tables)


def _conditional(row: Row, parts: Sequence[Row]) -> Finding:
    here = [one for one in parts if one["advice"] == advice.CONDITIONAL]
    there = [one for one in parts if one["advice"] == advice.KEEP]
    most = max(here, key=lambda one: (one["scored_count"], one["context"]))
    return _finding(
        "step.make-conditional",
        row,
        f"{_quoted(row)} is worth having here: {_effects(there)}; and not here: {_effects(here)}.",
        action=f"Make it due only where it helps: `when: {row['proposed_when']}`.",
        evidence=_evidence(most),
        # Whom it bothered: those who said no to it where it adds nothing.
        weight=float(sum(one["declined_count"] for one in here)),
        where={"step": row["step"], "advice": advice.CONDITIONAL},
    )


def _drop(row: Row) -> Finding:
    harms = row["effect_high"] < 0
    return _finding(
        "step.drop",
        row,
        f"{_quoted(row)} {'does harm' if harms else 'adds nothing worth having'} for the customer: {_effect(row)} in "
        f"{row['scored_count']:,} visits.",
        action=f"Drop it, unless it is there for another reason: {_why(row)}.",
        evidence=_evidence(row),
        weight=float(row["undertaken_count"] if harms else row["declined_count"]),
        where={"step": row["step"], "context": "all"},
    )


def _insistence(row: Row, tables: Tables) -> Iterator[Finding]:
    table = tables.get("insistence")
    found = None if table is None else table.filter(pc.equal(table["step"], row["step"]))
    if found is None or not found.num_rows:
        return
    visits, declines = len(pc.unique(found["visit"])), _declined(row, tables)
    evidence, share = Evidence(visits, float(visits), "count", method="count of visits"), ""
    if declines >= ENOUGH:
        low, high = comparing.interval(visits, declines)
        evidence = Evidence(declines, visits / declines, "share", low, high, *_SHARE)
        share = f" That is {sentences.percent(visits / declines)} of those who declined ({_range(low, high)})."
    yield _finding(
        "step.insistence",
        row,
        f"After a no to {_quoted(row)}, {sentences.counted(visits, 'customer was', 'customers were')} asked again"
        f"{_how_often(found, visits)}.{share}",
        action="Say in the procedure that a no is an answer and completes the step, and look at what is counted or checked.",
        evidence=evidence,
        weight=float(visits),
        events=_latest(found, "offered_at", "event"),
        table="insistence",
        where={"step": row["step"]},
    )


def _how_often(found: pa.Table, visits: int) -> str:
    times = f", {found.num_rows:,} times in all" if found.num_rows > visits else ""
    gave_in = len(pc.unique(found.filter(found["accepted"])["visit"]))
    return f"{times}; {gave_in:,} took it in the end" if gave_in else f"{times}; none took it in the end"


def _declined(row: Row, tables: Tables) -> int:
    """In how many visits the customer said no at some time: the last answer was a no, or it was offered again after one."""
    duties = tables.get("duties")
    if duties is None:
        return 0
    mine = duties.filter(pc.equal(duties["step"], row["step"]))
    declined = pc.fill_null(pc.equal(mine["answer"], "declined"), False)
    return int(pc.sum(pc.or_(declined, pc.greater(mine["insisted_count"], 0))).as_py() or 0)


def _without_why(row: Row) -> Finding:
    return _finding(
        "step.without-why",
        row,
        f"Nobody has written down why {_quoted(row)} is there.",
        action="Ask who knows what it is good for, and write it into the playbook; if nobody knows, ask whether it is needed.",
        evidence=Evidence(row["visits_count"], float(row["visits_count"]), "count", method="count of visits"),
        # No customer is let down by a missing line; it stands after what is.
        weight=0.0,
        where={"step": row["step"]},
    )


def _skipped(row: Row, tables: Tables) -> Iterator[Finding]:
    judged = row["met_count"] + row["unmet_count"]
    if judged < ENOUGH or row["unmet_count"] / judged < OFTEN:
        return
    duties = tables.get("duties")
    mine = (
        None if duties is None else duties.filter(pc.equal(duties["step"], row["step"]), null_selection_behavior="drop")
    )
    unmet = None if mine is None else mine.filter(pc.equal(mine["met"], False))
    yield _unmet(row, row["unmet_count"], judged, unmet, team=None)
    if mine is not None and unmet is not None:
        for team, count, n in _worse_teams(mine):
            yield _unmet(row, count, n, unmet.filter(pc.equal(unmet["team"], team)), team=team)


def _worse_teams(mine: pa.Table) -> list[tuple[str, int, int]]:
    """Teams with a greater share of unmet visits than the rest: (team, unmet, judged), those with most first."""
    known = mine.filter(pc.and_(pc.is_valid(mine["met"]), pc.is_valid(mine["team"])))
    unmet = pc.if_else(known["met"], 0, 1)
    summed = (
        pa.table({"team": known["team"], "unmet": unmet})
        .group_by("team")
        .aggregate([("unmet", "sum"), ("unmet", "count")])
    )
    parts = sorted((row["team"], row["unmet_sum"], row["unmet_count"]) for row in summed.to_pylist())
    more = comparing.more_than_rest([(count, n) for _, count, n in parts])
    worse = [part for part, is_more in zip(parts, more, strict=True) if is_more]
    return sorted(worse, key=lambda part: -part[1])[:MOST_TEAMS]


def _unmet(row: Row, count: int, n: int, unmet: pa.Table | None, *, team: str | None) -> Finding:
    low, high = comparing.interval(count, n)
    at = f"At {team}, " if team else ""
    because = f"; mostly it was {row['unmet_because']}" if not team else ""
    said = f"{at}{_quoted(row)}, a must, was not met in {count:,} of {n:,} visits ({_range(low, high)}){because}."
    return _finding(
        "step.skipped",
        row,
        said,
        action="Ask what gets in the way of it: time, tools, or a step that does not fit every visit."
        if team is None
        else f"Ask what gets in the way of it at {team}: time, tools, or a step that does not fit the visits there.",
        evidence=Evidence(n, count / n, "share", low, high, *(_AGAINST_REST if team else _SHARE)),
        weight=float(count),
        events=() if unmet is None else _latest(unmet, "started_at", "visit"),
        table="duties",
        about={"team": team or "all"},
        where={"step": row["step"], "met": False} | ({"team": team} if team else {}),
    )


def _finding(kind: str, row: Row, sentence: str, *, about: Mapping[str, str] | None = None, **more: Any) -> Finding:
    named = {"procedure": row["procedure"], "step": _name(row)} | dict(about or {})
    return Finding(kind, named, sentence, owner=row["owner"], **{"table": "steps"} | more)


def _evidence(row: Row) -> Evidence:
    return Evidence(row["scored_count"], row["effect"], "points", row["effect_low"], row["effect_high"], *_AIPW)


def _effect(row: Row) -> str:
    low, high = saying.points(row["effect_low"]), saying.points(row["effect_high"])
    return f"{saying.points(row['effect'])} on {row['measure']}, {low} to {high}"


def _effects(parts: Sequence[Row]) -> str:
    return sentences.listed([f"{one['context']} ({_effect(one)})" for one in parts])


def _why(row: Row) -> str:
    return "nobody has written one down" if row["why"] is None else f"the playbook says {sentences.quoted(row['why'])}"


def _name(row: Row) -> str:
    return str(row["step"]).removeprefix(f"{row['procedure']}/")


def _quoted(row: Row) -> str:
    return f"“{_name(row).replace('-', ' ').replace('_', ' ')}”"


def _range(low: float, high: float) -> str:
    return sentences.percent_range(low, high)


def _latest(table: pa.Table, at: str, event: str) -> tuple[str, ...]:
    order = [(at, "descending"), (event, "ascending")]
    chosen = table.take(pc.select_k_unstable(table, min(MOST_EVENTS, table.num_rows), order))
    return tuple(str(value) for value in dict.fromkeys(chosen[event].to_pylist()))
