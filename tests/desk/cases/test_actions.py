"""A change of a case and its events are there together, on both sides of the curtain alike, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from tests.desk.cases.cases import PLAYBOOK, brought_to, opened
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import actions, models, queries, rules, tasks
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as journal_queries
from aboveboard.desk.messages import actions as messages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbooks
from aboveboard.ledger.event import Event


@pytest.fixture
def ada(joined: Joining) -> people.Person:
    return joined("ada", "lead", team="North")


def types(case: models.Case) -> list[str]:
    return [one.event.type for one in journal_queries.happened(subject=case.subject)]


def test_from_receipt_to_the_end_every_state_shows_the_same_face_on_both_sides(ada: people.Person) -> None:
    case = opened(ada)
    brought_to(ada, case, "closed")
    found = models.Case.objects.get()
    assert (found.state, found.cause, found.version, found.assigned_to_id) == ("closed", "promise", 7, ada.id)
    events = [one.event for one in journal_queries.happened(subject=case.subject)]
    faces = {
        face: [one.outcome for one in events if one.type == "status.changed" and one.audience == face]
        for face in ("customer", "internal")
    }
    assert (
        faces["customer"]
        == faces["internal"]
        == [words for name, words in rules.STATES.items() if name not in ("appealed", "reopened")]
    )
    closed = next(one for one in events if one.type == "case.closed")
    assert (closed.attributes["cause"], closed.employee, closed.team, closed.customer) == (
        "promise",
        ada.employee,
        "North",
        "c-1",
    )


def test_where_the_journal_refuses_nothing_changes(ada: people.Person) -> None:
    case = opened(ada)
    with patch.object(journal, "record", side_effect=RuntimeError("full")), pytest.raises(RuntimeError):
        actions.take_step(by=ada, case=case.number, step="acknowledge", version=None, now=NOW)
    found = models.Case.objects.get()
    assert (found.state, found.version) == ("received", 1)
    with patch.object(journal, "record", side_effect=RuntimeError("full")), pytest.raises(RuntimeError):
        opened(ada)
    assert models.Case.objects.count() == 1


def test_who_saw_an_older_version_changes_nothing(ada: people.Person) -> None:
    case = opened(ada)
    actions.take_step(by=ada, case=case.number, step="acknowledge", version=1, now=NOW)
    with pytest.raises(rules.ChangedMeanwhileError, match="Somebody changed"):
        actions.take_step(by=ada, case=case.number, step="work", version=1, now=NOW)
    assert models.Case.objects.get().state == "acknowledged"


def test_a_case_of_another_team_is_none(ada: people.Person, joined: Joining) -> None:
    case = opened(ada)
    other = joined("bo", "lead", team="South")
    with pytest.raises(rules.CaseError, match="no such case"):
        actions.take_step(by=other, case=case.number, step="acknowledge", version=None, now=NOW)
    with pytest.raises(people.ForbiddenError):
        opened(other)
    assert queries.case(person=other, number=case.number) is None


def test_an_appeal_goes_to_another_mind_and_back_to_work(ada: people.Person, joined: Joining) -> None:
    case = opened(ada)
    brought_to(ada, case, "closed")
    eve = joined("eve", "lead", team="North")
    same: dict[str, Any] = {"case": case.number, "version": None, "now": NOW}
    actions.appeal(by=ada, **same, words="That was not so.")
    found = models.Case.objects.get()
    assert (found.state, found.cause, found.closed_at, found.assigned_to) == ("appealed", "", None, None)
    actions.take_step(by=ada, **same, step="work")
    decision = {"decision": "Money back.", "reason": "We looked again.", "recourse": "The ombudsman."}
    with pytest.raises(rules.CaseError, match="by somebody else"):
        actions.decide(by=ada, **same, **decision)
    assert actions.decide(by=eve, **same, **decision).decided_by_id == eve.id
    appeal = next(
        one.event for one in journal_queries.happened(subject=case.subject) if one.event.type == "case.appealed"
    )
    assert (appeal.attributes["appeal"], appeal.audience) == (True, "customer")


def test_a_decision_needs_its_reason_and_where_to_turn(ada: people.Person) -> None:
    case = opened(ada)
    brought_to(ada, case, "working")
    same: dict[str, Any] = {"by": ada, "case": case.number, "version": None, "now": NOW, "decision": "No."}
    with pytest.raises(rules.CaseError, match="needs its reason"):
        actions.decide(**same, reason=" ", recourse="The ombudsman.")
    with pytest.raises(rules.CaseError, match="can turn"):
        actions.decide(**same, reason="It was ready.", recourse="")


def test_handing_over_counts_as_received_when_somebody_takes_it(ada: people.Person, joined: Joining) -> None:
    bo = joined("bo", "frontline", team="South")
    case = opened(ada)
    actions.hand_over(by=ada, case=case.number, team="South", why="They wait at your door.", version=None, now=NOW)
    found = models.Case.objects.get()
    assert (found.team, found.assigned_to) == ("South", None)
    with pytest.raises(rules.CaseError, match="no such case"):
        actions.assign(by=ada, case=case.number, to=ada.id, version=None, now=NOW)
    actions.assign(by=bo, case=case.number, to=bo.id, version=None, now=NOW + timedelta(hours=1))
    assert [one for one in types(case) if one.startswith("handoff")] == ["handoff.sent", "handoff.received"]
    with pytest.raises(rules.CaseError, match="may not work"):
        actions.assign(by=bo, case=case.number, to=ada.id, version=None, now=NOW)


def test_the_clock_that_is_due_first_stands_in_the_case(ada: people.Person, joined: Joining) -> None:
    owner = joined("olga", "policy-owner")
    playbooks.publish(by=owner, text=PLAYBOOK, why="First.", effective_from=NOW, now=NOW)
    case = opened(ada)
    assert (case.due, case.risk_at) == (NOW + timedelta(hours=24), NOW + timedelta(hours=18))
    brought_to(ada, case, "told")
    assert models.Case.objects.get().due is None
    order = Event(id="o-1", type="complaint.received", time=NOW - timedelta(days=2), subject="order:1", source="till")
    journal.record(events=[order], now=NOW)
    assert opened(ada, about="order:1", kind="request", words="").due == NOW - timedelta(days=1)


def test_what_happens_elsewhere_moves_the_clock_too(ada: people.Person, joined: Joining) -> None:
    owner = joined("olga", "policy-owner")
    playbooks.publish(by=owner, text=PLAYBOOK, why="First.", effective_from=NOW, now=NOW)
    case = opened(ada, about="order:1")
    other = opened(ada)
    sent = Event(
        id="m-1", type="message.sent", time=NOW, subject=case.subject, source="mail", text="Here.", audience="customer"
    )
    begun = Event(id="o-1", type="complaint.received", time=NOW - timedelta(hours=2), subject="order:1", source="till")
    journal.record(events=[sent, begun], now=NOW)
    assert tasks.follow(now=NOW) == 0
    journal.seal(now=NOW)
    assert tasks.follow(now=NOW) > 0
    found = {one.pk: (one.due, one.version) for one in models.Case.objects.all()}
    assert found == {case.pk: (NOW + timedelta(hours=22), 1), other.pk: (NOW + timedelta(hours=24), 1)}
    assert tasks.follow(now=NOW) == 0


def test_a_customer_is_told_by_a_message_and_not_by_saying_so(ada: people.Person) -> None:
    case = opened(ada)
    brought_to(ada, case, "decided")
    same: dict[str, Any] = {"by": ada, "case": case.number, "version": None, "now": NOW}
    with pytest.raises(rules.CaseError, match="Write to the customer first"):
        actions.tell(**same)
    messages.send(by=ada, matter=actions.matter(case), text="You are right.", channel="email", token="t", now=NOW)
    assert actions.tell(**same).state == "told"


def test_a_remedy_is_given_within_ones_authority(ada: people.Person, joined: Joining) -> None:
    playbooks.publish(by=joined("olga", "policy-owner"), text=PLAYBOOK, why="First.", effective_from=NOW, now=NOW)
    case = opened(ada)
    same: dict[str, Any] = {
        "by": ada,
        "case": case.number,
        "kind": "money",
        "policy": "goodwill",
        "note": "",
        "now": NOW,
    }
    with pytest.raises(rules.CaseError, match="up to 100 here"):
        actions.give_remedy(**same, cost=101)
    actions.give_remedy(**same, cost=90)
    with pytest.raises(rules.CaseError, match="90 of it is given"):
        actions.give_remedy(**same, cost=20)
    given = journal_queries.happened(subject=case.subject, types=["remedy.given"])
    assert [(one.event.outcome, one.event.value, one.event.rule) for one in given] == [("money", 90, "policy:goodwill")]


def test_the_same_key_makes_a_case_once(ada: people.Person) -> None:
    first = opened(ada, asked_as="k", asked_with="a")
    assert opened(ada, asked_as="k", asked_with="a").number == first.number
    with pytest.raises(rules.CaseError, match="another request"):
        opened(ada, asked_as="k", asked_with="b")
    assert models.Case.objects.count() == 1


class TestPersons:
    @pytest.fixture
    def case(self, ada: people.Person, joined: Joining) -> models.Case:
        self.bo = joined("bo", "frontline", team="North")
        return opened(self.bo)

    def acted(self, ada: people.Person, case: models.Case, **more: Any) -> None:
        usual: dict[str, Any] = {
            "kind": "coach",
            "account": "The system was down.",
            "why": "So that it helps.",
            "override": "",
        }
        actions.act_on_person(by=ada, case=case.number, employee=self.bo.employee, now=NOW, **{**usual, **more})

    def test_shut_until_the_system_is_answered_for_and_the_test_shown(
        self, ada: people.Person, case: models.Case
    ) -> None:
        with pytest.raises(rules.GateError, match="Could the promise be kept"):
            self.acted(ada, case)
        for question in rules.QUESTIONS:
            actions.answer_question(
                by=ada, case=case.number, question=question, answer="yes", evidence="Looked.", now=NOW
            )
        with pytest.raises(rules.GateError, match="when others stood there"):
            self.acted(ada, case)
        shown = actions.show_test(by=ada, case=case.number, employee=self.bo.employee, now=NOW)
        assert shown.verdict == "cannot tell"
        self.acted(ada, case)
        assert types(case)[-2:] == ["substitution.shown", "person.supported"]

    def test_passing_it_is_on_record_with_its_reason(self, ada: people.Person, case: models.Case) -> None:
        with pytest.raises(rules.CaseError, match="Ask them first"):
            self.acted(ada, case, account="", override="Urgent.")
        self.acted(ada, case, kind="warn", override="They asked for it in writing.")
        last = journal_queries.happened(subject=case.subject)[-1].event
        assert (last.type, last.attributes["override"], last.attributes["about"]) == (
            "note.written", "They asked for it in writing.", self.bo.employee,
        )  # fmt: skip

    def test_nobody_outside_the_case(self, ada: people.Person, case: models.Case) -> None:
        with pytest.raises(rules.CaseError, match="Nothing on record"):
            actions.act_on_person(
                by=ada, case=case.number, employee="e-x", kind="talk", account="a", why="b", override="c", now=NOW
            )
