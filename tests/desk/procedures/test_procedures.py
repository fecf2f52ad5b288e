"""A visit goes by its steps; a customer's no is final, and what is on record is what the analyses read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.procedures import actions, models, queries, rules

PLAYBOOK = """
organisation: Wayside
timezone: Europe/London
procedures:
  breakdown-visit:
    starts: type = 'visit.started'
    steps:
      greet: {kind: must, why: The member knows who has come.}
      offer-water: {kind: offer, why: Who has waited may be thirsty.}
      ring-back: {kind: default, when: channel = 'phone'}
  delivery:
    starts: type = 'order.delivered' and channel = 'van'
    steps:
      carry-in: {kind: offer}
"""
DONE, DECLINE, OFFER = rules.Doing(rules.DONE), rules.Doing(rules.DECLINE), rules.Doing(rules.OFFER)
DOINGS = st.builds(rules.Doing, st.sampled_from(sorted(rules.EVENTS)), st.sampled_from(["", "no water left"]))


@given(st.sampled_from(["must", "default", "offer"]), st.lists(DOINGS, max_size=12))
def test_whatever_is_pressed_no_offer_follows_a_no(kind: str, pressed: list[rules.Doing]) -> None:
    state, taken = rules.OPEN, []
    for doing in pressed:
        try:
            state = rules.after(kind, state, doing)
        except rules.StepError:
            assert doing.act not in rules.acts(kind, state) or not doing.reason
        else:
            assert doing.act not in rules.REASONED or doing.reason
            taken.append(doing.act)
    if rules.DECLINE in taken:
        assert kind != "must", "what is always done is not the customer's to decline"
        assert set(taken[taken.index(rules.DECLINE) + 1 :]) <= {rules.DONE, rules.ADAPT, rules.SKIP, rules.DECLINE}
        assert rules.OFFER not in taken[taken.index(rules.DECLINE) :]


@pytest.fixture
def fred(joined: Joining) -> people.Person:
    playbook.publish(by=None, text=PLAYBOOK, why="as agreed", effective_from=NOW, now=NOW)
    return joined("fred", "frontline", team="North")


def begin(by: people.Person, **more: object) -> models.Visit:
    given_ = {"procedure": "breakdown-visit", "matter": people.Matter("", "member-9", "North")} | more
    return actions.begin(by=by, now=NOW, **given_)  # type: ignore[arg-type] # what a test gives


def recorded(subject: str) -> list[tuple[str, str | None, str | None]]:
    return [(one.event.type, one.event.rule, one.event.outcome) for one in journal.happened(subject=subject)]


class TestVisits:
    def test_what_is_done_is_on_record_in_the_words_of_the_analyses(self, fred: people.Person) -> None:
        visit = begin(fred)
        for minutes, (step, doing) in enumerate(
            [("greet", DONE), ("offer-water", OFFER), ("offer-water", DECLINE), ("offer-water", DONE)], start=1
        ):
            actions.answer(by=fred, visit=visit.pk, step=step, doing=doing, now=NOW + timedelta(minutes=minutes))
        actions.end(by=fred, visit=visit.pk, now=NOW + timedelta(minutes=9))
        water = "step:breakdown-visit/offer-water"
        assert recorded(visit.subject) == [
            ("visit.started", None, None), ("step.done", "step:breakdown-visit/greet", "done"), ("step.offered", water, "offered"),
            ("step.declined", water, "declined"), ("step.done", water, "done"), ("visit.ended", None, None),
        ]  # fmt: skip
        last = journal.happened(subject=visit.subject)[-2].event
        assert (last.attributes, last.employee, last.team) == ({"asked_by": "customer"}, fred.employee, "North")

    def test_a_declined_offer_cannot_be_offered_again(self, fred: people.Person) -> None:
        visit = begin(fred)
        actions.answer(by=fred, visit=visit.pk, step="offer-water", doing=DECLINE, now=NOW)
        with pytest.raises(rules.StepError, match="has said no"):
            actions.answer(by=fred, visit=visit.pk, step="offer-water", doing=OFFER, now=NOW)

    def test_a_step_pressed_twice_is_one_event(self, fred: people.Person) -> None:
        visit = begin(fred)
        for _ in range(2):
            actions.answer(by=fred, visit=visit.pk, step="greet", doing=DONE, now=NOW)
        assert len(recorded(visit.subject)) == 2

    def test_a_step_with_a_condition_is_there_where_it_holds(self, fred: people.Person) -> None:
        by_phone = begin(fred, matter=people.Matter("", "member-9", "North", "phone"))
        names = [[one.name for one in visit.steps.all()] for visit in (begin(fred), by_phone)]
        assert names == [["greet", "offer-water"], ["greet", "offer-water", "ring-back"]]

    def test_it_begins_as_the_playbook_says_or_not_at_all(self, fred: people.Person) -> None:
        van = people.Matter("order:7", "ann", "North", "van")
        assert recorded(begin(fred, procedure="delivery", matter=van).subject) == [("order.delivered", None, None)]
        with pytest.raises(rules.StepError, match="channel = 'van'"):
            begin(fred, procedure="delivery")
        assert models.Visit.objects.count() == 1

    def test_it_is_over_when_it_has_ended(self, fred: people.Person) -> None:
        visit = begin(fred)
        actions.end(by=fred, visit=visit.pk, now=NOW)
        with pytest.raises(rules.StepError, match="has ended"):
            actions.answer(by=fred, visit=visit.pk, step="greet", doing=DONE, now=NOW)

    def test_another_team_s_visit_is_not_there(self, fred: people.Person, joined: Joining) -> None:
        visit, other = begin(fred), joined("sue", "frontline", team="South")
        with pytest.raises(rules.StepError, match="no such visit"):
            actions.answer(by=other, visit=visit.pk, step="greet", doing=DONE, now=NOW)
        with pytest.raises(people.ForbiddenError):
            begin(other)
        assert not queries.visits(reach=people.reach(other, "procedures.work"))


class TestPages:
    def test_from_begin_to_end(self, fred: people.Person, signed_in: Callable[[people.Person], Client]) -> None:
        browser = signed_in(fred)
        given_ = {"procedure": "breakdown-visit", "customer": "member-9", "team": "North"}
        page = browser.post("/visits/", given_, follow=True)
        path = page.redirect_chain[-1][0]
        assert "Who has waited may be thirsty." in page.content.decode()
        part = browser.post(f"{path}answer", {"step": "offer-water", "act": "decline"}, headers={"HX-Request": "true"})
        assert "the customer said no" in part.content.decode()
        assert 'value="offer"' not in part.content.decode()
        refused = browser.post(f"{path}answer", {"step": "offer-water", "act": "offer"}, headers={"HX-Request": "true"})
        assert (refused.status_code, "has said no" in refused.content.decode()) == (422, True)
        assert "Ended" not in browser.get(path).content.decode()
        browser.post(f"{path}end")
        assert "Ended" in browser.get(path).content.decode()

    def test_within_a_matter(self, fred: people.Person, signed_in: Callable[[people.Person], Client]) -> None:
        from aboveboard.desk.people import pages

        browser, matter = signed_in(fred), people.Matter("case:1", "ann", "North")
        browser.post("/visits/matter", {"matter": pages.sealed(matter, fred), "procedure": "breakdown-visit"})
        assert recorded("case:1") == [("visit.started", None, None)]
        elsewhere = pages.sealed(people.Matter("case:2", None, "South"), fred)
        another = pages.sealed(matter, dataclasses.replace(fred, id=fred.id + 1))
        for given_, status in ((elsewhere, 403), (another, 422), ("made up", 422)):
            assert browser.get("/visits/matter", {"matter": given_}).status_code == status

    def test_the_api_does_the_same(self, fred: people.Person, joined: Joining) -> None:
        cora = joined("cora", "cx-lead")
        admin = people.Person(cora.id, cora.name, cora.employee, (people.Held("admin", None),))
        key = people_actions.make_key(by=admin, name="van", scopes=["write"], expires_at=None, now=NOW)
        client = Client(headers={"host": "localhost", "Authorization": f"Bearer {key}"})
        made = client.post("/api/visits", {"procedure": "breakdown-visit"}, content_type="application/json")
        assert made.status_code == 201
        path = f"/api/visits/{made.json()['number']}/answers"
        for act, status in (("decline", 200), ("offer", 422)):
            said = client.post(path, {"step": "offer-water", "act": act}, content_type="application/json")
            assert said.status_code == status, said.content
        assert said["Content-Type"] == "application/problem+json"
