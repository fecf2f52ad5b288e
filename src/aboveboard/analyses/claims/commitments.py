"""What somebody said that we would do: each with its own clock, and as promises for the analyses of promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.claims import applying, merging, monitor
from aboveboard.analyses.claims.tables import COMMITMENTS
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.engines import ledgers
from aboveboard.ledger import columns
from aboveboard.playbook.model import Claim, Playbook

RULE = "promise:said/"
"""What promises made by word are called: `said/call-back`."""
NEAR = timedelta(minutes=10)
"""A `promise.made` on the same subject this near to the message stands for the same words."""
Row = dict[str, Any]
_ASKED = pa.schema([("id", pa.string()), ("event", pa.string()), ("topic", pa.string())])


def commitments(events: Any, claims: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """Every commitment among the `claims` (table CLAIMS): table COMMITMENTS (see `tables`).

    `kept_at` is the first event from which on the claim's formula holds, however late. A commitment lives on its subject, and
    on the one into which that was merged; closing the case or handing it on ends nothing. Executes small queries.
    """
    timed, _ = horizon.until(events, as_of)
    known = merging.followed(timed.drop("at"))
    applied = applying.applied(playbook)
    names = [name for name, claim in applied.items() if claim.commitment]
    rows = ledgers.arrow(claims.filter(claims.claim.isin(names)).order_by("said_at", "event", "start")).to_pylist()
    met = {key: at for name in names for key, at in _met(known, applied[name], _of(rows, name), as_of).items()}
    shown = {name: _shown(known, applied[name], _of(rows, name)) for name in names}
    doubled = _doubled(known, rows)
    return arrays.rows_to_table(
        COMMITMENTS, (_row(r, met, shown[r["claim"]].get(r["kind"], False), doubled) for r in rows)
    )


def _shown(events: Any, claim: Claim, rows: list[Row]) -> dict[str | None, bool]:
    """For each kind that has a due time whether such acts are on record; what was borne out once is."""
    timed = {row["kind"] for row in rows if row["due"] is not None}
    supported = {row["kind"] for row in rows if row["verdict"] == "supported"}
    return dict.fromkeys(supported, True) | applying.on_record(events, claim, timed - supported)


def _of(rows: Iterable[Row], name: str) -> list[Row]:
    return [row for row in rows if row["claim"] == name]


def _row(row: Row, met: Mapping[str, datetime], on_record: bool, doubled: set[str]) -> Row:
    timed = row["due"] is not None and row["subject"] is not None
    own = {
        "made_at": row["said_at"],
        "due_words": row["due_words"],
        "kept_at": met.get(_key(row)),
        "counted": timed and on_record and row["event"] not in doubled,
    }
    return {name: row.get(name) for name in COMMITMENTS.columns} | own


def _key(row: Row) -> str:
    return f"{row['event']}\x1f{row['start']}"


def _met(events: Any, claim: Claim, rows: list[Row], as_of: datetime | None) -> dict[str, datetime]:
    """When each was first borne out, without regard to when it was due."""
    if not rows or claim.evidence is None:
        return {}
    by = claim.same if claim.same in events.columns else "subject"
    held = [{"id": _key(row), "event": row["event"], "topic": row["kind"]} for row in rows]
    asked = ibis.memtable(pa.Table.from_pylist(held, schema=_ASKED))
    judged = monitor.judge(events, asked, claim.evidence, as_of=as_of, by=str(by))
    judged = ledgers.arrow(judged.filter(judged.verdict == "supported", judged.evidence.notnull())).to_pylist()
    evidence = {one["claim"]: one["evidence"].split(", ") for one in judged}
    times = _times(events, sorted({event for ids in evidence.values() for event in ids}))
    said = {_key(row): row["said_at"] for row in rows}
    return {key: max(said[key], *(times[event] for event in ids)) for key, ids in evidence.items()}


def _times(events: Any, ids: list[str]) -> dict[str, datetime]:
    """The times of these events."""
    if not ids:
        return {}
    wanted = ibis.memtable(pa.table({"wanted": ids}))
    found = events.semi_join(wanted, events.id == wanted.wanted).select("id", "time")
    return {row["id"]: row["time"] for row in ledgers.arrow(found).to_pylist()}


def _doubled(events: Any, rows: list[Row]) -> set[str]:
    """The messages for whose words the ledger holds a `promise.made` already."""
    if not rows:
        return set()
    made = events.filter(events.type == "promise.made", events.subject.notnull()).select("subject", "time")
    at: dict[str, list[datetime]] = {}
    for one in ledgers.arrow(made).to_pylist():
        at.setdefault(one["subject"], []).append(one["time"])
    return {
        row["event"]
        for row in rows
        if any(abs(moment - row["said_at"]) <= NEAR for moment in at.get(row["subject"] or "", ()))
    }


def with_promises(events: Any, commitments: Any) -> Any:
    """The events with the counted `commitments` as further events `promise.made` and `promise.kept`, in ledger columns.

    For `promises.outcomes`: each kind of act is a promise by itself, `said/call-back`. Nothing is executed.
    """
    nullable = {name: type.copy(nullable=True) for name, type in events.schema().items()}
    events = events.select(*columns.NAMES).cast({name: nullable[name] for name in columns.NAMES})
    return ibis.union(events, as_promises(commitments).cast(dict(events.schema().items())), distinct=False)


def as_promises(commitments: Any) -> Any:
    """The counted commitments as events in ledger columns: `promise.made` with its due time, `promise.kept` when borne out.

    Their ids are the message's with `said`, the place of the words, and `made` or `kept`.
    """
    counted = commitments.filter(commitments.counted)
    kept = counted.filter(counted.kept_at.notnull())
    return ibis.union(
        _events(counted, "made", counted.made_at, due=counted.due),
        _events(kept, "kept", kept.kept_at, due=ibis.null("timestamp('UTC', 6)")),
        distinct=False,
    )


def _events(rows: Any, what: str, at: Any, *, due: Any) -> Any:
    said = {
        "id": rows.event + "/said/" + rows.start.cast("string") + "/" + what,
        "type": ibis.literal(f"promise.{what}"),
        "time": at,
        "recorded_at": at,
        "source": ibis.literal("said"),
        "customer": rows.customer,
        "subject": rows.subject,
        "channel": rows.channel,
        "team": rows.team,
        "rule": RULE + rows.kind.coalesce("other"),
        "due": due,
        "text": rows.words,
    }
    types = {column.name: ibis.dtype(column.type) for column in columns.COLUMNS}
    return rows.select(**{name: said.get(name, ibis.null(kind)).cast(kind) for name, kind in types.items()})
