"""What was just done is taken back by one tap: by whoever did it, for a while, and only where nothing happened since."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.cases import actions, models
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people

SignedIn = Callable[[people.Person], Client]


@pytest.fixture
def lea(joined: Joining) -> people.Person:
    return joined("lea", "lead", team="North")


def opened(by: people.Person, count: int) -> list[int]:
    return [
        actions.open_case(
            by=by,
            opening=case_rules.Opening(
                title="Where is it?", words="It did not come.", customer=f"c{n}", team="North", channel="web"
            ),
            now=NOW,
        ).number
        for n in range(count)
    ]


def offered(page: str) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', page)
    return found.group(1) if found else ""


def holders() -> list[Any]:
    return list(models.Case.objects.order_by("pk").values_list("assigned_to_id", flat=True))


def test_what_was_given_in_bulk_is_given_back(lea: people.Person, joined: Joining, signed_in: SignedIn) -> None:
    fred = joined("fred", "frontline", team="North")
    cases = opened(lea, 3)
    actions.assign(by=lea, case=cases[1], to=fred.id, version=None, now=NOW)
    actions.assign(by=lea, case=cases[2], to=lea.id, version=None, now=NOW)
    before = holders()
    browser = signed_in(lea)
    page = browser.post("/cases/together", {"do": "take", "cases": cases}, follow=True).content.decode()
    assert holders() == [lea.id] * 3
    token = offered(page)
    assert "Done for 3 cases." in page and token

    refused = signed_in(fred).post("/undo", {"undo": token}, follow=True).content.decode()
    assert "else&#x27;s to undo" in refused and holders() == [lea.id] * 3, "it is whoever did it who takes it back"
    page = browser.post(
        "/undo", {"undo": token}, follow=True, headers={"referer": "http://localhost/cases/"}
    ).content.decode()
    assert ("Undone." in page, holders()) == (True, before)
    subject = models.Case.objects.get(pk=cases[1]).subject
    told = [one.event for one in journal.happened(subject=subject, types=["case.assigned"])]
    assert [one.attributes["to"] for one in told[-3:]] == [fred.employee, lea.employee, fred.employee], (
        "each is on record"
    )
    again = browser.post("/undo", {"undo": token}, follow=True).content.decode()
    assert ("left as they are" in again, holders()) == (True, before), "once"


def test_what_changed_meanwhile_stays(lea: people.Person, joined: Joining, signed_in: SignedIn) -> None:
    fred = joined("fred", "frontline", team="North")
    cases = opened(lea, 2)
    browser = signed_in(lea)
    token = offered(browser.post("/cases/together", {"do": "take", "cases": cases}, follow=True).content.decode())
    actions.assign(by=lea, case=cases[0], to=fred.id, version=None, now=NOW)
    page = browser.post("/undo", {"undo": token}, follow=True).content.decode()
    assert f"left as they are: {cases[0]}" in page
    assert holders() == [fred.id, None]


def test_one_case_too(lea: people.Person, signed_in: SignedIn) -> None:
    (number,) = opened(lea, 1)
    browser = signed_in(lea)
    given = {"to": lea.id, "version": models.Case.objects.get().version}
    page = browser.post(f"/cases/{number}/assign", given, follow=True).content.decode()
    assert holders() == [lea.id], page
    browser.post("/undo", {"undo": offered(page)})
    assert holders() == [None]


def test_what_cannot_be_taken_back_offers_nothing(lea: people.Person, signed_in: SignedIn) -> None:
    cases = opened(lea, 1)
    page = signed_in(lea).post("/cases/together", {"do": "acknowledge", "cases": cases}, follow=True).content.decode()
    assert ("Done for 1 case." in page, offered(page)) == (True, "")


@pytest.mark.parametrize("given", ["", "made up", signing.dumps([1, "cases assigned", {}], salt="another")])
def test_nobody_makes_one_up(lea: people.Person, signed_in: SignedIn, given: str) -> None:
    page = signed_in(lea).post("/undo", {"undo": given}, follow=True).content.decode()
    assert "too late to undo" in page


def test_it_ends(lea: people.Person, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(lea)
    token = offered(
        browser.post("/cases/together", {"do": "take", "cases": opened(lea, 1)}, follow=True).content.decode()
    )
    later = datetime.now(UTC) + timedelta(minutes=11)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    assert "too late to undo" in browser.post("/undo", {"undo": token}, follow=True).content.decode()
    assert holders() == [lea.id]


def test_every_way_back_has_its_name() -> None:
    assert {"cases assigned", "finding moved", "finding owned"} <= set(pages._BACK)
