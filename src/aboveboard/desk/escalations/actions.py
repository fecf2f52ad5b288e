"""Writes of escalations, each in one transaction with its events: open, take, pass on, decide."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from aboveboard.desk.escalations import models, queries, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook.rules import storable
from aboveboard.desk.policies import actions as policies
from aboveboard.desk.policies import models as policies_models
from aboveboard.desk.policies import queries as policies_queries
from aboveboard.desk.policies import rules as policies_rules
from aboveboard.ledger.event import Event
from aboveboard.playbook.model import Playbook

_CENT = Decimal("0.01")


def escalate(
    *,
    by: people.Person,
    matter: people.Matter,
    asks: str,
    tried: str,
    now: datetime,
    policy: str = "",
    amount: Decimal | None = None,
    level: str = "",
    key: UUID | None = None,
) -> models.Escalation:
    """Seek a decision higher up: to bend a `policy` by an `amount`, or one that a `level` may make. It goes to the nearest who may.

    `key` is the asking itself: sent twice, the first answer is given again. Raises EscalationsError where something is missing,
    where they hold that authority themselves, or where the same matter waits already.
    """
    people.need(by, rules.OPEN, team=matter.team, of_team=True)
    storable(asks, tried, policy, level, matter.subject, matter.customer or "", matter.team or "", matter.channel or "")
    again = models.Escalation.objects.filter(key=key).first() if key else None
    if again is not None:
        return _own(again, by)
    rules.said_whole(asks, tried)
    if not matter.subject.strip():
        raise rules.EscalationsError("Say what it is about, such as order:123.")
    book = policies_queries.book(now=now)
    sought = _sought(by, matter, policy, amount, level, book)
    able = queries.able(sought=sought, team=matter.team, without=(by.id,), book=book)
    made = models.Escalation(
        key=key or uuid4(), subject=matter.subject, customer=matter.customer, team=matter.team, channel=matter.channel,
        policy=policy, amount=amount.quantize(_CENT) if policy and amount is not None else None, level=sought.level,
        asks=asks.strip(), tried=tried.strip(), opened_by_id=by.id, opened_at=now, sent_to_id=able[0].person.id if able else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            about = {"authority": made.level, "tried": made.tried}
            opened = _event(made, "escalation.opened", by, now, about, text=made.asks, value=made.amount)
            journal.record(events=[opened], now=now)
    except IntegrityError as error:
        raise rules.EscalationsError("This matter waits for a decision higher up already.") from error
    return made


def _sought(
    by: people.Person, matter: people.Matter, policy: str, amount: Decimal | None, level: str, book: Playbook
) -> rules.Sought:
    """The authority that is sought. Raises EscalationsError where it is none, or whoever asks has it."""
    named = policies_queries.named()
    if not policy:
        if level not in rules.ladder(book):
            raise rules.EscalationsError(f"Say which authority it needs: {', '.join(rules.ladder(book))}, or a policy.")
        sought = rules.Sought(level)
        if rules.authority(by, sought, team=matter.team, book=book, named=named) is not None:
            raise rules.EscalationsError("You hold this authority yourself: decide it, or ask for a higher one.")
        return sought
    found = policies_rules.policy(book, policy)
    if amount is None or not amount.is_finite() or not 0 <= amount <= policies_rules.MOST:
        raise rules.EscalationsError("Say what it costs: an amount that is not below zero; 0 where it costs nothing.")
    total = amount + policies_queries.granted_so_far(policy=policy, subject=matter.subject)
    if policies_rules.authority(by, found, team=matter.team, named=named).covers(total):
        raise rules.EscalationsError("You may grant this yourself: bend the rule, nobody has to be asked.")
    waiting = policies_models.ExceptionRequest.objects.filter(
        policy=policy, subject=matter.subject, state=policies_rules.WAITING
    )
    if waiting.exists():
        raise rules.EscalationsError("An exception from this rule waits for an answer already.")
    return rules.Sought(policies_rules.needed(found, total), found, total)


def take(*, by: people.Person, escalation: int, now: datetime) -> models.Escalation:
    """Say that one sees to it: whoever asked sees it, and others who may decide. Nothing happens where one said so already."""
    with transaction.atomic():
        found = _waiting(by, escalation, now)
        _used(by, found, now)
        if found.taken_by_id != by.id:
            _change(found, taken_by_id=by.id, taken_at=now)
            journal.record(events=[_event(found, "escalation.taken", by, now, {}, once=False)], now=now)
    return found


def pass_on(*, by: people.Person, escalation: int, reason: str, now: datetime) -> models.Escalation:
    """Pass it one level higher than one's own, with the reason. It stays open: that somebody else decides is no decision.

    Raises EscalationsError where nobody above may decide it: then it is theirs.
    """
    storable(reason)
    if not reason.strip():
        raise rules.EscalationsError("Say why it goes higher: whoever gets it should not have to ask.")
    with transaction.atomic():
        found = _waiting(by, escalation, now)
        book, before = policies_queries.book(now=now), found.level
        needs = queries.sought(escalation=found, book=book)
        above = rules.higher(rules.Sought(_used(by, found, now), needs.policy, needs.amount), book)
        able = queries.able(sought=above, team=found.team, without=(found.opened_by_id, by.id), book=book)
        if not able:
            raise rules.EscalationsError("Nobody above you may decide this here: it is yours to decide.")
        _change(found, level=above.level, sent_to_id=able[0].person.id, taken_by_id=None, taken_at=None)
        models.Passing.objects.create(
            escalation=found, by_id=by.id, at=now, before=before, after=above.level, reason=reason.strip()
        )
        about = {"authority": above.level, "reason": reason.strip()}
        journal.record(events=[_event(found, "escalation.passed", by, now, about, once=False)], now=now)
    return found


def decide(
    *,
    by: people.Person,
    escalation: int,
    outcome: str,
    reason: str,
    changes: str,
    now: datetime,
    nothing: bool = False,
    granted: Decimal | None = None,
    evidence: str = "",
) -> models.Escalation:
    """Decide, with the reason and with what changes for the customer; only a refusal may say that `nothing` does. Once.

    Under a policy the exception is granted or refused with it: `granted` is the amount of a part, `evidence` what a refusal rests
    on. Raises EscalationsError or PoliciesError where something is missing, ForbiddenError where their authority does not reach.
    """
    storable(reason, changes, evidence)
    said = rules.checked_change(outcome, reason, changes, nothing=nothing)
    with transaction.atomic():
        found = _waiting(by, escalation, now)
        used = _used(by, found, now)
        given = rules.checked_amount(outcome, granted, found.amount)
        if found.policy and given is not None:
            _except(by, found, outcome, given, reason, evidence, used, now)
        _change(
            found, state=outcome, ended_at=now, decided_by_id=by.id, used=used, reason=reason.strip(), changes=said,
            given=given if outcome != rules.DENIED else None, evidence=evidence if found.policy and outcome == rules.DENIED else "",
        )  # fmt: skip
        about = {"authority": used, "reason": found.reason}
        decided = _event(found, "escalation.decided", by, now, about, text=said, value=found.given, outcome=outcome)
        journal.record(events=[decided], now=now)
    return found


def _except(
    by: people.Person, found: models.Escalation, outcome: str, amount: Decimal, reason: str, evidence: str, used: str, now: datetime
) -> None:  # fmt: skip
    """The exception that is granted or refused with it, so that limits and analyses know of it."""
    policies.decide_above(
        by=by, asked_by=people_queries.person(user=people_models.User.objects.get(pk=found.opened_by_id)),
        asked_at=found.opened_at, matter=people.Matter(found.subject, found.customer, found.team, found.channel),
        policy=found.policy, amount=amount, reason=found.asks, needed=found.level, used=used, grant=outcome != rules.DENIED,
        answer=reason, key=found.key, evidence=evidence, now=now,
    )  # fmt: skip


def see(*, by: people.Person, escalation: int, now: datetime) -> None:
    """Note that whoever asked has seen what was decided. Nothing happens for anybody else."""
    mine = models.Escalation.objects.filter(pk=escalation, opened_by_id=by.id, seen_at=None)
    mine.exclude(state=rules.WAITING).update(seen_at=now)


def _waiting(by: people.Person, escalation: int, now: datetime) -> models.Escalation:
    """The escalation, locked. Raises EscalationsError where there is none in sight, or it is decided already."""
    people.need(by, rules.DECIDE)
    found = queries.within(person=by, now=now).select_for_update(of=("self",)).filter(pk=escalation).first()
    if found is None:
        raise rules.EscalationsError("There is no such escalation.")
    if found.state != rules.WAITING:
        raise rules.EscalationsError(f"It is decided already: {rules.OUTCOMES[found.state]}.")
    return found


def _used(by: people.Person, found: models.Escalation, now: datetime) -> str:
    """The level at which they may decide it. Raises ForbiddenError where they may not."""
    if found.opened_by_id == by.id:
        raise people.ForbiddenError("You asked for this yourself: somebody else decides it.")
    book = policies_queries.book(now=now)
    sought = queries.sought(escalation=found, book=book)
    mine = rules.authority(by, sought, team=found.team, book=book, named=policies_queries.named())
    if mine is None or mine.level is None:
        raise people.ForbiddenError(f"Your authority does not reach so far: this needs the level {found.level}.")
    return mine.level


def _change(found: models.Escalation, **change: Any) -> None:
    """Change it while it waits. On SQLite nothing is locked: the condition sees to it that it ends once."""
    if not models.Escalation.objects.filter(pk=found.pk, state=rules.WAITING).update(**change):
        raise rules.EscalationsError("Somebody decided it meanwhile.")
    found.refresh_from_db()


def _own(found: models.Escalation, by: people.Person) -> models.Escalation:
    if found.opened_by_id != by.id:
        raise people.ForbiddenError("Somebody else asked for this.")
    return found


def _event(
    found: models.Escalation,
    type_: str,
    by: people.Person,
    now: datetime,
    about: Mapping[str, str],
    *,
    text: str | None = None,
    value: Decimal | None = None,
    outcome: str | None = None,
    once: bool = True,
) -> Event:
    """`once`: there is one of its kind per escalation, and its id says so."""
    name = f"{type_.replace('.', '-')}-{found.key}"
    return Event(
        id=name if once else f"{name}-{secrets.token_hex(4)}", type=type_, time=now, source="desk", subject=found.subject,
        customer=found.customer, channel=found.channel, team=found.team, employee=by.employee,
        rule=f"policy:{found.policy}" if found.policy else None, outcome=outcome, text=text,
        audience="internal" if text else None, value=float(value) if value is not None else None,
        attributes={"escalation": str(found.key), **about},
    )  # fmt: skip
