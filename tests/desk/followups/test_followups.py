"""Findings keep their identity from run to run, their life is on record, and a scope ends where it should."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.chores import models as chores
from aboveboard.desk.followups import actions, models, queries, rules
from aboveboard.desk.people import rules as people
from aboveboard.findings.model import Evidence, Finding

SignedIn = Callable[[people.Person], Client]
SLOW = Finding(
    kind="promise.broken",
    about={"promise": "three-hours"},
    sentence="The promise “three hours” is kept in 61 % of 200.",
    evidence=Evidence(n=200, estimate=0.61, unit="share", low=0.54, high=0.68, method="Kaplan–Meier"),
    action="Promise what can be kept.",
    owner="stores",
    weight=78,
    events=("e1", "e2"),
    table="promise_summary",
    where={"promise": "three-hours"},
)
OF_NORTH = replace(
    SLOW, about={"promise": "three-hours", "team": "North"}, sentence="=In the team North it breaks.", weight=9
)
OF_SOUTH = replace(
    SLOW, about={"promise": "three-hours", "team": "South"}, sentence="In the team South it breaks.", weight=8
)


def took(findings: Sequence[Finding], *, day: int = 0) -> models.Run:
    at = NOW + timedelta(days=day)
    ran = actions.Ran(
        as_of=at, started_at=at, playbook=1, folder=f"run-{day}", events_count=1000, customers_count=300, first_at=NOW, last_at=at
    )  # fmt: skip
    return actions.take(ran=ran, findings=findings, now=at)


def state(finding: Finding) -> str:
    return models.Followup.objects.get(pk=finding.id).state


class TestRules:
    @given(st.sampled_from(rules.STATES), st.booleans(), st.booleans())
    def test_a_run_never_says_what_people_decide(self, state: str, was: bool, is_: bool) -> None:
        after = rules.met(state=state, was_found=was, is_found=is_)
        assert after.state in (state, rules.CAME_BACK)
        if state == rules.REFUSED or not is_:
            assert after.state == state
        if is_ and not was and state != rules.REFUSED:
            assert after == rules.Met(rules.CAME_BACK, "came back")

    @given(st.sampled_from(rules.STATES), st.sampled_from(rules.STATES))
    def test_nobody_can_make_one_come_back_or_verify_what_is_still_there(self, state: str, to: str) -> None:
        try:
            rules.check_move(state=state, to=to, says="because", still_found=True)
        except rules.FollowupError:
            return
        assert to in rules.MOVES[state]
        assert to not in (rules.CAME_BACK, rules.VERIFIED)

    def test_one_about_no_team_is_for_all_who_read_findings(self) -> None:
        of_north = people.Reach(False, frozenset({"North"}))
        assert rules.sees(of_north, None)
        assert rules.sees(of_north, "North")
        assert not rules.sees(of_north, "South")
        assert not rules.sees(people.Reach(False), None)

    def test_evidence_is_told_with_its_unit(self) -> None:
        assert dict(rules.evidence_said(SLOW.evidence))["95 % interval"] == "54 % – 68 %"


class TestRuns:
    def test_new_gone_and_back(self, database: str) -> None:
        first = took([SLOW, OF_NORTH])
        assert (first.found_count, first.new_count, first.gone_count) == (2, 2, 0)
        second = took([replace(SLOW, sentence="It is kept in 70 %.", weight=5)], day=1)
        assert (second.new_count, second.gone_count, second.back_count) == (0, 1, 0)
        found = models.Followup.objects.get(pk=SLOW.id)
        assert (found.sentence, found.state, found.first_run, found.last_run) == (
            "It is kept in 70 %.",
            "new",
            first,
            second,
        )
        assert not models.Followup.objects.get(pk=OF_NORTH.id).found
        third = took([SLOW, OF_NORTH], day=2)
        assert (third.new_count, third.back_count) == (0, 1)
        assert state(OF_NORTH) == "came-back"
        assert [entry.what for entry in models.Entry.objects.filter(followup=OF_NORTH.id)] == [
            "found",
            "gone",
            "came back",
        ]

    def test_what_people_said_outlives_a_run(self, joined: Joining) -> None:
        ada = joined("ada", "cx-lead")
        took([SLOW])
        actions.move(by=ada, finding=SLOW.id, to="accepted", says="", now=NOW)
        actions.own(by=ada, finding=SLOW.id, owner=ada.id, now=NOW)
        took([SLOW], day=1)
        found = models.Followup.objects.get(pk=SLOW.id)
        assert (found.state, found.owner_id) == ("accepted", ada.id)

    def test_a_fix_that_did_not_hold_comes_back(self, joined: Joining) -> None:
        ada = joined("ada", "cx-lead")
        took([SLOW])
        for to in ("accepted", "in-work"):
            actions.move(by=ada, finding=SLOW.id, to=to, says="", now=NOW)
        with pytest.raises(rules.FollowupError, match="still finds it"):
            actions.move(by=ada, finding=SLOW.id, to="verified", says="told the depot", now=NOW)
        took([], day=1)
        actions.move(by=ada, finding=SLOW.id, to="verified", says="told the depot", now=NOW)
        took([], day=2)
        assert state(SLOW) == "verified"
        took([SLOW], day=3)
        assert state(SLOW) == "came-back"

    def test_a_refused_one_stays_refused_and_says_that_it_is_back(self, joined: Joining) -> None:
        ada = joined("ada", "cx-lead")
        took([SLOW])
        with pytest.raises(rules.FollowupError, match="Say why"):
            actions.move(by=ada, finding=SLOW.id, to="refused", says=" ", now=NOW)
        actions.move(by=ada, finding=SLOW.id, to="refused", says="the promise ends this month", now=NOW)
        took([], day=1)
        took([SLOW], day=2)
        assert state(SLOW) == "refused"
        assert [one.what for one in models.Entry.objects.all()] == ["found", "moved", "gone", "found again"]

    def test_an_earlier_judgement_does_not_undo_a_later_one(self, database: str) -> None:
        took([], day=1)
        with pytest.raises(rules.FollowupError, match="later one"):
            took([SLOW])

    def test_history_only_grows(self, database: str) -> None:
        took([SLOW])
        for sql in ("UPDATE followup_entries SET what = 'x'", "DELETE FROM followup_entries"):
            with pytest.raises(DatabaseError), connection.cursor() as cursor:
                cursor.execute(sql)


class TestScopes:
    def test_of_a_team_one_sees_its_own_and_what_is_of_none(self, joined: Joining, signed_in: SignedIn) -> None:
        took([SLOW, OF_NORTH, OF_SOUTH])
        bo = joined("bo", "lead", team="North")
        assert {one.pk for one in queries.listed(person=bo)} == {SLOW.id, OF_NORTH.id}
        browser = signed_in(bo)
        assert browser.get(f"/findings/{OF_SOUTH.id}/").status_code == 404
        assert browser.get(f"/findings/{OF_NORTH.id}/").status_code == 200
        assert browser.get("/reports/").status_code == 403
        with pytest.raises(rules.FollowupError, match="no such"):
            actions.move(by=bo, finding=OF_SOUTH.id, to="accepted", says="", now=NOW)
        with pytest.raises(rules.FollowupError, match="no such"):
            actions.comment(by=bo, finding=OF_SOUTH.id, says="hm", now=NOW)
        actions.move(by=bo, finding=OF_NORTH.id, to="accepted", says="", now=NOW)

    def test_whoever_reads_alone_changes_nothing(self, joined: Joining) -> None:
        took([SLOW])
        bo = joined("bo", "frontline", team="North")
        with pytest.raises(people.ForbiddenError):
            actions.move(by=bo, finding=SLOW.id, to="accepted", says="", now=NOW)
        actions.comment(by=bo, finding=SLOW.id, says="It is the Saturday stock count.", now=NOW)

    def test_an_owner_must_be_able_to_work_on_it(self, joined: Joining) -> None:
        took([OF_SOUTH])
        ada, bo = joined("ada", "cx-lead"), joined("bo", "lead", team="North")
        with pytest.raises(rules.FollowupError, match="may not work on"):
            actions.own(by=ada, finding=OF_SOUTH.id, owner=bo.id, now=NOW)


class TestPages:
    def test_a_finding_goes_through_its_life(self, joined: Joining, signed_in: SignedIn) -> None:
        took([SLOW, OF_NORTH])
        ada = joined("ada", "cx-lead")
        browser = signed_in(ada)
        page = browser.get("/findings/").content.decode()
        assert "kept in 61 % of 200" in page
        assert "For a spreadsheet" not in page
        one = f"/findings/{SLOW.id}/"
        page = browser.get(one).content.decode()
        assert "54 % – 68 %" in page
        assert "Kaplan–Meier" in page
        browser.post(f"{one}move", {"to": "accepted"})
        browser.post(f"{one}owner", {"owner": ada.id})
        browser.post(f"{one}comment", {"text": "<b>Saturday</b>"})
        page = browser.get(one).content.decode()
        assert "&lt;b&gt;Saturday&lt;/b&gt;" in page
        assert "Now with Ada" in page
        assert "kept in 61 %" in browser.get("/findings/waiting").content.decode()
        assert "Nothing" not in browser.get("/findings/?mine=on").content.decode()

    def test_filters(self, joined: Joining, signed_in: SignedIn) -> None:
        took([SLOW, OF_NORTH])
        took([OF_NORTH], day=1)
        browser = signed_in(joined("ada", "cx-lead"))

        def shown(query: str) -> tuple[bool, bool]:
            page = browser.get(f"/findings/?{query}").content.decode()
            return f"/findings/{SLOW.id}/" in page, f"/findings/{OF_NORTH.id}/" in page

        assert shown("") == (False, True)
        assert shown("show=gone") == (True, False)
        assert shown("show=all&order=newest") == (True, True)
        assert shown("show=all&q=team+north") == (False, True)
        assert shown("state=refused") == (False, False)
        assert shown("show=all&family=promise&state=new") == (True, True)

    def test_the_download_cannot_run_in_a_spreadsheet(self, joined: Joining, signed_in: SignedIn) -> None:
        took([OF_NORTH])
        text = signed_in(joined("ada", "cx-lead")).get("/findings/?as=csv").content.decode()
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["sentence"] == "'=In the team North it breaks."
        assert (row["n"], row["low"]) == ("200", "0.54")

    def test_an_analysis_is_asked_for_once(self, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        first, second = browser.post("/findings/run"), browser.post("/findings/run")
        assert first["Location"] == second["Location"] == f"/chores/{chores.Chore.objects.get().pk}/"

    def test_the_number_of_queries_does_not_grow(self, joined: Joining, signed_in: SignedIn) -> None:
        from django.test.utils import CaptureQueriesContext

        took([replace(SLOW, about={"promise": str(n)}) for n in range(60)])
        browser = signed_in(joined("ada", "cx-lead"))
        for path, most in (("/findings/", 16), ("/findings/waiting", 16), ("/today/", 16)):
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(path).status_code == 200
            assert len(seen) <= most, (path, len(seen))


class TestApi:
    def test_findings_by_cursor_and_their_life(self, joined: Joining) -> None:
        from aboveboard.desk.people import actions as joining

        ada = joined("ada", "cx-lead")
        boss = joined("cy", "admin")
        del boss
        took([replace(SLOW, about={"promise": str(n)}, weight=n // 2) for n in range(7)])
        from aboveboard.desk.people import models as accounts

        accounts.Membership.objects.create(user_id=ada.id, role="admin", team=None)
        from aboveboard.desk.people import queries as accounts_queries

        ada = accounts_queries.person(user=accounts.User.objects.get(pk=ada.id))
        key = joining.make_key(by=ada, name="test", scopes=["read", "write"], expires_at=None, now=NOW)
        api = Client(headers={"host": "localhost", "Authorization": f"Bearer {key}"})
        seen, after = [], ""
        while True:
            page = api.get("/api/findings", {"limit": 3, "after": after}).json()
            seen += [one["id"] for one in page["items"]]
            if page["after"] is None:
                break
            after = page["after"]
        assert len(seen) == len(set(seen)) == 7
        one = f"/api/findings/{seen[0]}"
        answer = api.post(f"{one}/moves", {"to": "accepted"}, content_type="application/json")
        assert answer.json()["state"] == "accepted"
        refused = api.post(f"{one}/moves", {"to": "verified"}, content_type="application/json")
        assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
        assert (
            api.put(f"{one}/owner", {"owner": ada.id}, content_type="application/json").json()["owner"] == ada.employee
        )
        assert api.post(f"{one}/comments", {"says": "hm"}, content_type="application/json").status_code == 204
        assert [entry["what"] for entry in api.get(f"{one}/history").json()] == ["found", "moved", "owner", "comment"]
        assert api.get("/api/findings/none").status_code == 404
        run = api.post("/api/runs")
        assert (run.status_code, run.json()["state"]) == (202, "waiting")
        assert api.get(f"/api/chores/{run.json()['id']}").json()["name"] == "analyse"
        assert api.post(f"/api/chores/{run.json()['id']}/stop").json()["state"] == "stopped"
        assert api.get("/api/runs").json()[0]["found_count"] == 7


class TestUndo:
    """What was just done to a finding is taken back by the notice that tells of it."""

    def offered(self, page: str) -> str:
        return page.split('name="undo" value="')[1].split('"')[0] if 'name="undo"' in page else ""

    def test_a_move_and_an_owner(self, joined: Joining, signed_in: SignedIn) -> None:
        cora, other = joined("cora", "cx-lead"), joined("carl", "cx-lead")
        took([SLOW])
        browser, at = signed_in(cora), f"/findings/{SLOW.id}"
        page = browser.post(f"{at}/move", {"to": "accepted", "why": ""}, follow=True).content.decode()
        browser.post("/undo", {"undo": self.offered(page)})
        assert state(SLOW) == "new"
        page = browser.post(f"{at}/owner", {"owner": other.id}, follow=True).content.decode()
        browser.post("/undo", {"undo": self.offered(page)})
        assert models.Followup.objects.get(pk=SLOW.id).owner_id is None
        page = browser.post(f"{at}/move", {"to": "refused", "why": "known already"}, follow=True).content.decode()
        assert self.offered(page) == "", "back to new leads no way from refused"

    def test_somebody_was_quicker(self, joined: Joining, signed_in: SignedIn) -> None:
        cora = joined("cora", "cx-lead")
        took([SLOW])
        browser, at = signed_in(cora), f"/findings/{SLOW.id}"
        page = browser.post(f"{at}/move", {"to": "accepted", "why": ""}, follow=True).content.decode()
        actions.move(by=cora, finding=SLOW.id, to="in-work", says="", now=NOW)
        answer = browser.post("/undo", {"undo": self.offered(page)}, follow=True).content.decode()
        assert "moved it on meanwhile" in answer
        assert state(SLOW) == "in-work"

    @given(st.sampled_from(rules.STATES), st.sampled_from(rules.STATES))
    def test_a_way_back_is_an_ordinary_move(self, state: str, before: str) -> None:
        if rules.leads_back(state, before):
            rules.check_move(state=state, to=before, says="", still_found=True)
