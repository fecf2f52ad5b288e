"""Has an employee's service changed, and since when?

The height of the sum now says how far the record has climbed away from what it was; how rare such a height is in steady records
(`people_limits`) is the p-value. It counts only as far as it stands with *any one day struck out*: so that whatever happened on one
day, a verdict that would not be there without that day is not there with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.attribution import people_charts
from aboveboard.analyses.attribution.people_limits import Limits
from aboveboard.analyses.attribution.people_periods import Records
from aboveboard.analyses.shared import intervals
from aboveboard.analyses.shared.arrays import Array, Cells

WORTH_A_LOOK = 0.05
"""Only where the height with all days is rarer than this are days struck out."""
HALF_YEAR = 26


@dataclass(frozen=True)
class Shifts:
    """Per employee: `chance` of such a height in a steady record, every day struck out in turn; `start`, the period from which it
    climbs; `height` now, all days counted."""

    chance: Array
    start: Array
    height: Array


def shifts(
    records: Records, chart: people_charts.Chart, days: Cells, sigma: Array, between: float, known: Limits
) -> Shifts:
    """From the chart and the days (`people_single_days.by_day`), of which each is struck out where it matters."""
    last = np.maximum(records.lengths - 1, 0)
    rows = np.arange(len(last))
    height = chart.climb[rows, last]
    # After its last 0 the sum has only climbed: there the change began.
    flat = np.where((chart.climb <= 0) & (records.n > 0), np.arange(records.n.shape[1]), -1)
    start = np.minimum(flat.max(axis=1, initial=-1) + 1, last)
    chance = known.rarity(height)
    for who in np.flatnonzero((chance <= WORTH_A_LOOK) & (height > 0)).tolist():
        lowest = _struck_out(records, who, int(start[who]), days, sigma[who], between)
        chance[who] = known.rarity(np.array([lowest]))[0]
    return Shifts(chance, start, height)


def _struck_out(records: Records, who: int, start: int, days: Cells, sigma: float, between: float) -> float:
    """The lowest that the height comes to when one of the days since `start` is left out."""
    place = np.flatnonzero((days["who"] == who) & (days["period"] >= start))
    copies = records.only(np.full(len(place), who))
    row, period = np.arange(len(place)), days["period"][place]
    for name in ("n", "good", "expected", "spread"):
        getattr(copies, name)[row, period] -= days[name][place]
    emptied = copies.n < 0.5
    for name in ("n", "good", "expected", "spread"):
        getattr(copies, name)[emptied] = 0.0
    chart = people_charts.chart(copies, np.full(len(place), sigma), between)
    return float(chart.climb[:, records.lengths[who] - 1].min())


def visible(records: Records, sigma: Array, share: float, limit: float, now_week: int) -> Array:
    """The fall of the share that would raise an alarm within half a year in about half of all cases; NaN where none would."""
    recent = (records.n > 0) & (records.first_week > now_week - HALF_YEAR)
    periods = recent.sum(axis=1)
    contacts = np.where(recent, records.n, 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = people_charts.ALLOWANCE + limit / periods
        fall = needed * sigma * np.sqrt(share * (1 - share) * periods / contacts)
    seen: Array = np.where((periods > 0) & (needed < people_charts.CLIP) & (fall < share), fall, np.nan)
    return seen


def since(records: Records, who: int, start: int, sigma: float, share: float) -> dict[str, float]:
    """What share was resolved from `start` on, adjusted, with its interval."""
    n, good, wanted, spread = (
        part[who, start:].sum() for part in (records.n, records.good, records.expected, records.spread)
    )
    off = float(np.clip((good - wanted) / spread, -3, 3))
    for _ in range(20):
        moved = people_charts.levelled(np.array([wanted / n]), np.array([off]))[0]
        off += float(np.clip((good - n * moved) / max(n * moved * (1 - moved), 1e-9), -1, 1))
        off = float(np.clip(off, -6, 6))
    reach = intervals.Z95 * sigma / np.sqrt(max(n * moved * (1 - moved), 1e-9))
    middle, low, high = people_charts.levelled(np.full(3, share), np.array([off, off - reach, off + reach]))
    return {"since_count": int(n), "since_share": middle, "since_share_low": low, "since_share_high": high}
