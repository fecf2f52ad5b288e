"""The section on fixes: its answer in words, a picture of each fix, and the notebook's answer."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

import aboveboard as ab
from aboveboard.analyses.fixes import looks
from aboveboard.engines import Ledger
from aboveboard.playbook.model import Playbook
from aboveboard.reports.plan import Job
from aboveboard.reports.plan import fixes as plan
from aboveboard.reports.run import Results
from aboveboard.reports.sections import fixes
from aboveboard.simulate import planted_fixes
from aboveboard.simulate.planted_fixes import Planted

COMPANY = (
    Planted("lost parcel", keeps=0.1, plan={"window_weeks": 6}, weeks_before=30, weeks_after=10),
    Planted("too new", per_week=3, weeks_before=4, weeks_after=36),
)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "DRAWN", 200)
        with Ledger.of(planted_fixes.events(COMPANY, 3)) as opened:
            yield opened
    looks._drawn.cache_clear()


@pytest.fixture(scope="module")
def results(ledger: Ledger) -> Results:
    moment = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
    job = Job(ledger, Playbook(), moment)
    tables = {step.table: ledger.arrow(step.build()) for step in plan.steps(job)}
    return Results(tables, (), moment)


def test_the_answer_and_a_picture_of_each(results: Results) -> None:
    section = fixes.section(results, Playbook())
    assert section is not None
    assert section.answer == "Of 2 fixes, 1 worked and 1 cannot be shown to have worked."
    side_by_side, before_after = section.figures
    assert side_by_side.drawing is not None and before_after.drawing is not None
    assert "lost parcel" in before_after.title and before_after.note.startswith("fixed.")
    for drawing in (before_after.drawing.wide, before_after.drawing.narrow):
        assert ">change<" in drawing and "breakdowns a week" in drawing and "would be expected" in drawing
    assert before_after.drawing.wide.count("<title>") > before_after.drawing.narrow.count("<title>") >= 26 + 10
    assert len(side_by_side.table.rows) == 2


def test_nothing_released_is_no_section(results: Results) -> None:
    none = {name: table.slice(0, 0) for name, table in results.tables.items()}
    assert fixes.section(Results(none, (), results.as_of), Playbook()) is None
    assert fixes.section(Results({}, (), results.as_of), Playbook()) is None


def test_only_what_cannot_be_judged_is_said_without_a_picture(results: Results) -> None:
    table = results.tables["fixes"]
    only = table.filter(pa.compute.equal(table["problem"], "too new"))
    section = fixes.section(Results({"fixes": only}, (), results.as_of), Playbook())
    assert section is not None and [figure.drawing for figure in section.figures] == [None]


def test_a_notebook_shows_it(ledger: Ledger) -> None:
    answer = ab.fixes.fixes(ledger, Playbook())
    assert "Did the fix work?" in answer._repr_html_() and "<svg" in (answer.chart() or "")
    assert ab.fixes.weeks(ledger, Playbook()).to_pyarrow().num_rows > 30
