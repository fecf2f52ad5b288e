"""The section on the pulse: its answer, its pictures, and that nothing in it rests on fewer than five."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import aboveboard as ab
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.reports.plan import Job
from aboveboard.reports.plan import enablement as plan
from aboveboard.reports.plan import promises as promises_plan
from aboveboard.reports.run import Results
from aboveboard.reports.sections import enablement
from aboveboard.simulate import planted_pulses
from aboveboard.simulate.planted_pulses import Team

BOOK = reader.read(planted_pulses.PLAYBOOK)
COMPANY = [
    *(Team(f"team {n}", 14) for n in range(4)),
    Team("harbour", 20, {"training": 1.8}, 0.3),
    *(Team(f"tiny {n}", 4) for n in range(3)),
]


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.of(planted_pulses.events(COMPANY, 2, rounds=4, cases=40)) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(ledger: Ledger) -> Results:
    moment = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
    job = Job(ledger, BOOK, moment)
    job.kept["commitments"] = ledger.events.mutate(counted=False)
    outcomes = next(step for step in promises_plan.steps(job) if step.table == "promises")
    job.kept["promises"] = ledger.keep(outcomes.build(), "promises")
    tables = {}
    for step in plan.steps(job):
        job.kept[step.table] = ledger.keep(step.build(), step.table)
        tables[step.table] = ledger.arrow(job.kept[step.table])
    return Results(tables, (), moment)


def test_the_answer_and_the_pictures(results: Results) -> None:
    section = enablement.section(results, BOOK)
    assert section is not None and section.kinds == ("pulse",)
    assert section.answer.startswith("Rated lowest: training")
    assert "missing at harbour (training)" in section.answer and "of answers got a reply" in section.answer
    over_time, training, *others = section.figures
    assert over_time.drawing is not None and training.drawing is not None
    for drawing in (over_time.drawing.wide, over_time.drawing.narrow):
        assert all(f">{question}<" in drawing for question in ("training", "tools", "system", "help"))
    assert training.drawing.wide.count("of 5<") == 6  # five teams, and the small ones together
    assert [figure.title for figure in others] == [
        "Was every answer answered?",
        "Do teams that miss something break more promises?",
    ]


def test_every_number_rests_on_five_or_more(results: Results) -> None:
    for name in ("pulse", "pulse_replies"):
        assert all(row["answers_count"] >= 5 for row in results.tables[name].to_pylist())
    assert not any(row["team"].startswith("tiny") for row in results.tables["pulse"].to_pylist())


def test_no_pulse_is_no_section(results: Results) -> None:
    none = {name: table.slice(0, 0) for name, table in results.tables.items()}
    assert enablement.section(Results(none, (), results.as_of), BOOK) is None
    assert enablement.section(Results({}, (), results.as_of), BOOK) is None


def test_a_notebook_shows_it(ledger: Ledger) -> None:
    answer = ab.enablement.pulse(ledger, BOOK)
    assert "What is missing, and where?" in answer._repr_html_() and "<svg" in (answer.chart() or "")
    assert ab.enablement.links(ledger, BOOK).to_pyarrow().num_rows == 4
