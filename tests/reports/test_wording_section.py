"""The section on words: its answer, its picture at both widths, and silence where nothing was remarked on."""

from __future__ import annotations

from datetime import UTC, datetime

from aboveboard.analyses import words
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Playbook
from aboveboard.reports.run import Results
from aboveboard.reports.sections import words as section

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def results(remarks_count: int) -> Results:
    wording, read, _ = words.TABLES
    remarks = [
        {
            "event": f"e{n}", "part": "text", "said_at": NOW, "audience": "customer", "words": "just this once", "start": 0,
            "rule": ("indebting", "insisting")[n % 2], "policy": "dishes-as-on-the-card-of-the-house",
        }
        for n in range(remarks_count)
    ]  # fmt: skip
    counts = [
        {
            "audience": "customer",
            "policy": "dishes-as-on-the-card-of-the-house",
            "language": "en",
            "messages_count": 40,
        },
        {"audience": "customer", "policy": None, "language": None, "messages_count": 7},
    ]
    said, counted = rows_to_table(wording, remarks), rows_to_table(read, counts)
    tables = {"wording": said, "wording_read": counted, "wording_by_policy": words.by_policy(said, counted)}
    return Results({name: ledgers.arrow(table) for name, table in tables.items()}, (), NOW)


def test_the_answer_the_numbers_and_the_pictures() -> None:
    found = section.section(results(10), Playbook())
    assert found is not None and found.title == "Which words do our rules put into people's mouths?"
    assert found.answer == "10 of 40 messages to customers could be put better."
    assert ("unread", "7", "in a language without rules, not read") in found.numbers
    drawing = found.figures[0].drawing
    assert drawing is not None
    for svg in (drawing.wide, drawing.narrow):  # the two lines stay apart, however short their names are cut
        assert svg.count("5 of 40") >= 2


def test_nothing_remarked_on_is_no_section() -> None:
    assert section.section(results(0), Playbook()) is None
