"""Which escalations changed anything for the customer?"""

from __future__ import annotations

from collections import Counter

from aboveboard.playbook.model import Playbook
from aboveboard.reports import escalation_charts, words
from aboveboard.reports.exhibits import Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """What became of those who asked higher up; None where nobody did."""
    escalations, summary = (rows_of(results.tables.get(name)) for name in ("escalations", "escalation_summary"))
    overall = [row for row in summary if row["slice"] == "all"]
    if not escalations or not overall:
        return None
    counts = Counter(
        ("not decided" if row["decided_at"] is None else "decided", row["ending"] or "too early")
        for row in escalations
        if row["subject"] is not None
    )
    figures = []
    if counts:
        note = "a band is as thick as the escalations it carries; the table lists the latest first"
        latest = sorted(escalations, key=lambda row: (row["opened_at"], row["event"]), reverse=True)
        table = table_of("escalations", latest, "escalations")
        figures.append(Figure("What came of it?", note, escalation_charts.draw(counts), table))
    parts = table_of("escalation_summary", summary, "escalation-summary")
    figures.append(Figure("By team and by rule", "", None, parts))
    return Section(
        "escalations",
        "Which escalations changed anything for the customer?",
        _answer(overall[0]),
        figures,
        kinds=("escalation",),
        numbers=_numbers(overall[0]),
    )


def _answer(row: Row) -> str:
    judged = row["judged_count"]
    if not judged:
        return (
            f"{words.count(row['opened_count'])} times somebody asked higher up; it is too early to say what changed."
        )
    between = f" ({words.interval(row['theatre_share_low'], row['theatre_share_high'])})" if judged >= 20 else ""
    return (
        f"Of {words.count(judged)} escalations, {words.count(row['changed_count'])} changed something for the customer "
        f"and {words.count(row['theatre_count'])}{between} changed nothing."
    )


def _numbers(row: Row) -> list[tuple[str, str, str]]:
    numbers = []
    if not words.absent(row["latency_minutes_median"]):
        between = words.interval(row["latency_minutes_median_low"], row["latency_minutes_median_high"], "minutes")
        says = f"until half were decided ({between or 'open above'}, n {words.count(row['opened_count'])})"
        numbers.append(("latency", words.duration(row["latency_minutes_median"]), says))
    if row["needless_known_count"]:
        between = words.interval(row["needless_share_low"], row["needless_share_high"])
        says = f"need not have climbed ({between}, n {words.count(row['needless_known_count'])})"
        numbers.append(("needless", words.share(row["needless_share"]), says))
    return numbers
