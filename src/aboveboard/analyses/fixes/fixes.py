"""Did the fix work? One row per release, and one per week of each for the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from aboveboard.analyses.fixes import saying
from aboveboard.analyses.fixes.judging import Estimate
from aboveboard.analyses.fixes.series import Series
from aboveboard.analyses.fixes.studies import Study, weekly
from aboveboard.analyses.fixes.tables import FIXES, SERIES
from aboveboard.analyses.shared import arrays

Row = dict[str, Any]


def fixes(studies: Sequence[Study]) -> Any:
    """Judge every fix that was studied: table FIXES (see `tables`)."""
    return arrays.rows_to_table(FIXES, (_named(one) | _judged(one) for one in studies))


def weeks(studies: Sequence[Study]) -> Any:
    """What happened week by week, and what would have without the change: table SERIES (see `tables`)."""
    return arrays.rows_to_table(SERIES, (row for one in studies for row in _weeks(one)))


def _named(one: Study) -> Row:
    release = one.release
    return {
        "fix": release.fix,
        "problem": release.problem,
        "rule": release.rule,
        "says": release.says,
        "part": release.part,
        "released_at": release.released_at,
        "measure": one.measure,
        "criterion": release.criterion.kind,
        "criterion_value": release.criterion.value,
        "criterion_from": release.criterion.source,
        "window_weeks": one.window,
        "window_from": release.window_source,
        "verdict": one.verdict,
        "because": saying.because(one),
    }


def _judged(one: Study) -> Row:
    series, plan = one.series, one.plan
    if series is None or plan is None:
        return {}
    seen = series.first(plan.weeks)
    past = seen.place < 0
    row: Row = {
        "period": "week" if series.days == 7 else "day",
        "before_weeks": series.weeks_before,
        "after_weeks": seen.known,
        "control": series.control_name,
        "trend": series.trend,
        "breakdowns_before_count": int(seen.bad[past].sum()),
        "breakdowns_after_count": int(seen.bad[~past].sum()),
        "rate_before": seen.bad[past].sum() / seen.size[past].sum(),
        "needed_weeks": plan.needed,
        "power_share": plan.power,
    }
    if one.shown:
        row["shown_at"] = one.week_at(one.shown[0])
    if one.back_week is not None:
        row["came_back_at"] = one.week_at(one.back_week + 1)
    if one.estimate:
        row["rate_after"] = seen.bad[~past].sum() / seen.size[~past].sum()
        row |= _estimated(one.estimate)
    return row


def _estimated(found: Estimate) -> Row:
    names = ("", "_low", "_high")
    return {
        "expected": found.expected,
        "correlation": found.rho,
        **{f"effect{end}": value for end, value in zip(names, found.effect, strict=True)},
        **{f"reduced_share{end}": value for end, value in zip(names, found.reduced, strict=True)},
    }


def _weeks(one: Study) -> Iterator[Row]:
    series, plan = one.series, one.plan
    if series is None or plan is None:
        return
    bad, size = (np.concatenate(weekly(series, values)) for values in (series.bad, series.size))
    band = _band(series.first(plan.weeks), one.estimate) if one.estimate else {}
    for number, week in enumerate(range(-series.weeks_before, series.known)):
        expected, reach = band.get(week, (np.nan, np.nan))
        yield {
            "fix": one.release.fix,
            "problem": one.release.problem,
            "week": week,
            "week_start_at": one.week_at(week),
            "after": week >= 0,
            "in_window": 0 <= week < plan.weeks,
            "breakdowns_count": int(bad[number]),
            "cases_count": int(size[number]) if series.share else None,
            "rate": bad[number] / size[number] if size[number] else None,
            "expected": expected,
            "expected_low": max(0.0, expected - reach) if week >= 0 else None,
            "expected_high": (min(1.0, expected + reach) if series.share else expected + reach) if week >= 0 else None,
        }


def _band(seen: Series, found: Estimate) -> dict[int, tuple[float, float]]:
    """By week: the expected rate without the change, and how far 95 of 100 weeks would lie from it.

    The band holds both what is not known of the expected rate and what a single week strays by.
    """
    past = seen.place < 0
    level = seen.size[past].mean()
    week_of = seen.place * seen.days // 7
    band: dict[int, tuple[float, float]] = {}
    for week in np.unique(week_of):
        mine = week_of == week
        weight = seen.size[mine] / seen.size[mine].sum()
        row = weight @ found.columns[mine]
        # Days of one week are alike: their mean strays by more than that of so many strangers.
        gaps = np.abs(np.subtract.outer(seen.place[mine], seen.place[mine]))
        own = found.spread**2 * level / seen.size[mine]
        strays = weight @ (np.sqrt(np.outer(own, own)) * found.rho**gaps) @ weight
        band[int(week)] = float(row @ found.values), found.reach * float(np.sqrt(row @ found.covariance @ row + strays))
    return band
