"""What is said of rules: only where somebody should act, in one sentence, never about an employee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from tests.reports import sample

from aboveboard.analyses.exceptions.tables import CLAUSES, POLICIES, REPLAY, REQUESTS
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
BOOK = reader.read("policies:\n  no-swaps: {says: No swaps., owner: chef, authority: {waiter: 0, manager: 50}}\n")
RULE: dict[str, Any] = {
    "policy": "no-swaps", "says": "No swaps.", "owner": "chef", "requests_count": 200, "granted_count": 190, "denied_count": 10,
    "undecided_count": 0, "climbed_count": 0, "harm_count": 2, "harm_margin": 0.02, "compared_with": "ordinary cases",
    "harm_share": 0.01, "harm_share_low": 0.003, "harm_share_high": 0.04, "harm_difference": 0.001,
    "harm_difference_low": -0.01, "harm_difference_high": 0.012, "region": "every request", "condition": "true",
    "suggestions_count": 0, "suggestions_unanswered_count": 0,
}  # fmt: skip


def found(
    rule: dict[str, Any], clauses: list[dict[str, Any]] | None = None, replay: dict[str, Any] | None = None
) -> list[Finding]:
    asked = [
        {"event": f"e{n}", "policy": "no-swaps", "clause": None, "asked_at": AS_OF - timedelta(days=n), "outcome": "granted",
         "decided_at": AS_OF - timedelta(days=n), "climbed": n < 5}
        for n in range(30)
    ]  # fmt: skip
    tables: dict[str, pa.Table] = {
        "policies": sample.table(POLICIES, [rule]),
        "policy_clauses": sample.table(CLAUSES, clauses or []),
        "policy_replay": sample.table(REPLAY, [replay] if replay else []),
        "exception_requests": sample.table(REQUESTS, asked),
    }
    return collect.collect(tables, BOOK, as_of=AS_OF)


def test_a_rule_that_does_no_good_goes_to_its_owner() -> None:
    (finding,) = found(RULE | {"verdict": "change the rule"})
    assert (finding.kind, finding.about, finding.owner) == ("policy.change-the-rule", {"policy": "no-swaps"}, "chef")
    assert finding.sentence == (
        "190 of 200 who asked to bend “No swaps” were told yes, and at most 1.2 in 100 more came to harm than otherwise; "
        "the owner accepts 2 in 100."
    )
    assert (finding.evidence.n, finding.evidence.low, finding.evidence.high) == (190, -0.01, 0.012)
    assert finding.events[0] == "e0"
    assert len(finding.events) == 20


def test_without_ordinary_cases_nothing_is_compared() -> None:
    (finding,) = found(RULE | {"verdict": "change the rule", "compared_with": "none"})
    assert "at most 4 in 100 came to harm; the owner accepts 2 in 100" in finding.sentence


def test_a_region_is_named_with_what_it_would_have_done() -> None:
    region = {"region": "value is at most 50", "condition": "value <= 50"}
    replay = {"policy": "no-swaps", "requests_count": 90, "flipped_count": 7, "answered_count": 1, "outside_support_count": 3,
              "minutes_saved": 300.0, "cost": 10.0, "cost_low": 8.0, "cost_high": 12.0}  # fmt: skip
    (finding,) = found(RULE | {"verdict": "change the rule", **region}, replay=replay)
    assert "Where value is at most 50, that did no harm beyond the 2 in 100 accepted." in finding.sentence
    assert finding.action == (
        "Let the rule say what is done anyway where value is at most 50. So far it would have spared 5 hours of waiting and "
        "a no to 8 customers (cost 8–12). 3 of them are of a kind hardly ever granted: try those in a staged trial first."
    )
    assert finding.weight == 90


def test_authority_moves_to_those_who_are_asked() -> None:
    above = {"climbed_count": 150, "climbed_approval_share": 0.98, "climbed_approval_share_low": 0.94,
             "climbed_approval_share_high": 0.99, "waiting_minutes_median": 11.0, "proposed_level": "waiter",
             "proposed_limit": 24.0}  # fmt: skip
    (finding,) = found(RULE | {"verdict": "push authority down", **above})
    assert finding.sentence == (
        "150 who asked to bend “No swaps” had to wait for somebody above, half of them 11 minutes or longer, and in 98 % "
        "(94–99 %) the answer was yes."
    )
    assert finding.action == "Let the waiter decide up to 24."
    assert finding.events == ("e0", "e1", "e2", "e3", "e4")


@pytest.mark.parametrize(("requests", "said"), [(49, 0), (50, 1)])
def test_a_rule_that_few_ask_about_needs_no_explaining(requests: int, said: int) -> None:
    assert len(found(RULE | {"verdict": "keep and explain", "requests_count": requests})) == said


def test_too_little_known_is_no_finding() -> None:
    assert found(RULE | {"verdict": "not enough data"}) == []


def test_a_clause_speaks_up_where_it_differs() -> None:
    clause = {name: value for name, value in RULE.items() if name in CLAUSES.columns}
    verdicts = {"half": "change the rule", "swap": "keep and explain"}
    clauses = [clause | {"clause": word, "verdict": verdict} for word, verdict in verdicts.items()]
    about = [finding.about for finding in found(RULE | {"verdict": "keep and explain"}, clauses)]
    assert sorted(about, key=len) == [{"policy": "no-swaps"}, {"policy": "no-swaps", "clause": "half"}]


@pytest.mark.parametrize(("days", "said"), [(0.5, False), (6.0, True)])
def test_an_employee_is_owed_an_answer(days: float, said: bool) -> None:
    waiting = {"suggestions_count": 2, "suggestions_unanswered_count": 1, "suggestions_unanswered_days": days}
    kinds = found(RULE | {"verdict": "not enough data", **waiting})
    assert [finding.kind for finding in kinds] == ["suggestion.unanswered"] * said
    if said:
        assert (
            kinds[0].sentence == "An employee's suggestion about “No swaps” has been waiting for an answer for 6 days."
        )
