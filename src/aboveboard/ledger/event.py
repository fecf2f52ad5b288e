"""One event in the hand: what the desk records, and the check of it, which is the check of a row (see `validation`)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from aboveboard.ledger import columns, validation, vocabulary
from aboveboard.ledger.errors import LedgerError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOMENTS = ("time", "due")
_TEXTS = tuple(name for name in columns.NAMES if name not in (*validation.MOMENTS, "value", "attributes"))

Row = tuple[Any, ...]
"""One value per column of the ledger, in its order: texts, numbers and moments in UTC; attributes as JSON text."""


class EventError(LedgerError):
    """An event cannot be recorded as it is; the text names each thing wrong with it."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of the ledger (see `columns`), without `recorded_at`, which whoever records it knows.

    `attributes` is what JSON can hold. What is empty is absent.
    """

    id: str
    type: str
    time: datetime
    source: str | None = None
    customer: str | None = None
    subject: str | None = None
    channel: str | None = None
    touchpoint: str | None = None
    team: str | None = None
    employee: str | None = None
    rule: str | None = None
    outcome: str | None = None
    value: float | None = None
    due: datetime | None = None
    audience: str | None = None
    text: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def row(event: Event, *, recorded_at: datetime) -> Row:
    """The event as a row of the ledger. Raises EventError naming everything that stands against it.

    Stricter than an import: what the desk itself does must carry all that its type needs.
    """
    wrong = list(_faults(event))
    if wrong:
        raise EventError(f"event {event.id or 'without id'} ({event.type or 'without type'}): {'; '.join(wrong)}")
    values = {one.name: getattr(event, one.name) for one in fields(event)} | {"recorded_at": recorded_at}
    held = {name: value for name, value in values.items() if name != "attributes" and value not in (None, "")}
    held |= {name: held[name].astimezone(UTC) for name in validation.MOMENTS if name in held}
    if event.value is not None:
        held["value"] = float(event.value)
    if event.attributes:
        held["attributes"] = json.dumps(event.attributes, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return tuple(held.get(name) for name in columns.NAMES)


def _faults(event: Event) -> Iterator[str]:
    if not event.id:
        yield "it has no id"
    if not event.type.strip():
        yield "it has no type"
    elif len(event.type.encode(errors="replace")) > validation.LONGEST_TYPE or _CONTROL.search(event.type):
        yield f"its type is no word: over {validation.LONGEST_TYPE} bytes, or with control characters"
    for name in _MOMENTS:
        yield from _of_moment(name, getattr(event, name))
    for name in _TEXTS:
        yield from _of_text(name, getattr(event, name))
    if event.value is not None and not math.isfinite(event.value):
        yield "value is not a number"
    yield from _of_attributes(event.attributes)
    yield from _lacks(event)


def _of_moment(name: str, moment: datetime | None) -> Iterator[str]:
    if moment is None:
        return
    if moment.tzinfo is None:
        yield f"{name} has no time zone"
    elif not validation.FIRST <= moment < validation.LAST:
        yield f"{name} lies before 1900 or after 2199"


def _of_text(name: str, text: str | None) -> Iterator[str]:
    if text is None:
        return
    if "\x00" in text:
        yield f"{name} holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        yield f"{name} holds half a character, which no text file can"


def _of_attributes(attributes: Mapping[str, Any]) -> Iterator[str]:
    try:
        written = json.dumps(attributes, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        yield f"attributes is nothing that JSON can hold: {error}"
        return
    yield from _of_text("attributes", written)


def _lacks(event: Event) -> Iterator[str]:
    word = vocabulary.VOCABULARY.get(event.type)
    for need in word.needs if word else ():
        if not any(_has(event, name) for name in need.split(" or ")):
            yield f"{event.type} needs {need}"


def _has(event: Event, name: str) -> bool:
    outer, _, key = name.partition(".")
    held = event.attributes.get(key) if key else getattr(event, outer)
    return held not in (None, "")
