"""The customer's page, by its link alone; and for whoever works on the case, the links and what they show."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aboveboard.desk.cases import queries as cases
from aboveboard.desk.customer_page import actions, queries, rules
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people

_LONGEST = 10_000


@pages.page(act="cases.work", methods=("GET", "POST"))
def links(request: HttpRequest, person: people.Person, case: int) -> HttpResponse:
    """The links to the page of a case's customer, and what it shows; a new one is shown once."""
    found = cases.case(person=person, number=case, act="cases.work")
    if found is None:
        return render(request, "404.html", status=404)
    made = None
    if request.method == "POST":
        token = actions.make(by=person, case=case, now=pages.now())
        made = request.build_absolute_uri(reverse("customer_page:page", args=[token]))
    shown = {
        "case": found,
        "made": made,
        "links": queries.links(case=found),
        "seen": queries.seen(case=found, now=pages.now()),
        "now": pages.now(),
    }
    return render(request, "customer_page/links.html", shown)


@pages.page(act="cases.work", methods=("POST",))
def revoke(request: HttpRequest, person: people.Person, case: int, link: int) -> HttpResponse:
    """Let a link open nothing any more."""
    actions.revoke(by=person, case=case, link=link, now=pages.now())
    return redirect("customer_page:links", case)


@never_cache
@require_http_methods(["GET", "HEAD"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What is true of the case, for its customer."""
    try:
        found = queries.link(token=token, now=pages.now())
    except rules.LinkError as error:
        return _private(render(request, "customer_page/gone.html", {"says": str(error)}, status=404))
    actions.opened(link=found, now=pages.now())
    seen = queries.seen(case=found.case, now=pages.now())
    return _private(render(request, "customer_page/page.html", {"seen": seen, "token": token}))


@never_cache
@require_http_methods(["POST"])
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Object to the decision."""
    return _said(
        request, token, actions.appeal, _("We have your objection. Somebody else than before will look at it.")
    )


@never_cache
@require_http_methods(["POST"])
def write(request: HttpRequest, token: str) -> HttpResponse:
    """Write to the organisation."""
    return _said(request, token, actions.write, _("We have your message."))


def _said(request: HttpRequest, token: str, act: Callable[..., None], thanks: str) -> HttpResponse:
    try:
        act(token=token, words=request.POST.get("words", "")[:_LONGEST], now=pages.now())
        messages.success(request, thanks)
    except rules.LinkError as error:
        messages.error(request, str(error))
    return _private(redirect("customer_page:page", token))


def _private(answer: HttpResponse) -> HttpResponse:
    # The address is the key: it must not travel to other sites, nor into a search engine. With "no-referrer" a browser would say
    # of a form of this page that it comes from nowhere, and what the customer writes would be refused as forged.
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "same-origin", "noindex, nofollow"
    return answer
