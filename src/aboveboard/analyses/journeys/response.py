"""Who answered, and who did not? The share that answers, and how the record of the others differs from theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.journeys.answers import given
from aboveboard.analyses.journeys.tables import RESPONSE
from aboveboard.analyses.shared import arrays, discoveries, horizon, intervals
from aboveboard.playbook.model import Playbook

ASKED = ("survey.asked", "survey.sent")
"""Events that say that a customer was asked; `outcome` names the measure."""
ALL, MISSED, KEPT, NONE = "all", "a promise was missed", "promises were kept", "no promise ended"
ENOUGH = 20


def response(events: Any, playbook: Playbook, *, promises: Any | None = None, as_of: datetime | None = None) -> Any:
    """One row per measure and record of the customer: table RESPONSE (see `tables`).

    Who could have answered: the customers asked (`survey.asked` or `survey.sent` of the measure) where the ledger says so,
    else every customer in it. `promises` is the table of promise outcomes where it has been made: customers are then told
    apart by whether a promise to them was missed, all were kept, or none ended. `standardised_score` is what the score
    would be if in each of these groups those who are silent thought as those who answered (post-stratification; Holt, D.
    and Smith, T. M. F. (1979). JRSS A 142, 33–46): it mends what differs between the groups and nothing within them.
    """
    if not playbook.measures:
        return arrays.rows_to_table(RESPONSE, [])
    timed, _ = horizon.until(events, as_of)
    rated = given(events, playbook, as_of=as_of)
    mine = rated.filter(rated.customer.notnull())
    answered = mine.group_by(["measure", "customer"]).aggregate(quality=mine.quality.mean())
    could = _could(timed, playbook)
    held = could.left_join(answered, ["measure", "customer"]).drop("measure_right", "customer_right")
    grouped = _with_record(held, promises)
    cells = arrays.cells(
        grouped.group_by(["measure", "basis", "record"]).aggregate(
            customers=grouped.count().cast("float64"),
            answered=grouped.quality.count().cast("float64"),
            total=grouped.quality.sum().cast("float64"),
        )
    )
    rows = (row for (name, basis), one in arrays.groups(cells, "measure", "basis") for row in _rows(name, basis, one))
    return arrays.rows_to_table(RESPONSE, rows)


def _could(timed: Any, playbook: Playbook) -> Any:
    """Who could have answered, per measure that was answered or asked: measure, customer, basis."""
    known = timed.filter(timed.customer.notnull())
    names = list(playbook.measures)
    asked = known.filter(known.type.isin(list(ASKED)), known.outcome.isin(names))
    told = asked.select(measure="outcome", customer="customer").distinct()
    # Who answered was asked, even where nobody wrote it down.
    answers = known.filter((known.type == "survey.answered") & known.outcome.isin(names))
    given_ = answers.select(measure="outcome", customer="customer").distinct()
    with_asking = told.select("measure").distinct()
    by_asking = ibis.union(told, given_.semi_join(with_asking, "measure"), distinct=True).mutate(
        basis=ibis.literal("asked")
    )
    others = given_.select("measure").distinct().anti_join(with_asking, "measure")
    seen = others.cross_join(known.select("customer").distinct()).mutate(basis=ibis.literal("seen"))
    return ibis.union(by_asking, seen.select(*by_asking.columns), distinct=False)


def _with_record(held: Any, promises: Any | None) -> Any:
    if promises is None:
        return held.mutate(record=ibis.literal(NONE))
    ended = promises.filter(promises.outcome.isin(["kept", "late", "broken"]), promises.customer.notnull())
    each = ended.group_by("customer").aggregate(missed=(ended.outcome != "kept").ifelse(1, 0).max())
    joined = held.left_join(each, "customer")
    record = ibis.cases((joined.missed == 1, MISSED), (joined.missed == 0, KEPT), else_=NONE)
    return joined.mutate(record=record).select(*held.columns, "record")


def _rows(name: str, basis: str, cells: arrays.Cells) -> Iterator[dict[str, Any]]:
    customers, answered, total = cells["customers"], cells["answered"], cells["total"]
    parts = {record: at for at, record in enumerate(cells["record"])}
    with np.errstate(divide="ignore", invalid="ignore"):
        means = 100 * total / np.where(answered > 0, answered, np.nan)
    # Where a group is silent altogether, nothing stands for it.
    standard = float((customers * means).sum() / customers.sum()) if len(parts) > 1 else None
    both = [parts[one] for one in (MISSED, KEPT) if one in parts]
    p_value = _p_value(answered[both], customers[both]) if len(both) == 2 else np.nan
    whole = (
        float(answered.sum()),
        float(customers.sum()),
        100 * float(np.nansum(total)) / max(float(answered.sum()), 1.0),
    )
    yield _row(name, basis, ALL, *whole) | {
        "standardised_score": standard, "p_value": p_value, "differs": bool(p_value < 0.05)
    }  # fmt: skip
    if len(parts) > 1:
        for record in (MISSED, KEPT, NONE):
            if record in parts:
                at = parts[record]
                yield _row(name, basis, record, answered[at], customers[at], means[at])


def _row(name: str, basis: str, record: str, answered: float, customers: float, score: float) -> dict[str, Any]:
    low, high = intervals.wilson(answered, customers)
    return {
        "measure": name,
        "record": record,
        "basis": basis,
        "customers_count": int(customers),
        "answered_count": int(answered),
        "response_share": answered / customers,
        "response_share_low": float(low),
        "response_share_high": float(high),
        "score": score if answered else None,
        "differs": False,
    }


def _p_value(answered: Any, customers: Any) -> float:
    """That both groups answer as often, two-sided; NaN below 20 customers in either."""
    if customers.min() < ENOUGH:
        return float("nan")
    shares, pooled = answered / customers, answered.sum() / customers.sum()
    error = np.sqrt(pooled * (1 - pooled) * (1 / customers).sum())
    return discoveries.two_sided(float((shares[0] - shares[1]) / error)) if error > 0 else 1.0
