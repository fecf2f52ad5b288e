"""What a monitor asks for: whether the desk can work, and some numbers in Prometheus' text form."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from aboveboard.desk.journal import queries


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, 503 where it does not. Says nothing more to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts in Prometheus' text form, for this machine alone: others get 404."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or "HTTP_X_FORWARDED_FOR" in request.META:
        return HttpResponse(status=404)
    return HttpResponse("\n".join(_lines()) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _lines() -> Iterator[str]:
    yield "# HELP aboveboard_ledger_sequence The place of the newest event in the journal."
    yield "# TYPE aboveboard_ledger_sequence counter"
    yield f"aboveboard_ledger_sequence {queries.latest()}"
    yield "# HELP aboveboard_ledger_unsealed Events that no seal vouches for yet."
    yield "# TYPE aboveboard_ledger_unsealed gauge"
    yield f"aboveboard_ledger_unsealed {queries.unsealed()}"
