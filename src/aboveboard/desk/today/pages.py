"""The first page. What waits comes from the slices themselves, by address (`web.navigation.TODAY`)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.today import queries


@pages.page(act="findings.read")
def page(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What waits for whoever looks; while nothing was analysed yet, what is to be done first."""
    shown = {
        "standing": queries.standing(now=pages.now()),
        "may_run": people.may(person, "findings.work"),
        "may_import": people.may(person, "events.write"),
        "may_write": people.may(person, "playbook.change"),
    }
    return render(request, "today/page.html", shown)


@pages.page(act="findings.read")
def freshness(request: HttpRequest, person: people.Person) -> HttpResponse:
    """How fresh the copy is from which the analyses read."""
    shown = {"fresh": queries.fresh(folder=settings.FOUND.folder / "ledger", now=pages.now())}
    return render(request, "today/_freshness.html", shown)
