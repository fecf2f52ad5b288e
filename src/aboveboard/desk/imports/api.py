"""Events by API: JSON lines and CloudEvents 1.0, in bulk; and files of another shape, looked at before they are taken in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import Field

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.chores.api import ChoreOut, told
from aboveboard.desk.imports import actions, models, queries, rules
from aboveboard.desk.people import api, pages
from aboveboard.desk.playbook import queries as playbook

router = Router(tags=["events"])
Number = Annotated[int, Field(ge=1, le=2**62)]
_PER_PAGE = 50
_CHUNK = 1 << 20
_MOST = 256 << 20
_LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
_CLOUD = ("application/cloudevents+json", "application/cloudevents-batch+json")


def _problem(says: str) -> dict[str, Any]:
    """An answer of this route alone, as OpenAPI describes it; the API's door says what a Problem is."""
    return {
        "description": says,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string"}} for kind in _LINES[:1]},
            _CLOUD[0]: {"schema": {"type": "object"}},
            _CLOUD[1]: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    },
    "responses": {413: _problem("More than 256 MB"), 415: _problem("A kind of body that is not taken")},
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


class UploadOut(Schema):
    """A file that was brought. `mapping` is empty for a file of events; `doubts` are its lines that could as well be otherwise.

    `receipt` is what came of it, null before it was taken in.
    """

    number: int
    name: str
    timezone: str
    at: datetime
    mapping: str
    doubts: list[str]
    receipt: TakenOut | None


class UploadsOut(Schema):
    """Files, the newest first, and what to give as `after` for the next ones; null where there are none."""

    uploads: list[UploadOut]
    after: int | None


class MappingIn(Schema):
    """A mapping as text."""

    mapping: Annotated[str, Field(max_length=200_000)]


class TriedOut(Schema):
    """What a mapping would make of the file: events, values that cannot be read, and lines with too many or too few of them."""

    events: int
    unread: int
    faulty: int


class BeginIn(Schema):
    """Whose playbook it is."""

    organisation: Annotated[str, Field(max_length=120)]


@router.get("/uploads", response=UploadsOut, summary="Files that were brought")
def uploads(request: HttpRequest, after: Annotated[int, Query(ge=0, le=2**62)] = 0) -> UploadsOut:
    """The newest first, fifty at a time."""
    api.asking(request, "events.write")
    found = queries.uploads()
    page = list((found.filter(pk__lt=after) if after else found)[: _PER_PAGE + 1])
    shown = page[:_PER_PAGE]
    return UploadsOut(uploads=[_upload(one) for one in shown], after=shown[-1].pk if len(page) > _PER_PAGE else None)


@router.post("/uploads", response={201: UploadOut}, summary="Bring a file, and have its mapping guessed")
def bring(
    request: HttpRequest, file: File[UploadedFile], timezone: Annotated[str, Form(max_length=60)] = "UTC"
) -> Status[UploadOut]:
    """CSV, Parquet, JSON lines, XES or OCEL 2.0. Nothing is taken in yet. `timezone` is that of times that do not say it."""
    person = api.asking(request, "events.write")
    kept = actions.keep(
        by=person, name=file.name or "", chunks=file.chunks(), timezone=timezone, folder=settings.FOUND.folder,
        now=pages.now(),
    )  # fmt: skip
    return Status(201, _upload(kept))


@router.get("/uploads/{number}", response=UploadOut, summary="A file that was brought")
def upload(request: HttpRequest, number: Number) -> UploadOut:
    """Its mapping, and what came of it."""
    api.asking(request, "events.write")
    return _upload(_found(number))


@router.put("/uploads/{number}/mapping", response=TriedOut, summary="Change the mapping of a file, and try it")
def put_right(request: HttpRequest, number: Number, given: MappingIn) -> TriedOut:
    """Nothing is taken in. What is wrong with the mapping is told by line, with 422."""
    person = api.asking(request, "events.write")
    found = _found(number)
    actions.put_right(by=person, upload=found, mapping=given.mapping)
    tried = queries.tried(text=given.mapping, file=queries.file_of(upload=found, folder=settings.FOUND.folder))
    return TriedOut(events=tried.events, unread=tried.unread, faulty=tried.faulty)


@router.post("/uploads/{number}/taking", response={202: ChoreOut}, summary="Take the events of a file in")
def take_in(request: HttpRequest, number: Number) -> Status[ChoreOut]:
    """A worker does it; the chore says how far it is. Taken in twice, a file adds nothing."""
    person = api.asking(request, "events.write")
    return Status(202, told(actions.ask(by=person, upload=_found(number), now=pages.now())))


@router.post(
    "/uploads/{number}/beginning", response={202: ChoreOut}, summary="Begin with a guessed playbook, and analyse"
)
def begin(request: HttpRequest, number: Number, given: BeginIn) -> Status[ChoreOut]:
    """Guessed from the kinds of events in this file, unless a playbook is in force already; then have everything analysed."""
    person = api.asking(request, "playbook.change")
    found, at = _found(number), pages.now()
    if playbook.in_force(now=at) is None:
        actions.begin_playbook(by=person, upload=found, organisation=given.organisation, now=at)
    return Status(202, told(chores.ask(by=person, name="analyse", act="findings.work", now=at)))


def _found(number: int) -> models.Upload:
    found = queries.upload(number=number)
    if found is None:
        raise HttpError(404, "There is no such file.")
    return found


def _upload(found: models.Upload) -> UploadOut:
    return UploadOut(
        number=found.pk, name=found.name, timezone=found.timezone, at=found.at, mapping=found.mapping,
        doubts=[f"line {one.line}: {one.what}: {one.why}" for one in queries.doubts(text=found.mapping)],
        receipt=TakenOut(**found.receipt) if found.receipt else None,
    )  # fmt: skip
