"""Writes of followups: what a run found is taken in, and people say what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from aboveboard.desk.followups import models, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.findings.model import Finding
from aboveboard.ledger.event import Event

_TAKING = 4_716_200_151
"""The advisory lock of PostgreSQL under which runs are taken in, one after the other."""


@dataclass(frozen=True)
class Ran:
    """What a run says of itself; see `models.Run`."""

    as_of: datetime
    started_at: datetime
    playbook: int
    folder: str
    events_count: int
    customers_count: int
    first_at: datetime
    last_at: datetime


def take(*, ran: Ran, findings: Sequence[Finding], now: datetime) -> models.Run:
    """Take in what a run found: new ones, those that are still there, those that came back, and those that are gone.

    A run that judged at an earlier moment than the last one is refused: it would call back what is over. Raises FollowupError.
    """
    with transaction.atomic():
        _one_at_a_time()
        last = models.Run.objects.order_by("-pk").first()
        if last and ran.as_of < last.as_of:
            raise rules.FollowupError(
                f"This run judges at {ran.as_of:%Y-%m-%d %H:%M}, and a later one is here already ({last.as_of:%Y-%m-%d %H:%M})."
            )
        run = models.Run.objects.create(
            **asdict(ran), ended_at=now, found_count=len(findings), new_count=0, back_count=0, gone_count=0
        )
        told = _met(run, findings, now)
        run.new_count, run.back_count, run.gone_count = (told.count(what) for what in ("found", "came back", "gone"))
        run.save()
        about = {"run": run.pk, "as_of": run.as_of.isoformat(), "found": run.found_count, "new": run.new_count}
        about |= {"back": run.back_count, "gone": run.gone_count, "playbook": run.playbook}
        _record("analysis.ended", now, None, about)
    return run


def move(*, by: people.Person, finding: str, to: str, says: str, now: datetime) -> None:
    """Say what becomes of a finding; `says` is the reason, which some moves need. Raises FollowupError where it cannot."""
    with transaction.atomic():
        found = _mine_to_work_on(by, finding)
        rules.check_move(state=found.state, to=to, says=says, still_found=found.found)
        models.Followup.objects.filter(pk=finding).update(state=to)
        _note(found, now, by=by, what="moved", state=to, says=says.strip())
        _record("finding.moved", now, by, {"finding": finding, "from": found.state, "to": to, "why": says.strip()})


def own(*, by: people.Person, finding: str, owner: int | None, now: datetime) -> None:
    """Give a finding an owner, or none. Raises FollowupError where that person may not work on it."""
    with transaction.atomic():
        found = _mine_to_work_on(by, finding)
        if found.owner_id == owner:
            return
        user = people_models.User.objects.filter(pk=owner, is_active=True).first() if owner else None
        if owner and user is None:
            raise rules.FollowupError("There is no such account.")
        if user:
            from aboveboard.desk.people import queries as people_queries

            reach = people.reach(people_queries.person(user=user), "findings.work")
            if not rules.sees(reach, found.team or None):
                raise rules.FollowupError(f"{user} may not work on this finding. Give them a role for it first.")
        models.Followup.objects.filter(pk=finding).update(owner=user)
        _note(found, now, by=by, what="owner", owner=user)
        _record("finding.assigned", now, by, {"finding": finding, "owner": user.employee if user else None})


def comment(*, by: people.Person, finding: str, says: str, now: datetime) -> None:
    """Say something about a finding: whoever reads it may."""
    people.need(by, "findings.read")
    if not says.strip():
        raise rules.FollowupError("There is nothing in it yet. Write something first.")
    with transaction.atomic():
        found = models.Followup.objects.filter(pk=finding).first()
        if found is None or not rules.sees(people.reach(by, "findings.read"), found.team or None):
            raise rules.FollowupError("There is no such finding.")
        _note(found, now, by=by, what="comment", says=says.strip()[:4_000])
        _record("finding.commented", now, by, {"finding": finding})


def _mine_to_work_on(by: people.Person, finding: str) -> models.Followup:
    people.need(by, "findings.work")
    found = models.Followup.objects.select_for_update().filter(pk=finding).first()
    if found is None or not rules.sees(people.reach(by, "findings.read"), found.team or None):
        raise rules.FollowupError("There is no such finding.")
    if found.team:
        people.need(by, "findings.work", team=found.team, of_team=True)
    return found


def _met(run: models.Run, findings: Sequence[Finding], now: datetime) -> list[str]:
    """Bring every finding to what the run says of it; what happened, one word for each to which anything did."""
    known = {one.pk: one for one in models.Followup.objects.select_for_update()}
    told: list[tuple[str, rules.Met]] = []
    fresh: list[models.Followup] = []
    still: list[models.Followup] = []
    for finding in findings:
        old = known.pop(finding.id, None)
        after = rules.met(state=old.state if old else None, was_found=bool(old and old.found), is_found=True)
        (still if old else fresh).append(_row(finding, run, old, after.state))
        told.append((finding.id, after))
    gone = [one for one in known.values() if one.found]
    told += [(one.pk, rules.met(state=one.state, was_found=True, is_found=False)) for one in gone]
    models.Followup.objects.bulk_create(fresh, batch_size=500)
    changed = [f.attname for f in models.Followup._meta.concrete_fields if f.attname not in _KEPT]
    models.Followup.objects.bulk_update(still, changed, batch_size=200)
    models.Followup.objects.filter(pk__in=[one.pk for one in gone]).update(found=False)
    _note_all(run, told, now)
    return [after.happened for _, after in told if after.happened]


_KEPT = ("finding", "owner_id", "first_run_id")
"""What a run leaves as it is."""


def _row(finding: Finding, run: models.Run, old: models.Followup | None, state: str) -> models.Followup:
    return models.Followup(
        finding=finding.id,
        kind=finding.kind,
        family=finding.kind.split(".")[0],
        about=dict(finding.about),
        sentence=finding.sentence,
        action=finding.action,
        answers=(finding.owner or "")[:200],
        weight=finding.weight,
        evidence=asdict(finding.evidence),
        events=list(finding.events),
        table=finding.table,
        where=_plain(finding.where),
        team=rules.team_of(finding) or "",
        state=state,
        found=True,
        owner_id=old.owner_id if old else None,
        first_run_id=old.first_run_id if old else run.pk,
        last_run=run,
    )


def _plain(where: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int | float | bool) else str(value) for name, value in where.items()}


def _note_all(run: models.Run, told: Iterable[tuple[str, rules.Met]], now: datetime) -> None:
    models.Entry.objects.bulk_create(
        [
            models.Entry(followup_id=finding, at=now, run=run, what=after.happened, state=after.state)
            for finding, after in told
            if after.happened
        ],
        batch_size=500,
    )


def _note(found: models.Followup, now: datetime, *, by: people.Person, what: str, **more: Any) -> None:
    models.Entry.objects.create(followup=found, at=now, by_id=by.id, what=what, **more)


def _record(type_: str, now: datetime, by: people.Person | None, about: Mapping[str, Any]) -> None:
    said = {name: value for name, value in about.items() if value not in (None, "")}
    made = Event(
        id=f"{type_}-{secrets.token_hex(8)}",
        type=type_,
        time=now,
        source="desk",
        employee=by.employee if by else None,
        attributes=said,
    )
    journal.record(events=[made], now=now)


def _one_at_a_time() -> None:
    # SQLite lets one transaction write at a time anyway.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TAKING])
