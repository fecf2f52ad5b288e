"""Pages of procedures: one's visits, and a visit with its steps."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people import pages
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.procedures import actions, forms, models, queries, rules

_PER_PAGE = 50
_WORDS = {
    rules.OFFER: _("Offered"), rules.DONE: _("Done"), rules.DECLINE: _("Customer said no"), rules.ADAPT: _("Done otherwise"),
    rules.SKIP: _("Not needed"),
}  # fmt: skip


@pages.page(act="procedures.work", methods=("GET", "POST"))
def visits(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The visits of one's teams; begin one."""
    procedures = _procedures()
    form = forms.Begin(request.POST or None, procedures=procedures, teams=_teams(person))
    if request.method == "POST":
        if not form.is_valid():
            raise rules.StepError(form.says())
        given = form.cleaned_data
        matter = people.Matter("", given["customer"] or None, given["team"] or None)
        made = actions.begin(by=person, procedure=given["procedure"], matter=matter, now=pages.now())
        return redirect("procedures:visit", made.pk)
    found = Paginator(queries.visits(reach=people.reach(person, "procedures.work")), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "procedures/page.html", {"found": found, "form": form, "procedures": procedures, "more": ""})


@pages.page(act="procedures.work")
def visit(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A visit: its steps, each with its why and what can be done with it now."""
    return _shown(request, queries.visit(number=number, reach=people.reach(person, "procedures.work")))


@pages.page(act="procedures.work", methods=("POST",))
def answer(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Do something with a step: `step`, `act`, and `reason` where one is needed."""
    doing = rules.Doing(request.POST.get("act", ""), request.POST.get("reason", ""))
    actions.answer(by=person, visit=number, step=request.POST.get("step", ""), doing=doing, now=pages.now())
    if request.htmx:  # type: ignore[attr-defined] # the middleware of django-htmx
        return _shown(
            request,
            queries.visit(number=number, reach=people.reach(person, "procedures.work")),
            "procedures/_steps.html",
        )
    return redirect("procedures:visit", number)


@pages.page(act="procedures.work", methods=("POST",))
def end(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """End a visit."""
    actions.end(by=person, visit=number, now=pages.now())
    return redirect("procedures:visits")


@pages.page(act="procedures.work", methods=("GET", "POST"))
def for_matter(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The visits of a matter, for the page that shows it; begin one for it."""
    matter = pages.matter(request, person, "procedures.work")
    if request.method == "POST":
        made = actions.begin(by=person, procedure=request.POST.get("procedure", ""), matter=matter, now=pages.now())
        return redirect("procedures:visit", made.pk)
    shown = {
        "visits": queries.visits(reach=people.reach(person, "procedures.work"), subject=matter.subject),
        "procedures": [(one, rules.title(one)) for one in _procedures()],
        "matter": pages.sealed(matter, person),
    }
    return render(request, "procedures/_matter.html", shown)


def _shown(request: HttpRequest, found: models.Visit, template: str = "procedures/visit.html") -> HttpResponse:
    steps = [
        (step, [(act, _WORDS[act], act in rules.REASONED) for act in rules.acts(step.kind, step.state)])
        for step in found.steps.all()
    ]
    left = sum(step.state in (rules.OPEN, rules.OFFERED) for step, _acts in steps)
    return render(request, template, {"visit": found, "steps": steps, "left": left})


def _procedures() -> list[str]:
    if playbook.in_force(now=pages.now()) is None:
        return []
    return sorted(playbook.current(now=pages.now()).procedures)


def _teams(person: people.Person) -> list[str]:
    reach = people.reach(person, "procedures.work")
    return [one.name for one in people_queries.teams()] if reach.everything else sorted(reach.teams)
