"""One line per request and per chore, which a machine can read, and nobody's name, words or address in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.chores import actions as chores
from aboveboard.desk.people import actions as people
from aboveboard.desk.people import rules
from aboveboard.ledger.errors import AboveboardError
from aboveboard.web import logs, settings
from aboveboard.web.worker import Work, Worker

Said = Callable[[], list[dict[str, Any]]]
SignedIn = Callable[[rules.Person], Client]


@pytest.fixture
def said() -> Iterator[Said]:
    """What was logged, as JSON, at every level."""
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.setFormatter(logs.Json())
    watched = [logging.getLogger(name) for name in ("aboveboard", "django.request")]
    before = [one.level for one in watched]
    for one in watched:
        one.addHandler(handler)
    watched[0].setLevel("DEBUG")
    yield lambda: [json.loads(line) for line in sink.getvalue().splitlines()]
    for one, level in zip(watched, before, strict=True):
        one.removeHandler(handler)
        one.setLevel(level)


def test_a_request_is_a_line_without_personal_data(said: Said, joined: Joining, signed_in: SignedIn) -> None:
    lea = joined("lea", "lead", team="North")
    made = cases.open_case(
        by=lea,
        opening=case_rules.Opening(
            title="Broken door",
            words="Call Mrs Heron.",
            customer="c-heron",
            team="North",
            about="order:77",
            channel="web",
        ),
        now=NOW,
    )
    browser = signed_in(lea)
    answer = browser.get(f"/cases/{made.number}/", {"q": "heron"})
    line = next(one for one in said() if one["event"] == "request")
    assert (line["method"], line["status"], line["user"], line["level"]) == ("GET", 200, lea.employee, "info")
    assert (line["route"].startswith("cases:"), line["ms"] > 0) == (True, True)
    assert line["request"] == answer["X-Request-ID"]
    whole = json.dumps(said())
    assert [word for word in ("heron", "Heron", "lea@", "Lea", f"/{made.number}", "order:77") if word in whole] == []


def test_the_api_knows_the_person_of_a_key(said: Said, joined: Joining) -> None:
    cora = joined("cora", "admin")
    token = people.make_key(by=cora, name="k", scopes=["read"], expires_at=None, now=NOW)
    Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"}).get("/api/me")
    line = said()[-1]
    assert (line["user"], token in json.dumps(said())) == (cora.employee, False)


def test_an_id_that_is_given_is_kept_if_it_is_one(database: str) -> None:
    client = Client(headers={"host": "localhost"})
    assert client.get("/health", headers={"X-Request-ID": "from-the-proxy-1"})["X-Request-ID"] == "from-the-proxy-1"
    made = [client.get("/health", headers={"X-Request-ID": given})["X-Request-ID"] for given in ("a\nb", "ü" * 9, "")]
    assert len({*made}) == 3 and all(len(one) == 16 for one in made)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("Mrs Heron, 5 Quay Street"), None),
        (OperationalError("database or disk is full"), "database or disk is full"),
        (OSError(28, "No space left on device", "/uploads/heron.csv"), "No space left on device"),
    ],
)
def test_what_broke_is_told_by_its_place(
    said: Said,
    joined: Joining,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    says: str | None,
) -> None:
    from aboveboard.desk.people import queries

    browser = signed_in(joined("ada", "admin"))

    def breaks() -> None:
        raise error

    monkeypatch.setattr(queries, "everybody", breaks)
    browser.raise_request_exception = False
    answer = browser.get("/people/")
    told = {one["event"]: one for one in said()}
    assert told["request"]["status"] == answer.status_code == (507 if says else 500)
    broken = told["broken"]
    assert (broken["error"], broken.get("says"), broken["level"]) == (type(error).__name__, says, "error")
    assert broken["request"] == answer["X-Request-ID"]
    assert any("everybody" in place for place in broken["where"])
    assert "eron" not in json.dumps(broken)


def test_a_chore_is_a_line(said: Said, database: str) -> None:
    def refused(work: Work) -> None:
        raise AboveboardError("heron.csv cannot be read")

    def breaks(work: Work) -> None:
        raise ZeroDivisionError("heron")

    jobs = {"well": lambda work: {}, "refused": refused, "breaks": breaks}
    for name in jobs:
        chores.ask(by=None, name=name, act="findings.work", now=NOW)
        Worker(jobs, [[name]]).once([name])
    ends = {
        one["chore"]: (one["outcome"], one["level"], one["number"] > 0) for one in said() if one["event"] == "chore"
    }
    assert ends == {
        "well": ("done", "info", True), "refused": ("refused", "warning", True), "breaks": ("failed", "warning", True),
    }  # fmt: skip
    assert "heron" not in json.dumps(said())


def test_what_monitors_ask_for_is_quiet(said: Said, database: str) -> None:
    client = Client(headers={"host": "localhost"})
    for path in ("/health", "/static/aboveboard/desk.css", "/nothing/heron"):
        client.get(path)
    assert [(one["route"], one["level"], one["status"]) for one in said()] == [
        ("health", "debug", 200), ("static", "debug", 200), ("none", "info", 404),
    ]  # fmt: skip


def test_a_line_to_read() -> None:
    record = logging.makeLogRecord({"name": "aboveboard.requests", "levelname": "INFO", "msg": "request"})
    record.said = {"route": "cases:one", "status": 200, "user": None, "odd": 'two words "'}
    assert (
        logs.Text().format(record).split(" ", 1)[1]
        == r'INFO requests: request route=cases:one status=200 odd="two words \""'
    )


def test_nothing_else_says_an_address() -> None:
    held = logs.configured("json", "debug")
    assert held["loggers"]["django.security"]["handlers"] == ["nowhere"]
    assert held["loggers"]["django.request"]["level"] == "ERROR"
    assert settings.MIDDLEWARE[0] == "aboveboard.web.logs.request_line"


def test_the_request_that_a_middleware_answers_has_a_line(said: Said, database: str) -> None:
    answer = Client(headers={"host": "evil.example.org"}).get("/")
    assert (answer.status_code, said()[-1]["status"], "evil" in json.dumps(said())) == (400, 400, False)


def test_the_pseudonym_is_not_read_for_the_line() -> None:
    assert logs._pseudonym(HttpRequest()) is None
