"""The sections on ratings, drivers and first steps: their answers in words, and pictures for every shape of the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

import aboveboard as ab
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.reports import journey_charts, theme
from aboveboard.reports.plan import Job
from aboveboard.reports.plan import journeys as plan
from aboveboard.reports.run import Results
from aboveboard.reports.sections import drivers, first_steps, ratings
from aboveboard.simulate import planted_drivers

AS_OF = datetime(2026, 7, 10, tzinfo=UTC)
BOOK = reader.read(
    planted_drivers.playbook().replace(
        "rating: {scale: [0, 10]}", "rating: {scale: [0, 10], good_from: 7, objective: 0.6}"
    )
)


@pytest.fixture(scope="module")
def results() -> Results:
    """The family's tables for a company with drivers."""
    with Ledger.of(planted_drivers.events(21, 200)) as ledger:
        job = Job(ledger, BOOK, AS_OF)
        for step in plan.steps(job):
            job.kept[step.table] = ledger.keep(step.build(), step.table)
        tables = {name: ledger.arrow(table) for name, table in job.kept.items()}
    return Results(tables, (), AS_OF)


def test_how_we_are_rated(results: Results) -> None:
    section = ratings.section(results, BOOK)
    assert section is not None
    assert (
        section.answer.startswith("Rating ")
        and "answers)" in section.answer
        and "100 % of the customers" in section.answer
    )
    titles = [figure.title for figure in section.figures]
    assert titles[:2] == ["rating by touchpoint", "How far from perfect on rating?"]
    assert titles[-2:] == ["Every measure, with its rule", "Who answered, and who did not?"]
    drawing = section.figures[0].drawing
    assert drawing is not None and "advice" in drawing.wide and "NaN" not in drawing.wide + drawing.narrow


def test_what_satisfaction_is_made_of(results: Results) -> None:
    section = drivers.section(results, BOOK)
    assert section is not None
    assert "Of that, the greatest parts: “advice”" in section.answer or "“delivery”" in section.answer
    (figure,) = section.figures
    assert figure.drawing is not None
    assert "not shown" in figure.drawing.wide and "packaging" in figure.drawing.narrow


def test_what_to_do_first(results: Results) -> None:
    section = first_steps.section(results, BOOK)
    assert section is not None
    assert section.figures[-1].title == "How much may still go wrong at each touchpoint?"


def test_nothing_asked_nothing_shown() -> None:
    for one in (ratings, drivers, first_steps):
        assert one.section(Results({}, (), AS_OF), Playbook()) is None


@pytest.mark.parametrize(("unit", "score"), [("points", -40.0), ("share", 0.4), ("mean", 3.0)])
def test_any_scores_can_be_drawn(unit: str, score: float) -> None:
    measure = reader.read("measures: {csat: {scale: [1, 5]}}").measures["csat"]
    alone = {"unit": unit, "score": score, "score_low": None, "score_high": None, "differs": True, "answers_count": 3}
    rows: list[dict[str, Any]] = [
        alone | {"value": "x|y <z>"},
        alone | {"value": "b", "score_low": score, "score_high": score, "differs": False},
    ]
    drawing = theme.svg(journey_charts.scores(rows, measure, theme.NARROW, middle=score), "scores")
    assert "NaN" not in drawing and "x|y &lt;z&gt;" in drawing


def test_the_queue_is_drawn_in_its_order() -> None:
    rows = [
        {"rank": n, "about": f"promise:p-{n}", "says": "Do.", "spared_weekly": 9.0 / n, "spared_weekly_low": 0.0,
         "spared_weekly_high": 10.0 / n, "effort_days": 0.5}
        for n in (1, 2)
    ]  # fmt: skip
    drawing = theme.svg(journey_charts.queue(rows, theme.WIDE), "queue")
    assert drawing.index("1. p 1") < drawing.index("2. p 2") and "half a day" in drawing


def test_in_a_notebook_answers_show_their_charts() -> None:
    with Ledger.of(planted_drivers.events(22, 120)) as ledger:
        for ask, said in (
            (ab.journeys.measures, "advice"),
            (ab.journeys.drivers, "advice"),
            (ab.journeys.trend, "<svg"),
        ):
            assert said in (ask(ledger, BOOK).chart() or "")
        assert ab.journeys.budgets(ledger, BOOK).to_pyarrow().num_rows == 16
        assert ab.journeys.response(ledger, BOOK).to_pyarrow().num_rows == 2
        places = ledger.keep(ab.journeys.touchpoints(ledger, BOOK).table, "places")
        queue = ab.journeys.small_steps(ledger, BOOK, tables={"touchpoints": places})
        assert isinstance(queue.to_pyarrow(), pa.Table)
