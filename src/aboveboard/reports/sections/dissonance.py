"""What did the customer see while inside it was on hold?"""

from __future__ import annotations

from aboveboard.playbook.model import Playbook
from aboveboard.reports import claim_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """How long each pair of faces stood; None where statuses have one face."""
    rows = sorted(
        rows_of(results.tables.get("dissonance")), key=lambda row: (-row["minutes"], row["shown"], row["inside"])
    )
    rows = [row for row in rows if row["minutes"]]
    if not rows:
        return None
    drawing = theme.draw(
        lambda width: claim_charts.faces(rows[:MOST_NAMES], width),
        "Time for which each shown status stood over each inside",
    )
    figure = Figure(
        "How long did both stand?",
        "shown | inside; red where the two do not say the same; behind each bar its length and how many cases",
        drawing,
        table_of("dissonance", rows, "dissonance"),
    )
    title = "What did the customer see while inside it was on hold?"
    return Section("dissonance", title, _answer(rows), [figure], kinds=("status",))


def _answer(rows: list[Row]) -> str:
    differing = [row for row in rows if row["differs"]]
    if not differing:
        return "Whenever two faces of a status were known, they said the same."
    worst, share = differing[0], sum(row["share"] or 0.0 for row in differing)
    return (
        f"For {words.share(share)} of the time, what the customer saw was not what was so inside. Mostly “{worst['shown']}” "
        f"stood where it was “{worst['inside']}”: {words.duration(worst['minutes'])} over "
        f"{words.count(worst['subjects_count'])} cases."
    )
