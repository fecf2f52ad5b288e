"""The sections on claims and on the faces of a status: answer first, every chart valid, nobody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aboveboard.analyses.claims import summary, tables
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Playbook
from aboveboard.reports import claim_charts, theme
from aboveboard.reports.run import Results
from aboveboard.reports.sections import claims, dissonance

AT = datetime(2026, 3, 2, tzinfo=UTC)
VERDICTS = ["supported"] * 3 + ["contradicted"] * 2 + ["not yet", "unverifiable"]


@pytest.fixture(scope="module")
def results() -> Results:
    made = rows_to_table(
        tables.CLAIMS,
        [
            {
                "event": f"m{n}", "claim": "refunded", "start": 0, "end": 4, "subject": f"case:{n}", "said_at": AT,
                "channel": "chat", "words": "I have refunded it", "verdict": verdict, "why": "No refund is on record.",
                "formula": "long",
            }
            for n, verdict in enumerate(VERDICTS)
        ],
    )  # fmt: skip
    pairs = rows_to_table(
        tables.DISSONANCE,
        [
            {
                "shown": "open", "inside": inside, "differs": inside == "hold", "minutes": minutes, "spells_count": 2,
                "subjects_count": 2, "longest_minutes": minutes, "longest_subject": "ticket:1", "share": minutes / 9000,
            }
            for inside, minutes in (("open", 1800.0), ("hold", 7200.0))
        ],
    )  # fmt: skip
    kept: dict[str, Any] = {"claims": made, "claim_summary": summary(made), "dissonance": pairs}
    return Results({name: ledgers.arrow(table) for name, table in kept.items()}, (), AT)


def test_the_answer_stands_first_and_contradictions_side_by_side(results: Results) -> None:
    section = claims.section(results, Playbook())
    assert section is not None
    assert section.answer.startswith("Customers were told 7 times")
    assert "Of the 5 that can be told, the record bears out 60 %" in section.answer
    (pair,) = section.pairs
    assert (pair["times"], pair["first"]["says"], pair["second"]["says"]) == (
        "2 times",
        "I have refunded it",
        "No refund is on record",
    )
    assert len(section.figures) == 2 and all(figure.drawing for figure in section.figures)
    assert "formula" not in [name for name, _, _ in section.figures[0].table.columns]


def test_what_was_shown_against_what_was_so(results: Results) -> None:
    section = dissonance.section(results, Playbook())
    assert section is not None and section.figures[0].drawing is not None
    assert (
        section.answer.startswith("For 80 % of the time")
        and "“open” stood where it was “hold”: 5 days" in section.answer
    )


def test_nothing_claimed_is_no_section() -> None:
    assert claims.section(Results({}, (), AT), Playbook()) is None
    assert dissonance.section(Results({}, (), AT), Playbook()) is None


@pytest.mark.parametrize("width", [theme.WIDE, theme.NARROW])
def test_every_chart_fits_the_schema(results: Results, width: int) -> None:
    whole = [row for row in results.tables["claim_summary"].to_pylist() if row["slice"] == "all"]
    for chart in (
        claim_charts.verdicts(whole, width),
        claim_charts.borne_out(whole, width),
        claim_charts.faces(results.tables["dissonance"].to_pylist(), width),
    ):
        chart.to_dict(validate=True)
