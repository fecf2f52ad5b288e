"""Who was told two things?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """The contradictions, the commonest first; None where there are none."""
    rows = rows_of(results.tables["contradictions"])
    if not rows:
        return None
    matters = sentences.counted(len({r["subject"] for r in rows}), "matter", "matters")
    answer = f"In {matters} a customer was told one thing and then another, {sentences.counted(len(rows), 'time', 'times')} in all."
    figure = Figure("Each time", "", None, table_of("contradictions", rows, "contradictions"))
    return Section(
        "contradictions",
        "Who was told two things?",
        answer,
        [figure],
        kinds=("contradiction",),
        pairs=_pairs(rows, playbook),
    )


def _pairs(rows: Sequence[Row], playbook: Playbook) -> list[Row]:
    """The same two statements by the same two are one line, with how often and the latest example."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("fact", "first_by", "first_says", "second_by", "second_says", "against"))
        groups.setdefault(key, []).append(row)
    return [_pair(group, playbook) for group in sorted(groups.values(), key=len, reverse=True)[:MOST_NAMES]]


def _pair(group: Sequence[Row], playbook: Playbook) -> Row:
    row = max(group, key=lambda r: r["second_at"])
    first, second = (
        {
            "by": row[f"{which}_by"],
            "says": row[f"{which}_says"],
            "at": words.moment(row[f"{which}_at"], playbook.timezone),
        }
        for which in ("first", "second")
    )
    times = sentences.counted(len(group), "time", "times")
    return {"subject": row["subject"], "times": times, "fact": words.plain(row["fact"]), "first": first, "second": second,
            "against": row["against"]}  # fmt: skip
