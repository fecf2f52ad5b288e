"""The API: every slice's routes under one door, errors as problem+json (RFC 9457), the OpenAPI at `/api/openapi.json`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from aboveboard.desk.people import api as people
from aboveboard.desk.people.rules import ForbiddenError
from aboveboard.desk.procedures import api as procedures
from aboveboard.desk.recognition import api as recognition
from aboveboard.ledger.errors import AboveboardError

api = NinjaAPI(
    title="Aboveboard",
    version="1",
    description="Everything that a page can do. A key is made at /keys/ and given as `Authorization: Bearer ab_…`.",
    auth=people.ByKey(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", people.router)
api.add_router("", procedures.router)
api.add_router("", recognition.router)


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


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "Error", str(error))
