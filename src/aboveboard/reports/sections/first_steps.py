"""Which small change is worth most, and what may still go wrong?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import journey_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """The queue of small changes and the budgets of the touchpoints; None where there is neither."""
    steps, budgets = (rows_of(results.tables.get(name)) for name in ("small_steps", "touchpoint_budgets"))
    if not steps and not budgets:
        return None
    figures = [_queue(steps)] if steps else []
    if budgets:
        note = "misses against what the objectives in the playbook allow; each promise and each measure by itself"
        table = table_of("touchpoint_budgets", budgets, "touchpoint-budgets")
        figures.append(Figure("How much may still go wrong at each touchpoint?", note, None, table))
    return Section(
        "first-steps", "Which small change is worth most?", _answer(steps, budgets), figures, kinds=("small-step",)
    )


def _answer(steps: Sequence[Row], budgets: Sequence[Row]) -> str:
    said = "Nothing on record suggests a small change."
    first = next((row for row in steps if row["rank"] == 1), None)
    if first:
        low, high = (words.number(first[name]) for name in ("spared_weekly_low", "spared_weekly_high"))
        said = (
            f"First: {first['says'].removesuffix('.')}. It would spare up to {words.number(first['spared_weekly'])} breakdowns a "
            f"week ({low}–{high}) for {journey_charts.days(first['effort_days'])} of work."
        )
    spent = {row["touchpoint"] for row in budgets if row["window"] == "30 days" and row["state"] == "surely spent"}
    if spent:
        said += f" The budget of the last 30 days is spent at {sentences.listed(sorted(spent))}."
    return said


def _queue(steps: Sequence[Row]) -> Figure:
    ordered = sorted(steps, key=lambda row: (row["rank"] is None, row["rank"] or 0, -row["spared_per_day"]))
    ranked = [row for row in ordered if row["rank"] is not None][:MOST_NAMES]
    drawing = theme.draw(
        lambda width: journey_charts.queue(ranked, width),
        "Breakdowns that each change would spare in a week, with intervals",
    )
    note = "breakdowns spared a week if it works wholly, and the days of work; in the order of the first by the second"
    return Figure(
        "Small changes, the most for the least work first",
        note,
        drawing,
        table_of("small_steps", ordered, "small-steps"),
    )
