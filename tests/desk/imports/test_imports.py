"""What comes from outside is looked at first, taken in once, and never more than text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.chores import models as chores
from aboveboard.desk.imports import models, queries, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import actions as joining
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbook
from aboveboard.playbook import reader
from aboveboard.web import jobs, worker

SignedIn = Callable[[people.Person], Client]
ORDERS = "order_id,client,placed,delivered,store\n" + "".join(
    f"{n},c{n % 40},2025-03-{n % 27 + 1:02} 10:00,2025-03-{n % 27 + 2:02} 17:00,Northgate\n" for n in range(120)
)


@pytest.fixture
def folder(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "FOUND", replace(settings.FOUND, folder=tmp_path / "files"))
    yield tmp_path / "files"


def brought(browser: Client, text: str = ORDERS, name: str = "orders.csv") -> str:
    file = SimpleUploadedFile(name, text.encode())
    answer = browser.post("/events/bring", {"file": file, "timezone": "Europe/Berlin"})
    return str(answer["Location"])


class TestRules:
    @given(st.text())
    def test_a_name_leads_nowhere_else(self, name: str) -> None:
        safe = rules.safe_name(name)
        assert safe
        assert "/" not in safe
        assert not safe.startswith(".")
        assert Path(safe).name == safe

    def test_a_starter_promises_what_the_events_can_show(self) -> None:
        types = {"order.placed": 10, "order.delivered": 9, "case.opened": 3, "case.closed": 2, "order.cancelled": 1}
        read = reader.read(rules.starter(organisation='A: "b" #c', timezone="Europe/Berlin", types=types, dated={}))
        assert set(read.promises) == {"settled-in-a-day", "with-you-in-five-days"}
        assert read.organisation == 'A: "b" #c'
        dated = reader.read(rules.starter(organisation="A", timezone="UTC", types=types, dated={"order.placed": 10}))
        assert "by-the-date-given" in dated.promises
        assert not reader.read(rules.starter(organisation="A", timezone="UTC", types={"x": 1}, dated={})).promises
        other = {"permit.requested": 4, "permit.completed": 3, "it's.opened": 1, "it's.closed": 1}
        assert set(reader.read(rules.starter(organisation="A", timezone="UTC", types=other, dated={})).promises) == {
            "permit-in-two-days"
        }

    def test_cloud_events_become_rows(self) -> None:
        event = {"specversion": "1.0", "id": "7", "source": "shop", "type": "order.placed", "time": "2025-03-03T10:00:00Z",
                 "subject": "order:7", "traceparent": "t", "data": {"customer": "c1", "colour": "red"}}  # fmt: skip
        (row,) = rules.rows_of(event)
        assert (row["id"], row["customer"], row["subject"]) == ("shop#7", "c1", "order:7")
        assert row["attributes"] == {"colour": "red", "traceparent": "t"}
        with pytest.raises(rules.NotTakenError, match="no CloudEvent"):
            list(rules.rows_of([{"id": "7"}]))


class TestFirstRun:
    def test_from_a_file_to_the_analysis(self, folder: Path, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        assert browser.get("/")["Location"] == "/events/"
        assert "demo company" in browser.get("/events/").content.decode()
        one = brought(browser)
        page = browser.get(one).content.decode()
        assert "would give" in page
        assert "Europe/Berlin" in page
        browser.post(f"{one}take")
        assert jobs.worker().once(["import"])
        chore = chores.Chore.objects.get()
        assert (chore.outcome, chore.result["then"]) == ("done", one)
        upload = models.Upload.objects.get()
        assert upload.receipt["recorded"] == journal.latest() - 2 > 100  # two events tell that Ada joined
        page = browser.get(one).content.decode()
        assert "are new events" in page
        answer = browser.post(f"{one}begin", {"organisation": "Heron Stores"})
        assert playbook.current(now=worker.now()).organisation == "Heron Stores"
        assert answer["Location"] == f"/chores/{chores.Chore.objects.get(name='analyse').pk}/"
        assert browser.get("/")["Location"] == "/today/"

    def test_a_wrong_mapping_is_told_and_not_kept(self, folder: Path, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        one = brought(browser)
        before = models.Upload.objects.get().mapping
        answer = browser.post(one, {"mapping": "source: x\nevents: {}\n"})
        assert answer.status_code == 422
        assert "`files` is missing" in answer.content.decode()
        assert models.Upload.objects.get().mapping == before
        right = before.replace("timezone: Europe/Berlin", "timezone: UTC")
        assert browser.post(one, {"mapping": right}).status_code == 200
        assert models.Upload.objects.get().mapping == right.replace("\r\n", "\n").strip()

    def test_doubts_are_listed(self) -> None:
        text = "timezone: UTC    # doubt: whose clock?\n  type: order.placed\n# doubt: day or month\n"
        found = queries.doubts(text=text)
        assert [(one.line, one.what, one.why) for one in found] == [
            (1, "timezone: UTC", "whose clock?"), (3, "", "day or month"),
        ]  # fmt: skip

    def test_what_cannot_be_read_is_not_kept(self, folder: Path, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        brought(browser, "this is no Parquet", "orders.parquet")
        assert not models.Upload.objects.exists()
        assert not list((folder / "uploads").iterdir())

    def test_a_file_of_events_needs_no_mapping(self, folder: Path, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        one = brought(
            browser, "type,time,subject\norder.placed,2025-03-03T10:00Z,order:1\nx,never,order:1\n", "events.csv"
        )
        assert "needs no mapping" in browser.get(one).content.decode()
        browser.post(f"{one}take")
        jobs.worker().once(["import"])
        page = browser.get(one).content.decode()
        assert "1 could not be used" in page

    def test_the_demo_is_for_an_empty_desk(self, folder: Path, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        brought(browser, "type,time,subject\norder.placed,2025-03-03T10:00Z,order:1\n", "events.csv")
        browser.post(f"/events/{models.Upload.objects.get().pk}/take")
        jobs.worker().once(["import"])
        browser.post("/events/demo")
        assert not chores.Chore.objects.filter(name="demo").exists()

    @pytest.mark.slow
    def test_the_demo_company_moves_in(
        self, folder: Path, joined: Joining, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "_DEMO_CUSTOMERS", 150)
        browser = signed_in(joined("ada", "cx-lead"))
        browser.post("/events/demo")
        jobs.worker().once(["demo"])
        assert playbook.current(now=worker.now()).organisation == "Larkfield Appliances"
        assert chores.Chore.objects.get(name="analyse").state == "waiting"


class TestApi:
    @pytest.fixture
    def api(self, folder: Path, joined: Joining) -> Client:
        key = joining.make_key(by=joined("cy", "admin"), name="shop", scopes=["events"], expires_at=None, now=NOW)
        return Client(headers={"host": "localhost", "Authorization": f"Bearer {key}"})

    def test_lines_are_taken_once(self, api: Client) -> None:
        rows = [
            {"id": f"e{n}", "type": "order.placed", "time": "2025-03-03T10:00:00Z", "subject": f"order:{n}"}
            for n in range(5)
        ]
        body = "".join(json.dumps(row) + "\n" for row in [*rows, {"type": "order.placed", "time": "never"}])
        first = api.post("/api/events", body, content_type="application/x-ndjson").json()
        assert (first["read"], first["recorded"], first["rejected"]) == (6, 5, 1)
        assert "never" in first["rejects"]
        again = api.post("/api/events", body, content_type="application/x-ndjson").json()
        assert (again["recorded"], again["known"]) == (0, 5)

    def test_cloud_events(self, api: Client) -> None:
        one = {"specversion": "1.0", "id": "7", "source": "shop", "type": "order.placed", "time": "2025-03-03T10:00:00Z",
               "data": {"customer": "c1"}}  # fmt: skip
        alone = api.post("/api/events", json.dumps(one), content_type="application/cloudevents+json").json()
        assert alone["recorded"] == 1
        batch = json.dumps([one, one | {"id": "8"}])
        assert api.post("/api/events", batch, content_type="application/cloudevents-batch+json").json()["recorded"] == 1
        (found,) = journal.happened(customer="c1")[-1:]
        assert found.event.id == "shop#8"

    def test_what_is_something_else_is_refused(self, api: Client, joined: Joining) -> None:
        assert api.post("/api/events", "x", content_type="text/plain").status_code == 415
        assert api.post("/api/events", "{", content_type="application/cloudevents+json").status_code == 400
        assert api.post("/api/events", "{}", content_type="application/cloudevents+json").status_code == 422


def test_a_program_brings_a_file_as_a_person_does(folder: Path, joined: Joining) -> None:
    ada = joined("ada", "admin")
    for role in ("cx-lead", "analyst"):
        joining.give_role(by=ada, user=ada.id, role=role, team=None, now=NOW)
    ada = people_queries.person(user=people_models.User.objects.get(pk=ada.id))
    token = joining.make_key(by=ada, name="k", scopes=people.SCOPES, expires_at=None, now=NOW)
    program = Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())
    kept = program.post("/api/uploads", {"file": file, "timezone": "Europe/Berlin"})
    assert kept.status_code == 201, kept.content
    number, mapping = kept.json()["number"], kept.json()["mapping"]
    assert "Europe/Berlin" in mapping
    wrong = program.put(f"/api/uploads/{number}/mapping", json.dumps({"mapping": "x: 1"}), "application/json")
    assert wrong.status_code == 422
    tried = program.put(f"/api/uploads/{number}/mapping", json.dumps({"mapping": mapping}), "application/json")
    assert tried.json() == {"events": 240, "unread": 0, "faulty": 0}
    asked = program.post(f"/api/uploads/{number}/taking")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert jobs.worker().once(["import"])
    assert program.get(f"/api/uploads/{number}").json()["receipt"]["recorded"] == 240
    begun = program.post(f"/api/uploads/{number}/beginning", json.dumps({"organisation": "Us"}), "application/json")
    assert (begun.status_code, begun.json()["name"]) == (202, "analyse")
    assert playbook.in_force(now=NOW.now(NOW.tzinfo))
    assert [one["number"] for one in program.get("/api/uploads").json()["uploads"]] == [number]
    assert program.get("/api/uploads", {"after": number}).json() == {"uploads": [], "after": None}
    assert program.get("/api/uploads/999").status_code == 404
