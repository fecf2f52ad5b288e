"""Requests for exceptions, ordinary cases and the replay of a rule, in plain Python: loops over events, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aboveboard.ledger.attributes import text_of
from aboveboard.playbook import conditions
from aboveboard.playbook.model import Playbook, Policy

Row = dict[str, Any]
ASKED, GRANTED, DENIED, HARM = "exception.requested", "exception.granted", "exception.denied", "harm.found"


def minutes(start: datetime, end: datetime) -> float:
    """Between whole seconds."""
    return (end.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds() / 60


def _policy(name: str, book: Playbook) -> Policy:
    return book.policies.get(name, Policy("", ""))


def _of_rules(events: Sequence[Row], as_of: datetime) -> Iterator[Row]:
    for event in sorted(events, key=lambda e: (e["time"], e["type"] != ASKED, e["id"])):
        rule = event.get("rule")
        if (
            event["time"] <= as_of
            and event.get("subject") is not None
            and rule is not None
            and rule.startswith("policy:")
        ):
            yield event


def requests(events: Sequence[Row], book: Playbook, as_of: datetime) -> list[Row]:
    """The rows of table REQUESTS."""
    cases: dict[tuple[str, str], list[dict[str, Row | None]]] = {}
    harms: dict[tuple[str, str], list[datetime]] = {}
    for event in _of_rules(events, as_of):
        key = (event["subject"], event["rule"].removeprefix("policy:"))
        mine = cases.setdefault(key, [])
        if event["type"] == HARM:
            harms.setdefault(key, []).append(event["time"])
        elif event["type"] == ASKED:
            if not mine or mine[-1]["decision"] is not None:
                mine.append({"asked": event, "decision": None})
        elif event["type"] in (GRANTED, DENIED):
            if not mine:
                mine.append({"asked": None, "decision": None})
            mine[-1]["decision"] = event
    found = []
    for (subject, policy), ones in cases.items():
        grants = [one["decision"]["time"] for one in ones if one["decision"] and one["decision"]["type"] == GRANTED]
        for one in ones:
            row = _row(subject, policy, one["asked"], one["decision"], book)
            if row["outcome"] == "granted":
                grants.pop(0)
                before = grants[0] if grants else None
                _follow(row, harms.get((subject, policy), []), before, _policy(policy, book), as_of)
            found.append(row)
    return sorted(found, key=lambda row: row["event"])


def _row(subject: str, policy: str, asked: Row | None, decision: Row | None, book: Playbook) -> Row:
    def said(event: Row | None, key: str) -> str | None:
        return text_of(event.get("attributes"), key) if event else None

    def of(event: Row | None, column: str) -> Any:
        return event.get(column) if event else None

    levels = list(_policy(policy, book).authority)
    level, asked_level = said(decision, "level"), said(asked, "level")
    climbed = None
    if level in levels:
        climbed = levels.index(level) > (levels.index(asked_level) if asked_level in levels else 0)
    return {
        "event": of(asked, "id") or of(decision, "id"),
        "policy": policy,
        "clause": said(decision, "clause") or said(asked, "clause"),
        "subject": subject,
        "customer": of(asked, "customer") if of(asked, "customer") is not None else of(decision, "customer"),
        "asked_at": of(asked, "time"),
        "asked_level": asked_level,
        "decision": of(decision, "id"),
        "outcome": decision["type"].removeprefix("exception.") if decision else "undecided",
        "decided_at": of(decision, "time"),
        "level": level,
        "climbed": climbed,
        "cost": of(decision, "value"),
        "waiting_minutes": minutes(asked["time"], decision["time"]) if asked and decision else None,
        "harmed_at": None,
        "harm_minutes": None,
        "followed_minutes": None,
        "followed": None,
    }


def _follow(row: Row, harms: list[datetime], before: datetime | None, policy: Policy, as_of: datetime) -> None:
    start = row["decided_at"]
    end = start + timedelta(minutes=policy.harm_within.minutes or 0)
    first = next((at for at in sorted(harms) if at >= start), None)
    if first is not None and first <= end and (before is None or first < before):
        row["harmed_at"], row["harm_minutes"] = first, minutes(start, first)
    row["followed"] = end <= as_of
    row["followed_minutes"] = (min(row["harmed_at"] or end, end, as_of) - start) / timedelta(minutes=1)


def ordinary(
    events: Sequence[Row], found: Sequence[Row], book: Playbook, as_of: datetime
) -> dict[str, tuple[int, int]]:
    """Per policy: how many ordinary cases, and how many of them came to harm. Only policies that have any."""
    asking = {(row["subject"], row["policy"]) for row in found}
    known = [event for event in events if event["time"] <= as_of and event.get("subject") is not None]
    began: dict[tuple[str, str], datetime] = {}
    harms: dict[tuple[str, str], list[datetime]] = {}
    for event in _of_rules(events, as_of):
        key = (event["subject"], event["rule"].removeprefix("policy:"))
        if key in asking:
            continue
        if event["type"] == HARM:
            harms.setdefault(key, []).append(event["time"])
        elif not event["type"].startswith(("exception.", "escalation.", "suggestion.", "fix.")):
            began[key] = min(began.get(key, event["time"]), event["time"])
    named = {policy for _, policy in began}
    for kind, policy in {(s.split(":")[0] + ":", p) for s, p in harms if ":" in s and p not in named}:
        for event in known:
            if event["subject"].startswith(kind) and (event["subject"], policy) not in asking:
                key = (event["subject"], policy)
                began[key] = min(began.get(key, event["time"]), event["time"])
    counts: dict[str, tuple[int, int]] = {}
    for (subject, policy), start in began.items():
        end = start + timedelta(minutes=_policy(policy, book).harm_within.minutes or 0)
        after = [at for at in harms.get((subject, policy), []) if at >= start]
        harmed = bool(after) and min(after) <= end
        n, x = counts.get(policy, (0, 0))
        counts[policy] = n + 1, x + harmed
    return counts


_TEXTS = (lambda event: event["channel"], lambda event: text_of(event["attributes"], "clause"))


def _rare(read: Callable[[Row], str | None], event: Row, mine: Sequence[tuple[Row, Row]]) -> bool:
    """Whether fewer than five were granted with this event's text, where texts are common enough to be a kind."""
    seen = Counter(read(one) for one, _ in mine if read(one) is not None)
    if len(seen) < 2 or max(seen.values()) < 20 or read(event) is None:
        return False
    return sum(row["outcome"] == "granted" and read(one) == read(event) for one, row in mine) < 5


def replay(events: Sequence[Row], found: Sequence[Row], proposal: Mapping[str, str]) -> Row:
    """What table REPLAY counts for one proposal: every request is answered once more, by hand."""
    by_id = {event["id"]: event for event in events}
    mine = [row for row in found if row["policy"] == proposal["policy"] and row["asked_at"] is not None]
    granted_values = sorted(
        by_id[row["event"]]["value"]
        for row in mine
        if row["outcome"] == "granted" and by_id[row["event"]]["value"] is not None
    )
    meets = conditions.parse(proposal["condition"]).to_python()
    counts = dict.fromkeys(
        ("requests_count", "granted_count", "flipped_count", "answered_count", "outside_support_count"), 0
    )
    seconds, paid, own, without = 0, [], 0.0, 0
    for row in mine:
        value = by_id[row["event"]]["value"]
        if meets(by_id[row["event"]]) is not True:
            continue
        if proposal["verdict"] == "push authority down" and not row["climbed"] and row["outcome"] != "undecided":
            continue
        counts["requests_count"] += 1
        seconds += round((row["waiting_minutes"] or 0) * 60)
        if row["outcome"] == "granted":
            counts["granted_count"] += 1
            paid += [row["cost"]] if row["cost"] is not None else []
            continue
        counts["flipped_count" if row["outcome"] == "denied" else "answered_count"] += 1
        beyond = len(granted_values) >= 5 and value is not None and not granted_values[4] <= value <= granted_values[-5]
        rare = any(_rare(read, by_id[row["event"]], [(by_id[r["event"]], r) for r in mine]) for read in _TEXTS)
        counts["outside_support_count"] += beyond or rare
        if value is None:
            without += 1
        else:
            own += value
    mean = sum(paid) / len(paid) if paid else None
    cost = own if not without else None if mean is None else own + without * mean
    return {**counts, "minutes_saved": seconds / 60, "cost": cost}
