"""How much harm follows, when some cases are too young to tell? Kaplan–Meier, as an effective number of cases.

Of a case that was followed for half of `harm_within` only half is known. Counting it as harmless would flatter the
exceptions, leaving it out wastes what is known, and leaving out only the young without harm would slander them. The
Kaplan–Meier share has a variance (Greenwood); a binomial share of that variance rests on so many cases, and these are
what the tests and intervals for plain shares are given: Dorey, F. J. and Korn, E. L. (1987). Effective sample sizes for
confidence intervals for survival probabilities. Statistics in Medicine 6, 679–687.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.exceptions.margins import Cases
from aboveboard.analyses.shared import arrays

ENOUGH = 20
STEPS = 100
"""The time within `harm_within` is counted in hundredths."""


def counted(followed: Any, *by: str) -> Any:
    """Cases by how far they were followed, as a query: `by`, `step` (hundredths of the window), `harmed`, `cases_count`.

    `followed` has `followed_minutes`, `width` (of the policy's window, in microseconds) and `harmed` (boolean).
    """
    minutes = followed.width.cast("float64") / 60_000_000
    far = (followed.followed_minutes * STEPS / minutes).floor()
    # Harm at the very end of the window lies within it; a case without harm that was followed to the end is past it.
    last = ibis.ifelse(followed.harmed, STEPS - 1, STEPS)
    stepped = followed.mutate(step=ibis.least(ibis.greatest(far, 0), last).cast("int64"))
    return stepped.group_by([*by, "step", "harmed"]).aggregate(cases_count=lambda t: t.count().cast("int64"))


def cells(table: Any, *by: str) -> Mapping[tuple[Any, ...], arrays.Cells]:
    """What `counted` gives, worked out: the arrays `step`, `harmed` and `cases_count` of each combination of `by`."""
    return dict(arrays.groups(arrays.cells(table), *by))


def effective(cells: arrays.Cells | None) -> Cases:
    """The share that comes to harm within the window, as harmed cases of an effective number; 0 of 0 where there is none."""
    if cells is None or not cells["cases_count"].sum():
        return Cases(0.0, 0.0)
    step, count = cells["step"].astype(float), cells["cases_count"].astype(float)
    harmed = cells["harmed"].astype(bool)
    ends = np.bincount(step[harmed].astype(int), count[harmed], minlength=STEPS + 1)
    leaves = np.bincount(step.astype(int), count, minlength=STEPS + 1)
    at_risk = leaves[::-1].cumsum()[::-1]
    some = ends > 0
    if not some.any():
        # Nothing to take a variance of: each case counts for the part of the window in which it was watched.
        return Cases(0.0, float((count * step).sum() / STEPS))
    survival = float(np.prod(1 - ends[some] / at_risk[some]))
    if survival == 0:
        return Cases(float(ends.sum()), float(ends.sum()))
    spread = survival**2 * float((ends[some] / (at_risk[some] * (at_risk[some] - ends[some]))).sum())
    n = min(survival * (1 - survival) / spread, float(count.sum()))
    return Cases(n * (1 - survival), n)


def compared_with(cells: arrays.Cells | None) -> Cases | None:
    """Ordinary cases to compare with; None where fewer than twenty are known: they would say less than the margin does."""
    cases = effective(cells)
    return cases if float(np.asarray(cases.n)) >= ENOUGH else None
