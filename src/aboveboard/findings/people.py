"""Of single employees: a bad day that calls for a reprieve, a change that calls for a talk, a note that does not stand.

Spoken as in the presence of whom it is about. None of these weighs anything: what the system does to customers comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

KINDS: tuple[Kind, ...] = (
    Kind(
        "person.bad-day",
        "One day does not fit an otherwise steady record.",
        "The verdict on the employee's record is isolated.",
        ("employee", "day"),
        "people",
    ),
    Kind(
        "person.shift",
        "An employee's service is not what it was.",
        "The verdict on the employee's record is shift.",
        ("employee",),
        "people",
    ),
    Kind(
        "person.note-refuted",
        "A note holds something against an employee that others in the same place could not have helped either.",
        "A disciplinary note on record; 20 or more others in like situations, of whose contacts surely more than half were not "
        "resolved either.",
        ("employee", "note"),
        "substitution",
    ),
    Kind(
        "person.note-open",
        "A note holds something against an employee, and the record alone cannot say whose it is.",
        "A disciplinary note on record, and any other outcome of the substitution test.",
        ("employee", "note"),
        "substitution",
    ),
)
_DAY = (
    "tail of a beta-binomial at the employee's own level, corrected for the days looked at, false-discovery rate 12.5 %",
    f"Šidák (1967), JASA 62, 626–633; {comparing.BENJAMINI_HOCHBERG}",
)
_SHIFT = (
    "clipped, risk-adjusted cumulative sum with a simulated limit, any one day struck out, false-discovery rate 5 %",
    f"Steiner et al. (2000), Biostatistics 1, 441–452; Laney (2002), Quality Engineering 14, 531–537; "
    f"{comparing.BENJAMINI_HOCHBERG}",
)
_OTHERS = (
    "contacts of others matched on circumstances, Wilson interval with others as clusters",
    "Reason (1997), Managing the Risks of Organizational Accidents; Rao and Scott (1992), Biometrics 48, 577–585",
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `people` and of the notes in `substitution` (a missing table says nothing)."""
    for row in rows(tables, "people"):
        if row["verdict"] == "isolated":
            yield _bad_day(row, playbook)
        if row["verdict"] == "shift":
            yield _shift(row, playbook)
    for row in rows(tables, "substitution", kind="note"):
        yield _refuted(row) if row["verdict"] == "system-induced" else _open(row)


def _bad_day(row: Row, playbook: Playbook) -> Finding:
    day = sentences.day(row["since"], playbook.timezone)
    more = row["days_isolated_count"] - 1
    others = (
        f" {sentences.counted(more, 'other day', 'other days')} in the last year stood out as well." if more > 0 else ""
    )
    conduct = " A customer's conduct towards them is on record for that day." if row["conduct_event"] else ""
    missed = f"{row['day_missed_count']} of {row['day_count']}"
    usual = _about(row["day_missed_expected"])
    return _finding(
        "person.bad-day",
        row,
        f"One day does not fit the record of {row['employee']}, which is steady without it: on {day}, "
        f"{missed} contacts were not resolved, where {usual} would be usual.{conduct}{others}",
        "If none was given, offer a reprieve: an hour away from the queue, or the rest of the day off. Then leave it at that.",
        Evidence(row["day_count"], float(row["day_missed_count"]), "count", None, None, *_DAY),
        about={"employee": row["employee"], "day": f"{row['since'].astimezone(playbook.timezone):%Y-%m-%d}"},
        events=(row["conduct_event"],) if row["conduct_event"] else (),
    )


def _about(count: float) -> str:
    """ "1 or 2", "about 4"."""
    return f"{int(count)} or {int(count) + 1}" if count < 3 else f"about {count:.0f}"


def _shift(row: Row, playbook: Playbook) -> Finding:
    day = sentences.day(row["since"], playbook.timezone)
    now = f"{sentences.percent(row['since_share'])} ({sentences.percent_range(row['since_share_low'], row['since_share_high'])})"
    return _finding(
        "person.shift",
        row,
        f"Since about {day}, {now} of the contacts of {row['employee']} have been resolved, the contacts made comparable; before "
        f"it was {sentences.percent(row['before_share'])}.",
        f"Show {row['employee']} the chart first, and ask what changed and what got in the way. Then talk, then train.",
        Evidence(
            row["since_count"], row["since_share"], "share", row["since_share_low"], row["since_share_high"], *_SHIFT
        ),
        about={"employee": row["employee"]},
    )


def _refuted(row: Row) -> Finding:
    return _note(
        "person.note-refuted",
        row,
        f"The note against {row['employee']} on {row['subject']} does not stand: where others stood in the same place "
        f"({row['alike']}), {_others(row)}.{_earlier(row)}",
        f"Take the note back and tell {row['employee']} so; look for the cause before the contact, not in it.",
    )


def _open(row: Row) -> Finding:
    if row["verdict"] == "cannot tell" and row["same_share"] is None:
        why = "the record holds too few contacts of others in a like situation to say how they would have fared"
    elif row["outcome"] == "resolved":
        why = "the contact on record was resolved"
    else:
        why = f"of others in a like situation, {_others(row)}; that alone does not say why this one ended so"
    return _note(
        "person.note-open",
        row,
        f"A note holds something against {row['employee']} on {row['subject'] or 'a matter without a name'}: {why}.{_earlier(row)}",
        f"Hear {row['employee']} first, and ask what the system did: promise, hand-offs, incentives, staffing, training. Let the "
        "note wait until both are answered.",
    )


def _others(row: Row) -> str:
    share = sentences.percent(row["same_share"])
    between = sentences.percent_range(row["same_share_low"], row["same_share_high"])
    return (
        f"{row['same_count']:,} of {row['contacts_count']:,} contacts of {row['peers_count']:,} colleagues were not resolved "
        f"either: {share} ({between})"
    )


def _earlier(row: Row) -> str:
    if row["earlier_event"] is None:
        return ""
    by = f" by {row['earlier_employee']}" if row["earlier_employee"] else ""
    return (
        f" What came before is on record ({row['earlier_event']}{by}; {row['earlier_fact']}): after the same, "
        f"{sentences.percent(row['earlier_share'])} of others' contacts were not resolved, otherwise "
        f"{sentences.percent(row['otherwise_share'])}."
    )


def _note(kind: str, row: Row, sentence: str, action: str) -> Finding:
    events = tuple(one for one in (row["note"], row["event"], row["earlier_event"]) if one)
    evidence = Evidence(
        int(row["contacts_count"] or 0),
        row["same_share"],
        "share",
        row["same_share_low"],
        row["same_share_high"],
        *_OTHERS,
    )
    about = {"employee": row["employee"], "note": row["note"]}
    return _finding(kind, row, sentence, action, evidence, about=about, events=events, table="substitution")


def _finding(kind: str, row: Row, sentence: str, action: str, evidence: Evidence, **more: Any) -> Finding:
    where = {"employee": row["employee"]} | ({"note": row["note"]} if "note" in row else {})
    return Finding(kind, more.pop("about"), sentence, evidence, action, **{"table": "people", "where": where} | more)
