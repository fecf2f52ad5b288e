"""Where do journeys lose points?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

LEAST_CUSTOMERS = 5
"""A touchpoint with fewer is in the table and not in the chart."""


def section(results: Results, playbook: Playbook) -> Section | None:
    """Scores by touchpoint, one figure per measure, and the journeys; None where nobody rated a touchpoint."""
    touchpoints, journeys = (rows_of(results.tables.get(name)) for name in ("touchpoints", "journeys"))
    if not touchpoints:
        return None
    measures = sorted({row["measure"] for row in touchpoints}, key=lambda m: -_answers(touchpoints, m))
    figures = [_figure(measure, [r for r in touchpoints if r["measure"] == measure]) for measure in measures]
    if several := [row for row in journeys if row["touchpoints_count"] > 1]:
        figures.append(_each(several))
    return Section(
        "journeys", "Where do journeys lose points?", _answer(touchpoints, journeys), figures, kinds=("touchpoint",)
    )


def _answers(rows: Sequence[Row], measure: str) -> int:
    return sum(row["answers_count"] for row in rows if row["measure"] == measure)


def _answer(touchpoints: Sequence[Row], journeys: Sequence[Row]) -> str:
    perfect = sum(1 for row in journeys if not row["blemishes_count"])
    rated = sentences.counted(len(journeys), "journey was", "journeys were")
    said = f"{rated} rated; {words.share(perfect / len(journeys))} without a blemish." if journeys else ""
    told = [row for row in touchpoints if row["customers_count"] >= LEAST_CUSTOMERS]
    if len(told) > 1:
        worst = min(told, key=lambda row: row["score"])
        said += f" Rated lowest: {sentences.quoted(worst['touchpoint'])}, {worst['score']:.0f} of 100 on {worst['measure']}."
    return said.strip()


def _figure(measure: str, rows: Sequence[Row]) -> Figure:
    told = sorted((r for r in rows if r["customers_count"] >= LEAST_CUSTOMERS), key=lambda r: r["score"])[:MOST_NAMES]
    points = [
        {
            "name": row["touchpoint"],
            "estimate": row["score"],
            "low": row["score_low"],
            "high": row["score_high"],
            "stands_out": bool(row["differs"]) and row["score"] < row["rest_score"],
            "label": f"{row['score']:.0f} from {words.count(row['answers_count'])}",
            "says": f"{row['touchpoint']}: {row['score']:.0f} of 100 from {row['answers_count']} answers",
        }
        for row in told
    ]
    drawing = None
    if points:
        drawing = theme.draw(
            lambda width: charts.estimates(points, width, domain=(0, 100), format=".0f"),
            f"Score of each touchpoint on {measure}, with intervals",
        )
    note = "100 is the best answer of the scale, 0 the worst; red scores lower than the others beyond chance"
    ordered = sorted(rows, key=lambda row: row["score"])
    return Figure(
        f"How is each touchpoint rated on {measure}?",
        note,
        drawing,
        table_of("touchpoints", ordered, f"touchpoints-{measure}"),
    )


def _each(journeys: Sequence[Row]) -> Figure:
    ordered = sorted(journeys, key=lambda row: (row["score"], row["subject"]))
    note = "each with its blemishes and its excellent touchpoints; the lowest first"
    return Figure("Journeys rated at several touchpoints", note, None, table_of("journeys", ordered, "journeys"))
