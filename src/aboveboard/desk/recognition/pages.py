"""Pages of recognition: thanks given and received, reports and their answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.recognition import actions, forms, queries, rules

_SHOWN = 50


@pages.page(act="recognition.give", methods=("GET", "POST"))
def thanks(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The thanks one got and gave; thank somebody."""
    form = forms.Thank(request.POST or None, person=person)
    if request.method == "POST":
        if not form.is_valid():
            raise rules.RecognitionError(form.says())
        given = form.cleaned_data
        actions.thank(by=person, to=given["to"], text=given["text"], now=pages.now())
        messages.success(request, _("They will see it on their page of thanks."))
        return redirect("recognition:thanks")
    shown = {
        "form": form,
        "received": list(queries.received(person=person)[:_SHOWN]),
        "given": list(queries.given(person=person)[:_SHOWN]),
    }
    answer = render(request, "recognition/page.html", shown)
    actions.seen(by=person, now=pages.now())
    return answer


@pages.page(act=("recognition.give", "conduct.read"), methods=("GET", "POST"))
def reports(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The reports one may see; make one."""
    form = forms.Report(request.POST or None, person=person)
    if request.method == "POST":
        if not form.is_valid():
            raise rules.RecognitionError(form.says())
        given = form.cleaned_data
        actions.report(by=person, kind=given["kind"], concerns=given["concerns"], text=given["text"], now=pages.now())
        messages.success(request, _("Your report is with those who may read it. They owe you an answer."))
        return redirect("recognition:reports")
    shown = {
        "form": form if people.may(person, "recognition.give") else None,
        "reports": [(one, rules.KINDS[one.kind]) for one in queries.reports(person=person)[:_SHOWN]],
    }
    return render(request, "recognition/reports.html", shown)


@pages.page(act=("recognition.give", "conduct.read"))
def report(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """A report: one's own, or any where one may read them."""
    found = queries.report(number=number, person=person)
    if found.by_id != person.id:
        people_actions.note_reading(by=person, what="conduct report", which=str(number), now=pages.now())
    answers = people.may(person, "conduct.answer") and person.id not in (found.by_id, found.concerns_id)
    return render(
        request, "recognition/report.html", {"report": found, "kind": rules.KINDS[found.kind], "answers": answers}
    )


@pages.page(act="conduct.answer", methods=("POST",))
def answer(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """Answer a report."""
    actions.answer(by=person, number=number, text=request.POST.get("text", ""), now=pages.now())
    return redirect("recognition:report", number)
