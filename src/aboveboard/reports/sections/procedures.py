"""Which steps help the customer, and where?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.analyses.procedures import advice
from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import step_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

_SAID = {
    advice.KEEP: ("is worth keeping", "are worth keeping"),
    advice.CONDITIONAL: ("helps in some contexts only", "help in some contexts only"),
    advice.DROP: ("adds nothing worth having", "add nothing worth having"),
}
_SHOWN = (
    "step", "context", "kind", "why", "visits_count", "met_share", "met_share_low", "met_share_high", "unmet_because",
    "scored_count", "undertaken_count", "measure", "effect", "effect_low", "effect_high", "worth_from", "overlap_share",
    "q", "q_too_small", "advice", "proposed_when",
)  # fmt: skip
"""Columns of the table on the page, in this order; steps.parquet holds them all."""


def section(results: Results, playbook: Playbook) -> Section | None:
    """What each step adds, one figure per procedure, and who was asked again; None where no step was ever due."""
    steps = [row for row in rows_of(results.tables.get("steps")) if row["visits_count"]]
    if not steps:
        return None
    procedures = dict.fromkeys(row["procedure"] for row in steps)
    figures = [_figure(name, [row for row in steps if row["procedure"] == name]) for name in procedures]
    insisting = rows_of(results.tables.get("insistence"))
    if insisting:
        latest = sorted(insisting, key=lambda row: (row["offered_at"], row["event"]), reverse=True)
        table = table_of("insistence", latest, "insistence")
        figures.append(Figure("Who was asked again after a no?", "the latest first", None, table))
    return Section(
        "steps", "Which steps help the customer, and where?", _answer(steps, insisting), figures, kinds=("step",)
    )


def _answer(steps: Sequence[Row], insisting: Sequence[Row]) -> str:
    whole = [row for row in steps if row["context"] == "all"]
    parts = []
    for word, (one, many) in _SAID.items():
        count = sum(1 for row in whole if row["advice"] == word)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    unknown = sum(1 for row in whole if row["advice"] == advice.UNKNOWN)
    if unknown:
        parts.append(f"of {unknown} there is not enough data")
    said = f"Of {sentences.counted(len(whole), 'step', 'steps')}, {sentences.listed(parts)}."
    if insisting:
        count = len({row["visit"] for row in insisting})
        said += f" {sentences.counted(count, 'customer was', 'customers were')} asked again after a no."
    return said


def _figure(procedure: str, rows: Sequence[Row]) -> Figure:
    whole = [row for row in rows if row["context"] == "all"][:MOST_NAMES]
    names = {row["step"] for row in whole}
    told = [row for row in rows if row["step"] in names]
    table = table_of("steps", [{name: row[name] for name in _SHOWN} for row in rows], f"steps-{procedure}")
    title = f"What does each step of {words.plain(procedure)} add?"
    if all(words.absent(row["effect"]) for row in told):
        return Figure(title, "no step was left out often enough in comparable visits to tell", None, table)
    measure = next(row["measure"] for row in told if not words.absent(row["effect"]))
    drawing = theme.draw(
        lambda width: step_charts.effects(told, width),
        f"Effect of each step on {measure}, with intervals, in all visits and by context where it differs",
    )
    note = f"points of {measure} with the step, case mix held equal; the band around nothing is not worth having"
    return Figure(title, note, drawing, table)
