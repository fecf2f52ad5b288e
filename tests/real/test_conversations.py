"""The shipped mappings of conversations over the real sets: figures counted in the files must come out of the ledger."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aboveboard.ledger import intake
from aboveboard.sources import mapping

pytestmark = pytest.mark.slow


def types(name: str, path: Path) -> Counter[str]:
    with mapping.read(name).open([path]) as opened:
        return Counter(row[0] for row in opened.rows().project("type").fetchall())


def test_every_message_and_every_call_of_the_runs_is_an_event(real_data: Path) -> None:
    path = real_data / "tau-bench" / "airline-runs.json"
    messages = [message for run in json.loads(path.read_text()) for message in run["traj"]]
    answers = [message for message in messages if message["role"] == "tool"]
    found = types("tau-bench", path)
    assert found["message.sent"] == sum(m["role"] == "assistant" and m["content"] is not None for m in messages) == 642
    assert found["message.received"] == 671  # 687 of the customer, 16 of which are nothing but the closing word
    assert found["attempt.failed"] == sum(m["content"].startswith("Error") for m in answers) == 49
    acts = ("booking.made", "booking.cancelled", "booking.changed", "remedy.given", "escalation.opened")
    assert [found[act] for act in acts] == [14, 25, 33, 5, 14]
    told = sum(count for kind, count in found.items() if kind.startswith("message."))
    # 22 + 3 cancellings, 11 changes: each gave money back, and is two facts.
    assert found["payment.refunded"] == 36
    assert sum(found.values()) - told - 36 == len(answers) == 508


def test_every_turn_of_the_chats_is_an_event(real_data: Path) -> None:
    found = types("abcd", real_data / "abcd" / "abcd_sample.json")
    assert found == {
        "message.sent": 32,
        "message.received": 31,
        "record.checked": 7,
        "note.written": 1,
        "escalation.opened": 1,
    }


def test_a_ledger_takes_every_run_and_the_conversations_do_not_meet(real_data: Path, tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = real_data / "tau-bench" / "airline-runs.json"
    with mapping.read("tau-bench").open([path]) as opened:
        receipt = intake.take(opened.rows(), into=tmp_path / "ledger", recorded_at=now)
        days = "SELECT count(DISTINCT subject), count(DISTINCT left(time, 10)) FROM e"
        opened.connection.register("e", opened.rows().to_arrow_table())
        assert opened.connection.execute(days).fetchall() == [(80, 80)]
    assert (receipt.recorded, receipt.rejected) == (1_857, 0)
