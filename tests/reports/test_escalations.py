"""How escalations and refusals look: the answer first, the flow and the bars with their words, tables that hold all rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from altair.utils import schemapi

from aboveboard.analyses import escalations
from aboveboard.analyses.escalations.tables import ESCALATIONS
from aboveboard.analyses.exceptions.denial_tables import ABUSE, DENIAL_SUMMARY, DENIALS
from aboveboard.analyses.shared import arrays
from aboveboard.playbook.model import Playbook
from aboveboard.reports import denial_charts, escalation_charts
from aboveboard.reports.run import Results
from aboveboard.reports.sections import denials as denials_section
from aboveboard.reports.sections import escalations as escalations_section

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENDINGS = ["changed"] * 12 + ["nothing"] * 6 + ["told no"] * 2 + ["undecided", None]


def results(**tables: Any) -> Results:
    return Results({name: table.to_pyarrow() for name, table in tables.items()}, (), START)


def asked() -> list[dict[str, Any]]:
    return [
        {
            "event": f"e{n}", "subject": f"case:{n}", "team": "<desk>", "opened_at": START + timedelta(hours=n),
            "decided_at": None if ending == "undecided" else START + timedelta(hours=n + 1), "ending": ending,
            "theatre": None if ending is None else ending != "changed",
        }
        for n, ending in enumerate(ENDINGS)
    ]  # fmt: skip


def test_the_flow_carries_every_escalation_and_its_words() -> None:
    table = arrays.rows_to_table(ESCALATIONS, asked())
    summary = escalations.summary(table, as_of=START + timedelta(days=30))
    section = escalations_section.section(results(escalations=table, escalation_summary=summary), Playbook())
    assert section is not None
    assert section.answer == "Of 21 escalations, 12 changed something for the customer and 9 (24–63 %) changed nothing."
    drawing = section.figures[0].drawing
    assert drawing is not None
    for drawn in (drawing.wide, drawing.narrow):
        for words in ("22 asked", "21 decided", "1 not decided", "12 something changed", "6 nothing changed",
                      "2 told no, and why", "1 never decided", "1 too early to tell"):  # fmt: skip
            assert words in drawn, words
    assert section.figures[0].table.rows_count == 22
    assert any(key == "latency" for key, _, _ in section.numbers)


def test_where_nobody_asks_there_is_no_section() -> None:
    assert escalations_section.section(results(), Playbook()) is None
    assert denials_section.section(results(), Playbook()) is None
    empty = results(escalations=arrays.rows_to_table(ESCALATIONS, []))
    assert escalations_section.section(empty, Playbook()) is None


def refused(policy: str, **counts: int) -> dict[str, Any]:
    row = {f"{name}_count": counts.get(name, 0) for name in ("abuse", "law", "safety", "impossible", "without")}
    return {"policy": policy, "denials_count": sum(row.values()), "overturned_count": 0, **row}


SUMMARY = [
    refused("nut-free", safety=78),
    refused("off-the-bill", abuse=1, without=3),
    refused("as-on-the-card", without=16),
]


def test_refusals_without_evidence_stand_first() -> None:
    section = denials_section.section(
        results(
            denial_summary=arrays.rows_to_table(DENIAL_SUMMARY, SUMMARY),
            denials=arrays.rows_to_table(
                DENIALS, [{"event": "d1", "evidence": "law"}, {"event": "d2", "evidence": "none"}]
            ),
            abuse=arrays.rows_to_table(ABUSE, [{"customer": "guest-7"}]),
        ),
        Playbook(),
    )
    assert section is not None
    assert section.answer.startswith(
        "98 requests were refused; behind 19 stands neither law, safety, impossibility nor"
    )
    assert section.answer.endswith("A finding of abuse is in force on 1 customer.")
    rules, each, abuse = section.figures
    assert [row[0] for row in rules.table.rows] == ["as-on-the-card", "off-the-bill", "nut-free"]
    assert [row[0] for row in each.table.rows] == ["d2", "d1"]
    assert abuse.table.rows_count == 1
    assert rules.drawing is not None
    for words in ("78 safety", "16 no evidence", "1 abuse found, 3 no evidence"):
        assert words in rules.drawing.wide, words


@pytest.mark.parametrize("width", [750, 330])
def test_the_bars_fit_the_schema(width: int) -> None:
    with schemapi.debug_mode(True):
        denial_charts.by_rule(SUMMARY, width).to_dict()


def test_a_flow_of_one_kind_alone() -> None:
    drawing = escalation_charts.draw({("decided", "nothing"): 3})
    assert "3 nothing changed" in drawing.wide
    assert drawing.alt == "3 asked; 3 nothing changed"
