"""How are we rated, by whom, and is it getting better?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Measure, Playbook
from aboveboard.reports import journey_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

LEAST_CUSTOMERS = 5
"""A part with fewer is in the table and not in the chart."""
LEAST_ANSWERS = 20
"""A measure with fewer has no figures of its own."""
_CUTS = {"touchpoint": "touchpoint", "channel": "channel", "team": "team"}


def section(results: Results, playbook: Playbook) -> Section | None:
    """Each measure by touchpoint, channel and team and over time, and who answered; None where nobody answered."""
    scores, trend, response = (
        rows_of(results.tables.get(name)) for name in ("measure_scores", "measure_trend", "survey_response")
    )
    whole = sorted((row for row in scores if row["slice"] == "all"), key=lambda row: -row["answers_count"])
    if not whole:
        return None
    figures: list[Figure] = []
    for one in (row for row in whole if row["answers_count"] >= LEAST_ANSWERS):
        measure = playbook.measures[one["measure"]]
        mine = [row for row in scores if row["measure"] == measure.name]
        figures += _figures(one, mine, measure)
        figures += _over_time([row for row in trend if row["measure"] == measure.name], measure.name, playbook)
    figures.append(_whole(whole))
    figures.append(_answered(response))
    return Section("ratings", "How are we rated?", _answer(whole, response), figures, kinds=("measure",))


def _answer(whole: Sequence[Row], response: Sequence[Row]) -> str:
    parts = [_said(row) for row in whole if row["answers_count"] >= LEAST_ANSWERS][:4]
    if not parts:
        return f"Fewer than {LEAST_ANSWERS} customers answered anything: too few to say."
    told = f"{sentences.listed(parts)}."
    everybody = next((r for r in response if r["record"] == "all" and r["measure"] == whole[0]["measure"]), None)
    if everybody:
        who = "those asked" if everybody["basis"] == "asked" else "the customers in the record"
        told += f" {words.share(everybody['response_share'])} of {who} answered on {whole[0]['measure']}."
    return told[0].upper() + told[1:]


def _said(row: Row) -> str:
    low, high = (journey_charts.said(row, row[name]) for name in ("score_low", "score_high"))
    name = row["measure"].upper() if row["measure"] in ("nps", "csat", "ces") else row["measure"]
    count = sentences.counted(row["answers_count"], "answer", "answers")
    return f"{name} {journey_charts.said(row, row['score'])} ({low} to {high}, {count})"


def _figures(one: Row, rows: Sequence[Row], measure: Measure) -> Iterator[Figure]:
    for cut, word in _CUTS.items():
        parts = [row for row in rows if row["slice"] == cut and row["customers_count"] >= LEAST_CUSTOMERS]
        if len(parts) < 2:
            continue
        told = sorted(parts, key=lambda row: row["score"], reverse=measure.high_is in ("hard", "bad"))[:MOST_NAMES]
        drawing = theme.draw(
            lambda width, told=told: journey_charts.scores(told, measure, width, middle=one["score"]),  # type: ignore[misc]
            f"{measure.name} by {word}, with intervals",
        )
        note = (
            f"{one['formula']}; the dashed line is all of them; red is worse than the rest beyond chance, green better"
        )
        table = table_of("measure_scores", [row for row in rows if row["slice"] == cut], f"{measure.name}-by-{cut}")
        yield Figure(f"{measure.name} by {word}", note, drawing, table)


def _over_time(rows: Sequence[Row], name: str, playbook: Playbook) -> Iterator[Figure]:
    if len(rows) < 3:
        return
    ordered = sorted(rows, key=lambda row: row["period_start_at"])
    drawing = theme.draw(
        lambda width: journey_charts.distance(ordered, playbook.timezone, width),
        f"Distance from perfection on {name} by {ordered[0]['period']}",
    )
    note = f"by {ordered[0]['period']}: points of 100 short of the best answer from everybody; the band is ordinary variation"
    yield Figure(
        f"How far from perfect on {name}?", note, drawing, table_of("measure_trend", ordered, f"{name}-over-time")
    )


def _whole(whole: Sequence[Row]) -> Figure:
    note = "each by its own rule and on its own scale; they are never put together"
    return Figure("Every measure, with its rule", note, None, table_of("measure_scores", whole, "measures"))


def _answered(response: Sequence[Row]) -> Figure:
    note = "what is known of those who are silent: whether promises to them were kept"
    return Figure(
        "Who answered, and who did not?", note, None, table_of("survey_response", response, "survey-response")
    )
