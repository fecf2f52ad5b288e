"""What can be said of outside events before they are taken in: CloudEvents as rows, and a first playbook for what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aboveboard.ledger import columns
from aboveboard.ledger.errors import AboveboardError

OWN_FORMATS = (".xes", ".xes.gz", ".jsonocel", ".xmlocel", ".sqlite")
"""Files that say by themselves what happened when."""
_CORE = (
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "data",
    "datacontenttype",
    "dataschema",
    "data_base64",
)
_FROM_DATA = tuple(
    name for name in columns.NAMES if name not in ("id", "type", "time", "recorded_at", "source", "attributes")
)
_SETTLED = ("case.resolved", "case.closed")
_STARTERS: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("settled-in-a-day", "Whoever comes to us has it settled within a day.", "case.opened", _SETTLED, "24 hours"),
    (
        "with-you-in-five-days",
        "What is ordered is with you in five days.",
        "order.placed",
        ("order.delivered",),
        "5 days",
    ),
    ("ready-in-a-day", "What is reserved is ready within a day.", "order.placed", ("order.ready",), "24 hours"),
    ("answered-in-ten-days", "A complaint is answered within ten days.", "complaint.received", _SETTLED, "10 days"),
)
_BEGINS = ("opened", "created", "booked", "requested", "received", "submitted", "reported", "started", "placed")
_ENDS = ("resolved", "closed", "done", "completed", "fulfilled", "delivered", "finished", "ended", "fixed", "answered")
_PLAIN = re.compile(r"[a-z][a-z-]*\.[a-z-]+")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")


class NotTakenError(AboveboardError):
    """Events cannot be taken in as they are; the text says why and what to do."""

    exit_code = 2


def safe_name(name: str) -> str:
    """A file's name with nothing in it that could lead elsewhere; its ending stays."""
    plain = _NOT_IN_A_NAME.sub("-", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(".-")
    return plain[-120:] or "file"


def rows_of(cloud_events: Any) -> Iterator[dict[str, Any]]:
    """CloudEvents 1.0 (one, or a batch) as rows of the ledger. What a row lacks, the ledger's check says.

    An event is the same where source and id are (CloudEvents 1.0, 3.1.1), so that both make its id here. Of `data`, what is
    called like a column of the ledger goes there; the rest of it, and extension attributes, are its attributes.
    """
    for one in cloud_events if isinstance(cloud_events, list) else [cloud_events]:
        if not isinstance(one, dict) or not str(one.get("specversion", "")).startswith("1."):
            raise NotTakenError("This is no CloudEvent of version 1: each needs specversion, id, source and type.")
        data = one.get("data")
        held = dict(data) if isinstance(data, dict) else ({} if data is None else {"data": data})
        row = {name: held.pop(name) for name in _FROM_DATA if held.get(name) not in (None, "")}
        more = held.pop("attributes", None)
        attributes = held | (more if isinstance(more, dict) else {}) | {n: v for n, v in one.items() if n not in _CORE}
        row |= {name: one[name] for name in ("type", "time", "source", "subject") if one.get(name) not in (None, "")}
        if one.get("id"):
            row["id"] = f"{one.get('source', '')}#{one['id']}"
        if attributes:
            row["attributes"] = attributes
        yield row


def starter(*, organisation: str, timezone: str, types: Mapping[str, int], dated: Mapping[str, int]) -> str:
    """A first playbook for these events: what such events usually promise, to be put right by whoever knows.

    Where orders say when they are due, that is the promise. Where no word of the vocabulary is among them it promises
    nothing, and the analyses that need no promise say what they can.
    """
    lines = [
        "# A first playbook. Its promises are guesses from the kinds of events there are: put them right before you judge by them.",
        f"organisation: {json.dumps(organisation, ensure_ascii=False)}",
        f"timezone: {timezone}",
    ]
    promises = list(_promises(types, dated))
    return "\n".join([*lines, *(["promises:", *promises] if promises else [])]) + "\n"


def _promises(types: Mapping[str, int], dated: Mapping[str, int]) -> Iterator[str]:
    begun: set[str] = set()
    for name, says, starts, ends, within in (*_STARTERS, *_likely(types)):
        kept_by = next((one for one in ends if types.get(one)), None)
        if not types.get(starts) or kept_by is None or starts in begun:
            continue
        begun.add(starts)
        by_date = dated.get(starts, 0) * 2 > types[starts]
        yield f"  {'by-the-date-given' if by_date else name}:"
        yield f"    says: {'What is ordered is with you by the date we gave.' if by_date else says}"
        yield f"    starts: type = '{starts}'"
        yield f"    kept_by: type = '{kept_by}'"
        if types.get(cancelled := f"{starts.split('.')[0]}.cancelled"):
            yield f"    cancelled_by: type = '{cancelled}'"
        yield f"    {'by: due' if by_date else f'within: {within}'}"
        yield "    objective: 0.95"


def _likely(types: Mapping[str, int]) -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    """Pairs of types that begin and end something of one kind, by their words: `permit.requested` and `permit.completed`."""
    for kind in sorted({one.split(".")[0] for one in types if _PLAIN.fullmatch(one)}):
        starts = next((f"{kind}.{word}" for word in _BEGINS if types.get(f"{kind}.{word}")), None)
        if starts:
            ends = tuple(f"{kind}.{word}" for word in _ENDS if f"{kind}.{word}" != starts)
            yield f"{kind}-in-two-days", f"A {kind} is settled within two days.", starts, ends, "2 days"
