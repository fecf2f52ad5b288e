"""Escalations and refusals in plain Python: slow, short, one event at a time. What every engine must agree with."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from math import floor
from typing import Any

Row = dict[str, Any]
OUR_WORK = {
    "new", "open", "opened", "reopened", "assigned", "pending", "on hold", "on-hold", "waiting", "escalated",
    "in progress", "in review", "under review", "processing", "answered", "closed", "solved", "resolved", "done",
    "received", "acknowledged", "assessed", "in work", "decided", "appealed",
}  # fmt: skip
MERE_WORDS = {"apology", "apologies", "explanation", "acknowledgement", "acknowledgment", "none", "nothing"}
FAR = {"remedy.given", "exception.granted", "payment.refunded"}
NEAR = {"promise.kept", "order.shipped", "order.ready", "order.delivered", "order.cancelled", "status.changed"}
NO = {"denied", "declined", "refused", "rejected", "no"}


def attribute(row: Row, key: str) -> Any:
    return json.loads(row["attributes"] or "{}").get(key)


def minutes(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    return (floor(end.timestamp()) - floor(start.timestamp())) / 60.0


def in_turn(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["time"], row["id"]))


def changes(row: Row) -> bool:
    outcome = (row["outcome"] or "").lower()
    if row["type"] == "status.changed":
        return row["audience"] == "customer" and outcome not in OUR_WORK
    if row["type"] == "remedy.given":
        return outcome not in MERE_WORDS
    return row["type"] in FAR | NEAR or row["type"].split(".")[0] in ("booking", "reservation", "appointment")


def escalations(
    rows: list[Row],
    as_of: datetime,
    *,
    authority: dict[str, dict[str, float]],
    verdicts: dict[str, str] | None = None,
    episode_of: dict[str, str] | None = None,
    window: timedelta = timedelta(days=3),
    patience: timedelta = timedelta(days=14),
) -> list[Row]:
    rows = in_turn([row for row in rows if row["time"] <= as_of])
    found = []
    for opened in rows:
        if opened["type"] != "escalation.opened":
            continue
        decision = next((row for row in rows if _answers(row, opened)), None)
        until = decision["time"] + window if decision else opened["time"] + patience
        change = next((row for row in rows if _speaks(row, opened, episode_of)), None)
        if change and change["time"] > until:
            change = None
        found.append(_row(opened, decision, change, rows, until, as_of, authority, verdicts or {}))
    return found


def _answers(row: Row, opened: Row) -> bool:
    return (
        row["type"] == "escalation.decided"
        and opened["subject"] is not None
        and row["subject"] == opened["subject"]
        and row["time"] >= opened["time"]
        and (row["rule"] is None or opened["rule"] is None or row["rule"] == opened["rule"])
    )


def _speaks(row: Row, opened: Row, episode_of: dict[str, str] | None) -> bool:
    if not changes(row) or row["time"] < opened["time"] or opened["subject"] is None:
        return False
    if row["subject"] == opened["subject"]:
        return True
    if row["type"] in NEAR:
        return False
    if row["subject"] is None and row["customer"] is not None and row["customer"] == opened["customer"]:
        return True
    return episode_of is not None and episode_of[row["id"]] == episode_of[opened["id"]]


def _row(
    opened: Row, decision: Row | None, change: Row | None, rows: list[Row], until: datetime, as_of: datetime,
    authority: dict[str, dict[str, float]], verdicts: dict[str, str],
) -> Row:  # fmt: skip
    rule = opened["rule"] or (decision["rule"] if decision else None)
    policy = rule[len("policy:") :] if rule and rule.startswith("policy:") else None
    used = attribute(decision, "authority") if decision else None
    over = until < as_of
    theatre = None if opened["subject"] is None else False if change else True if over else None
    ending = None
    if opened["subject"] is not None and change:
        ending = "changed"
    elif opened["subject"] is not None and over:
        ending = "undecided" if decision is None else "nothing"
        if decision and (decision["outcome"] or "").lower() in NO and _told_why(opened, decision, rows, until):
            ending = "told no"
    climbed = _climbed(attribute(opened, "authority"), used, authority) if decision else None
    stakes = [opened["value"], decision["value"] if decision else None, change["value"] if change else None]
    stake = next((value for value in stakes if value is not None), None)
    needless, because = _needless(policy, climbed, stake, authority, verdicts)
    return {
        "event": opened["id"], "subject": opened["subject"],
        "customer": opened["customer"] or (decision["customer"] if decision else None), "team": opened["team"],
        "rule": rule, "policy": policy, "opened_at": opened["time"],
        "authority_needed": attribute(opened, "authority"),
        "decision": decision["id"] if decision else None, "decided_at": decision["time"] if decision else None,
        "authority_used": used, "outcome": decision["outcome"] if decision else None,
        "latency_minutes": minutes(opened["time"], decision["time"] if decision else None), "climbed": climbed,
        "changed": change["type"] if change else None, "changed_event": change["id"] if change else None,
        "changed_at": change["time"] if change else None, "ending": ending, "theatre": theatre,
        "needless": needless, "needless_because": because,
    }  # fmt: skip


def _told_why(opened: Row, decision: Row, rows: list[Row], until: datetime) -> bool:
    mine = [row for row in rows if row["subject"] == opened["subject"] and row["time"] <= until]
    told = any(
        row["type"] == "message.sent" and row["audience"] in ("customer", None) and row["time"] >= decision["time"]
        for row in mine
    )
    why = attribute(decision, "reason") is not None or any(
        row["type"] == "exception.denied" and attribute(row, "reason") is not None and row["time"] >= opened["time"]
        for row in mine
    )
    return told and why


def _climbed(needed: Any, used: Any, authority: dict[str, dict[str, float]]) -> bool | None:
    ladders = [list(levels) for levels in authority.values()]
    above = {level for ladder in ladders for level in ladder[1:]}
    if used in above:
        return True
    if any(ladder and ladder[0] == used for ladder in ladders):
        return False
    return True if used == "owner" or (used is not None and used == needed) else None


def _needless(
    policy: str | None, climbed: bool | None, stake: float | None, authority: dict[str, dict[str, float]],
    verdicts: dict[str, str],
) -> tuple[bool | None, str | None]:  # fmt: skip
    limit = next(iter(authority[policy].values()), 0.0) if policy in authority else 0.0
    verdict = verdicts.get(policy) if policy else None
    if climbed is False:
        return True, "decided by the frontline"
    if limit > 0 and stake is not None and stake <= limit:
        return True, "within the frontline's authority"
    if verdict in ("push authority down", "change the rule"):
        return True, verdict
    known = policy in authority or verdict not in (None, "not enough data")
    return (False if known and (limit <= 0 or stake is not None) else None), None


def denials(rows: list[Row], as_of: datetime, found_on: dict[str, str]) -> list[Row]:
    """`found_on` are the refusals (ids) of customers with a finding in force then, with its events."""
    rows = in_turn([row for row in rows if row["time"] <= as_of])
    return [_denial(row, rows, found_on.get(row["id"])) for row in rows if row["type"] == "exception.denied"]


def _denial(denied: Row, rows: list[Row], proof: str | None) -> Row:
    tied = denied["subject"] is not None and denied["rule"] is not None
    mine = [row for row in rows if tied and (row["subject"], row["rule"]) == (denied["subject"], denied["rule"])]
    asked = [row["time"] for row in mine if row["type"] == "exception.requested" and row["time"] <= denied["time"]]
    later = {row["type"] for row in mine if row["time"] > denied["time"]}
    marked = any(
        attribute(row, "appeal") not in (None, False, "false") and row["time"] > denied["time"]
        for row in rows
        if denied["subject"] is not None and row["subject"] == denied["subject"]
    )
    reason = attribute(denied, "reason")
    reason = denied["text"] if reason is None else reason
    claimed = attribute(denied, "evidence")
    said = (claimed or "").lower().strip()
    kind, basis = "none", None
    if said in ("law", "safety", "impossible"):
        kind, basis = said, "stated"
    elif said == "abuse" and proof:
        kind, basis = "abuse", "finding"
    elif meant := _meant(reason):
        kind, basis = meant, "words"
    elif proof:
        kind, basis = "abuse", "finding"
    return {
        "event": denied["id"], "subject": denied["subject"], "customer": denied["customer"],
        "policy": (denied["rule"] or "").removeprefix("policy:") or "(unnamed)",
        "clause": attribute(denied, "clause"), "denied_at": denied["time"], "level": attribute(denied, "level"),
        "reason": reason, "evidence": kind, "basis": basis, "claimed": claimed,
        "evidence_of": None if kind == "none" else proof if kind == "abuse" else denied["id"],
        "answered_minutes": minutes(max(asked), denied["time"]) if asked else None,
        "appealed": ("exception.requested" in later or marked) if tied or marked else None,
        "overturned": "exception.granted" in later if tied else None,
    }  # fmt: skip


def _meant(reason: str | None) -> str | None:
    words = re.split(r"[^a-z]+", (reason or "").lower())
    if ("law" in words and "the" in words) or "underage" in words:
        return "law"
    if "safety" in words or any(word.startswith("allerg") for word in words):
        return "safety"
    return "impossible" if "impossible" in words and not {"policy", "rules"} & set(words) else None
