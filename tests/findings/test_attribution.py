"""What is said of system and person: the system's share where it is known, and nothing about an employee."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.attribution.tables import VARIANCE
from aboveboard.findings import attribution
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook
from aboveboard.reports import run
from aboveboard.reports.sections import attribution as section

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


def _row(component: str, share: float | None, low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    side = component if component in ("system", "employee", "chance") else "system"
    known = {"known_share": None, "known_low": None, "known_high": None}
    found = {"outcome": "promise kept", "component": component, "side": side, "n": 4000, "identified": True}
    return dict.fromkeys(VARIANCE.columns) | known | found | {"share": share, "low": low, "high": high} | more


def _table(share: float = 0.351, **system: Any) -> dict[str, pa.Table]:
    known = {"known_share": 0.97, "known_low": 0.9, "known_high": 1.0} | system
    rows = [
        _row("employee", 0.01, 0.0, 0.03, known_share=0.03, known_low=0.0, known_high=0.1),
        _row("promise", 0.1, 0.02, 0.6),
        _row("team + policy", 0.25, 0.1, 0.5),
        _row("channel", 0.001, 0.0, 0.02),
        _row("system", share, 0.2, 0.6, **known),
        _row("chance", 0.639, 0.4, 0.8),
        _row("vendor", None, None, None, identified=False, told_from="team", reason="…"),
    ]
    return {"variance": pa.Table.from_pylist(rows)}


def _found(tables: dict[str, pa.Table]) -> list[Finding]:
    return list(attribution.findings(tables, Playbook("A desk"), as_of=AS_OF))


def test_the_systems_share_is_said_with_the_persons_beside_it() -> None:
    (finding,) = _found(_table())
    assert finding.about == {"outcome": "promise kept"}
    assert finding.sentence == (
        "Of the differences in whether a promise is kept, 35 % (20–60 %) goes with team or policy and promise, and 1 % (0–3 %) "
        "with who served; 64 % with none of these. Of the part that is known, the system's share is 97 %."
    )
    assert (finding.evidence.estimate, finding.evidence.low, finding.evidence.high) == (0.97, 0.9, 1.0)
    assert finding.evidence.n == 4000


@pytest.mark.parametrize("system", [{"known_low": 0.4}, {"share": 0.005}, {"known_share": None, "known_low": None}])
def test_nothing_is_said_where_it_is_not_sure_or_not_worth_saying(system: dict[str, Any]) -> None:
    assert _found(_table(**system)) == []


def test_nothing_is_said_where_employees_cannot_be_told_from_the_rest() -> None:
    rows = [row for row in _table()["variance"].to_pylist() if row["component"] not in ("employee", "system")]
    assert _found({"variance": pa.Table.from_pylist(rows)}) == []
    assert _found({}) == []


def test_the_section_shows_one_bar_and_names_what_cannot_be_told_apart() -> None:
    results = run.Results(_table(), (), AS_OF)
    shown = section.section(results, Playbook("A desk"))
    assert shown is not None
    assert shown.answer.startswith(
        "Of the differences in whether a promise is kept, 35 % (20–60 %) goes with the system and 1.0 %"
    )
    assert "team from vendor" in shown.note
    drawing = shown.figures[0].drawing
    assert drawing is not None
    for svg, system in ((drawing.wide, "the system’s share: 35 %"), (drawing.narrow, "system 35 %")):
        assert system in svg
        assert "person 0–3 %" in svg


def test_no_section_without_outcomes() -> None:
    none = {"variance": pa.Table.from_pylist([], schema=_table()["variance"].schema)}
    assert section.section(run.Results(none, (), AS_OF), Playbook("A desk")) is None
