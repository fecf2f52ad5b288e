"""Writes of visits: begin one, answer a step, end it; each with its event, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbook
from aboveboard.desk.procedures import models, queries, rules
from aboveboard.ledger.event import Event

_ACT = "procedures.work"


def begin(*, by: people.Person, procedure: str, matter: people.Matter, now: datetime) -> models.Visit:
    """Begin a visit by this procedure of the playbook in force. Its subject is the matter's, or a new `visit:<number>`.

    Raises StepError where there is no such procedure, or its condition would not see a visit in what begins here.
    """
    people.need(by, _ACT, team=matter.team, of_team=True)
    found = playbook.current(now=now).procedures.get(procedure)
    if found is None:
        raise rules.StepError(f"The playbook in force has no procedure {procedure!r}.")
    with transaction.atomic():
        made = models.Visit.objects.create(
            subject=matter.subject, procedure=procedure, customer=matter.customer, team=matter.team,
            channel=matter.channel, user_id=by.id, began_at=now,
        )  # fmt: skip
        if not made.subject:
            made.subject = f"visit:{made.pk}"
            made.save(update_fields=["subject"])
        type_ = rules.starting_type(found)
        start = rules.facts(
            type_=type_, time=now, subject=made.subject, customer=made.customer, team=made.team, channel=made.channel,
            employee=by.employee, source="desk",
        )  # fmt: skip
        if not rules.starts(found.starts, start):
            raise rules.StepError(
                f"By the playbook, {procedure} starts where {found.starts.sql if found.starts else ''}: that is not so here. "
                "Begin it where that happens, or have the condition changed."
            )
        steps = enumerate(rules.due(found, start))
        models.Step.objects.bulk_create(
            models.Step(visit=made, place=place, name=step.name, kind=step.kind, why=step.why) for place, step in steps
        )
        _record(made, by, now, type_, f"visit-{made.pk}-began")
    return made


def answer(*, by: people.Person, visit: int, step: str, doing: rules.Doing, now: datetime) -> models.Step:
    """Offer a step, or say what came of it. The same answer twice is one.

    Raises StepError where the visit has ended, the step is not in it, or that cannot be done with it now.
    """
    with transaction.atomic():
        found = _running(by, visit)
        one = models.Step.objects.select_for_update().filter(visit=found, name=step).first()
        if one is None:
            raise rules.StepError(f"This visit has no step {step!r}.")
        if one.state == rules.STATES.get(doing.act) and one.reason == doing.reason.strip():
            return one
        was, one.state = one.state, rules.after(one.kind, one.state, doing)
        one.reason, one.changed_at = doing.reason.strip(), now
        one.save(update_fields=["state", "reason", "changed_at"])
        said = {"reason": one.reason} if one.reason else {}
        if was == rules.DECLINED:
            said["asked_by"] = "customer"
        elif was not in (rules.OPEN, rules.OFFERED):
            said["instead_of"] = was
        event = f"visit-{found.pk}-{one.place}-{now.timestamp():.6f}"
        _record(found, by, now, rules.EVENTS[doing.act], event, rules.rule(found.procedure, step), one.state, said)
    return one


def end(*, by: people.Person, visit: int, now: datetime) -> models.Visit:
    """End a visit. Steps left open stay open: that nothing was said of them is told as it is."""
    with transaction.atomic():
        found = _running(by, visit)
        found.ended_at = now
        found.save(update_fields=["ended_at"])
        _record(found, by, now, "visit.ended", f"visit-{found.pk}-ended")
    return found


def _running(by: people.Person, visit: int) -> models.Visit:
    found = queries.visit(number=visit, reach=people.reach(by, _ACT))
    if not models.Visit.objects.select_for_update().filter(pk=visit, ended_at=None).exists():
        raise rules.StepError("This visit has ended. What was done is on record and is not changed any more.")
    return found


def _record(
    visit: models.Visit, by: people.Person, now: datetime, type_: str, event: str,
    rule: str | None = None, outcome: str | None = None, attributes: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    made = Event(
        id=event, type=type_, time=now, source="desk", subject=visit.subject, customer=visit.customer, team=visit.team,
        channel=visit.channel, employee=by.employee,
    )  # fmt: skip
    made = replace(made, rule=rule, outcome=outcome, attributes=attributes or {})
    journal.record(events=[made], now=now)
