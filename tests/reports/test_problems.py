"""The section on problems and the notebook's answers: they hold for a company with a problem, and for one without."""

from __future__ import annotations

from datetime import date

import aboveboard as ab
from aboveboard.engines import Ledger
from aboveboard.findings import collect
from aboveboard.playbook import reader
from aboveboard.reports import problem_charts, run, sections, theme
from aboveboard.reports.sections import problems as section
from aboveboard.simulate import planted_problems
from aboveboard.simulate.planted_problems import Planted

BOOK = reader.read(planted_problems.PLAYBOOK)


def results(planted: tuple[Planted, ...]) -> run.Results:
    company = planted_problems.company(13, planted, orders=900, rate=0.03)
    with Ledger.of(company.events) as ledger:
        answers = [
            ab.problems.occasions(ledger, BOOK), ab.problems.problems(ledger, BOOK), ab.problems.cases(ledger, BOOK),
            ab.problems.factors(ledger, BOOK),
        ]  # fmt: skip
        tables = {each.spec.name: each.to_pyarrow() for each in answers}
        shown = answers[1]._repr_html_()
    assert "Which cases share a cause?" in shown and ("<svg" in shown) == bool(planted)
    at = company.events["time"][0].as_py()
    return run.Results(tables, tuple(collect.collect(tables, BOOK, as_of=at)), at)


def test_a_problem_is_drawn_with_those_who_never_said_a_word() -> None:
    found = results((Planted(2, 60, 90, 25),))
    (row,) = found.tables["problems"].to_pylist()
    assert row["affected_count"] == row["complained_count"] + row["asked_count"] + row["silent_count"] >= 15
    made = section.section(found, BOOK)
    assert made is not None and f"{row['silent_count']} never said a word" in made.answer
    assert [figure.drawing is not None for figure in made.figures] == [True, True, False]
    assert "never said a word" in made.figures[1].drawing.wide
    (finding,) = found.findings
    assert finding.kind == "problem.found" and finding.owner == "shops" and finding.events


def test_without_a_problem_there_is_no_section() -> None:
    assert section.section(results(()), BOOK) is None
    assert section.section(run.Results({}, (), None), BOOK) is None  # type: ignore[arg-type]
    assert section in sections.SUBJECTS


def test_charts_hold_for_a_problem_of_the_record_alone_and_for_long_names() -> None:
    blank = dict.fromkeys(("promise", "kind", "region"))
    rows = [
        blank | {"problem": "P-1", "affected_count": 1, "complained_count": 0, "asked_count": 0, "silent_count": 1},
        blank
        | {
            "problem": "x" * 90,
            "affected_count": 900,
            "complained_count": 100,
            "asked_count": 300,
            "silent_count": 500,
        },
    ]
    struck = [(0, date(2026, 3, 2), 1), (1, date(2026, 3, 2), 400), (1, date(2026, 3, 9), 500)]
    for width in (theme.WIDE, theme.NARROW):
        assert "500 in the week" in theme.svg(problem_charts.over_time(rows, struck, width), "when")
        assert "500" in theme.svg(problem_charts.voices(rows, width), "who")
