"""The first page: for each person the first of the menu."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from aboveboard.desk.people import pages, rules
from aboveboard.web import navigation


@pages.page(act=None)
def home(request: HttpRequest, person: rules.Person) -> HttpResponse:
    """Send each to the first page of the menu that is open to them."""
    places = (*navigation.WORK, *navigation.SETTINGS)
    return redirect(next((one.url for one in places if one.open_to(person)), "people:me"))
