"""What does it cost? Money lost with the customers who were let down, per promise and per problem."""

from __future__ import annotations

from typing import Any

import numpy as np

from aboveboard.analyses.money.cases import PROBLEM, PROMISE
from aboveboard.analyses.money.study import Cause, Study
from aboveboard.analyses.money.tables import VALUE_AT_STAKE
from aboveboard.analyses.shared import arrays

COSTS, NONE, TOO_FEW = "costs", "no cost shown", "not enough data"
SPENT, LEFT, NO_BASIS = "spent", "left", "none"
LEAST_AGAIN, LEAST_LEFT = 0.05, 20
"""Custom is read from what is spent where so many peers buy again; else from who leaves, where so many have left."""
LEAST_DAYS = 28
GIVEN, SAID, PAID = "given", "customer.left", "paid so far"


def value_at_stake(found: Study, *, worth: float | None = None, minute_cost: float | None = None) -> Any:
    """One row per cause: table VALUE_AT_STAKE (see `tables`).

    For each customer one sum is made: money no longer spent (or, where customers seldom buy twice, `worth` for who left),
    plus refunds and remedies, plus contact minutes at `minute_cost` where that is given. The effect of being let down on
    this sum is estimated at once (as in `consequences`), so that its interval knows how the parts go together, and taken
    for every customer let down. `worth` in money takes the place of what the record says a customer is worth.
    """
    return arrays.rows_to_table(
        VALUE_AT_STAKE, [_row(found, cause, worth=worth, minute_cost=minute_cost) for cause in found.causes]
    )


def _row(found: Study, cause: Cause, *, worth: float | None, minute_cost: float | None) -> dict[str, Any]:
    of_promise = cause.name.startswith(PROMISE)
    name = cause.name.removeprefix(PROMISE if of_promise else PROBLEM)
    entry = found.playbook.promises.get(name) if of_promise else None
    row: dict[str, Any] = {
        "cause": cause.name,
        "promise": name if of_promise else None,
        "problem": None if of_promise else name,
        "owner": entry.owner if entry else None,
        "struck_count": cause.struck,
        "followed_count": 0,
        "window_days": cause.days,
        "basis": NO_BASIS,
        "verdict": TOO_FEW,
        "not_identified": "Too few customers were let down and followed, or too few like them were not, to tell.",
    }
    if cause.peers is None:
        return row
    basis, each, source = _basis(found, cause, worth)
    weights = _weights(found, basis, each, minute_cost)
    one = found.compare(cause, weights) if weights else None
    row |= {"basis": basis, "followed_count": int(cause.peers.sum("n", struck=True))}
    row |= {"refunded_sum": _refunded(found, cause), "worth": each if basis == LEFT else None}
    row["worth_from"] = source if basis == LEFT else None
    if not weights:
        row["not_identified"] = (
            "Few buy again and few are known to have left: lost custom cannot be read from the record."
        )
    if one is None or one.effect is None:
        return row
    _, limit = one.e_values()
    effect, yearly = one.effect, 365 / found.days if found.days >= LEAST_DAYS else np.nan
    return row | {
        "value_each": effect.value,
        "value_each_low": effect.low,
        "value_each_high": effect.high,
        "value": cause.struck * effect.value,
        "low": cause.struck * effect.low,
        "high": cause.struck * effect.high,
        "value_yearly": cause.struck * effect.value * yearly,
        "e_value_limit": limit,
        "not_identified": _not_identified(basis, limit, cause.days),
        "verdict": COSTS if effect.low > 0 else NONE,
    }


def _basis(found: Study, cause: Cause, worth: float | None) -> tuple[str, float, str | None]:
    """What lost custom is read from, what a customer is worth, and who says so."""
    peers = cause.peers
    assert peers is not None
    again = peers.sum("bought_again", struck=False) / max(peers.sum("n", struck=False), 1.0)
    if worth is None and "spent" in found.recorded and again >= LEAST_AGAIN:
        return SPENT, np.nan, None
    paid = peers.sum("paid", struck=True) / max(peers.sum("n", struck=True), 1.0)
    offers = ((worth, GIVEN), (found.left_value, SAID), (paid, PAID))
    each, source = next(((v, s) for v, s in offers if v is not None and v > 0), (np.nan, None))
    left = sum(peers.sum("left", struck=side) for side in (True, False))
    enough = "left" in found.recorded and left >= LEAST_LEFT and not np.isnan(each)
    return (LEFT, float(each), source) if enough else (NO_BASIS, np.nan, None)


def _weights(found: Study, basis: str, worth: float, minute_cost: float | None) -> dict[str, float]:
    weights = {SPENT: {"spent": -1.0}, LEFT: {"left": worth}}.get(basis, {})
    weights |= {name: 1.0 for name in ("refunded", "remedies") if name in found.recorded}
    if minute_cost is not None and "contact_minutes" in found.recorded:
        weights["contact_minutes"] = minute_cost
    return weights


def _refunded(found: Study, cause: Cause) -> float | None:
    assert cause.peers is not None
    named = [name for name in ("refunded", "remedies") if name in found.recorded]
    return sum(cause.peers.sum(name, struck=True) for name in named) if named else None


def _not_identified(basis: str, limit: float, days: int | None) -> str:
    """What the number cannot say."""
    beyond = {
        SPENT: f"what they would have spent after {days} days is not in it",
        LEFT: f"who leaves after {days} days is not in it, and what a customer is worth is an assumption",
        NO_BASIS: "lost custom is not in it, for neither leaving nor buying again is on record often enough",
    }[basis]
    doubt = (
        "the interval holds nothing"
        if not limit > 1
        else f"something that nobody wrote down, tied to both by a risk ratio of {limit:.1f}, would explain it away"
    )
    return f"Customers differ in ways that are not on record: {doubt}; {beyond}."
