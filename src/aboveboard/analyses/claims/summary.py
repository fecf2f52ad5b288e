"""How often what we say is borne out: by claim, channel, team and policy; by employee only for who states a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.claims.tables import SUMMARY
from aboveboard.analyses.shared import arrays, discoveries, intervals
from aboveboard.analyses.shared.arrays import Array, Cells
from aboveboard.ledger.errors import AboveboardError

ENOUGH = 20
"""A part is compared with the rest where both hold this many claims that are supported or contradicted."""
SLICES = {"channel": "channel", "team": "team", "policy": "rule"}
"""What claims are cut by, and the column that says it."""
_COUNTS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "not yet": "not_yet",
    "unverifiable": "unverifiable",
}


class ReasonError(AboveboardError):
    """Somebody asked for employees by name without saying why."""


def summary(claims: Any) -> Any:
    """Counts and the share borne out, of the table CLAIMS: table SUMMARY (see `tables`).

    Wilson intervals over supported and contradicted claims. A part `differs` where it is contradicted more often than the
    rest of its claim (`discoveries.against_rest`, days as witnesses), false-discovery rate 5 % over all parts tested.
    """
    return _summed(claims, SLICES)


def by_employee(claims: Any, events: Any, *, reason: str) -> Any:
    """The same by employee, which nobody sees unless they ask for it and say why (SPEC 4.5): slice `employee` alone.

    Whoever calls this records the reason. Raises ReasonError where it is empty.
    """
    if not reason.strip():
        raise ReasonError("claims by employee need a reason, which goes on record: say what it is for")
    acting = events.select(_event=events.id, employee=events.employee)
    return _summed(claims.inner_join(acting, claims.event == acting["_event"]), {"employee": "employee"})


def _summed(claims: Any, slices: dict[str, str]) -> Any:
    named = [_cut(claims, claims.claim, name, claims[column]) for name, column in slices.items()]
    whole = [_cut(claims, of, "all", ibis.literal("all")) for of in (claims.claim, ibis.literal("all"))]
    cells = arrays.cells(ibis.union(*whole, *named, distinct=False))
    return arrays.rows_to_table(SUMMARY, _rows(cells))


def _cut(claims: Any, of: Any, name: str, value: Any) -> Any:
    """Claims per claim, part and day, by verdict."""
    day = (claims.said_at.epoch_seconds() // 86_400).cast("int64")
    keyed = claims.select(
        said=of.cast("string"), slice=ibis.literal(name), value=value.cast("string"), day=day, verdict=claims.verdict
    )
    keyed = keyed.filter(keyed.value.notnull())
    counts = {column: ibis.ifelse(keyed.verdict == verdict, 1, 0).sum() for verdict, column in _COUNTS.items()}
    return keyed.group_by("said", "slice", "value", "day").aggregate(
        **{name: count.cast("int64") for name, count in counts.items()}
    )


def _rows(cells: Cells) -> Iterator[dict[str, Any]]:
    by_part = dict(arrays.groups(cells, "said", "slice", "value"))
    tested = [key for key in by_part if key[1] != "all"]
    p_values = np.full(len(tested), np.nan)
    for index, (claim, _, _) in enumerate(tested):
        p_values[index] = _worse_p(by_part[tested[index]], by_part[claim, "all", "all"])
    worse = dict(zip(tested, discoveries.benjamini_hochberg(p_values), strict=True))
    for key, part in by_part.items():
        yield _row(key, {name: int(part[name].sum()) for name in _COUNTS.values()}, bool(worse.get(key, False)))


def _row(key: tuple[str, str, str], counts: dict[str, int], differs: bool) -> dict[str, Any]:
    known = counts["supported"] + counts["contradicted"]
    low, high = intervals.wilson(counts["supported"], known)
    return {
        "claim": key[0],
        "slice": key[1],
        "value": key[2],
        "claims_count": sum(counts.values()),
        **{f"{name}_count": count for name, count in counts.items()},
        "true_share": float(intervals.share(counts["supported"], known)),
        "true_share_low": float(low),
        "true_share_high": float(high),
        "differs": differs,
    }


def _worse_p(part: Cells, whole: Cells) -> float:
    """The p-value that a part is contradicted more often than the rest; NaN where there is too little, or it is not."""
    days = whole["day"]
    missed, ended = _per_day(part, days)
    all_missed, all_ended = _per_day(whole, days)
    if not ENOUGH <= ended.sum() <= all_ended.sum() - ENOUGH:
        return float("nan")
    z, p = discoveries.against_rest(missed, ended, all_missed, all_ended)
    return p if z > 0 else 1.0


def _per_day(part: Cells, days: Array) -> tuple[Array, Array]:
    place = {day: index for index, day in enumerate(days.tolist())}
    missed, ended = np.zeros(len(days)), np.zeros(len(days))
    at = [place[day] for day in part["day"].tolist()]
    missed[at] = part["contradicted"]
    ended[at] = part["contradicted"] + part["supported"]
    return missed, ended
