"""One fix as a series of weeks, or of days where the record is young: breakdowns, size and control, and the designs for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aboveboard.analyses.fixes import counting, regression
from aboveboard.analyses.fixes.counting import DAY, LONGEST_DAYS, Days
from aboveboard.analyses.fixes.regression import Design, Floats, Ints
from aboveboard.analyses.fixes.releases import Release

WEEKS_ENOUGH, WEEKS_LEAST, DAYS_LEAST = 26, 16, 28
"""So many weeks before the change make a series of weeks; else days do, where they are busy; else fewer weeks."""
BUSY = 2.0
"""Breakdowns a day below which days are too empty to be a series."""
TREND_FROM_WEEKS, YEAR_FROM_WEEKS = 20, 104
BREAKDOWNS_LEAST = 10
"""Fewer breakdowns before the change give nothing to compare with."""
OTHERS_LEAST = 5.0
STILL_RUNNING = 0.05
"""A week of which a greater part has not ended is not known yet, nor is any after it."""
LONGEST_WAIT = {7: 26, 1: 12}
"""Weeks of a window, for a series of weeks and one of days."""


@dataclass(frozen=True)
class Series:
    """Periods in order: `place` counts them from the change (−1 the last before it).

    `size` is what breakdowns are divided by: cases where `share`, else weeks. Periods without cases are left out. `known` is
    how many whole weeks have passed since the change.
    """

    days: int
    place: Ints
    bad: Floats
    size: Floats
    share: bool
    known: int
    control: Floats | None
    control_name: str | None

    @property
    def before(self) -> int:
        """Periods before the change."""
        return int((self.place < 0).sum())

    @property
    def weeks_before(self) -> int:
        return int(-(self.place[0] * self.days // 7))

    @property
    def trend(self) -> bool:
        return self.weeks_before >= TREND_FROM_WEEKS

    @property
    def rate(self) -> Floats:
        """Breakdowns per week, or the share of cases."""
        return self.bad / self.size

    @property
    def stable(self) -> Floats:
        """The rates on a scale on which chance weighs alike at every level.

        Anscombe, F. J. (1948). The transformation of Poisson, binomial and negative-binomial data. Biometrika 35, 246–254.
        """
        if self.share:
            return np.asarray(np.arcsin(np.sqrt((self.bad + 0.375) / (self.size + 0.75))))
        return np.asarray(np.sqrt((self.bad + 0.375) / self.size))

    def stable_of(self, rate: float) -> float:
        """A rate on that scale."""
        return float(np.arcsin(np.sqrt(min(rate, 1.0)))) if self.share else float(np.sqrt(rate))

    def first(self, weeks: int) -> Series:
        """The same, known no further than so many weeks after the change."""
        held = self.place < weeks * 7 // self.days
        control = None if self.control is None else self.control[held]
        return Series(
            self.days, self.place[held], self.bad[held], self.size[held], self.share, min(self.known, weeks), control,
            self.control_name,
        )  # fmt: skip

    def seen(self, weeks: int) -> int:
        """How many periods are known after so many weeks."""
        return int((self.place < weeks * 7 // self.days).sum())

    def design(self, *, weight: Floats | None = None, stable: bool = False) -> Design:
        """The design of what is known; weights as given, else by size."""
        weights = self.size / self.size[: self.before].mean() if weight is None else weight
        return self._design(self.place, weights, self._control(self.control, stable), ())

    def planned(self, weeks: int) -> Design:
        """The design of a window with a look at the end of each week; periods to come are taken to be of mean size.

        Looks before the first period with cases are left out (`first_look` says how many).
        """
        coming = np.arange(self.known * 7 // self.days, weeks * 7 // self.days)
        held = self.first(weeks)
        place = np.concatenate([held.place, coming])
        mean = held.size[: held.before].mean()
        weight = np.concatenate([held.size / mean, np.ones(len(coming))])
        control = held._control(held.control, True)
        if control is not None:
            control = np.concatenate([control, np.full(len(coming), control.mean())])
        looks = [int((place < week * 7 // self.days).sum()) for week in range(1, weeks + 1)]
        return self._design(place, weight, control, [look for look in looks if look > held.before])

    def first_look(self) -> int:
        """Weeks after the change of which no period is known: looks at them are left out."""
        later = self.place[self.place >= 0]
        return int(later[0] * self.days // 7) if len(later) else self.known

    def _design(
        self, place: Ints, weight: Floats, control: Floats | None, looks: list[int] | tuple[int, ...]
    ) -> Design:
        season = 7 if self.days == 1 else 52 if self.weeks_before >= YEAR_FROM_WEEKS else 0
        return regression.design(place, season=season, trend=self.trend, control=control, weight=weight, looks=looks)

    @staticmethod
    def _control(control: Floats | None, stable: bool) -> Floats | None:
        return np.asarray(np.sqrt(control)) if stable and control is not None else control


def series(release: Release, counts: Days, as_of: int, *, apart: bool) -> Series | str:
    """The series of a release, or in words why there is none.

    `apart`: elsewhere nothing was changed, so that the other teams or channels can be held against it.
    """
    share = counts.share
    start, end = _start(release, counts, share), _end(release, counts, as_of)
    if start is None:
        return "there is no breakdown on record before the change"
    bad, cases, _ = counting.by_day(counts.inside, start, max(end, 0))
    days_before = -start
    if bad[:days_before].sum() < BREAKDOWNS_LEAST:
        return f"there are fewer than {BREAKDOWNS_LEAST} breakdowns on record before the change"
    unit = _unit(days_before, float(bad[:days_before].sum()))
    if unit is None:
        return f"the record before the change is shorter than {WEEKS_LEAST} weeks, and not busy enough to be read day by day"
    control, name = _control(release, counts, start, max(end, 0), share, apart, unit)
    skip = days_before % 7
    place = np.arange(-((days_before - skip) // unit), max(end, 0) // unit)
    size = _summed(cases, skip, unit) if share else np.full(len(place), unit / 7)
    held = size > 0
    return Series(
        unit, place[held], _summed(bad, skip, unit)[held], size[held], share, max(end, 0) // 7,
        None if control is None else control[held], name,
    )  # fmt: skip


def _start(release: Release, counts: Days, share: bool) -> int | None:
    """The first day used: the record's, but not before another change to the same thing."""
    days = [day for day, (bad, judged, _) in counts.inside.items() if day < 0 and (judged if share else bad)]
    if not days:
        return None
    # A problem begins with its first case: that day is no witness of how frequent cases are.
    first = min(days) + (0 if share else 1)
    if release.previous is not None:
        first = max(first, -((release.at - release.previous) // DAY))
    return max(first, -LONGEST_DAYS)


def _end(release: Release, counts: Days, as_of: int) -> int:
    """Days after the change up to the last whole week that is known and in which nothing else was changed."""
    settled = as_of - counts.settling * DAY
    last = min(
        settled if release.following is None else min(settled, release.following), release.at + LONGEST_DAYS * DAY
    )
    end = (last - release.at) // DAY // 7 * 7
    _, judged, running = counting.by_day(counts.inside, 0, max(end, 0))
    for week in range(len(judged) // 7):
        part = slice(7 * week, 7 * week + 7)
        if running[part].sum() > STILL_RUNNING * (running[part].sum() + judged[part].sum()):
            return 7 * week
    return int(end)


def _unit(days_before: int, breakdowns: float) -> int | None:
    weeks = days_before // 7
    if weeks >= WEEKS_ENOUGH:
        return 7
    if days_before >= DAYS_LEAST and breakdowns >= BUSY * days_before:
        return 1
    return 7 if weeks >= WEEKS_LEAST else None


def _control(
    release: Release, counts: Days, start: int, end: int, share: bool, apart: bool, unit: int
) -> tuple[Floats | None, str | None]:
    skip = -start % 7
    if release.part != "all":
        bad, cases, _ = counting.by_day(counts.outside, start, end)
        size = _summed(cases, skip, unit) if share else np.full((end - start) // unit, unit / 7)
        busy = _summed(bad, skip, unit)
        if not apart or (size == 0).any() or busy.mean() < 1:
            return None, None
        return busy / size, "other teams" if release.team else "other channels"
    if share:
        return None, None
    begun = _summed(np.array([counts.others.get(day, 0) for day in range(start, end)]), skip, unit)
    return (begun, "other matters") if len(begun) and begun.mean() >= OTHERS_LEAST else (None, None)


def _summed(days: Ints, skip: int, unit: int) -> Floats:
    """Days summed to periods, counted so that one ends at the change."""
    whole = np.asarray(days[skip : skip + (len(days) - skip) // unit * unit], float)
    return np.asarray(whole.reshape(-1, unit).sum(axis=1))
