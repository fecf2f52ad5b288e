from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.episodes import tables as specs
from aboveboard.analyses.shared import intervals
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "int64": pa.int64(),
}


def table(spec: TableSpec, rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(field.name, KINDS[field.kind]) for field in spec.fields])
    return pa.Table.from_pylist([dict.fromkeys(spec.columns) | row for row in rows], schema=schema)


def found(spec: TableSpec, rows: list[dict[str, Any]]) -> list[Finding]:
    return collect.collect({spec.name: table(spec, rows)}, Playbook(), as_of=NOON)


def episode(number: int, effort: float) -> dict[str, Any]:
    row = {"episode": f"e{number:03d}", "subjects": f"order:{number}", "effort": effort, "contact_minutes": 176.0}
    return row | {"contacts_count": 7, "channels_count": 4}


def test_one_hard_episode_in_a_small_ledger_is_told() -> None:
    (finding,) = found(specs.EPISODES, [episode(1, 12), episode(2, 1)])
    assert finding.kind == "episode.high-effort"
    assert finding.sentence == "Order:1 took 7 contacts on 4 channels, 2 h 56 min of the customer's time."
    assert finding.evidence.unit == "count"


def test_many_are_a_share_and_the_hardest_is_named() -> None:
    rows = [episode(n, 9.0 if n == 7 else 6.0 if n < 10 else 1.0) for n in range(100)]
    (finding,) = found(specs.EPISODES, rows)
    assert finding.sentence.startswith(
        "In 10 of 100 episodes (6–17 %) the customer had to act, or begin again, 5 times"
    )
    assert "The hardest: order:7 took" in finding.sentence
    assert finding.events[0] == "e007"


def test_where_no_contact_is_known_effort_is_said_of_the_work() -> None:
    """Logs of tickets know teams and no contacts: nobody is said to have acted or to have come back."""
    silent = {"contacts_count": 0, "channels_count": 0, "contact_minutes": None, "lost_handoffs_count": 0}
    rows = [episode(n, 6.0 if n < 3 else 0.0) | silent | {"returns_count": 6 if n < 3 else 0} for n in range(100)]
    tables = {"episodes": table(specs.EPISODES, rows), "repeats": table(specs.REPEATS, [repeat("all", "all", 50, 20)])}
    hard, again = sorted(collect.collect(tables, Playbook(), as_of=NOON), key=lambda finding: finding.kind)
    assert hard.sentence == (
        "In 3 of 100 episodes (1–8 %) the work was sent back to a team that had given it away, or lost, 5 times or more. "
        "The hardest: order:0 was sent back 6 times."
    )
    assert again.sentence.endswith("called resolved, it was opened again within 7 days (28–54 %).")


def test_easy_episodes_say_nothing() -> None:
    assert found(specs.EPISODES, [episode(n, 4) for n in range(50)]) == []


def repeat(cut: str, value: str, resolved: int, came_back: int) -> dict[str, Any]:
    low, high = intervals.wilson(resolved - came_back, resolved)
    row = {"slice": cut, "value": value, "window_days": 7.0, "resolved_count": resolved, "repeat_count": came_back}
    return row | {"fcr_share": 1 - came_back / resolved, "fcr_share_low": float(low), "fcr_share_high": float(high)}


def test_coming_back_is_said_overall_and_for_the_team_that_differs() -> None:
    rows = [repeat("all", "all", 400, 80), repeat("team", "A", 100, 45), repeat("team", "B", 300, 35)]
    findings = {finding.about["value"]: finding for finding in found(specs.REPEATS, rows)}
    assert set(findings) == {"all", "A"}
    assert findings["all"].sentence == (
        "After 80 of 400 times that a need was called resolved, the customer was back within 7 days (16–24 %)."
    )
    assert "by A, the customer was back within 7 days (36–55 %; overall 20 %)." in findings["A"].sentence
    assert findings["A"].weight == pytest.approx(45 - 100 * 0.2)


def test_one_who_came_back_is_a_fact_without_a_share() -> None:
    (finding,) = found(specs.REPEATS, [repeat("all", "all", 3, 1)])
    assert (
        finding.sentence == "After 1 of 3 times that a need was called resolved, the customer was back within 7 days."
    )


def contradiction(number: int, first: str, second: str, against: str = "channel") -> dict[str, Any]:
    return {
        "subject": f"order:{number}",
        "customer": f"c{number}",
        "fact": "ready",
        "first_event": f"f{number}",
        "first_at": NOON + timedelta(hours=number),
        "first_by": first,
        "first_says": "today",
        "second_event": f"s{number}",
        "second_at": NOON + timedelta(hours=number + 1),
        "second_by": second,
        "second_says": "tomorrow",
        "against": against,
    }


def test_two_channels_that_disagree_are_quoted() -> None:
    (finding,) = found(specs.CONTRADICTIONS, [contradiction(1, "phone / 800 line", "store / Main Street")])
    assert finding.kind == "contradiction.channels"
    assert finding.about == {"fact": "ready", "between": "phone ↔ store"}
    assert (
        finding.sentence
        == "About “ready” of order:1, phone (800 line) said “today”, store (Main Street) said “tomorrow”."
    )
    assert finding.events == ("s1",)


def test_the_same_two_channels_are_one_finding_whoever_spoke_first() -> None:
    rows = [contradiction(1, "phone / 800 line", "store"), contradiction(2, "store", "phone")]
    (finding,) = found(specs.CONTRADICTIONS, rows)
    assert finding.sentence.startswith(
        "2 times customers were told two things about “ready”; the latest, order:2: store said"
    )
    assert (finding.weight, finding.evidence.n) == (2, 2)


def test_words_against_the_record_are_another_kind() -> None:
    (finding,) = found(specs.CONTRADICTIONS, [contradiction(1, "chat", "record", against="record")])
    assert (finding.kind, finding.about) == ("contradiction.record", {"fact": "ready", "by": "chat"})
    assert finding.sentence == "Of order:1, chat said “today” while the record showed “tomorrow”."


def test_doubtful_links_are_counted_and_sure_ones_are_not() -> None:
    link = {"left": "a", "right": "b", "probability": 0.8, "weight": 2.0, "band": "clerical", "because": "email exact"}
    (finding,) = found(specs.LINKS, [link, link | {"right": "c", "band": "linked", "probability": 0.99}])
    assert finding.kind == "link.clerical"
    assert finding.sentence.startswith(
        "1 pair of customer keys may be one person each; the likeliest, a and b: email exact."
    )
