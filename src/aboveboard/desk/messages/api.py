"""Messages by the API: check a draft, record words, what was promised by word, reply templates.

A subject's customer and team are what the journal has of it; what the caller names counts only for a subject that is new.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from django.http import HttpRequest
from ninja import Header, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AwareDatetime, Field

from aboveboard.analyses.claims import drafts
from aboveboard.desk.messages import actions, models, queries, rules
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking

router = Router(tags=["messages"])
_ACT = "cases.work"
_PAGE = 100
T = TypeVar("T")
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
After = Annotated[int, Query(ge=0, le=2**62, description="The number that the page before ended with.")]
Channel = Literal["email", "phone", "chat", "store", "field", "social", "app", "web"]
Number = Annotated[int, Field(ge=1, lt=2**63)]
Text = Annotated[str, Field(max_length=rules.LONGEST)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class About(Schema):
    """What it is about: a subject such as `case:12`; of a new one, whose it is and the team that works on it."""

    subject: Name
    customer: Name | None = None
    team: Name | None = None


class DraftIn(About):
    """A draft to be checked."""

    text: Text
    audience: Literal["customer", "internal"] = "customer"


class EditOut(Schema):
    """A change that keeps the content: replace the characters from `start` to `end` by `to`."""

    start: int
    end: int
    to: str


class RemarkOut(Schema):
    """A remark on the characters from `start` to `end`; `better` is the sentence put better, or advice."""

    rule: str
    start: int
    end: int
    words: str
    why: str
    better: str
    edit: EditOut | None


class NoticedOut(Schema):
    """A commitment in the draft; `due` is null where its words name no time."""

    kind: str
    text: str
    start: int
    due: datetime | None


class AgainstOut(Schema):
    """A claim that the record speaks against (`contradicted`), or has nothing of so far (`not yet`)."""

    claim: str
    words: str
    start: int
    end: int
    verdict: str
    record_lacks: str
    events: list[str]


class CheckedOut(Schema):
    """What there is to say of a draft."""

    remarks: list[RemarkOut]
    commitments: list[NoticedOut]
    against_the_record: list[AgainstOut]


class PromiseIn(Schema):
    """Something promised in a message, by when; `kind` as the check of a draft named it."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    due: AwareDatetime
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$")] = rules.OTHER


class MessageIn(About):
    """What the customer was told. `reason` is needed where the record does not show what the words say."""

    text: Text
    channel: Channel
    promises: Annotated[tuple[PromiseIn, ...], Field(max_length=50)] = ()
    reason: Annotated[str, Field(max_length=500)] = ""


class NoteIn(About):
    """An internal note."""

    text: Text


class ReceivedIn(About):
    """What the customer said; `said_at` is now where it is left out."""

    text: Text
    channel: Channel
    said_at: AwareDatetime | None = None


class RecordedOut(Schema):
    """The id of the event in the ledger."""

    event: str


class CommitmentOut(Schema):
    """Something promised by word, and what became of it: open, at-risk, broken, kept, late, cancelled."""

    number: int
    subject: str
    customer: str | None
    team: str | None
    kind: str
    text: str
    made_by: str
    made_at: datetime
    due: datetime
    state: str
    kept_at: datetime | None
    withdrawn_at: datetime | None
    reason: str


class CommitmentsOut(Schema):
    """A page of commitments; `after` is the number for the next, null at the end."""

    commitments: list[CommitmentOut]
    after: int | None


class WithdrawIn(Schema):
    """Why a promise is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class TemplateIn(Schema):
    """A reply template. `language` is a code, empty for any."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    text: Text
    language: Literal["", "en", "de"] = ""


class TemplateOut(Schema):
    """A reply template in use, and the names that are to be filled in."""

    number: int
    name: str
    language: str
    text: str
    placeholders: list[str]
    changed_at: datetime


class TemplatesOut(Schema):
    """A page of templates; `after` is the number for the next, null at the end."""

    templates: list[TemplateOut]
    after: int | None


@router.post("/messages/check", response=CheckedOut, summary="What there is to say of a draft")
def check(request: HttpRequest, given: DraftIn) -> CheckedOut:
    """Remarks on the words, the commitments in them, and what stands against the record."""
    about = _about(asking(request, _ACT), given)
    found = queries.checked(text=given.text, audience=given.audience, matter=about, now=pages.now())
    return CheckedOut(
        remarks=[RemarkOut.from_orm(one) for one in found.remarks],
        commitments=[NoticedOut.from_orm(one) for one in found.noticed],
        against_the_record=[_against(one.shown) for one in found.against],
    )


@router.post("/messages", response={201: RecordedOut}, summary="Record what the customer was told")
def send(request: HttpRequest, given: MessageIn, key: Key = None) -> Status[RecordedOut]:
    """Record a message with its promises; nothing is mailed."""
    person, now = asking(request, _ACT), pages.now()
    promises = [rules.promise(kind=one.kind, text=one.text, due=one.due, now=now) for one in given.promises]
    event = actions.send(
        by=person,
        matter=_about(person, given),
        text=given.text,
        channel=given.channel,
        promises=promises,
        reason=given.reason,
        token=_token(key),
        now=now,
    )
    return Status(201, RecordedOut(event=event))


@router.post("/notes", response={201: RecordedOut}, summary="Record an internal note")
def note(request: HttpRequest, given: NoteIn, key: Key = None) -> Status[RecordedOut]:
    """Record an internal note."""
    person = asking(request, _ACT)
    matter = _about(person, given)
    event = actions.note(by=person, matter=matter, text=given.text, token=_token(key), now=pages.now())
    return Status(201, RecordedOut(event=event))


@router.post("/messages/received", response={201: RecordedOut}, summary="Record what the customer said")
def receive(request: HttpRequest, given: ReceivedIn, key: Key = None) -> Status[RecordedOut]:
    """Record what the customer said."""
    person = asking(request, _ACT)
    event = actions.receive(
        by=person,
        matter=_about(person, given),
        text=given.text,
        channel=given.channel,
        said_at=given.said_at,
        token=_token(key),
        now=pages.now(),
    )
    return Status(201, RecordedOut(event=event))


@router.get("/commitments", response=CommitmentsOut, summary="What was promised by word")
def commitments(
    request: HttpRequest,
    whose: Literal["mine", "reach"] = "mine",
    which: Literal["open", "over", "settled", "all"] = "open",
    subject: Annotated[str | None, Query(max_length=200)] = None,
    after: After = 0,
) -> CommitmentsOut:
    """One's own, or all within reach, in the order in which they were made."""
    found = queries.commitments(person=asking(request, _ACT), whose=whose, which=which, now=pages.now())
    rules.storable(subject)
    found = found.filter(subject=subject) if subject else found
    rows = list(found.filter(pk__gt=after).order_by("pk")[:_PAGE])
    return CommitmentsOut(commitments=[_commitment(one) for one in rows], after=_next(rows))


@router.post("/commitments/{number}/kept", response=CommitmentOut, summary="Say that a promise was kept")
def kept(request: HttpRequest, number: Number) -> CommitmentOut:
    """Say that a promise was kept, now. Nothing happens where it is settled already."""
    person = asking(request, _ACT)
    return _commitment(_there(lambda: actions.keep(by=person, commitment=number, now=pages.now())))


@router.post("/commitments/{number}/withdrawn", response=CommitmentOut, summary="Take a promise back")
def withdraw(request: HttpRequest, number: Number, given: WithdrawIn) -> CommitmentOut:
    """Take a promise back, with the reason. Nothing happens where it is settled already."""
    person, now = asking(request, _ACT), pages.now()
    return _commitment(_there(lambda: actions.withdraw(by=person, commitment=number, reason=given.reason, now=now)))


@router.get("/templates", response=TemplatesOut, summary="The reply templates in use")
def templates(request: HttpRequest, after: After = 0) -> TemplatesOut:
    """The reply templates in use, in the order in which they were made."""
    asking(request, "playbook.read")
    rows = list(queries.templates().filter(pk__gt=after).order_by("pk")[:_PAGE])
    return TemplatesOut(templates=[_template(one) for one in rows], after=_next(rows))


@router.post("/templates", response={201: TemplateOut}, summary="Make a reply template")
def make_template(request: HttpRequest, given: TemplateIn) -> Status[TemplateOut]:
    """Make a reply template. A name is taken once, so that making it twice is refused."""
    person = asking(request, "playbook.change")
    made = actions.save_template(by=person, name=given.name, text=given.text, language=given.language, now=pages.now())
    return Status(201, _template(made))


@router.put("/templates/{number}", response=TemplateOut, summary="Change a reply template")
def change_template(request: HttpRequest, number: Number, given: TemplateIn) -> TemplateOut:
    """Change a reply template, or bring one back that was withdrawn."""
    person = asking(request, "playbook.change")
    return _template(
        _there(
            lambda: actions.save_template(
                by=person,
                template=number,
                name=given.name,
                text=given.text,
                language=given.language,
                now=pages.now(),
            )
        )
    )


@router.delete("/templates/{number}", response={204: None}, summary="Offer a reply template no more")
def withdraw_template(request: HttpRequest, number: Number) -> Status[None]:
    """Offer a reply template no more; what it said stays on record."""
    person = asking(request, "playbook.change")
    _there(lambda: actions.withdraw_template(by=person, template=number, now=pages.now()))
    return Status(204, None)


def _about(person: people.Person, given: About) -> people.Matter:
    found = queries.about(subject=given.subject, customer=given.customer, team=given.team)
    people.need(person, _ACT, team=found.team, of_team=True)
    return found


def _token(key: str | None) -> str:
    return key or secrets.token_urlsafe(16)


def _there(found: Callable[[], T]) -> T:
    try:
        return found()
    except rules.NotThereError as error:
        raise HttpError(404, str(error)) from error


def _next(rows: list[models.Commitment] | list[models.Template]) -> int | None:
    return rows[-1].pk if len(rows) == _PAGE else None


def _against(shown: drafts.Shown) -> AgainstOut:
    said = shown.said
    return AgainstOut(
        claim=said.claim,
        words=said.words,
        start=said.start,
        end=said.end,
        verdict=shown.verdict,
        record_lacks=shown.act,
        events=list(shown.evidence),
    )


def _commitment(one: models.Commitment) -> CommitmentOut:
    state = rules.state(
        made_at=one.made_at, due=one.due, kept_at=one.kept_at, withdrawn_at=one.withdrawn_at, now=pages.now()
    )
    return CommitmentOut(
        number=one.pk,
        subject=one.subject,
        customer=one.customer,
        team=one.team,
        kind=one.kind,
        text=one.text,
        made_by=one.made_by.employee,
        made_at=one.made_at,
        due=one.due,
        state=state,
        kept_at=one.kept_at,
        withdrawn_at=one.withdrawn_at,
        reason=one.reason,
    )


def _template(one: models.Template) -> TemplateOut:
    return TemplateOut(
        number=one.pk,
        name=one.name,
        language=one.language,
        text=one.text,
        placeholders=rules.placeholders(one.text),
        changed_at=one.changed_at,
    )
