"""What the analyses of wording count, in plain Python: loops over events, one linter call per text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from aboveboard.ledger import attributes, epochs
from aboveboard.wording import Linter, spoken

Row = dict[str, Any]
HOUR = 3_600 * epochs.SECOND


def texts(events: Iterable[Row]) -> list[Row]:
    """Every text of the organisation's own, with the policy in play."""
    events = list(events)
    found = []
    for event in events:
        audience = spoken.audience_of(event["type"], event["audience"])
        if audience and event["text"] is not None:
            found.append({"event": event, "part": "text", "audience": audience, "text": event["text"]})
        cause = attributes.text_of(event["attributes"], "cause") if event["type"] == spoken.CAUSE else None
        if cause is not None:
            found.append({"event": event, "part": "cause", "audience": "internal", "text": cause})
    return [{**one, "policy": policy(one["event"], events)} for one in found]


def policy(event: Row, events: Iterable[Row]) -> str | None:
    """The event's own rule, else that of the nearest exception or step on its subject; the earlier one of two as near."""
    own = bare(event["rule"])
    if own or event["subject"] is None:
        return own
    at = epochs.micros_of(event["time"])
    near = [
        (abs(at - then), then > at, bare(other["rule"]) and other["rule"])
        for other in events
        if other["subject"] == event["subject"]
        and other["type"].startswith(("exception.", "step."))
        and bare(other["rule"])
        for then in [epochs.micros_of(other["time"])]
    ]
    return bare(min(near)[2]) if near and min(near)[0] <= HOUR else None


def bare(rule: str | None) -> str | None:
    kind, _, name = (rule or "").partition(":")
    return name or None if kind in ("policy", "step") else None


def remarks(events: Iterable[Row]) -> set[tuple[Any, ...]]:
    """(event, part, rule, start, end, policy, language) of every remark."""
    linter = Linter()
    return {
        (one["event"]["id"], one["part"], r.rule, r.start, r.end, one["policy"], r.language)
        for one in texts(events)
        for r in linter.read(one["text"], audience=one["audience"]).remarks
    }


def read(events: Iterable[Row]) -> Counter[tuple[Any, ...]]:
    """(audience, policy, language) → texts."""
    linter = Linter()
    return Counter(
        (one["audience"], one["policy"], linter.read(one["text"], audience=one["audience"]).language)
        for one in texts(events)
    )
