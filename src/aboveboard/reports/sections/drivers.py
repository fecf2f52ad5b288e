"""What is overall satisfaction made of?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import journey_charts, theme, words
from aboveboard.reports.exhibits import Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

MOST_DRIVERS = 20


def section(results: Results, playbook: Playbook) -> Section | None:
    """One figure per overall measure; None where no answer is both overall and beside answers at touchpoints."""
    rows = rows_of(results.tables.get("drivers"))
    if not rows:
        return None
    measures = dict.fromkeys(row["measure"] for row in rows)
    figures = [_figure(name, [row for row in rows if row["measure"] == name]) for name in measures]
    return Section("drivers", "What is overall satisfaction made of?", _answer(rows), figures, kinds=("driver",))


def _answer(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["verdict"] == "known"]
    if not known:
        return "There are too few answers that are both overall and beside answers at touchpoints to tell."
    most = max(known, key=lambda row: (row["cases_count"], row["measure"]))["measure"]
    mine = sorted((row for row in known if row["measure"] == most), key=lambda row: -row["share"])
    first = [
        f"{sentences.quoted(journey_charts.driver_name(row))} {words.share(row['share'])}"
        for row in mine
        if row["drives"]
    ][:3]
    explained = words.share(mine[0]["r2"])
    if not first:
        return f"No touchpoint is shown to add to {most} of its own, in {words.count(mine[0]['cases_count'])} answers."
    return (
        f"The touchpoints explain {explained} of the differences in {most}. Of that, the greatest parts: "
        f"{sentences.listed(first)} ({words.count(mine[0]['cases_count'])} answers)."
    )


def _figure(name: str, rows: Sequence[Row]) -> Figure:
    ordered = sorted(rows, key=lambda row: (-(row["share"] or 0), row["driver"]))
    known = [row for row in ordered if row["verdict"] == "known"][:MOST_DRIVERS]
    table = table_of("drivers", ordered, f"drivers-{name}")
    if not known:
        return Figure(f"What is {name} made of?", "not enough data", None, table)
    drawing = theme.draw(
        lambda width: journey_charts.drivers(known, width),
        f"Share of each driver in what explains {name}, with intervals",
    )
    note = "part of what all explain together, and how the touchpoint is rated of 100; “not shown”: adds nothing of its own"
    return Figure(f"What is {name} made of?", note, drawing, table)
