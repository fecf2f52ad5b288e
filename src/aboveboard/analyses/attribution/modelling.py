"""One model per outcome, with all components that can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aboveboard.analyses.attribution import binary, components, gaussian, telling_apart
from aboveboard.analyses.attribution.fit import Fit
from aboveboard.analyses.attribution.outcomes import Cells, cells, outcomes
from aboveboard.playbook.model import Playbook

JOINT = " + "
"""Between the names of components that are fitted as one."""
MOST_OTHERS = 1_000
"""Levels beside those of the largest component: the cube of their number is the cost of a step."""
MOST_PAIRS = 20_000_000
"""Pairs of a level of the largest component and one of the others."""


@dataclass(frozen=True)
class Model:
    """One outcome, fitted.

    `titles` are the names of the fitted components, in the order of `fit.design` (several joined by ` + ` where one stands
    for all of them). `told_from` names, for each component that is not identified, what it cannot be told from ("" where
    that is not the reason), and `reasons` why in words. `fit` is None where nothing was left to fit.
    """

    cells: Cells
    fit: Fit | None
    titles: tuple[str, ...]
    told_from: Mapping[str, str]
    reasons: Mapping[str, str]


def models(events: Any, promises: Any, playbook: Playbook, *, as_of: datetime | None = None) -> list[Model]:
    """The model of every outcome that has enough cases (see `outcomes`)."""
    found = (cells(outcome) for outcome in outcomes(events, promises, playbook, as_of=as_of))
    return [model(held) for held in found if held is not None]


def model(held: Cells) -> Model:
    """Fit what can be told apart; what cannot is fitted as one, by its finest component, or named and left out."""
    reasons = dict(held.left_out)
    told_from = dict.fromkeys(reasons, "")
    fitted: dict[str, str] = {}
    for group in telling_apart.groups(held.design, held.count):
        if telling_apart.CHANCE in group:
            alone = [name for name in group if name != telling_apart.CHANCE]
            told_from |= dict.fromkeys(alone, telling_apart.CHANCE)
            reasons |= dict.fromkeys(alone, "each has about one case, so it cannot be told from chance")
            continue
        fitted[group[0]] = JOINT.join(name for name in components.NAMES if name in group)
        if len(group) > 1:
            others = {name: JOINT.join(o for o in components.NAMES if o in group and o != name) for name in group}
            told_from |= others
            reasons |= {name: f"cases that share one share the other: {rest}" for name, rest in others.items()}
    for name in _too_many(held, fitted):
        del fitted[name]
        told_from[name], reasons[name] = "", "too many levels beside those of the others"
    names = [name for name in held.design.names if name in fitted]
    return Model(held, _fit(held, names), tuple(fitted[name] for name in names), told_from, reasons)


def _too_many(held: Cells, names: Iterable[str]) -> list[str]:
    """What has to be left out for the equations to be small enough: the second largest first."""
    size = dict(zip(held.design.names, held.design.sizes, strict=True))
    ordered = sorted(names, key=lambda name: -size[name])
    out: list[str] = []
    while len(ordered) > 1:
        others = sum(size[name] for name in ordered[1:])
        if others <= MOST_OTHERS and others * size[ordered[0]] <= MOST_PAIRS:
            break
        out.append(ordered.pop(1))
    return out


def _fit(held: Cells, names: list[str]) -> Fit | None:
    if not names:
        return None
    design = held.design.only(names)
    if held.kind == "yes or no":
        return binary.fit(design, held.count, held.total)
    return gaussian.fit(design, held.count, held.total, held.squares)
