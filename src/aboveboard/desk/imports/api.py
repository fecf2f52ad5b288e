"""Events by API: JSON lines and CloudEvents 1.0, in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from aboveboard.desk.imports import actions, rules
from aboveboard.desk.people import api, pages

router = Router(tags=["events"])
_CHUNK = 1 << 20
_MOST = 256 << 20
_LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
_CLOUD = ("application/cloudevents+json", "application/cloudevents-batch+json")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string"}} for kind in _LINES[:1]},
            _CLOUD[0]: {"schema": {"type": "object"}},
            _CLOUD[1]: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


class TakenOut(Schema):
    """What came of the events: read = recorded + known + rejected. `rejects` tells the first hundred as CSV, with their reason."""

    read: int
    recorded: int
    known: int
    rejected: int
    by_reason: dict[str, int]
    rejects: str
    notes: list[str]


@router.post("/events", response=TakenOut, summary="Add events: JSON lines, or CloudEvents 1.0", openapi_extra=_BODY)
def add(request: HttpRequest) -> TakenOut:
    """Each line, or each CloudEvent, is an event of the ledger; the good ones are recorded together, in one transaction.

    The same id is the same event, so that a request can be repeated. Up to 256 MB; several thousand at once are quickest.
    """
    person = api.asking(request, "events.write")
    kind = (request.content_type or "").lower()
    if kind in _LINES:
        taken = actions.take_lines(by=person, chunks=_body(request), now=pages.now())
    elif kind in _CLOUD:
        taken = actions.take_rows(by=person, rows=rules.rows_of(_read(request)), now=pages.now())
    else:
        raise HttpError(415, f"Send events as {', '.join((_LINES[0], *_CLOUD))}, not as {kind or 'nothing'}.")
    told = {name: getattr(taken, name) for name in ("read", "recorded", "known", "rejected", "rejects")}
    return TakenOut(**told, by_reason=dict(taken.by_reason), notes=list(taken.notes))


def _body(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes, without holding it in memory. Raises HttpError 413 where it is longer than we take."""
    read = 0
    while chunk := request.read(_CHUNK):
        read += len(chunk)
        if read > _MOST:
            raise HttpError(413, f"More than {_MOST >> 20} MB: send it in parts.")
        yield chunk


def _read(request: HttpRequest) -> object:
    try:
        return json.loads(b"".join(_body(request)))
    except ValueError as error:
        raise HttpError(400, f"This is no JSON: {error}") from error
