"""A bad day, or a change? How many records say what, and the own charts of those with whom somebody should speak.

No list of employees, no order by any number: a chart is shown only where a finding asks for a talk or a reprieve, and it is to be
shown to whom it is about before anybody else makes up their mind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import own_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, rows_where, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

ASKED = ("isolated", "shift")
_SAID = {
    "steady": ("is steady", "are steady"),
    "isolated": ("holds one day that does not fit", "hold one day that does not fit"),
    "shift": ("has changed", "have changed"),
    "not enough data": ("does not hold enough to say", "do not hold enough to say"),
}
_NOTE = (
    "A chart is shown to the employee first, and alone. Own charts of all others: ab.people.own_chart in a notebook, by the "
    "employee’s key."
)


def section(results: Results, playbook: Playbook) -> Section | None:
    """Counts of verdicts, one chart per employee of whom something is asked; None where no employee is known."""
    people = rows_of(results.tables.get("people"))
    if not people:
        return None
    asked = [row for row in people if row["verdict"] in ASKED][:MOST_NAMES]
    figures = [_figure(row, results, playbook) for row in asked]
    return Section("people", "A bad day, or a change?", _answer(people), figures, kinds=("person",), note=_NOTE)


def _answer(people: Sequence[Row]) -> str:
    counts = Counter(row["verdict"] for row in people)
    parts = [f"{counts[verdict]:,} {said[counts[verdict] != 1]}" for verdict, said in _SAID.items() if counts[verdict]]
    return f"Of {sentences.counted(len(people), 'record', 'records')}, {sentences.listed(parts)}."


def _figure(person: Row, results: Results, playbook: Playbook) -> Figure:
    name, zone = person["employee"], playbook.timezone
    weeks = rows_where(results.tables["own_charts"], employee=name)
    drawing = theme.draw(
        lambda width: own_charts.chart(weeks, person, zone, width), own_charts.alt_text(weeks, person, zone)
    )
    return Figure(
        f"The own chart of {name}", _says(person, playbook), drawing, table_of("own_charts", weeks, f"own-{name}")
    )


def _says(person: Row, playbook: Playbook) -> str:
    day = words.day(person["since"], playbook.timezone)
    usual = "share of contacts resolved; the band is what the weeks do by themselves"
    if person["verdict"] == "isolated":
        return f"{usual}; {day} is one day in an otherwise steady record"
    return f"{usual} at the level before; since about {day} it is another level"
