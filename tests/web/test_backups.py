"""A backup holds the desk as it was at one moment, and comes back whole, into either database, or not at all."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining, use

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.chores import models as chores
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries
from aboveboard.desk.people import models as people
from aboveboard.desk.people.rules import Matter
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.policies import actions as policies
from aboveboard.desk.procedures import actions as procedures
from aboveboard.desk.procedures import models as visits
from aboveboard.ledger.event import Event
from aboveboard.web import backups
from aboveboard.web.backups import coming_in, rows

SECRET = "s" * 50
PLAYBOOK = """
organisation: Heron Stores
timezone: Europe/London
policies:
  refund-within-30-days: {says: Refunds within 30 days., authority: {rep: 100, lead: 500}}
procedures:
  visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}, offer-water: {kind: offer}}
"""
Elsewhere = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    """Makes another database in use, one without any table, and says where it is."""
    if request.param == "sqlite":

        def beside() -> str:
            where = str(tmp_path / f"{secrets.token_hex(4)}.db")
            use(where, tables=False)
            return where

        yield beside
        return
    import psycopg

    server, names = request.getfixturevalue("postgres"), []
    with psycopg.connect(server, autocommit=True) as admin:

        def made() -> str:
            names.append(f"restored_{secrets.token_hex(6)}")
            admin.execute(f'CREATE DATABASE "{names[-1]}"')
            where = urlunsplit(urlsplit(server)._replace(path=f"/{names[-1]}"))
            use(where, tables=False)
            return where

        yield made
        connection.close()
        for name in names:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def worked(joined: Joining, tmp_path: Path) -> Path:
    """A desk that has been worked at, with files beside it; its folder."""
    playbook.publish(by=None, text=PLAYBOOK, why="first", effective_from=NOW, now=NOW)
    lead = joined("lea", "lead", team="North")
    odd: dict[str, Any] = {"subject": "order:1", "customer": "c-ü", "text": '" and\nlines, \u2028', "value": 0.1 + 0.2}
    odd["attributes"] = {"n": [None, 0.1]}
    at = NOW + timedelta(microseconds=123_457)
    journal.record(events=[Event(id=f"e{n}", type="order.placed", time=at, **odd) for n in range(40)], now=at)
    cases.open_case(
        by=lead,
        opening=case_rules.Opening(
            title="Where is it?", words="It did not come.", customer="c-ü", team="North", about="order:1", channel="web"
        ),
        now=NOW,
    )
    policies.ask(
        by=lead, matter=Matter(subject="case:1", customer="c-ü", team="North", channel="web"), policy="refund-within-30-days",
        amount=Decimal("40.50"), reason="It came broken.", now=NOW,
    )  # fmt: skip
    procedures.begin(by=lead, procedure="visit", matter=Matter(subject="", team="North"), now=NOW)
    for name in ("one", "two"):
        chores.Chore.objects.create(
            name=name, act="people.manage", asked_at=NOW, due_at=NOW, about={"nothing": None, "half": 0.5}
        )
    chores.Chore.objects.filter(name="two").delete()
    journal.seal(now=at)
    folder = tmp_path / "files"
    for place in ("uploads/a/events.csv", "runs/r1/findings.json", "ledger/part.parquet", "runs/r1/.ledger/x.parquet"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(place)
    return folder


def written(path: Path, folder: Path) -> Any:
    return backups.write(path, folder=folder, secret=SECRET, now=NOW)


def changed(path: Path, into: Path, **members: Callable[[bytes], bytes]) -> Path:
    """The archive with a member's content changed and its checksum with it: what no checksum tells."""
    with zipfile.ZipFile(path) as old:
        held = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(held.pop("manifest.json"))
    for name, change in members.items():
        if name == "manifest":
            manifest = json.loads(change(json.dumps(manifest).encode()))
            continue
        held[name] = change(held[name])
        manifest["members"][name] = {"bytes": len(held[name]), "sha256": hashlib.sha256(held[name]).hexdigest()}
    with zipfile.ZipFile(into, "w") as new:
        for name, content in held.items():
            new.writestr(name, content)
        new.writestr("manifest.json", json.dumps(manifest))
    return into


def _read(path: Path) -> dict[str, Any]:
    """What is in an archive; PostgreSQL keeps the keys of a JSON object in an order of its own."""
    return {
        name: [json.loads(line) for line in content.splitlines()] if name.endswith(".jsonl") else content
        for name, content in _content(path).items()
        if name != "manifest.json"
    }


def test_all_of_it_comes_back(worked: Path, elsewhere: Elsewhere, tmp_path: Path) -> None:
    before = written(tmp_path / "a.zip", worked)
    last = chores.Chore.objects.order_by("-pk")[0].pk + 1  # the one that is gone had it
    elsewhere()
    done = backups.restore(tmp_path / "a.zip", folder=tmp_path / "fresh" / "files", secret=SECRET)
    assert (done.files, done.same_secret, done.upgraded) == (2, True, 0)
    assert queries.verify(anchor=done.head).faults == ()
    after = written(tmp_path / "b.zip", tmp_path / "fresh" / "files")
    assert _read(tmp_path / "b.zip") == _read(tmp_path / "a.zip"), "the same, whichever database it is in"
    assert {n: t["last_number"] for n, t in after["tables"].items()} == {
        n: t["last_number"] for n, t in before["tables"].items()
    }
    assert {n: t["rows"] for n, t in before["tables"].items()}["journal.Event"] > 40
    made = chores.Chore.objects.create(name="three", act="people.manage", asked_at=NOW, due_at=NOW)
    assert made.pk > last, "a number is never used twice"
    assert people.User.objects.get(email="lea@example.org").check_password("heron over the harbour")
    with pytest.raises(Exception, match="append-only"):
        connection.cursor().execute("DELETE FROM events")


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_there_is_replaced_only_when_told(worked: Path, elsewhere: Elsewhere, tmp_path: Path) -> None:
    written(tmp_path / "a.zip", worked)
    with pytest.raises(backups.BackupError, match="a backup takes the place of none"):
        written(tmp_path / "a.zip", worked)
    elsewhere()
    folder = tmp_path / "other"
    coming_in.call_command("migrate", verbosity=0)
    backups.restore(tmp_path / "a.zip", folder=folder, secret="t" * 50)
    journal.record(events=[Event(id="later", type="order.placed", time=NOW, subject="order:2")], now=NOW)
    (folder / "uploads" / "later.csv").write_text("later")
    with pytest.raises(backups.BackupError, match="--replace"):
        backups.restore(tmp_path / "a.zip", folder=folder, secret=SECRET)
    done = backups.restore(tmp_path / "a.zip", folder=folder, secret="t" * 50, replace=True)
    assert (done.same_secret, queries.known(event="later")) == (False, None)
    assert sorted(one.name for one in folder.rglob("*.*") if one.is_file()) == ["events.csv", "findings.json"]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", ["sqlite"], indirect=True)
def test_a_moment_is_one_though_events_are_written(
    worked: Path, elsewhere: Elsewhere, tmp_path: Path, joined: Joining
) -> None:
    by = joined("fred", "frontline", team="North")
    over, begun = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        while not over.is_set():
            procedures.begin(by=by, procedure="visit", matter=Matter(subject="", team="North"), now=NOW)
            begun.release()
        connection.close()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            begun.acquire()
            written(tmp_path / f"{number}.zip", worked)
    finally:
        over.set()
        writing.join()
    assert visits.Visit.objects.count() > 4
    elsewhere()
    backups.restore(tmp_path / "2.zip", folder=tmp_path / "fresh", secret=SECRET)
    events = {f"visit-{number}-began" for number in visits.Visit.objects.values_list("pk", flat=True)}
    assert {one.event.id for one in queries.happened(types=["visit.started"])} == events
    assert journal.seal(now=NOW)
    assert queries.verify().faults == ()


@pytest.mark.slow
def test_an_older_one_is_brought_up_to_date(elsewhere: Elsewhere, tmp_path: Path) -> None:
    elsewhere()
    executor = MigrationExecutor(connection)
    first = [
        node
        for node in executor.loader.graph.leaf_nodes()
        if node[0] not in ("cases", "people", "playbook", "policies")
    ]
    executor.migrate([*first, ("cases", "0001_initial"), ("people", "0001_initial")])
    older = sorted(MigrationExecutor(connection).loader.applied_migrations)
    assert ("cases", "0002_followed") not in older
    held = rows.models_at(older, MigrationExecutor(connection).loader)
    held["cases.Case"]._base_manager.create(title="From before", opened_at=NOW, changed_at=NOW)
    journal.record(events=[Event(id="e", type="order.placed", time=NOW, subject="order:2")], now=NOW)
    journal.seal(now=NOW)
    written(tmp_path / "a.zip", tmp_path / "none")

    elsewhere()
    done = backups.restore(tmp_path / "a.zip", folder=tmp_path / "files", secret=SECRET)
    assert done.upgraded >= 2
    from aboveboard.desk.cases import models

    assert models.Case.objects.get().title == "From before"
    assert coming_in._waiting() == []


_MISFITS: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("manifest", lambda said: said.replace(b'"0001_initial"', b'"0099_not_yet"'), "later version"),
    ("manifest", lambda said: said.replace(b'"format": 1', b'"format": 2'), "later version"),
    ("manifest", lambda said: said.replace(b'"sequence": ', b'"sequence": 1'), "ends at"),
    ("tables/journal.Event.jsonl", lambda said: said.replace(b"order.placed", b"order.cancelled", 1), "not whole"),
    ("tables/journal.Event.jsonl", lambda said: said[: said.rindex(b"\n", 0, -1) + 1], "rows of journal.Event"),
    ("tables/people.Membership.jsonl", lambda said: said.replace(b'"lead"', b"null"), "as it was"),
]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("member", "change", "says"), _MISFITS)
def test_what_does_not_fit_changes_nothing(
    worked: Path, elsewhere: Elsewhere, tmp_path: Path, member: str, change: Callable[[bytes], bytes], says: str
) -> None:
    written(tmp_path / "a.zip", worked)
    elsewhere()
    folder = tmp_path / "other"
    backups.restore(tmp_path / "a.zip", folder=folder, secret=SECRET)
    journal.record(events=[Event(id="later", type="order.placed", time=NOW, subject="order:2")], now=NOW)
    wrong = changed(tmp_path / "a.zip", tmp_path / "wrong.zip", **{member: change})
    with pytest.raises(backups.BackupError, match=says):
        backups.restore(wrong, folder=folder, secret=SECRET, replace=True)
    assert queries.known(event="later")
    assert (folder / "uploads" / "a" / "events.csv").exists()
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> bytes:
    """A small backup."""
    use(str(empty_sqlite), tables=False)
    folder = tmp_path_factory.mktemp("backup")
    (folder / "files").mkdir()
    (folder / "files" / "a.csv").write_text("a,b\n1,2\n")
    written(folder / "a.zip", folder / "files")
    connection.close()
    return (folder / "a.zip").read_bytes()


def _content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as held:
        return {name: held.read(name) for name in held.namelist()}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_told(archive: bytes, tmp_path: Path, data: st.DataObject) -> None:
    """A bit that turned, or an end that is missing: it is said, or it was one that says nothing of what is in the file."""
    path = tmp_path / "damaged.zip"
    if data.draw(st.booleans(), "cut"):
        path.write_bytes(archive[: data.draw(st.integers(0, len(archive) - 1), "length")])
        with pytest.raises(backups.BackupError), backups.opened(path) as held:
            held.check()
        return
    place = data.draw(st.integers(0, len(archive) - 1), "byte")
    turned = bytearray(archive)
    turned[place] ^= 1 << data.draw(st.integers(0, 7), "bit")
    path.write_bytes(turned)
    try:
        with backups.opened(path) as held:
            held.check()
    except backups.BackupError:
        return
    whole = tmp_path / "whole.zip"
    whole.write_bytes(archive)
    assert _content(path) == _content(whole)


@pytest.mark.parametrize("name", ["files/../../outside", "/files/outside", "elsewhere/outside", "files/a\\..\\b"])
def test_no_member_leads_out_of_the_folder(archive: bytes, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive)

    def told(said: bytes) -> bytes:
        manifest = json.loads(said)
        manifest["members"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
        return json.dumps(manifest).encode()

    wrong = changed(path, tmp_path / "wrong.zip", manifest=told)
    with zipfile.ZipFile(wrong, "a") as added:
        added.writestr(name, b"x")
    with pytest.raises(backups.BackupError, match=r"is no name|does not belong"), backups.opened(wrong) as held:
        held.check()


def test_what_is_no_backup_is_told(database: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("not a backup")
    for name, says in (("a.txt", "no backup"), ("b.zip", "no such file")):
        with pytest.raises(backups.BackupError, match=says):
            backups.restore(tmp_path / name, folder=tmp_path / "files", secret=SECRET)


def test_amounts_and_bytes_have_a_form() -> None:
    told = json.loads(rows._line([Decimal("1.50"), b"\x00\xff", timedelta(days=1, microseconds=5), NOW]))
    assert told == ["1.50", "AP8=", "P1DT00H00M00.000005S", "2026-03-02T09:00:00+00:00"]
