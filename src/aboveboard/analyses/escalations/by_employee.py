"""What became of the escalations that one person decided: on request only, with a reason, which is itself an event.

No report and no finding shows this table. What an escalation changes depends on the rule, the case and the level more than on
who was on duty; whoever asks for it by person says why, and that stands on the record beside what it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aboveboard.analyses.escalations.tables import BY_EMPLOYEE
from aboveboard.analyses.shared import arrays, horizon, intervals
from aboveboard.ledger.errors import AboveboardError

ENOUGH = 20
"""Fewer judged escalations than this give no rate of a person."""
READ = "audit.read"
"""The type of the event that says who looked, at what, and why."""


class ReasonError(AboveboardError):
    """Figures about persons were asked for without saying why, or by whom."""


@dataclass(frozen=True)
class OnRequest:
    """The table, and the event that has to be recorded because it was read.

    `record` holds the columns of one ledger event: hand it to the ledger before showing `table` to anybody.
    """

    table: Any
    reason: str
    record: Mapping[str, Any]


def by_employee(events: Any, escalations: Any, *, reason: str, asked_by: str, at: datetime) -> OnRequest:
    """Count the decided escalations by who decided: table BY_EMPLOYEE, with the event that records the asking.

    `escalations` is the table of `escalations.escalations` over the same `events`, which know who decided. A rate is
    absent below 20 judged escalations; rows are in the order of the keys. The same question asked again at the same
    moment is the same event. Raises ReasonError where `reason` or `asked_by` says nothing, ValueError where `at` has no
    time zone.
    """
    if not reason.strip():
        raise ReasonError("escalations by person are shown for a stated reason only: say in `reason` what it is for")
    if not asked_by.strip():
        raise ReasonError("escalations by person are shown to somebody: give the key of who asks in `asked_by`")
    moment = horizon.micros(at)
    deciding = events.select(decision_event="id", employee="employee")
    known = escalations.join(deciding, escalations.decision == deciding.decision_event)
    cells = arrays.cells(_counts(known.filter(known.employee.notnull())))
    rows = [_row(key[0], counted) for key, counted in arrays.groups(cells, "employee")]
    return OnRequest(
        arrays.rows_to_table(BY_EMPLOYEE, rows), reason.strip(), _record(reason.strip(), asked_by, at, moment)
    )


def _counts(known: Any) -> Any:
    def number(condition: Any) -> Any:
        return condition.fill_null(False).ifelse(1, 0).sum().cast("int64")

    return known.group_by("employee").aggregate(
        decided_count=known.count(), judged_count=number(known.theatre.notnull()), theatre_count=number(known.theatre)
    )


def _row(employee: str, counted: arrays.Cells) -> dict[str, Any]:
    counts = {name: int(counted[name][0]) for name in ("decided_count", "judged_count", "theatre_count")}
    row: dict[str, Any] = {"employee": employee, **counts}
    count, n = counts["theatre_count"], counts["judged_count"]
    if n >= ENOUGH:
        low, high = intervals.wilson(count, n)
        row |= {"theatre_share": count / n, "theatre_share_low": float(low), "theatre_share_high": float(high)}
    return row


def _record(reason: str, asked_by: str, at: datetime, moment: int) -> dict[str, Any]:
    key = json.dumps([READ, BY_EMPLOYEE.name, asked_by, moment, reason], ensure_ascii=False)
    return {
        "id": f"audit-{hashlib.sha256(key.encode()).hexdigest()[:16]}",
        "type": READ,
        "time": at,
        "subject": f"analysis:{BY_EMPLOYEE.name}",
        "employee": asked_by,
        "audience": "internal",
        "text": reason,
    }
