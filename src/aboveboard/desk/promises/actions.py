"""Writes of promises: read the journal on, see how each promise stands, weigh those that run, alert their owners."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as journaled
from aboveboard.desk.people import rules as people
from aboveboard.desk.promises import models, queries, rules
from aboveboard.ledger import columns
from aboveboard.ledger.event import Event

_CHUNK = 500
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_WEIGHED = ("state", "chance_share", "chance_low", "chance_high", "chance_count", "chance_by_hour")


def read_on(*, now: datetime, most: int = _CHUNK) -> int:
    """Read the next `most` events of the journal into clocks; how many there were. 0: there are no more for now.

    Where the playbook's promises are others than they were, everything is thrown away and read anew.
    """
    found = queries.reading(now=now)
    if found is None:
        return 0
    reading, of = found
    until = journal.settled()
    if until is None:
        return 0
    with transaction.atomic():
        progress = _progress(of)
        placed = journaled.batch(after=progress.sequence, until=until, most=most)
        if placed:
            _take(reading, placed)
            progress.sequence = placed[-1][0]
        progress.advanced_at = now
        progress.save()
    return len(placed)


def settle(*, now: datetime, most: int = _CHUNK) -> int:
    """See how those promises stand that time or an event has changed, `most` at once; how many there were."""
    found = queries.reading(now=now)
    if found is None:
        return 0
    reading, _of = found
    with transaction.atomic():
        _lock()
        due = list(models.Clock.objects.filter(look_at__lte=now).order_by("look_at", "pk")[:most])
        for clock in due:
            _stand(clock, reading, now)
        _write(due, ["state", "age", "look_at", *_WEIGHED[1:]])
        broken = [one for one in due if one.state == rules.BROKEN and one.due_at and one.due_at >= now - rules.FRESH]
        _alert(broken, rules.BROKEN, reading, now)
    return len(due)


def weigh(*, now: datetime) -> int:
    """Say of every running promise how likely it is to be kept, and alert the owners of those at risk; how many run."""
    found = queries.reading(now=now)
    if found is None:
        return 0
    reading, _of = found
    with transaction.atomic():
        _lock()
        running = list(models.Clock.objects.filter(state__in=rules.RUNNING))
        past = _past({one.promise for one in running}, now)
        chosen = {one.promise: one for one in models.Choice.objects.all()}
        changed = [
            one for one in running if _weigh(one, reading, past.get(one.promise, {}), chosen.get(one.promise), now)
        ]
        _write(changed, _WEIGHED)
        _alert([one for one in running if one.state == rules.AT_RISK], rules.AT_RISK, reading, now)
    return len(running)


def see(*, by: people.Person, alert: int, now: datetime) -> None:
    """Note that an owner has seen an alert; it is then no longer shown. Nothing happens where somebody has."""
    with transaction.atomic():
        found = models.Alert.objects.filter(pk=alert).first()
        if found is None:
            raise rules.PromiseError("There is no such alert.")
        if not queries.concerns(by, found):
            raise people.ForbiddenError("This alert is for whoever answers for the promise.")
        models.Alert.objects.filter(pk=alert, seen_at=None).update(seen_at=now, seen_by_id=by.id)


def choose(*, by: people.Person, promise: str, below: float | None, by_objective: bool, now: datetime) -> None:
    """Choose the chance below which a promise is at risk: `below`, or its objective, or one half where neither is said.

    Raises PromiseError where it is no chance, or the promise has no objective.
    """
    people.need(by, "playbook.change")
    if below is not None and not 0 < below < 1:
        raise rules.PromiseError("A chance lies between 0 and 100 %.")
    found = queries.reading(now=now)
    known = found[0].book.promises.get(promise) if found else None
    if by_objective and (known is None or known.objective is None):
        raise rules.PromiseError("This promise has no objective. Give it one in the playbook first.")
    with transaction.atomic():
        models.Choice.objects.update_or_create(promise=promise, defaults={"below": below, "by_objective": by_objective})
        about = {"promise": promise, "below": below, "by_objective": by_objective, "by": by.employee}
        said = {key: value for key, value in about.items() if value is not None}
        done = Event(
            id=f"promise.risk-chosen-{secrets.token_hex(8)}",
            type="promise.risk-chosen",
            time=now,
            source="desk",
            attributes=said,
        )
        journal.record(events=[done], now=now)


def _write(clocks: Sequence[models.Clock], names: Sequence[str]) -> None:
    """Write some columns of clocks that are there. As an upsert, for Django's bulk update takes ten times as long."""
    models.Clock.objects.bulk_create(
        clocks, update_conflicts=True, unique_fields=["id"], update_fields=list(names), batch_size=200
    )


def _lock() -> models.Progress:
    """One at a time: whoever is second waits here."""
    models.Progress.objects.get_or_create(pk=1, defaults={"of": "", "sequence": 0})
    return models.Progress.objects.select_for_update().get(pk=1)


def _progress(of: str) -> models.Progress:
    progress = _lock()
    if progress.of != of:
        models.Clock.objects.all().delete()
        models.Mark.objects.all().delete()
        progress.of, progress.sequence = of, 0
    return progress


def _take(reading: rules.Reading, placed: Sequence[journaled.Placed]) -> None:
    """Lay down the starts and marks of some events, and tie them to what was there."""
    starts, marks = [], []
    for sequence, values in placed:
        begun, ended = reading.of(dict(zip(columns.NAMES, values, strict=True)))
        starts += [(sequence, one) for one in begun]
        marks += ended
    models.Mark.objects.bulk_create(
        [models.Mark(**asdict(one)) for one in marks], ignore_conflicts=True, batch_size=500
    )
    models.Clock.objects.bulk_create(
        [_clock(sequence, one, reading) for sequence, one in starts], ignore_conflicts=True, batch_size=200
    )
    ties = {one.tie for one in marks} | {one.tie for _, one in starts if one.tie is not None}
    for some in _some(sorted(ties)):
        _tie(some)


def _clock(sequence: int, start: rules.Start, reading: rules.Reading) -> models.Clock:
    held = asdict(start)
    made_at = held.pop("made_at")
    hour = reading.hour(made_at)
    return models.Clock(**held, started_at=made_at, sequence=sequence, hour=hour, state=rules.AHEAD, look_at=_AT_ONCE)


def _tie(ties: Sequence[str]) -> None:
    """Give each clock of these ties the earliest event that keeps it, and that cancels it."""
    marks: dict[tuple[str, bool], list[datetime]] = {}
    for tie, at, keeps in models.Mark.objects.filter(tie__in=ties).values_list("tie", "at", "keeps"):
        marks.setdefault((tie, keeps), []).append(at)
    changed = []
    for clock in models.Clock.objects.filter(tie__in={tie for tie, _ in marks}):
        met, cancelled = (
            rules.earliest(iter(marks.get((str(clock.tie), keeps), ())), clock.started_at) for keeps in (True, False)
        )
        if (clock.met_at, clock.cancelled_at) != (met, cancelled):
            clock.met_at, clock.cancelled_at, clock.look_at = met, cancelled, _AT_ONCE
            changed.append(clock)
    _write(changed, ["met_at", "cancelled_at", "look_at"])


def _stand(clock: models.Clock, reading: rules.Reading, now: datetime) -> None:
    times = (clock.started_at, clock.due_at, clock.met_at, clock.cancelled_at)
    before, clock.state = clock.state, rules.state(*times, now=now)
    if clock.state == rules.OPEN and before == rules.AT_RISK:
        clock.state = rules.AT_RISK
    clock.look_at = rules.changes_at(*times, now=now)
    clock.age = None
    if clock.state == rules.KEPT and clock.met_at:
        clock.age = reading.age(clock.promise, clock.started_at, clock.met_at, clock.minutes_allowed)
    elif clock.state in rules.MISSED:
        clock.age = rules.MISSED_BIN
    if clock.state not in rules.RUNNING:
        _say(clock, None)


def _weigh(
    clock: models.Clock,
    reading: rules.Reading,
    past: Mapping[tuple[int, int], int],
    chosen: models.Choice | None,
    now: datetime,
) -> bool:
    """Weigh one; whether that changed anything."""
    before = [getattr(clock, name) for name in _WEIGHED]
    age = reading.age(clock.promise, clock.started_at, now, clock.minutes_allowed)
    found = rules.chance(past, hour=clock.hour, age=age)
    known = reading.book.promises.get(clock.promise)
    below = rules.below(
        chosen.below if chosen else None,
        known.objective if known else None,
        by_objective=bool(chosen and chosen.by_objective),
    )
    clock.state = rules.AT_RISK if rules.at_risk(found, age=age, below=below) else rules.OPEN
    _say(clock, found)
    return before != [getattr(clock, name) for name in _WEIGHED]


def _say(clock: models.Clock, found: rules.Chance | None) -> None:
    clock.chance_share, clock.chance_low, clock.chance_high, clock.chance_count, clock.chance_by_hour = (
        (found.share, found.low, found.high, found.count, found.by_hour) if found else (None,) * 5
    )


def _past(promises: Iterable[str], now: datetime) -> Mapping[str, Mapping[tuple[int, int], int]]:
    """Per promise: those whose time is over, by the hour of their start and the age at which they were met.

    One that was kept early counts only once it would have fallen due: before, its slower fellows are not yet counted either.
    """
    over = models.Clock.objects.filter(promise__in=set(promises), due_at__lt=now, age__isnull=False)
    found: dict[str, dict[tuple[int, int], int]] = {}
    for promise, hour, age, count in over.values_list("promise", "hour", "age").annotate(count=Count("pk")):
        found.setdefault(promise, {})[hour, age] = count
    return found


def _alert(clocks: Sequence[models.Clock], what: str, reading: rules.Reading, now: datetime) -> None:
    made = [
        models.Alert(
            promise=one.promise,
            event=one.event,
            what=what,
            subject=one.subject,
            customer=one.customer,
            team=one.team,
            owner=queries.owner(reading.book, one.promise),
            due_at=one.due_at,
            raised_at=now,
        )
        for one in clocks
        if one.due_at is not None
    ]
    models.Alert.objects.bulk_create(made, ignore_conflicts=True, batch_size=200)


def _some(ties: Sequence[str], most: int = 500) -> Iterable[Sequence[str]]:
    return (ties[start : start + most] for start in range(0, len(ties), most))


def forget(*, now: datetime) -> None:
    """Throw the clocks away; they are made anew from the journal. Alerts and choices stay."""
    with transaction.atomic():
        progress: Any = _lock()
        progress.of, progress.sequence, progress.advanced_at = "", 0, now
        progress.save()
        models.Clock.objects.all().delete()
        models.Mark.objects.all().delete()
