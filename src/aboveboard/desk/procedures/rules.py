"""What can be done with a step of a visit, and what an answer means for the next one.

A customer's no is final: a declined step cannot be offered again. It can still be done where the customer asks for it. The other
answers can be put right while the visit runs, each time by another event, for the record only grows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.model import Procedure, Step

OFFER, DONE, DECLINE, ADAPT, SKIP = "offer", "done", "decline", "adapt", "skip"
EVENTS: Mapping[str, str] = {
    OFFER: "step.offered", DONE: "step.done", DECLINE: "step.declined", ADAPT: "step.adapted", SKIP: "step.skipped",
}  # fmt: skip
"""What is done with a step → the word that the ledger has for it."""
OPEN, OFFERED, DECLINED = "open", "offered", "declined"
STATES: Mapping[str, str] = {OFFER: OFFERED, DONE: "done", DECLINE: DECLINED, ADAPT: "adapted", SKIP: "skipped"}
REASONED = (ADAPT, SKIP)
_STARTED, _NAMED = "visit.started", re.compile(r"\btype\s*=\s*'([^']+)'")


class StepError(AboveboardError):
    """Something cannot be done with this step, or this visit; the text says why."""

    exit_code = 2


@dataclass(frozen=True)
class Doing:
    """What somebody does with a step: one of OFFER, DONE, DECLINE, ADAPT, SKIP, and a reason where one is needed."""

    act: str
    reason: str = ""


def acts(kind: str, state: str) -> tuple[str, ...]:
    """What can be done with a step of this kind (must, default, offer) in this state, in the order of the buttons."""
    if state == DECLINED:
        return (DONE,)
    if kind == "must":
        return tuple(one for one in (DONE, ADAPT, SKIP) if STATES[one] != state)
    asking = (OFFER,) if kind == "offer" and state == OPEN else ()
    return tuple(one for one in (*asking, DONE, DECLINE, ADAPT, SKIP) if STATES[one] != state)


def after(kind: str, state: str, doing: Doing) -> str:
    """The state after it. Raises StepError where that cannot be done, or lacks its reason."""
    if doing.act not in EVENTS:
        raise StepError(f"There is no act {doing.act!r}; there are {', '.join(EVENTS)}.")
    if doing.act not in acts(kind, state):
        if state == DECLINED:
            raise StepError("The customer has said no. It is not offered again; where they ask for it, press “done”.")
        raise StepError(f"That cannot be done with this step: it is {state}.")
    if doing.act in REASONED and not doing.reason.strip():
        raise StepError("Say in a few words why: whoever owns this step learns from it.")
    return STATES[doing.act]


def due(procedure: Procedure, start: Mapping[str, Any]) -> Sequence[Step]:
    """The steps that are due in a visit that began with this event: those whose condition holds, or that have none."""
    return [one for one in procedure.steps if one.when is None or one.when.to_python()(start)]


def starting_type(procedure: Procedure) -> str:
    """The type of the event that starts this procedure, as its condition names it; `visit.started` where it names none."""
    named = _NAMED.search(procedure.starts.sql) if procedure.starts else None
    return named.group(1) if named else _STARTED


def starts(condition: Condition | None, event: Mapping[str, Any]) -> bool:
    """Whether this event starts the procedure, so that analyses will see a visit in it."""
    return condition is None or bool(condition.to_python()(event))


def facts(*, type_: str, time: datetime, subject: str, **more: str | None) -> dict[str, Any]:
    """The starting event as conditions read it: every column of the ledger, what is absent as None."""
    from aboveboard.ledger import columns

    return dict.fromkeys(columns.NAMES) | {"type": type_, "time": time, "subject": subject} | more


def rule(procedure: str, step: str) -> str:
    """What the ledger's column `rule` holds for a step."""
    return f"step:{procedure}/{step}"


def title(name: str) -> str:
    """A name of the playbook as one says it: `offer-water` → “Offer water”."""
    return name.replace("-", " ").replace("_", " ").strip().capitalize()
