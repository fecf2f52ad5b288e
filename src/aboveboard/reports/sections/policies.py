"""Which rules work only when someone bends them?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import policy_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

_ORDER = tuple(policy_charts.VERDICTS)
_ASKING = (
    "policy", "requests_count", "granted_count", "denied_count", "approval_share", "approval_share_low", "approval_share_high",
    "waiting_minutes_median", "waiting_minutes_p90", "climbed_count", "climbed_approval_share", "auc", "auc_low", "auc_high",
)  # fmt: skip


def section(results: Results, playbook: Playbook) -> Section | None:
    """The register of rules that somebody asked to bend, those to change first; None where nobody did."""
    rows = [row for row in _rows(results, "policies") if row["requests_count"]]
    if not rows:
        return None
    rows.sort(key=lambda row: (_ORDER.index(row["verdict"]), -row["requests_count"], row["policy"]))
    figures = [_harm(rows), _asking(rows), *_more(results)]
    return Section(
        "policies",
        "Which rules work only when someone bends them?",
        _answer(rows),
        figures,
        kinds=("policy", "suggestion"),
        numbers=_numbers(rows),
        note="Harm is known only of what was granted: nothing is said of what was never tried.",
    )


def _rows(results: Results, name: str) -> list[Row]:
    table = results.tables.get(name)
    return [] if table is None else rows_of(table)


def _answer(rows: Sequence[Row]) -> str:
    asked = sum(row["requests_count"] for row in rows)
    granted, decided = (sum(row[name] for row in rows) for name in ("granted_count", "denied_count"))
    answer = f"Customers asked {words.count(asked)} times for what {sentences.counted(len(rows), 'rule forbids', 'rules forbid')}"
    if granted + decided:
        answer += f", and {words.share(granted / (granted + decided))} of the answers were yes"
    change, push = (sum(row["verdict"] == word for row in rows) for word in _ORDER[:2])
    told = []
    if change:
        told.append(f"{sentences.counted(change, 'rule', 'rules')} should change")
    if push:
        told.append(f"in {push} the authority should move to those who are asked")
    return (
        f"{answer}. {sentences.listed(told).capitalize()}."
        if told
        else f"{answer}. None of them is shown to need a change."
    )


def _numbers(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    unanswered = sum(row["suggestions_unanswered_count"] for row in rows)
    harmed, granted = (sum(row[name] for row in rows) for name in ("harm_count", "granted_count"))
    numbers = [("harm", words.count(harmed), f"came to harm, of {words.count(granted)} granted")]
    if climbed := sum(row["climbed_count"] for row in rows):
        numbers.append(("climbed", words.count(climbed), "had to wait for somebody above"))
    if unanswered:
        what = "suggestion by an employee" if unanswered == 1 else "suggestions by employees"
        numbers.append(("suggestions", words.count(unanswered), f"{what} without an answer"))
    return numbers


def _harm(rows: Sequence[Row]) -> Figure:
    known = [row for row in rows if not words.absent(row["harm_difference"])][:MOST_NAMES]
    drawing = None
    if known:
        alt = "Per rule, the extra harm after exceptions with its interval, beside the harm that its owner accepts"
        drawing = theme.draw(lambda width: policy_charts.harm(known, width), alt)
    note = "the band is the 95 % interval, the tick is what the owner accepts; left of it is within the margin"
    return Figure("What comes of saying yes?", note, drawing, table_of("policies", rows, "policies"))


def _asking(rows: Sequence[Row]) -> Figure:
    known = [
        row
        for row in rows
        if not words.absent(row["waiting_minutes_median"]) and not words.absent(row["approval_share"])
    ][:MOST_NAMES]
    drawing = None
    if known:
        alt = "Per rule, the minutes from asking to the answer, and how often the answer is yes"
        drawing = theme.draw(lambda width: policy_charts.asking(known, width), alt)
    note = (
        "the mark is the median, the band ends where nine in ten had their answer; at the right, how often it was yes"
    )
    asked = [{name: row[name] for name in _ASKING} for row in rows]
    return Figure(
        "What does the asking decide, and what does it take?", note, drawing, table_of("policies", asked, "asking")
    )


def _more(results: Results) -> list[Figure]:
    """Tables without a picture: the replay, the regions, the clauses."""
    titles = {
        "policy_replay": "What would have happened under the proposed rules?",
        "policy_relaxations": "Which part of a rule does no harm?",
        "policy_clauses": "Which clause of the rule is it?",
    }
    found = [(name, title, _rows(results, name)) for name, title in titles.items()]
    return [
        Figure(title, "", None, table_of(name, rows, name.replace("_", "-"))) for name, title, rows in found if rows
    ]
