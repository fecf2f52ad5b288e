"""What each region comes to: how many broke, how many had broken elsewhere, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from scipy import special

from aboveboard.analyses.problems import regions, windows
from aboveboard.analyses.problems.cells import LEAST
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.kinds import PROMISE
from aboveboard.analyses.problems.regions import Region, Stratum
from aboveboard.analyses.problems.scan import Found
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.engines import ledgers

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

REST, OBJECTIVE = "the rest", "the objective"


@dataclass(frozen=True)
class Count:
    """Occasions, breakdowns, and the sum of squared occasions per period."""

    n: int
    broken: int
    squares: float

    def __add__(self, other: Count) -> Count:
        return Count(self.n + other.n, self.broken + other.broken, self.squares + other.squares)

    @property
    def rate(self) -> float:
        return self.broken / self.n if self.n else float("nan")


@dataclass(frozen=True)
class Tally:
    """One region and its numbers. `low` and `high` are the 95 % interval of the relative risk; `last` is when it last broke."""

    region: Region
    count: Count
    q: float
    against: str
    expected: float
    risk: float
    low: float
    high: float
    since: datetime
    last: datetime
    goes_on: bool


def placed(timed: Any, found: Sequence[Region]) -> Any:
    """The occasions with `region`: the number of the first region that holds them, absent outside all."""
    if not found:
        return timed.mutate(region=ibis.null("int64"))
    cases = [(region.holds(timed), number) for number, region in enumerate(found)]
    return timed.mutate(region=ibis.cases(*cases, else_=ibis.null("int64")).cast("int64"))


def counts(timed: Any, found: Sequence[Region], calendar: Calendar) -> dict[tuple[str, str | None, int | None], Count]:
    """Per kind, rule and region number (None: outside all) what there was."""
    lines = placed(timed, found)
    period = ((lines.day - calendar.first) / calendar.size).floor().cast("int64")
    per = lines.mutate(period=period, region=lines.region.fill_null(-1)).group_by(["kind", "rule", "region", "period"])
    cells = arrays.cells(
        per.aggregate(n=lambda t: t.count().cast("int64"), broken=lambda t: t.broken.ifelse(1, 0).sum().cast("int64"))
    )
    return {
        (kind, rule, None if region < 0 else int(region)): Count(
            int(each["n"].sum()), int(each["broken"].sum()), float((each["n"].astype(float) ** 2).sum())
        )
        for (kind, rule, region), each in arrays.groups(cells, "kind", "rule", "region")
    }


def everywhere(
    known: dict[tuple[str, str | None, int | None], Count], spreads: dict[Stratum, float], playbook: Playbook
) -> list[Found]:
    """Promises that miss their objective even outside the regions found, with the chance of it (`q` is not yet known).

    No part of such a promise stands out from the rest, so no scan among its parts can see it; its own objective is what it
    is held to. The chance is that of as many misses or more were the objective just kept.
    """
    found = []
    for (kind, rule, region), count in known.items():
        promise = playbook.promises.get((rule or "").removeprefix("promise:")) if kind == PROMISE else None
        if region is not None or promise is None or promise.objective is None or promise.objective >= 1:
            continue
        allowed = 1 - promise.objective
        if count.broken < max(LEAST, windows.MATERIAL * allowed * count.n):
            continue
        p = _misses(count, allowed, spreads.get((kind, rule), 0.0))
        found.append(Found(Region(kind, rule), p, spreads.get((kind, rule), 0.0)))
    return found


def _misses(count: Count, allowed: float, spread: float) -> float:
    """The chance of so many: binomial, on as many occasions as the correlated ones are worth."""
    effect = 1 + spread * max(count.squares / count.n - 1, 0.0)
    return float(special.bdtrc(np.ceil(count.broken / effect) - 1, max(round(count.n / effect), 1), allowed))


def tallies(timed: Any, found: Sequence[Found], calendar: Calendar, playbook: Playbook) -> list[Tally]:
    """The numbers of each region, in their order. A region that an earlier one takes in whole has none, and is left out."""
    its = [each.region for each in found]
    known = counts(timed, its, calendar)
    when = _times(timed, its)
    rows = []
    for number, each in enumerate(found):
        count = known.get((*each.region.stratum, number))
        if count is None or not count.broken:
            continue
        first, last = when[number]
        rows.append(_tally(each, count, known, (first, last), calendar, playbook))
    return rows


def _tally(
    each: Found,
    count: Count,
    known: dict[tuple[str, str | None, int | None], Count],
    when: tuple[datetime, datetime],
    calendar: Calendar,
    playbook: Playbook,
) -> Tally:
    region = each.region
    if region.is_everywhere:
        allowed = 1 - (playbook.promises[(region.rule or "").removeprefix("promise:")].objective or 0.0)
        against, expected = OBJECTIVE, count.n * allowed
        risk, low, high = _against_fixed(count, allowed, each.spread)
    else:
        rest = _rest(region, known)
        against, expected = REST, count.n * rest.rate
        risk, low, high = relative_risk(count, rest, each.spread)
    last_period = (calendar.last - calendar.first) // calendar.size
    goes_on = (
        region.whole or region.axis != regions.CALENDAR or region.end > calendar.days(last_period, last_period + 1)[0]
    )
    return Tally(region, count, each.q, against, expected, risk, low, high, *when, goes_on)


def _rest(region: Region, known: dict[tuple[str, str | None, int | None], Count]) -> Count:
    """All occasions of the kind and rule outside any part; a problem that is everywhere is no part."""
    outside = known.get((*region.stratum, None))
    if outside is not None:
        return outside
    last = max(number for kind, rule, number in known if (kind, rule) == region.stratum and number is not None)
    return known[(*region.stratum, last)]


def relative_risk(inside: Count, outside: Count, spread: float) -> tuple[float, float, float]:
    """Rate inside ÷ rate outside, and its 95 % interval; half a breakdown stands in for none.

    On the log scale: Katz, D. et al. (1978). Obtaining confidence intervals for the risk ratio in cohort studies.
    Biometrics 34, 469–474; each variance times its design effect.
    """
    variance, rates = 0.0, []
    for count in (inside, outside):
        broken = max(count.broken, 0.5)
        rate = broken / max(count.n, 1)
        effect = 1 + spread * max(count.squares / max(count.n, 1) - 1, 0.0)
        variance += effect * (1 - rate) / broken
        rates.append(rate)
    risk, reach = rates[0] / rates[1], np.exp(intervals.Z95 * np.sqrt(variance))
    return float(risk), float(risk / reach), float(risk * reach)


def _against_fixed(count: Count, allowed: float, spread: float) -> tuple[float, float, float]:
    effect = 1 + spread * max(count.squares / count.n - 1, 0.0)
    low, high = intervals.wilson(count.broken / effect, count.n / effect)
    return count.rate / allowed, float(low) / allowed, float(high) / allowed


def _times(timed: Any, found: Sequence[Region]) -> dict[int, tuple[datetime, datetime]]:
    lines = placed(timed, found)
    broken = lines.filter(lines.broken, lines.region.notnull())
    rows = ledgers.arrow(
        broken.group_by("region").aggregate(first=broken["at"].min(), last=broken["at"].max())
    ).to_pylist()
    return {row["region"]: (row["first"], row["last"]) for row in rows}
