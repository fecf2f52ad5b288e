"""The register of occasions and the cases of a problem in plain Python, for a ledger whose promises run by `due`."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

Row = dict[str, Any]
_WORDS = {
    "contact.started",
    "message.received",
    "survey.answered",
    "review.posted",
    "exception.requested",
    "post.published",
}
_LOUD = {"complaint.received", "case.reopened"}


def attribute(row: Row, key: str) -> Any:
    return json.loads(row["attributes"] or "{}").get(key)


def bad(row: Row) -> bool | None:
    """On the playbook's csat (1–5), or as stars; None where the value is on no scale."""
    if row["type"] not in ("survey.answered", "review.posted") or row["value"] is None or not 1 <= row["value"] <= 5:
        return None
    if row["type"] == "survey.answered" and row["outcome"] != "csat":
        return None
    return row["value"] < 3


def occasions(rows: list[Row], as_of: Any) -> list[Row]:
    """What `problems.occasions` gives with the table `promises`, without product."""
    rows = sorted((row for row in rows if row["time"] <= as_of), key=lambda row: (row["time"], row["id"]))
    subjects: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["subject"] is not None:
            subjects[row["subject"]].append(row)
    found = [_line(row, "promise missed", "promise:ready-by", late(row, subjects, as_of)) for row in rows
             if row["type"] == "order.paid" and late(row, subjects, as_of) is not None]  # fmt: skip
    for mine in subjects.values():
        owner = max((row["customer"] for row in mine if row["customer"]), default=None)
        first = mine[0] | {"customer": mine[0]["customer"] or owner}
        if any(row["type"] == "complaint.received" for row in rows if row["subject"]):
            found.append(_line(first, "complaint", None, any(row["type"] == "complaint.received" for row in mine)))
        opened = [row for row in mine if row["type"] == "case.opened"]
        again = any(row["type"] == "case.reopened" for row in mine)
        if opened and (again or any(row["type"] == "case.closed" for row in mine)):
            found.append(_line(opened[0], "reopened", None, again))
    for row in rows:
        if bad(row) is not None:
            named = "measure:csat" if row["outcome"] == "csat" else "measure:review"
            found.append(_line(row, "bad rating", named, bad(row)))
    return found


def _line(row: Row, kind: str, rule: str | None, broken: bool | None) -> Row:
    kept = {name: row[name] for name in ("subject", "customer", "team", "channel")}
    return {"kind": kind, "rule": rule, "event": row["id"], "at": row["time"], "broken": broken, **kept}


def late(row: Row, subjects: dict[str, list[Row]], as_of: Any) -> bool | None:
    """Whether the order was late; None while that is not known."""
    ready = [
        one["time"] for one in subjects[row["subject"]] if one["type"] == "order.ready" and one["time"] >= row["time"]
    ]
    if ready and min(ready) <= as_of:
        return bool(min(ready) > row["due"])
    return True if row["due"] < as_of else None


def voice(subject: str | None, customer: str | None, since: Any, rows: list[Row], as_of: Any) -> str:
    """The loudest word after `since`."""
    heard = [
        row
        for row in rows
        if since < row["time"] <= as_of
        and (
            (subject is not None and row["subject"] == subject)
            or (customer is not None and row["customer"] == customer and row["time"] <= since + timedelta(days=30))
        )
    ]
    if any(row["type"] in _LOUD or bad(row) for row in heard):
        return "complained"
    return "asked" if any(row["type"] in _WORDS for row in heard) else "silent"
