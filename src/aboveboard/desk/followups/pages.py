"""Pages of followups: the list, a finding with its life, and what people may make of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.followups import actions, forms, models, queries, rules
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people

_PER_PAGE = 50
_MOST_SHOWN = 5


@pages.page(act="findings.read")
def listed(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The findings, filtered and sorted; `?as=csv` is the same for a spreadsheet."""
    form = forms.Filters(request.GET, families=queries.families(person=person))
    given = form.cleaned_data if form.is_valid() else {}
    show = given.get("show") or "found"
    found = queries.listed(
        person=person,
        states=[given["state"]] if given.get("state") else (),
        family=given.get("family") or "",
        owner=person.id if given.get("mine") else None,
        found={"found": True, "gone": False}.get(show),
        words=given.get("q") or "",
        order=given.get("order") or "weight",
    )
    if request.GET.get("as") == "csv":
        return _downloaded(found)
    more = {name: value for name, value in request.GET.items() if name not in ("page", "as")}
    shown = {
        "found": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "more": urlencode(more),
        "run": queries.last_run(),
        "counts": queries.counts(person=person),
        "words": forms.STATE_WORDS,
        "may_run": people.may(person, "findings.work"),
    }
    return render(request, "followups/page.html", shown)


@pages.page(act="findings.read")
def one(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """A finding: its sentence, evidence, events, state, owner and history."""
    found = _found(person, finding)
    may_work = _may_work(person, found)
    shown = {
        "found": found,
        "evidence": rules.evidence_said(queries.evidence(followup=found)),
        "history": queries.history(followup=found),
        "moves": [(to, forms.STATE_WORDS[to]) for to in rules.MOVES[found.state]] if may_work else [],
        "owners": queries.owners() if may_work else [],
        "may_work": may_work,
        "comment": forms.Comment(),
        "words": forms.STATE_WORDS,
        "is_last": found.last_run == queries.last_run(),
    }
    return render(request, "followups/one.html", shown)


@pages.page(act="findings.work", methods=("POST",))
def move(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """Say what becomes of it."""
    form = forms.Move(request.POST)
    if not form.is_valid():
        raise rules.FollowupError(form.says())
    given = form.cleaned_data
    before = _found(person, finding).state
    actions.move(by=person, finding=finding, to=given["to"], says=given["why"], now=pages.now())
    word = forms.STATE_WORDS[given["to"]]
    way = {"finding": finding, "to": before, "since": given["to"]} if rules.leads_back(given["to"], before) else None
    pages.done(
        request, person, _("It is now: %(state)s.") % {"state": word}, undo="finding moved" if way else None, about=way
    )
    return redirect("followups:one", finding=finding)


@pages.undoes("finding moved")
def move_back(*, by: people.Person, now: datetime, finding: str, to: str, since: str) -> None:
    """Put a finding into the state of before, while nobody moved it on."""
    if _found(by, finding).state != since:
        raise rules.FollowupError("Somebody moved it on meanwhile: it is not moved back.")
    actions.move(by=by, finding=finding, to=to, says="", now=now)


@pages.page(act="findings.work", methods=("POST",))
def own(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """Give it an owner."""
    form = forms.Owner(request.POST)
    if not form.is_valid():
        raise rules.FollowupError(form.says())
    given, before = form.cleaned_data["owner"], _found(person, finding).owner_id
    actions.own(by=person, finding=finding, owner=given, now=pages.now())
    if given != before:
        way = {"finding": finding, "owner": before, "since": given}
        pages.done(request, person, _("It has another owner."), undo="finding owned", about=way)
    return redirect("followups:one", finding=finding)


@pages.undoes("finding owned")
def give_back(*, by: people.Person, now: datetime, finding: str, owner: int | None, since: int | None) -> None:
    """Give a finding to its owner of before, while nobody gave it to another."""
    if _found(by, finding).owner_id != since:
        raise rules.FollowupError("Somebody gave it to another meanwhile: it stays with them.")
    actions.own(by=by, finding=finding, owner=owner, now=now)


@pages.page(act="findings.read", methods=("POST",))
def comment(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """Say something about it."""
    form = forms.Comment(request.POST)
    if not form.is_valid():
        raise rules.FollowupError(form.says())
    actions.comment(by=person, finding=finding, says=form.cleaned_data["text"], now=pages.now())
    return redirect("followups:one", finding=finding)


@pages.page(act="findings.read")
def events(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """The events behind a finding, as the journal has them: what happened, and to what; whose it was stays out of it."""
    found = _found(person, finding)
    shown = {"found": found, "happened": queries.happened(person=person, followup=found)}
    return render(request, "followups/_events.html", shown)


@pages.page(act="findings.read")
def waiting(request: HttpRequest, person: people.Person) -> HttpResponse:
    """For the first page: what is mine and not ended, and what nobody has said a word about yet."""
    mine = queries.listed(
        person=person, owner=person.id, states=(rules.CAME_BACK, rules.ACCEPTED, rules.IN_WORK), found=None
    )
    fresh = queries.listed(person=person, states=rules.WAITING)
    shown = {
        "mine": mine[:_MOST_SHOWN],
        "mine_count": mine.count(),
        "fresh": fresh[:_MOST_SHOWN],
        "fresh_count": fresh.count(),
        "run": queries.last_run(),
        "words": forms.STATE_WORDS,
    }
    return render(request, "followups/_waiting.html", shown)


@pages.page(act="findings.work", methods=("POST",))
def run(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Have the analyses run now, and show how far they are."""
    asked = chores.ask(by=person, name="analyse", act="findings.work", now=pages.now())
    return redirect("chores:one", chore=asked.pk)


def _found(person: people.Person, finding: str) -> models.Followup:
    found = queries.one(person=person, finding=finding)
    if found is None:
        raise Http404("There is no such finding.")
    return found


def _may_work(person: people.Person, found: models.Followup) -> bool:
    return rules.sees(people.reach(person, "findings.work"), found.team or None)


def _downloaded(found: Any) -> HttpResponse:
    header = ["finding", "kind", "state", "found", "sentence", "action", "for", "owner", "team", "n", "estimate", "low", "high",
              "unit", "weight"]  # fmt: skip
    return pages.csv("findings", header, map(_row, found))


def _row(one: models.Followup) -> list[object]:
    said = one.evidence
    owner = str(one.owner) if one.owner else ""
    return [
        one.finding, one.kind, one.state, "yes" if one.found else "no", one.sentence, one.action, one.answers, owner, one.team,
        said["n"], said["estimate"], said["low"], said["high"], said["unit"], one.weight,
    ]  # fmt: skip
