"""Claims judged: each with its verdict, the events that witness it, and the window in which the record was searched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.claims.monitor import bound
from aboveboard.analyses.claims.monitor.evaluation import Evaluation
from aboveboard.analyses.claims.monitor.reach import Reach, reach
from aboveboard.analyses.claims.monitor.traces import FAR, Rows
from aboveboard.analyses.claims.monitor.truth import UNVERIFIABLE, Truth, verdict
from aboveboard.analyses.claims.monitor.witnesses import Witnesses
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.analyses.shared.tables import Field, TableSpec
from aboveboard.engines import ledgers
from aboveboard.ledger import epochs
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.formulas import Formula

JUDGED = TableSpec(
    "judged_claims",
    "Does the record bear the claim out?",
    ("claim",),
    (
        Field("claim", "string", "Id of the claim."),
        Field("verdict", "string", "supported, contradicted, not yet, unverifiable."),
        Field(
            "truth",
            "string",
            "The formula at the claiming event: true, presumably true, presumably false, false; absent without a trace.",
        ),
        Field(
            "because",
            "string",
            "Of an unverifiable claim: `no trace` (its event names no subject, customer or episode), `never recorded` "
            "(the ledger holds no event of the kind that shows such acts are recorded). Else absent.",
        ),
        Field(
            "evidence",
            "string",
            "Ids of the events that show why, in order of time, joined by `, `: for the claim where it is supported, against it "
            "where it is contradicted. Absent where it is so because nothing happened, and for other verdicts.",
        ),
        Field(
            "window_from", "timestamp", "From when on events could count; absent where from the beginning, or no trace."
        ),
        Field("window_to", "timestamp", "Up to when, never after `as_of`; absent without a trace."),
        Field(
            "searched_count",
            "int64",
            "Events of the trace in that window, the claiming one included; absent without a trace.",
        ),
    ),
)


_TRUTHS = tuple(Truth)


class JudgingError(AboveboardError):
    """The events or claims given do not have what judging needs."""


def judge(
    events: Any,
    claims: Any,
    formula: Formula,
    *,
    as_of: datetime | None = None,
    by: str = "subject",
    recorded_by: Condition | None = None,
) -> Any:
    """Return one row of `JUDGED` per claim whose event is in the record by `as_of` (the last event's time where None).

    `events` are ledger columns, and the column `by` that ties events into a trace (`episode` must be joined on before).
    `claims` have the columns `id` (unique) and `event` (the id of the event that makes the claim), and may have those that
    formulas ask for (time, due, subject, customer, employee, value, topic); what they lack is taken from the event.
    Conditions and joins are the engine's; the temporal operators cost one pass over the rows. A formula that asks of the
    claim is judged on each claim's own events within the formula's reach, any other once over all events of the traces that
    hold a claim.
    `recorded_by`: see `truth.verdict`. Raises JudgingError where a column is missing or an id repeats, ValueError where
    `as_of` has no time zone.
    """
    _check(events, claims, by)
    timed, _ = horizon.until(events, as_of)
    last, recorded = _overall(timed, as_of, recorded_by)
    tied = bound.with_claims(timed, claims, by)
    made = bound.claims_read(tied)
    _check_ids(made)
    traced = made.trace.is_valid().to_numpy(zero_copy_only=False)
    rows = [
        {"claim": name, "verdict": UNVERIFIABLE, "because": "no trace"} for name in made.where(~traced).id.to_pylist()
    ]
    followed = made.where(traced)
    if len(followed):
        rows += _judged(timed, tied, formula, followed, by, last, recorded)
    return arrays.rows_to_table(JUDGED, rows)


def _check(events: Any, claims: Any, by: str) -> None:
    missing = [name for name in ("id", "event") if name not in claims.columns]
    if missing:
        raise JudgingError(f"the claims have no column {missing[0]!r}: each needs an id, and the id of its event")
    if by not in events.columns:
        raise JudgingError(f"the events have no column {by!r} to tie them together: join it on before judging")


def _check_ids(made: bound.Claims) -> None:
    counts = Counter(made.id.to_pylist())
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise JudgingError(
            f"the claim id {twice[0]!r} stands on {counts[twice[0]]} rows: give each claim an id of its own"
        )


def _overall(timed: Any, as_of: datetime | None, recorded_by: Condition | None) -> tuple[int, bool]:
    """`as_of` in microseconds, and whether such acts are recorded at all."""
    shows = ibis.ifelse(recorded_by.to_ibis(timed), 1, 0) if recorded_by is not None else timed.at
    asked = timed.aggregate(last=timed.at.max(), shown=shows.max())
    (found,) = ledgers.arrow(asked).to_pylist()
    last = horizon.micros(as_of) if as_of is not None else int(found["last"] or 0)
    return last, recorded_by is None or bool(found["shown"])


def _judged(
    timed: Any, tied: Any, formula: Formula, made: bound.Claims, by: str, as_of: int, recorded: bool
) -> Iterator[dict[str, Any]]:
    span = reach(formula.tree)
    if formula.speaks_of_claim:
        read = bound.own_traces(timed, tied, formula, made, span, by, as_of)
    else:
        read = bound.whole_traces(timed, tied, formula, made, by, as_of)
    evaluation = Evaluation(read.traces)
    truths = evaluation.values(formula.tree)[read.claim_rows]
    witnesses = Witnesses(evaluation)
    windows = _windows(read, made, span, as_of)
    judged = zip(made.id.to_pylist(), read.claim_rows.tolist(), truths.tolist(), windows, strict=True)
    for claim, row, value, window in judged:
        truth = _TRUTHS[value]
        shown = witnesses.of(formula.tree, row, truth) if truth in (Truth.TRUE, Truth.FALSE) else set()
        said = verdict(truth, recorded=recorded, witnessed=bool(shown))
        yield {
            "claim": claim,
            "verdict": said,
            "truth": truth.words,
            "because": "never recorded" if said == UNVERIFIABLE else None,
            "evidence": ", ".join(read.event[number].as_py() for number in sorted(shown)) or None,
            **window,
        }


def _windows(read: bound.Read, made: bound.Claims, span: Reach, as_of: int) -> Iterator[dict[str, Any]]:
    """For each claim from when to when its formula looks at the record, and how many events lie there."""
    start, end = span.earliest(made.at), np.minimum(span.latest(made.at, made.due), as_of)
    trace = read.traces.trace[read.claim_rows]
    counts = read.traces.rows_up_to(trace, end) - read.traces.rows_from(trace, start)
    for began, ended, count in zip(_moments(start), _moments(end), counts.tolist(), strict=True):
        yield {"window_from": began, "window_to": ended, "searched_count": max(count, 0)}


def _moments(micros: Rows) -> list[datetime | None]:
    return [None if abs(each) >= FAR else epochs.moment_of(each) for each in micros.tolist()]
