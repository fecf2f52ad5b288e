"""From the engine to traces: atoms become columns there, and only trace, time, id and those columns come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.analyses.claims.monitor.reach import Reach, whole
from aboveboard.analyses.claims.monitor.traces import FAR, Rows, Traces
from aboveboard.engines import ledgers
from aboveboard.ledger import epochs
from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.formulas import CLAIM, Formula

Table = Any  # an ibis Table: ibis ships no types

_TYPES = {"text": "string", "number": "float64", "timestamp": "timestamp('UTC', 6)"}


@dataclass(frozen=True)
class Claims:
    """The claims that can be judged or not, as arrays: `id`, the claiming `event`, its `trace` (None for none), `at`, `due`.

    `at` and `due` are microseconds since 1970; `due` is FAR where none is known.
    """

    id: pa.Array
    event: pa.Array
    trace: pa.Array
    at: Rows
    due: Rows

    def __len__(self) -> int:
        return len(self.id)

    def where(self, kept: Any) -> Claims:
        """The claims of a boolean array."""
        mask = pa.array(kept)
        kept_id, kept_event, kept_trace = (column.filter(mask) for column in (self.id, self.event, self.trace))
        return Claims(kept_id, kept_event, kept_trace, self.at[kept], self.due[kept])


@dataclass(frozen=True)
class Read:
    """What came from the engine: the traces, the event id of each row, and the row of each claim's own event."""

    traces: Traces
    event: pa.Array
    claim_rows: Rows


def with_claims(events: Table, claims: Table, by: str) -> Table:
    """Each claim beside its event: `claim_id`, `claim_trace`, `claim_at`, and what a condition may ask of it (`claim.due`, …).

    A column that the claims carry wins over the event's own; what neither has is NULL. Claims whose event is not there are
    left out.
    """
    said = claims.select(**{f"said_{name}": claims[name] for name in claims.columns})
    both = said.inner_join(events, said.said_event == events.id)
    asked = {name: _asked(both, name.removeprefix("claim."), kind) for name, kind in CLAIM.items()}
    return both.select(claim_id=both.said_id.cast("string"), claim_trace=both[by], claim_at=both.at, **asked)


def _asked(both: Table, name: str, kind: str) -> Any:
    said = {"event": "id"}.get(name, name)
    for column in (f"said_{name}", said):
        if column in both.columns:
            return both[column].cast(_TYPES[kind])
    return ibis.null(_TYPES[kind])


def claims_read(bound: Table) -> Claims:
    """The claims of `with_claims`, in the order of their ids."""
    due = epochs.micros(bound["claim.due"])
    rows = ledgers.arrow(
        bound.select("claim_id", "claim_trace", "claim_at", event=bound["claim.event"], due=due).order_by("claim_id")
    ).combine_chunks()
    text = {name: _column(rows[name]) for name in ("claim_id", "event", "claim_trace")}
    due_at = _column(rows["due"]).fill_null(FAR).to_numpy(zero_copy_only=False)
    at = _column(rows["claim_at"]).to_numpy(zero_copy_only=False).astype(np.int64)
    return Claims(text["claim_id"], text["event"], text["claim_trace"], at, due_at.astype(np.int64))


def whole_traces(events: Table, bound: Table, formula: Formula, claims: Claims, by: str, as_of: int) -> Read:
    """Every event of the traces that hold a claim: for formulas whose value does not depend on the claim."""
    wanted = bound.filter(bound.claim_trace.notnull()).select("claim_trace").distinct()
    rows = _with_atoms(events.view().semi_join(wanted, [(by, "claim_trace")]), formula, trace=by)
    read = ledgers.arrow(rows).combine_chunks()
    traces, ids = _traces(read, formula, as_of), _column(read["id"])
    return Read(traces, ids, _rows_of(claims.event, ids))


def own_traces(events: Table, bound: Table, formula: Formula, claims: Claims, span: Reach, by: str, as_of: int) -> Read:
    """For each claim the events of its trace within the formula's reach, with the conditions asked for this claim.

    One trace per claim, so that the rows are as many as claims times events in reach.
    """
    joined = bound.inner_join(events.view(), [("claim_trace", by)])
    joined = joined.filter(_within(joined, span) | (joined["claim.event"] == joined.id))
    read = ledgers.arrow(_with_atoms(joined, formula, trace="claim_id")).combine_chunks()
    ids, claim_ids = _column(read["id"]), _column(read["trace"])
    place = _rows_of(claim_ids, claims.id)
    traces = _traces(read, formula, as_of, due=claims.due[place])
    own = np.flatnonzero(pc.equal(ids, claims.event.take(pa.array(place))).to_numpy(zero_copy_only=False))
    claim_rows = np.empty(len(claims), dtype=np.int64)
    claim_rows[place[own]] = own
    return Read(traces, ids, claim_rows)


def _within(joined: Table, span: Reach) -> Any:
    """Whether an event lies within the reach of a claim. A claim without a due time reaches without end where it asks for one."""
    away = joined.at - joined.claim_at
    tests = [away >= whole(span.begin)] if span.begin > -FAR else []
    if span.end < FAR and span.after_due < FAR:
        latest = away <= whole(span.end)
        if span.after_due > -FAR:
            due = epochs.micros(joined["claim.due"])
            latest = latest | due.isnull() | (joined.at <= due + whole(span.after_due))
        tests.append(latest)
    return reduce(lambda a, b: a & b, tests, ibis.literal(True))


def _with_atoms(rows: Table, formula: Formula, *, trace: str) -> Table:
    """Trace, time, id and a column per condition, in order; unknown is false."""
    atoms = {
        f"atom_{number}": condition.to_ibis(rows).cast("boolean").fill_null(False)
        for number, condition in enumerate(formula.conditions)
    }
    return rows.select(trace=rows[trace], at=rows.at, id=rows.id, **atoms).order_by("trace", "at", "id")


def _traces(read: pa.Table, formula: Formula, as_of: int, due: Rows | None = None) -> Traces:
    codes = _column(read["trace"]).dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    atoms: Mapping[Condition, Any] = {
        condition: _column(read[f"atom_{number}"]).to_numpy(zero_copy_only=False)
        for number, condition in enumerate(formula.conditions)
    }
    return Traces(codes, _column(read["at"]).to_numpy(zero_copy_only=False), atoms, as_of, due)


def _rows_of(wanted: pa.Array, among: pa.Array) -> Rows:
    found: Rows = pc.index_in(wanted, value_set=among).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _column(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
