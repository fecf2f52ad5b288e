"""Exceptions, flagged rules and proposals, from end to end: who may, what is on record, and that nothing happens twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.desk.conftest import NOW, Joining
from tests.desk.policies.rulebook import MATTER, TEXT, published

from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.rules import Matter
from aboveboard.desk.playbook import actions as playbook_actions
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.policies import actions, models, queries, rules
from aboveboard.findings.model import Evidence, Finding
from aboveboard.ledger.event import Event

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def rep(joined: Joining) -> people.Person:
    """Somebody in the North, whose role has the level `rep` by the desk's setting; and the playbook."""
    published()
    models.Level.objects.create(role="frontline", name="rep")
    return joined("bo", "frontline", team="North")


def ask(by: people.Person, amount: str, matter: Matter = MATTER, policy: str = "refund") -> models.ExceptionRequest:
    return actions.ask(by=by, matter=matter, policy=policy, amount=Decimal(amount), reason="it rained", now=NOW)


def on_record(subject: str | None = None, types: tuple[str, ...] = ()) -> list[Event]:
    return [one.event for one in journal.happened(subject=subject, types=types)]


class TestAsking:
    def test_within_ones_authority_it_is_granted_at_once(self, rep: people.Person) -> None:
        made = ask(rep, "20")
        assert (made.state, made.used, made.decided_by_id) == (rules.GRANTED, "rep", rep.id)
        asked, granted = on_record("order:7")
        assert (asked.type, granted.type) == ("exception.requested", "exception.granted")
        assert (granted.rule, granted.customer, granted.team, granted.value) == ("policy:refund", "c-1", "North", 20.0)
        assert granted.attributes["level"] == "rep"
        assert granted.employee == rep.employee

    def test_above_it_goes_to_the_nearest_who_may(self, rep: people.Person, joined: Joining) -> None:
        joined("ada", "cx-lead"), joined("zed", "lead", team="South")
        lead = joined("zoe", "lead", team="North")
        made = ask(rep, "20.01")
        assert (made.state, made.needed, made.level, made.sent_to_id) == (rules.WAITING, "lead", "rep", lead.id)
        assert [one.type for one in on_record("order:7")] == ["exception.requested"]
        assert [(one.request.pk, one.mine) for one in queries.waits_for(person=lead, now=NOW)] == [(made.pk, True)]

    def test_above_every_level_it_goes_to_the_owner(self, rep: people.Person, joined: Joining) -> None:
        lead, owner = joined("zoe", "lead", team="North"), joined("fay", "policy-owner", team="finance")
        other = joined("kim", "policy-owner", team="kitchen")
        made = ask(rep, "5000")
        assert (made.needed, made.sent_to_id) == (rules.OWNER, owner.id)
        for somebody in (lead, other):
            assert queries.waits_for(person=somebody, now=NOW) == []
            with pytest.raises((people.ForbiddenError, rules.PoliciesError)):
                actions.decide(by=somebody, request=made.pk, grant=True, answer="", now=LATER)
        assert actions.decide(by=owner, request=made.pk, grant=True, answer="", now=LATER).used == rules.OWNER

    def test_where_nobody_may_it_waits_for_nobody(self, rep: people.Person) -> None:
        assert ask(rep, "5000").sent_to_id is None

    def test_a_limit_is_not_cut_into_slices(self, rep: people.Person) -> None:
        assert ask(rep, "15").state == rules.GRANTED
        assert ask(rep, "15").state == rules.WAITING
        assert ask(rep, "15", Matter("order:8", team="North")).state == rules.GRANTED

    def test_nought_is_no_authority(self, rep: people.Person) -> None:
        assert ask(rep, "0", policy="nuts").state == rules.WAITING

    def test_the_same_asking_is_one(self, rep: people.Person) -> None:
        key = uuid4()
        twice = [
            actions.ask(by=rep, matter=MATTER, policy="refund", amount=Decimal(5), reason="x", now=NOW, key=key).pk
            for _ in range(2)
        ]
        assert twice[0] == twice[1]
        assert len(on_record("order:7")) == 2

    def test_the_same_does_not_wait_twice(self, rep: people.Person) -> None:
        ask(rep, "500")
        with pytest.raises(rules.PoliciesError, match="waits for an answer"):
            ask(rep, "400")

    @pytest.mark.parametrize(
        ("fault", "says"),
        [({"amount": Decimal(-1)}, "costs"), ({"amount": Decimal("NaN")}, "costs"), ({"reason": " "}, "why"),
         ({"policy": "x"}, "no policy"), ({"matter": Matter(" ", team="North")}, "about")],
    )  # fmt: skip
    def test_what_is_lacking_is_said(self, rep: people.Person, fault: dict[str, object], says: str) -> None:
        given = {"matter": MATTER, "policy": "refund", "amount": Decimal(5), "reason": "x"} | fault
        with pytest.raises(rules.PoliciesError, match=says):
            actions.ask(by=rep, now=NOW, **given)  # type: ignore[arg-type]
        assert not models.ExceptionRequest.objects.exists()

    def test_not_for_another_team(self, rep: people.Person) -> None:
        with pytest.raises(people.ForbiddenError):
            ask(rep, "5", Matter("order:8", team="South"))


class TestDeciding:
    def test_whoever_asked_is_told(self, rep: people.Person, joined: Joining) -> None:
        lead = joined("zoe", "lead", team="North")
        made = ask(rep, "50")
        actions.decide(by=lead, request=made.pk, grant=True, answer="", now=LATER)
        assert [one.exception_id for one in queries.told(person=rep)] == [made.pk]
        actions.see(by=lead, told=None, now=LATER)
        assert queries.told(person=rep).count() == 1, "somebody else saw theirs"
        actions.see(by=rep, told=None, now=LATER)
        assert queries.told(person=rep).count() == 0
        granted = on_record("order:7")[-1]
        assert (granted.type, granted.employee, granted.attributes["level"]) == (
            "exception.granted",
            lead.employee,
            "lead",
        )

    def test_once(self, rep: people.Person, joined: Joining) -> None:
        lead, other = joined("zoe", "lead", team="North"), joined("ada", "cx-lead")
        made = ask(rep, "50")
        actions.decide(by=lead, request=made.pk, grant=True, answer="", now=LATER)
        with pytest.raises(rules.PoliciesError, match="decided already: granted"):
            actions.decide(by=other, request=made.pk, grant=False, evidence="law", answer="no", now=LATER)
        with pytest.raises(rules.PoliciesError, match="decided already: granted"):
            actions.withdraw(by=rep, request=made.pk, now=LATER)
        assert [one.type for one in on_record("order:7")] == ["exception.requested", "exception.granted"]
        assert models.Told.objects.count() == 1

    def test_a_refusal_needs_its_evidence(self, rep: people.Person, joined: Joining) -> None:
        lead = joined("zoe", "lead", team="North")
        made = ask(rep, "50")
        for evidence, answer in (("", "no"), ("policy", "no"), ("law", " "), ("abuse", "no")):
            with pytest.raises(rules.PoliciesError):
                actions.decide(by=lead, request=made.pk, grant=False, evidence=evidence, answer=answer, now=LATER)
        actions.know_abuse(findings=[actions.AbuseFound("c-1", "a" * 12, "9 of 10", NOW, LATER)])
        with pytest.raises(rules.PoliciesError, match="in force"):
            actions.decide(by=lead, request=made.pk, grant=False, evidence="abuse", answer="no", now=LATER)
        actions.decide(by=lead, request=made.pk, grant=False, evidence="abuse", answer="9 of 10", now=NOW)
        denied = on_record("order:7")[-1]
        assert (denied.type, denied.attributes["evidence"], denied.attributes["reason"]) == (
            "exception.denied", "abuse", "9 of 10",
        )  # fmt: skip

    def test_nobody_decides_what_they_asked_for(self, joined: Joining, rep: people.Person) -> None:
        lead = joined("zoe", "lead", team="North")
        made = ask(lead, "500")
        with pytest.raises(people.ForbiddenError, match="yourself"):
            actions.decide(by=lead, request=made.pk, grant=True, answer="", now=LATER)
        assert queries.waits_for(person=lead, now=NOW) == []

    def test_beyond_ones_authority_or_reach(self, rep: people.Person, joined: Joining) -> None:
        lead, south = joined("zoe", "lead", team="North"), joined("zed", "lead", team="South")
        made = ask(rep, "500")
        with pytest.raises(people.ForbiddenError, match="level manager"):
            actions.decide(by=lead, request=made.pk, grant=True, answer="", now=LATER)
        with pytest.raises(rules.PoliciesError, match="no such request"):
            actions.decide(by=south, request=made.pk, grant=True, answer="", now=LATER)
        with pytest.raises(people.ForbiddenError):
            actions.decide(
                by=joined("eve", "frontline", team="North"), request=made.pk, grant=True, answer="", now=LATER
            )

    def test_withdrawn_it_leaves_the_list(self, rep: people.Person, joined: Joining) -> None:
        lead = joined("zoe", "lead", team="North")
        made = ask(rep, "50")
        actions.withdraw(by=rep, request=made.pk, now=LATER)
        assert queries.waits_for(person=lead, now=LATER) == []
        with pytest.raises(rules.PoliciesError, match="withdrawn"):
            actions.decide(by=lead, request=made.pk, grant=True, answer="", now=LATER)

    def test_the_table_holds_no_half_decision(self, rep: people.Person) -> None:
        made = ask(rep, "50")
        for half in ({"state": rules.GRANTED}, {"state": rules.DENIED, "ended_at": NOW, "decided_by_id": rep.id}):
            with pytest.raises(IntegrityError), transaction.atomic():
                models.ExceptionRequest.objects.filter(pk=made.pk).update(**half)


class TestSight:
    def test_each_sees_their_own_their_teams_and_their_rules(self, rep: people.Person, joined: Joining) -> None:
        south = joined("sue", "frontline", team="South")
        ask(rep, "5"), ask(south, "5", Matter("order:9", team="South"), "nuts")
        seen = {
            name: {one.subject for one in queries.requests(person=person, now=NOW)}
            for name, person in {
                "rep": rep, "south": south, "all": joined("ada", "cx-lead"), "auditor": joined("una", "auditor"),
                "finance": joined("fay", "policy-owner", team="finance"), "analyst": joined("ann", "analyst"),
            }.items()
        }  # fmt: skip
        both = {"order:7", "order:9"}
        assert seen == {
            "rep": {"order:7"}, "south": {"order:9"}, "all": both, "auditor": both, "finance": {"order:7"}, "analyst": set(),
        }  # fmt: skip

    def test_the_figures(self, rep: people.Person, joined: Joining) -> None:
        lead = joined("zoe", "lead", team="North")
        ask(rep, "5"), ask(rep, "5", Matter("order:8", team="North")), ask(rep, "50", Matter("order:9", team="North"))
        denied = ask(rep, "50", Matter("order:10", team="North"))
        actions.decide(by=lead, request=denied.pk, grant=False, evidence="law", answer="no", now=LATER)
        found = queries.figures(person=rep, now=NOW)[0]
        assert (found.asked, found.waiting, found.granted, found.denied) == (4, 1, 2, 1)
        assert (found.amount, found.share) == (Decimal(10), 2 / 3)
        assert found.low is not None and found.high is not None
        assert (round(found.low, 3), round(found.high, 3)) == (0.208, 0.939)


class TestSuggestions:
    def test_each_is_answered_once_and_seen(self, rep: people.Person, joined: Joining) -> None:
        made = actions.suggest(by=rep, rule="policy:refund", text="", matter=MATTER, now=NOW)
        owner, other = joined("fay", "policy-owner", team="Finance"), joined("kim", "policy-owner", team="kitchen")
        assert queries.suggestions(person=other, now=NOW).count() == 0
        with pytest.raises(rules.PoliciesError, match="no such suggestion"):
            actions.answer(by=other, suggestion=made.pk, text="No.", now=LATER)
        actions.answer(by=owner, suggestion=made.pk, text="You are right.", now=LATER)
        with pytest.raises(rules.PoliciesError, match="answered already"):
            actions.answer(by=owner, suggestion=made.pk, text="No.", now=LATER)
        assert [one.suggestion_id for one in queries.told(person=rep)] == [made.pk]
        said, answered = on_record("order:7")
        assert (said.type, said.employee, answered.type, answered.employee) == (
            "suggestion.made", rep.employee, "suggestion.answered", owner.employee,
        )  # fmt: skip
        assert said.rule == answered.rule == "policy:refund"

    def test_promises_and_steps_too_and_nothing_that_there_is_not(self, rep: people.Person) -> None:
        for rule in ("promise:ready", "step:visit/water"):
            assert actions.suggest(by=rep, rule=rule, text="", now=NOW).rule == rule
        with pytest.raises(rules.PoliciesError, match="no rule"):
            actions.suggest(by=rep, rule="policy:x", text="", now=NOW)
        with pytest.raises(people.ForbiddenError):
            actions.suggest(by=rep, rule="policy:refund", text="", matter=Matter("order:8", team="South"), now=NOW)


FOUND = Finding(
    "policy.push-authority-down", {"policy": "refund"}, "They wait.", Evidence(90, 0.97, "share"), "Let them."
)


def handed_over(sentence: str = FOUND.sentence, *, again: bool = False) -> models.Proposal:
    said = FOUND.as_dict()
    return actions.propose(
        by=None, kind=FOUND.kind, about=FOUND.about, sentence=sentence, evidence=said["evidence"], action=FOUND.action, now=NOW,
        again=again,
    )  # fmt: skip


class TestProposals:
    def test_from_a_finding_to_the_rule_and_to_everybody_concerned(self, rep: people.Person, joined: Joining) -> None:
        flagged = actions.suggest(by=rep, rule="policy:refund", text="They wait.", now=NOW)
        owner, far = joined("fay", "policy-owner", team="finance"), joined("sue", "frontline", team="South")
        made = handed_over()
        changes = [("authority", {"rep": 100, "lead": 100, "manager": 1000})]
        done = actions.accept(
            by=owner, proposal=made.pk, changes=changes, reason="They always say yes.", on=1, now=LATER, answers=True
        )
        version = playbook.in_force(now=LATER)
        assert version is not None
        assert (done.state, done.version_id, version.number, made.finding) == (rules.ACCEPTED, 2, 2, FOUND.id)
        assert version.text == TEXT.replace("rep: 20", "rep: 100"), "comments and all else stay"
        assert {one.user_id for one in models.Told.objects.filter(proposal=made)} == {rep.id, far.id}
        flagged.refresh_from_db()
        assert flagged.answer == "The rule was changed: They always say yes."
        assert ask(rep, "99").state == rules.WAITING, "the version holds from its time"
        asked = actions.ask(
            by=rep, matter=Matter("order:8", team="North"), policy="refund", amount=Decimal(99), reason="x", now=LATER
        )
        assert asked.state == rules.GRANTED
        types = ("proposal.made", "playbook.changed", "proposal.accepted", "suggestion.answered")
        assert [one.type for one in on_record(types=types) if one.type != "playbook.changed"] == [
            "proposal.made", "proposal.accepted", "suggestion.answered",
        ]  # fmt: skip

    def test_once_and_on_what_was_looked_at(self, rep: people.Person, joined: Joining) -> None:
        owner, change = joined("fay", "policy-owner", team="finance"), [("says", "Refunds, always.")]
        made = handed_over()
        playbook_actions.publish(by=None, text=TEXT + "journeys: {}\n", why="x", effective_from=NOW, now=NOW)
        with pytest.raises(rules.PoliciesError, match="another version"):
            actions.accept(by=owner, proposal=made.pk, changes=change, reason="x", on=1, now=LATER)
        with pytest.raises(rules.PoliciesError, match="Nothing would change"):
            actions.accept(by=owner, proposal=made.pk, changes=[], reason="x", on=2, now=LATER)
        actions.accept(by=owner, proposal=made.pk, changes=change, reason="x", on=2, now=LATER)
        for again in (
            lambda: actions.accept(by=owner, proposal=made.pk, changes=change, reason="x", on=3, now=LATER),
            lambda: actions.refuse(by=owner, proposal=made.pk, reason="x", now=LATER),
        ):
            with pytest.raises(rules.PoliciesError, match="decided already"):
                again()
        assert playbook.versions().count() == 3

    def test_what_is_no_playbook_leaves_all_as_it_was(self, rep: people.Person, joined: Joining) -> None:
        owner = joined("fay", "policy-owner", team="finance")
        made = handed_over()
        from aboveboard.playbook.problems import PlaybookError

        with pytest.raises(PlaybookError):
            actions.accept(by=owner, proposal=made.pk, changes=[("harm_margin", 7)], reason="x", on=1, now=LATER)
        made.refresh_from_db()
        assert (made.state, playbook.versions().count(), models.Told.objects.count()) == (rules.OPEN, 1, 0)

    def test_only_the_owner_decides(self, rep: people.Person, joined: Joining) -> None:
        made = handed_over()
        for somebody in (joined("kim", "policy-owner", team="kitchen"), joined("zoe", "lead", team="North")):
            with pytest.raises(people.ForbiddenError):
                actions.refuse(by=somebody, proposal=made.pk, reason="x", now=LATER)
            with pytest.raises(people.ForbiddenError):
                actions.propose(by=somebody, kind="", about={}, rule="policy:refund", sentence="x", now=NOW)

    def test_a_decision_stands_until_it_is_put_again(self, rep: people.Person, joined: Joining) -> None:
        made = handed_over()
        assert handed_over("They wait longer.").pk == made.pk
        made.refresh_from_db()
        assert made.sentence == "They wait longer."
        with pytest.raises(rules.PoliciesError, match="Say why"):
            actions.refuse(by=joined("ada", "cx-lead"), proposal=made.pk, reason="", now=LATER)
        actions.refuse(by=joined("eva", "cx-lead"), proposal=made.pk, reason="Not yet.", now=LATER)
        assert handed_over().pk == made.pk
        assert handed_over(again=True).pk != made.pk


class TestLevels:
    def test_who_may_change_the_playbook_says_which_role_has_which(self, rep: people.Person, joined: Joining) -> None:
        owner = joined("ada", "cx-lead")
        assert rules.unheld(queries.book(now=NOW), queries.named()) == ["manager"]
        actions.give_level(by=owner, role="cx-lead", name="manager", now=NOW)
        assert rules.unheld(queries.book(now=NOW), queries.named()) == []
        actions.take_level(by=owner, role="frontline", name="rep", now=NOW)
        assert ask(rep, "5").state == rules.WAITING
        with pytest.raises(rules.PoliciesError, match="No policy"):
            actions.give_level(by=owner, role="lead", name="king", now=NOW)
        with pytest.raises(people.ForbiddenError):
            actions.give_level(by=joined("fay", "policy-owner", team="finance"), role="lead", name="manager", now=NOW)
