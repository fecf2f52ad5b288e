"""The pages of escalations: what each shows to whom, in as few questions to the database as may be, and the same by API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import NOW, Joining
from tests.desk.escalations.asking import ASKS, MATTER, escalated, frontline, granted

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.escalations import models
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.pages import now, sealed

SignedIn = Callable[[people.Person], Client]
HX = {"HX-Request": "true"}
ASKED = {"asks": ASKS, "tried": "A voucher.", "authority": "policy:refund", "amount": "80"}


@pytest.fixture
def bo(joined: Joining) -> people.Person:
    return frontline(joined)


@pytest.fixture
def zoe(bo: people.Person, joined: Joining) -> people.Person:
    return joined("zoe", "lead", team="North")


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestAsking:
    def test_from_a_case_to_the_nearest_and_back(
        self, bo: people.Person, zoe: people.Person, signed_in: SignedIn
    ) -> None:
        case = cases.open_case(
            by=bo,
            opening=case_rules.Opening(title="The deposit", words="Where is it?", customer="c-1", team="North"),
            now=now(),
        )
        browser = signed_in(bo)
        page = text(browser.get(f"/cases/{case.number}/"))
        assert "/escalations/for-matter?matter=" in page
        matter = sealed(people.Matter(case.subject, "c-1", "North"), bo)
        part = text(browser.get("/escalations/for-matter", {"matter": matter}, headers=HX))
        assert "<html" not in part
        asked = {"matter": matter, "authority": "policy:refund"}
        may = [text(browser.get("/escalations/may", asked | {"amount": amount})) for amount in ("20", "80", "5000")]
        assert "bend the rule" in may[0] and "It goes to Zoe." in may[1] and "the owner of the rule" in may[2]
        wrong = browser.post("/escalations/open", ASKED | {"matter": matter, "amount": ""}, headers=HX)
        assert (wrong.status_code, ASKS in text(wrong)) == (422, True), "what was written stays"
        sent = browser.post("/escalations/open", ASKED | {"matter": matter}, headers=HX)
        assert (sent.status_code, sent["HX-Trigger"], "Sent to Zoe" in text(sent)) == (200, "journal-changed", True)
        assert "Send it higher" not in text(sent), "one waits already"
        made = models.Escalation.objects.get()
        assert (made.subject, made.customer) == (case.subject, "c-1")
        lead = signed_in(zoe)
        assert ASKS in text(lead.get("/escalations/today"))
        assert "sent to you" in text(lead.get("/escalations/"))
        assert ASKS in text(browser.get("/escalations/"))
        granted(zoe, made, now=now())
        assert "Decided higher up for you" in text(browser.get("/escalations/today"))
        assert "Tell the customer" in text(browser.get(f"/escalations/{made.pk}"))
        assert text(browser.get("/escalations/today")).strip() == ""
        assert "Decided higher up: granted" in text(browser.get(f"/cases/{case.number}/"))

    def test_without_htmx_too(self, bo: people.Person, signed_in: SignedIn) -> None:
        browser, matter = signed_in(bo), sealed(MATTER, bo)
        assert "Who has to decide this?" in text(browser.get("/escalations/for-matter", {"matter": matter}))
        answer = browser.post("/escalations/open", ASKED | {"matter": matter}, follow=True)
        assert "Nobody may decide it yet" in text(answer)


class TestDeciding:
    def test_a_decision_needs_what_changes(self, bo: people.Person, zoe: people.Person, signed_in: SignedIn) -> None:
        made, lead = escalated(bo, now=now()), signed_in(zoe)
        at = f"/escalations/{made.pk}"
        page = text(lead.get(at))
        assert "A voucher, twice." in page and "Bo" in page
        assert people_models.Reading.objects.filter(what="escalation", which="case:desk-1").count() == 1
        empty = lead.post(f"{at}/decide", {"outcome": "granted", "reason": "She is right."})
        assert (empty.status_code, "She is right." in text(empty)) == (422, True)
        assert "nothing is granted" in text(empty)
        lead.post(f"{at}/take")
        assert "Zoe sees to it" in text(signed_in(bo).get(at))
        done = lead.post(
            f"{at}/decide", {"outcome": "granted", "reason": "Right.", "changes": "A new phone."}, follow=True
        )
        assert "Granted, and nothing is on record for the customer yet." in text(done)
        again = lead.post(f"{at}/decide", {"outcome": "denied", "reason": "x", "nothing": "on"}, follow=True)
        assert "decided already" in text(again)

    def test_passed_on(self, bo: people.Person, zoe: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        made, lead = escalated(bo, now=now()), signed_in(zoe)
        alone = lead.post(f"/escalations/{made.pk}/pass", {"reason": "x"})
        assert (alone.status_code, "yours to decide" in text(alone)) == (422, True)
        joined("cora", "cx-lead")
        answer = lead.post(f"/escalations/{made.pk}/pass", {"reason": "Her tenth."}, follow=True)
        assert "It is with Cora now." in text(answer) and "Her tenth." in text(answer)

    def test_out_of_sight_there_is_nothing(self, bo: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        made = escalated(bo, now=now())
        south = signed_in(joined("sue", "lead", team="South"))
        for path in ("", "/take", "/pass", "/decide"):
            ask = south.post if path else south.get
            assert ask(f"/escalations/{made.pk}{path}").status_code == 404
        assert ASKS not in text(south.get("/escalations/all")) + text(south.get("/escalations/"))


class TestRegister:
    def test_numbers_lists_and_files(self, bo: people.Person, zoe: people.Person, signed_in: SignedIn) -> None:
        for number in range(6):
            made = escalated(bo, subject=f"case:desk-{number}", now=now() - timedelta(days=6))
            granted(zoe, made, now=now() - timedelta(days=5, minutes=number))
        browser = signed_in(bo)
        page = text(browser.get("/escalations/register"))
        assert "After 6 of 6 of which it can be told, nothing changed" in page
        assert "Zoe" not in page and "Bo" not in page.split("</header>")[1], "never by person"
        assert text(browser.get("/escalations/register", {"as": "csv"})).splitlines()[1].startswith("all,,6,0,6,0,0,")
        listed = text(browser.get("/escalations/all", {"state": "granted", "order": "team"}))
        assert listed.count("nothing is on record for the customer yet") == 6
        assert text(browser.get("/escalations/all", {"as": "csv"})).count("granted") == 6
        assert "None here" in text(browser.get("/escalations/all", {"state": "denied"}))

    def test_pages_ask_the_database_little(self, bo: people.Person, zoe: people.Person, signed_in: SignedIn) -> None:
        for number in range(30):
            escalated(bo, 50 if number % 2 else None, subject=f"case:desk-{number}", now=now())
        lead = signed_in(zoe)
        for path in (
            "/escalations/",
            "/escalations/all",
            "/escalations/register",
            "/escalations/today",
            "/policies/due",
        ):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert lead.get(path).status_code == 200
            assert len(asked) <= 18, (path, len(asked))


class TestApi:
    def test_every_act(self, bo: people.Person, zoe: people.Person, joined: Joining) -> None:
        def client(person: people.Person) -> Client:
            rights = people.Person(person.id, person.name, person.employee, (people.Held("admin", None),))
            token = people_actions.make_key(by=rights, name="k", scopes=("read", "write"), expires_at=None, now=NOW)
            return Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

        def post(by: Client, path: str, given: dict[str, Any], **headers: str) -> Any:
            return by.post(
                f"/api/escalations{path}", json.dumps(given), content_type="application/json", headers=headers
            )

        rep, lead = client(bo), client(zoe)
        asked = {"subject": "order:9", "asks": "a", "tried": "b", "level": "lead", "team": "North", "customer": "c-9"}
        first = post(rep, "", asked, **{"Idempotency-Key": "one"})
        assert (first.status_code, post(rep, "", asked, **{"Idempotency-Key": "one"}).json()) == (201, first.json())
        assert post(rep, "", asked).status_code == 422, "it waits already"
        assert post(rep, "", asked | {"subject": "order:10", "team": "South"}).status_code == 403
        number = first.json()["number"]
        assert [one["number"] for one in lead.get("/api/escalations/waiting").json()] == [number]
        assert post(lead, f"/{number}/taking", {}).json()["taken"]
        assert post(lead, f"/{number}/passing", {"reason": "x"}).status_code == 422, "nobody stands above"
        short = post(lead, f"/{number}/decision", {"outcome": "granted", "reason": "r"})
        assert (short.status_code, "nothing is granted" in short.json()["detail"]) == (422, True)
        ended = post(lead, f"/{number}/decision", {"outcome": "granted", "reason": "r", "changes": "A new one."}).json()
        assert (ended["state"], ended["decided_at_level"], ended["changed"]) == ("granted", "lead", None)
        assert rep.get("/api/escalations", {"state": "granted", "after": number + 1}).json() == [ended]
        assert rep.get(f"/api/escalations/{number}").json() == ended
        assert post(rep, f"/{number}/seen", {}).status_code == 204
        assert rep.get("/api/escalations/register").json()[0]["granted"] == 1
        south = client(joined("sue", "lead", team="South"))
        assert south.get(f"/api/escalations/{number}").status_code == 404

    def test_a_subject_belongs_to_the_team_that_the_journal_has_it_with(
        self, bo: people.Person, joined: Joining
    ) -> None:
        from aboveboard.desk.escalations import queries

        escalated(bo)
        found = queries.known(matter=people.Matter("case:desk-1", "other", "South", "web"))
        assert found == people.Matter("case:desk-1", "c-1", "North", "web")
