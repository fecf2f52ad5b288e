"""What is written down against an employee, the contact it is about, and what had happened before the employee came to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.shared import horizon, intervals
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

KINDS = ("disciplinary", "warning", "blame")
"""What `attributes.kind` of a note says where it holds something against somebody; `attributes.about` names whom."""
LEAST = 20
"""So many contacts of others must have followed the same fact."""
MOST_NOTES, MOST_FACTS = 500, 20
"""So many notes are followed back, the latest first; so many attributes of earlier events are looked at."""
_TEXTS = ("of_event", "earlier_event", "earlier_employee", "earlier_fact")
_SHARES = ("earlier_share", "earlier_share_low", "earlier_share_high", "otherwise_share")
_SPEC = {"earlier_count": pa.int64(), **dict.fromkeys(_TEXTS, pa.string()), **dict.fromkeys(_SHARES, pa.float64())}
Row = Mapping[str, Any]


def notes(events: Any, contacts: Any, *, as_of: datetime | None) -> Any:
    """Columns note (id), employee (whom it names), subject, at, contact (the employee's last on the subject before; or absent)."""
    until, _ = horizon.until(events, as_of)
    written = until.filter(until.type == "note.written")
    named = written.mutate(about=attributes.text(written, "about"), sort=attributes.text(written, "kind").lower())
    against = named.filter(named.about.notnull(), named.sort.isin(KINDS)).select(
        "subject", note="id", about="about", at="time"
    )
    mine = contacts.select(contact="id", contact_subject="subject", contact_employee="employee", contact_at="time")
    met = against.left_join(
        mine,
        (against.subject == mine.contact_subject)
        & (against.about == mine.contact_employee)
        & (mine.contact_at <= against.at),
    )
    place = ibis.row_number().over(group_by=met.note, order_by=[ibis.desc(met.contact_at), met.contact])
    last = met.mutate(place=place)
    return last.filter(last.place == 0).select("note", "subject", "at", "contact", employee=last.about)


def earlier(events: Any, contacts: Any, notes: Any, *, as_of: datetime | None) -> Any:
    """Per noted contact: the fact on record before it, not of the employee's making, with which others' contacts fail too.

    A fact is an attribute of an earlier event on the same subject. It counts where 20 contacts of others followed the same, the
    interval of the share not resolved is above one half, and surely above that after other values of the same attribute
    (Newcombe); of several the one with the widest gap.
    """
    noted = contacts.semi_join(notes, contacts.id == notes.contact)
    noted = noted.order_by(ibis.desc(noted.time), noted.id).limit(MOST_NOTES)
    until, _ = horizon.until(events, as_of)
    rows = _before(until, noted)
    pairs = sorted({(row["type"], key) for row in rows for key in _said(row)})[:MOST_FACTS]
    counted = {pair: _counts(until, contacts, *pair) for pair in pairs}
    return _table(_best(rows, counted))


def _before(events: Any, noted: Any) -> list[dict[str, Any]]:
    """The events before each noted contact, not by the employee."""
    some = events.filter(events.subject.notnull(), events.attributes.notnull())
    chosen = noted.select("subject", of_event="id", who="employee", until="time")
    met = some.inner_join(chosen, "subject")
    found = met.filter((met.time < met.until) & (met.employee.isnull() | (met.employee != met.who)))
    columns = ("id", "type", "employee", "time", "attributes", "of_event", "who")
    table = ledgers.arrow(found.select(*columns))
    return sorted(table.to_pylist(), key=lambda row: (row["of_event"], row["time"], row["id"]))


def _said(row: Row) -> dict[str, str]:
    """The attributes of an event that are words, by key."""
    try:
        held = json.loads(row["attributes"])
    except ValueError:
        return {}
    words = held.items() if isinstance(held, dict) else ()
    return {key: value for key, value in words if isinstance(value, str) and value and _readable(key)}


def _readable(key: str) -> bool:
    try:
        return bool(attributes.check(key))
    except attributes.AttributeKeyError:
        return False


def _counts(events: Any, contacts: Any, type: str, key: str) -> list[Row]:
    """Contacts by what the last such event before them said, and by whether the employee was the same who ended the contact."""
    some = events.filter(events.type == type, events.subject.notnull())
    said = some.select("subject", told=attributes.text(some, key), said_at="time", said_id="id", by="employee")
    met = contacts.filter(contacts.subject.notnull()).inner_join(said, "subject")
    before = met.filter((met.said_at < met.time) & (met.by.isnull() | (met.by != met.employee)) & met.told.notnull())
    place = ibis.row_number().over(group_by=before.id, order_by=[ibis.desc(before.said_at), before.said_id])
    ranked = before.mutate(place=place)
    last = ranked.filter(ranked.place == 0)
    table = last.group_by("told", "employee").aggregate(n=last.missed.count(), missed=last.missed.sum())
    return list(ledgers.arrow(table).to_pylist())


def _best(rows: Iterable[Row], counted: Mapping[tuple[str, str], list[Row]]) -> Iterator[Row]:
    found: dict[str, tuple[float, Row]] = {}
    for row in rows:
        for key, value in _said(row).items():
            one = _judged(row, key, value, counted.get((row["type"], key), []))
            if one and one[0] > found.get(row["of_event"], (0.0, row))[0]:
                found[row["of_event"]] = one
    return (row for _, row in found.values())


def _judged(row: Row, key: str, value: str, counts: list[Row]) -> tuple[float, Row] | None:
    """How much more often others' contacts fail after this fact than after others, and the columns; None where it is not sure."""
    others = [one for one in counts if one["employee"] != row["who"]]
    same = [one for one in others if one["told"] == value]
    n, missed = (sum(float(one[name]) for one in same) for name in ("n", "missed"))
    rest = sum(float(one["n"]) for one in others) - n
    rest_missed = sum(float(one["missed"]) for one in others) - missed
    if n < LEAST or not rest:
        return None
    low, high = (float(end) for end in intervals.wilson(missed, n))
    gap, least, _ = (float(end) for end in intervals.newcombe(missed, n, rest_missed, rest))
    if low <= 0.5 or least <= 0:
        return None
    columns = {
        "of_event": row["of_event"],
        "earlier_event": row["id"],
        "earlier_employee": row["employee"],
        "earlier_fact": f"{row['type']}, {key}: {value}",
        "earlier_count": int(n),
        "earlier_share": missed / n,
        "earlier_share_low": low,
        "earlier_share_high": high,
        "otherwise_share": rest_missed / rest,
    }
    return gap, columns


def _table(rows: Iterable[Row]) -> Any:
    listed = list(rows)
    arrays = [pa.array([row[name] for row in listed], kind) for name, kind in _SPEC.items()]
    return ibis.memtable(pa.Table.from_arrays(arrays, names=list(_SPEC)))
