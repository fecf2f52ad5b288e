"""A problem from what breaks to the verdict: the criterion comes before the change, the silent ones count, a return reopens."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import models as cases
from aboveboard.desk.followups import actions as followups
from aboveboard.desk.followups import models as followup_models
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as record
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.desk.problems import actions, models, queries, rules, tasks
from aboveboard.findings.model import Evidence, Finding
from aboveboard.ledger.event import Event

SignedIn = Callable[[people.Person], Client]
HALVE = rules.Yardstick(rules.REDUCE_BY, 0.5, "problem:late-trucks", 8)
FOUND = Finding(
    kind="problem.found", about={"problem": "late-trucks"}, sentence="The trucks of North come late in 30 of 100.",
    evidence=Evidence(n=30, unit="ratio", estimate=3.0, low=2.0, high=4.4), action="Begin here.", weight=9, table="problems",
    where={"problem": "late-trucks"},
)  # fmt: skip
OF_PROMISE = Finding(
    kind="promise.broken", about={"promise": "three-hours"}, sentence="It is kept in 61 %.",
    evidence=Evidence(n=200, estimate=0.61, unit="share"), action="Promise less.", weight=78,
)  # fmt: skip


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def opened(by: people.Person, title: str = "Late trucks", **more: Any) -> models.Problem:
    return actions.open_problem(by=by, title=title, breaks="The trucks come late.", now=NOW, **more)


def ran(
    findings: Sequence[Finding] = (), tables: Mapping[str, pa.Table] | None = None, *, at: float = 1
) -> followup_models.Run:
    about = followups.Ran(
        as_of=day(at), started_at=day(at), playbook=1, folder=f"run-{at}", events_count=9, customers_count=9, first_at=NOW,
        last_at=day(at),
    )  # fmt: skip
    run = followups.take(ran=about, findings=findings, now=day(at))
    tasks.take(run=run, read=queries.of_tables(tables or {}), now=day(at))
    return run


def verdict(change: models.Change, said: str, **more: Any) -> dict[str, pa.Table]:
    row = {"fix": change.event, "verdict": said, "because": "So it is.", "reduced_share": 0.4, "reduced_share_low": 0.2,
           "reduced_share_high": float("nan"), "needed_weeks": 6, "released_at": change.made_from}  # fmt: skip
    return {"fixes": pa.Table.from_pylist([row | more])}


CASES = [
    {"problem": "late-trucks", "customer": "c-1", "subject": "order:1", "since": day(-9), "voice": "complained"},
    {"problem": "late-trucks", "customer": "c-2", "subject": "order:2", "since": day(-8), "voice": "silent"},
    {"problem": "late-trucks", "customer": "c-2", "subject": "order:9", "since": day(-7), "voice": "asked"},
    {"problem": "late-trucks", "customer": "c-3", "subject": "order:3", "since": day(-6), "voice": "silent"},
    {"problem": "late-trucks", "customer": "c-4", "subject": "order:4", "since": day(-5), "voice": "silent"},
]
OCCASIONS = [
    {"kind": "promise missed", "rule": "promise:trucks", "event": f"e{n}", "subject": f"order:{n}", "customer": f"c-{n}",
     "at": day(-n), "team": team, "broken": True}
    for n, team in ((1, "North"), (2, "North"), (3, "North"), (4, "South"))
]  # fmt: skip
SCANNED = {
    "problem_cases": pa.Table.from_pylist(CASES),
    "occasions": pa.Table.from_pylist(OCCASIONS),
    "problems": pa.Table.from_pylist([{"problem": "late-trucks", "kind": "promise missed", "rule": "promise:trucks", "hours": None,
                                       "weekdays": None, "cause": "Trucks late.", "n": 4}]),
    "problem_factors": pa.Table.from_pylist([
        {"problem": "late-trucks", "place": 2, "factor": "channels", "answer": "contributes", "evidence": "Handed over twice."},
        {"problem": "late-trucks", "place": 1, "factor": "promise", "answer": "no sign of it", "evidence": "It can be kept."},
    ]),
}  # fmt: skip


@pytest.fixture
def cora(joined: Joining) -> people.Person:
    for team in ("North", "South"):
        people_models.Team.objects.get_or_create(name=team)
    return joined("cora", "cx-lead")


class TestRules:
    @given(
        st.sampled_from(list(rules.STATES)),
        st.sampled_from(list(rules.VERDICTS)),
        st.sampled_from(["", *rules.VERDICTS]),
    )
    def test_a_verdict_reopens_once_and_never_closes(self, state: str, verdict: str, before: str) -> None:
        after = rules.judged(state=state, before=before, verdict=verdict, latest=True)
        assert rules.judged(state=state, before=before, verdict=verdict, latest=False) == state
        if after != state:
            assert after in (rules.WATCHED, rules.VERDICT, rules.BACK)
            assert state in rules.JUDGED_HERE or (state, after) == (rules.CLOSED, rules.BACK)
        if verdict == rules.CAME_BACK and state == rules.CLOSED:
            assert (after == rules.BACK) == (before != rules.CAME_BACK)

    @given(
        st.floats(allow_nan=True, allow_infinity=True),
        st.booleans(),
        st.sampled_from(list(rules.KINDS)),
        st.integers(-5, 200),
    )
    def test_a_criterion_that_is_taken_can_be_judged_by(self, value: float, share: bool, kind: str, weeks: int) -> None:
        try:
            rules.checked(rules.Yardstick(kind, value, "promise:x", weeks), share=share)
        except rules.ProblemError:
            return
        assert 1 <= weeks <= 104 and 0 <= value < 1e7
        assert value <= 1 or (kind == rules.AT_MOST and not share)

    def test_the_questions_stand_in_the_order_of_the_specification(self) -> None:
        assert list(rules.FACTORS) == [
            "promise", "channels", "incentives", "staffing", "training and tools", "vendor", "person",
        ]  # fmt: skip

    @given(st.text(max_size=300))
    def test_a_title_makes_a_name(self, title: str) -> None:
        key = rules.key_of(title)
        assert key and len(key) <= 60 and set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


class TestMaking:
    def test_by_hand_with_its_event(self, cora: people.Person) -> None:
        made, again = opened(cora), opened(cora)
        assert (made.key, again.key, made.target, made.state) == (
            "late-trucks",
            "late-trucks-2",
            "problem:late-trucks",
            "known",
        )
        [happened] = queries.history(problem=made)
        assert (happened.event.type, happened.event.employee) == ("problem.opened", cora.employee)

    def test_of_a_finding_it_has_its_name_and_those_whom_it_struck(self, cora: people.Person) -> None:
        run = ran([FOUND, OF_PROMISE])
        made = opened(cora, "The trucks of North", finding=FOUND.id, read=queries.of_tables(SCANNED))
        assert (made.key, made.target, made.run) == ("late-trucks", "problem:late-trucks", run)
        assert queries.voices(problem=made) == {"complained": 1, "asked": 1, "silent": 2, "affected": 4, "left": 2}
        assert {one.who: (one.team, one.matters) for one in made.struck.all()} == {
            "c-1": ("North", 1), "c-2": ("North", 2), "c-3": ("North", 1), "c-4": ("South", 1),
        }  # fmt: skip
        assert followup_models.Followup.objects.get(pk=FOUND.id).state == "accepted"
        with pytest.raises(rules.ProblemError, match="problem already"):
            opened(cora, "Once more", finding=FOUND.id)
        of_promise = opened(cora, "Three hours", finding=OF_PROMISE.id)
        assert (of_promise.key, of_promise.target) == ("three-hours", "promise:three-hours")

    def test_of_a_rule_the_silent_ones_are_those_who_did_not_speak_since(self, cora: people.Person) -> None:
        ran([OF_PROMISE])
        said = [
            Event(id="a", type="complaint.received", time=day(-0.5), customer="c-1", subject="order:1"),
            Event(
                id="b",
                type="message.received",
                time=day(-1),
                customer="c-9",
                subject="order:2",
                text="?",
                audience="internal",
            ),
            Event(
                id="c",
                type="message.received",
                time=day(-30),
                customer="c-3",
                subject="x",
                text="!",
                audience="internal",
            ),
        ]
        journal.record(events=said, now=NOW)
        broken = [row | {"rule": "promise:three-hours"} for row in OCCASIONS]
        made = opened(cora, finding=OF_PROMISE.id, read=queries.of_tables({"occasions": pa.Table.from_pylist(broken)}))
        assert {one.who: one.voice for one in made.struck.all()} == {
            "c-1": "complained", "c-2": "asked", "c-3": "silent", "c-4": "silent",
        }  # fmt: skip

    def test_a_lead_makes_problems_of_their_team_alone(self, joined: Joining, cora: people.Person) -> None:
        ada = joined("ada", "lead", team="North")
        with pytest.raises(people.ForbiddenError):
            opened(ada)
        made, souths, everybodys = opened(ada, team="North"), opened(cora, team="South"), opened(cora)
        assert {one.pk for one in queries.seen(person=ada)} == {made.pk, everybodys.pk}
        actions.own(by=ada, problem=made.pk, owner=ada.id, now=NOW)
        for problem, refusal in ((souths, rules.ProblemError), (everybodys, people.ForbiddenError)):
            with pytest.raises(refusal):
                actions.own(by=ada, problem=problem.pk, owner=None, now=NOW)
        with pytest.raises(rules.ProblemError, match="may not work"):
            actions.own(by=cora, problem=souths.pk, owner=ada.id, now=NOW)


class TestCauses:
    def test_each_question_has_its_evidence_or_plainly_none(self, cora: people.Person) -> None:
        ran([FOUND])
        made = opened(cora, finding=FOUND.id, read=queries.of_tables(SCANNED))
        asked = queries.questions(problem=made)
        assert [one.factor for one in asked] == list(rules.FACTORS)
        assert [one.answer for one in asked[:3]] == ["no sign of it", "contributes", "no evidence"]

    def test_the_person_comes_last(self, cora: people.Person) -> None:
        made = opened(cora)

        def says(factor: str, answer: str, evidence: str = "We looked.") -> models.Problem:
            return actions.answer(by=cora, problem=made.pk, factor=factor, answer=answer, evidence=evidence, now=NOW)

        with pytest.raises(rules.ProblemError, match="The person comes last"):
            says("person", "contributes")
        with pytest.raises(rules.ProblemError, match="what the answer rests on"):
            says("vendor", "contributes", " ")
        for factor in list(rules.FACTORS)[:-1]:
            assert says(factor, "no sign of it").state == "known"
        assert says("person", "contributes").state == "cause-found"


class TestCriterion:
    def test_no_change_without_a_criterion_from_before_it(self, cora: people.Person) -> None:
        made = opened(cora)
        with pytest.raises(rules.ProblemError, match="Write down first"):
            actions.make(by=cora, problem=made.pk, what="A second truck.", now=day(1))
        assert (
            actions.plan(by=cora, problem=made.pk, what="A second truck.", planned_for=day(3), now=day(1)).event is None
        )
        actions.set_criterion(by=cora, problem=made.pk, yardstick=HALVE, now=day(2))
        with pytest.raises(rules.ProblemError, match="counts from after its criterion"):
            actions.make(by=cora, problem=made.pk, what="A second truck.", made_from=day(1), now=day(4))
        with pytest.raises(rules.ProblemError, match="lies ahead"):
            actions.make(by=cora, problem=made.pk, what="A second truck.", made_from=day(5), now=day(4))
        change = actions.make(by=cora, problem=made.pk, what="A second truck.", made_from=day(3), now=day(4))
        assert (made.changes.count(), change.criterion and change.criterion.value) == (1, 0.5)
        made.refresh_from_db()
        assert made.state == "made"

    def test_the_database_too_refuses_a_change_without_one(self, cora: people.Person) -> None:
        made = opened(cora)
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Change.objects.create(
                problem=made, what="x", written_by_id=cora.id, written_at=NOW, made_from=NOW, recorded_at=NOW, event="e"
            )

    def test_after_the_change_another_one_needs_a_reason_and_leaves_the_old_one_in_force_for_it(
        self, cora: people.Person
    ) -> None:
        made = opened(cora)
        first = actions.set_criterion(by=cora, problem=made.pk, yardstick=HALVE, now=day(1))
        change = actions.make(by=cora, problem=made.pk, what="A second truck.", now=day(2))
        gentler = rules.Yardstick(rules.REDUCE_BY, 0.1, HALVE.target, 4)
        with pytest.raises(rules.ProblemError, match="its criterion stands"):
            actions.set_criterion(by=cora, problem=made.pk, yardstick=gentler, now=day(3))
        actions.set_criterion(by=cora, problem=made.pk, yardstick=gentler, why="A smaller step now.", now=day(3))
        change.refresh_from_db()
        assert change.criterion == first
        assert actions.make(by=cora, problem=made.pk, what="A third truck.", now=day(4)).criterion != first

    def test_what_was_written_down_cannot_be_rewritten(self, cora: people.Person) -> None:
        made = opened(cora)
        actions.set_criterion(by=cora, problem=made.pk, yardstick=HALVE, now=day(1))
        for act in (
            lambda: models.Criterion.objects.update(value=0.1),
            lambda: models.Criterion.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


class TestVerdicts:
    @pytest.fixture
    def change(self, cora: people.Person) -> models.Change:
        made = opened(cora)
        actions.set_criterion(by=cora, problem=made.pk, yardstick=HALVE, now=day(0.1))
        return actions.make(by=cora, problem=made.pk, what="A second truck.", now=day(0.2))

    def state(self) -> str:
        return models.Problem.objects.get().state

    def test_a_run_moves_it_on_and_a_return_reopens_it(self, cora: people.Person, change: models.Change) -> None:
        number = change.problem_id
        ran(tables=verdict(change, "too early"), at=1)
        assert self.state() == "watched"
        with pytest.raises(rules.ProblemError, match="No verdict"):
            actions.close(by=cora, problem=number, reason="", now=day(1))
        ran(tables=verdict(change, "fixed"), at=2)
        assert self.state() == "verdict"
        change.refresh_from_db()
        assert (change.verdict, change.judged["reduced_share"], change.judged["reduced_share_high"]) == (
            "fixed",
            0.4,
            None,
        )
        assert actions.close(by=cora, problem=number, reason="", now=day(3)).outcome == "fixed"
        ran(tables=verdict(change, "fixed"), at=4)
        assert self.state() == "closed"
        ran(tables=verdict(change, "came back"), at=5)
        back = models.Problem.objects.get()
        assert (back.state, back.closed_at, back.outcome) == ("came-back", None, "")
        types = [one.event.type for one in queries.history(problem=back)]
        assert types == [
            "problem.opened", "fix.planned", "fix.released", "problem.judged", "problem.judged", "problem.closed", "problem.judged",
            "problem.came-back",
        ]  # fmt: skip
        # Said again, it is no news: what people made of it meanwhile stands.
        actions.close(by=cora, problem=number, reason="The depot closes.", now=day(6))
        ran(tables=verdict(change, "came back"), at=7)
        assert self.state() == "closed"

    def test_closing_without_a_verdict_of_fixed_needs_a_reason(
        self, cora: people.Person, change: models.Change
    ) -> None:
        ran(tables=verdict(change, "partly"))
        with pytest.raises(rules.ProblemError, match="Say why"):
            actions.close(by=cora, problem=change.problem_id, reason=" ", now=day(2))
        assert (
            actions.close(by=cora, problem=change.problem_id, reason="The rest is rain.", now=day(2)).outcome == "left"
        )
        with pytest.raises(rules.ProblemError, match="closed"):
            actions.make(by=cora, problem=change.problem_id, what="Another truck.", now=day(3))
        assert actions.reopen(by=cora, problem=change.problem_id, reason="Not only rain.", now=day(3)).state == "known"

    def test_an_earlier_change_does_not_speak_for_a_later_one(self, cora: people.Person, change: models.Change) -> None:
        ran(tables=verdict(change, "partly"))
        actions.plan(by=cora, problem=change.problem_id, what="A third truck.", now=day(2))
        actions.make(by=cora, problem=change.problem_id, what="A third truck.", now=day(3))
        ran(tables=verdict(change, "came back"), at=4)
        assert self.state() == "made"

    def test_a_closed_one_whose_finding_comes_back_opens_again(self, cora: people.Person) -> None:
        ran([OF_PROMISE])
        made = opened(cora, finding=OF_PROMISE.id)
        actions.close(by=cora, problem=made.pk, reason="It cannot be told apart.", now=day(1))
        ran(at=2)
        assert self.state() == "closed"
        ran([OF_PROMISE], at=3)
        assert self.state() == "came-back"


class TestSilent:
    @pytest.fixture
    def problem(self, cora: people.Person) -> models.Problem:
        ran([FOUND])
        return opened(cora, "The trucks are late", finding=FOUND.id, read=queries.of_tables(SCANNED))

    def test_one_act_opens_a_case_for_each(self, cora: people.Person, problem: models.Problem) -> None:
        assert actions.open_cases(by=cora, problem=problem.pk, now=day(1)) == 2
        found = cases.Case.objects.order_by("customer")
        assert [(one.customer, one.about, one.team, one.title) for one in found] == [
            ("c-3", "order:3", "North", "The trucks are late"), ("c-4", "order:4", "South", "The trucks are late"),
        ]  # fmt: skip
        assert {one.case for one in problem.struck.exclude(case="")} == {one.subject for one in found}
        with pytest.raises(rules.ProblemError, match="Nobody is left"):
            actions.open_cases(by=cora, problem=problem.pk, now=day(1))

    def test_told_ones_have_it_on_their_record_and_a_run_does_not_forget_it(
        self, cora: people.Person, problem: models.Problem
    ) -> None:
        assert (
            actions.tell(
                by=cora, problem=problem.pk, words="Your truck was late. We mend it.", channel="email", now=day(1)
            )
            == 2
        )
        [said] = record.happened(customer="c-3")
        assert (said.event.type, said.event.audience, said.event.subject) == ("message.sent", "customer", "order:3")
        ran([FOUND], SCANNED | {"problem_cases": pa.Table.from_pylist(CASES[:2])}, at=2)
        left = {one.who: one.told_at is not None for one in problem.struck.all()}
        assert left == {"c-1": False, "c-2": False, "c-3": True, "c-4": True}

    def test_each_sees_those_of_their_teams_and_the_look_is_on_record(
        self, joined: Joining, problem: models.Problem, signed_in: SignedIn, cora: people.Person
    ) -> None:
        ada, bo = joined("ada", "lead", team="North"), joined("bo", "analyst")
        page = signed_in(ada).get(f"/problems/{problem.pk}/struck").content.decode()
        assert "c-3" in page and "c-4" not in page
        assert people_models.Reading.objects.filter(
            user_id=ada.id, what="affected", which="problem:late-trucks"
        ).exists()
        assert signed_in(bo).get(f"/problems/{problem.pk}/struck").status_code == 403
        assert "c-3" not in signed_in(bo).get(f"/problems/{problem.pk}/").content.decode()
        sheet = signed_in(cora).get(f"/problems/{problem.pk}/struck?as=csv&left=on&order=who").content.decode()
        assert [row["who"] for row in csv.DictReader(io.StringIO(sheet))] == ["c-3", "c-4"]

    def test_what_is_added_by_hand_counts_from_when_it_broke(self, cora: people.Person) -> None:
        made = opened(cora, "Lost parcels")
        journal.record(
            events=[Event(id="o", type="order.placed", time=day(-20), subject="order:7", customer="c-7", team="North")],
            now=NOW,
        )
        with pytest.raises(rules.ProblemError, match="Nothing within your reach"):
            actions.add_matter(by=cora, problem=made.pk, subject="order:8", now=NOW)
        for _ in range(2):
            actions.add_matter(by=cora, problem=made.pk, subject="order:7", now=NOW)
        [struck] = made.struck.all()
        assert (struck.who, struck.voice, struck.since, struck.added) == ("c-7", "silent", day(-20), True)
        tied = [one.event for one in record.happened(subject="order:7") if one.event.type == "problem.tied"]
        assert [(one.time, one.attributes["problem"]) for one in tied] == [(day(-20), "lost-parcels")]


class TestPages:
    def test_from_a_finding_to_the_verdict(self, cora: people.Person, signed_in: SignedIn) -> None:
        ran([FOUND])
        browser = signed_in(cora)
        assert "?finding=" in browser.get(f"/problems/of-finding/{FOUND.id}").content.decode()
        page = browser.get(f"/problems/new?finding={FOUND.id}")
        assert FOUND.sentence in page.content.decode()
        given = {"title": "Late trucks", "breaks": "They come late.", "finding": FOUND.id, "owner": cora.id}
        where = browser.post("/problems/new", given)["Location"]
        assert browser.get(f"/problems/new?finding={FOUND.id}")["Location"] == where
        assert where in browser.get(f"/problems/of-finding/{FOUND.id}").content.decode()
        page = browser.get(where).content.decode()
        assert page.count("no analysis has looked at it") == 7
        assert 'value="make"' not in page, "no change before its criterion"
        refused = browser.post(f"{where}change", {"do": "make", "what": "A truck."}, follow=True)
        assert "Write down first" in refused.content.decode()
        browser.post(
            f"{where}criterion",
            {"target": "problem:late-trucks", "kind": "reduce by", "value": "50", "window_weeks": "8"},
        )
        browser.post(f"{where}change", {"do": "make", "what": "A second truck."})
        problem = models.Problem.objects.get()
        change = problem.changes.get()
        assert (problem.state, change.criterion and change.criterion.value) == ("made", 0.5)
        assert "Late trucks" in browser.get("/problems/waiting").content.decode()
        ran([FOUND], verdict(change, "fixed"), at=400)
        page = browser.get(where).content.decode()
        assert "Close it as fixed" in page and "40 %" in page and "So it is." in page
        browser.post(f"{where}close", {"reason": ""})
        assert models.Problem.objects.get().outcome == "fixed"

    def test_the_board_has_a_column_for_each_state_and_a_sheet(self, cora: people.Person, signed_in: SignedIn) -> None:
        opened(cora, "=1+1 late")
        closed = opened(cora, "Old")
        actions.close(by=cora, problem=closed.pk, reason="No longer sold.", now=NOW)
        browser = signed_in(cora)
        page = browser.get("/problems/").content.decode()
        for state in rules.STATES:
            assert f'id="in-{state}"' in page
        assert "Old" not in browser.get("/problems/?q=1%2B1").content.decode()
        sheet = list(csv.DictReader(io.StringIO(browser.get("/problems/?as=csv").content.decode())))
        assert {row["title"] for row in sheet} == {"'=1+1 late", "Old"}

    def test_a_page_asks_few_questions_however_many_there_are(
        self, cora: people.Person, signed_in: SignedIn, django_assert_max: Callable[..., Any]
    ) -> None:
        browser = signed_in(cora)
        for number in range(12):
            opened(cora, f"Problem {number}", owner=cora.id)
        one = models.Problem.objects.order_by("pk")[0]
        actions.set_criterion(
            by=cora, problem=one.pk, yardstick=rules.Yardstick("at most", 3, one.target, 8), now=day(1)
        )
        for number in range(2, 6):
            actions.make(by=cora, problem=one.pk, what=f"Change {number}", now=day(number))
        for address, most in (("/problems/", 16), (f"/problems/{one.pk}/", 27), ("/problems/waiting", 16)):
            with django_assert_max(most):
                assert browser.get(address).status_code == 200


@pytest.fixture
def django_assert_max() -> Callable[..., Any]:
    from contextlib import contextmanager

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def at_most(number: int) -> Any:
        with CaptureQueriesContext(connection) as asked:
            yield
        assert len(asked) <= number, [one["sql"][:120] for one in asked]

    return at_most


class TestApi:
    def test_every_act(self, joined: Joining, cora: people.Person) -> None:
        from aboveboard.desk.people import actions as people_actions

        ada = joined("ada", "admin")
        people_actions.give_role(by=ada, user=cora.id, role="admin", team=None, now=NOW)
        held = (*cora.held, people.Held("admin", None))
        token = people_actions.make_key(
            by=people.Person(cora.id, cora.name, cora.employee, held),
            name="k",
            scopes=("read", "write"),
            expires_at=None,
            now=NOW,
        )
        client = Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

        def asked(method: str, path: str, status: int = 200, **given: Any) -> Any:
            headers = {"Idempotency-Key": given.pop("key")} if "key" in given else {}
            found = client.generic(
                method, f"/api/problems{path}", data=_json(given), content_type="application/json", headers=headers
            )
            assert found.status_code == status, (path, found.content)
            return found.json()

        new = {"title": "Lost parcels", "breaks": "They are lost."}
        made = asked("POST", "", 201, key="k1", **new)
        assert asked("POST", "", 201, key="k1", **new)["number"] == made["number"]
        assert asked("POST", "", 422, key="k1", **(new | {"title": "Else"}))["status"] == 422
        here = f"/{made['number']}"
        asked("PUT", f"{here}/responsible", owner=cora.employee)
        asked("PUT", here, title="Lost parcels", breaks="They never come.", whom="Those in the hills.")
        journal.record(
            events=[Event(id="o", type="order.placed", time=day(-20), subject="order:7", customer="c-7")], now=NOW
        )
        assert asked("POST", f"{here}/matters", subject="order:7")["silent"] == 1
        whole = asked("POST", f"{here}/causes", factor="vendor", answer="contributes", evidence="The carrier says so.")
        assert (whole["state"], whole["causes"][5]["said"]) == ("cause-found", "contributes")
        asked("PUT", f"{here}/plan", what="Another carrier.")
        asked("POST", f"{here}/changes", 422, what="Another carrier.")
        asked("POST", f"{here}/criteria", 201, kind="at most", value=2, window_weeks=6)
        change = asked("POST", f"{here}/changes", 201, what="Another carrier.")
        assert change["criterion"]["measure"] == "breakdowns per week"
        assert asked("POST", f"{here}/silent/told", words="We lost it.") == {"turned_to": 1, "left": 0}
        assert asked("GET", f"{here}/struck")["items"][0]["customer"] == "c-7"
        asked("POST", f"{here}/closure", 422)
        asked("POST", f"{here}/closure", reason="No parcels any more.")
        asked("POST", f"{here}/reopening", reason="Parcels again.")
        assert [one["type"] for one in asked("GET", f"{here}/history")][-2:] == ["problem.closed", "problem.reopened"]
        assert [one["number"] for one in asked("GET", "?limit=1")["items"]] == [made["number"]]


def _json(given: Mapping[str, Any]) -> str:
    import json

    return json.dumps(given)
