"""What do teams miss, and were they answered? Teams by their names in the order of the alphabet, never by their score."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aboveboard.analyses.enablement.tables import ALL, QUESTIONS
from aboveboard.findings import sentences
from aboveboard.findings.enablement import LACKS, MATERIAL
from aboveboard.playbook.model import Playbook
from aboveboard.reports import pulse_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

_NOTE = (
    "Told are five answers or more, always in fives; small teams are told as one. A week is told two weeks after it is over, "
    "so that every answer has had its time and no two reports differ by one person."
)


def section(results: Results, playbook: Playbook) -> Section | None:
    """The questions over time, the teams on each question that divides them, replies, and what goes with breakdowns."""
    pulse = rows_of(results.tables.get("pulse"))
    if not pulse:
        return None
    replies = rows_of(results.tables.get("pulse_replies"))
    links = rows_of(results.tables.get("pulse_links"))
    figures = [_over_time(pulse, playbook), *_by_team(pulse)]
    if replies:
        figures.append(
            Figure(
                "Was every answer answered?",
                _replied(replies),
                None,
                table_of("pulse_replies", replies, "pulse-replies"),
            )
        )
    if links:
        note = "rank correlation over teams; teams differ in more than what they answer"
        figures.append(
            Figure(
                "Do teams that miss something break more promises?",
                note,
                None,
                table_of("pulse_links", links, "pulse-links"),
            )
        )
    return Section("enablement", "What do teams miss?", _answer(pulse, replies), figures, kinds=("pulse",), note=_NOTE)


def _answer(pulse: Sequence[Row], replies: Sequence[Row]) -> str:
    whole = {row["question"]: row for row in pulse if row["team"] == ALL and row["week_start_at"] is None}
    lowest = min(whole.values(), key=lambda row: row["score"])
    said = f"Rated lowest: {LACKS[lowest['question']]}, {lowest['score']:.1f} of 5."
    lacking = [row for row in pulse if row["differs"] and row["rest_score"] - row["score"] >= MATERIAL]
    if lacking:
        named = sentences.listed([f"{row['team'].strip('()')} ({LACKS[row['question']]})" for row in lacking])
        said += f" More than elsewhere something is missing at {named}."
    return f"{said} {_replied(replies)}." if replies else said


def _replied(replies: Sequence[Row]) -> str:
    whole = next(row for row in replies if row["team"] == ALL)
    took = (
        "" if words.absent(whole["reply_days_median"]) else f", half of them within {whole['reply_days_median']:g} days"
    )
    waiting = (
        f"; {sentences.counted(whole['unanswered_count'], 'answer waits', 'answers wait')}, half of them for more than "
        f"{whole['unanswered_days_median']:g} days"
        if whole["unanswered_count"]
        else ""
    )
    return f"{words.share(whole['replied_share'])} of answers got a reply{took}{waiting}"


def _over_time(pulse: Sequence[Row], playbook: Playbook) -> Figure:
    zone = playbook.timezone
    weeks = [row for row in pulse if row["team"] == ALL and row["week_start_at"] is not None]
    drawing = theme.draw(
        lambda width: pulse_charts.over_time(weeks, zone, width), "The four questions of the pulse over time"
    )
    return Figure(
        "How do answers change?",
        "mean of 1 (no) to 5 (yes), with 95 % intervals",
        drawing,
        table_of("pulse", pulse, "pulse"),
    )


def _by_team(pulse: Sequence[Row]) -> list[Figure]:
    figures = []
    whole = {row["question"]: row["score"] for row in pulse if row["team"] == ALL and row["week_start_at"] is None}
    divides = {row["question"] for row in pulse if row["differs"]} | {min(whole, key=lambda question: whole[question])}
    for question in [each for each in QUESTIONS if each in divides]:
        rows = [row for row in pulse if row["question"] == question and row["week_start_at"] is None]
        teams = sorted((row for row in rows if row["team"] != ALL), key=lambda row: row["team"])
        if len(teams) < 2:
            continue
        overall = whole[question]
        # Where there are many, those that differ come first, still in the order of their names.
        drawn = sorted(sorted(teams, key=lambda row: not row["differs"])[:MOST_NAMES], key=lambda row: row["team"])
        drawing = theme.draw(
            partial(pulse_charts.by_team, drawn, overall), f"{pulse_charts.ASKED[question]} By team, with intervals"
        )
        note = "by team, over all weeks; the dashed line is all together; red is surely lower than elsewhere"
        figures.append(
            Figure(pulse_charts.ASKED[question], note, drawing, table_of("pulse", teams, f"pulse-{question}"))
        )
    return figures
