"""The API: every slice's routes under one door, errors as problem+json (RFC 9457), the OpenAPI at `/api/openapi.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from aboveboard.desk.cases import api as cases
from aboveboard.desk.chores import api as chores
from aboveboard.desk.customer_page import api as customer_page
from aboveboard.desk.escalations import api as escalations
from aboveboard.desk.followups import api as followups
from aboveboard.desk.imports import api as imports
from aboveboard.desk.messages import api as messages
from aboveboard.desk.people import api as people
from aboveboard.desk.people.rules import ForbiddenError
from aboveboard.desk.playbook import api as playbook
from aboveboard.desk.policies import api as policies
from aboveboard.desk.problems import api as problems
from aboveboard.desk.procedures import api as procedures
from aboveboard.desk.promises import api as promises
from aboveboard.desk.recognition import api as recognition
from aboveboard.ledger.errors import AboveboardError

PROBLEMS = {
    400: "The request cannot be read",
    401: "No valid key",
    403: "The key may not do this",
    404: "Not there, or not within reach",
    422: "What was asked cannot be done; the detail says why",
    503: "The database does not answer, or not in time",
    507: "The disk is full; nothing was accepted",
    429: "Too many requests; Retry-After says how many seconds to wait",
}
"""What every route can answer beside what it says itself, as problem+json."""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What is wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {"type": "object", "properties": {"at": {"type": "string"}, "says": {"type": "string"}}},
        },
    },
}


_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class StorableText(Parser):
    """Reads a body, and refuses one with a NUL or half a character in it (`"\\ud800"` alone): no database takes them as text."""

    def parse_body(self, request: HttpRequest) -> Any:
        """What the JSON says. Raises ValueError, which is answered with 400."""
        said = super().parse_body(request)
        if any(_NO_TEXT.search(text) for text in _texts(said)):
            raise ValueError("a NUL or half a character")
        return said


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        for one in said:
            yield from _texts(one)
    elif isinstance(said, dict):
        for key, one in said.items():
            yield key
            yield from _texts(one)


class Api(NinjaAPI):
    """The API, which says of every route what can go wrong."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document, with the problems of every route in it."""
        schema = super().get_openapi_schema(**options)
        schema["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for route in schema["paths"].values():
            for operation in route.values():
                for status, says in PROBLEMS.items():
                    operation["responses"].setdefault(status, {"description": says, "content": content})
        return schema


api = Api(
    title="Aboveboard",
    version="1",
    description="Everything that a page can do. A key is made at /keys/ and given as `Authorization: Bearer ab_…`.",
    auth=people.ByKey(settings.FOUND.api_rate),
    docs_url=None,
    urls_namespace="api",
    parser=StorableText(),
)
# Routes are looked through in this order: what programs ask for most comes first.
api.add_router("", cases.router)
api.add_router("", people.router)
api.add_router("", playbook.router)
api.add_router("", promises.router)
api.add_router("", messages.router)
api.add_router("", policies.router)
api.add_router("", procedures.router)
api.add_router("", escalations.router)
api.add_router("", recognition.router)
api.add_router("", problems.router)
api.add_router("", chores.router)
api.add_router("", followups.router)
api.add_router("", customer_page.router)
api.add_router("", imports.router)


def problem(status: int, title: str, detail: str, **more: Any) -> HttpResponse:
    """An answer that says what is wrong (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(401, "Unauthorized", "Give a valid key: Authorization: Bearer ab_….")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(ForbiddenError)
def _forbidden(request: HttpRequest, error: ForbiddenError) -> HttpResponse:
    return problem(403, "Forbidden", str(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"at": ".".join(map(str, one["loc"])), "says": one["msg"]} for one in error.errors]
    return problem(
        422, "Unprocessable Content", "; ".join(f"{one['at']}: {one['says']}" for one in faults), faults=faults
    )


@api.exception_handler(AboveboardError)
def _refused(request: HttpRequest, error: AboveboardError) -> HttpResponse:
    return problem(422, "Unprocessable Content", str(error))


@api.exception_handler(Throttled)
def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    answer = problem(429, "Too Many Requests", "This key has asked too often within a minute. Wait, then go on.")
    answer["Retry-After"] = str(max(1, round(error.wait or 1)))
    return answer


@api.exception_handler(Http404)
def _absent(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "Not Found", str(error) or "There is no such thing, or it is not within your reach.")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    # What ninja itself refuses: a body that is no JSON, and the like.
    return problem(error.status_code, PROBLEMS.get(error.status_code, "Error"), str(error))
