"""How much of what differs between cases goes with each component, with intervals: table VARIANCE (see `tables`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import components, spread
from aboveboard.analyses.attribution.modelling import JOINT, Model
from aboveboard.analyses.attribution.tables import VARIANCE, digits
from aboveboard.analyses.attribution.telling_apart import CHANCE
from aboveboard.analyses.shared import arrays

SYSTEM = "system"
_KNOWN = ("known_share", "known_low", "known_high")
Row = dict[str, Any]


def variance(models: Iterable[Model]) -> Any:
    """One row per outcome and component; one for all components but employee together (where it can be told), one for chance."""
    return arrays.rows_to_table(VARIANCE, (row for model in models for row in _rows(model)))


def side(title: str) -> str:
    """Whether a component is the employee, the system, or both in one that cannot be told apart."""
    names = title.split(JOINT)
    if components.EMPLOYEE not in names:
        return SYSTEM
    return "both" if len(names) > 1 else components.EMPLOYEE


def _rows(model: Model) -> Iterator[Row]:
    common = {"outcome": model.cells.outcome, "kind": model.cells.kind, "n": int(model.cells.count.sum())}
    found = [*_fitted(model), *_apart(model)]
    order = [*components.NAMES, SYSTEM, CHANCE]
    for row in sorted(found, key=lambda row: (order.index(row["component"].split(JOINT)[0]), len(row["component"]))):
        yield common | {name: digits(value) if isinstance(value, float) else value for name, value in row.items()}


def _fitted(model: Model) -> Iterator[Row]:
    if model.fit is None:
        return
    latent = model.cells.kind == "yes or no"
    ends = spread.spread(model.fit, latent=latent)
    chance = spread.LOGISTIC if latent else model.fit.residual**2
    variances = np.append(model.fit.sds**2, chance)
    shares = _Shares(variances, ends)
    for number, title in enumerate(model.titles):
        sd = {"sd": model.fit.sds[number], "sd_low": ends.low[number], "sd_high": ends.high[number]}
        count = model.fit.design.sizes[number]
        yield {
            "component": title,
            "side": side(title),
            **sd,
            **shares.of([number]),
            "levels_count": count,
            "identified": True,
        }
    of_system = [number for number, title in enumerate(model.titles) if side(title) == SYSTEM]
    if of_system and not any(side(title) == "both" for title in model.titles):
        sd = {"sd": float(np.sqrt(variances[of_system].sum()))}
        row = {"component": SYSTEM, "side": SYSTEM, **sd, **shares.of(of_system), "identified": True}
        yield row if components.EMPLOYEE in model.titles else row | dict.fromkeys(_KNOWN)
    last = len(model.titles)
    yield {"component": CHANCE, "side": CHANCE, "sd": np.sqrt(chance), **shares.of([last]), "identified": True}


class _Shares:
    """Shares of variances (the residual's last) in all, and in all but the residual."""

    def __init__(self, variances: arrays.Array, ends: spread.Spread) -> None:
        self.variances, self.ends = variances, ends
        self.all = list(range(len(variances)))

    def of(self, numbers: list[int]) -> Row:
        share, low, high = self.ends.around(self.variances, numbers, self.all)
        row: Row = {"share": share, "low": low, "high": high}
        if numbers[-1] == self.all[-1] or not self.variances[:-1].sum() > 0:
            return row
        share, low, high = self.ends.around(self.variances, numbers, self.all[:-1])
        return row | {"known_share": share, "known_low": low, "known_high": high}


def _apart(model: Model) -> Iterator[Row]:
    """Components of which nothing can be said, and why."""
    sizes = dict(zip(model.cells.design.names, model.cells.design.sizes, strict=True))
    for name, reason in model.reasons.items():
        told = {"identified": False, "told_from": model.told_from[name] or None, "reason": reason}
        yield {"component": name, "side": side(name), "levels_count": sizes.get(name), **told}
