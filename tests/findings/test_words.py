"""What is said of words: of rules and of notes, never of a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aboveboard.analyses import words as analysis
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.findings import words
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BOOK = reader.read("policies: {card: {says: Dishes as on the card., owner: head chef}}")


def remark(event: str, rule: str, **more: Any) -> dict[str, Any]:
    return {
        "event": event, "part": "text", "said_at": NOW, "audience": "customer", "rule": rule, "policy": "card",
        "words": "just this once", "better": "Yes, gladly.", "why": "", "language": "en", "start": 0, "end": 14,
    } | more  # fmt: skip


def findings(remarks: list[dict[str, Any]], *, messages: int, others: int = 0) -> list[Finding]:
    wording, read, _ = analysis.TABLES
    counts = [
        {"audience": "customer", "policy": "card", "language": "en", "messages_count": messages},
        {"audience": "customer", "policy": None, "language": "en", "messages_count": others},
        {"audience": "internal", "policy": None, "language": "en", "messages_count": 40},
        {"audience": "customer", "policy": None, "language": None, "messages_count": 500},
    ]
    said, counted = rows_to_table(wording, remarks), rows_to_table(read, counts)
    tables = {
        "wording": ledgers.arrow(said),
        "wording_read": ledgers.arrow(counted),
        "wording_by_policy": ledgers.arrow(analysis.by_policy(said, counted)),
    }
    return list(words.findings(tables, BOOK, as_of=NOW))


def test_a_policy_that_breeds_words_is_named_with_its_owner() -> None:
    found = findings([remark(f"e{n}", "indebting") for n in range(30)], messages=60, others=200)
    bred = next(one for one in found if one.kind == "wording.bred-by-policy")
    assert bred.about == {"policy": "card", "rule": "indebting"} and bred.owner == "head chef"
    assert bred.sentence == (
        "Under the rule “Dishes as on the card”, 30 of 60 messages (38–62 %) say things such as “just this once” "
        "(puts the customer in debt); in the other 200 it is 0 %. This is evidence against the rule, not the person."
    )
    assert bred.evidence.n == 60 and bred.evidence.estimate == pytest.approx(0.5) and len(bred.events) == 20


@pytest.mark.parametrize(
    ("count", "messages", "others", "said"), [(3, 60, 0, False), (30, 60, 0, True), (10, 15, 300, False)]
)
def test_it_takes_enough_messages(count: int, messages: int, others: int, said: bool) -> None:
    found = findings([remark(f"e{n}", "indebting") for n in range(count)], messages=messages, others=others)
    assert any(one.kind == "wording.bred-by-policy" for one in found) is said


def test_each_rule_has_a_finding_with_an_example_and_no_owner() -> None:
    (one,) = [f for f in findings([remark("e1", "indebting")], messages=5) if f.kind == "wording.remark"]
    assert one.sentence == "Puts the customer in debt: 1 of 5 messages, such as “just this once”."
    assert one.action == "Better: Yes, gladly." and one.owner is None and one.events == ("e1",)


def test_contempt_in_notes_and_in_causes() -> None:
    internal = {"audience": "internal", "policy": None}
    note = remark("n", "contempt", words="drama queen", **internal)
    cause = remark("c", "contempt", words="difficult customer", part="cause", **internal)
    found = [one for one in findings([note, cause], messages=0) if one.kind == "wording.contempt"]
    assert [one.sentence for one in found] == [
        "1 case was closed with words about the customer as the cause, such as “difficult customer”.",
        "1 of 40 notes and causes (0.4–13 %) speaks of a customer with contempt, such as “drama queen”.",
    ]


def test_without_tables_nothing_is_said() -> None:
    assert list(words.findings({}, BOOK, as_of=NOW)) == []
    assert all("employee" not in kind.about for kind in words.KINDS)
