"""What an event means for promises, how a promise stands at a moment, and how likely one that still runs is to be kept.

The same as `analyses.promises.outcomes` says of the same events, one event at a time and in whatever order they come: what keeps
or cancels a promise is the earliest such event at or after its start, so that a late arrival changes nothing but what it must.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.budgets import WINDOWS
from aboveboard.analyses.promises.outcomes import UNNAMED
from aboveboard.analyses.promises.risk import BINS, ENOUGH
from aboveboard.analyses.shared import intervals
from aboveboard.ledger import attributes, moments
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import calendars
from aboveboard.playbook.calendars import Calendar, CalendarError
from aboveboard.playbook.model import Playbook, Promise

__all__ = ["ENDED", "MISSED", "RUNNING", "WINDOWS", "Reading"]

AHEAD, UNDATED, CANCELLED = "ahead", "undated", "cancelled"
OPEN, AT_RISK, KEPT, LATE, BROKEN = "open", "at risk", "kept", "late", "broken"
RUNNING, ENDED, MISSED = counts.RUNNING, counts.ENDED, counts.MISSED
MISSED_BIN = BINS
"""Where a promise that outlived its time is counted; BINS hundredths of the time allowed are kept ones' places."""
HALF = 0.5
"""Below this chance a promise is at risk, where nobody chose otherwise: it is then more likely to break than to be kept."""
FRESH = timedelta(days=1)
"""A promise that broke longer ago than this, when the desk first hears of it, alerts nobody: it is history, or an import."""
_LONGEST = timedelta(days=3_660)
_TICK = timedelta(microseconds=1)
_END_OF_DAY, _DATE_LENGTH = "T23:59:59.999999", len("2026-11-22")
WORDS = (
    "complaint.received", "case.reopened", "contact.started", "message.received", "survey.answered", "review.posted",
    "exception.requested", "post.published",
)  # fmt: skip
"""Events in which a customer says something to us."""

Row = Mapping[str, Any]


class PromiseError(AboveboardError):
    """Something of a promise that cannot be done as asked; the text says why and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Start:
    """A promise that began: under which name, by which event, and when it is due (None: nothing says).

    `tie` is what it shares with the events that keep or cancel it; None where nothing ties it to any. `minutes_allowed` is its
    time on its own clock.
    """

    promise: str
    tie: str | None
    event: str
    made_at: datetime
    due_at: datetime | None
    subject: str | None
    customer: str | None
    team: str | None
    channel: str | None
    touchpoint: str | None
    minutes_allowed: float | None


@dataclass(frozen=True)
class Mark:
    """Something that keeps (`keeps`) or cancels the promises of its `tie` that began at or before `at`."""

    tie: str
    at: datetime
    keeps: bool


@dataclass(frozen=True)
class Chance:
    """Of `count` earlier ones that were unmet at this age, the share that was kept after all, with its 95 % interval (Wilson).

    `by_hour`: they began in the same hour of the day; otherwise at any.
    """

    share: float
    low: float
    high: float
    count: int
    by_hour: bool


class Reading:
    """The promises of a playbook, ready to be asked what an event means for them."""

    def __init__(self, book: Playbook) -> None:
        self.book = book
        self._promises = [_Read(promise, book) for promise in book.promises.values()]

    def of(self, row: Row) -> tuple[list[Start], list[Mark]]:
        """The promises that begin with an event, and the marks that it sets. `row` holds the ledger's columns."""
        starts, marks = [], []
        for promise in self._promises:
            tie = promise.tie(row)
            if promise.starts(row):
                starts.append(promise.start(row, tie))
            if tie is not None:
                marks += [Mark(tie, row["time"], keeps) for keeps in (True, False) if promise.ends(row, keeps=keeps)]
        if row["type"] in ("promise.made", "promise.kept", "promise.withdrawn"):
            _by_word(row, starts, marks)
        return starts, marks

    def calendar(self, promise: str) -> Calendar | None:
        """The calendar that a promise's clock runs in; None for the wall clock."""
        found = self.book.promises.get(promise)
        return self.book.calendars[found.calendar] if found and found.calendar else None

    def hour(self, moment: datetime) -> int:
        """The hour of the day on the organisation's clocks."""
        return moment.astimezone(self.book.timezone).hour

    def age(self, promise: str, made_at: datetime, until: datetime, allowed: float | None) -> int:
        """How much of its time a promise has used, in hundredths, 0–99."""
        if not allowed or allowed <= 0:
            return BINS - 1
        spent = minutes(made_at, until, self.calendar(promise))
        return int(max(0, min(spent * BINS // allowed, BINS - 1)))


class _Read:
    """One promise with its conditions made ready."""

    def __init__(self, promise: Promise, book: Playbook) -> None:
        self.promise, self.book = promise, book
        self.calendar = book.calendars[promise.calendar] if promise.calendar else None
        self.starts = promise.starts.to_python()
        self._keeps = promise.kept_by.to_python()
        self._cancels: Callable[[Row], bool | None] | None = (
            promise.cancelled_by.to_python() if promise.cancelled_by else None
        )

    def tie(self, row: Row) -> str | None:
        value = _column(row, self.promise.same)
        return None if value is None else _key("playbook", self.promise.name, str(value))

    def ends(self, row: Row, *, keeps: bool) -> bool:
        if keeps:
            return bool(self._keeps(row))
        if row["type"] == "promise.withdrawn" and row["rule"] == self.promise.rule:
            return True
        return bool(self._cancels and self._cancels(row))

    def start(self, row: Row, tie: str | None) -> Start:
        due = self._due(row) if tie is not None else None
        return _start(row, self.promise.name, tie, due, self.calendar, subject=_column(row, self.promise.same))

    def _due(self, row: Row) -> datetime | None:
        if self.promise.within is not None:
            try:
                return calendars.due(row["time"], self.promise.within, self.calendar)
            except CalendarError:
                return None
        carried = _column(row, self.promise.by or "due")
        if not isinstance(carried, str):
            return carried  # type: ignore[no-any-return]
        whole = carried + _END_OF_DAY if len(carried) == _DATE_LENGTH else carried
        return moments.moment_of(whole, self.book.timezone)


def state(
    made_at: datetime, due_at: datetime | None, met_at: datetime | None, cancelled_at: datetime | None, *, now: datetime
) -> str:
    """How a promise stands at `now`; what happens later is not known yet. Whether it is at risk is `chance`'s to say."""
    met = met_at if met_at is not None and met_at <= now else None
    cancelled = cancelled_at if cancelled_at is not None and cancelled_at <= now else None
    if made_at > now:
        return AHEAD
    if due_at is None:
        return UNDATED
    if cancelled is not None and cancelled <= due_at and (met is None or cancelled < met):
        return CANCELLED
    if met is not None:
        return KEPT if met <= due_at else LATE
    return BROKEN if due_at < now else OPEN


def changes_at(
    made_at: datetime, due_at: datetime | None, met_at: datetime | None, cancelled_at: datetime | None, *, now: datetime
) -> datetime | None:
    """When time alone will change how a promise stands; None where it will not."""
    over = due_at + _TICK if due_at is not None and due_at < datetime.max.replace(tzinfo=UTC) else None
    later = [moment for moment in (made_at, met_at, cancelled_at, over) if moment is not None and moment > now]
    return min(later, default=None)


def minutes(start: datetime, end: datetime, calendar: Calendar | None) -> float:
    """Minutes on a promise's clock. Beyond ten years opening hours are not counted out."""
    if calendar is None or abs(end - start) > _LONGEST:
        return (end - start).total_seconds() / 60
    return calendar.minutes_between(start, end)


def chance(past: Mapping[tuple[int, int], int], *, hour: int, age: int) -> Chance | None:
    """How likely a promise is to be kept that was begun in this hour and is unmet at this age.

    `past` counts earlier promises whose time is over by (hour, age at which they were met; MISSED_BIN for those that were not
    in time): of those unmet at this age, the share met later and in time. Fewer than ENOUGH of the same hour: those of every
    hour; fewer than that of all: None.
    """
    for by_hour in (True, False):
        left = [(met, count) for (at, met), count in past.items() if met > age and (at == hour or not by_hour)]
        waiting = sum(count for _, count in left)
        if waiting >= ENOUGH:
            kept = sum(count for met, count in left if met < MISSED_BIN)
            low, high = (float(end) for end in intervals.wilson(kept, waiting))
            return Chance(kept / waiting, low, high, waiting, by_hour)
    return None


def at_risk(found: Chance | None, *, age: int, below: float) -> bool:
    """Whether a running promise is at risk: its chance is below what was chosen; without a past, in its last quarter."""
    return age * 4 >= BINS * 3 if found is None else found.share < below


def below(chosen: float | None, objective: float | None, *, by_objective: bool) -> float:
    """The chance below which a promise is at risk: the objective, what was chosen, or one half."""
    if by_objective and objective is not None:
        return objective
    return HALF if chosen is None else chosen


def _by_word(row: Row, starts: list[Start], marks: list[Mark]) -> None:
    """Promises that somebody made by word, unless they are the playbook's."""
    rule, subject = row["rule"] or "", row["subject"]
    tie = None if subject is None else _key("word", rule, subject)
    if row["type"] == "promise.made":
        if not starts:
            name = rule.removeprefix("promise:") if rule else UNNAMED
            starts.append(_start(row, name, tie, row["due"] if tie else None, None, subject=subject))
    elif tie is not None:
        marks.append(Mark(tie, row["time"], row["type"] == "promise.kept"))


def _start(
    row: Row, name: str, tie: str | None, due: datetime | None, calendar: Calendar | None, *, subject: Any
) -> Start:
    allowed = None if due is None else minutes(row["time"], due, calendar)
    return Start(
        promise=name, tie=tie, event=row["id"], made_at=row["time"], due_at=due, subject=subject, customer=row["customer"],
        team=row["team"], channel=row["channel"], touchpoint=row["touchpoint"], minutes_allowed=allowed,
    )  # fmt: skip


def _column(row: Row, name: str) -> Any:
    prefix, _, key = name.partition(".")
    return attributes.text_of(row.get("attributes"), key) if prefix == "attributes" and key else row.get(name)


def _key(*parts: str) -> str:
    """Short whatever a subject is called, and no two alike."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def earliest(marks: Iterator[datetime], since: datetime) -> datetime | None:
    """The first of the moments that is not before `since`."""
    return min((at for at in marks if at >= since), default=None)
