"""A chore is one worker's at a time, is done again where its worker died, and leaves nothing half done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.chores import actions, models, queries, rules
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people

SignedIn = Callable[[people.Person], Client]
LATER = NOW + rules.LEASE


def asked(name: str = "analyse", **about: object) -> models.Chore:
    return actions.ask(by=None, name=name, act="findings.work", about=about, now=NOW)


def claimed(name: str = "analyse", at: object = NOW) -> models.Chore:
    found = actions.claim(names=[name], now=at)  # type: ignore[arg-type]
    assert found is not None
    return found


class TestRules:
    @given(st.integers(0, 40))
    def test_pauses_grow_to_an_hour(self, attempts: int) -> None:
        pause = rules.again_at(attempts=attempts, now=NOW) - NOW
        assert timedelta(seconds=30) <= pause <= rules.again_at(attempts=attempts + 1, now=NOW) - NOW
        assert pause <= timedelta(hours=1)

    @given(st.integers(0, 10**7), st.integers(1, 10**6))
    def test_what_was_missed_is_not_made_up_for(self, late: int, every: int) -> None:
        rhythm, now = timedelta(seconds=every), NOW + timedelta(seconds=late)
        due = rules.next_due(due_at=NOW, every=rhythm, now=now)
        assert now < due <= now + rhythm
        assert (due - NOW) % rhythm == timedelta(0)


class TestClaiming:
    def test_one_worker_has_it_until_its_lease_runs_out(self, database: str) -> None:
        asked()
        first = claimed()
        assert actions.claim(names=["analyse"], now=NOW + rules.LEASE / 2) is None
        second = claimed(at=LATER)
        assert (second.pk, second.attempts) == (first.pk, 2)
        assert second.claim != first.claim

    def test_a_sign_of_life_keeps_it(self, database: str) -> None:
        asked()
        mine = claimed()
        actions.renew(chore=mine, now=NOW + rules.LEASE / 2, says="halfway", step=1, steps=2)
        assert actions.claim(names=["analyse"], now=LATER) is None
        found = queries.one(chore=mine.pk)
        assert (found.says, found.share, found.state) == ("halfway", 50, "working")

    def test_whoever_lost_it_can_change_nothing(self, database: str) -> None:
        asked()
        first, second = claimed(), claimed(at=LATER)
        for late in (
            lambda: actions.finish(chore=first, now=LATER, result={}),
            lambda: actions.fail(chore=first, now=LATER, error="x", mendable=False),
            lambda: actions.renew(chore=first, now=LATER, says="", step=0, steps=0),
        ):
            with pytest.raises(rules.LostError):
                late()
        actions.put_back(chore=first)
        assert queries.one(chore=first.pk).claim == second.claim

    def test_what_was_done_is_undone_with_the_lost_claim(self, database: str) -> None:
        asked()
        first = claimed()
        claimed(at=LATER)
        with pytest.raises(rules.LostError), transaction.atomic():
            people_models.Team.objects.create(name="made by the first")
            actions.finish(chore=first, now=LATER, result={})
        assert not people_models.Team.objects.exists()

    def test_only_what_is_due_and_can_be_done_is_taken(self, database: str) -> None:
        asked("import")
        assert actions.claim(names=["analyse"], now=NOW) is None
        assert actions.claim(names=["import"], now=NOW - timedelta(seconds=1)) is None

    def test_one_that_kills_its_workers_is_given_up(self, database: str) -> None:
        chore, at = asked(), NOW
        for _ in range(rules.MOST_ATTEMPTS):
            claimed(at=at)
            at += rules.LEASE
        assert actions.claim(names=["analyse"], now=at) is None
        found = queries.one(chore=chore.pk)
        assert found.outcome == "failed"
        assert "went down" in found.last_error


class TestEnding:
    def test_what_failed_is_tried_again_and_then_left(self, database: str) -> None:
        chore, at = asked(), NOW
        for _ in range(rules.MOST_ATTEMPTS):
            actions.fail(chore=claimed(at=at), now=at, error="the disk is full", mendable=False)
            at += timedelta(hours=1)
        assert queries.one(chore=chore.pk).outcome == "failed"

    def test_what_somebody_must_mend_is_left_at_once(self, database: str) -> None:
        chore = asked()
        actions.fail(chore=claimed(), now=NOW, error="there is no playbook", mendable=True)
        assert (found := queries.one(chore=chore.pk)).outcome == "failed"
        assert found.last_error == "there is no playbook"

    def test_what_recurs_goes_on_whatever_happens(self, database: str) -> None:
        for _ in range(2):
            actions.keep_up(name="seal", every=timedelta(seconds=20), first_at=NOW, act="people.manage", now=NOW)
        assert models.Chore.objects.count() == 1
        actions.fail(chore=claimed("seal"), now=NOW, error="the disk is full", mendable=True)
        assert [one.last_error for one in queries.failing()] == ["the disk is full"]
        actions.finish(chore=claimed("seal", at=LATER), now=LATER, result={"events": 3})
        assert not queries.failing()
        found = models.Chore.objects.get()
        assert (found.outcome, found.due_at > LATER, found.result) == ("", True, {"events": 3})

    def test_the_same_is_asked_for_once(self, database: str) -> None:
        assert asked().pk == asked().pk
        assert asked(file=1).pk != asked().pk
        claimed()
        assert asked().pk == models.Chore.objects.order_by("pk")[0].pk

    def test_it_can_be_stopped_before_and_while_it_is_done(self, joined: Joining) -> None:
        ada = joined("ada", "cx-lead")
        waiting = asked()
        actions.stop(by=ada, chore=waiting.pk, now=NOW)
        assert queries.one(chore=waiting.pk).state == "stopped"
        under_way = claimed_new()
        actions.stop(by=ada, chore=under_way.pk, now=NOW)
        with pytest.raises(rules.StoppedError):
            actions.renew(chore=under_way, now=NOW, says="", step=0, steps=0)
        actions.stopped(chore=under_way, now=NOW)
        assert queries.one(chore=under_way.pk).state == "stopped"

    def test_only_whoever_may_ask_may_stop(self, joined: Joining) -> None:
        chore = asked()
        with pytest.raises(people.ForbiddenError):
            actions.stop(by=joined("bo", "frontline"), chore=chore.pk, now=NOW)

    def test_old_ones_are_forgotten(self, database: str) -> None:
        asked()
        actions.finish(chore=claimed(), now=NOW, result={})
        assert actions.forget(before=NOW) == 0
        assert actions.forget(before=LATER) == 1


def claimed_new() -> models.Chore:
    asked(again=True)
    return claimed()


class TestPages:
    def test_progress_is_shown_and_then_the_way_on(self, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("ada", "cx-lead"))
        chore = asked()
        assert "waits for its turn" in browser.get(f"/chores/{chore.pk}/").content.decode()
        mine = claimed()
        actions.renew(chore=mine, now=NOW, says="promises", step=3, steps=12)
        page = browser.get(f"/chores/{chore.pk}/").content.decode()
        assert "promises" in page
        assert 'value="3"' in page
        actions.finish(chore=mine, now=NOW, result={"then": "/findings/"})
        answer = browser.get(f"/chores/{chore.pk}/", headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == "/findings/"

    def test_others_neither_see_nor_stop_it(self, joined: Joining, signed_in: SignedIn) -> None:
        browser = signed_in(joined("bo", "frontline"))
        chore = asked()
        assert browser.get(f"/chores/{chore.pk}/").status_code == 403
        assert browser.post(f"/chores/{chore.pk}/stop").status_code == 403
        assert browser.get("/chores/9999/").status_code == 404
        assert queries.one(chore=chore.pk).state == "waiting"


def race(workers: int, chores: int) -> list[int]:
    """So many workers claim until nothing is left: the keys of what each of them did, together."""
    for number in range(chores):
        asked(number=number)
    done: list[int] = []
    begin = threading.Barrier(workers)

    def work() -> None:
        begin.wait()
        idle = 0
        while idle < 3:
            found = actions.claim(names=["analyse"], now=NOW)
            if found is None:
                idle += 1
                time.sleep(0.01)
                continue
            idle = 0
            with transaction.atomic():
                people_models.Team.objects.create(name=f"{found.pk}")  # would be refused a second time
                actions.finish(chore=found, now=NOW, result={})
            done.append(found.pk)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_two_workers_never_do_one_chore_twice(database: str) -> None:
    connection.close()
    done = race(2, 12)
    assert sorted(done) == sorted(models.Chore.objects.filter(outcome="done").values_list("pk", flat=True))
    assert len(done) == len(set(done)) == 12


@pytest.mark.slow
def test_eight_workers_never_do_one_chore_twice(database: str) -> None:
    connection.close()
    done = race(8, 200)
    assert len(done) == len(set(done)) == 200
    assert people_models.Team.objects.count() == 200
