"""Which cases share a cause, and whom did it strike?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.analyses.problems import answers
from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import problem_charts, theme
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

_SHOWN = (
    "problem", "cause", "since", "until", "occasions_count", "n", "expected", "against", "relative_risk", "relative_risk_low",
    "relative_risk_high", "q", "affected_count", "complained_count", "asked_count", "silent_count", "also",
)  # fmt: skip
"""Columns of the table on the page, in this order; problems.parquet holds them all."""
_NOTE = (
    "a problem is a place or time at which more went wrong than chance can bring about; that a thing goes with it does not "
    "yet make it the cause"
)


def section(results: Results, playbook: Playbook) -> Section | None:
    """When each struck, whom, and what contributes; None where there is no problem."""
    rows = sorted(
        rows_of(results.tables.get("problems")), key=lambda row: (-(row["affected_count"] or 0), row["problem"])
    )
    if not rows:
        return None
    told = rows[:MOST_NAMES]
    table = table_of("problems", [{name: row[name] for name in _SHOWN} for row in rows], "problems")
    struck = _weeks(results.tables["problem_cases"], told)
    figures = [
        Figure(
            "When did each strike?",
            "a dot per week, its area how many were struck; the band from the first case to the last",
            theme.draw(lambda width: problem_charts.over_time(told, struck, width), _alt(told)),
            table,
        ),
        Figure(
            "Who of them ever said a word?",
            "customers struck: those who complained, those who said something else, and the silent ones",
            theme.draw(lambda width: problem_charts.voices(told, width), _alt(told)),
            table_of("problem_cases", _latest(results.tables["problem_cases"]), "problem_cases"),
        ),
    ]
    asked = rows_of(results.tables.get("problem_factors"))
    if asked:
        note = "seven questions in a fixed order; “no evidence” means that nothing on record can say"
        figures.append(Figure("What contributes to each?", note, None, table_of("problem_factors", asked, "factors")))
    title = "Which cases share a cause, and whom did it strike?"
    return Section("problems", title, _answer(rows, asked), figures, kinds=("problem",), note=_NOTE)


def _answer(rows: Sequence[Row], asked: Sequence[Row]) -> str:
    struck, silent = (sum(row[name] or 0 for row in rows) for name in ("affected_count", "silent_count"))
    said = f"{sentences.counted(len(rows), 'problem', 'problems')}, {sentences.counted(struck, 'customer', 'customers')} struck, "
    said += f"of whom {silent:,} never said a word. The largest: {rows[0]['cause']}"
    signs = [
        one["factor"] for one in asked if one["problem"] == rows[0]["problem"] and one["answer"] == answers.CONTRIBUTES
    ]
    return f"{said} What goes with it: {sentences.listed(signs)}." if signs else said


def _weeks(cases: pa.Table, told: Sequence[Row]) -> list[tuple[int, date, int]]:
    """Per problem and week (from Monday, in UTC): how many cases began to be struck."""
    place = {row["problem"]: number for number, row in enumerate(told)}
    mine = cases.filter(pc.is_in(cases["problem"], value_set=pa.array(list(place))))
    days = pc.cast(mine["since"], pa.date32()).to_pylist()
    counted = Counter(
        (place[name], day - timedelta(days=day.weekday()))
        for name, day in zip(mine["problem"].to_pylist(), days, strict=True)
    )
    return [(number, week, count) for (number, week), count in sorted(counted.items())]


def _latest(cases: pa.Table) -> list[Row]:
    order = [("since", "descending"), ("problem", "ascending"), ("subject", "ascending")]
    return list(cases.take(pc.sort_indices(cases, sort_keys=order)).to_pylist())


def _alt(rows: Sequence[Row]) -> str:
    return "; ".join(
        f"{row['cause']} {row['affected_count']:,} struck, {row['silent_count']:,} silent" for row in rows[:5]
    )
