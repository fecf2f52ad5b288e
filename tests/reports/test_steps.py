"""The section on steps: its answer in words, and a picture that holds for every shape of the table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import aboveboard as ab
from aboveboard.analyses.procedures import advice
from aboveboard.analyses.procedures.tables import STEPS
from aboveboard.findings import procedures as findings
from aboveboard.playbook.model import Playbook
from aboveboard.reports import step_charts, theme
from aboveboard.reports.plan import Job
from aboveboard.reports.plan import procedures as plan
from aboveboard.reports.run import Results
from aboveboard.reports.sections import procedures

STORY = Path(__file__).resolve().parents[2] / "stories" / "water-bottle"
AS_OF = datetime(2025, 8, 4, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def results() -> Results:
    """The family's tables and findings of the water bottle."""
    playbook = ab.read_playbook(STORY / "playbook.yaml")
    with ab.read(STORY / "events.csv") as ledger:
        job = Job(ledger, playbook, AS_OF)
        for step in plan.steps(job):
            job.kept[step.table] = ledger.keep(step.build(), step.table)
        tables = {name: ledger.arrow(table) for name, table in job.kept.items()}
    return Results(tables, tuple(findings.findings(tables, playbook, as_of=AS_OF)), AS_OF)


def test_the_story_in_a_sentence_and_a_picture(results: Results) -> None:
    section = procedures.section(results, ab.read_playbook(STORY / "playbook.yaml"))
    assert section is not None
    assert section.answer.startswith("Of 4 steps, 1 is worth keeping, 1 helps in some contexts only")
    assert section.answer.endswith("12 customers were asked again after a no.")
    picture, insisting = section.figures
    assert picture.drawing is not None and picture.title == "What does each step of breakdown visit add?"
    for said in ("offer water", "– roadside", "– at home", "not enough data"):
        assert said in picture.drawing.wide and said in picture.drawing.narrow, said
    assert insisting.table.rows_count == 13


def test_nobody_is_named_in_what_is_found(results: Results) -> None:
    kinds = [finding.kind for finding in results.findings]
    assert {"step.make-conditional", "step.insistence", "step.without-why", "step.skipped"} <= set(kinds)
    for finding in results.findings:
        assert "technician" not in f"{finding.sentence}{finding.action}{finding.about}{finding.where}"


def row(step: str, context: str, advised: str, effect: float | None) -> dict[str, Any]:
    ends = (
        {}
        if effect is None
        else {"effect": effect, "effect_low": effect - 0.1, "effect_high": effect + 0.1, "worth_from": 0.1}
    )
    blank = dict.fromkeys(STEPS.columns)
    return {**blank, "step": f"v/{step}", "procedure": "v", "context": context, "advice": advised, "says": "so", **ends}


@pytest.mark.parametrize("effects", [(0.5, 0.0, None), (-0.5, -0.1, -0.9), (None, None, None)])
def test_any_effects_can_be_drawn(effects: tuple[float | None, ...]) -> None:
    words = list(step_charts.LOOKS)
    rows = [row(f"step-{n}", "all" if n else "x|y <z>", words[n], effect) for n, effect in enumerate(effects)]
    for width in (theme.WIDE, theme.NARROW):
        drawing = theme.svg(step_charts.effects(rows, width), "what each adds")
        assert "NaN" not in drawing and "step 1" in drawing and "– x|y &lt;z&gt;" in drawing


def test_every_advice_has_a_look() -> None:
    assert set(step_charts.LOOKS) == {advice.KEEP, advice.CONDITIONAL, advice.DROP, advice.UNKNOWN}
    for place in range(3):
        assert len({look[place] for look in step_charts.LOOKS.values()}) == 4


def test_no_procedure_no_section() -> None:
    empty = pa.Table.from_pylist([], schema=pa.schema([("visits_count", pa.int64())]))
    assert procedures.section(Results({"steps": empty}, (), AS_OF), Playbook()) is None
    assert procedures.section(Results({}, (), AS_OF), Playbook()) is None


def test_in_a_notebook_an_answer_shows_its_chart() -> None:
    with ab.read(STORY / "events.csv") as ledger:
        answer = ab.procedures.steps(ledger, STORY / "playbook.yaml", as_of=AS_OF)
        assert answer.to_pyarrow().num_rows == 6
        drawing = answer.chart()
        assert drawing is not None and "roadside" in drawing
