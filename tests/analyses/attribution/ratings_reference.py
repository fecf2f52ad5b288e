"""The weights of ratings by plain loops: what the query must give (promises by one playbook, hand-offs that were told)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from aboveboard.analyses.attribution.moments import TOUCHES

Rows = list[dict[str, Any]]
Cause = tuple[str, str | None, str | None]
RATINGS = ("survey.answered", "review.posted")


def weights(rows: Rows) -> dict[tuple[Any, ...], float]:
    """By rating, cause, name and employee."""
    found: Counter[tuple[Any, ...]] = Counter()
    for rating in rows:
        if rating["type"] in RATINGS:
            for cause, weight in _of(rating, rows).items():
                found[(rating["id"], *cause)] += weight
    return dict(found)


def _of(rating: dict[str, Any], rows: Rows) -> dict[Cause, float]:
    before = sorted(_before(rating, rows), key=lambda row: (row["time"], row["id"]))
    known = [*_missed(before, rows, rating["time"]), *_denied(before), *_sent_back(before)]
    moments: list[tuple[datetime, Cause]] = [*_touches(before)]
    moments += [(at, cause) for at, cause, alone in known if alone]
    if not moments:
        return {("unknown", None, None): 1.0}
    found: Counter[Cause] = Counter()
    for until, cause in moments:
        sharers = {cause} | {other for at, other, _ in known if at <= until}
        for each in sharers:
            found[each] += 1 / len(sharers) / len(moments)
    return dict(found)


def _before(rating: dict[str, Any], rows: Rows) -> Rows:
    own = sorted((r for r in rows if r["customer"] == rating["customer"]), key=lambda row: (row["time"], row["id"]))
    matter, last = set(), None
    for row in [r for r in own if (r["time"], r["id"]) <= (rating["time"], rating["id"])]:
        if last is not None and row["time"] - last > timedelta(days=7):
            matter = set()
        matter.add(row["id"])
        last = row["time"]
    # Of the same moment: what comes after it by id is still of that moment.
    matter |= {row["id"] for row in own if row["time"] == rating["time"]}
    return [
        row
        for row in rows
        if row["type"] not in RATINGS and row["time"] <= rating["time"]
        and (row["subject"] == rating["subject"] or row["id"] in matter)
    ]  # fmt: skip


def _touches(before: Rows) -> list[tuple[datetime, Cause]]:
    """When each touch ended, and by whom."""
    found: list[tuple[datetime, Cause]] = []
    last: tuple[str, str] | None = None
    where = ""
    for row in before:
        if row["type"] not in TOUCHES or row.get("audience") == "internal":
            continue
        if row["employee"] is None and row["type"] in ("contact.started", "complaint.received", "order.returned"):
            continue
        where = row["team"] or row.get("channel") or "somewhere"
        party = ("employee", row["employee"]) if row["employee"] else ("process", where)
        cause: Cause = ("employee", None, row["employee"]) if row["employee"] else ("process", f"touch: {where}", None)
        if party == last and row["time"] - found[-1][0] <= timedelta(minutes=30):
            found[-1] = (row["time"], found[-1][1])
        else:
            found.append((row["time"], cause))
        last = party
    return found


def _missed(before: Rows, rows: Rows, moment: datetime) -> list[tuple[datetime, Cause, bool]]:
    found: list[tuple[datetime, Cause, bool]] = []
    for row in before:
        if row["type"] != "order.placed" or row["due"] is None or row["subject"] is None or row["due"] >= moment:
            continue
        kept = [r["time"] for r in rows if r["type"] == "order.delivered" and r["subject"] == row["subject"]]
        if not any(row["time"] <= time <= row["due"] for time in kept):
            known = max(row["due"] + timedelta(microseconds=1), row["time"])
            found.append((known, ("promise", "there-by-noon", None), True))
    return found


def _denied(before: Rows) -> list[tuple[datetime, Cause, bool]]:
    rows = [row for row in before if row["type"] == "exception.denied" and row["rule"]]
    return [(row["time"], ("policy", row["rule"].removeprefix("policy:"), None), False) for row in rows]


def _sent_back(before: Rows) -> list[tuple[datetime, Cause, bool]]:
    rows = [row for row in before if row["type"] == "order.returned" and row["attributes"]]
    return [(row["time"], ("product", "kettle", None), True) for row in rows]
