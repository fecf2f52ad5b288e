"""A decision is sought, goes to the nearest who may make it, and never ends without what changes for the customer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest
from django.db import IntegrityError, transaction
from tests.desk.conftest import NOW, Joining
from tests.desk.escalations.asking import ASKS, MATTER, escalated, frontline, granted

from aboveboard.analyses import escalations as analysis
from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.escalations import actions, models, queries, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as record
from aboveboard.desk.journal import tasks
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import actions as policies
from aboveboard.desk.policies import models as policies_models
from aboveboard.desk.policies import queries as policies_queries
from aboveboard.desk.policies.rules import PoliciesError
from aboveboard.engines import Ledger
from aboveboard.ledger import columns
from aboveboard.ledger.event import Event

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def bo(joined: Joining) -> people.Person:
    return frontline(joined)


@pytest.fixture
def zoe(bo: people.Person, joined: Joining) -> people.Person:
    return joined("zoe", "lead", team="North")


@pytest.fixture
def cora(bo: people.Person, joined: Joining) -> people.Person:
    return joined("cora", "cx-lead")


def told() -> list[str]:
    return [one.event.type for one in record.happened(subject="case:desk-1")]


class TestOpening:
    def test_it_goes_to_the_nearest_who_holds_the_authority(
        self, bo: people.Person, zoe: people.Person, cora: people.Person
    ) -> None:
        made = escalated(bo, 80)
        assert (made.level, made.sent_to_id, made.amount) == ("lead", zoe.id, Decimal(80))
        higher = escalated(bo, 800, subject="case:desk-2")
        assert (higher.level, higher.sent_to_id) == ("manager", cora.id)
        assert escalated(bo, level="owner", subject="case:desk-3").sent_to_id == cora.id
        (opened,) = (one.event for one in record.happened(subject="case:desk-1"))
        assert (opened.type, opened.rule, opened.value, opened.employee) == (
            "escalation.opened",
            "policy:refund",
            80,
            bo.employee,
        )
        assert (opened.text, opened.audience, opened.team) == (ASKS, "internal", "North")
        assert opened.attributes["authority"] == "lead"
        assert opened.attributes["tried"] == "A voucher, twice."

    def test_with_nobody_able_it_waits(self, bo: people.Person) -> None:
        assert escalated(bo, 80).sent_to is None

    def test_what_one_may_decide_oneself_need_not_climb(self, bo: people.Person, zoe: people.Person) -> None:
        with pytest.raises(rules.EscalationsError, match="grant this yourself"):
            escalated(bo, 20)
        with pytest.raises(rules.EscalationsError, match="hold this authority yourself"):
            escalated(zoe, level="lead")
        assert escalated(zoe, level="manager").level == "manager"

    def test_what_is_missing_is_said(self, bo: people.Person) -> None:
        for missing, says in (("asks", "to be decided"), ("tried", "tried already")):
            given = {"asks": "a", "tried": "b", "level": "lead"} | {missing: " "}
            with pytest.raises(rules.EscalationsError, match=says):
                actions.escalate(by=bo, matter=MATTER, now=NOW, **given)
        for wrong in ({"level": "king"}, {"policy": "refund"}, {"policy": "refund", "amount": Decimal(-1)}):
            with pytest.raises(rules.EscalationsError):
                actions.escalate(by=bo, matter=MATTER, asks="a", tried="b", now=NOW, **wrong)  # type: ignore[arg-type]
        with pytest.raises(people.ForbiddenError):
            actions.escalate(
                by=bo, matter=people.Matter("case:desk-9", team="South"), asks="a", tried="b", level="lead", now=NOW
            )

    def test_once_a_matter_and_once_a_key(self, bo: people.Person, zoe: people.Person) -> None:
        key = uuid4()
        made = escalated(bo, key=key)
        assert escalated(bo, key=key).pk == made.pk
        with pytest.raises(rules.EscalationsError, match="waits for a decision"):
            escalated(bo)
        with pytest.raises(people.ForbiddenError):
            escalated(zoe, level="manager", key=key)
        policies.ask(by=bo, matter=people.Matter("case:desk-2", "c-1", "North"), policy="refund", amount=Decimal(50),
                     reason="x", now=NOW)  # fmt: skip
        with pytest.raises(rules.EscalationsError, match="exception from this rule waits"):
            escalated(bo, 50, subject="case:desk-2")
        assert told() == ["escalation.opened"]


class TestDeciding:
    def test_granted_the_exception_is_granted_with_it(self, bo: people.Person, zoe: people.Person) -> None:
        made = granted(zoe, escalated(bo, 80), now=LATER)
        assert (made.state, made.used, made.given, made.decided_by_id) == ("granted", "lead", Decimal(80), zoe.id)
        assert policies_queries.granted_so_far(policy="refund", subject="case:desk-1") == 80
        assert told() == ["escalation.opened", "exception.requested", "exception.granted", "escalation.decided"]
        decided = record.happened(subject="case:desk-1")[-1].event
        assert (decided.outcome, decided.value, decided.text) == (
            "granted",
            80,
            "The deposit goes back to her card.",
        )
        assert decided.attributes["authority"] == "lead"
        assert decided.attributes["reason"] == "The till was wrong."
        assert queries.changed(escalations=[made])[made.pk].type == "exception.granted"
        with pytest.raises(rules.EscalationsError, match="decided already: granted"):
            granted(zoe, made)

    def test_in_part_and_refused_with_evidence(self, bo: people.Person, zoe: people.Person) -> None:
        part = granted(zoe, escalated(bo, 80), outcome="partly", granted=Decimal("30.00"))
        assert policies_models.ExceptionRequest.objects.get(key=part.key).amount == 30
        refused = escalated(bo, 40, subject="case:desk-2")
        with pytest.raises(PoliciesError, match="needs evidence"):
            granted(zoe, refused, outcome="denied", changes="", nothing=True)
        assert models.Escalation.objects.get(pk=refused.pk).state == "waiting", "all or nothing"
        ended = granted(zoe, refused, outcome="denied", changes="", nothing=True, evidence="law")
        assert (ended.changes, ended.given, ended.evidence) == (rules.NOTHING, None, "law")
        assert record.happened(subject="case:desk-2")[-2].event.type == "exception.denied"

    def test_never_without_what_changes(self, bo: people.Person, zoe: people.Person) -> None:
        made = escalated(bo)
        for change in ({"changes": ""}, {"changes": "nothing", "nothing": True}, {"reason": " "}):
            with pytest.raises(rules.EscalationsError):
                granted(zoe, made, **change)
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Escalation.objects.filter(pk=made.pk).update(
                state="granted", ended_at=NOW, decided_by_id=zoe.id, used="lead", reason="x"
            )
        assert told() == ["escalation.opened"]

    def test_only_within_authority_and_reach(self, bo: people.Person, zoe: people.Person, joined: Joining) -> None:
        made = escalated(bo, 800)
        with pytest.raises(people.ForbiddenError, match="level manager"):
            granted(zoe, made)
        with pytest.raises(people.ForbiddenError, match="You may not"):
            granted(bo, made)
        with pytest.raises(rules.EscalationsError, match="no such"):
            granted(joined("sue", "lead", team="South"), made)
        own = escalated(zoe, level="manager", subject="case:desk-2")
        with pytest.raises(people.ForbiddenError, match="asked for this yourself"):
            granted(zoe, own)
        owner = joined("fay", "policy-owner", team="finance")
        assert granted(owner, made).used == "owner", "the rule is theirs, whatever the team"

    def test_taking_it_is_seen_and_decides_nothing(self, bo: people.Person, zoe: people.Person) -> None:
        made = escalated(bo)
        for _ in range(2):
            actions.take(by=zoe, escalation=made.pk, now=NOW)
        made.refresh_from_db()
        assert (made.taken_by_id, made.state) == (zoe.id, "waiting")
        assert told() == ["escalation.opened", "escalation.taken"]

    def test_passed_higher_it_stays_open(self, bo: people.Person, zoe: people.Person, cora: people.Person) -> None:
        policies.give_level(by=cora, role="cx-lead", name="manager", now=NOW)
        made = escalated(bo, 80)
        with pytest.raises(rules.EscalationsError, match="Say why"):
            actions.pass_on(by=zoe, escalation=made.pk, reason=" ", now=NOW)
        passed = actions.pass_on(by=zoe, escalation=made.pk, reason="It is her tenth.", now=NOW)
        assert (passed.state, passed.level, passed.sent_to_id) == ("waiting", "manager", cora.id)
        assert [(one.before, one.after) for one in passed.passings.all()] == [("lead", "manager")]
        with pytest.raises(people.ForbiddenError, match="level manager"):
            granted(zoe, made)
        with pytest.raises(rules.EscalationsError, match="yours to decide"):
            actions.pass_on(by=cora, escalation=made.pk, reason="x", now=NOW)
        assert granted(cora, made).used == "manager"
        assert told().count("escalation.decided") == 1

    def test_whoever_asked_is_told_until_they_looked(self, bo: people.Person, zoe: people.Person) -> None:
        made = granted(zoe, escalated(bo))
        for by, left in ((zoe, 1), (bo, 0)):
            actions.see(by=by, escalation=made.pk, now=NOW)
            assert queries.asked_by(person=bo, unseen=True).count() == left


def remedied(subject: str, outcome: str = "refund") -> None:
    given = Event(id=f"r-{subject}", type="remedy.given", time=NOW + timedelta(hours=1), subject=subject, customer="c-1",
                  outcome=outcome, value=10.0)  # fmt: skip
    journal.record(events=[given], now=NOW)


def many(bo: people.Person, zoe: people.Person) -> None:
    """Six of North: three with a change, one with words alone, one refused, one that waits."""
    for number in range(6):
        made = escalated(
            bo, 60 if number == 0 else None, subject=f"case:desk-{number}", now=NOW + timedelta(minutes=number)
        )
        if number < 4:
            granted(zoe, made, now=NOW + timedelta(minutes=10 + 2 * number))
        elif number == 4:
            granted(zoe, made, outcome="denied", changes="", nothing=True, now=LATER)
    remedied("case:desk-1")
    remedied("case:desk-2", "voucher")
    remedied("case:desk-3", "apology")


class TestRegister:
    def test_the_steps_of_a_case_change_nothing_for_its_customer(self, bo: people.Person, zoe: people.Person) -> None:
        case = cases.open_case(
            by=bo,
            opening=case_rules.Opening(title="x", words="x", customer="c-1", team="North"),
            now=NOW - timedelta(hours=1),
        )
        made = granted(zoe, escalated(bo, subject=case.subject))
        step = {"by": bo, "case": case.number, "version": None, "now": LATER}
        cases.take_step(**step, step="acknowledge")
        cases.take_step(**step, step="assess", severity=2)
        cases.take_step(**step, step="work")
        cases.decide(**step, decision="You are right.", reason="It was late.", recourse="The ombudsman.")
        cases.tell(**step, words="You are right.", channel=None)
        cases.appeal(**step, words="It is not enough.")
        assert queries.changed(escalations=[made]) == {}

    def test_theatre_is_counted_by_team_and_policy(self, bo: people.Person, zoe: people.Person) -> None:
        many(bo, zoe)
        found = queries.register(person=zoe, since=timedelta(days=90), now=NOW + timedelta(days=5))
        assert [(one.part, one.value, one.opened) for one in found] == [
            ("all", "", 6),
            ("team", "North", 6),
            ("policy", "", 5),
            ("policy", "refund", 1),
        ]
        every = found[0]
        assert (every.waiting, every.granted, every.denied, every.judged, every.nothing) == (1, 4, 1, 5, 2)
        assert every.wait == pytest.approx(12.0, abs=1)
        assert every.share == pytest.approx(0.4)
        assert found[-1].share is None and found[-1].wait is None, "not enough data"

    def test_only_within_sight(self, bo: people.Person, zoe: people.Person, joined: Joining) -> None:
        many(bo, zoe)
        south = joined("sue", "lead", team="South")
        assert queries.register(person=south, since=timedelta(days=90), now=LATER) == []
        assert queries.waits_for(person=south, now=LATER) == []
        assert len(queries.waits_for(person=zoe, now=LATER)) == 1

    def test_the_analysis_reads_what_the_desk_wrote(
        self, bo: people.Person, zoe: people.Person, cora: people.Person, tmp_path: Path
    ) -> None:
        many(bo, zoe)
        passed = escalated(bo, 90, subject="case:desk-8")
        policies.give_level(by=cora, role="cx-lead", name="manager", now=NOW)
        actions.pass_on(by=zoe, escalation=passed.pk, reason="x", now=NOW)
        granted(cora, passed, now=LATER)
        as_of = NOW + timedelta(days=30)
        with Ledger.of(exported(tmp_path)) as ledger:
            found = analysis.escalations(ledger.events, policies_queries.book(now=NOW), as_of=as_of)
            rows = {row["subject"]: row for row in ledger.arrow(found).to_pylist()}
            (every,) = ledger.arrow(
                analysis.summary(found, as_of=as_of).filter(lambda table: table.slice == "all")
            ).to_pylist()
        seen = queries.register(person=cora, since=timedelta(days=90), now=as_of)[0]
        assert (every["opened_count"], every["judged_count"], every["theatre_count"]) == (
            seen.opened,
            seen.judged,
            seen.nothing,
        )
        assert every["latency_minutes_median"] == pytest.approx(seen.wait)
        first, refused, last = rows["case:desk-0"], rows["case:desk-4"], rows["case:desk-8"]
        assert (first["policy"], first["authority_needed"], first["authority_used"]) == ("refund", "lead", "lead")
        assert (first["climbed"], first["needless"], first["changed"]) == (True, False, "exception.granted")
        assert (refused["outcome"], refused["ending"], rows["case:desk-5"]["ending"]) == (
            "denied",
            "nothing",
            "undecided",
        )
        assert (last["authority_needed"], last["authority_used"], last["latency_minutes"]) == ("lead", "manager", 120)
        for made in models.Escalation.objects.all():
            met = queries.changed(escalations=[made]).get(made.pk)
            assert rows[made.subject]["changed"] == (met.type if met else None)


def exported(folder: Path) -> pa.Table:
    """The events of the journal, as its copy has them."""
    journal.seal(now=NOW)
    tasks.copy(folder=folder / "copy")
    parts = [pa.parquet.read_table(one) for one in sorted((folder / "copy").glob("**/*.parquet"))]
    return pa.concat_tables(parts).select(list(columns.NAMES))
