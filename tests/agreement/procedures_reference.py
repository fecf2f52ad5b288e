"""Procedures in plain Python: visits, duties and insistence by loops over events, straight from the rules as written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from aboveboard.ledger import attributes
from aboveboard.playbook.model import Playbook, Procedure, Step

Row = dict[str, Any]
ANSWERS = ("done", "declined", "adapted", "skipped")


def duties(events: list[Row], playbook: Playbook, *, as_of: datetime, settled_after: timedelta) -> list[Row]:
    """The rows of `analyses.procedures.duties`, in any order."""
    known = [row for row in events if row["time"] <= as_of]
    found = []
    for procedure in playbook.procedures.values():
        for start, acts in visits(known, procedure):
            settled = start["time"] <= as_of - settled_after
            for step in procedure.steps:
                if step.when is None or step.when.to_python()(start) is True:
                    mine = [act for act in acts if act["rule"] == rule(procedure, step)]
                    found.append(duty(procedure, step, start, mine, settled=settled))
    return found


def insistence(events: list[Row], playbook: Playbook, *, as_of: datetime) -> list[Row]:
    """The rows of `analyses.procedures.insistence`, in any order."""
    known = [row for row in events if row["time"] <= as_of]
    return [
        row
        for procedure in playbook.procedures.values()
        for start, acts in visits(known, procedure)
        for step in procedure.steps
        for row in insisting(procedure, step, start, [act for act in acts if act["rule"] == rule(procedure, step)])
    ]


def visits(events: list[Row], procedure: Procedure) -> Iterator[tuple[Row, list[Row]]]:
    """Each visit's starting event, and the step events that belong to it in the order of the day."""
    rules = {rule(procedure, step) for step in procedure.steps}
    tied = [row for row in events if row["subject"] is not None]
    steps = [
        row for row in tied if row["rule"] in rules and row["type"] in {"step.offered", *(f"step.{a}" for a in ANSWERS)}
    ]
    for subject in sorted({row["subject"] for row in tied}):
        mine = sorted((row for row in steps if row["subject"] == subject), key=in_turn)
        if procedure.starts is None:
            begun = sorted(mine, key=lambda row: (row["time"], row["id"]))[:1]
        else:
            meets = procedure.starts.to_python()
            begun = sorted(
                (r for r in tied if r["subject"] == subject and meets(r)), key=lambda r: (r["time"], r["id"])
            )
        for place, start in enumerate(begun):
            later = begun[place + 1 :]
            held = [a for a in mine if a["time"] >= start["time"] and not any(a["time"] >= n["time"] for n in later)]
            yield start, held


def in_turn(row: Row) -> tuple[datetime, bool, str]:
    """At one moment an offer stands before the answers."""
    return row["time"], row["type"] != "step.offered", row["id"]


def rule(procedure: Procedure, step: Step) -> str:
    return f"step:{procedure.name}/{step.name}"


def duty(procedure: Procedure, step: Step, start: Row, acts: list[Row], *, settled: bool) -> Row:
    """One row of the table: the step judged by the events of its visit."""
    words = [act["type"].removeprefix("step.") for act in acts]
    answers = [(word, reasoned(act)) for word, act in zip(words, acts, strict=True) if word in ANSWERS]
    answer, has_reason = answers[-1] if answers else (None, False)
    insisted = sum(1 for place, word in enumerate(words) if word == "offered" and "declined" in words[:place])
    because = why_unmet(step.kind, words, answer, has_reason, insisted)
    met: bool | None = because is None
    if because == "declined" or (not settled and answer is None and not insisted):
        met, because = None, None
    taken = any(word != "skipped" for word in words)
    return {
        "procedure": procedure.name,
        "visit": start["id"],
        "subject": start["subject"],
        "customer": start["customer"],
        "team": start["team"],
        "started_at": start["time"],
        "step": f"{procedure.name}/{step.name}",
        "kind": step.kind,
        "met": met,
        "unmet_because": because,
        "answer": answer,
        "undertaken": None if not settled and not acts else taken,
        "offers_count": words.count("offered"),
        "insisted_count": insisted,
        "events_count": len(acts),
        "event": acts[-1]["id"] if acts else None,
    }


def why_unmet(kind: str, words: list[str], answer: str | None, has_reason: bool, insisted: int) -> str | None:
    """None where the step is met."""
    if kind == "offer" and insisted:
        return "offered again after a no"
    if "done" in words:
        return None
    if "declined" in words:
        return "declined" if kind == "must" else None
    if answer == "adapted":
        return None if has_reason else "adapted without a reason"
    if answer == "skipped" and not has_reason:
        return "skipped without a reason"
    if kind == "offer":
        return "never offered" if answer == "skipped" or "offered" not in words else "no answer on record"
    if answer == "skipped":
        return "skipped" if kind == "must" else None
    return "not done"


def insisting(procedure: Procedure, step: Step, start: Row, acts: list[Row]) -> Iterator[Row]:
    last_no, times = None, 0
    for act in acts:
        if act["type"] == "step.declined":
            last_no = act
        elif act["type"] == "step.offered" and last_no is not None:
            times += 1
            yield {
                "subject": start["subject"],
                "customer": act["customer"] or start["customer"],
                "visit": start["id"],
                "procedure": procedure.name,
                "step": f"{procedure.name}/{step.name}",
                "event": act["id"],
                "declined_event": last_no["id"],
                "declined_at": last_no["time"],
                "offered_at": act["time"],
                "times": times,
                "accepted": any(a["type"] == "step.done" and a["time"] >= act["time"] for a in acts),
                "team": act["team"] or start["team"],
            }


def reasoned(act: Row) -> bool:
    return bool((attributes.text_of(act["attributes"], "reason") or "").strip())
