"""The customer's page says what is true at each step, to whoever has the link and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from tests.desk.cases.cases import PLAYBOOK, brought_to, opened
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import models as case_models
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.customer_page import actions, queries, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.messages import actions as messages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook

SignedIn = Callable[[people.Person], Client]


@pytest.fixture
def lea(joined: Joining) -> people.Person:
    playbook.publish(by=None, text=PLAYBOOK, why="as agreed", effective_from=NOW, now=NOW)
    return joined("lea", "lead", team="North")


def seen(case: case_models.Case, hours: float = 0) -> queries.Seen:
    return queries.seen(case=case_models.Case.objects.get(pk=case.pk), now=NOW + timedelta(hours=hours))


class TestWhatIsSeen:
    @pytest.mark.parametrize(
        "state", [one for one in case_rules.STATES if one not in ("received", "appealed", "reopened")]
    )
    def test_the_same_state_as_inside(self, lea: people.Person, state: str) -> None:
        case = opened(lea)
        brought_to(lea, case, state)
        assert seen(case).state == case_models.Case.objects.get(pk=case.pk).state_words

    def test_a_promise_is_to_come_then_broken_then_late(self, lea: people.Person) -> None:
        case = opened(lea)
        became = [seen(case, hours).promises[0][1] for hours in (1, 23, 25)]
        assert became == ["still to come", "still to come", "not kept in time"]
        late = NOW + timedelta(hours=30)
        brought_to(lea, case, "decided")
        cases.tell(by=lea, case=case.pk, words="You are right.", channel=None, version=None, now=late)
        assert seen(case, 31).promises[0][1] == "kept, but late"

    def test_notes_and_names_stay_inside(self, lea: people.Person) -> None:
        case = opened(lea)
        messages.note(by=lea, matter=cases.matter(case), text="Ask the carrier again.", token="t", now=NOW)
        cases.assign(by=lea, case=case.pk, to=lea.id, version=None, now=NOW)
        told = [line.words for line in seen(case).lines]
        assert "You said three hours." in told
        assert not {"Ask the carrier again.", "Lea", lea.employee} & {
            word for line in told for word in (line, *line.split())
        }

    def test_a_decision_is_shown_with_its_reason_until_it_is_looked_at_again(self, lea: people.Person) -> None:
        case = opened(lea)
        brought_to(lea, case, "working")
        assert (seen(case).decision, seen(case).appeals) == ("", False)
        cases.decide(
            by=lea, case=case.pk, decision="No.", reason="The law.", recourse="The court.", version=None, now=NOW
        )
        assert (seen(case).decision, seen(case).reason, seen(case).recourse) == ("No.", "The law.", "The court.")
        cases.tell(by=lea, case=case.pk, words="No, by law.", channel=None, version=None, now=NOW)
        cases.appeal(by=None, case=case.pk, words="That law is another.", version=None, now=NOW)
        assert (seen(case).decision, seen(case).state) == ("", "appealed")


class TestLinks:
    def test_a_link_opens_one_case_until_it_is_over(self, lea: people.Person) -> None:
        case = opened(lea)
        token = actions.make(by=lea, case=case.pk, now=NOW)
        assert queries.link(token=token, now=NOW).case_id == case.pk
        with pytest.raises(rules.LinkError):
            queries.link(token=token, now=NOW + rules.LASTS)
        actions.revoke(by=lea, case=case.pk, link=queries.links(case=case)[0].pk, now=NOW)
        with pytest.raises(rules.LinkError):
            queries.link(token=token, now=NOW)

    def test_nobody_can_make_one_up(self, lea: people.Person) -> None:
        case = opened(lea)
        actions.make(by=lea, case=case.pk, now=NOW)
        number = queries.links(case=case)[0].pk
        for made_up in (
            "",
            "x",
            signing.dumps([number, "guess"], salt=queries.SALT),
            signing.dumps([number], salt=queries.SALT),
        ):
            with pytest.raises(rules.LinkError):
                queries.link(token=made_up, now=NOW)

    def test_who_may_not_work_on_the_case_makes_none(self, lea: people.Person, joined: Joining) -> None:
        case = opened(lea)
        with pytest.raises(rules.LinkError):
            actions.make(by=joined("sue", "lead", team="South"), case=case.pk, now=NOW)
        with pytest.raises(people.ForbiddenError):
            actions.make(by=joined("aud", "auditor"), case=case.pk, now=NOW)


class TestPages:
    def test_a_stranger_with_the_link_reads_writes_and_objects(self, lea: people.Person, signed_in: SignedIn) -> None:
        case = opened(lea)
        browser, guest = signed_in(lea), Client(headers={"host": "localhost"})
        made = browser.post(f"/cases/{case.pk}/customer/").content.decode()
        link = made.split('id="link">')[1].split("<")[0].removeprefix("http://localhost")
        page = guest.get(link)
        assert (page.status_code, page["Referrer-Policy"], page["X-Robots-Tag"]) == (
            200,
            "same-origin",
            "noindex, nofollow",
        )
        assert "is: received" in page.content.decode()
        assert "Which cases" not in page.content.decode(), "and nothing of the desk"
        sent = guest.post(f"{link}write", {"words": "Is anybody there?"}, follow=True).content.decode()
        assert "We have your message." in sent and "Is anybody there?" in sent
        early = guest.post(f"{link}appeal", {"words": "No."}, follow=True).content.decode()
        assert "no decision to object to" in early
        brought_to(lea, case, "told")
        assert "is: answered" in guest.get(link).content.decode()
        again = guest.post(f"{link}appeal", {"words": "It was my birthday."}, follow=True).content.decode()
        assert "Somebody else than before will look at it." in again and "is: appealed" in again
        last = [one.event for one in journal.happened(subject=case.subject) if one.event.type == "case.appealed"][-1]
        assert (last.employee, last.text) == (None, "It was my birthday.")
        assert queries.links(case=case)[0].opened_count >= 5

    def test_a_wrong_link_says_what_to_do(self, database: str) -> None:
        answer = Client(headers={"host": "localhost"}).get("/c/wrong/")
        assert (answer.status_code, "Ask for a new one" in answer.content.decode()) == (404, True)
