"""Policies by the API: bend one, decide, flag a rule, answer, propose a change and decide on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from ninja.params.functions import Header, Query
from pydantic import Field

from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.people.pages import now
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.playbook import rules as playbook_rules
from aboveboard.desk.policies import actions, models, queries, rules

router = Router(tags=["policies"])
_AT_ONCE = 100
_LARGEST = 2**63 - 1
Row = TypeVar("Row", bound=Model)


class PolicyOut(Schema):
    """A policy with what was asked of it within sight; `granted_share` of those decided, with its 95 % interval (Wilson)."""

    name: str
    says: str
    owner: str | None
    authority: dict[str, float]
    asked: int
    waiting: int
    granted: int
    denied: int
    granted_amount: Decimal
    granted_share: float | None
    granted_share_low: float | None
    granted_share_high: float | None
    unanswered_suggestions: int
    changed_in_version: int | None


class MayOut(Schema):
    """How far one may bend a policy: up to `limit`; null is without a limit, 0 not at all."""

    level: str | None
    limit: Decimal | None


class Ask(Schema):
    """To bend a policy. `amount` is what it costs, in the playbook's currency."""

    policy: str = Field(max_length=200)
    subject: str = Field(max_length=200)
    amount: Decimal = Field(ge=0, le=rules.MOST, decimal_places=2)
    reason: str = Field(max_length=2000)
    customer: str | None = Field(None, max_length=200)
    team: str | None = Field(None, max_length=200)
    channel: str | None = Field(None, max_length=200)


class ExceptionOut(Schema):
    """A request to bend a policy and what came of it; `needed` is the lowest level that suffices, `level` the asker's."""

    number: int
    policy: str
    subject: str
    customer: str | None
    team: str | None
    amount: Decimal
    reason: str
    state: Literal["waiting", "granted", "denied", "withdrawn"]
    asked_at: datetime
    level: str
    needed: str
    ended_at: datetime | None
    decided_at_level: str
    evidence: str
    answer: str


class Decision(Schema):
    """A decision; refusing needs its `evidence` and an `answer` that says why."""

    do: Literal["grant", "deny"] = "grant"
    evidence: Literal["", "law", "safety", "impossible", "abuse"] = ""
    answer: str = Field("", max_length=2000)


class Suggest(Schema):
    """A rule (`policy:…`, `promise:…`, `step:procedure/step`) that is in the way."""

    rule: str = Field(max_length=400)
    text: str = Field("", max_length=2000)
    subject: str | None = Field(None, max_length=200)
    customer: str | None = Field(None, max_length=200)
    team: str | None = Field(None, max_length=200)


class SuggestionOut(Schema):
    """What was said of a rule, and the answer; empty while it waits."""

    number: int
    rule: str
    subject: str | None
    team: str | None
    text: str
    made_at: datetime
    answer: str
    answered_at: datetime | None


class Text(Schema):
    """Words."""

    text: str = Field(max_length=4000)


class Propose(Schema):
    """A change proposed by hand."""

    rule: str = Field(max_length=400)
    sentence: str = Field(max_length=2000)


class ProposalOut(Schema):
    """A proposal to change a rule, and what became of it; `finding` is empty where it was made by hand."""

    number: int
    rule: str
    kind: str
    finding: str
    sentence: str
    action: str
    evidence: dict[str, Any]
    state: Literal["open", "accepted", "refused"]
    made_at: datetime
    decided_at: datetime | None
    reason: str
    version: int | None


class Changes(Schema):
    """What a rule is to say, by key, as people write it."""

    changes: dict[str, str]


class Accept(Schema):
    """What a rule is to say: `changes` by key, as people write them (`"authority": "rep: 50, lead: 100"`; empty takes a key out).

    `on` is the number of the playbook's last version that was looked at.
    """

    changes: dict[str, str]
    reason: str = Field(max_length=2000)
    on: int = Field(ge=0, le=2**31 - 1)
    effective_from: datetime | None = None
    answer_suggestions: bool = False


class LineOut(Schema):
    """A line of a difference: `mark` is `+`, `-`, a blank for what stays, `…` where lines are left out."""

    mark: str
    text: str


class DifferenceOut(Schema):
    """What would change, on which version."""

    on: int
    lines: list[LineOut]


class LevelIn(Schema):
    """A level of authority of the playbook, and the role that has it."""

    role: str
    name: str


class ToldOut(Schema):
    """Something that one is owed to know: the number of the exception, the suggestion or the proposal that it is about."""

    number: int
    told_at: datetime
    exception: int | None
    suggestion: int | None
    proposal: int | None


After = Query(None, ge=1, le=_LARGEST, description="The number of the last one of the page before.")


@router.get("/policies", response=list[PolicyOut], summary="Policies and what was asked of them")
def policies(request: HttpRequest) -> list[PolicyOut]:
    """Every policy of the playbook in force."""
    return [_policy(one) for one in queries.figures(person=asking(request, rules.READ), now=now())]


@router.get("/policies/{name}/authority", response=MayOut, summary="How far one may bend a policy")
def authority(request: HttpRequest, name: str, team: str | None = None) -> MayOut:
    """One's own authority over a policy, in matters of a team."""
    person = asking(request, rules.ASK)
    people.need(person, rules.ASK, team=team, of_team=True)
    held = queries.book(now=now()).policies.get(name)
    if held is None:
        raise HttpError(404, "There is no such policy.")
    mine = rules.authority(person, held, team=team, named=queries.named())
    return MayOut(level=mine.level, limit=mine.limit)


@router.put("/policies/levels", response={204: None}, summary="Give a role a level of authority")
def give_level(request: HttpRequest, given: LevelIn) -> Status[None]:
    """Give a role a level of authority."""
    actions.give_level(by=asking(request, rules.CHANGE), role=given.role, name=given.name, now=now())
    return Status(204, None)


@router.delete("/policies/levels", response={204: None}, summary="Take a level of authority from a role")
def take_level(request: HttpRequest, role: str, name: str) -> Status[None]:
    """Take a level of authority from a role."""
    actions.take_level(by=asking(request, rules.CHANGE), role=role, name=name, now=now())
    return Status(204, None)


@router.post("/exceptions", response={201: ExceptionOut}, summary="Bend a policy, or ask whoever may")
def ask(
    request: HttpRequest, given: Ask, idempotency_key: str = Header("", max_length=200, alias="Idempotency-Key")
) -> Status[ExceptionOut]:
    """Granted at once within one's own authority; beyond it, it waits with the nearest who may decide."""
    person = asking(request, rules.ASK)
    matter = people.Matter(given.subject, given.customer, given.team, given.channel)
    made = actions.ask(
        by=person, matter=matter, policy=given.policy, amount=given.amount, reason=given.reason,
        key=_key(person, "exception", idempotency_key), now=now(),
    )  # fmt: skip
    return Status(201, _exception(made))


@router.get("/exceptions", response=list[ExceptionOut], summary="Requests, the newest first, a hundred at a time")
def exceptions(
    request: HttpRequest,
    state: Literal["waiting", "granted", "denied", "withdrawn"] | None = None,
    policy: str | None = None,
    after: int | None = After,
) -> list[ExceptionOut]:
    """Requests within the key's sight."""
    found = queries.requests(person=asking(request, rules.READ), now=now())
    found = found.filter(state=state) if state else found
    playbook_rules.storable(policy or "")
    found = found.filter(policy=policy) if policy else found
    return [_exception(one) for one in _after(found, after)]


@router.get("/exceptions/waiting", response=list[ExceptionOut], summary="What waits for one's own decision")
def waiting(request: HttpRequest) -> list[ExceptionOut]:
    """Those sent to oneself first, then the oldest."""
    return [_exception(one.request) for one in queries.waits_for(person=asking(request, rules.DECIDE), now=now())]


@router.get("/exceptions/{int:number}", response=ExceptionOut, summary="A request")
def exception(request: HttpRequest, number: int) -> ExceptionOut:
    """A request."""
    person = asking(request, rules.READ)
    found = _known(queries.requests(person=person, now=now()), number)
    people_actions.note_reading(by=person, what="exception", which=found.subject, now=now())
    return _exception(found)


@router.post("/exceptions/{int:number}/decision", response=ExceptionOut, summary="Grant or refuse a request")
def decide(request: HttpRequest, number: int, given: Decision) -> ExceptionOut:
    """Decide, once."""
    person = asking(request, rules.DECIDE)
    _known(queries.requests(person=person, now=now()), number)
    return _exception(
        actions.decide(
            by=person,
            request=number,
            grant=given.do == "grant",
            evidence=given.evidence,
            answer=given.answer,
            now=now(),
        )
    )


@router.post("/exceptions/{int:number}/withdrawal", response={204: None}, summary="Take one's own request back")
def withdraw(request: HttpRequest, number: int) -> Status[None]:
    """Take one's own request back, while it waits."""
    person = asking(request, rules.ASK)
    _known(queries.requests(person=person, now=now()), number)
    actions.withdraw(by=person, request=number, now=now())
    return Status(204, None)


@router.post("/suggestions", response={201: SuggestionOut}, summary="Say that a rule is in the way")
def suggest(
    request: HttpRequest, given: Suggest, idempotency_key: str = Header("", max_length=200, alias="Idempotency-Key")
) -> Status[SuggestionOut]:
    """Say that a rule is in the way, in a matter where a `subject` is given, else in general."""
    person = asking(request, rules.MAKE)
    matter = people.Matter(given.subject, given.customer, given.team) if given.subject else None
    key = _key(person, "suggestion", idempotency_key)
    return Status(
        201,
        _suggestion(actions.suggest(by=person, rule=given.rule, text=given.text, matter=matter, key=key, now=now())),
    )


@router.get("/suggestions", response=list[SuggestionOut], summary="What was said of the rules that are one's own")
def suggestions(request: HttpRequest, answered: bool | None = None, after: int | None = After) -> list[SuggestionOut]:
    """The newest first, a hundred at a time."""
    found = queries.suggestions(person=asking(request, rules.ANSWER), now=now()).order_by("-id")
    found = found if answered is None else found.filter(answered_at__isnull=not answered)
    return [_suggestion(one) for one in _after(found, after)]


@router.get("/suggestions/mine", response=list[SuggestionOut], summary="What one said oneself, and the answers")
def own_suggestions(request: HttpRequest, after: int | None = After) -> list[SuggestionOut]:
    """The newest first, a hundred at a time."""
    return [_suggestion(one) for one in _after(queries.own_suggestions(person=asking(request, rules.MAKE)), after)]


@router.post("/suggestions/{int:number}/answer", response=SuggestionOut, summary="Answer whoever said it")
def answer(request: HttpRequest, number: int, given: Text) -> SuggestionOut:
    """Answer, once."""
    person = asking(request, rules.ANSWER)
    _known(queries.suggestions(person=person, now=now()), number)
    return _suggestion(actions.answer(by=person, suggestion=number, text=given.text, now=now()))


@router.post("/proposals", response={201: ProposalOut}, summary="Propose to change a rule")
def propose(
    request: HttpRequest, given: Propose, idempotency_key: str = Header("", max_length=200, alias="Idempotency-Key")
) -> Status[ProposalOut]:
    """Propose a change by hand."""
    person = asking(request, rules.CHANGE)
    key = _key(person, "proposal", idempotency_key)
    made = actions.propose(by=person, kind="", about={}, rule=given.rule, sentence=given.sentence, key=key, now=now())
    return Status(201, _proposal(made))


@router.get("/proposals", response=list[ProposalOut], summary="Proposals, the newest first, a hundred at a time")
def proposals(
    request: HttpRequest, state: Literal["open", "accepted", "refused"] | None = None, after: int | None = After
) -> list[ProposalOut]:
    """Proposals to change a rule."""
    asking(request, rules.READ)
    return [_proposal(one) for one in _after(queries.proposals(state=state), after)]


@router.get("/proposals/{int:number}", response=ProposalOut, summary="A proposal")
def proposal(request: HttpRequest, number: int) -> ProposalOut:
    """A proposal."""
    asking(request, rules.READ)
    return _proposal(_known(queries.proposals(), number))


@router.post("/proposals/{int:number}/difference", response=DifferenceOut, summary="What would change in the playbook")
def difference(request: HttpRequest, number: int, given: Changes) -> DifferenceOut:
    """What would change in the playbook; nothing is changed."""
    asking(request, rules.CHANGE)
    found = _known(queries.proposals(), number)
    last = playbook.latest()
    if last is None:
        raise HttpError(404, "There is no playbook yet.")
    after = actions.rewritten(
        last.text, rules.rule(queries.book(now=now()), found.rule).path, _changes(found, given.changes)
    )
    lines = playbook_rules.lines(last.text, after)
    return DifferenceOut(on=last.number, lines=[LineOut(mark=one.mark, text=one.text) for one in lines])


@router.post(
    "/proposals/{int:number}/acceptance", response=ProposalOut, summary="Change the rule: a new version of the playbook"
)
def accept(request: HttpRequest, number: int, given: Accept) -> ProposalOut:
    """Change the rule. Everybody who works by it, and who flagged it, is told."""
    person = asking(request, rules.CHANGE)
    found = _known(queries.proposals(), number)
    return _proposal(
        actions.accept(
            by=person,
            proposal=number,
            changes=_changes(found, given.changes),
            reason=given.reason,
            on=given.on,
            effective_from=given.effective_from,
            answers=given.answer_suggestions,
            now=now(),
        )
    )


@router.post("/proposals/{int:number}/refusal", response=ProposalOut, summary="Leave the rule as it is")
def refuse(request: HttpRequest, number: int, given: Text) -> ProposalOut:
    """Refuse, with a reason."""
    person = asking(request, rules.CHANGE)
    _known(queries.proposals(), number)
    return _proposal(actions.refuse(by=person, proposal=number, reason=given.text, now=now()))


@router.get("/told", response=list[ToldOut], summary="What one is owed to know and has not seen")
def told(request: HttpRequest) -> list[ToldOut]:
    """The newest first."""
    return [
        ToldOut(
            number=one.pk,
            told_at=one.told_at,
            exception=one.exception_id,
            suggestion=one.suggestion_id,
            proposal=one.proposal_id,
        )
        for one in queries.told(person=asking(request, rules.READ))
    ]


@router.post("/told/{int:number}/seen", response={204: None}, summary="One has seen it")
def seen(request: HttpRequest, number: int) -> Status[None]:
    """Note that one has seen it."""
    actions.see(by=asking(request, rules.MAKE), told=[number] if number <= _LARGEST else [], now=now())
    return Status(204, None)


def _key(person: people.Person, what: str, given: str) -> UUID | None:
    """What a program called its request, for its own person alone; None where it did not."""
    return uuid5(NAMESPACE_URL, f"{what}:{person.id}:{given}") if given else None


def _after(found: QuerySet[Row], number: int | None) -> QuerySet[Row]:
    """The page after the one that ended with this number; by number, which no later row changes."""
    newest = found.order_by("-pk")
    return newest.filter(Q(pk__lt=number))[:_AT_ONCE] if number else newest[:_AT_ONCE]


def _known(found: QuerySet[Row], number: int) -> Row:
    one = found.filter(pk=number).first() if number <= _LARGEST else None
    if one is None:
        raise HttpError(404, "There is nothing of this number within your sight.")
    return one


def _changes(found: models.Proposal, changes: dict[str, str]) -> list[rules.Change]:
    entry = rules.rule(queries.book(now=now()), found.rule)
    unknown = sorted(set(changes) - set(entry.keys))
    if unknown:
        raise rules.PoliciesError(f"{unknown[0]} cannot be changed here; there are {', '.join(entry.keys)}.")
    last = playbook.latest()
    before = queries.entry(text=last.text, path=entry.path) if last else {}
    return rules.changed(before, changes)


def _policy(one: queries.Figures) -> PolicyOut:
    return PolicyOut(
        name=one.policy.name, says=one.policy.says, owner=one.policy.owner, authority=dict(one.policy.authority), asked=one.asked,
        waiting=one.waiting, granted=one.granted, denied=one.denied, granted_amount=one.amount, granted_share=one.share,
        granted_share_low=one.low, granted_share_high=one.high, unanswered_suggestions=one.suggestions,
        changed_in_version=one.number or None,
    )  # fmt: skip


def _exception(one: models.ExceptionRequest) -> ExceptionOut:
    return ExceptionOut(
        number=one.pk, policy=one.policy, subject=one.subject, customer=one.customer, team=one.team, amount=one.amount,
        reason=one.reason, state=cast(Any, one.state), asked_at=one.asked_at, level=one.level, needed=one.needed,
        ended_at=one.ended_at,
        decided_at_level=one.used, evidence=one.evidence, answer=one.answer,
    )  # fmt: skip


def _suggestion(one: models.Suggestion) -> SuggestionOut:
    return SuggestionOut(
        number=one.pk, rule=one.rule, subject=one.subject, team=one.team, text=one.text, made_at=one.made_at, answer=one.answer,
        answered_at=one.answered_at,
    )  # fmt: skip


def _proposal(one: models.Proposal) -> ProposalOut:
    return ProposalOut(
        number=one.pk, rule=one.rule, kind=one.kind, finding=one.finding, sentence=one.sentence, action=one.action,
        evidence=one.evidence, state=cast(Any, one.state), made_at=one.made_at, decided_at=one.decided_at, reason=one.reason,
        version=one.version_id,
    )  # fmt: skip
