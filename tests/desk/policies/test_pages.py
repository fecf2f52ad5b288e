"""The pages of policies: what each shows to whom, in as few questions to the database as may be, and the same by API."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import NOW, Joining
from tests.desk.policies.rulebook import MATTER, published

from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.pages import now, sealed
from aboveboard.desk.people.rules import Matter
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.policies import actions, models

SignedIn = Callable[[people.Person], Client]
HX = {"HX-Request": "true"}


@pytest.fixture
def rep(joined: Joining) -> people.Person:
    published()
    models.Level.objects.create(role="frontline", name="rep")
    return joined("bo", "frontline", team="North")


def text(answer: Any) -> str:
    return str(answer.content.decode())


def asked(by: people.Person, amount: int = 50, subject: str = "order:7") -> models.ExceptionRequest:
    matter = Matter(subject, "c-1", "North")
    return actions.ask(by=by, matter=matter, policy="refund", amount=Decimal(amount), reason="=1+1", now=now())


class TestAsking:
    def test_what_one_may_is_told_at_once(self, rep: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        joined("zoe", "lead", team="North")
        browser, matter = signed_in(rep), sealed(MATTER, rep)
        part = text(browser.get("/policies/for-matter", {"matter": matter}, headers=HX))
        assert "you may grant up to EUR 20" in part
        assert "<html" not in part
        may = [
            text(browser.get("/policies/may", {"matter": matter, "policy": policy, "amount": amount}))
            for policy, amount in (("refund", "20"), ("refund", "20,50"), ("nuts", "0"), ("nuts", "x"))
        ]
        assert "grant this at once" in may[0]
        assert "This needs the level lead" in may[1] and "It goes to Zoe." in may[1]
        assert all("nobody bends this rule" in one and "the owner of the rule" in one for one in may[2:])

    def test_on_the_case_page_and_by_itself(self, rep: people.Person, signed_in: SignedIn) -> None:
        browser, given = signed_in(rep), {"policy": "refund", "amount": "12.50", "reason": "it rained"}
        part = browser.post("/policies/ask", given | {"matter": sealed(MATTER, rep)}, headers=HX)
        assert (part.status_code, "Granted." in text(part)) == (200, True)
        alone = browser.post("/policies/ask", given | {"subject": "order:8", "team": "North"}, follow=True)
        assert "May this rule bend for order:8?" in text(alone)
        wrong = browser.post("/policies/ask", given | {"matter": sealed(MATTER, rep), "amount": "-1"}, headers=HX)
        assert (wrong.status_code, "it rained" in text(wrong)) == (422, True), "what was written stays"
        foreign = browser.post("/policies/ask", given | {"subject": "order:9", "team": "South"})
        assert (foreign.status_code, models.ExceptionRequest.objects.count()) == (422, 2)

    def test_a_matter_of_somebody_else_opens_nothing(
        self, rep: people.Person, joined: Joining, signed_in: SignedIn
    ) -> None:
        south = signed_in(joined("sue", "frontline", team="South"))
        assert south.get("/policies/for-matter", {"matter": sealed(MATTER, rep)}).status_code in (403, 422)

    def test_a_rule_is_flagged_in_two_clicks(self, rep: people.Person, signed_in: SignedIn) -> None:
        browser, matter = signed_in(rep), sealed(MATTER, rep)
        assert 'name="rule" value="policy:refund"' in text(browser.get("/policies/for-matter", {"matter": matter}))
        browser.post("/policies/in-the-way", {"matter": matter, "rule": "policy:refund"}, headers=HX)
        assert models.Suggestion.objects.get().subject == "order:7"
        assert "waits for" in text(browser.get("/policies/suggestions/mine"))


class TestDeciding:
    def test_grant_refuse_and_never_twice(self, rep: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        lead = signed_in(joined("zoe", "lead", team="North"))
        made = asked(rep)
        assert "sent to you" in text(lead.get("/policies/waiting"))
        at = f"/policies/exceptions/{made.pk}"
        assert "Bo" in text(lead.get(at))
        assert people_models.Reading.objects.filter(what="exception", which="order:7").count() == 1
        refused = lead.post(
            f"{at}/decide", {"do": "deny", "answer": "no"}, follow=True, headers={"Referer": f"http://localhost{at}"}
        )
        assert "a refusal needs evidence" in text(refused)
        lead.post(f"{at}/decide", {"do": "deny", "evidence": "law", "answer": "Forbidden by law."})
        again = lead.post(f"{at}/decide", {"do": "grant"}, follow=True, headers={"Referer": f"http://localhost{at}"})
        assert "decided already" in text(again)
        browser = signed_in(rep)
        assert "is refused" in text(browser.get("/policies/"))
        browser.get(at)
        assert "is refused" not in text(browser.get("/policies/"))

    def test_out_of_sight_there_is_nothing(self, rep: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        made = asked(rep)
        south = signed_in(joined("sue", "lead", team="South"))
        assert south.get(f"/policies/exceptions/{made.pk}").status_code == 404
        assert "order:7" not in text(south.get("/policies/rule/refund"))


class TestRegister:
    def test_sorted_searched_and_as_a_file(self, rep: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        asked(rep, 5)
        browser = signed_in(rep)
        assert "1 of 1 request decided" in text(browser.get("/policies/"))
        assert "free of nuts" not in text(browser.get("/policies/", {"q": "finance"}))
        for order in (
            "policy",
            "owner",
            "asked",
            "granted",
            "denied",
            "share",
            "amount",
            "waiting",
            "flagged",
            "changed",
            "x",
        ):
            assert browser.get("/policies/", {"order": order}).status_code == 200
        lines = text(browser.get("/policies/?as=csv")).splitlines()
        assert lines[0].startswith("policy,says,owner,asked")
        assert lines[1].startswith("refund,Refunds within 30 days.,finance,1,0,1,0,1.0,")
        assert "'=1+1" in text(browser.get("/policies/rule/refund?as=csv"))

    def test_before_there_is_a_playbook(self, joined: Joining, signed_in: SignedIn) -> None:
        assert "no playbook yet" in text(signed_in(joined("ada", "cx-lead")).get("/policies/"))

    def test_questions_do_not_grow_with_the_lists(
        self, rep: people.Person, joined: Joining, signed_in: SignedIn
    ) -> None:
        lead = joined("zoe", "cx-lead")
        browser = signed_in(lead)
        pages = (
            "/policies/",
            "/policies/waiting",
            "/policies/rule/refund",
            "/policies/suggestions",
            "/policies/proposals",
        )

        def counted() -> list[int]:
            found = []
            for page in pages:
                with CaptureQueriesContext(connection) as asked_for:
                    assert browser.get(page).status_code == 200
                found.append(len(asked_for))
            return found

        asked(rep, 50, "order:0")
        actions.suggest(by=rep, rule="policy:refund", text="x", now=now())
        actions.propose(by=lead, kind="", about={}, rule="policy:refund", sentence="x", now=now())
        counted()  # the first time a browser is seen is written down
        few = counted()
        for number in range(1, 8):
            asked(rep, 50, f"order:{number}")
            actions.suggest(by=rep, rule="policy:refund", text="x", now=now())
            actions.propose(by=lead, kind="", about={}, rule="policy:refund", sentence="x", now=now())
        assert counted() == few
        assert max(few) <= 22, few


def test_a_proposal_becomes_the_rule_after_its_difference_was_seen(
    rep: people.Person, joined: Joining, signed_in: SignedIn
) -> None:
    owner = signed_in(joined("fay", "policy-owner", team="finance"))
    flagged = actions.suggest(by=rep, rule="policy:refund", text="x", now=now())
    made = actions.propose(
        by=None, kind="policy.push-authority-down", about={"policy": "refund"}, sentence="They wait.", now=now(),
        evidence={"n": 90, "estimate": 0.97, "unit": "share"},
    )  # fmt: skip
    at = f"/policies/proposals/{made.pk}"
    page = text(owner.get(at))
    assert "rep: 100, lead: 100, manager: 1000" in page, "the draft of what the finding comes down to"
    assert "97.0\u202f%" in page
    given = {
        "key-says": "Refunds.",
        "key-authority": "rep: 100, lead: 100, manager: 1000",
        "on": "1",
        "reason": "Yes.",
        "answers": "on",
    }
    blind = owner.post(f"{at}/change", given | {"do": "accept"})
    assert playbook.versions().count() == 1, "nothing is accepted unseen"
    assert "    authority: {rep: 100" in text(blind)
    seen = text(blind).split('name="seen" value="')[1].split('"')[0]
    other = owner.post(f"{at}/change", given | {"do": "accept", "seen": seen, "key-says": "No refunds."})
    assert (other.status_code, playbook.versions().count()) == (200, 1), "not what was seen"
    wrong = owner.post(f"{at}/change", given | {"do": "show", "key-harm_margin": "7"})
    assert (wrong.status_code, "share" in text(wrong)) == (422, True)
    assert owner.post(f"{at}/change", given | {"do": "accept", "seen": seen}).status_code == 302
    assert playbook.versions().count() == 2
    flagged.refresh_from_db()
    assert flagged.answer
    browser = signed_in(rep)
    assert "The rule policy:refund is changed." in text(browser.get("/policies/"))
    browser.post("/policies/told", {})
    assert "is changed" not in text(browser.get("/policies/"))


class TestApi:
    @pytest.fixture
    def caller(self, joined: Joining, rep: people.Person) -> Callable[..., Any]:
        admin = joined("root", "admin")
        for role in ("cx-lead", "frontline"):
            people_actions.give_role(by=admin, user=admin.id, role=role, team=None, now=NOW)
        whole = people_queries.person(user=people_models.User.objects.get(pk=admin.id))
        token = people_actions.make_key(by=whole, name="x", scopes=["read", "write"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

        def call(method: str, at: str, body: Any = None, **headers: str) -> tuple[int, Any]:
            sent = json.dumps(body) if body is not None else ""
            answer = client.generic(method, f"/api/{at}", sent, content_type="application/json", headers=headers)
            return answer.status_code, json.loads(answer.content) if answer.content else None

        return call

    def test_every_act(self, caller: Callable[..., Any], rep: people.Person) -> None:
        made = asked(rep)
        assert caller("GET", "policies")[1][0]["waiting"] == 1
        assert caller("GET", "policies/refund/authority?team=North") == (200, {"level": "owner", "limit": None})
        assert caller("GET", "policies/none/authority")[0] == 404
        assert [one["number"] for one in caller("GET", "exceptions/waiting")[1]] == [made.pk]
        status, refused = caller("POST", f"exceptions/{made.pk}/decision", {"do": "deny", "answer": "no"})
        assert (status, "evidence" in refused["detail"]) == (422, True)
        assert caller("POST", f"exceptions/{made.pk}/decision", {"do": "grant"})[1]["state"] == "granted"
        assert caller("POST", f"exceptions/{made.pk}/decision", {"do": "grant"})[0] == 422
        body = {"policy": "refund", "subject": "order:9", "amount": "7.50", "reason": "x"}
        first = caller("POST", "exceptions", body, **{"Idempotency-Key": "k"})
        assert first == caller("POST", "exceptions", body, **{"Idempotency-Key": "k"})
        assert (first[0], first[1]["state"]) == (201, "granted")
        assert [one["number"] for one in caller("GET", f"exceptions?after={first[1]['number']}")[1]] == [made.pk]
        assert caller("POST", "exceptions", body | {"amount": "-1"})[0] == 422
        assert caller("POST", "exceptions/999/withdrawal")[0] == 404

    def test_rules(self, caller: Callable[..., Any]) -> None:
        status, said = caller("POST", "suggestions", {"rule": "policy:refund", "text": "x"})
        assert status == 201
        assert caller("POST", f"suggestions/{said['number']}/answer", {"text": "Yes."})[1]["answer"] == "Yes."
        assert caller("GET", "suggestions/mine")[1][0]["answer"] == "Yes."
        assert len(caller("GET", "suggestions?answered=true")[1]) == 1
        proposed = {"rule": "policy:refund", "sentence": "Let them."}
        number = caller("POST", "proposals", proposed, **{"Idempotency-Key": "k"})[1]["number"]
        assert caller("POST", "proposals", proposed, **{"Idempotency-Key": "k"})[1]["number"] == number
        change = {"authority": "rep: 50, lead: 100"}
        shown = caller("POST", f"proposals/{number}/difference", {"changes": change})[1]
        assert [one["text"].strip() for one in shown["lines"] if one["mark"] == "+"] == [
            "authority: {rep: 50, lead: 100}  # in euro"
        ]
        assert (
            caller("POST", f"proposals/{number}/acceptance", {"changes": {"x": "1"}, "reason": "x", "on": 1})[0] == 422
        )
        done = caller("POST", f"proposals/{number}/acceptance", {"changes": change, "reason": "x", "on": shown["on"]})[
            1
        ]
        assert (done["state"], done["version"]) == ("accepted", 2)
        assert caller("POST", f"proposals/{number}/refusal", {"text": "x"})[0] == 422
        assert caller("PUT", "policies/levels", {"role": "lead", "name": "rep"})[0] == 204
        assert caller("DELETE", "policies/levels?role=lead&name=rep")[0] == 204
        told = caller("GET", "told")[1]
        assert [one["suggestion"] for one in told] == [said["number"]]
        assert caller("POST", f"told/{told[0]['number']}/seen")[0] == 204
        assert caller("GET", "told")[1] == []
