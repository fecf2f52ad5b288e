"""Writes of policies, each in one transaction with its events: ask, decide, flag a rule, answer, propose, and change the rule."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.playbook import queries as playbook_queries
from aboveboard.desk.playbook.rules import storable
from aboveboard.desk.policies import models, queries, rules
from aboveboard.findings.model import Finding
from aboveboard.ledger.event import Event
from aboveboard.playbook.model import Policy
from aboveboard.playbook.writer import Document

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class AbuseFound:
    """A finding of abuse as the analyses give it (table ABUSE): on whom, which, the words for the customer, from when to when."""

    customer: str
    finding: str
    says: str
    found_at: datetime
    expires_at: datetime


def ask(
    *,
    by: people.Person,
    matter: people.Matter,
    policy: str,
    amount: Decimal,
    reason: str,
    now: datetime,
    key: UUID | None = None,
) -> models.ExceptionRequest:
    """Ask to bend a policy: granted at once where their own authority suffices, else it waits with the nearest who may decide.

    `amount` is what it costs, in the playbook's currency. `key` is the asking itself: sent twice, the first answer is given
    again. Raises PoliciesError where the policy, the amount or the reason will not do, or where the same waits already.
    """
    people.need(by, rules.ASK, team=matter.team, of_team=True)
    storable(policy, reason, matter.subject, matter.customer or "", matter.team or "", matter.channel or "")
    again = models.ExceptionRequest.objects.filter(key=key).first() if key else None
    if again is not None:
        return _own(again, by)
    found = rules.policy(queries.book(now=now), policy)
    _check_asking(matter, amount, reason)
    try:
        with transaction.atomic():
            total = amount + queries.granted_so_far(policy=policy, subject=matter.subject)
            mine = rules.authority(by, found, team=matter.team, named=queries.named())
            made = models.ExceptionRequest(
                key=key or uuid4(),
                policy=policy,
                subject=matter.subject,
                customer=matter.customer,
                team=matter.team,
                channel=matter.channel,
                amount=amount.quantize(_CENT),
                reason=reason.strip(),
                asked_by_id=by.id,
                asked_at=now,
                level=mine.level or "",
                needed=rules.needed(found, total),
            )
            _settle(made, by, mine, total, found, now)
            made.save(force_insert=True)
            journal.record(events=list(_asked(made, by)), now=now)
    except IntegrityError as error:
        raise rules.PoliciesError("The same was asked already and waits for an answer.") from error
    return made


def _settle(
    made: models.ExceptionRequest,
    by: people.Person,
    mine: rules.Authority,
    total: Decimal,
    policy: Policy,
    now: datetime,
) -> None:
    """Granted where the asker's authority suffices, sent to the nearest otherwise."""
    if mine.covers(total):
        made.state, made.ended_at, made.decided_by_id, made.used = rules.GRANTED, now, by.id, mine.level or ""
    else:
        able = queries.able(policy=policy, team=made.team, amount=total, without=by.id)
        made.sent_to_id = able[0].person.id if able else None


def decide(
    *, by: people.Person, request: int, grant: bool, answer: str, now: datetime, evidence: str = ""
) -> models.ExceptionRequest:
    """Grant or refuse what somebody else asked for; they are told. Once: the second who decides learns that it is decided.

    A refusal needs its `evidence` (see `rules.EVIDENCE`) and a reason. Raises PoliciesError where it cannot be done,
    ForbiddenError where the authority of `by` does not reach so far.
    """
    people.need(by, rules.DECIDE)
    storable(answer, evidence)
    with transaction.atomic():
        found = _sight(by, request, now)
        _check_decider(by, found, now)
        if not grant:
            known = queries.abuse_of(customer=found.customer, now=now)
            rules.check_refusal(evidence, answer, abuse_found=known is not None)
        policy = queries.book(now=now).policies.get(found.policy) or Policy(found.policy, "")
        used = rules.authority(by, policy, team=found.team, named=queries.named()).level or ""
        changed = models.ExceptionRequest.objects.filter(pk=found.pk, state=rules.WAITING).update(
            state=rules.GRANTED if grant else rules.DENIED,
            ended_at=now,
            decided_by_id=by.id,
            used=used,
            evidence="" if grant else evidence,
            answer=answer.strip(),
        )
        found.refresh_from_db()
        if not changed:
            raise rules.PoliciesError(_ended(found))
        journal.record(events=[_decided(found, by)], now=now)
        models.Told.objects.create(user_id=found.asked_by_id, exception=found, told_at=now)
    return found


def decide_above(
    *,
    by: people.Person,
    asked_by: people.Person,
    asked_at: datetime,
    matter: people.Matter,
    policy: str,
    amount: Decimal,
    reason: str,
    needed: str,
    used: str,
    grant: bool,
    answer: str,
    key: UUID,
    now: datetime,
    evidence: str = "",
) -> models.ExceptionRequest:
    """Put an exception on record that was asked for and decided as part of something larger, such as an escalation.

    It counts like every other: against the limits, and in the analyses. Who may decide that is for the caller to have checked.
    Raises PoliciesError where it is refused without evidence.
    """
    if not grant:
        known = queries.abuse_of(customer=matter.customer, now=now)
        rules.check_refusal(evidence, answer, abuse_found=known is not None)
    made = models.ExceptionRequest(
        key=key, policy=policy, subject=matter.subject, customer=matter.customer, team=matter.team, channel=matter.channel,
        amount=amount.quantize(_CENT), reason=reason, asked_by_id=asked_by.id, asked_at=asked_at, needed=needed,
        state=rules.GRANTED if grant else rules.DENIED, ended_at=now, decided_by_id=by.id, used=used,
        evidence="" if grant else evidence, answer=answer.strip(),
    )  # fmt: skip
    with transaction.atomic():
        made.save(force_insert=True)
        asked = _of(made, "exception.requested", asked_by, asked_at, {"reason": reason, "needed": needed})
        journal.record(events=[asked, _decided(made, by)], now=now)
    return made


def withdraw(*, by: people.Person, request: int, now: datetime) -> None:
    """Take back what one asked for oneself, while it waits."""
    people.need(by, rules.ASK)
    with transaction.atomic():
        found = _own(_sight(by, request, now), by)
        mine = models.ExceptionRequest.objects.filter(pk=request, asked_by_id=by.id, state=rules.WAITING)
        if not mine.update(state=rules.WITHDRAWN, ended_at=now):
            raise rules.PoliciesError(_ended(found))
        journal.record(events=[_of(found, "exception.withdrawn", by, now, {})], now=now)


def suggest(
    *,
    by: people.Person,
    rule: str,
    text: str,
    now: datetime,
    matter: people.Matter | None = None,
    key: UUID | None = None,
) -> models.Suggestion:
    """Say that a rule is in the way, in a matter or in general. `text` may be empty: that it is in the way says something.

    `key` is the saying itself: sent twice, it is said once. Raises PoliciesError where there is no such rule.
    """
    team = matter.team if matter else None
    people.need(by, rules.MAKE, team=team, of_team=matter is not None)
    storable(rule, text, *((matter.subject, matter.customer or "", team or "") if matter else ()))
    again = models.Suggestion.objects.filter(key=key).first() if key else None
    if again is not None:
        return _own_words(again, by)
    rules.rule(queries.book(now=now), rule)
    with transaction.atomic():
        made = models.Suggestion.objects.create(
            key=key or uuid4(),
            rule=rule,
            subject=matter.subject if matter else None,
            team=team,
            text=text.strip() or "This rule is in the way.",
            made_by_id=by.id,
            made_at=now,
        )
        said = Event(
            id=f"suggestion-made-{made.key}", type="suggestion.made", time=now, source="desk", rule=rule,
            text=made.text, subject=_about(made), employee=by.employee, team=team,
            customer=matter.customer if matter else None, attributes={"suggestion": str(made.key)},
        )  # fmt: skip
        journal.record(events=[said], now=now)
    return made


def answer(*, by: people.Person, suggestion: int, text: str, now: datetime) -> models.Suggestion:
    """Answer somebody who said that a rule is in the way; they are shown it. Once.

    Raises PoliciesError where there is no such suggestion among the rules that are theirs, or it is answered.
    """
    people.need(by, rules.ANSWER)
    storable(text)
    if not text.strip():
        raise rules.PoliciesError("Write an answer: whoever took the trouble to say it is owed one.")
    with transaction.atomic():
        found = queries.suggestions(person=by, now=now).filter(pk=suggestion).first()
        if found is None:
            raise rules.PoliciesError("There is no such suggestion about a rule of yours.")
        if not _answer(by, found, text.strip(), now):
            raise rules.PoliciesError("It is answered already. Look at the answer there.")
        found.refresh_from_db()
    return found


def _answer(by: people.Person, found: models.Suggestion, text: str, now: datetime) -> bool:
    open_one = models.Suggestion.objects.filter(pk=found.pk, answered_at=None)
    if not open_one.update(answer=text, answered_by_id=by.id, answered_at=now):
        return False
    said = Event(
        id=f"suggestion-answered-{found.key}", type="suggestion.answered", time=now, source="desk", rule=found.rule,
        text=text, subject=_about(found), employee=by.employee, team=found.team,
        attributes={"suggestion": str(found.key)},
    )  # fmt: skip
    journal.record(events=[said], now=now)
    models.Told.objects.create(user_id=found.made_by_id, suggestion=found, told_at=now)
    return True


def propose(
    *,
    by: people.Person | None,
    kind: str,
    about: Mapping[str, str],
    sentence: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    action: str = "",
    rule: str | None = None,
    again: bool = False,
    key: UUID | None = None,
) -> models.Proposal:
    """Put it to the owner of a rule to change it. `by` None: handed over from the analyses.

    From a finding `kind`, `about`, `sentence`, `evidence` (its fields by name) and `action` are the finding's. While a
    proposal from the same finding is open, it gets the newer words and numbers; once it was decided, that decision stands,
    unless it is to be put `again`. By hand, `rule` names the rule (`policy:…`, `promise:…`, `step:procedure/step`) and `kind`
    is empty.
    Raises PoliciesError where the playbook has no such rule, or nothing is said.
    """
    if by:
        people.need(by, rules.CHANGE)
    storable(sentence, action, rule or "")
    if not sentence.strip():
        raise rules.PoliciesError("Say in one sentence what should change, and why.")
    concerns = rule or rules.rule_about(about)
    entry = rules.rule(queries.book(now=now), concerns)
    if by and not rules.owns(by, entry.owner, rules.CHANGE):
        raise people.ForbiddenError(
            f"This rule is not yours to change. It belongs to {entry.owner or 'nobody by name'}."
        )
    made = models.Proposal.objects.filter(key=key).first() if key else None
    if made is not None:
        return made
    finding = Finding(kind, about, "", rules.NO_EVIDENCE, "").id if about else ""
    said = {"sentence": sentence.strip(), "action": action.strip(), "evidence": dict(evidence or {})}
    with transaction.atomic():
        known = queries.proposals().filter(finding=finding).order_by("-made_at", "-id").first() if finding else None
        if known is not None and known.state == rules.OPEN:
            models.Proposal.objects.filter(pk=known.pk, state=rules.OPEN).update(**said)
            known.refresh_from_db()
            return known
        if known is not None and not again:
            return known
        made = models.Proposal.objects.create(
            key=key, finding=finding, kind=kind, rule=concerns, made_by_id=by.id if by else None, made_at=now, **said
        )
        _of_proposal("proposal.made", made, by, sentence.strip(), now)
    return made


def refuse(*, by: people.Person, proposal: int, reason: str, now: datetime) -> models.Proposal:
    """Leave the rule as it is, with a reason. Raises PoliciesError where it is decided, or no reason is given."""
    with transaction.atomic():
        found = _proposal(by, proposal, reason, now)
        _close(found, by, rules.REFUSED, reason.strip(), None, now)
    return found


def accept(
    *,
    by: people.Person,
    proposal: int,
    changes: Sequence[rules.Change],
    reason: str,
    on: int,
    now: datetime,
    effective_from: datetime | None = None,
    answers: bool = False,
) -> models.Proposal:
    """Change the rule: a new version of the playbook, and everybody who works by it and who flagged it is told.

    `on` is the number of the last version that was looked at: with another in between nothing is done. With `answers` those
    who flagged the rule and wait for an answer get the reason as theirs.
    """
    with transaction.atomic():
        found = _proposal(by, proposal, reason, now)
        last = playbook_queries.latest()
        if last is None or last.number != on:
            raise rules.PoliciesError("Somebody made another version meanwhile. Look at what would change once more.")
        entry = rules.rule(queries.book(now=now), found.rule)
        text = rewritten(last.text, entry.path, changes)
        if text == last.text:
            raise rules.PoliciesError("Nothing would change. Change something, or refuse the proposal and say why.")
        at = max(effective_from or now, now)
        made = playbook.publish(
            by=by, text=text, why=f"{reason.strip()} ({found.rule})", effective_from=at, now=now, base=on
        )
        _close(found, by, rules.ACCEPTED, reason.strip(), made.number, now)
        if answers:
            for one in models.Suggestion.objects.filter(rule=found.rule, answered_at=None):
                _answer(by, one, f"The rule was changed: {reason.strip()}", now)
        _tell(found, by, now)
    return found


def rewritten(text: str, path: Sequence[str], changes: Iterable[rules.Change]) -> str:
    """The playbook's text with a rule changed, everything else as people left it. Raises EditError where it does not fit."""
    document = Document.of(text)
    for key, value in changes:
        if value is None:
            document.remove([*path, key])
        else:
            document.set([*path, key], value)
    return document.text()


def see(*, by: people.Person, told: Sequence[int] | None, now: datetime) -> None:
    """Note that somebody has seen what they were told: these rows, or all (None)."""
    mine = models.Told.objects.filter(user_id=by.id, seen_at=None)
    (mine if told is None else mine.filter(pk__in=told)).update(seen_at=now)


def know_abuse(*, findings: Iterable[AbuseFound]) -> None:
    """Take over the findings of abuse that are in force, as the analyses give them now; those of before lapse with it."""
    with transaction.atomic():
        models.Abuse.objects.all().delete()
        models.Abuse.objects.bulk_create(
            models.Abuse(
                customer=one.customer,
                finding=one.finding,
                says=one.says,
                found_at=one.found_at,
                expires_at=one.expires_at,
            )
            for one in findings
        )


def give_level(*, by: people.Person, role: str, name: str, now: datetime) -> None:
    """Say that whoever holds a role has a level of authority of the playbook."""
    _need_all(by)
    storable(role, name)
    people.checked_role(role)
    if name not in rules.levels_of(queries.book(now=now)):
        raise rules.PoliciesError(f"No policy of the playbook names a level {name!r}.")
    with transaction.atomic():
        _, made = models.Level.objects.get_or_create(role=role, name=name)
        if made:
            _of_level("level.given", role, name, by, now)


def take_level(*, by: people.Person, role: str, name: str, now: datetime) -> None:
    """Take a level of authority from a role again. Nothing happens where it has none of that name."""
    _need_all(by)
    storable(role, name)
    with transaction.atomic():
        if models.Level.objects.filter(role=role, name=name).delete()[0]:
            _of_level("level.taken", role, name, by, now)


def _need_all(by: people.Person) -> None:
    people.need(by, rules.CHANGE, team=None, of_team=True)


def _check_asking(matter: people.Matter, amount: Decimal, reason: str) -> None:
    if not matter.subject.strip():
        raise rules.PoliciesError("Say what it is about, such as order:123.")
    if not amount.is_finite() or not 0 <= amount <= rules.MOST:
        raise rules.PoliciesError("Say what it costs: an amount that is not below zero; 0 where it costs nothing.")
    if not reason.strip():
        raise rules.PoliciesError("Say why. One sentence is enough: it is how the rule learns.")


def _check_decider(by: people.Person, found: models.ExceptionRequest, now: datetime) -> None:
    if found.asked_by_id == by.id:
        raise people.ForbiddenError("You asked for this yourself: somebody else decides it.")
    policy = queries.book(now=now).policies.get(found.policy) or Policy(found.policy, "")
    total = found.amount + queries.granted_so_far(policy=found.policy, subject=found.subject)
    if not rules.may_decide(by, policy, team=found.team, amount=total, named=queries.named()):
        raise people.ForbiddenError(
            f"Your authority does not reach so far: this needs the level {found.needed}, or the owner of the rule."
        )


def _sight(by: people.Person, request: int, now: datetime) -> models.ExceptionRequest:
    found = queries.requests(person=by, now=now).filter(pk=request).first()
    if found is None:
        raise rules.PoliciesError("There is no such request.")
    return found


def _own(found: models.ExceptionRequest, by: people.Person) -> models.ExceptionRequest:
    if found.asked_by_id != by.id:
        raise people.ForbiddenError("Somebody else asked for this.")
    return found


def _own_words(found: models.Suggestion, by: people.Person) -> models.Suggestion:
    if found.made_by_id != by.id:
        raise people.ForbiddenError("Somebody else said this.")
    return found


def _ended(found: models.ExceptionRequest) -> str:
    if found.state == rules.WITHDRAWN:
        return "It was withdrawn meanwhile."
    return f"It is decided already: {found.state}."


def _asked(made: models.ExceptionRequest, by: people.Person) -> Iterable[Event]:
    about = {"reason": made.reason, "level": made.level, "needed": made.needed}
    yield _of(made, "exception.requested", by, made.asked_at, about)
    if made.state == rules.GRANTED:
        yield _decided(made, by)


def _decided(found: models.ExceptionRequest, by: people.Person) -> Event:
    about = {"level": found.used, "reason": found.answer or found.reason, "evidence": found.evidence}
    return _of(found, f"exception.{found.state}", by, found.ended_at, about)


def _of(
    found: models.ExceptionRequest, type_: str, by: people.Person, at: datetime | None, about: Mapping[str, str]
) -> Event:
    outcome = type_.partition(".")[2]
    return Event(
        id=f"{type_.replace('.', '-')}-{found.key}", type=type_, time=at or found.asked_at, source="desk",
        customer=found.customer, subject=found.subject, channel=found.channel, team=found.team, employee=by.employee,
        rule=f"policy:{found.policy}", outcome=None if outcome == "requested" else outcome, value=float(found.amount),
        attributes={"exception": str(found.key)} | {name: value for name, value in about.items() if value},
    )  # fmt: skip


def _about(made: models.Suggestion) -> str:
    # The answer must name the same subject: only so does an analysis see which suggestion it answers.
    return made.subject or f"suggestion:{made.key}"


def _proposal(by: people.Person, proposal: int, reason: str, now: datetime) -> models.Proposal:
    people.need(by, rules.CHANGE)
    storable(reason)
    if not reason.strip():
        raise rules.PoliciesError("Say why: it is what those who work by the rule are told.")
    found = models.Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal).first()
    if found is None:
        raise rules.PoliciesError("There is no such proposal.")
    if found.state != rules.OPEN:
        raise rules.PoliciesError(f"It is decided already: {found.state}.")
    mine = queries.owned(person=by, act=rules.CHANGE, now=now)
    if mine is not None and found.rule not in mine:
        raise people.ForbiddenError("This rule is not yours to change.")
    return found


def _close(
    found: models.Proposal, by: people.Person, state: str, reason: str, version: int | None, now: datetime
) -> None:
    changed = models.Proposal.objects.filter(pk=found.pk, state=rules.OPEN).update(
        state=state, decided_by_id=by.id, decided_at=now, reason=reason, version_id=version
    )
    if not changed:
        raise rules.PoliciesError("It is decided already.")
    found.refresh_from_db()
    _of_proposal(f"proposal.{state}", found, by, reason, now)


def _tell(found: models.Proposal, by: people.Person, now: datetime) -> None:
    """Everybody who works by the rule, and who flagged it, but whoever decided."""
    whom = (set(queries.able_to(act=rules.ASK)) | queries.flaggers(rule=found.rule)) - {by.id}
    models.Told.objects.bulk_create(models.Told(user_id=one, proposal=found, told_at=now) for one in sorted(whom))


def _of_proposal(type_: str, found: models.Proposal, by: people.Person | None, text: str, now: datetime) -> None:
    about = {"proposal": found.pk, "finding": found.finding, "version": found.version_id}
    made = Event(
        id=f"{type_.replace('.', '-')}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", rule=found.rule,
        text=text, employee=by.employee if by else None,
        attributes={name: value for name, value in about.items() if value},
    )  # fmt: skip
    journal.record(events=[made], now=now)


def _of_level(type_: str, role: str, name: str, by: people.Person, now: datetime) -> None:
    about = {"role": role, "level": name, "by": by.employee}
    made = Event(id=f"{type_}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", attributes=about)
    journal.record(events=[made], now=now)
