"""What is overall satisfaction made of? Each touchpoint's part of what can be explained, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.journeys import permuting, shares
from aboveboard.analyses.journeys.driver_cases import Cases, cases
from aboveboard.analyses.journeys.tables import DRIVERS
from aboveboard.analyses.shared import arrays, discoveries
from aboveboard.playbook.model import Playbook

Floats = npt.NDArray[np.float64]

TIMES = 600
"""Bootstrap replicates."""
RATE = 0.05
ENOUGH, TOO_FEW = "known", "not enough data"
_SEED = 47


def drivers(events: Any, playbook: Playbook, *, promises: Any | None = None, as_of: datetime | None = None) -> Any:
    """One row per overall measure and driver: table DRIVERS (see `tables`).

    The outcome is the answer that names no touchpoint; the drivers are the answers at touchpoints on the same subject, each
    on its own measure, and whether promises on it were kept where `promises` (their outcomes) is given. R² is divided by
    `shares.lmg`. A yes-or-no outcome is treated in the same way: shares are of the variance of yes and no (a linear
    probability model), not of log odds.

    Intervals are percentiles of 600 bootstrap replicates over 256 blocks of customers, so that a customer's answers stay
    together (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 8 and 13). `p_value` is of a permutation test of
    what the driver adds when it enters last (`permuting`): a share can be large only because a driver goes along
    with another, and then this p-value is large too. `drives` is by a false-discovery rate of 5 % over the drivers of the measure.
    """
    rows = [row for one in cases(events, promises, playbook, as_of=as_of) for row in _rows(one)]
    return arrays.rows_to_table(DRIVERS, rows)


def _rows(one: Cases) -> Iterator[dict[str, Any]]:
    told = {
        "measure": one.measure,
        "outcome_kind": "yes or no" if one.values == 2 else "scale",
        "overall_count": one.overall,
        "cases_count": one.count,
        "customers_count": one.customers,
        "drivers_count": len(one.drivers),
    }
    if one.is_enough:
        yield from (told | row | {"verdict": ENOUGH} for row in _estimates(one))
        rest = one.left_out
    else:
        rest = (*one.drivers, *one.left_out)
    for each in rest:
        yield told | {
            "driver": each.name, "driver_measure": each.measure, "known_count": each.known, "verdict": TOO_FEW, "drives": False
        }  # fmt: skip


def _estimates(one: Cases) -> Iterator[dict[str, Any]]:
    total = one.sums.sum(axis=0)
    covariance = covariances(total)
    found = shares.lmg(covariance)
    explained = float(found.sum())
    p_values = permuting.approximated(covariance, one.customers) if one.rows is None else permuting.p_values(one.rows)
    q_values = discoveries.adjusted(p_values)
    parts, ends, slopes, slope_ends = _bootstrapped(one, found, covariance)
    means = total[0, 1:-1] / total[0, 0]
    for at, each in enumerate(one.drivers):
        yield {
            "driver": each.name,
            "driver_measure": each.measure,
            "known_count": each.known,
            "share": parts[at],
            "share_low": ends[0][at],
            "share_high": ends[1][at],
            "r2_part": found[at],
            "r2": explained,
            "slope": slopes[at],
            "slope_low": slope_ends[0][at],
            "slope_high": slope_ends[1][at],
            "driver_score": 100 * means[at],
            "p_value": p_values[at],
            "q_value": q_values[at],
            "drives": bool(q_values[at] <= RATE),
        }


def _bootstrapped(one: Cases, found: Floats, covariance: Floats) -> tuple[Any, Any, Any, Any]:
    """Shares of R² and slopes, each with the ends of its interval."""
    rng = np.random.default_rng(_SEED)
    blocks = len(one.sums)
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), TIMES).astype(float)
    again = covariances(np.tensordot(drawn, one.sums, axes=1))
    lmg = shares.lmg(again)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts, many = found / found.sum(), lmg / lmg.sum(axis=1, keepdims=True)
    return parts, _ends(many), _slopes(covariance[None])[0], _ends(_slopes(again))


def _ends(many: Floats) -> tuple[Floats, Floats]:
    low, high = np.nanquantile(many, [0.025, 0.975], axis=0)
    return low, high


def _slopes(covariance: Floats) -> Floats:
    """Points of the outcome per point of each driver, the others held equal."""
    inverse = np.linalg.pinv(covariance[:, :-1, :-1], hermitian=True)
    return np.asarray((inverse @ covariance[:, :-1, -1:])[..., 0], float)


def covariances(sums: Floats) -> Floats:
    """From sums of products over (1, the drivers, the outcome) to the covariance of the drivers and the outcome."""
    n = sums[..., :1, :1]
    means = sums[..., :1, 1:] / n
    return np.asarray(sums[..., 1:, 1:] / n - np.swapaxes(means, -1, -2) * means, float)
