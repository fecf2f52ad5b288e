"""What is missing, and where? One row per told cell, and per team and question over all weeks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from aboveboard.analyses.enablement import publishing
from aboveboard.analyses.enablement.publishing import Study, Told
from aboveboard.analyses.enablement.tables import ALL, PULSE, QUESTIONS
from aboveboard.analyses.shared import arrays, discoveries, intervals
from aboveboard.ledger import local_time

Row = dict[str, Any]
WEEKS_BEFORE = 4
"""A team's breakdowns are counted in the weeks in which it answered, and in so many before them."""
_FIRST_MONDAY = date(1969, 12, 29)


@dataclass(frozen=True)
class _Sum:
    """Told cells taken together. `people`: no fewer people than this stand behind them."""

    count: int
    total: float
    people: int
    weeks: int

    @property
    def mean(self) -> float:
        return self.total / self.count


def pulse(study: Study, *, promises: Any | None = None, zone: ZoneInfo) -> Any:
    """Score every told cell, and every team and question over all weeks: table PULSE (see `tables`).

    An interval takes the spread of answers around the mean of their cell over all cells of the question. Over several weeks it
    counts people and not answers: as many as the greatest week shows, since they may be the same ones each time.
    `promises` is the table of that name, for the breakdowns of the same team.
    """
    rows = [row for question in QUESTIONS for row in _of(question, study.told, zone)]
    _compare(rows, study.told)
    for row, found in zip(rows, _breakdowns(rows, study.told, promises, zone), strict=True):
        row |= found
    return arrays.rows_to_table(PULSE, rows)


def week_start(week: int, zone: ZoneInfo) -> datetime:
    """The moment at which a week, counted as in `answers`, begins on the clocks of the zone."""
    day = _FIRST_MONDAY + timedelta(weeks=week)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _of(question: str, told: Sequence[Told], zone: ZoneInfo) -> Iterator[Row]:
    mine = [cell for cell in told if cell.question == question]
    if not mine:
        return
    spread, freedom = publishing.spread(mine)
    reach = _reach(freedom) * spread
    yield _row(ALL, question, None, _together(mine), reach)
    yield from _weeks(ALL, question, [_at(mine, week) for week in sorted({cell.week for cell in mine})], reach, zone)
    for team in sorted({cell.team for cell in mine}):
        own = [cell for cell in mine if cell.team == team]
        yield _row(team, question, None, _together(own), reach)
        yield from _weeks(team, question, [(cell.week, _together([cell])) for cell in own], reach, zone)


def _weeks(team: str, question: str, weeks: Sequence[tuple[int, _Sum]], reach: float, zone: ZoneInfo) -> Iterator[Row]:
    last: _Sum | None = None
    for week, cell in weeks:
        row = _row(team, question, week_start(week, zone), cell, reach)
        if last is not None:
            change, most = cell.mean - last.mean, reach * np.sqrt(1 / cell.count + 1 / last.count)
            row |= {"change": change, "change_low": change - most, "change_high": change + most}
        yield row
        last = cell


def _row(team: str, question: str, start: datetime | None, cell: _Sum, reach: float) -> Row:
    most = reach / np.sqrt(cell.people)
    return {
        "team": team, "question": question, "week_start_at": start, "weeks_count": cell.weeks, "answers_count": cell.count,
        "score": cell.mean, "score_low": max(1.0, cell.mean - most), "score_high": min(5.0, cell.mean + most),
    }  # fmt: skip


def _together(cells: Iterable[Told]) -> _Sum:
    listed = list(cells)
    greatest: dict[str, int] = {}
    for cell in listed:
        greatest[cell.team] = max(cell.count, greatest.get(cell.team, 0))
    count, total = sum(cell.count for cell in listed), sum(cell.total for cell in listed)
    return _Sum(count, total, sum(greatest.values()), len({cell.week for cell in listed}))


def _at(cells: Iterable[Told], week: int) -> tuple[int, _Sum]:
    return week, _together(cell for cell in cells if cell.week == week)


def _compare(rows: Sequence[Row], told: Sequence[Told]) -> None:
    """Each team over all weeks against the others: fills rest_score and differs."""
    tested: list[tuple[Row, float]] = []
    for row in rows:
        if row["week_start_at"] is not None or row["team"] == ALL:
            continue
        mine = [cell for cell in told if cell.question == row["question"]]
        rest = [cell for cell in mine if cell.team != row["team"]]
        if not rest:
            continue
        spread, _ = publishing.spread(mine)
        own, other = _together(cell for cell in mine if cell.team == row["team"]), _together(rest)
        row["rest_score"] = other.mean
        error = spread * np.sqrt(1 / own.people + 1 / other.people)
        tested.append((row, discoveries.two_sided((own.mean - other.mean) / error) if error > 0 else np.nan))
    found = discoveries.benjamini_hochberg([p for _, p in tested])
    for (row, _), is_found in zip(tested, found, strict=True):
        row["differs"] = bool(is_found)


def _breakdowns(rows: Sequence[Row], told: Sequence[Told], promises: Any | None, zone: ZoneInfo) -> Iterator[Row]:
    counts = _by_week(promises, zone) if promises is not None else {}
    for row in rows:
        weeks = {cell.week for cell in told if cell.question == row["question"] and row["team"] in (cell.team, ALL)}
        wanted = {week - back for week in weeks for back in range(WEEKS_BEFORE + 1)}
        mine = [n for (team, week), n in counts.items() if week in wanted and row["team"] in (team, ALL)]
        cases, missed = sum(n for n, _ in mine), sum(n for _, n in mine)
        if row["week_start_at"] is not None or not cases:
            yield {}
            continue
        low, high = intervals.wilson(missed, cases)
        yield {
            "cases_count": cases, "breakdowns_count": missed, "breakdown_share": missed / cases,
            "breakdown_share_low": float(low), "breakdown_share_high": float(high),
        }  # fmt: skip


def _by_week(promises: Any, zone: ZoneInfo) -> Mapping[tuple[str, int], tuple[int, int]]:
    """Promises that ended and those missed, by team and week in which they were made."""
    ended = promises.filter(promises.outcome.isin(["kept", "late", "broken"]), promises.team.notnull())
    week = (local_time.local(ended.made_at, zone) // 86_400 + 3) // 7
    dated = ended.mutate(week=week.cast("int64"), missed=(ended.outcome == "kept").ifelse(0, 1))
    table = arrays.cells(dated.group_by(["team", "week"]).aggregate(n=dated.count(), missed=dated.missed.sum()))
    rows = zip(*(table[name].tolist() for name in ("team", "week", "n", "missed")), strict=True)
    return {(team, int(at)): (int(n), int(missed)) for team, at, n, missed in rows}


def _reach(freedom: float) -> float:
    from scipy import special

    return float(special.stdtrit(freedom, 0.975)) if freedom else float("nan")
