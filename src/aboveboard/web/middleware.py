"""What every answer carries, and what no request may."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from aboveboard.desk.people import pages
from aboveboard.desk.playbook import queries
from aboveboard.web import errors

POLICY = "; ".join(
    (
        "default-src 'self'",
        # htmx hides its indicators and drawings bring their own sizes with styles; scripts are files of ours alone.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_WITHOUT_TIMES = ("/static/", "/api/", "/health", "/metrics", "/account/", "/language/")


def content_security(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let a page load nothing but what this server sends, so that text of a customer's that slipped through stays text."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return answered


def storable_text(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 400 where an address or a form has a NUL in it: PostgreSQL has no text with one, and fails on it."""

    def answered(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "") or _in_form(request):
            return errors.unreadable(request, gettext("There is a NUL character in it, which no text here can have."))
        return answer(request)

    return answered


def _in_form(request: HttpRequest) -> bool:
    if request.content_type != "application/x-www-form-urlencoded":
        return False
    return any("\x00" in text for _, texts in request.POST.lists() for text in texts if isinstance(text, str))


def organisation_clocks(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell every time on a page by the clocks of the organisation, as its playbook has them; by UTC while there is none."""

    def answered(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_WITHOUT_TIMES):
            return answer(request)
        held = queries.time_zone(now=pages.now())
        with timezone.override(held):
            return answer(request)

    return answered
