"""Claims, their summary and the faces of a status: the same on every engine, and as plain Python counts them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import claims, promises
from aboveboard.analyses.claims.dissonance import OVER
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook.model import Playbook

Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
START = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = START + timedelta(hours=400)
LABELS = ("open", "on hold", "solved", None, "Open", "in progress")
WORDS = (
    "I asked my manager.", "The fee has been refunded.", "I will call you tomorrow.", "We are sold out.",
    "Ich habe meinen Chef gefragt.", None, "Thank you.",
)  # fmt: skip
ACTS = ("escalation.opened", "payment.refunded", "call.made", "case.closed")


def made(seed: int) -> pa.Table:
    """Statuses with two faces, messages and acts on few subjects, with ties in time and absent values."""
    die = random.Random(seed)
    rows = []
    for number in range(400):
        type = die.choice(("status.changed", "message.sent", die.choice(ACTS)))
        time = START + timedelta(hours=die.randrange(300)) if number % 3 else START + timedelta(hours=7)
        rows.append(
            {
                "id": f"e{number:03}",
                "type": type,
                "time": time,
                "recorded_at": time,
                "subject": die.choice((None, "case:1", "case:2", "case:3", "case:4", "case:5")),
                "customer": die.choice((None, "c1")),
                "channel": die.choice((None, "chat", "phone")),
                "audience": die.choice((None, "customer", "internal")),
                "outcome": die.choice(LABELS) if type == "status.changed" else None,
                "text": die.choice(WORDS) if type == "message.sent" else None,
            }
        )
    return pa.Table.from_pylist(rows)


def faces_in_python(table: pa.Table) -> dict[tuple[str, str], tuple[float, int, set[str]]]:
    """Minutes, stretches and subjects of each pair, by walking through each subject's statuses."""
    found: dict[tuple[str, str], tuple[float, int, set[str]]] = {}
    by_subject = defaultdict(list)
    for row in sorted(table.to_pylist(), key=lambda row: (row["time"], row["id"])):
        if row["type"] == "status.changed" and row["subject"] and row["outcome"] and row["audience"]:
            by_subject[row["subject"]].append(row)
    for subject, rows in by_subject.items():
        for pair, start, end in _stretches(rows):
            if pair[0] is None or pair[1] is None or all(_over(label) for label in pair):
                continue
            minutes, count, subjects = found.get(pair, (0.0, 0, set()))
            found[pair] = minutes + (end - start).total_seconds() / 60, count + 1, subjects | {subject}
    return found


def _stretches(rows: list[dict[str, Any]]) -> list[Any]:
    """(pair, from, to) of each stretch: of changes at one moment only the last holds, and one that changes nothing is none."""
    moments: list[tuple[Any, datetime]] = []
    pair: tuple[str | None, str | None] = (None, None)
    for row in rows:
        pair = (row["outcome"], pair[1]) if row["audience"] == "customer" else (pair[0], row["outcome"])
        if moments and moments[-1][1] == row["time"]:
            moments.pop()
        moments.append((pair, row["time"]))
    changes = [moment for n, moment in enumerate(moments) if not n or moments[n - 1][0] != moment[0]]
    ends = [at for _, at in changes[1:]] + [AS_OF]
    return [(pair, at, end) for (pair, at), end in zip(changes, ends, strict=True)]


def _over(label: str | None) -> bool:
    return (label or "").lower() in OVER


def rows_of(table: Any, *key: str) -> list[Mapping[str, Any]]:
    return sorted(ledgers.arrow(table).to_pylist(), key=lambda row: tuple(str(row[name]) for name in key))


@pytest.mark.parametrize("seed", range(2))
def test_the_faces_of_a_status(opened: Opener, seed: int) -> None:
    _faces_of_a_status(opened, seed)


def _faces_of_a_status(opened: Opener, seed: int) -> None:
    table = made(seed)
    with opened(table) as ledger:
        rows = rows_of(claims.dissonance(ledger.events, as_of=AS_OF), "shown", "inside")
    expected = faces_in_python(table)
    assert {(row["shown"], row["inside"]) for row in rows} == expected.keys()
    for row in rows:
        minutes, count, subjects = expected[row["shown"], row["inside"]]
        assert row["minutes"] == pytest.approx(minutes)
        assert (row["spells_count"], row["subjects_count"]) == (count, len(subjects))
        assert row["longest_subject"] in subjects
    assert sum(row["share"] for row in rows) == pytest.approx(1)


KNOWN: dict[str, Any] = {}


@pytest.mark.slow
def test_on_a_spark_cluster(opened_on_spark: Opener) -> None:
    _claims_summary_and_promises(opened_on_spark)
    _faces_of_a_status(opened_on_spark, 0)


def test_claims_summary_and_promises(opened: Opener) -> None:
    _claims_summary_and_promises(opened)


def _claims_summary_and_promises(opened: Opener) -> None:
    with opened(made(7)) as ledger:
        table = ledger.keep(claims.claims(ledger.events, Playbook(), as_of=AS_OF), "claims")
        kept = ledger.keep(claims.commitments(ledger.events, table, Playbook(), as_of=AS_OF), "commitments")
        said = promises.outcomes(claims.with_promises(ledger.events, kept), Playbook(), as_of=AS_OF)
        rows = rows_of(table, "event", "claim")
        answers = rows, rows_of(claims.summary(table), "claim", "slice", "value"), rows_of(said, "event")
    for row in answers[1]:
        mine = [
            one["verdict"]
            for one in rows
            if row["claim"] in ("all", one["claim"]) and (row["slice"] == "all" or one[row["slice"]] == row["value"])
        ]
        assert row["claims_count"] == len(mine)
        assert [row[f"{name.replace(' ', '_')}_count"] for name in ("supported", "contradicted", "not yet")] == [
            mine.count(name) for name in ("supported", "contradicted", "not yet")
        ]
    assert {row["verdict"] for row in rows} == {"supported", "contradicted", "unverifiable"}
    assert any(row["promise"] == "said/call-back" and row["outcome"] in ("kept", "broken") for row in answers[2])
    assert KNOWN.setdefault("answers", str(answers)) == str(answers)
