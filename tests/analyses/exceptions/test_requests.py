"""Requests, what followed them and what employees said of them, on ledgers small enough to check by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions import features, harm
from aboveboard.analyses.exceptions.margins import Cases
from aboveboard.analyses.exceptions.suggestions import suggestions
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import conditions, reader

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = reader.read("policies:\n  p: {says: No., authority: {rep: 0, lead: 9}, harm_margin: 0.1, harm_within: 2 days}\n")
ASK, YES, NO, HARM = "exception.requested", "exception.granted", "exception.denied", "harm.found"


def ledger(*events: tuple[float, str, dict[str, Any]]) -> Ledger:
    """Events as (hours since the first, type, columns), about order:1 and policy p unless they say otherwise."""
    rows = []
    for number, (hours, type, columns) in enumerate(events, start=1):
        row = {"id": f"e{number}", "type": type, "time": FIRST + timedelta(hours=hours), "recorded_at": FIRST}
        row |= {"subject": "order:1", "rule": "policy:p", **columns}
        if isinstance(row.get("attributes"), dict):
            row["attributes"] = json.dumps(row["attributes"])
        rows.append(row)
    return Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA))


def asked(*events: tuple[float, str, dict[str, Any]], hours: float = 200) -> list[dict[str, Any]]:
    with ledger(*events) as opened:
        found = exceptions.requests(opened.events, BOOK, as_of=FIRST + timedelta(hours=hours))
        return sorted(opened.arrow(found).to_pylist(), key=lambda row: row["event"])


def test_who_is_refused_and_then_granted_had_to_climb() -> None:
    (row,) = asked(
        (0, ASK, {}),
        (1, NO, {"attributes": {"level": "rep"}}),
        (3, YES, {"value": 5.0, "attributes": {"level": "lead", "clause": "c"}}),
    )
    assert (row["outcome"], row["decision"], row["climbed"], row["cost"]) == ("granted", "e3", True, 5.0)
    assert (row["waiting_minutes"], row["clause"]) == (180.0, "c")


def test_asking_again_after_an_answer_is_another_request_and_before_it_is_not() -> None:
    first, second = asked((0, ASK, {}), (1, ASK, {}), (2, NO, {}), (3, ASK, {}))
    assert (first["event"], first["waiting_minutes"]) == ("e1", 120.0)
    assert (second["event"], second["outcome"], second["decided_at"]) == ("e4", "undecided", None)


def test_a_decision_that_nobody_asked_for_is_a_request_all_the_same() -> None:
    (row,) = asked((0, YES, {}))
    assert (row["event"], row["asked_at"], row["waiting_minutes"]) == ("e1", None, None)


@pytest.mark.parametrize(("after", "harmed"), [(47, True), (48, True), (49, False)])
def test_harm_counts_within_its_time(after: float, harmed: bool) -> None:
    (row,) = asked((0, ASK, {}), (1, YES, {}), (1 + after, HARM, {}))
    assert (row["harmed_at"] is not None) is harmed
    assert row["followed"] is True


def test_harm_belongs_to_the_grant_before_it() -> None:
    first, second = asked((0, ASK, {}), (1, YES, {}), (2, ASK, {}), (3, YES, {}), (4, HARM, {}))
    assert (first["harmed_at"], second["harm_minutes"]) == (None, 60.0)


def test_what_comes_after_as_of_does_not_exist() -> None:
    (row,) = asked((0, ASK, {}), (1, YES, {}), (30, HARM, {}), hours=25)
    assert (row["harmed_at"], row["followed"], row["followed_minutes"]) == (None, False, 24 * 60.0)


def test_an_answer_to_a_suggestion_ends_its_waiting() -> None:
    made = {"subject": None, "text": "Let us."}
    with ledger(
        (0, "suggestion.made", made), (24, "suggestion.made", made), (12, "suggestion.answered", made)
    ) as opened:
        said = suggestions(opened.events, as_of=FIRST + timedelta(hours=72))
    assert said == {
        "p": {"suggestions_count": 2, "suggestions_unanswered_count": 1, "suggestions_unanswered_days": 2.0}
    }


def test_half_followed_counts_for_half_and_all_followed_for_all() -> None:
    def cells(*rows: tuple[int, bool, int]) -> dict[str, Any]:
        table = pa.table(dict(zip(("step", "harmed", "cases_count"), map(list, zip(*rows, strict=True)), strict=True)))
        return {name: table[name].to_numpy() for name in table.column_names}

    assert harm.effective(cells((50, False, 10), (100, False, 20))) == Cases(0.0, 25.0)
    whole = harm.effective(cells((40, True, 5), (100, False, 95)))
    assert (whole.harmed, whole.n) == (pytest.approx(5), pytest.approx(100))
    # Ten left after half the window: those 90 who stayed tell of the second half.
    some = harm.effective(cells((50, False, 10), (60, True, 9), (100, False, 81)))
    assert float(some.harmed) / float(some.n) == pytest.approx(0.1)
    assert 85 < float(some.n) < 95


def test_every_test_of_a_feature_means_what_its_condition_says() -> None:
    told = [
        {
            "amount": str(n % 40),
            "kind": ("a", "it's", "ß")[n % 3],
            "level": "lead",
            "free text": f"x{n}",
            "odd.key": n % 7,
        }
        for n in range(90)
    ]
    rows = [
        (
            n,
            ASK,
            {"subject": f"s:{n}", "channel": ("web", None, "phone")[n % 3], "value": float(n % 11), "attributes": one},
        )
        for n, one in enumerate(told)
    ]
    with ledger(*rows) as opened:
        found = features.asked(exceptions.requests(opened.events, BOOK), opened.events)
        events = {row["id"]: row for row in opened.arrow(opened.events).to_pylist()}
    tests = features.tests(found)
    assert {found.features[test.feature].name for test in tests} == {"channel", "value", "amount", "kind", "odd.key"}
    for test in tests:
        said = conditions.parse(conditions.Condition("", test.node(found)).to_sql())
        assert said.tree == test.node(found)
        meets = said.to_python()
        assert [meets(events[event]) is True for event in found.rows["event"]] == test.meets(found).tolist()
