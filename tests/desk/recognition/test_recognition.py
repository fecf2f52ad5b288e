"""Thanks reach whom they are for; a report reaches those who answer for it, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.recognition import actions, queries, rules

SignedIn = Callable[[people.Person], Client]
WORDS = "He shouted at me for the delay that head office had promised away."


class TestThanks:
    def test_they_are_on_record_and_seen(self, joined: Joining, signed_in: SignedIn) -> None:
        bo, sue = joined("bo", "frontline"), joined("sue", "frontline")
        page = signed_in(bo).post("/thanks/", {"to": sue.id, "text": "You found the lost parcel."}, follow=True)
        assert "They will see it" in page.content.decode()
        (event,) = [one.event for one in journal.happened(types=["recognition.given"])]
        assert (event.employee, event.attributes["by"]) == (sue.employee, bo.employee)
        browser = signed_in(sue)
        assert "<strong>new</strong>" in browser.get("/thanks/").content.decode()
        assert "<strong>new</strong>" not in browser.get("/thanks/").content.decode()

    @pytest.mark.parametrize(
        ("whom", "text", "says"), [("self", "x", "somebody else"), ("other", " ", "what you thank")]
    )
    def test_not_to_oneself_and_not_for_nothing(self, joined: Joining, whom: str, text: str, says: str) -> None:
        bo, sue = joined("bo", "frontline"), joined("sue", "frontline")
        with pytest.raises(rules.RecognitionError, match=says):
            actions.thank(by=bo, to=bo.id if whom == "self" else sue.id, text=text, now=NOW)


class TestReports:
    def test_who_sees_one(self, joined: Joining, signed_in: SignedIn) -> None:
        people_ = {name: joined(name, role) for name, role in (
            ("bo", "frontline"), ("sue", "frontline"), ("lea", "lead"), ("cora", "cx-lead"), ("aud", "auditor"),
        )}  # fmt: skip
        made = actions.report(by=people_["bo"], kind=rules.BLAME, concerns=people_["sue"].id, text=WORDS, now=NOW)
        seen = {name: signed_in(one).get(f"/conduct/{made.pk}/").status_code == 200 for name, one in people_.items()}
        assert seen == {"bo": True, "sue": False, "lea": False, "cora": True, "aud": True}
        listed = {name: len(queries.reports(person=one)) for name, one in people_.items()}
        assert listed == {name: int(sees) for name, sees in seen.items()}
        assert {one.user.name for one in people_queries.readings()} == {"Cora", "Aud"}, (
            "and that they read it is on record"
        )

    def test_its_words_stay_out_of_the_ledger(self, joined: Joining) -> None:
        bo = joined("bo", "frontline")
        actions.report(by=bo, kind=rules.ABUSE, concerns=bo.id, text=WORDS, now=NOW)
        (event,) = [one.event for one in journal.happened(types=["conduct.reported"])]
        assert (event.text, event.employee) == ("A customer abused an employee", bo.employee)
        assert "shouted" not in json.dumps(event.attributes)

    def test_it_is_answered_once_and_not_by_whom_it_concerns(self, joined: Joining) -> None:
        bo, cora, dan = joined("bo", "frontline"), joined("cora", "cx-lead"), joined("dan", "cx-lead")
        about_cora = actions.report(by=bo, kind=rules.BLAME, concerns=cora.id, text=WORDS, now=NOW)
        with pytest.raises(rules.RecognitionError, match="Somebody else"):
            actions.answer(by=cora, number=about_cora.pk, text="Spoken with them.", now=NOW)
        assert [queries.waiting_count(person=one) for one in (bo, cora, dan)] == [0, 0, 1]
        answered = actions.answer(by=dan, number=about_cora.pk, text="Spoken with them.", now=NOW + timedelta(hours=1))
        assert (answered.answer, queries.waiting_count(person=dan)) == ("Spoken with them.", 0)
        with pytest.raises(rules.RecognitionError, match="its answer already"):
            actions.answer(by=dan, number=about_cora.pk, text="Again.", now=NOW)
