"""How are we rated? Every measure by its own rule: over all, and by touchpoint, channel and team."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.journeys import scales
from aboveboard.analyses.journeys.answers import claimed, given, whose
from aboveboard.analyses.journeys.scales import DETRACTOR, PROMOTER, Score
from aboveboard.analyses.journeys.tables import MEASURES
from aboveboard.analyses.shared import arrays, discoveries
from aboveboard.playbook.model import Measure, Playbook

ALL = "all"
SLICES = ("touchpoint", "channel", "team")
ENOUGH = 20
"""Customers on either side of a comparison, below which there is none."""
_OF = ("value", "good", "net")
"""What is summed per customer: the answer, whether it is good, and promoter less detractor."""


def measures(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per measure, slice and value: table MEASURES (see `tables`).

    Customers are the witnesses: where they answer more than once, the variance is the greater of the one that the formula
    gives and the linearised one with customers as clusters (Cochran 1977, Sampling Techniques, 3rd ed., section 6.4). A part
    is compared with the rest of its slice by a normal test of the two scores, at a false-discovery rate of 5 % over the
    parts; customers on both sides make it cautious. The engine sums, numpy sees a row per part.
    """
    if not playbook.measures:
        return arrays.rows_to_table(MEASURES, [])
    found = arrays.cells(sums(given(events, playbook, as_of=as_of)))
    told = claimed(events, playbook, as_of=as_of)
    off = arrays.cells(told.group_by(measure=told.outcome).aggregate(n=told.count()))
    claims = dict(zip(off["measure"], off["n"].tolist(), strict=True))
    rows = [
        row
        for (name, cut), cells in arrays.groups(found, "measure", "slice")
        for row in _rows(playbook.measures[name], cut, cells, claims)
    ]
    return arrays.rows_to_table(MEASURES, rows)


def sums(rated: Any, **more: Any) -> Any:
    """One row per measure, slice and value: what every score and its variance are made of.

    `more` are further columns to cut by (name → value expression), in place of touchpoint, channel and team.
    """
    nets = ibis.cases((rated.value >= PROMOTER, 1.0), (rated.value <= DETRACTOR, -1.0), else_=0.0)
    cuts = more or {name: rated[name] for name in SLICES}
    each = rated.mutate(
        whose=whose(rated), net=nets, good_=rated.good.ifelse(1.0, 0.0), **{f"by_{n}": v for n, v in cuts.items()}
    )
    alone = each.group_by(["measure", "whose", *(f"by_{name}" for name in cuts)]).aggregate(
        n=each.count().cast("float64"),
        promoters=(each.value >= PROMOTER).ifelse(1, 0).sum(),
        detractors=(each.value <= DETRACTOR).ifelse(1, 0).sum(),
        value=each.value.sum(),
        value_2=(each.value * each.value).sum(),
        quality=each.quality.sum(),
        quality_2=(each.quality * each.quality).sum(),
        good=each.good_.sum(),
        net=each.net.sum(),
    )
    parts = [] if more else [_summed(alone, ALL, ibis.literal(ALL))]
    parts += [_summed(alone.filter(alone[f"by_{name}"].notnull()), name, None) for name in cuts]
    return reduce(lambda one, other: ibis.union(one, other, distinct=False), parts)


def _summed(alone: Any, cut: str, value: Any) -> Any:
    by = {"value_": alone[f"by_{cut}"] if value is None else value}
    names = ("n", "promoters", "detractors", "value", "value_2", "quality", "quality_2", "good", "net")
    each = (
        alone.mutate(**by)
        .group_by(["measure", "whose", "value_"])
        .aggregate(**{name: alone[name].sum().cast("float64") for name in names})
    )
    products = {f"n_{name}": (each.n * each[name]).sum() for name in ("n", "quality", *_OF)}
    squares = {f"{name}_{name}": (each[name] * each[name]).sum() for name in ("quality", *_OF)}
    return (
        each.group_by(["measure", "value_"])
        .aggregate(
            customers=each.count().cast("float64"), **{name: each[name].sum() for name in names}, **products, **squares
        )
        .mutate(slice=ibis.literal(cut))
    )


def clustered_variance(cells: Any, name: str) -> Any:
    """The variance of the mean of `name` with customers as clusters; NaN below two customers. Columns as `sums` gives them."""
    n, customers = cells["n"], cells["customers"]
    middle = cells[name] / n
    spread = cells[f"{name}_{name}"] - 2 * middle * cells[f"n_{name}"] + middle * middle * cells["n_n"]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where all answers are one and the same, rounding may leave less than nothing.
        return np.where(customers > 1, np.maximum(spread, 0) / (n * n) * customers / (customers - 1), np.nan)


def score(measure: Measure, cells: arrays.Cells, at: int) -> Score:
    """The score of one row of `sums`."""
    one = {name: column[at : at + 1] for name, column in cells.items() if name not in ("measure", "slice", "value_")}
    n, customers = float(one["n"][0]), float(one["customers"][0])
    which = scales.kind(measure)
    if which == "nps":
        p, d = float(one["promoters"][0]), float(one["detractors"][0])
        plain = (p + d - (p - d) ** 2 / n) / n / n
        return scales.nps(p, d, n, design_effect=_design_effect(one, "net", plain))
    if which == "csat":
        good = float(one["good"][0])
        return scales.share(good, n, design_effect=_design_effect(one, "good", good * (n - good) / n**3))
    error = float(np.sqrt(clustered_variance(one, "value")[0]))
    return scales.mean(float(one["value"][0]) / n, error, customers, measure.scale)


def _design_effect(one: arrays.Cells, name: str, plain: float) -> float:
    if one["customers"][0] >= one["n"][0] or plain <= 0:
        return 1.0
    clustered = float(clustered_variance(one, name)[0])
    # One customer who answers often is one witness.
    return float(one["n"][0]) if np.isnan(clustered) else max(1.0, clustered / plain)


def _rows(measure: Measure, cut: str, cells: arrays.Cells, claims: dict[str, int]) -> Iterator[dict[str, Any]]:
    order = np.argsort(cells["value_"].astype(str))
    cells = {name: column[order] for name, column in cells.items()}
    scores = [score(measure, cells, at) for at in range(len(order))]
    rest, p_values = _against_rest(cells, scores)
    differs = discoveries.benjamini_hochberg(p_values)
    which = scales.kind(measure)
    for at, one in enumerate(scores):
        n = cells["n"][at]
        row = {
            "measure": measure.name,
            "kind": which,
            "slice": cut,
            "value": cells["value_"][at],
            "formula": scales.formula(measure),
            "unit": scales.UNITS[which],
            "answers_count": int(n),
            "customers_count": int(cells["customers"][at]),
            "off_scale_count": int(claims[measure.name] - n) if cut == ALL else None,
            "score": one.value,
            "score_low": one.low,
            "score_high": one.high,
            "standard_error": one.error,
            "rest_score": rest[at],
            "p_value": p_values[at],
            "differs": bool(differs[at]),
        }
        yield row | _counts(measure, cells, at)


def _counts(measure: Measure, cells: arrays.Cells, at: int) -> dict[str, Any]:
    one = {name: float(column[at]) for name, column in cells.items() if column.dtype == float}
    more: dict[str, Any] = {"mean": one["value"] / one["n"]}
    if measure.good_from is not None:
        plain = one["good"] * (one["n"] - one["good"]) / one["n"] ** 3
        alone = {name: column[at : at + 1] for name, column in cells.items()}
        good = scales.share(one["good"], one["n"], design_effect=_design_effect(alone, "good", plain))
        more |= {"good_count": int(one["good"]), "good_share": good.value, "good_share_low": good.low}
        more["good_share_high"] = good.high
    if scales.kind(measure) == "nps":
        passives = one["n"] - one["promoters"] - one["detractors"]
        more |= {"promoters_count": int(one["promoters"]), "detractors_count": int(one["detractors"])}
        more["passives_count"] = int(passives)
    return more


def _against_rest(cells: arrays.Cells, scores: list[Score]) -> tuple[Any, Any]:
    """The score of all the other parts, and the p-value that this one's is the same; NaN where there is too little."""
    n, customers = cells["n"], cells["customers"]
    value, error = (np.array([getattr(one, name) for one in scores]) for name in ("value", "error"))
    others, known = n.sum() - n, np.nan_to_num(error)
    weight = np.where(others > 0, others, np.nan)
    rest = ((n * value).sum() - n * value) / weight
    rest_error = np.sqrt(np.maximum(((n * known) ** 2).sum() - (n * known) ** 2, 0)) / weight
    both = np.sqrt(known**2 + rest_error**2)
    tested = (customers >= ENOUGH) & (customers.sum() - customers >= ENOUGH) & (np.nan_to_num(both) > 0)
    p_values = np.full(len(n), np.nan)
    p_values[tested] = [discoveries.two_sided(z) for z in (value - rest)[tested] / both[tested]]
    return rest, p_values
