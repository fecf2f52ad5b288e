"""Who was told two things? Statements on one fact of one subject, against each other and against the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.episodes.tables import CONTRADICTIONS
from aboveboard.analyses.shared import horizon

Row = Mapping[str, Any]
_READ = ("id", "type", "time", "subject", "customer", "channel", "team", "audience", "attributes")
_TYPES = {"string": pa.string(), "timestamp": pa.timestamp("us", tz="UTC")}
_SCHEMA = pa.schema([(field.name, _TYPES[field.kind]) for field in CONTRADICTIONS.fields])


@dataclass(frozen=True)
class Statement:
    """One fact as one event puts it. `record` tells what was done from what was said."""

    fact: str
    value: str
    record: bool
    event: Row

    @property
    def means(self) -> str:
        """The value without what does not change its meaning: case, and spaces around and between the words."""
        return " ".join(self.value.split()).casefold()

    @property
    def by(self) -> str:
        names = [self.event[name] for name in ("channel", "team") if self.event[name]]
        return " / ".join(names) or ("record" if self.record else "unnamed")


def contradictions(events: Any, *, as_of: datetime | None = None) -> Any:
    """Find the pairs of statements that disagree: table CONTRADICTIONS (see `tables`).

    Executes: the events that state something (`attributes.says` to the customer, `attributes.shows` anywhere) leave
    the engine, for JSON inside JSON is read differently by every engine; the rest stays there. The rules are those
    of `disagreements`.
    """
    timed, _ = horizon.until(events, as_of)
    speaks = timed.attributes.contains('"says"') | timed.attributes.contains('"shows"')
    stating = timed.filter(timed.subject.notnull(), speaks).select(*_READ, "at").order_by("subject", "at", "id")
    found = [row for rows in _by_subject(stating) for row in disagreements(rows)]
    return ibis.memtable(pa.Table.from_pylist(found, schema=_SCHEMA))


def disagreements(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """The contradictions in the events of one subject, which may come in any order.

    Each statement is set against the statement before it on the same fact, and against what the record shows then:

    - values are compared without regard to case and spaces;
    - the same voice (channel and team; an unknown team is the same) saying something new is an update;
    - a record that changed in between makes the later statement an update too;
    - a statement that differs from what the record last showed contradicts the record, unless that voice said the
      same of the same record before.
    """
    ordered = sorted(rows, key=lambda row: (row["time"], row["id"]))
    stated = sorted((s for row in ordered for s in statements(row)), key=lambda s: s.fact)
    for _, about in groupby(stated, key=lambda s: s.fact):
        yield from _along(about)


def statements(row: Row) -> Iterator[Statement]:
    """What one event states: first what it shows, then what it says, where the customer can hear it."""
    held = _object(row["attributes"])
    for key in ("shows", "says") if _is_to_customer(row) else ("shows",):
        facts = held.get(key)
        if isinstance(facts, dict):
            for fact, value in facts.items():
                if value is not None:
                    yield Statement(fact, value if isinstance(value, str) else _written(value), key == "shows", row)


def _along(about: Iterable[Statement]) -> Iterator[dict[str, Any]]:
    record: Statement | None = None
    last: Statement | None = None
    record_changed = False
    told: set[tuple[str, str]] = set()
    for statement in about:
        if statement.record:
            changed = record is None or record.means != statement.means
            record_changed |= changed and last is not None
            if changed:
                record, told = statement, set()
            continue
        if record and record.means != statement.means and (statement.by, statement.means) not in told:
            yield _row(statement, record, against="record")
        told.add((statement.by, statement.means))
        if last and last.means != statement.means and not (record_changed or _same_voice(last, statement)):
            yield _row(last, statement, against="channel")
        last, record_changed = statement, False


def _same_voice(one: Statement, other: Statement) -> bool:
    # What is not known is not another one.
    pairs = ((one.event[name], other.event[name]) for name in ("channel", "team"))
    return all(left is None or right is None or left == right for left, right in pairs)


def _is_to_customer(row: Row) -> bool:
    """What the customer was told: not what he said himself, and not what stayed behind the curtain."""
    type: str = row["type"]
    if type == "message.received" or row["audience"] is None:
        return type == "message.sent" or type.startswith("contact.")
    return bool(row["audience"] == "customer")


def _object(document: str | None) -> dict[str, Any]:
    try:
        held = json.loads(document or "{}")
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _row(first: Statement, second: Statement, *, against: str) -> dict[str, Any]:
    one, other = first.event, second.event
    return {
        "subject": one["subject"],
        "customer": one["customer"] or other["customer"],
        "fact": first.fact,
        "first_event": one["id"],
        "first_at": one["time"],
        "first_by": first.by,
        "first_says": first.value,
        "second_event": other["id"],
        "second_at": other["time"],
        "second_by": second.by,
        "second_says": second.value,
        "against": against,
    }


def _by_subject(stating: Any) -> Iterator[Iterator[Row]]:
    batches = stating.to_pyarrow().to_batches(max_chunksize=10_000)
    rows = (row for batch in batches for row in batch.to_pylist())
    for _, group in groupby(rows, key=lambda row: row["subject"]):
        yield group
