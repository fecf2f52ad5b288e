"""What do customers do after they were let down? Each outcome against peers who were not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from aboveboard.analyses.money.effects import Compared
from aboveboard.analyses.money.histories import OUTCOMES, YES
from aboveboard.analyses.money.study import Cause, Study
from aboveboard.analyses.money.tables import CONSEQUENCES, COST_TO_SERVE
from aboveboard.analyses.shared import arrays, discoveries

RATE = 0.05
MORE, LESS, NONE, TOO_FEW = "more", "less", "no effect shown", "not enough data"
UNITS = {"spent": "money", "refunded": "money", "remedies": "money", "contacts": "count", "contact_minutes": "minutes"}
SERVING = {"refunds": "refunded", "remedies": "remedies", "contact minutes": "contact_minutes"}


def consequences(found: Study) -> Any:
    """One row per cause and outcome: table CONSEQUENCES (see `tables`).

    The effect is that on those let down: augmented inverse probability weighting with five-fold cross-fitting
    (`shared.doubly_robust`), over customers who could have been peers. `e_value` says how strong a confounder that is not
    on record would have to be.
    """
    told = [(cause, outcome, _compared(found, cause, outcome)) for cause in found.causes for outcome in OUTCOMES]
    p_values = [one.effect.p if one is not None and one.effect is not None else np.nan for *_, one in told]
    q_values = discoveries.adjusted(p_values)
    rows = (_row(*each, p=p, q=float(q)) for each, p, q in zip(told, p_values, q_values, strict=True))
    return arrays.rows_to_table(CONSEQUENCES, rows)


def cost_to_serve(found: Study) -> Any:
    """One row per cause and kind of cost that is on record: table COST_TO_SERVE (see `tables`). Counted, not estimated."""
    return arrays.rows_to_table(COST_TO_SERVE, _served(found))


def _compared(found: Study, cause: Cause, outcome: str) -> Compared | None:
    return found.compare(cause, {outcome: 1.0}) if outcome in found.recorded else None


def _row(cause: Cause, outcome: str, one: Compared | None, *, p: float, q: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cause": cause.name,
        "outcome": outcome.replace("_", " "),
        "unit": "share" if outcome in YES else UNITS[outcome],
        "window_days": cause.days,
        "struck_count": 0 if one is None else one.struck,
        "peers_count": 0 if one is None else one.peers,
        "verdict": TOO_FEW,
    }
    if one is None:
        return row
    row |= {"struck_mean": one.struck_mean, "peers_mean": one.peers_mean, "naive": one.struck_mean - one.peers_mean}
    if one.effect is None:
        return row
    e_value, limit = one.e_values()
    return row | {
        "effect": one.effect.value,
        "effect_low": one.effect.low,
        "effect_high": one.effect.high,
        "overlap_share": one.effect.overlap,
        "effective_count": one.effect.effective,
        "p": p,
        "q": q,
        "e_value": e_value,
        "e_value_limit": limit,
        "verdict": NONE if not q <= RATE else MORE if one.effect.value > 0 else LESS,
    }


def _served(found: Study) -> Iterator[dict[str, Any]]:
    for cause in found.causes:
        peers = cause.peers
        if peers is None or not peers.sum("n", struck=True):
            continue
        struck, others = (peers.sum("n", struck=side) for side in (True, False))
        for kind, outcome in SERVING.items():
            if outcome in found.recorded:
                yield {
                    "cause": cause.name,
                    "kind": kind,
                    "struck_count": int(struck),
                    "sum": peers.sum(outcome, struck=True),
                    "mean": peers.sum(outcome, struck=True) / struck,
                    "peers_mean": peers.sum(outcome, struck=False) / others if others else None,
                }
