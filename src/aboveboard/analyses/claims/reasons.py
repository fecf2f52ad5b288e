"""Why a claim has its verdict, in a short sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aboveboard.playbook.model import Claim

_DONE = {
    "asked-superior": "escalation or request to a superior",
    "checked": "check",
    "reserved": "reservation",
    "refunded": "refund, credit or remedy",
    "fixed": "repair",
    "policy-forbids": "refusal under a rule",
    "not-possible": "failed attempt",
}
_CHANGED = {"cancel": "cancellation", "book": "booking or order", "change": "change"}
_PROMISED = {
    "call-back": "call",
    "reply": "answer",
    "refund": "refund, credit or remedy",
    "send": "dispatch",
    "ready": "notice that it is ready",
    "visit": "visit",
    "replace": "replacement",
    "deal": "remedy, repair or decision",
    "check": "check",
    "change": "change",
    "escalate": "escalation",
    "reserve": "reservation",
}


def with_reason(row: dict[str, Any], applied: Mapping[str, Claim]) -> dict[str, Any]:
    """The row with its `why`."""
    return row | {"why": _why(row, applied[row["claim"]])}


def _why(row: Mapping[str, Any], claim: Claim) -> str:
    done, verdict, because = act(row), row["verdict"], row.get("because")
    if verdict == "supported":
        count = (row.get("evidence") or "").count(",") + 1
        return (
            f"The record shows it ({row['evidence']})."
            if row.get("evidence") and count <= 3
            else "The record shows it."
        )
    if verdict == "contradicted":
        if row.get("evidence"):
            return f"The record shows otherwise ({row['evidence']})."
        return f"No {done} {_where(row, claim)}."
    if verdict == "not yet":
        return f"No {done} so far; there is still time."
    if row.get("formula") is None:
        return "Nothing says what would bear it out."
    if because == "no trace":
        return f"The words name no {claim.same or 'subject'} to look under."
    if because == "of another":
        return "What was done later may have been done to another booking or order."
    if because == "never recorded":
        return f"This record never shows any {done}."
    return "The record could not show it."


def act(row: Mapping[str, Any]) -> str:
    """What the words of a claim say was done, or will be: `claim`, `topic` and, of a commitment, `kind`."""
    if row["claim"] == "changed":
        return _CHANGED.get(row.get("topic") or "", "change")
    if row.get("kind"):
        return _PROMISED.get(row["kind"], "act")
    return _DONE.get(row["claim"], "such act")


def _where(row: Mapping[str, Any], claim: Claim) -> str:
    start, end, said = row.get("window_from"), row.get("window_to"), row["said_at"]
    if claim.commitment:
        return "followed by the time it was promised" if row.get("due") else "followed within a week"
    if end is None:
        return "is on record"
    before = f"in the {_span(said - start)} before" if start is not None else "before"
    after = f" or the {_span(end - said)} after" if end > said else ""
    return f"is on record {before}{after} these words"


def _span(length: timedelta) -> str:
    hours = round(length / timedelta(hours=1))
    if hours >= 48:
        return f"{round(hours / 24)} days"
    if hours > 1:
        return f"{hours} hours"
    return "hour" if hours == 1 else f"{max(1, round(length / timedelta(minutes=1)))} minutes"
