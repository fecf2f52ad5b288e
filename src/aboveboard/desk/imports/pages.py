"""Pages of imports: the first run, a file from its upload to its events, and the playbook that it begins with."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.imports import actions, forms, models, queries, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbook
from aboveboard.ledger.errors import AboveboardError


@pages.page(act="events.write")
def first(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Where events come in: one's own file, or the demo company while there is nothing yet."""
    shown = {
        "form": forms.Bring(),
        "uploads": queries.uploads()[:20],
        "empty": not journal.has_more_than_notes() and playbook.in_force(now=pages.now()) is None,
    }
    return render(request, "imports/page.html", shown)


@pages.page(act="events.write", methods=("POST",))
def bring(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Keep a file, and look at it."""
    form = forms.Bring(request.POST, request.FILES)
    if not form.is_valid():
        raise rules.NotTakenError(form.says())
    file = form.cleaned_data["file"]
    kept = actions.keep(
        by=person,
        name=file.name,
        chunks=file.chunks(),
        timezone=form.cleaned_data["timezone"],
        folder=settings.FOUND.folder,
        now=pages.now(),
    )
    return redirect("imports:one", number=kept.pk)


@pages.page(act="events.write", methods=("GET", "POST"))
def one(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A file: before it is taken in, what its mapping would make of it; afterwards what came of it, and what is next."""
    found = _found(number)
    if found.receipt:
        return _taken(request, person, found)
    form = forms.Mapping(request.POST or None, initial={"mapping": found.mapping})
    if request.method == "POST" and form.is_valid():
        found.mapping = form.cleaned_data["mapping"].replace("\r\n", "\n")
    said, tried = "", None
    if found.mapping:
        try:
            if request.method == "POST":
                actions.put_right(by=person, upload=found, mapping=found.mapping)
            tried = queries.tried(text=found.mapping, file=queries.file_of(upload=found, folder=settings.FOUND.folder))
        except AboveboardError as error:
            said = str(error)
    shown = {
        "found": found,
        "form": form,
        "tried": tried,
        "says": said,
        "doubts": queries.doubts(text=found.mapping),
    }
    return render(request, "imports/one.html", shown, status=422 if said else 200)


@pages.page(act="events.write", methods=("POST",))
def take(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Have its events taken in."""
    asked = actions.ask(by=person, upload=_found(number), now=pages.now())
    return redirect("chores:one", chore=asked.pk)


@pages.page(act="events.write", methods=("POST",))
def demo(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Fill an empty desk with the demo company."""
    if journal.has_more_than_notes() or playbook.in_force(now=pages.now()) is not None:
        raise rules.NotTakenError(
            "There are events or a playbook here already. The demo company needs a desk of its own."
        )
    asked = chores.ask(by=person, name="demo", act="events.write", now=pages.now())
    return redirect("chores:one", chore=asked.pk)


@pages.page(act="playbook.change", methods=("POST",))
def begin(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Take a first playbook, and have the events analysed."""
    form = forms.Begin(request.POST)
    if not form.is_valid():
        raise rules.NotTakenError(form.says())
    at = pages.now()
    if playbook.in_force(now=at) is None:
        actions.begin_playbook(by=person, upload=_found(number), organisation=form.cleaned_data["organisation"], now=at)
        messages.success(request, _("A first playbook is in force. Put its promises right under Playbook."))
    asked = chores.ask(by=person, name="analyse", act="findings.work", now=at)
    return redirect("chores:one", chore=asked.pk)


def _taken(request: HttpRequest, person: people.Person, found: models.Upload) -> HttpResponse:
    version = playbook.in_force(now=pages.now())
    at = {"organisation": "", "timezone": found.timezone, "types": found.types, "dated": found.dated}
    shown = {
        "found": found,
        "version": version,
        "starter": "" if version else rules.starter(**at),
        "begin": forms.Begin(),
        "may_change": people.may(person, "playbook.change"),
        "may_run": people.may(person, "findings.work"),
        "may_manage": people.may(person, "people.manage"),
    }
    return render(request, "imports/taken.html", shown)


def _found(number: int) -> models.Upload:
    found = queries.upload(number=number)
    if found is None:
        raise Http404("There is no such file.")
    return found
