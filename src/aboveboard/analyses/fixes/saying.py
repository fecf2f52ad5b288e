"""A verdict in one sentence."""

from __future__ import annotations

from aboveboard.analyses.fixes.judging import Estimate
from aboveboard.analyses.fixes.series import LONGEST_WAIT
from aboveboard.analyses.fixes.studies import Study
from aboveboard.analyses.fixes.tables import CAME_BACK, FIXED, NO_EVIDENCE, PARTLY, TOO_EARLY, WORSE


def because(one: Study) -> str:
    """What a verdict rests on, without the name of the fix."""
    if one.series is None or one.plan is None:
        return f"No change can ever be shown: {one.missing}."
    said = _SAID[one.verdict](one)
    return f"{said[0].upper()}{said[1:]}."


def rate(value: float, share: bool) -> str:
    """ "12 %" of cases, or "3.4 a week"."""
    return f"{100 * value:.1f} %".replace(".0 %", " %") if share else f"{value:.3g} a week"


def goal(one: Study) -> str:
    """What was to be reached."""
    criterion = one.release.criterion
    if criterion.kind == "reduce by":
        return f"to be reduced by {100 * criterion.value:.0f} %"
    return f"to be at most {rate(criterion.value, bool(one.series and one.series.share))}"


def change(found: Estimate, share: bool) -> str:
    """The rate after, and what was expected."""
    more = "more" if found.effect[0] > 0 else "less"
    # Less than nothing is left of nothing: an interval may reach beyond, words do not.
    sizes = [min(abs(each), 1.0) if each > 0 else abs(each) for each in found.reduced]
    between = f" ({100 * min(sizes[1:]):.0f}–{100 * max(sizes[1:]):.0f} %)" if _bounded(found) else ""
    by = f", {100 * sizes[0]:.0f} % {more}{between}" if sizes[0] == sizes[0] else ""
    return f"{rate(max(found.after, 0), share)} where {rate(max(found.expected, 0), share)} would be expected{by}"


def wait(one: Study) -> str:
    """The smallest wait that could have shown it."""
    assert one.series is not None and one.plan is not None
    if one.plan.needed:
        return f"the smallest wait that shows it in 80 of 100 cases is {one.plan.needed} weeks"
    return f"not even {max(LONGEST_WAIT[one.series.days], one.plan.weeks)} weeks would show it in 80 of 100 cases"


def _bounded(found: Estimate) -> bool:
    low, high = found.reduced[1:]
    return low == low and high == high and low * high > 0


def _changed(one: Study) -> str:
    assert one.estimate is not None and one.series is not None
    return change(one.estimate, one.series.share)


def _fixed(one: Study) -> str:
    return f"{_changed(one)}; it was {goal(one)}"


def _partly(one: Study) -> str:
    return f"{_changed(one)}; but it was {goal(one)}"


def _came_back(one: Study) -> str:
    assert one.back_week is not None
    return f"{_changed(one)}; but in week {one.back_week + 1} after the change the old rate was back"


def _too_early(one: Study) -> str:
    assert one.series is not None
    return f"{one.series.known} of {one.window} weeks are known and show no sure change; {wait(one)}"


def _no_evidence(one: Study) -> str:
    assert one.series is not None and one.plan is not None
    cut = " before something else was changed" if one.series.known < one.plan.weeks else ""
    weeks = min(one.series.known, one.plan.weeks)
    chance = f"one as large as it was to be would have shown in {100 * one.plan.power:.0f} of 100 cases"
    return f"{weeks} weeks{cut} show no sure change; {chance if not cut else wait(one)}"


_SAID = {
    FIXED: _fixed, PARTLY: _partly, WORSE: _changed, CAME_BACK: _came_back, TOO_EARLY: _too_early, NO_EVIDENCE: _no_evidence,
}  # fmt: skip
