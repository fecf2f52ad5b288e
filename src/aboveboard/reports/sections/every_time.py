"""For how many customers was every promise kept, every single time?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, theme, words
from aboveboard.reports.exhibits import Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

LEAST_WEEKS = 3


def section(results: Results, playbook: Playbook) -> Section | None:
    """The share of customers, and week by week; None where no promise has ended."""
    rows = rows_of(results.tables.get("every_time"))
    whole = next((row for row in rows if row["span"] == "all"), None)
    if whole is None:
        return None
    weeks = [row for row in rows if row["span"] == "week" and not words.absent(row["whole_share"])]
    figures = [_trend(weeks, rows, playbook)] if len(weeks) >= LEAST_WEEKS else []
    note = "A customer counts once, with every promise that ended; one that was missed is enough to count as not as promised."
    return Section("every-time", "Delivered as promised, every single time?", answer(whole), figures, note=note)


def answer(whole: Row) -> str:
    """The row of all customers as a sentence."""
    if words.absent(whole["whole_share"]):
        return "Not yet known."
    between = words.interval(whole["whole_share_low"], whole["whole_share_high"])
    customers = sentences.counted(whole["customers_count"], "customer", "customers")
    return f"For {words.share(whole['whole_share'], 1)} of {customers} every promise was kept ({between})."


def _trend(weeks: Sequence[Row], rows: Sequence[Row], playbook: Playbook) -> Figure:
    points = [
        {
            "period_start_at": row["period_start_at"],
            "kept_share": row["whole_share"],
            "limit_low": row["whole_share_low"],
            "limit_high": row["whole_share_high"],
            "signal": False,
            "ended_count": row["customers_count"],
        }
        for row in weeks
    ]
    drawing = theme.draw(
        lambda width: charts.trend(points, None, playbook.timezone, width),
        "Share of customers to whom every promise made in the week was kept, with intervals",
    )
    note = "customers by the week in which they were promised something; the band is the 95 % interval"
    return Figure("Is it getting better?", note, drawing, table_of("every_time", rows, "every-time"))
