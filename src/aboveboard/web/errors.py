"""What is answered where no page or route answers: to people a page, to programs a problem."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

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


def broken(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours."""
    if request.path.startswith("/api/"):
        return api.problem(500, "Internal Server Error", "Something broke on our side. Nothing was accepted.")
    return defaults.server_error(request)
