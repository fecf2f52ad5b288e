"""Keep, make conditional, drop, or not enough data: what the estimates of a step's worth allow to be said.

That a step's worth cannot be told from nothing is no reason to drop it. To drop it takes evidence that it adds less
than is worth having; to keep it, evidence that it adds something.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aboveboard.analyses.procedures.contexts import Context
from aboveboard.analyses.shared import discoveries
from aboveboard.analyses.shared.doubly_robust import Effect

KEEP, CONDITIONAL, DROP, UNKNOWN = "keep", "make conditional", "drop", "not enough data"
WORTH_FROM = 0.1
"""The smallest effect worth having, in standard deviations of the measure: half of what Cohen (1988) calls small."""
HALF = 0.5
"""Where a step is worth having elsewhere, less than this part of it is not worth having here."""
LEAST_OVERLAP = 0.5
"""Of a context in which fewer visits could have gone either way, nothing is advised."""
RATE = 0.05


@dataclass(frozen=True)
class Candidate:
    """One step in one context (None: in all visits). `worth_from` is the smallest effect worth having there."""

    step: str
    context: Context | None
    effect: Effect | None
    worth_from: float


@dataclass(frozen=True)
class Verdict:
    """What is advised of a candidate, and by which numbers."""

    candidate: Candidate
    q: float
    q_too_small: float
    advice: str


def judge(candidates: Sequence[Candidate]) -> list[Verdict]:
    """One verdict per candidate, in their order, at a false-discovery rate of 5 % over all of them.

    A context in which the step is surely worth less than half of what it is elsewhere needs it no more: its
    `worth_from` rises to that half. Of a step with contexts the verdict over all visits follows from theirs.
    """
    is_worth = _worth(candidates)
    raised = _raised(candidates, is_worth)
    q = _limited(each.effect.p if each.effect else np.nan for each in raised)
    small = _limited(each.effect.p_at_least(each.worth_from) if each.effect else np.nan for each in raised)
    advice = {
        each: _one(each, worth=good, small=q_small <= RATE, elsewhere=_elsewhere(each, raised, is_worth))
        for each, good, q_small in zip(raised, is_worth, small, strict=True)
    }
    for each in raised:
        parts = [other for other in raised if other.step == each.step and other.context is not None]
        if each.context is None and parts:
            advice[each] = _together([advice[part] for part in parts if _is_known(part)])
    return [
        Verdict(each, float(one_q), float(one_small), advice[each])
        for each, one_q, one_small in zip(raised, q, small, strict=True)
    ]


def _worth(candidates: Sequence[Candidate]) -> list[bool]:
    """Which surely add something, and not surely too little."""
    q = _limited(each.effect.p if each.effect else np.nan for each in candidates)
    small = _limited(each.effect.p_at_least(each.worth_from) if each.effect else np.nan for each in candidates)
    return [
        bool(each.effect and each.effect.value > 0 and one_q <= RATE and not one_small <= RATE and _is_known(each))
        for each, one_q, one_small in zip(candidates, q, small, strict=True)
    ]


def _raised(candidates: Sequence[Candidate], is_worth: Sequence[bool]) -> list[Candidate]:
    raised = []
    for each, good in zip(candidates, is_worth, strict=True):
        others = _elsewhere(each, candidates, is_worth)
        if others and not good:
            half = HALF * max(effect.value for effect in others)
            each = replace(each, worth_from=max(each.worth_from, half))
        raised.append(each)
    return raised


def _elsewhere(one: Candidate, candidates: Sequence[Candidate], is_worth: Sequence[bool]) -> list[Effect]:
    """The step's effects in the other contexts in which it is worth having."""
    if one.context is None:
        return []
    return [
        each.effect
        for each, good in zip(candidates, is_worth, strict=True)
        if good and each.effect and each.step == one.step and each.context not in (None, one.context)
    ]


def _one(each: Candidate, *, worth: bool, small: bool, elsewhere: list[Effect]) -> str:
    if worth:
        return KEEP
    if small and _is_known(each):
        return CONDITIONAL if elsewhere else DROP
    return UNKNOWN


def _together(parts: list[str]) -> str:
    """What the advice in each context comes to for the step."""
    if CONDITIONAL in parts:
        return CONDITIONAL
    return parts[0] if len(set(parts)) == 1 else UNKNOWN


def _is_known(each: Candidate) -> bool:
    return each.effect is not None and each.effect.overlap >= LEAST_OVERLAP


def _limited(p_values: Iterable[float]) -> list[float]:
    return list(discoveries.adjusted(list(p_values)))
