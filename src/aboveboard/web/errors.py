"""What is answered where no page or route answers: to people a page, to programs a problem."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from aboveboard.web import api


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: there is nothing at this address."""
    if request.path.startswith("/api/"):
        return api.problem(404, "Not Found", "There is no such route; /api/openapi.json lists them all.")
    return render(request, "404.html", status=404)


def unreadable(request: HttpRequest, detail: str) -> HttpResponse:
    """400: what was sent cannot be read."""
    if request.path.startswith("/api/"):
        return api.problem(400, "Bad Request", detail)
    return HttpResponse(detail, status=400, content_type="text/plain; charset=utf-8")


_FULL = "The disk is full. Nothing was accepted; tell whoever runs Aboveboard here."
_ABSENT = "The database does not answer, or not in time. Look whether it was done before you do it again."
_BROKEN = "Something broke on our side. Nothing was accepted."
_DISK_FULL = "53100"  # as PostgreSQL calls it


def broken(request: HttpRequest) -> HttpResponse:
    """507 where a disk is full, 503 where the database does not answer, 500 for a fault of ours."""
    error = sys.exc_info()[1]
    if error is not None and is_full(error):
        status, title, says = 507, "Insufficient Storage", _FULL
    elif isinstance(error, OperationalError):
        status, title, says = 503, "Service Unavailable", _ABSENT
    else:
        status, title, says = 500, "Internal Server Error", _BROKEN
    if request.path.startswith("/api/"):
        return api.problem(status, title, says)
    # Nothing of the site's is in it that could ask the database.
    return HttpResponse(loader.render_to_string("500.html", {"says": says, "status": status}), status=status)


def is_full(error: BaseException) -> bool:
    """Whether this, or what brought it about, is a disk or a quota that is full."""
    return any(
        (isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT))
        or getattr(one, "sqlstate", None) == _DISK_FULL
        or (isinstance(one, OperationalError) and "disk is full" in str(one))
        for one in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
