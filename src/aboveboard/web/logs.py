"""What the desk says of its work on standard error: one line per request and per chore, as text or as JSON, without personal data.

A line names the route and not the address, whose parts can be a case, a customer or a signed link; a person by the pseudonym that
the ledger knows them by; an error by its kind and the place in our code, since its words can repeat what somebody typed. Only what
the database or the system says of itself (full, locked, gone) is repeated.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
HEADER = "X-Request-ID"
_asked: ContextVar[str | None] = ContextVar("request", default=None)
_requests = logging.getLogger("aboveboard.requests")
_GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
# What a monitor or a browser asks for all the time says little: shown at the level debug.
_QUIET = ("health", "metrics", "static")


def configured(form: str, level: str) -> dict[str, Any]:
    """The configuration of `logging`, as `dictConfig` takes it."""
    ours = {"handlers": ["terminal"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{'Json' if form == 'json' else 'Text'}"}},
        "handlers": {
            "terminal": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "loggers": {
            "aboveboard": ours,
            "_granian": dict(ours),
            # Says addresses. What broke is formatted without them; the rest stands in the line of its request.
            "django.request": {**ours, "level": "ERROR"},
            "django.security": {"handlers": ["nowhere"], "propagate": False},
        },
        "root": {"handlers": ["terminal"], "level": "WARNING"},
    }


def request_line(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id, which its answer carries, and say one line of it."""

    def answered(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = request.headers.get(HEADER, "")
        token = _asked.set(given if _GIVEN.fullmatch(given) else token_hex(8))
        try:
            response = answer(request)
            response.headers[HEADER] = _asked.get() or ""
            route = _route(request, response)
            level = logging.DEBUG if route in _QUIET else logging.INFO
            _requests.log(level, "request", extra={"said": _said(request, response, route, started)})
        finally:
            _asked.reset(token)
        return response

    return answered


def _said(request: HttpRequest, response: HttpResponse, route: str, started: float) -> Mapping[str, Any]:
    return {
        "method": request.method,
        "route": route,
        "status": response.status_code,
        "ms": milliseconds(started),
        "user": _pseudonym(request),
    }


def milliseconds(started: float) -> float:
    """Since a moment of `perf_counter`, to a tenth."""
    return round((time.perf_counter() - started) * 1000, 1)


def _route(request: HttpRequest, response: HttpResponse) -> str:
    """The name of the view that answered; `static` and `none` where there was no view."""
    found = request.resolver_match
    if found is None:
        return "static" if request.path.startswith("/static/") and response.status_code < 400 else "none"
    return found.view_name or "unnamed"


def _pseudonym(request: HttpRequest) -> str | None:
    """The person's key in the ledger, where it is known who asked; nothing is read for it."""
    by_key = getattr(request, "auth", None)
    signed_in = getattr(request, "_cached_user", None)
    return getattr(by_key, "employee", None) or getattr(signed_in, "employee", None)


def _of(record: logging.LogRecord) -> dict[str, Any]:
    """All that a line says, in its order."""
    said = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name.lstrip("_"),
        "event": _event(record),
        **getattr(record, "said", {}),
        "request": _asked.get(),
    }
    if record.exc_info and record.exc_info[1] is not None:
        said |= _what_broke(record.exc_info[1])
    return {name: value for name, value in said.items() if value is not None}


def _event(record: logging.LogRecord) -> str:
    return "broken" if record.name == "django.request" else record.getMessage()


def _what_broke(error: BaseException) -> dict[str, Any]:
    """The kind of an error and where it came from; its words only where they are the system's own."""
    where = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)]
    told: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, OperationalError):
        told["says"] = str(error).strip().splitlines()[0] if str(error).strip() else None
    elif isinstance(error, OSError):
        told["says"] = error.strerror
    return {**told, "where": where}


class Json(logging.Formatter):
    """A line as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_of(record), ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """A line to read: when, how bad, what; then names and values. Where an error came from stands below it."""

    def format(self, record: logging.LogRecord) -> str:
        said = _of(record)
        where = said.pop("where", [])
        at, level, logger, event = (said.pop(name) for name in ("time", "level", "logger", "event"))
        head = f"{at} {level.upper()} {logger.removeprefix('aboveboard.')}: {event}"
        told = "".join(f" {name}={_plain(value)}" for name, value in said.items())
        return "\n    ".join([head + told, *where])


def _plain(value: Any) -> str:
    text = str(value)
    return text if re.fullmatch(r"[\w.:/+-]+", text) else json.dumps(text, ensure_ascii=False)
