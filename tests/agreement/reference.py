"""Promise outcomes once more, as anybody would work them out by hand: loops over rows, slow and plain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from aboveboard.ledger import attributes, moments
from aboveboard.playbook.model import Playbook, Promise

Row = Mapping[str, Any]
SECOND = timedelta(seconds=1)


def outcomes(events: Sequence[Row], playbook: Playbook, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """One dict per start, with the columns of the promise table; in no order."""
    if as_of is None:
        as_of = max((event["time"] for event in events), default=None)
    known = [event for event in events if as_of is not None and event["time"] <= as_of]
    rows = [
        row for promise in playbook.promises.values() for row in of_promise(known, promise, playbook, as_of)
    ] + by_word(known, playbook, as_of)
    past = {name: Past([row for row in rows if row["promise"] == name]) for name in {row["promise"] for row in rows}}
    risky = [row["outcome"] == "open" and past[row["promise"]].endangers(row) for row in rows]
    return [{**row, "outcome": "at risk" if risk else row["outcome"]} for row, risk in zip(rows, risky, strict=True)]


def by_key(events: Sequence[Row], *columns: str) -> dict[Any, list[Row]]:
    """The events of each key, so that real logs of 100,000 events are done in a minute."""
    found: dict[Any, list[Row]] = {}
    for event in events:
        found.setdefault(tuple(event.get(column) or "" for column in columns), []).append(event)
    return found


def of_promise(events: Sequence[Row], promise: Promise, playbook: Playbook, as_of: Any) -> list[dict[str, Any]]:
    starts, keeps = promise.starts.to_python(), promise.kept_by.to_python()
    cancels = promise.cancelled_by.to_python() if promise.cancelled_by else lambda _: False
    calendar = playbook.calendars[promise.calendar] if promise.calendar else None
    rows, tied = [], by_key(events, promise.same)
    for start in events:
        if not starts(start):
            continue
        key = start.get(promise.same)
        mine = [] if key is None else [e for e in tied[(key,)] if e.get(promise.same) == key]
        later = [e for e in mine if e["time"] >= start["time"]]
        met = [e["time"] for e in later if keeps(e)]
        cancelled = [e["time"] for e in later if cancels(e) or withdrawn(e, promise)]
        due = due_at(start, promise, playbook, calendar) if key is not None else None
        rows.append(judged(promise.name, key, start, due, met, cancelled, as_of, calendar))
    return rows


def by_word(events: Sequence[Row], playbook: Playbook, as_of: Any) -> list[dict[str, Any]]:
    taken = [promise.starts.to_python() for promise in playbook.promises.values()]
    rows, tied = [], by_key(events, "subject", "rule")
    for start in events:
        if start["type"] != "promise.made" or any(starts(start) for starts in taken):
            continue
        key, rule = start["subject"], start["rule"] or ""
        mine = [] if key is None else [e for e in tied[(key, rule)] if e["subject"] == key]
        later = [e for e in mine if e["time"] >= start["time"]]
        met = [e["time"] for e in later if e["type"] == "promise.kept"]
        cancelled = [e["time"] for e in later if e["type"] == "promise.withdrawn"]
        due = start["due"] if key is not None else None
        name = rule.removeprefix("promise:") if rule else "(unnamed)"
        rows.append(judged(name, key, start, due, met, cancelled, as_of, None))
    return rows


def withdrawn(event: Row, promise: Promise) -> bool:
    return event["type"] == "promise.withdrawn" and event["rule"] == f"promise:{promise.name}"


def due_at(start: Row, promise: Promise, playbook: Playbook, calendar: Any) -> datetime | None:
    if promise.within is not None:
        if calendar is not None:
            return calendar.due(start["time"], promise.within)
        return start["time"] + timedelta(minutes=promise.within.minutes)
    if promise.by == "due":
        return start["due"]
    written = attributes.text_of(start["attributes"], promise.by.removeprefix("attributes."))
    if written is None:
        return None
    moment = moments.moment_of(written, playbook.timezone)
    if moment is not None and len(written) == len("2026-11-22"):
        day = datetime.fromisoformat(written).date()
        return datetime.combine(day, time.max, tzinfo=playbook.timezone).astimezone(UTC)
    return moment


def judged(name: str, key: Any, start: Row, due: Any, met: Any, cancelled: Any, as_of: Any, calendar: Any) -> dict:
    made = start["time"]
    met_at, cancelled_at = min(met, default=None), min(cancelled, default=None)
    watched_until = min(moment for moment in (met_at, cancelled_at, as_of) if moment is not None)
    return {
        "promise": name,
        "event": start["id"],
        "subject": key,
        **{column: start[column] for column in ("customer", "team", "channel", "touchpoint")},
        "made_at": made,
        "due_at": due,
        "met_at": met_at,
        "cancelled_at": cancelled_at,
        "outcome": outcome(due, met_at, cancelled_at, as_of),
        "minutes_late": minutes(due, met_at, calendar),
        "minutes_taken": minutes(made, met_at, calendar),
        "minutes_allowed": minutes(made, due, calendar),
        "minutes_observed": minutes(made, watched_until, calendar),
    }


def outcome(due: Any, met: Any, cancelled: Any, as_of: datetime) -> str | None:
    if due is None:
        return None
    if cancelled is not None and cancelled <= due and (met is None or cancelled < met):
        return "cancelled"
    if met is not None:
        return "kept" if met <= due else "late"
    return "broken" if due < as_of else "open"


def minutes(start: datetime | None, end: datetime | None, calendar: Any) -> float | None:
    if start is None or end is None:
        return None
    if calendar is not None:
        return calendar.minutes_between(start, end)
    return (end.replace(microsecond=0) - start.replace(microsecond=0)) / SECOND / 60


class Past:
    """What became of one promise: Kaplan–Meier in exact fractions over hundredths of the time allowed."""

    def __init__(self, rows: Sequence[Row]) -> None:
        dated = [row for row in rows if row["outcome"] is not None]
        self.ended = sum(row["outcome"] in ("kept", "late", "broken") for row in dated)
        self.here = Counter(bin_of(row) for row in dated)
        self.met = Counter(bin_of(row) for row in dated if row["outcome"] == "kept")

    def endangers(self, row: Row) -> bool:
        allowed, age = round(row["minutes_allowed"] * 60), round(row["minutes_observed"] * 60)
        if self.ended < 20:
            return allowed <= 0 or age * 4 >= allowed * 3
        still_unmet = Fraction(1)
        for place in range(bin_of(row) + 1, 100):
            waiting = sum(count for age, count in self.here.items() if age >= place)
            if waiting:
                still_unmet *= 1 - Fraction(self.met[place], waiting)
        return 1 - still_unmet < Fraction(1, 2)


def bin_of(row: Row) -> int:
    if row["outcome"] in ("late", "broken"):
        return 100
    allowed, age = round(row["minutes_allowed"] * 60), round(row["minutes_observed"] * 60)
    return max(0, min(99, age * 100 // allowed)) if allowed > 0 else 99
