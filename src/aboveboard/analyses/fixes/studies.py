"""Every fix with its counts, its plan, what was shown and how large it is: what both tables are written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from aboveboard.analyses.fixes import counting, judging, recurrence, releases
from aboveboard.analyses.fixes import series as _series
from aboveboard.analyses.fixes.counting import DAY, Days
from aboveboard.analyses.fixes.judging import Estimate, Plan
from aboveboard.analyses.fixes.regression import Floats
from aboveboard.analyses.fixes.releases import Release
from aboveboard.analyses.fixes.series import Series
from aboveboard.analyses.fixes.tables import CAME_BACK, FIXED, NO_EVIDENCE, PARTLY, TOO_EARLY, WORSE
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.ledger import epochs

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook


@dataclass(frozen=True)
class Study:
    """One fix. Where there is no series, `missing` says why and the rest is absent. `as_of` in microseconds."""

    release: Release
    as_of: int
    missing: str | None = None
    measure: str | None = None
    series: Series | None = None
    plan: Plan | None = None
    shown: tuple[int, int] | None = None
    estimate: Estimate | None = None
    back_week: int | None = None

    @property
    def window(self) -> int | None:
        """Weeks of the window; None where none is stated and none could be chosen."""
        return self.plan.weeks if self.plan else self.release.window

    @property
    def over(self) -> bool:
        """The window is over and all of its weeks are known, or they never will be, since something else was changed."""
        if self.series is None or self.plan is None:
            return True
        return self.series.known >= self.plan.weeks or self.release.following is not None

    @property
    def verdict(self) -> str:
        """As in the table."""
        if self.series is None or self.plan is None:
            return NO_EVIDENCE
        if self.shown is None:
            return NO_EVIDENCE if self.over else TOO_EARLY
        if self.shown[1] > 0:
            return WORSE
        if self.back_week is not None:
            return CAME_BACK
        return FIXED if self.estimate and judging.meets(self.release.criterion, self.estimate) else PARTLY

    def week_at(self, week: int) -> datetime:
        """The moment at which a week begins, counted from the change."""
        return epochs.moment_of(self.release.at + week * 7 * DAY)


def studies(
    events: Any,
    playbook: Playbook,
    *,
    promises: Any | None = None,
    duties: Any | None = None,
    problems: Any | None = None,
    occasions: Any | None = None,
    as_of: datetime | None = None,
) -> list[Study]:
    """Study every `fix.released`, in order of time. Executes a few small queries.

    What counts as a breakdown goes by what the release names: a problem (its occasions, where `problems` and `occasions`, the
    tables of those names, know it by them; else the subjects of its events, each once), a promise (`promises`, the table of
    that name: late or broken), a step (`duties`: not met) or a policy (exceptions asked for). A release with a team or a
    channel is judged there, and what happens elsewhere is its control. Later events than `as_of` (default: the last) do not
    exist.
    """
    timed, end = horizon.until(events, as_of)
    found = releases.releases(timed, playbook)
    if not found:
        return []
    moment = end if isinstance(end, int) else int(arrays.cells(timed.aggregate(last=timed["at"].max()))["last"][0])
    counts = counting.days(timed, found, promises=promises, duties=duties, problems=problems, occasions=occasions)
    return [_study(one, counts.get(one.fix), moment, found) for one in found]


def _study(release: Release, counts: Days | None, as_of: int, every: Sequence[Release]) -> Study:
    if counts is None or counting.kind(release) is None:
        return Study(release, as_of, "the release names no problem, promise, step or policy")
    apart = not any(one.target == release.target and one.fix != release.fix for one in every)
    series = _series.series(release, counts, as_of, apart=apart)
    if isinstance(series, str):
        return Study(release, as_of, series, counts.measure)
    plan = judging.plan(series, release.criterion, release.window)
    shown = judging.shown(series, plan)
    found = judging.estimate(series, plan)
    back = _back(series, shown[0], found) if shown and shown[1] < 0 and found else None
    return Study(release, as_of, None, counts.measure, series, plan, shown, found, back)


def _back(series: Series, calm: int, found: Estimate) -> int | None:
    """The week by the end of which the old rate was back."""
    bad, size = (weekly(series, values)[1] for values in (series.bad, series.size))
    past = series.place < 0
    # On the stable scale pure chance has a variance of one quarter per case, or breakdown per week.
    spread = float(np.var(series.stable[past] - _smooth(series, past)) * 4 * series.size[past].mean())
    before = float(series.bad[past].sum() / series.size[past].sum())
    return recurrence.came_back(bad, size, calm=calm, before=before, dispersion=max(1.0, spread), rho=found.rho)


def _smooth(series: Series, past: Any) -> Floats:
    """The past without its trend and season."""
    columns = series.first(0).design(stable=True).columns[:, :-1]
    return np.asarray(columns @ np.linalg.lstsq(columns, series.stable[past], rcond=None)[0])


def weekly(series: Series, values: Floats) -> tuple[Floats, Floats]:
    """Values per period summed by week: those before the change, and those after it (weeks without a case are zero)."""
    week = series.place * series.days // 7
    before = np.zeros(series.weeks_before)
    after = np.zeros(series.known)
    np.add.at(before, week[week < 0] + series.weeks_before, values[week < 0])
    np.add.at(after, week[week >= 0], values[week >= 0])
    return before, after
