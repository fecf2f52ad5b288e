"""The worker: a journal is sealed, copied and analysed, and what was found stands on the pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.chores import actions, models, queries
from aboveboard.desk.followups import models as followups
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.problems import actions as problems
from aboveboard.ledger.event import Event
from aboveboard.web import jobs, worker
from aboveboard.web.worker import Work, Worker

SignedIn = Callable[[people.Person], Client]
PLAYBOOK = """
organisation: Heron Stores
timezone: Europe/London
promises:
  ready-in-two-hours:
    says: Reserved on the web, ready in two hours.
    owner: stores
    starts: type = 'order.placed'
    kept_by: type = 'order.ready'
    within: 2 hours
    objective: 0.9
"""


@pytest.fixture
def folder(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "FOUND", replace(settings.FOUND, folder=tmp_path / "files"))
    yield tmp_path / "files"


def orders(count: int, *, late_every: int) -> list[Event]:
    """Orders of last year, one an hour; of so many one is ready in five hours, and not in one."""
    made = []
    for number in range(count):
        at = datetime(2025, 3, 3, tzinfo=UTC) + timedelta(hours=number)
        ready = at + timedelta(hours=5 if number % late_every == 0 else 1)
        about = {"customer": f"c{number}", "subject": f"order:{number}", "team": "North", "source": "shop"}
        made += [
            Event(id=f"p{number}", type="order.placed", time=at, **about),
            Event(id=f"r{number}", type="order.ready", time=ready, **about),
        ]
    return made


def given(count: int = 200, *, late_every: int = 3) -> None:
    playbook.publish(by=None, text=PLAYBOOK, why="first", effective_from=NOW, now=NOW)
    journal.record(events=orders(count, late_every=late_every), now=NOW)


def asked(name: str = "analyse") -> models.Chore:
    return actions.ask(by=None, name=name, act="findings.work", now=NOW)


@pytest.mark.slow
def test_from_the_journal_to_the_pages(folder: Path, joined: Joining, signed_in: SignedIn) -> None:
    given()
    ada = joined("ada", "cx-lead")
    late = problems.open_problem(
        by=ada, title="Late", breaks="Not ready.", target="promise:ready-in-two-hours", now=NOW
    )
    chore = asked()
    assert jobs.worker().once(["analyse"])
    done = queries.one(chore=chore.pk)
    assert (done.outcome, done.last_error) == ("done", "")
    run = followups.Run.objects.get()
    # Judged at the last order, not today: nothing else would be told apart from being late.
    assert run.as_of == datetime(2025, 3, 3, tzinfo=UTC) + timedelta(hours=198 + 5)
    assert run.found_count == followups.Followup.objects.count() > 0
    place = folder / "runs" / run.folder
    assert not (place / ".ledger").exists()
    assert json.loads((place / "findings.json").read_text())["findings"]

    late.refresh_from_db()
    assert late.run == run
    assert late.struck.filter(voice="silent", team="North").count() == 67  # every third of 200 orders

    browser = signed_in(ada)
    broken = followups.Followup.objects.filter(kind__startswith="promise.").order_by("-weight")[0]
    assert "ready-in-two-hours" in browser.get("/reports/").content.decode()
    glance = browser.get("/reports/at-a-glance").content.decode()
    assert "66.5 %" in glance  # 133 of 200 customers
    section = browser.get("/reports/promise-ready-in-two-hours/")
    assert "<svg" in section.content.decode()
    assert (
        "<script"
        not in browser.get("/reports/promise-ready-in-two-hours/", headers={"HX-Request": "true"}).content.decode()
    )
    rows = browser.get(f"/reports/rows/{broken.pk}").content.decode()
    assert "ready-in-two-hours" in rows
    sheet = browser.get("/reports/tables/promise_summary").content.decode()
    assert sheet.splitlines()[1].startswith('"ready-in-two-hours",200')
    assert "order.placed" in browser.get(f"/findings/{broken.pk}/events").content.decode() or not broken.events
    assert browser.get("/reports/whole")["Content-Disposition"].startswith("attachment")
    assert "things to mend" in (page := browser.get("/today/").content.decode()) or "one thing to mend" in page
    assert "everything known until" in browser.get("/today/freshness").content.decode()


def test_without_playbook_or_events_it_says_what_is_missing(folder: Path) -> None:
    first = asked()
    jobs.worker().once(["analyse"])
    assert "no playbook" in queries.one(chore=first.pk).last_error
    playbook.publish(by=None, text=PLAYBOOK, why="first", effective_from=NOW, now=NOW)
    second = asked()
    jobs.worker().once(["analyse"])
    assert "no events" in queries.one(chore=second.pk).last_error
    assert not list((folder / "runs").iterdir())


@pytest.mark.slow
def test_whoever_lost_the_claim_leaves_no_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(40)
    chore = asked()
    write = jobs.reports.write

    def taken_meanwhile(*args: object, **kwargs: object) -> None:
        write(*args, **kwargs)  # type: ignore[arg-type]
        models.Chore.objects.filter(pk=chore.pk).update(claim="another's")

    monkeypatch.setattr(jobs.reports, "write", taken_meanwhile)
    assert jobs.worker().once(["analyse"])
    assert not followups.Run.objects.exists()
    assert not list((folder / "runs").iterdir())
    assert queries.one(chore=chore.pk).claim == "another's"


def test_a_bug_is_told_and_tried_again(database: str) -> None:
    chore = asked("broken")

    def broken(work: Work) -> None:
        raise ZeroDivisionError("of nothing")

    Worker({"broken": broken}, [["broken"]]).once(["broken"])
    found = queries.one(chore=chore.pk)
    assert (found.outcome, found.last_error) == ("", "ZeroDivisionError: of nothing")
    assert found.due_at > NOW


def test_a_worker_that_leaves_puts_its_chore_back(database: str) -> None:
    chore = asked("long")
    one = Worker({"long": lambda work: one.leaving.set() or work.says("on and on")}, [["long"]])  # type: ignore[func-returns-value]
    one.once(["long"])
    found = queries.one(chore=chore.pk)
    assert (found.outcome, found.claim, found.attempts) == ("", "", 0)


def test_a_stop_reaches_a_long_step(joined: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_SIGN_OF_LIFE", 0.02)
    ada, chore = joined("ada", "cx-lead"), asked("long")
    begun = threading.Event()

    def long(work: Work) -> None:
        begun.set()
        for step in range(1000):
            threading.Event().wait(0.02)
            work.says("on and on", step, 1000)

    doing = threading.Thread(target=Worker({"long": long}, [["long"]]).once, args=(["long"],))
    doing.start()
    assert begun.wait(5)
    actions.stop(by=ada, chore=chore.pk, now=NOW)
    doing.join(10)
    assert queries.one(chore=chore.pk).outcome == "stopped"


def test_lanes_do_what_recurs_until_they_are_to_leave(folder: Path) -> None:
    given(10)
    whole = jobs.worker()
    running = threading.Thread(target=whole.run)
    running.start()
    waiting = threading.Event()
    for _ in range(200):
        if (folder / "ledger").exists() and models.Chore.objects.filter(
            name="copy", attempts=0, claim="", result__events__gte=0
        ):
            break
        waiting.wait(0.05)
    whole.leaving.set()
    running.join(10)
    assert not running.is_alive()
    assert set(models.Chore.objects.values_list("name", flat=True)) == {one.name for one in jobs.RECURRING}
    assert models.Chore.objects.get(name="seal").due_at > NOW
