"""How many breakdowns of what a fix was for there were, day by day from the change: counted in the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.fixes.releases import PLANNED, RELEASED, Release
from aboveboard.analyses.shared import arrays
from aboveboard.ledger import attributes, epochs

DAY = 86_400 * epochs.SECOND
LONGEST_DAYS = 728
"""So many days before a change, and after it, are looked at."""
_PLACES = ("team", "channel", "product")
_ROW = ("target", "subject", "at", "team", "channel", "bad", "judged", "running")
SETTLING_DAYS = 28
"""Occasions that are younger may not be settled, and those that are so soon mostly went well: they are left out."""
FOUND = "share of occasions that went wrong"
MEASURES = {
    "problem": "breakdowns per week",
    "promise": "share of promises not kept",
    "step": "share of steps not done right",
    "policy": "exceptions asked for per week",
}
SHARES = ("promise", "step")
"""Kinds of target of which every case is on record, those that went well too."""


@dataclass(frozen=True)
class Days:
    """One release's counts by day: `day` is whole days from the change, −1 the last before it.

    `inside` where the fix is in force, `outside` elsewhere, `others` what else began: (breakdowns, cases, still running) by day;
    the number of cases is only a measure of size where the target is a share. The last `settling` days are not known yet.
    """

    inside: dict[int, tuple[int, int, int]]
    outside: dict[int, tuple[int, int, int]]
    others: dict[int, int]
    measure: str
    share: bool
    settling: int = 0


def days(
    timed: Any,
    releases: Sequence[Release],
    *,
    promises: Any | None,
    duties: Any | None,
    problems: Any | None,
    occasions: Any | None,
) -> dict[str, Days]:
    """The counts of every release that names something countable, by its id; a few small queries.

    `promises`, `duties`, `problems` and `occasions` are the tables of those names. A problem that was found by its occasions, and
    not at certain hours or weekdays only, is counted by them, those that went well too.
    """
    known = [one for one in releases if one.target]
    if not known:
        return {}
    scanned = set() if problems is None or occasions is None else _scanned(problems, known)
    rows = _rows(timed, known, scanned, promises=promises, duties=duties, problems=problems, occasions=occasions)
    begun = _placed(rows, known, on_target=True)
    inside = (begun.in_team.isnull() | (begun.in_team == begun.team)) & (
        begun.in_channel.isnull() | (begun.in_channel == begun.channel)
    )
    counted = (
        begun.mutate(inside=ibis.ifelse(inside.fill_null(False), 1, 0))
        .group_by(["fix", "inside", "day"])
        .aggregate(**{name: begun[name].sum().cast("int64") for name in ("bad", "judged", "running")})
    )
    table = arrays.cells(counted)
    found = {}
    for one in known:
        share = one.target in scanned or kind(one) in SHARES
        measure = FOUND if one.target in scanned else MEASURES.get(kind(one) or "", "")
        found[one.fix] = Days({}, {}, {}, measure, share, SETTLING_DAYS if one.target in scanned else 0)
    for place, fix in enumerate(table["fix"]):
        side = found[fix].inside if table["inside"][place] else found[fix].outside
        side[int(table["day"][place])] = tuple(int(table[n][place]) for n in ("bad", "judged", "running"))  # type: ignore[assignment]
    for fix, day, count in _others(timed, rows, [one for one in known if not found[one.fix].share]):
        found[fix].others[day] = count
    return found


def _rows(
    timed: Any, known: Sequence[Release], scanned: set[str], *, problems: Any | None, **tables: Any | None
) -> Any:
    """One row per case of every target: `_ROW`."""
    named = _of_problems(timed)
    parts = [named.filter(~named.target.isin(sorted(scanned))) if scanned else named, _of_policies(timed)]
    promises, duties, occasions = tables["promises"], tables["duties"], tables["occasions"]
    if scanned:
        parts.append(_of_occasions(problems, occasions, scanned))
    if promises is not None:
        parts.append(_of_promises(promises))
    if duties is not None:
        parts.append(_of_steps(duties))
    wanted = sorted({one.target for one in known if one.target})
    return ibis.union(*[part.filter(part.target.isin(wanted)) for part in parts])


def _of_problems(timed: Any) -> Any:
    """The first event of each subject that belongs to a problem; without a subject each event."""
    # Reading JSON takes long: most rows say nothing of a problem.
    named = timed.filter(timed.attributes.contains('"problem"'), ~timed.type.isin([RELEASED, PLANNED]))
    named = named.mutate(problem=attributes.text(named, "problem"))
    # What is about the problem itself is none of its breakdowns.
    itself = named.subject.startswith("problem:").fill_null(False)
    named = named.filter(named.problem.notnull(), ~itself)
    named = named.mutate(matter=ibis.coalesce(named.subject, named.id))
    turn = ibis.row_number().over(group_by=[named.problem, named.matter], order_by=[named["at"], named.id])
    first = named.mutate(turn=turn)
    first = first.filter(first.turn == 0)
    return _shaped(first, target=ibis.literal("problem:") + first.problem)


def _of_policies(timed: Any) -> Any:
    asked = timed.filter(timed.type == "exception.requested", timed.rule.notnull())
    return _shaped(asked, target=asked.rule)


def _scanned(problems: Any, known: Sequence[Release]) -> set[str]:
    """Targets of the releases that are problems found by their occasions, at any hour and on any day."""
    wanted = [(one.target or "").removeprefix("problem:") for one in known if kind(one) == "problem"]
    whole = problems.filter(problems.problem.isin(wanted), problems.kind.notnull())
    whole = whole.filter(whole.hours.isnull(), whole.weekdays.isnull())
    return {f"problem:{name}" for name in arrays.cells(whole.select("problem").distinct())["problem"]}


def _of_occasions(problems: Any, occasions: Any, scanned: set[str]) -> Any:
    """The occasions of each problem: of its kind and rule, in its place, at any time."""
    mine = problems.filter((ibis.literal("problem:") + problems.problem).isin(sorted(scanned)))
    # An absent rule is a rule of its own; names of places that are absent hold everywhere.
    scope = mine.select(
        "problem", "kind", own_rule=ibis.coalesce(mine.rule, ""), **{f"in_{p}": mine[p] for p in _PLACES}
    )
    keyed = occasions.mutate(own_rule=ibis.coalesce(occasions.rule, "")).drop("rule")
    joined = keyed.inner_join(scope, ["kind", "own_rule"])
    here = joined.filter(*[joined[f"in_{p}"].isnull() | (joined[f"in_{p}"] == joined[p]) for p in _PLACES])
    timed = here.mutate(at=epochs.micros(here["at"]))
    return _shaped(timed, target=ibis.literal("problem:") + timed.problem, bad=timed.broken)


def _of_promises(promises: Any) -> Any:
    judged = promises.filter(promises.outcome.isin(["kept", "late", "broken", "open", "at risk"]))
    judged = judged.mutate(at=epochs.micros(judged.made_at))
    return _shaped(
        judged,
        target=ibis.literal("promise:") + judged.promise,
        bad=judged.outcome.isin(["late", "broken"]),
        judged=judged.outcome.isin(["kept", "late", "broken"]),
    )


def _of_steps(duties: Any) -> Any:
    known = duties.mutate(at=epochs.micros(duties.started_at), channel=ibis.null("string"))
    return _shaped(
        known,
        target=ibis.literal("step:") + known.step,
        bad=(~known.met).fill_null(False),
        judged=known.met.notnull(),
    )


def _shaped(table: Any, *, target: Any, bad: Any = None, judged: Any = None) -> Any:
    yes = ibis.literal(True)
    is_judged = yes if judged is None else judged
    flags = {"bad": yes if bad is None else bad, "judged": is_judged, "running": ~is_judged}
    shaped = table.mutate(
        target=target, **{name: ibis.ifelse(flag, 1, 0).cast("int64") for name, flag in flags.items()}
    )
    return shaped.select(*_ROW)


def _placed(rows: Any, known: Sequence[Release], *, on_target: bool) -> Any:
    """The rows beside each release they speak of, with the day counted from it."""
    listed = _small(known)
    joined = rows.inner_join(listed, "target") if on_target else rows.cross_join(listed)
    # Shifted to above zero first: engines divide negative whole numbers in two ways.
    shifted = joined["at"] - joined.released + LONGEST_DAYS * DAY
    near = joined.mutate(shifted=shifted)
    near = near.filter(near.shifted >= 0, near.shifted < 2 * LONGEST_DAYS * DAY)
    return near.mutate(day=(near.shifted // DAY - LONGEST_DAYS).cast("int64"))


def _small(known: Sequence[Release]) -> Any:
    rows = [
        {"fix": one.fix, "target": one.target, "released": one.at, "in_team": one.team, "in_channel": one.channel}
        for one in known
    ]
    text, number = pa.string(), pa.int64()
    kinds = {"fix": text, "target": text, "released": number, "in_team": text, "in_channel": text}
    return ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items()))))


def _others(timed: Any, rows: Any, known: Sequence[Release]) -> Iterator[tuple[str, int, int]]:
    """What else began: subjects that are no breakdown of any of these fixes, by release and day of their first event.

    Asked only for targets that are counted without the cases that went well.
    """
    alone = [one for one in known if one.part == "all"]
    if not alone:
        return
    broken = rows.filter(rows.subject.notnull()).select("subject").distinct()
    matters = timed.filter(timed.subject.notnull(), ~timed.type.isin([RELEASED, PLANNED]))
    # What is done about a problem is no matter of a customer's.
    matters = matters.filter(~matters.subject.startswith("problem:"))
    first = matters.group_by("subject").aggregate(at=matters["at"].min())
    quiet = first.anti_join(broken, "subject")
    counted = _placed(quiet, alone, on_target=False).group_by(["fix", "day"]).aggregate(n=lambda t: t.count())
    table = arrays.cells(counted)
    for fix, day, count in zip(table["fix"], table["day"], table["n"], strict=True):
        yield str(fix), int(day), int(count)


def kind(release: Release) -> str | None:
    """problem, promise, step or policy; None where the target is none of them."""
    found = (release.target or "").partition(":")[0]
    return found if found in MEASURES else None


def by_day(counts: dict[int, tuple[int, int, int]], first: int, last: int) -> tuple[Any, Any, Any]:
    """Breakdowns, cases and running ones of the days from `first` up to `last`, days without any being zero."""
    table = np.array([counts.get(day, (0, 0, 0)) for day in range(first, last)], dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
