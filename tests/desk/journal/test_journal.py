"""The journal keeps what it is given, once, and notices when anything else has happened to it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from aboveboard.desk.journal import actions, queries, rules, tasks
from aboveboard.engines import read
from aboveboard.ledger import columns, event, intake, store

NOW = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=UTC)


def happened(number: int, **more: Any) -> event.Event:
    given = {
        "id": f"e{number}",
        "type": "order.paid",
        "time": NOW + timedelta(minutes=number),
        "subject": f"order:{number}",
    }
    return event.Event(**{**given, **more})


FULL = event.Event(
    id="full", type="message.sent", time=NOW, source="app", customer="c1", subject="case:1", channel="chat", touchpoint="help",
    team="desk", employee="a1", rule="promise:x", outcome="done", value=0.1, due=NOW, audience="customer", text="Grüße ☃ 'x'",
    attributes={"b": [1, None, "é"], "a": {"deep": True}},
)  # fmt: skip


@pytest.mark.usefixtures("database")
class TestRecording:
    def test_the_same_id_is_the_same_event(self) -> None:
        assert actions.record(events=[happened(1), happened(2), happened(1)], now=NOW) == actions.Recorded(2, 1)
        assert actions.record(events=[happened(2, outcome="other"), happened(3)], now=NOW) == actions.Recorded(1, 1)
        assert [row[0] for _, row in queries.events(after=0, until=10)] == ["e1", "e2", "e3"]

    def test_every_column_comes_back_as_it_went_in(self) -> None:
        actions.record(events=[FULL], now=NOW)
        ((_, row),) = queries.events(after=0, until=10)
        assert tuple(row) == event.row(FULL, recorded_at=NOW)

    def test_one_that_is_wrong_stops_all(self) -> None:
        with pytest.raises(event.EventError, match="needs text"):
            actions.record(events=[happened(1), replace(FULL, text=None)], now=NOW)
        assert queries.latest() == 0

    def test_an_event_stands_or_falls_with_the_change_around_it(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            actions.record(events=[happened(1)], now=NOW)
            raise RuntimeError("the state could not be changed")
        assert list(queries.events(after=0, until=10)) == []

    def test_what_is_there_stays_whatever_is_tried(self) -> None:
        actions.record(events=[happened(1), happened(2)], now=NOW)
        actions.seal(now=NOW)
        tried = [
            "UPDATE events SET outcome = 'x' WHERE id = 'e1'",
            "DELETE FROM events",
            "UPDATE event_seals SET root = 'x'",
            "DELETE FROM event_seals",
        ]
        insert = (
            "INTO events (sequence, id, type, time, recorded_at) VALUES (1, 'new', 'x', '2026-01-01', '2026-01-01')"
        )
        tried.append("TRUNCATE events" if connection.vendor == "postgresql" else f"INSERT OR REPLACE {insert}")
        for statement in tried:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert queries.verify().faults == ()
        assert [row[0] for _, row in queries.events(after=0, until=10)] == ["e1", "e2"]

    def test_an_import_goes_in_whole_and_once(self, tmp_path: Path) -> None:
        file = tmp_path / "events.csv"
        file.write_text(
            'id,type,time,value,text,note\na,x,2026-01-01T00:00:00Z,1.5,"one\ntwo",kept\nb,y,2026-01-02,,\\N,\n,z,bad,,,\n'
        )
        receipt = intake.take_file(file, into=tmp_path / "ledger", recorded_at=NOW)
        assert (receipt.recorded, receipt.rejected) == (2, 1)
        (part,) = store.Store(tmp_path / "ledger").parts()
        actions.record(events=[happened(1, id="b")], now=NOW)
        assert actions.take(part=part) == actions.Recorded(1, 1)
        assert actions.take(part=part) == actions.Recorded(0, 2)
        held = {
            row[0]: dict(zip(columns.NAMES, row, strict=True))
            for _, row in queries.events(after=0, until=queries.latest())
        }
        assert (held["a"]["text"], held["a"]["value"], held["a"]["attributes"]) == ("one\ntwo", 1.5, '{"note":"kept"}')
        assert held["b"]["type"] == "order.paid"


@pytest.mark.usefixtures("database")
class TestSealing:
    def test_a_whole_journal_is_whole(self) -> None:
        assert queries.verify() == queries.Verified(0, 0, 0, None, ())
        actions.record(events=[happened(n) for n in range(10)], now=NOW)
        assert [sealed.count for sealed in actions.seal(now=NOW, most=4)] == [4, 4, 2]
        assert actions.seal(now=NOW) == []
        actions.record(events=[FULL], now=NOW)
        found = queries.verify()
        assert (found.seals, found.events, found.unsealed, found.faults) == (3, 10, 1, ())
        assert found.head is not None
        actions.seal(now=NOW + timedelta(hours=1))
        assert queries.verify(anchor=found.head).faults == ()

    def test_every_event_has_its_proof_and_no_other(self) -> None:
        actions.record(events=[happened(n) for n in range(7)], now=NOW)
        with pytest.raises(rules.JournalError, match="not sealed yet"):
            queries.proof(event="e3")
        actions.seal(now=NOW, most=5)
        for number in range(7):
            proof = queries.proof(event=f"e{number}")
            assert proof.holds()
            assert not replace(proof, event={**proof.event, "outcome": "other"}).holds()
            assert not replace(proof, sequence=proof.sequence + 1).holds()
        with pytest.raises(rules.JournalError, match="no event nobody"):
            queries.proof(event="nobody")


COLUMNS = [
    ("text", "'Grüße ☃ ''y'''"), ("attributes", "'{}'"), ("value", "0.2"), ("value", "NULL"),
    ("time", "'2026-03-02 09:00:00.123457'"),
    ("recorded_at", "'2026-03-02 09:00:01'"), ("due", "NULL"), ("id", "'fuller'"), ("subject", "''"), ("sequence", "99"),
    ("audience", "'internal'"), ("employee", "'a2'"),
]  # fmt: skip


def tampered(statement: str) -> None:
    """What somebody does who may do anything with the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement)


@pytest.mark.usefixtures("database")
class TestTampering:
    @pytest.mark.parametrize(("column", "value"), COLUMNS)
    def test_a_changed_value_is_found(self, column: str, value: str) -> None:
        actions.record(events=[happened(1), FULL, happened(2)], now=NOW)
        actions.seal(now=NOW)
        zone = " +00" if connection.vendor == "postgresql" and column in ("time", "recorded_at") else ""
        tampered(f"UPDATE events SET {column} = {value[:-1] + zone + value[-1] if zone else value} WHERE id = 'full'")
        assert len(queries.verify().faults) == 1

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM events WHERE id = 'e2'",
            "DELETE FROM event_seals WHERE number = 1",
            "UPDATE event_seals SET count = 3 WHERE number = 1",
            "UPDATE event_seals SET sealed_at = '2020-01-01 00:00:00' WHERE number = 2",
            "UPDATE events SET sequence = 5 WHERE id = 'e4'",
        ],
    )
    def test_a_missing_or_moved_row_is_found(self, statement: str) -> None:
        actions.record(events=[happened(n) for n in (1, 2, 3, 4)], now=NOW)
        actions.seal(now=NOW, most=2)
        tampered(statement)
        assert queries.verify().faults

    def test_an_end_cut_off_is_found_by_who_wrote_it_down(self) -> None:
        actions.record(events=[happened(1), happened(2)], now=NOW)
        actions.seal(now=NOW, most=1)
        head = queries.verify().head
        tampered("DELETE FROM event_seals WHERE number = 2")
        tampered("DELETE FROM events WHERE id = 'e2'")
        assert queries.verify(anchor=head).faults == ("seal 2 is missing, and its hash was written down",)

    def test_seals_made_anew_are_found_by_who_wrote_one_down(self) -> None:
        actions.record(events=[happened(1), happened(2)], now=NOW)
        actions.seal(now=NOW)
        head = queries.verify().head
        tampered("DELETE FROM event_seals")
        tampered("UPDATE events SET outcome = 'other' WHERE id = 'e1'")
        actions.seal(now=NOW)
        assert queries.verify().faults == ()
        assert queries.verify(anchor=head).faults == ("seal 1 is not the one whose hash was written down",)
        with pytest.raises(rules.JournalError, match="NUMBER:HASH"):
            queries.verify(anchor="yesterday")


@pytest.mark.usefixtures("database")
class TestCopy:
    def test_the_copy_follows_and_can_be_made_again(self, tmp_path: Path) -> None:
        assert tasks.copy(folder=tmp_path / "copy") == 0
        actions.record(events=[FULL, happened(1)], now=NOW)
        assert tasks.copy(folder=tmp_path / "copy") == 0, "nothing is copied before it is sealed"
        actions.seal(now=NOW)
        assert tasks.copy(folder=tmp_path / "copy") == 2
        later = NOW + timedelta(hours=1)
        actions.record(events=[happened(2)], now=later)
        assert tasks.freshness(folder=tmp_path / "copy") == tasks.Freshness(1, NOW)
        actions.seal(now=later)
        assert tasks.copy(folder=tmp_path / "copy") == 1
        assert tasks.freshness(folder=tmp_path / "copy") == tasks.Freshness(0, later)
        assert tasks.copy(folder=tmp_path / "again") == 3
        first, again = (self.held(tmp_path / name) for name in ("copy", "again"))
        assert first == again
        assert first["full"] == dict(zip(columns.NAMES, event.row(FULL, recorded_at=NOW), strict=True))

    def test_the_copy_of_another_journal_is_left_alone(self, tmp_path: Path) -> None:
        row = event.row(FULL, recorded_at=NOW)
        import pyarrow as pa

        rows = pa.Table.from_pylist([dict(zip(columns.NAMES, row, strict=True))], schema=columns.SCHEMA)
        intake.take(rows, into=tmp_path / "other", recorded_at=NOW)
        actions.record(events=[happened(1)], now=NOW)
        actions.seal(now=NOW)
        with pytest.raises(rules.JournalError, match="no copy of this journal"):
            tasks.copy(folder=tmp_path / "other")

    @staticmethod
    def held(folder: Path) -> dict[str, dict[str, Any]]:
        with read(folder) as ledger:
            return {row["id"]: row for row in ledger.arrow(ledger.events).to_pylist()}


def test_writers_and_a_sealer_at_once_lose_nothing(database: str) -> None:
    """Nothing that commits late slips in below a seal."""
    writers, each = 4, 25
    done = threading.Event()

    def write(name: int) -> None:
        for number in range(each):
            actions.record(events=[happened(number, id=f"{name}-{number}-{k}") for k in range(3)], now=NOW)
        connection.close()

    def seal() -> None:
        while not done.is_set():
            actions.seal(now=NOW)
        connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    sealer = threading.Thread(target=seal)
    for thread in (*threads, sealer):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    sealer.join()
    actions.seal(now=NOW)
    found = queries.verify()
    assert (found.events, found.unsealed, found.faults) == (writers * each * 3, 0, ())
