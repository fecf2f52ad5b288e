"""Pages of chores: how far one is, and the way to stop it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.chores import actions, models, queries, rules
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people

TITLES = {
    "analyse": _("The analysis"),
    "import": _("The import"),
    "demo": _("The demo company"),
}


def _found(person: people.Person, chore: int) -> models.Chore:
    try:
        found = queries.one(chore=chore)
    except rules.ChoreError as error:
        raise Http404(str(error)) from error
    people.need(person, found.act)
    return found


@pages.page(act=None)
def one(request: HttpRequest, person: people.Person, chore: int) -> HttpResponse:
    """How far it is: a page, or the piece of it that asks anew every second while it is under way.

    Once it is done, whoever waits is sent on to where its result is.
    """
    found = _found(person, chore)
    shown = {"chore": found, "title": TITLES.get(found.name, found.name), "then": found.result.get("then", "")}
    if request.headers.get("HX-Request"):
        answer = render(request, "chores/_progress.html", shown)
        if found.outcome == "done" and shown["then"]:
            answer["HX-Redirect"] = shown["then"]
        return answer
    if found.outcome == "done" and shown["then"]:
        return redirect(shown["then"])
    return render(request, "chores/page.html", shown)


@pages.page(act=None, methods=("POST",))
def stop(request: HttpRequest, person: people.Person, chore: int) -> HttpResponse:
    """Ask for it to be stopped."""
    found = _found(person, chore)
    actions.stop(by=person, chore=found.pk, now=pages.now())
    return redirect("chores:one", chore=chore)
