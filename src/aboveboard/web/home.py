"""The first page: for each person the first of the menu; and the page of whatever the ledger calls a subject."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from aboveboard.desk.cases import rules as cases
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import pages, rules
from aboveboard.web import navigation

_LONGEST = 19
"""Digits of a number that a database still takes."""


@pages.page(act=None)
def home(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Send each to the first page of the menu that is open to them."""
    if rules.may(person, "events.write") and not journal.has_more_than_notes():
        return redirect("imports:first")
    places = (*navigation.WORK, *navigation.SETTINGS)
    return redirect(next((one.url for one in places if one.open_to(person)), "people:me"))


@pages.page(act=None)
def about(request: HttpRequest, person: rules.Person, subject: str) -> HttpResponse:
    """Send to the page of a subject such as `case:desk-12`, where a slice has one; there it is seen whether it is open to them."""
    number = subject.removeprefix(cases.SUBJECT)
    if number == subject or not (number.isascii() and number.isdecimal() and len(number) < _LONGEST):
        raise Http404
    return redirect("cases:case", int(number))
