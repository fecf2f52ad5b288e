"""The playbook by REST: what holds, versions, differences, checks, one's draft, and a new version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from aboveboard.desk.people import pages
from aboveboard.desk.people.api import asking
from aboveboard.desk.playbook import actions, models, queries, rules
from aboveboard.playbook import yaml_nodes

router = Router(tags=["playbook"])
_MOST = 100
_LATER = {
    "description": "There is a version after `base`",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class PlaybookVersionOut(Schema):
    """A version. `made_by` is the maker's key in the ledger; null for the terminal."""

    number: int
    why: str
    made_by: str | None
    made_at: datetime
    effective_from: datetime


class PlaybookOut(PlaybookVersionOut):
    """A version with its text."""

    text: str


class PlaybookVersionsOut(Schema):
    """Versions, the newest first; `after` asks for the next ones, null at the end."""

    versions: list[PlaybookVersionOut]
    after: int | None


class PlaybookProblemOut(Schema):
    """One thing that is wrong with a text."""

    line: int
    message: str
    suggestion: str | None


class PlaybookKeyChangeOut(Schema):
    """What stood at a key and what stands there now."""

    key: str
    before: str | None
    after: str | None


class PlaybookChangeOut(Schema):
    """An entry that was added, removed or changed."""

    section: str
    name: str
    how: str
    keys: list[PlaybookKeyChangeOut]


class PlaybookCheckedOut(Schema):
    """What is wrong with a text, what it would change from the last version, and the conflicts that come and go with it."""

    problems: list[PlaybookProblemOut]
    changes: list[PlaybookChangeOut]
    conflicts_came: list[str]
    conflicts_went: list[str]
    undecided: bool


class PlaybookTextIn(Schema):
    """A playbook as YAML."""

    text: str = Field(max_length=yaml_nodes.LARGEST_BYTES)


class PlaybookPublishIn(PlaybookTextIn):
    """A new version. `base` is the last version that was seen, 0 for none; without it whatever there is, is replaced."""

    why: str
    effective_from: datetime | None = None
    base: int | None = None


class PlaybookDraftOut(Schema):
    """One's draft: the version it stands on, its text, and when it was kept; null where there is none kept."""

    base: int
    text: str
    kept_at: datetime | None


class PlaybookCatchUpIn(Schema):
    """`together` with what the newer version changed, or the draft as it stands, which undoes that."""

    together: bool = True


@router.get("/playbook", response=PlaybookOut, summary="The playbook that holds now")
def in_force(request: HttpRequest) -> PlaybookOut:
    """The version in force."""
    asking(request, "playbook.read")
    found = queries.in_force(now=pages.now())
    if found is None:
        raise HttpError(404, "There is no playbook yet.")
    return _whole(found)


@router.get("/playbook/versions", response=PlaybookVersionsOut, summary="Every version, the newest first")
def versions(request: HttpRequest, after: int | None = None) -> PlaybookVersionsOut:
    """Versions with a number below `after`."""
    asking(request, "playbook.read")
    wanted = queries.versions()
    if after is not None:
        # SQLite has no numbers beyond these.
        wanted = wanted.filter(number__lt=max(min(after, 2**31 - 1), 0))
    found = list(wanted[: _MOST + 1])
    return PlaybookVersionsOut(
        versions=[_version(one) for one in found[:_MOST]], after=found[_MOST - 1].number if len(found) > _MOST else None
    )


@router.get("/playbook/versions/{number}", response=PlaybookOut, summary="One version with its text")
def version(request: HttpRequest, number: int) -> PlaybookOut:
    """The version of this number."""
    asking(request, "playbook.read")
    return _whole(_found(number))


@router.get(
    "/playbook/compare/{old}/{new}",
    response=list[PlaybookChangeOut],
    summary="What differs between two versions, by entry",
)
def compare(request: HttpRequest, old: int, new: int) -> list[PlaybookChangeOut]:
    """Entries that were added, removed or changed from version `old` to version `new`."""
    asking(request, "playbook.read")
    return _changes(_found(old).text, _found(new).text)


@router.post(
    "/playbook/check", response=PlaybookCheckedOut, summary="What is wrong with a text, and what it would change"
)
def check(request: HttpRequest, given: PlaybookTextIn) -> PlaybookCheckedOut:
    """Nothing is kept."""
    asking(request, "playbook.read")
    last, at = queries.latest(), pages.now()
    old = last.text if last else rules.BEGINNING
    problems = rules.checked(given.text)[1]
    judged = queries.Judged() if problems else queries.judged(old=old, new=given.text, today=at.date())
    return PlaybookCheckedOut(
        problems=[
            PlaybookProblemOut(line=one.line, message=one.message, suggestion=one.suggestion) for one in problems
        ],
        changes=_changes(old, given.text),
        conflicts_came=list(judged.came),
        conflicts_went=list(judged.went),
        undecided=judged.undecided,
    )


@router.post(
    "/playbook/versions",
    response={201: PlaybookOut},
    summary="Publish a new version",
    openapi_extra={"responses": {409: _LATER}},
)
def publish(
    request: HttpRequest, given: PlaybookPublishIn, idempotency_key: Header[str | None] = None
) -> Status[PlaybookOut]:
    """Make a version that holds from `effective_from`, or at once. 409 where there is a version after `base`."""
    person, at = asking(request, "playbook.change"), pages.now()
    from_when = given.effective_from or at
    if from_when.tzinfo is None:
        raise HttpError(422, "effective_from has no time zone: write it with Z or an offset")
    try:
        made = actions.publish(
            by=person,
            text=given.text,
            why=given.why,
            effective_from=from_when,
            now=at,
            base=given.base,
            asked=idempotency_key,
        )
    except rules.MovedOnError as error:
        raise HttpError(409, str(error)) from error
    return Status(201, _whole(made))


@router.get("/playbook/draft", response=PlaybookDraftOut, summary="One's draft, or what one would begin from")
def draft(request: HttpRequest) -> PlaybookDraftOut:
    """The draft of the key's maker."""
    return _draft(asking(request, "playbook.change").id)


@router.put("/playbook/draft", response=PlaybookDraftOut, summary="Keep a draft")
def keep_draft(request: HttpRequest, given: PlaybookTextIn) -> PlaybookDraftOut:
    """Right or not yet."""
    person = asking(request, "playbook.change")
    actions.keep_draft(by=person, text=given.text, now=pages.now())
    return _draft(person.id)


@router.delete("/playbook/draft", response={204: None}, summary="Throw the draft away")
def discard_draft(request: HttpRequest) -> Status[None]:
    """Nothing happens where there is none."""
    actions.discard_draft(by=asking(request, "playbook.change"))
    return Status(204, None)


@router.post("/playbook/draft/catch-up", response=PlaybookDraftOut, summary="Put the draft on the last version")
def catch_up(request: HttpRequest, given: PlaybookCatchUpIn) -> PlaybookDraftOut:
    """422 where both changed the same lines."""
    person = asking(request, "playbook.change")
    actions.catch_up(by=person, now=pages.now(), together=given.together)
    return _draft(person.id)


def _found(number: int) -> models.Version:
    found = queries.version(number=number) if 0 <= number < 2**31 else None
    if found is None:
        raise HttpError(404, f"There is no version {number}.")
    return found


def _draft(user: int) -> PlaybookDraftOut:
    base, text = queries.begun(user=user)
    kept = queries.draft(user=user)
    return PlaybookDraftOut(base=base, text=text, kept_at=kept.kept_at if kept else None)


def _version(found: models.Version) -> PlaybookVersionOut:
    return PlaybookVersionOut(**_said(found))


def _whole(found: models.Version) -> PlaybookOut:
    return PlaybookOut(**_said(found), text=found.text)


def _said(found: models.Version) -> dict[str, Any]:
    return {
        "number": found.number, "why": found.why, "made_by": found.made_by.employee if found.made_by else None,
        "made_at": found.made_at, "effective_from": found.effective_from,
    }  # fmt: skip


def _changes(old: str, new: str) -> list[PlaybookChangeOut]:
    return [
        PlaybookChangeOut(
            section=one.section, name=one.name, how=one.how,
            keys=[PlaybookKeyChangeOut(key=key.key, before=key.before, after=key.after) for key in one.keys],
        )
        for one in rules.changes(old, new)
    ]  # fmt: skip
