"""What the engine counts of the requests: one row per policy, or per policy and clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from aboveboard.analyses.exceptions import harm
from aboveboard.analyses.exceptions.requests import UNKNOWN, by_policy, window
from aboveboard.analyses.shared import arrays
from aboveboard.playbook.model import Playbook

Row = dict[str, Any]
Key = tuple[Any, ...]
_RANKS = {
    "waiting_minutes": {"waiting_minutes_median": (1, 2), "waiting_minutes_p90": (9, 10)},
    "cost": {"cost_median": (1, 2), "cost_p95": (19, 20)},
    "harm_minutes": {"harm_minutes_median": (1, 2)},
}
"""Columns whose nearest-rank quantiles are asked for: the ⌈q·n⌉-th smallest, q as a fraction."""


def tallies(requests: Any, *by: str) -> Mapping[Key, Row]:
    """Counts, sums and quantiles of each combination of the `by` columns: as in table POLICIES, and a few more.

    Further columns: `levels_count` (decided, and the level known), `climbed_granted_count`, `followed_count` (granted and
    followed to the end of the window), `cost_p95` (of those granted). Costs and harm are of those granted.
    """
    rows = _rows(_counts(requests, *by), *by)
    granted = requests.filter(requests.outcome == "granted")
    for column, ranks in _RANKS.items():
        seen = requests if column == "waiting_minutes" else granted
        for key, row in _rows(_nearest_rank(seen, column, ranks, *by), *by).items():
            rows[key] |= row
    return rows


def _counts(requests: Any, *by: str) -> Any:
    granted, level = requests.outcome == "granted", requests.climbed.notnull()
    harmed = requests.harmed_at.notnull()
    return requests.group_by(by).aggregate(
        requests_count=requests.count().cast("int64"),
        granted_count=_number(granted),
        denied_count=_number(requests.outcome == "denied"),
        undecided_count=_number(requests.outcome == "undecided"),
        # Whole ten-thousandths: sums of fractions differ with the order in which an engine adds.
        cost_sum=(requests.cost * 10_000).round().cast("int64").sum(where=granted).cast("float64") / 10_000,
        levels_count=_number(level),
        climbed_count=_number(level & requests.climbed),
        climbed_granted_count=_number(level & requests.climbed & granted),
        harm_count=_number(harmed),
        followed_count=_number(requests.followed.coalesce(False)),
        censored_count=_number(granted & ~harmed & ~requests.followed.coalesce(True)),
    )


def _number(condition: Any) -> Any:
    return ibis.ifelse(condition, 1, 0).sum().coalesce(0).cast("int64")


def _nearest_rank(table: Any, column: str, ranks: Mapping[str, tuple[int, int]], *by: str) -> Any:
    """Quantiles that really happened, and so the same on every engine: Hyndman and Fan (1996), definition 1."""
    known = table.filter(table[column].notnull())
    placed = known.mutate(
        place=ibis.row_number().over(group_by=list(by), order_by=known[column]) + 1,
        n=known.count().over(group_by=list(by)),
    )
    at = {
        name: placed[column].max(where=placed.place == (top * placed.n + bottom - 1) // bottom)
        for name, (top, bottom) in ranks.items()
    }
    return placed.group_by(by).aggregate(**at)


def _rows(query: Any, *by: str) -> dict[Key, Row]:
    return {
        key: {name: values[0] for name, values in cells.items() if name not in by}
        for key, cells in arrays.groups(arrays.cells(query), *by)
    }


def harmed(requests: Any, playbook: Playbook, *by: str) -> Mapping[Key, arrays.Cells]:
    """Those granted by how far they were followed: see `harm.cells`."""
    widths = {name: window(policy) for name, policy in playbook.policies.items()}
    granted = requests.filter(requests.outcome == "granted")
    wide = granted.mutate(width=by_policy(granted.policy, widths, window(UNKNOWN)), harmed=granted.harmed_at.notnull())
    return harm.cells(harm.counted(wide, *by), *by)


def granted_subjects(requests: Any) -> Mapping[Key, Row]:
    """Per policy: `subjects_count`, cases in which anything was asked, and `granted_subjects_count`."""
    granted = requests.outcome == "granted"
    return _rows(
        requests.group_by("policy").aggregate(
            subjects_count=requests.subject.nunique(),
            granted_subjects_count=requests.subject.nunique(where=granted),
        ),
        "policy",
    )
