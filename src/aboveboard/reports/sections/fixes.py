"""Did the fixes work? Each with what would have been without it."""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.analyses.fixes.tables import CAME_BACK, FIXED, NO_EVIDENCE, PARTLY, TOO_EARLY, WORSE
from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import fix_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

MOST_DRAWN = 6
_ORDER = (CAME_BACK, WORSE, PARTLY, FIXED, NO_EVIDENCE, TOO_EARLY)
_SAID = {
    FIXED: "worked",
    PARTLY: "helped, but not enough",
    WORSE: "made it worse",
    CAME_BACK: "worked until the problem came back",
    NO_EVIDENCE: "cannot be shown to have worked",
    TOO_EARLY: "cannot be judged yet",
}


def section(results: Results, playbook: Playbook) -> Section | None:
    """The verdicts, all fixes side by side, and one before–after for each; None where nothing was released."""
    fixes = rows_of(results.tables.get("fixes"))
    if not fixes:
        return None
    fixes.sort(key=lambda row: (_ORDER.index(row["verdict"]), -row["released_at"].timestamp(), row["fix"]))
    weeks = rows_of(results.tables.get("fix_weeks"))
    drawn = [row for row in fixes if not words.absent(row["expected"])][:MOST_DRAWN]
    figures = [_side_by_side(fixes)]
    figures += [_before_after(row, [week for week in weeks if week["fix"] == row["fix"]], playbook) for row in drawn]
    return Section("fixes", "Did the fixes work?", _answer(fixes), figures, kinds=("fix",))


def _answer(fixes: Sequence[Row]) -> str:
    parts = []
    for verdict, said in _SAID.items():
        count = sum(1 for row in fixes if row["verdict"] == verdict)
        if count:
            parts.append(f"{count} {said}")
    return f"Of {sentences.counted(len(fixes), 'fix', 'fixes')}, {sentences.listed(parts, most=len(_SAID))}."


def _side_by_side(fixes: Sequence[Row]) -> Figure:
    table = table_of("fixes", fixes, "fixes")
    drawn = [row for row in fixes if not words.absent(row["reduced_share"])][:MOST_NAMES]
    title = "By how much less than expected are there breakdowns?"
    if not drawn:
        return Figure(title, "there is nothing to compare yet", None, table)
    note = "against what would have been without the fix, with 95 % intervals; left of the line is more"
    alt = "; ".join(f"{fix_charts.name_of(row)}: {row['verdict']}" for row in drawn)
    drawing = theme.draw(lambda width: fix_charts.overview(drawn, width), alt)
    return Figure(title, note, drawing, table)


def _before_after(row: Row, weeks: Sequence[Row], playbook: Playbook) -> Figure:
    name = fix_charts.name_of(row)
    zone = playbook.timezone
    drawing = theme.draw(
        lambda width: fix_charts.before_after(weeks, row, zone, width), f"{name}, week by week: {row['because']}"
    )
    held = " and ".join([*(["trend"] if row["trend"] else []), *([row["control"]] if row["control"] else [])])
    equal = f"; held equal: {held}" if held else ""
    note = (
        f"{row['verdict']}. {row['because']} The dashed line and its band: without the change, 95 of 100 weeks{equal}"
    )
    title = f"What did the change for {sentences.quoted(name)} do?"
    return Figure(title, note, drawing, table_of("fix_weeks", weeks, f"fix-weeks-{row['fix']}"))
