"""The inbox, the case page, and the API say the same and let nobody further than their teams."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.cases.cases import PLAYBOOK, brought_to, opened
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import actions, models, queries, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbooks

SignedIn = Callable[[people.Person], Client]


@pytest.fixture
def ada(joined: Joining) -> people.Person:
    return joined("ada", "lead", team="North")


class TestInbox:
    def asked(self, person: people.Person, **asked: object) -> list[int]:
        found = queries.page(person=person, asked=queries.Asked(**asked), now=NOW)  # type: ignore[arg-type]
        return [one.number for one in found.cases]

    def test_pages_follow_one_another_whatever_the_order(self, ada: people.Person) -> None:
        # Many of one moment: what tells them apart is their number.
        made = [opened(ada, now=NOW + timedelta(hours=n // 3)).number for n in range(8)]
        for order in queries.ORDERS:
            seen: list[int] = []
            asked = queries.Asked(order=order)
            for _ in range(4):
                found = queries.page(person=ada, asked=asked, now=NOW, most=3)
                seen += [one.number for one in found.cases]
                asked = queries.Asked(order=order, after=found.next)
                if not found.next:
                    break
            assert seen == (made if order in ("due", "oldest") else made[::-1]), order

    def test_filters_and_words(self, ada: people.Person) -> None:
        first = opened(ada, title="Refund for order", about="order:17", channel="chat").number
        second = opened(ada, title="Broken Brille", customer="Müller-9").number
        brought_to(ada, models.Case.objects.get(pk=second), "closed")
        assert self.asked(ada) == [first]
        assert self.asked(ada, state="closed") == [second]
        assert set(self.asked(ada, state="all")) == {first, second}
        assert self.asked(ada, channel="chat", who="nobody") == [first]
        assert self.asked(ada, who="me") == []
        for words in ("ref", "REFUND order", "17", "order:17", str(first), "three hours"):
            assert first in self.asked(ada, words=words), words
        assert self.asked(ada, words="müller", state="all") == [second]
        assert (
            self.asked(ada, words="efund")
            == self.asked(ada, words="'; --")
            == self.asked(ada, words="refund nothing")
            == []
        )

    def test_what_is_at_risk(self, ada: people.Person) -> None:
        case = opened(ada)
        models.Case.objects.filter(pk=case.pk).update(risk_at=NOW - timedelta(hours=1), due_at=NOW + timedelta(hours=1))
        opened(ada)
        assert self.asked(ada, risk=True) == [case.number]

    def test_the_queries_of_a_page_do_not_grow(self, ada: people.Person, signed_in: SignedIn) -> None:
        browser, counts = signed_in(ada), []
        for _ in range(2):
            for _ in range(5):
                actions.assign(by=ada, case=opened(ada).number, to=ada.id, version=None, now=NOW)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert browser.get("/cases/").status_code == 200
            counts.append(len(seen))
        assert counts[1] <= counts[0] <= 16  # the first also begins the session

    def test_another_team_sees_nothing_of_it(self, ada: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        case = opened(ada, title="Secret matter")
        bo, auditor = joined("bo", "lead", team="South"), joined("eve", "auditor")
        other = signed_in(bo)
        assert "Secret" not in other.get("/cases/?state=all").content.decode()
        assert "Secret" not in b"".join(other.get("/cases/download.csv?state=all")).decode()  # type: ignore[arg-type]
        for answer in (other.get(f"/cases/{case.number}/"), other.post(f"/cases/{case.number}/assign", {"to": ""}),
                       other.post(f"/cases/{case.number}/here"), other.get(f"/cases/{case.number}/person")):  # fmt: skip
            assert answer.status_code == 404
        assert "Secret" in signed_in(auditor).get(f"/cases/{case.number}/").content.decode()
        assert signed_in(auditor).post(f"/cases/{case.number}/assign", {"to": ""}).status_code == 403

    def test_views_are_kept_and_dropped(self, ada: people.Person, signed_in: SignedIn) -> None:
        browser = signed_in(ada)
        browser.post("/cases/views", {"name": "Chats", "asks": "channel=chat"})
        assert "Chats" in browser.get("/cases/?channel=chat").content.decode()
        browser.post(f"/cases/views/{models.View.objects.get().pk}/drop")
        assert not models.View.objects.exists()

    def test_a_download_is_no_formula(self, ada: people.Person, signed_in: SignedIn) -> None:
        opened(ada, title="=HYPERLINK(1)", customer="@c")
        lines = b"".join(signed_in(ada).get("/cases/download.csv")).decode().splitlines()  # type: ignore[arg-type]
        assert "'=HYPERLINK(1)" in lines[1]
        assert "'@c" in lines[1]

    def test_together_each_by_itself(self, ada: people.Person, signed_in: SignedIn) -> None:
        first, second = opened(ada), opened(ada)
        brought_to(ada, first, "told")
        browser = signed_in(ada)
        given = {"cases": [first.number, second.number], "do": "close", "cause": "vendor"}
        said = browser.post("/cases/together", given, follow=True).content.decode()
        assert "Done for 1 case." in said
        assert f"{second.number}: This case is received" in said
        assert [one.state for one in models.Case.objects.order_by("number")] == ["closed", "received"]
        browser.post("/cases/together", {"cases": [second.number], "do": "take"})
        assert models.Case.objects.get(pk=second.pk).assigned_to_id == ada.id


class TestCase:
    def test_what_is_refused_is_said_where_it_was_written(self, ada: people.Person, signed_in: SignedIn) -> None:
        case, browser = opened(ada), signed_in(ada)
        brought_to(ada, case, "told")
        answer = browser.post(f"/cases/{case.number}/close", {"cause": "person", "note": "Bo forgot it.", "version": 6})
        said = answer.content.decode()
        assert (answer.status_code, "A person is the last thing" in said, "Bo forgot it." in said) == (422, True, True)
        old = browser.post(f"/cases/{case.number}/close", {"cause": "vendor", "note": "Late van.", "version": 2})
        assert "Somebody changed this case" in old.content.decode()
        assert browser.post(f"/cases/{case.number}/close", {"cause": "vendor", "version": 6}).status_code == 302
        assert models.Case.objects.get().cause == "vendor"

    def test_a_customers_words_stay_words(self, ada: people.Person, signed_in: SignedIn) -> None:
        case = opened(ada, title="<script>alert(1)</script>", words="<img src=x onerror=alert(1)>")
        said = signed_in(ada).get(f"/cases/{case.number}/").content.decode()
        assert "<script>alert" not in said
        assert "<img src=x" not in said

    def test_both_sides_of_the_curtain(self, ada: people.Person, signed_in: SignedIn) -> None:
        case, browser = opened(ada), signed_in(ada)
        shown = browser.get(f"/cases/{case.number}/").content.decode()
        composer = html.unescape(
            next(one for one in shown.split('hx-get="') if one.startswith("/messages")).split('"')[0]
        )
        sealed = parse_qs(urlsplit(composer).query)["matter"][0]
        given = {"matter": sealed, "kind": "internal", "text": "The store knew.", "token": "t"}
        assert browser.post("/messages/send", given).status_code == 302
        assert "The store knew." in browser.get(f"/cases/{case.number}/happened").content.decode()
        lines = rules.timeline(queries.happened(case=case))
        sides = {(one.event.type, one.customer, one.inside) for one in lines}
        assert ("note.written", False, True) in sides
        assert ("complaint.received", True, False) in sides
        assert ("status.changed", True, True) in sides
        assert people_models.Reading.objects.filter(what="case", which=case.subject).exists()

    def test_who_else_is_there(self, ada: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        case, bo = opened(ada), joined("bo", "lead", team="North")
        assert "looking" not in signed_in(ada).post(f"/cases/{case.number}/here?version=1").content.decode()
        said = signed_in(bo).post(f"/cases/{case.number}/here?version=0").content.decode()
        assert "Ada is looking" in said
        assert "Somebody changed" in said

    def test_the_way_to_a_person(self, ada: people.Person, joined: Joining, signed_in: SignedIn) -> None:
        bo = joined("bo", "frontline", team="North")
        case, browser = opened(bo), signed_in(ada)
        where = f"/cases/{case.number}/person"
        assert signed_in(bo).get(where).status_code == 403
        assert "7 answers are missing" in browser.get(f"{where}?employee={bo.employee}").content.decode()
        given = {"employee": bo.employee, "kind": "coach", "account": "x", "why": "y"}
        shut = browser.post(f"{where}/act", given)
        assert (shut.status_code, "Not yet. First" in shut.content.decode()) == (422, True)
        for question in rules.QUESTIONS:
            browser.post(f"{where}/answer", {"question": question, "answer": "yes", "evidence": "Looked."})
        browser.post(f"{where}/test", {"employee": bo.employee})
        assert "What follows is open" in browser.get(f"{where}?employee={bo.employee}").content.decode()
        assert browser.post(f"{where}/act", given).status_code == 302

    def test_the_queries_of_a_page_are_bounded(self, ada: people.Person, signed_in: SignedIn) -> None:
        case, browser = opened(ada), signed_in(ada)
        brought_to(ada, case, "closed")
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/cases/{case.number}/")
        assert len(seen) <= 30


class TestApi:
    @pytest.fixture
    def api(self, ada: people.Person, joined: Joining) -> Client:
        boss = joined("cleo", "cx-lead")
        people_models.Membership.objects.create(user_id=boss.id, role="admin", team=None)
        from aboveboard.desk.people import queries as people_queries

        boss = people_queries.person(user=people_models.User.objects.get(pk=boss.id))
        token = people_actions.make_key(by=boss, name="till", scopes=["read", "write"], expires_at=None, now=NOW)
        return Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

    def posted(self, api: Client, where: str, given: dict[str, object], **more: str) -> tuple[int, dict[str, object]]:
        answer = api.post(f"/api{where}", json.dumps(given), content_type="application/json", headers=more)
        return answer.status_code, answer.json() if answer.content else {}

    def test_a_case_through_its_life(self, api: Client) -> None:
        given: dict[str, object] = {"title": "No phone", "words": "Where is it?", "team": "North", "customer": "c-1"}
        status, made = self.posted(api, "/cases", given, **{"Idempotency-Key": "k1"})
        assert (status, made["state"], made["steps"]) == (201, "received", ["acknowledge"])
        assert self.posted(api, "/cases", given, **{"Idempotency-Key": "k1"})[1]["number"] == made["number"]
        assert self.posted(api, "/cases", {**given, "title": "x"}, **{"Idempotency-Key": "k1"})[0] == 422
        case = f"/cases/{made['number']}"
        steps: tuple[tuple[str, dict[str, object]], ...] = (
            ("acknowledge", {}), ("assess", {"severity": 2}), ("work", {}),
            ("decide", {"decision": "Yes.", "reason": "Late.", "recourse": "Ombudsman."}), ("tell", {"words": "Yes: late."}),
            ("close", {"cause": "staffing"}),
        )  # fmt: skip
        for step, asked in steps:
            assert self.posted(api, f"{case}/steps/{step}", asked)[0] == 200, step
        assert self.posted(api, f"{case}/steps/work", {})[0] == 422
        whole = api.get(f"/api{case}").json()
        assert (whole["state"], whole["cause"], whole["events"][-1]["side"]) == ("closed", "staffing", "both")
        assert api.get("/api/cases?state=all").json()["cases"][0]["number"] == made["number"]
        assert api.get("/api/cases?after=nonsense").status_code == 422
        assert api.get("/api/cases/999").status_code == 404

    def test_many_cases_are_those_that_would_have_been_opened_one_by_one(self, api: Client) -> None:
        long_ago = NOW - timedelta(days=400)
        playbooks.publish(by=None, text=PLAYBOOK, why="The first.", effective_from=long_ago, now=long_ago)
        asked = [
            {"title": "No phone", "words": "Where is it?", "team": "North", "customer": "c-1", "about": "order:7"},
            {"title": "A question", "kind": "request", "customer": "c-2", "channel": "chat"},
            {"title": "No phone", "words": "Where is it?", "team": "North", "customer": "c-1", "about": "order:7"},
        ]
        status, told = self.posted(api, "/cases/bulk", {"cases": asked})
        many: Any = told["cases"]
        alone = [self.posted(api, "/cases", one)[1] for one in asked]
        differ = ("number", "subject", "opened_at", "changed_at", "due_at", "at_risk_at")
        plain = [[{k: v for k, v in one.items() if k not in differ} for one in those] for those in (many, alone)]
        assert (status, plain[0]) == (201, plain[1])
        numbers = [one["number"] for one in (*many, *alone)]
        assert sorted(set(numbers)) == numbers, "in the order in which they were given"
        assert [bool(one["due_at"]) for one in many] == [True, False, True]
        for one, same in zip(many, alone, strict=True):
            events = [api.get(f"/api/cases/{it['number']}").json()["events"] for it in (one, same)]
            kept = [
                [(event["type"], event["outcome"], event["side"], event["text"]) for event in those] for those in events
            ]
            assert kept[0] == kept[1]

    def test_many_cases_are_all_there_or_none(self, api: Client) -> None:
        good = {"title": "No phone", "team": "North"}
        for bad in ({"title": " "}, {"title": "x", "team": "Nowhere"}, {"title": "x", "kind": "whim"}, {}):
            assert self.posted(api, "/cases/bulk", {"cases": [good, bad, good]})[0] == 422, bad
        for count in (0, 501):
            assert self.posted(api, "/cases/bulk", {"cases": [good] * count})[0] == 422
        assert (models.Case.objects.count(), len(journal.happened(types=["case.opened"]))) == (0, 0)

    def test_many_asked_for_again_are_the_same_ones(self, api: Client) -> None:
        asked = [{"title": f"No phone {n}", "team": "North"} for n in range(3)]
        key = {"Idempotency-Key": "night"}
        first = self.posted(api, "/cases/bulk", {"cases": asked}, **key)
        assert self.posted(api, "/cases/bulk", {"cases": asked}, **key) == first
        for other in (asked[:2], [*asked, asked[0]], asked[::-1]):
            assert self.posted(api, "/cases/bulk", {"cases": other}, **key)[0] == 422
        assert self.posted(api, "/cases", {**asked[0], "title": "x"}, **key)[0] == 422
        assert models.Case.objects.count() == 3
        assert self.posted(api, "/cases", asked[0], **{"Idempotency-Key": "night:1"})[0] == 201, "a key of its own"

    def test_the_queries_of_opening_do_not_grow_with_the_cases(self, api: Client) -> None:
        for asked in ("/cases", "/cases/bulk"):
            case = {"title": "No phone", "team": "North"}
            self.posted(api, "/cases", case)
            with CaptureQueriesContext(connection) as seen:
                self.posted(api, asked, {"cases": [case] * 100} if asked.endswith("bulk") else case)
            assert len(seen) <= 12, asked

    def test_other_acts(self, api: Client, ada: people.Person) -> None:
        case = f"/cases/{opened(ada).number}"
        assert self.posted(api, f"{case}/assign", {"to": ada.employee})[1]["assigned_to"] == ada.employee
        assert self.posted(api, f"{case}/assign", {"to": "e-nobody"})[0] == 422
        assert self.posted(api, f"{case}/remedies", {"kind": "apology"})[0] == 201
        assert self.posted(api, f"{case}/answers", {"question": "vendor", "answer": "yes", "evidence": "x"})[0] == 204
        assert self.posted(api, f"{case}/hand", {"team": "Nowhere", "why": "x"})[0] == 422
