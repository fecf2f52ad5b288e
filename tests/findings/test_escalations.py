from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import escalations
from aboveboard.analyses.escalations.tables import ESCALATIONS
from aboveboard.analyses.shared import arrays
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook, Policy

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = START + timedelta(days=900)
BOOK = Playbook(policies={"fee": Policy("fee", "The fee is not given back.", "finance")})


def escalation(
    number: int, *, ending: str = "changed", team: str = "desk", minutes: float | None = 60, **more: Any
) -> dict[str, Any]:
    opened = START + timedelta(hours=number)
    row = {
        "event": f"x{number:05d}",
        "subject": f"case:{number}",
        "team": team,
        "opened_at": opened,
        "decided_at": None if minutes is None else opened + timedelta(minutes=minutes),
        "latency_minutes": minutes,
        "ending": ending,
        "theatre": ending != "changed",
    }
    return row | more


def found(rows: list[dict[str, Any]], book: Playbook = BOOK) -> list[Finding]:
    table = arrays.rows_to_table(ESCALATIONS, rows)
    summary = escalations.summary(table, as_of=NOW).to_pyarrow()
    return collect.collect({"escalations": table.to_pyarrow(), "escalation_summary": summary}, book, as_of=NOW)


def test_few_are_counted_and_many_have_an_interval() -> None:
    (few,) = found([escalation(1, ending="nothing"), escalation(2)])
    assert few.sentence == "After 1 of 2 escalations nothing changed for the customer."
    assert (few.evidence.n, few.evidence.estimate, few.evidence.unit, few.evidence.low) == (2, 1, "count", None)
    assert (few.about, few.events) == ({"slice": "all", "value": "all"}, ("x00001",))
    (many,) = found([escalation(n, ending="nothing" if n % 2 else "changed") for n in range(60)])
    assert many.sentence == "After 30 of 60 escalations nothing changed for the customer (38–62 %)."
    assert (many.evidence.unit, many.weight) == ("share", 30)
    assert many.id == few.id, "the same finding next week"


def test_a_no_and_a_silence_are_told_apart() -> None:
    rows = [
        escalation(1, ending="told no"),
        escalation(2, ending="undecided", minutes=None),
        escalation(3, ending="nothing"),
    ]
    theatre = next(one for one in found(rows) if one.kind == "escalation.theatre")
    assert theatre.sentence == (
        "After 3 of 3 escalations nothing changed for the customer; 1 ended in a no that was told with its reason and "
        "1 was never decided."
    )


def test_a_team_where_less_changes_has_a_finding_of_its_own() -> None:
    rows = [escalation(n, team="desk" if n % 2 else "shop", ending="nothing" if n % 10 == 1 or n % 2 == 0 else "changed")
            for n in range(200)]  # fmt: skip
    kinds = [(one.kind, one.about["value"]) for one in found(rows)]
    assert kinds == [("escalation.theatre", "all"), ("escalation.theatre", "shop")]


@pytest.mark.parametrize("seed", range(3))
def test_teams_that_are_alike_have_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [escalation(n, team=f"team {n % 6}", minutes=float(rng.exponential(60)),
                       ending="nothing" if rng.random() < 0.4 else "changed") for n in range(600)]  # fmt: skip
    assert [one.about for one in found(rows)] == [{"slice": "all", "value": "all"}]


def test_what_need_not_have_climbed_goes_to_the_owner_of_the_rule() -> None:
    because = "push authority down"
    rows = [
        escalation(n, policy="fee", needless=n < 30, needless_because=because if n < 30 else None) for n in range(40)
    ]
    (finding,) = found(rows)
    assert (finding.kind, finding.about, finding.owner) == ("escalation.needless", {"policy": "fee"}, "finance")
    assert finding.sentence == (
        "30 of 40 escalations about “The fee is not given back” need not have climbed (60–86 %): the exceptions show "
        "that the frontline can decide it."
    )
    (few,) = found([escalation(1, policy="old", needless=True, needless_because="within the frontline's authority")])
    assert few.sentence == (
        "1 of 1 escalation about the rule old need not have climbed: what was at stake lay within what the frontline may give."
    )
    assert few.owner is None


def test_what_nobody_decides() -> None:
    rows = [escalation(n, ending="undecided", minutes=None) for n in range(3)]
    finding = next(one for one in found(rows) if one.kind == "escalation.undecided")
    assert finding.sentence == (
        "3 escalations have had no decision, and nothing changed for the customer; the oldest is of 2 Mar 2026."
    )
    (one,) = [f for f in found(rows[:1]) if f.kind == "escalation.undecided"]
    assert one.sentence == "One escalation, of 2 Mar 2026, has had no decision, and nothing changed for the customer."


def test_a_team_that_waits_longer() -> None:
    rng = np.random.default_rng(5)
    rows = [escalation(n, minutes=float(rng.exponential(30))) for n in range(300)]
    rows += [escalation(400 + n, team="night shift", minutes=float(300 + rng.exponential(200))) for n in range(30)]
    (finding,) = found(rows)
    assert (finding.kind, finding.about["value"]) == ("escalation.slow", "night shift")
    assert finding.sentence.startswith("At night shift, half of the 30 decisions take longer than 6 h")


def test_no_escalation_no_word() -> None:
    assert found([]) == []
    assert collect.collect({}, BOOK, as_of=NOW) == []
    only: dict[str, pa.Table] = {
        "escalations": ibis.memtable(arrays.rows_to_table(ESCALATIONS, []).to_pyarrow()).to_pyarrow()
    }
    assert collect.collect(only, BOOK, as_of=NOW) == []
