"""What is said of claims: counts from the first on, rates from twenty, and never about a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from aboveboard.analyses import claims as analysis
from aboveboard.analyses.claims import tables as specs
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.engines import ledgers
from aboveboard.findings import claims
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Claim, Playbook

START = datetime(2026, 1, 1, tzinfo=UTC)


def table(spec: TableSpec, rows: list[dict[str, Any]]) -> pa.Table:
    return ledgers.arrow(rows_to_table(spec, rows))


def claim(number: int, verdict: str, **columns: Any) -> dict[str, Any]:
    return {
        "event": f"m{number:03}", "claim": "refunded", "start": 0, "end": 9, "subject": f"case:{number}", "customer": f"c{number}",
        "said_at": START + timedelta(days=number % 30, minutes=number), "channel": "chat", "team": "desk", "rule": None,
        "words": "I have refunded it", "verdict": verdict, "why": "No refund is on record.", **columns,
    }  # fmt: skip


def said(rows: list[dict[str, Any]], playbook: Playbook | None = None, **more: pa.Table) -> list[Finding]:
    made = rows_to_table(specs.CLAIMS, rows)
    tables = {"claims": ledgers.arrow(made), "claim_summary": ledgers.arrow(analysis.summary(made)), **more}
    return list(claims.findings(tables, playbook or Playbook(), as_of=START))


def test_one_contradiction_is_told_as_a_fact() -> None:
    (finding,) = said([claim(1, "contradicted"), claim(2, "supported"), claim(3, "not yet")])
    assert finding.sentence.startswith("1 time customers were told that money had been given back")
    assert "“I have refunded it”. No refund is on record." in finding.sentence
    assert (finding.evidence.n, finding.evidence.estimate, finding.evidence.unit) == (2, 1.0, "count")
    assert finding.events == ("m001",)
    assert finding.about == {"claim": "refunded", "slice": "all", "value": "all"}


def test_a_team_that_does_it_more_has_a_finding_of_its_own() -> None:
    rows = [claim(n, "contradicted" if n % 2 else "supported", team="late shift") for n in range(60)]
    rows += [claim(n, "contradicted" if n % 20 == 0 else "supported", team="early shift") for n in range(60, 160)]
    found = said(rows)
    assert [finding.about["value"] for finding in found] == ["all", "late shift"]
    assert "at late shift" in found[1].sentence and "(38–62 %)" in found[1].sentence
    assert found[1].where == {"claim": "refunded", "verdict": "contradicted", "team": "late shift"}
    assert found[1].weight == 30


def test_nothing_contradicted_is_nothing_to_say() -> None:
    assert said([claim(1, "supported"), claim(2, "unverifiable")]) == []
    assert list(claims.findings({}, Playbook(), as_of=START)) == []


def test_a_claim_of_the_playbook_speaks_in_its_words_and_has_its_owner() -> None:
    playbook = Playbook(
        claims={"sent-technician": Claim("sent-technician", says="A technician was sent.", owner="field")}
    )
    (finding,) = said([claim(1, "contradicted", claim="sent-technician")], playbook)
    assert "“A technician was sent”" in finding.sentence and finding.owner == "field"


def test_statuses_that_say_different_things() -> None:
    pair = {
        "shown": "open", "inside": "on hold", "differs": True, "minutes": 7200.0, "spells_count": 1, "subjects_count": 1,
        "longest_minutes": 7200.0, "longest_subject": "ticket:4", "share": 0.5,
    }  # fmt: skip
    same = pair | {"inside": "open", "differs": False}
    short = pair | {"inside": "pending", "minutes": 30.0}
    (finding,) = said([], dissonance=table(specs.DISSONANCE, [pair, same, short]))
    assert finding.kind == "status.dissonant"
    assert finding.sentence == (
        "1 ticket was shown as “open” while inside it was “on hold”: 5 days in all, 5 days the longest (ticket:4)."
    )


def test_no_finding_names_an_employee() -> None:
    assert all("employee" not in kind.about for kind in claims.KINDS)
