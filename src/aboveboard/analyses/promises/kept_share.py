"""The share of promises kept by their time; those running or cancelled count as far as they were watched.

Time is u = time watched ÷ time allowed, on the promise's own clock, so that promises of different lengths stand
together and every one of them runs out at u = 1. Kept share = 1 − S(1) of the Kaplan–Meier curve. A promise that is
running or was cancelled leaves the count at the u it had reached: it is neither kept nor missed. This assumes that
being cancelled, or being recent, says nothing about whether the promise would have been kept; where customers cancel
because it goes badly the share comes out too high.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis

from aboveboard.analyses.promises import counts
from aboveboard.analyses.shared import arrays, survival

STEPS = 1000
"""u is counted in thousandths: within one, those kept come before those censored."""


@dataclass(frozen=True)
class KeptShare:
    """One slice: how many started, how many ended (kept, late, broken), and the share kept with its 95 % interval."""

    starts_count: int
    ended_count: int
    kept: survival.Estimate


def kept_shares(outcomes: Any, *by: str) -> Iterator[tuple[tuple[Any, ...], KeptShare]]:
    """The kept share of each distinct combination of the `by` columns of the outcomes: (values, KeptShare).

    Starts without a time promised are left out. NaN where nothing is known.
    """
    dated = outcomes.filter(outcomes.outcome.notnull())
    grouped = dated.mutate(step=_step(dated), last=_last(dated)).group_by([*by, "step", "last"])
    table = arrays.cells(grouped.aggregate(count=lambda t: t.count()))
    for key, cells in arrays.groups(table, *by):
        yield key, _kept_share(cells)


def _kept_share(cells: arrays.Cells) -> KeptShare:
    count, kept, missed = cells["count"], cells["last"] == "kept", cells["last"] == "missed"
    # A promise met late ends after 1, where nobody looks: it leaves as one not kept by then.
    curve = survival.curve(cells["step"], count * kept, count * ~kept)
    ended = int(count[kept | missed].sum())
    return KeptShare(int(count.sum()), ended, survival.share_ended(curve, STEPS - 1, of=ended))


def _step(outcomes: Any) -> Any:
    """u in whole thousandths, held on the side of 1 that the outcome says: rounding never moves one across."""
    u = outcomes.minutes_observed / outcomes.minutes_allowed.nullif(0) * STEPS
    # Watched for an unknown time is watched for none; a promise due at once is settled at once.
    steps = ibis.ifelse(outcomes.minutes_allowed > 0, u.coalesce(0), STEPS - 1).floor()
    before = ibis.least(ibis.greatest(steps, 0), STEPS - 1)
    return ibis.cases(
        (outcomes.outcome.isin(counts.MISSED), STEPS),
        (outcomes.outcome == "cancelled", ibis.least(ibis.greatest(steps, 0), STEPS)),
        else_=before,
    ).cast("int64")


def _last(outcomes: Any) -> Any:
    return ibis.cases(
        (outcomes.outcome == "kept", "kept"), (outcomes.outcome.isin(counts.MISSED), "missed"), else_="censored"
    )
