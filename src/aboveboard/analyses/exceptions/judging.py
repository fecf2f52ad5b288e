"""From numbers to a verdict on a rule: pure functions, one policy (or clause) at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from aboveboard.analyses.exceptions.margins import Judgement
from aboveboard.analyses.shared.survival import Estimate

CHANGE, PUSH, KEEP, NOT_ENOUGH = "change the rule", "push authority down", "keep and explain", "not enough data"
ENOUGH = 20
"""Fewer decided requests, or fewer exceptions followed to the end, and nothing is proposed."""
NEARLY_ALWAYS = 0.9
"""Who says yes this often decides nothing."""
TELLING = 0.75
"""Doubt that may well tell as much as this is not called blind, even if it may tell nothing: too little is known of it.
The middle of what Hosmer and Lemeshow (2000), Applied Logistic Regression, p. 162, call acceptable discrimination."""
MOSTLY = 0.5
TWICE = 2.0
"""Those refused may come to harm so many times as often as those granted, and the rule must still be within the margin."""


@dataclass(frozen=True)
class Verdict:
    """One of the four words, and the reason in a sentence. `in_regions`: the rule changes in the confirmed regions only."""

    word: str
    why: str
    in_regions: bool = False


@dataclass(frozen=True)
class Record:
    """What the record shows of one rule. Shares are NaN where they are not known; `margin` is None where none is stated.

    `followed` is how many of those granted were followed to the end of `harm_within`; `harm` their share, `judged` that
    share against the margin; `climbed` the share decided above the level asked, `above` the share of those granted;
    `auc` how well the approver's doubt tells harm; `tolerated` the harm among those refused up to which all would be well;
    `compared` whether there are ordinary cases, or harm itself is held against the margin.
    """

    decided: int
    followed: int
    approval: Estimate
    climbed: Estimate
    above: Estimate
    harm: Estimate
    judged: Judgement
    margin: float | None
    auc: Estimate
    tolerated: float
    compared: bool

    @property
    def mostly_above(self) -> bool:
        """Whether most is decided above the level that is asked."""
        return self.climbed.value >= MOSTLY


def approval_p(granted: int, decided: int) -> float:
    """p that at most nine in ten are granted, by the exact binomial test; NaN where nothing was decided."""
    return float(special.betainc(granted, decided - granted + 1, NEARLY_ALWAYS)) if granted else 1.0


def tolerated(approval: float, harm: float, ordinary_harm: float, margin: float | None) -> float:
    """The harm share among those refused at which harm over all would just reach the margin; NaN where none was refused.

    Harm is only known where the answer was yes. This is how much worse the rest could be: the sensitivity of the
    conclusion to what was never tried, after Manski, C. F. (1990). Nonparametric bounds on treatment effects. American
    Economic Review 80, 319–323.
    """
    if margin is None or not approval < 1:
        return float("nan")
    return (margin + ordinary_harm - approval * harm) / (1 - approval)


def stands_for_all(record: Record) -> bool:
    """Whether those granted can stand for those refused: they may be twice as harmful without passing the margin."""
    return not record.approval.value < 1 or record.tolerated >= TWICE * record.harm.high


def verdict(record: Record, *, within: bool, always: bool, beyond: bool, regions: Sequence[str]) -> Verdict:
    """The verdict and its reason.

    `within`, `always`, `beyond`: what stands after the false-discovery limit over all rules, of “harm is within the
    margin”, “those above nearly always grant”, “harm is beyond the margin”. `regions` are the confirmed relaxed regions.

    Where authority is asked for above and is hardly ever refused, moving it is the smaller step than changing the rule, and is
    taken first: somebody still looks. It needs harm within the margin, or an approver whose doubt tells nothing.
    """
    if record.margin is None:
        return Verdict(
            NOT_ENOUGH, "The playbook states no harm_margin, so nobody has said how much harm would be too much."
        )
    if record.decided < ENOUGH:
        return Verdict(NOT_ENOUGH, f"Only {record.decided} requests were decided; {ENOUGH} are needed.")
    within = within and record.followed >= ENOUGH
    # Doubt that falls on the wrong ones (an area below a half) tells no more than doubt that falls on all alike.
    blind = record.auc.low <= 0.5 and record.auc.high <= TELLING
    if record.mostly_above and always and record.above.low >= NEARLY_ALWAYS and (within or blind):
        return Verdict(PUSH, _push(record, blind=blind))
    if within and stands_for_all(record):
        return Verdict(CHANGE, f"Harm after exceptions is within the margin: {_against(record)}.")
    if regions:
        return Verdict(
            CHANGE, f"Harm is within the margin where {' or '.join(regions)}; elsewhere that is not shown.", True
        )
    if within and record.auc.low > 0.5:
        return Verdict(KEEP, f"Refusals fall where harm is: the approver's doubt tells it apart ({_area(record)}).")
    if within:
        return Verdict(
            NOT_ENOUGH,
            f"Harm is known only of the {_percent(record.approval.value)} that were granted, and those refused may differ: "
            "a staged trial would tell.",
        )
    if beyond:
        return Verdict(KEEP, f"Harm after exceptions is beyond the margin: {_against(record)}.")
    return Verdict(NOT_ENOUGH, _open(record))


def _push(record: Record, *, blind: bool) -> str:
    said = f"Those above grant {_percent(record.above.value)} (at least {_percent(record.above.low)})"
    if blind:
        return f"{said}, and their doubt tells harmful from harmless no better than chance ({_area(record)})."
    return f"{said}, and harm is within the margin: {_against(record)}."


def _open(record: Record) -> str:
    if record.followed < ENOUGH:
        return f"Only {record.followed} exceptions are old enough to know what came of them; {ENOUGH} are needed."
    if math.isnan(record.judged.difference.value):
        return "No exception was granted, so nothing is known of its harm."
    return f"Harm may lie on either side of the margin: {_against(record)}."


def _against(record: Record) -> str:
    seen = record.judged.difference
    what = "points more than in ordinary cases" if record.compared else "in 100"
    ends = f"{_hundredths(seen.low)} to {_hundredths(seen.high)}"
    return f"{_hundredths(seen.value)} {what} ({ends}), where {_hundredths(record.margin or 0)} are accepted"


def _area(record: Record) -> str:
    return f"AUC {record.auc.value:.2f}, {record.auc.low:.2f} to {record.auc.high:.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _hundredths(share: float) -> str:
    hundredths = 100 * share
    digits = 1 if abs(hundredths) >= 1 else 2
    return f"{hundredths:.{digits}f}".rstrip("0").rstrip(".").replace("-", "−")
