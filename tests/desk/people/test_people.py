"""People come by invitation, hold roles as far as they were given, and leave without taking anything with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from tests.desk.conftest import NOW, PASSWORD, Joining

from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import actions, models, queries, rules

SignedIn = Callable[[rules.Person], Client]


def recorded() -> list[tuple[str, dict[str, object]]]:
    """Type and attributes of every event in the journal."""
    names = ["id", "type", "attributes"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM events ORDER BY sequence")
        return [(kind, json.loads(said)) for _, kind, said in cursor.fetchall()]


class TestJoining:
    def test_an_invitation_makes_an_account_once(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        token = actions.invite(by=admin, email="Bo@example.org", role="frontline", team=None, now=NOW)
        user = actions.join(token=token, name="Bo", password=PASSWORD, language="de", now=NOW)
        assert queries.person(user=user).held == (rules.Held("frontline", None),)
        with pytest.raises(rules.PeopleError, match="used already"):
            actions.join(token=token, name="Bo", password=PASSWORD, language="de", now=NOW)
        with pytest.raises(rules.PeopleError, match="has an account already"):
            actions.invite(by=admin, email="bo@EXAMPLE.org", role="lead", team=None, now=NOW)

    def test_names_and_addresses_stay_out_of_the_ledger(self, joined: Joining) -> None:
        joined("ada", "admin")
        kinds = [kind for kind, _ in recorded()]
        assert kinds == ["person.invited", "person.joined"]
        assert "ada" not in json.dumps(recorded()).lower()

    def test_it_runs_out_and_can_be_withdrawn_or_replaced(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        first = actions.invite(by=admin, email="bo@example.org", role="lead", team=None, now=NOW)
        second = actions.invite(by=admin, email="bo@example.org", role="lead", team=None, now=NOW)
        with pytest.raises(rules.PeopleError, match="not valid"):
            queries.invitation(token=first, now=NOW)
        with pytest.raises(rules.PeopleError, match="run out"):
            queries.invitation(token=second, now=NOW + timedelta(days=7))
        actions.withdraw(by=admin, invitation=queries.invitations().get().pk, now=NOW)
        with pytest.raises(rules.PeopleError, match="not valid"):
            actions.join(token=second, name="Bo", password=PASSWORD, language="en", now=NOW)

    @pytest.mark.parametrize(("name", "password", "says"), [("", PASSWORD, "called"), ("Bo", "short", "too short")])
    def test_a_fault_costs_nobody_the_invitation(self, joined: Joining, name: str, password: str, says: str) -> None:
        token = actions.invite(by=joined("ada", "admin"), email="bo@example.org", role="lead", team=None, now=NOW)
        with pytest.raises(rules.PeopleError, match=says):
            actions.join(token=token, name=name, password=password, language="en", now=NOW)
        assert actions.join(token=token, name="Bo", password=PASSWORD, language="en", now=NOW).pk


class TestRoles:
    def test_they_are_given_and_taken_with_the_act_on_record(self, joined: Joining) -> None:
        admin, bo = joined("ada", "admin"), joined("bo", "frontline", team="North")
        actions.give_role(by=admin, user=bo.id, role="lead", team="North", now=NOW)
        actions.give_role(by=admin, user=bo.id, role="lead", team="North", now=NOW)
        user = models.User.objects.get(pk=bo.id)
        assert set(queries.person(user=user).held) == {rules.Held("frontline", "North"), rules.Held("lead", "North")}
        actions.take_role(by=admin, user=bo.id, role="lead", team=None, now=NOW)
        actions.take_role(by=admin, user=bo.id, role="lead", team="North", now=NOW)
        assert queries.person(user=user).held == (rules.Held("frontline", "North"),)
        acts = [(kind, said["by"]) for kind, said in recorded() if kind.startswith("role.")]
        assert acts == [("role.given", admin.employee), ("role.taken", admin.employee)]

    def test_the_last_administrator_stays(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        with pytest.raises(rules.PeopleError, match="Nobody would be left"):
            actions.take_role(by=admin, user=admin.id, role="admin", team=None, now=NOW)
        with pytest.raises(rules.PeopleError, match="Nobody would be left"):
            actions.close_account(by=admin, user=admin.id, now=NOW)
        second = joined("eve", "admin")
        actions.close_account(by=second, user=admin.id, now=NOW)
        assert not models.User.objects.get(pk=admin.id).is_active

    def test_who_may_not_is_told_who_may(self, joined: Joining) -> None:
        with pytest.raises(rules.ForbiddenError, match="Who may: Administrator"):
            actions.invite(by=joined("bo", "lead"), email="x@example.org", role="admin", team=None, now=NOW)

    def test_the_nearest_who_may_come_first(self, joined: Joining) -> None:
        joined("ada", "cx-lead"), joined("zoe", "lead", team="North"), joined("bo", "lead", team="South")
        assert [user.name for user in queries.holding(act="exceptions.decide", team="North")] == ["Zoe", "Ada"]


class TestKeys:
    def test_a_key_does_no_more_than_its_scopes_and_its_maker(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        token = actions.make_key(by=admin, name="till", scopes=["events"], expires_at=None, now=NOW)
        found = queries.person_by_key(token=token, now=NOW)
        assert found is not None
        assert (found.person.employee, found.person.held) == (admin.employee, admin.held)
        assert [act for act in rules.ACTS if rules.may(found.person, act)] == ["events.write"]
        actions.revoke_key(by=admin, key=found.key, now=NOW)
        assert queries.person_by_key(token=token, now=NOW) is None

    def test_it_ends_with_its_time_and_with_its_maker(self, joined: Joining) -> None:
        admin, other = joined("ada", "admin"), joined("eve", "admin")
        week = NOW + timedelta(days=7)
        token = actions.make_key(by=other, name="till", scopes=["read"], expires_at=week, now=NOW)
        assert queries.person_by_key(token=token, now=week) is None
        assert queries.person_by_key(token=token, now=NOW) is not None
        actions.close_account(by=admin, user=other.id, now=NOW)
        assert queries.person_by_key(token=token, now=NOW) is None

    def test_the_api_says_who_a_key_is(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        token = actions.make_key(by=admin, name="till", scopes=["read"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost"})
        told = client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
        assert told.status_code == 200
        assert told.json() == {
            "employee": admin.employee, "roles": [{"role": "admin", "team": None}], "acts": ["playbook.read"],
        }  # fmt: skip
        refused = client.get("/api/me", headers={"Authorization": f"Bearer {token}x"})
        assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")


class TestComingBack:
    def test_a_new_password_ends_everything_of_before(self, joined: Joining, signed_in: SignedIn) -> None:
        admin, bo = joined("ada", "admin"), joined("bo", "admin")
        old = signed_in(bo)
        key = actions.make_key(by=bo, name="till", scopes=["read"], expires_at=None, now=NOW)
        token = actions.let_back_in(by=admin, user=bo.id, now=NOW)
        assert old.get("/me/").status_code == 200, "nothing changes before it is used"
        with pytest.raises(rules.PeopleError, match="too short"):
            actions.come_back(token=token, password="short", now=NOW)
        user = actions.come_back(token=token, password="another harbour heron", now=NOW)
        assert user.check_password("another harbour heron")
        assert old.get("/me/").status_code == 302
        assert queries.person_by_key(token=key, now=NOW) is None
        with pytest.raises(rules.PeopleError, match="not valid any more"):
            actions.come_back(token=token, password="another harbour heron", now=NOW)

    def test_the_link_lasts_a_day_and_a_newer_one_replaces_it(self, joined: Joining) -> None:
        admin, bo = joined("ada", "admin"), joined("bo", "lead")
        first = actions.let_back_in(by=admin, user=bo.id, now=NOW)
        second = actions.let_back_in(by=admin, user=bo.id, now=NOW)
        for token, when in ((first, NOW), (second, NOW + timedelta(days=1))):
            with pytest.raises(rules.PeopleError, match="not valid any more"):
                queries.way_back(token=token, now=when)
        assert queries.way_back(token=second, now=NOW).user_id == bo.id


class TestReadings:
    def test_they_cannot_be_changed_or_removed(self, joined: Joining) -> None:
        admin = joined("ada", "admin")
        actions.note_reading(by=admin, what="customer", which="c1", now=NOW)
        for change in ("UPDATE readings SET which = 'c2'", "DELETE FROM readings"):
            with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(change)
        assert [(one.what, one.which) for one in queries.readings()] == [("customer", "c1")]


class TestPages:
    def test_from_an_invitation_to_work(self, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "admin"))
        made = browser.post("/people/invite", {"email": "bo@example.org", "role": "lead", "team": ""})
        link = made.content.decode().split('id="link">')[1].split("<")[0]
        guest = Client(headers={"host": "localhost"})
        assert "invited as Team lead" in guest.get(link).content.decode()
        weak = guest.post(link, {"name": "Bo", "password": "aaaa"})
        assert (weak.status_code, "too short" in weak.content.decode()) == (422, True)
        assert guest.post(link, {"name": "Bo", "password": PASSWORD}).status_code == 302
        assert "Bo, bo@example.org" in guest.get("/me/").content.decode()
        assert guest.get(link).status_code == 410
        assert "Bo" in browser.get("/people/").content.decode()

    def test_signing_in_with_the_password(self, joined: Joining) -> None:
        joined("ada", "admin")
        guest = Client(headers={"host": "localhost"})
        wrong = guest.post("/account/login/", {"login": "ada@example.org", "password": "no"})
        assert "not correct" in wrong.content.decode()
        right = guest.post(
            "/account/login/?next=/me/", {"login": "Ada@example.org", "password": PASSWORD, "next": "/me/"}
        )
        assert (right.status_code, right["Location"]) == (302, "/me/")

    def test_the_last_administrator_is_told_why_they_stay(self, joined: Joining, signed_in: SignedIn) -> None:
        admin = joined("ada", "admin")
        browser = signed_in(admin)
        answer = browser.post(
            f"/people/{admin.id}/account", {"do": "close"}, follow=True, headers={"Referer": "http://localhost/people/"}
        )
        assert "Nobody would be left to manage people" in answer.content.decode()

    def test_a_closed_account_is_out_at_once(self, joined: Joining, signed_in: SignedIn) -> None:
        admin, bo = joined("ada", "admin"), joined("bo", "admin")
        browser = signed_in(bo)
        assert browser.get("/people/").status_code == 200
        actions.close_account(by=admin, user=bo.id, now=NOW)
        assert browser.get("/people/").status_code == 302

    def test_events_of_people_are_sealed_like_all(self, joined: Joining) -> None:
        joined("ada", "admin")
        assert journal.unsealed() == 2
