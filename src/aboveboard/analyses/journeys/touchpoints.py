"""Where do journeys lose points? Every touchpoint's mean answer with its interval, set against the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.journeys.answers import answers
from aboveboard.analyses.journeys.tables import TOUCHPOINTS
from aboveboard.analyses.shared import arrays, discoveries, intervals
from aboveboard.playbook.model import Playbook

ENOUGH = 20
"""Customers on either side of a comparison, below which there is none."""

Floats = Any  # a numpy array of float64


def touchpoints(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per touchpoint and measure: table TOUCHPOINTS (see `tables`).

    The mean is a ratio over customers, who answer several times and much alike: its variance is the linearised one
    with customers as clusters (Cochran 1977, Sampling Techniques, 3rd ed., section 6.4), its interval Student's t with as many
    degrees of freedom as customers less one. Against the others: the difference of two such means, normal; customers who
    rate both sides make the test cautious rather than bold. The engine sums, numpy sees a row per touchpoint.
    """
    rated = answers(events, playbook, as_of=as_of)
    whose = rated.mutate(whose=ibis.coalesce(rated.customer, rated.subject, rated.event))
    each = whose.group_by(["measure", "touchpoint", "whose"]).aggregate(
        n=whose.count().cast("float64"),
        total=whose.quality.sum(),
        best=(whose.quality == 1).ifelse(1, 0).sum(),
        good=whose.good.ifelse(1, 0).sum(),
    )
    sums = each.group_by(["measure", "touchpoint"]).aggregate(
        customers=each.count(),
        n=each.n.sum(),
        total=each.total.sum(),
        best=each.best.sum(),
        good=each.good.sum(),
        n_n=(each.n * each.n).sum(),
        n_total=(each.n * each.total).sum(),
        total_total=(each.total * each.total).sum(),
    )
    found = arrays.groups(arrays.cells(sums), "measure")
    rows = (row for (measure,), cells in found for row in _rows(measure, cells, playbook))
    return arrays.rows_to_table(TOUCHPOINTS, rows)


def _rows(measure: str, cells: arrays.Cells, playbook: Playbook) -> Iterator[dict[str, Any]]:
    order = np.argsort(cells["touchpoint"].astype(str))
    cells = {name: column[order] for name, column in cells.items()}
    n, mean, error = _means(cells)
    lost = n * (1 - mean)
    rest, p_values = _against_rest(cells["customers"].astype(float), n, mean, error)
    differs = discoveries.benjamini_hochberg(p_values)
    low, high = _interval(mean, error, cells["customers"])
    shares = {"best": cells["best"]}
    if playbook.measures[measure].good_from is not None:
        shares["good"] = cells["good"]
    for at, touchpoint in enumerate(cells["touchpoint"]):
        yield {
            "touchpoint": touchpoint,
            "measure": measure,
            "answers_count": int(n[at]),
            "customers_count": int(cells["customers"][at]),
            "score": 100 * mean[at],
            "score_low": 100 * low[at],
            "score_high": 100 * high[at],
            "points_lost_share": lost[at] / lost.sum() if lost.sum() > 0 else None,
            "rest_score": 100 * rest[at],
            "p_value": p_values[at],
            "differs": bool(differs[at]),
            **{key: value for name, counts in shares.items() for key, value in _share(name, counts[at], n[at])},
        }


def _share(name: str, count: float, n: float) -> list[tuple[str, Any]]:
    low, high = intervals.wilson(count, n)
    columns = (f"{name}_count", f"{name}_share", f"{name}_share_low", f"{name}_share_high")
    return list(zip(columns, (int(count), count / n, float(low), float(high)), strict=True))


def _means(cells: arrays.Cells) -> tuple[Floats, Floats, Floats]:
    """Answers, mean and standard error of each touchpoint; the error is NaN where one customer answered."""
    n, customers = cells["n"], cells["customers"].astype(float)
    mean = cells["total"] / n
    spread = cells["total_total"] - 2 * mean * cells["n_total"] + mean * mean * cells["n_n"]
    # Where all answers are one and the same, rounding may leave less than nothing.
    variance = (
        np.maximum(spread, 0)
        / (n * n)
        * np.divide(customers, customers - 1, out=np.full(len(n), np.nan), where=customers > 1)
    )
    return n, mean, np.sqrt(variance)


def _interval(mean: Floats, error: Floats, customers: Floats) -> tuple[Floats, Floats]:
    from scipy import special

    reach = special.stdtrit(np.maximum(customers - 1, 1), 0.975) * error
    return np.maximum(mean - reach, 0), np.minimum(mean + reach, 1)


def _against_rest(customers: Floats, n: Floats, mean: Floats, error: Floats) -> tuple[Floats, Floats]:
    """The mean of all other touchpoints, and the p-value that this one's is the same."""
    others = n.sum() - n
    rest = np.divide((n * mean).sum() - n * mean, others, out=np.full(len(n), np.nan), where=others > 0)
    known = np.nan_to_num(error)
    rest_error = np.sqrt(np.maximum(((n * known) ** 2).sum() - (n * known) ** 2, 0)) / np.where(others > 0, others, 1)
    both = np.sqrt(known**2 + rest_error**2)
    tested = (customers >= ENOUGH) & (customers.sum() - customers >= ENOUGH) & (both > 0)
    p_values = np.full(len(n), np.nan)
    p_values[tested] = [discoveries.two_sided(z) for z in (mean - rest)[tested] / both[tested]]
    return rest, p_values
