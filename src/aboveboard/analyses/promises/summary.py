"""How often is each promise kept? One row per promise of the playbook, and per promise that was made without one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.kept_share import KeptShare, kept_shares
from aboveboard.analyses.promises.tables import SUMMARY
from aboveboard.analyses.shared import arrays
from aboveboard.playbook.model import Playbook


def summary(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """Counts, kept share and error budget of each promise: an Ibis table with the columns of `tables.SUMMARY`.

    `outcomes` is the table of `promises.outcomes`. A promise that never started has a row of zeros, its share absent:
    either nobody was promised it or its `starts` matches nothing. Medians are exact.
    """
    rows = {key[0]: row for key, row in arrays.groups(arrays.cells(_counts(outcomes)), "promise")}
    shares = {key[0]: share for key, share in kept_shares(outcomes, "promise")}
    names = [*playbook.promises, *sorted(rows.keys() - playbook.promises.keys())]
    return arrays.rows_to_table(
        SUMMARY, (_row(name, rows.get(name), shares.get(name), playbook, as_of) for name in names)
    )


def _counts(outcomes: Any) -> Any:
    words = ("kept", "late", "broken", "open", "at risk", "cancelled")
    columns = {f"{word.replace(' ', '_')}_count": counts.number(outcomes.outcome == word) for word in words}
    return outcomes.group_by("promise").aggregate(
        starts_count=outcomes.count(),
        undated_count=counts.number(outcomes.outcome.isnull()),
        late_minutes_median=outcomes.minutes_late.quantile(0.5, where=outcomes.outcome == "late"),
        **columns,
    )


def _row(
    name: str, seen: arrays.Cells | None, share: KeptShare | None, playbook: Playbook, as_of: datetime
) -> dict[str, Any]:
    columns = [column for column in SUMMARY.columns if column.endswith("_count") and column != "budget_count"]
    row: dict[str, Any] = dict.fromkeys(columns, 0) | {"promise": name, "as_of": as_of}
    if seen is not None:
        row |= {column: values[0] for column, values in seen.items()}
    if share is not None:
        row |= arrays.estimate_columns("kept_share", share.kept)
    row["missed_count"] = row["late_count"] + row["broken_count"]
    return row | _budget(row, playbook.promises[name].objective if name in playbook.promises else None)


def _budget(row: Mapping[str, Any], objective: float | None) -> dict[str, Any]:
    if objective is None:
        return {}
    allowed = (1 - objective) * (row["kept_count"] + row["missed_count"])
    spent = row["missed_count"] / allowed if allowed > 0 else None
    return {"objective": objective, "budget_count": allowed, "budget_spent_share": spent}
