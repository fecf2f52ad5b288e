from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions.denial_tables import ABUSE, DENIALS
from aboveboard.analyses.shared import arrays
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook, Policy

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = Playbook(policies={"card": Policy("card", "Dishes are served as on the card.", "head chef")})


def denial(number: int, evidence: str = "none", **more: Any) -> dict[str, Any]:
    at = START + timedelta(hours=number)
    return {
        "event": f"d{number:03d}",
        "policy": "card",
        "denied_at": at,
        "evidence": evidence,
        "overturned": False,
        **more,
    }


def found(denials: list[dict[str, Any]], abuse: list[dict[str, Any]] | None = None) -> list[Finding]:
    table = arrays.rows_to_table(DENIALS, denials)
    tables = {
        "denials": table.to_pyarrow(),
        "denial_summary": exceptions.denial_summary(ibis.memtable(table.to_pyarrow())).to_pyarrow(),
        "abuse": arrays.rows_to_table(ABUSE, abuse or []).to_pyarrow(),
    }
    return collect.collect(tables, BOOK, as_of=START + timedelta(days=90))


def test_refusals_without_evidence_go_to_the_owner_of_the_rule() -> None:
    (few,) = found([denial(1), denial(2, "law"), denial(3, overturned=True, claimed="Abuse")])
    assert (few.kind, few.about, few.owner) == ("denial.without-evidence", {"policy": "card"}, "head chef")
    assert few.sentence == (
        "2 of 3 refusals under “Dishes are served as on the card” rest on no evidence; 1 was granted after all and 1 "
        "names abuse, without a finding on that customer at the time."
    )
    assert (few.events, few.evidence.unit) == (("d003", "d001"), "count")
    (many,) = found([denial(n, "none" if n < 12 else "safety") for n in range(24)])
    assert many.sentence == "12 of 24 refusals under “Dishes are served as on the card” rest on no evidence (31–69 %)."
    assert many.id == few.id


def test_refusals_with_evidence_are_no_finding() -> None:
    assert found([denial(n, kind) for n, kind in enumerate(("law", "safety", "impossible", "abuse"))]) == []


def test_a_finding_of_abuse_says_when_it_lapses_and_how_to_object() -> None:
    record = {
        "customer": "guest-7", "exposure": "exceptions granted", "exposure_count": 12, "abuse_count": 11,
        "segment_rate": 0.04, "expires_at": START + timedelta(days=300), "events": "h2, h1",
    }  # fmt: skip
    (finding,) = found([], [record])
    assert (finding.kind, finding.about) == ("abuse.found", {"customer": "guest-7"})
    for words in ("11 of 12 occasions", "1 in 25", "lapses on 27 Dec 2026", "may object", "not involved"):
        assert words in finding.sentence, words
    assert finding.events == ("h2", "h1")
    assert "A person decides" in finding.action
