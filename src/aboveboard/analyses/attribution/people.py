"""A bad day, a change, or neither: the verdict on each employee's record, and the record itself. Tables PEOPLE and OWN_CHARTS.

Verdicts, in this order: *not enough data* below 20 contacts, in too few weeks, and wherever no fall of a quarter could show;
*shift* where the record has climbed higher than steady ones do, with any one day struck out; *isolated* where one day does not
fit; else *steady*. Over employees, shifts are said at a false-discovery rate of 5 % and isolated days at one of 12.5 %. An
alarm that does not stand up to that is not called steady either: there is not enough data yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import outcomes as questions
from aboveboard.analyses.attribution import (
    people_case_mix,
    people_charts,
    people_funnel,
    people_limits,
    people_periods,
    people_shared_days,
    people_shifts,
    people_single_days,
    people_tails,
)
from aboveboard.analyses.attribution.modelling import Model, model
from aboveboard.analyses.attribution.people_tables import OWN_CHARTS, PEOPLE
from aboveboard.analyses.attribution.tables import digits
from aboveboard.analyses.shared import arrays, discoveries, horizon
from aboveboard.analyses.shared.arrays import Array, Cells
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Playbook

LEAST = 20
"""Below so many contacts there is never enough data."""
LEAST_PERIODS = 4
"""Nor in fewer weeks (or stretches of weeks with ten contacts)."""
GREATEST_FALL = 0.25
"""Nor where even a fall as great as this would not show."""
RATE, DAY_RATE = 0.05, 0.125
"""False-discovery rates over employees, of shifts and of isolated days: a reprieve given for nothing costs little."""
SELDOM = 0.001
"""A week whose few resolved come up no more often than once in a thousand is outside."""
ISOLATED, SHIFT, STEADY, UNKNOWN = "isolated", "shift", "steady", "not enough data"
Row = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """What is known of all employees at the end of `last_day`, from their days (rows of `people_case_mix.days`)."""

    days: Cells
    last_day: int
    zone: Any
    conduct: dict[tuple[str, int], str]

    @cached_property
    def in_periods(self) -> tuple[people_periods.Records, Array]:
        return people_periods.records(self.adjusted)

    @property
    def records(self) -> people_periods.Records:
        return self.in_periods[0]

    @cached_property
    def adjusted(self) -> Cells:
        return people_shared_days.allowed_for(self.days)

    @cached_property
    def spreads(self) -> tuple[Array, float]:
        return people_charts.spreads(self.records)

    @cached_property
    def sigma(self) -> Array:
        return self.spreads[0]

    @cached_property
    def totals(self) -> Cells:
        names = ("n", "good", "expected", "spread")
        return {name: getattr(self.records, name).sum(axis=1) for name in names}

    @cached_property
    def share(self) -> float:
        """Share resolved of all contacts with an employee."""
        return float((self.days["good"].sum() + 0.5) / (self.days["n"].sum() + 1))

    @cached_property
    def funnel(self) -> people_funnel.Funnel:
        totals = self.totals
        enough = totals["n"] >= LEAST
        return people_funnel.funnel(totals["good"], totals["expected"], totals["spread"], self.sigma, enough)

    @cached_property
    def chart(self) -> people_charts.Chart:
        return people_charts.chart(self.records, self.sigma, self.funnel.spread)

    @cached_property
    def limits(self) -> people_limits.Limits:
        return people_limits.limits(self.records, self.spreads[1])

    @cached_property
    def single_days(self) -> Cells:
        days, place = people_single_days.by_day(self.adjusted)
        period = np.zeros(len(days["n"]), dtype=np.int64)
        period[place] = self.in_periods[1]
        return days | {"period": period}

    @cached_property
    def foreseen_days(self) -> people_single_days.Foreseen:
        days, who, records = self.single_days, self.single_days["who"], self.records
        level = people_charts.own_level(records, self.sigma, self.funnel.spread)[who]
        rest = {name: getattr(records, name)[who, days["period"]] - days[name] for name in ("n", "good", "expected")}
        return people_single_days.foreseen(days, rest, level, self.spreads[1])

    @cached_property
    def rarest_days(self) -> people_single_days.Rarest:
        days, count = self.single_days, len(self.records.employees)
        return people_single_days.by_employee(self.foreseen_days, days["who"], days["day"], count, self.last_day)

    @cached_property
    def shifts(self) -> people_shifts.Shifts:
        days, between = self.single_days, self.funnel.spread
        return people_shifts.shifts(self.records, self.chart, days, self.sigma, between, self.limits)

    @cached_property
    def visible(self) -> Array:
        week = int(people_shared_days.weeks(np.array(self.last_day)))
        return people_shifts.visible(self.records, self.sigma, self.share, self.limits.limit, week)

    @cached_property
    def enough(self) -> Array:
        seen = np.nan_to_num(self.visible, nan=1.0) <= GREATEST_FALL
        found: Array = (self.totals["n"] >= LEAST) & (self.records.lengths >= LEAST_PERIODS) & seen
        return found

    def moment(self, day: int) -> datetime:
        """The start of a day on the organisation's calendar."""
        return datetime.combine(date(1970, 1, 1) + timedelta(days=int(day)), time(0), self.zone)

    def monday(self, week: int) -> datetime:
        """The start of a week."""
        return self.moment(week * people_shared_days.WEEK - people_shared_days.MONDAY)


def resolved(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Model | None:
    """The model of whether a contact is resolved, alone; None where there are too few contacts for one."""
    held = questions.cells(next(questions.outcomes(events, None, playbook, as_of=as_of)))
    return None if held is None else model(held)


def judged(events: Any, model: Model | None, playbook: Playbook, *, as_of: datetime | None = None) -> Judged:
    """From the events and the model of `resolved` (None where there is none): what both tables are made from."""
    days = people_case_mix.days(events, model, playbook, as_of=as_of)
    until, _ = horizon.until(events, as_of)
    last = as_of or ledgers.arrow(until.aggregate(last=until.time.max()))["last"][0].as_py()
    zone = playbook.timezone
    last_day = (last.astimezone(zone).date() - date(1970, 1, 1)).days if last else 0
    return Judged(days, last_day, zone, _conduct(until, zone))


def _conduct(events: Any, zone: Any) -> dict[tuple[str, int], str]:
    """The first report of a customer's conduct towards each employee on each day."""
    some = events.filter(events.type == "conduct.reported", events.employee.notnull())
    rows = ledgers.arrow(some.select("id", "time", "employee").order_by("time", "id")).to_pylist()
    found: dict[tuple[str, int], str] = {}
    for row in rows:
        day = (row["time"].astimezone(zone).date() - date(1970, 1, 1)).days
        found.setdefault((row["employee"], day), row["id"])
    return found


def people(known: Judged) -> Any:
    """One row per employee of whom there is any contact, in order of keys."""
    return arrays.rows_to_table(PEOPLE, _rows(known) if len(known.days["n"]) else [])


def _rows(known: Judged) -> Iterator[Row]:
    totals, funnel = known.totals, known.funnel
    low, high = people_funnel.reach(funnel)
    verdicts = _verdicts(known)
    for number, name in enumerate(known.records.employees):
        n = totals["n"][number]
        moved = np.array([funnel.off[number], funnel.shrunken[number], low[number], high[number]])
        shares = people_charts.levelled(np.full(4, known.share), moved)
        enough = bool(n >= LEAST)
        row: Row = {
            "employee": name,
            "raw_share": totals["good"][number] / n,
            "expected_share": totals["expected"][number] / n,
            "adjusted_share": shares[0],
            "shrunken_share": shares[1],
            "shrunken_share_low": shares[2],
            "shrunken_share_high": shares[3],
            "funnel_z": funnel.z[number],
            "visible_fall_share": known.visible[number],
        } | verdicts[number]
        cut = {
            key: digits(float(value)) if isinstance(value, float | np.floating) else value for key, value in row.items()
        }
        yield cut | {"n": round(n), "apart": bool(funnel.apart[number]) and enough}


def _verdicts(known: Judged) -> list[Row]:
    """Verdict, since when, why, and the numbers behind it, per employee."""
    enough, shifts = known.enough, known.shifts
    shift_q = discoveries.adjusted(np.where(enough, shifts.chance, np.nan))
    shifted = enough & (np.nan_to_num(shift_q, nan=1.0) <= RATE)
    days, rarest = known.single_days, known.rarest_days
    day_q = discoveries.adjusted(np.where(enough & ~shifted, rarest.chance, np.nan))
    found = []
    for number, name in enumerate(known.records.employees):
        if not enough[number]:
            found.append({"verdict": UNKNOWN, "reason": _too_little(known, number)})
        elif shifted[number]:
            found.append(_shift(known, number) | {"q": shift_q[number]})
        elif day_q[number] <= DAY_RATE:
            many = {"days_isolated_count": _isolated_days(known, number)}
            found.append(_isolated(known, number, name, days, int(rarest.row[number])) | many | {"q": day_q[number]})
        elif shifts.height[number] > known.limits.limit:
            reason = "the chart has climbed; among so many employees one or another does by chance"
            found.append({"verdict": UNKNOWN, "reason": reason, "q": shift_q[number]})
        else:
            found.append({"verdict": STEADY, "reason": "within what a steady record does", "q": shift_q[number]})
    return found


def _too_little(known: Judged, number: int) -> str:
    if known.totals["n"][number] < LEAST:
        return f"fewer than {LEAST} contacts"
    if known.records.lengths[number] < LEAST_PERIODS:
        return "too few weeks"
    if np.isnan(known.visible[number]):
        return "too few contacts in the last half year for any fall to show"
    return "too few contacts in the last half year for a fall of a quarter to show"


def _shift(known: Judged, number: int) -> Row:
    start = int(known.shifts.start[number])
    level = known.chart.level[number, start]
    sigma = float(known.sigma[number])
    numbers = people_shifts.since(known.records, number, start, sigma, known.share)
    return {
        "verdict": SHIFT,
        "since": known.monday(int(known.records.first_week[number, start])),
        "reason": "the record has climbed further than steady ones do, any one day struck out",
        "before_share": people_charts.levelled(np.array([known.share]), np.array([level]))[0],
    } | numbers


def _isolated(known: Judged, number: int, name: str, days: Cells, row: int) -> Row:
    level = people_charts.own_level(known.records, known.sigma, known.funnel.spread)[number]
    n, day = days["n"][row], int(days["day"][row])
    wanted = people_charts.levelled(days["expected"][[row]] / n, np.array([level]))[0]
    return {
        "verdict": ISOLATED,
        "since": known.moment(day),
        "reason": "one day does not fit a record that is steady without it",
        "day_count": round(n),
        "day_missed_count": round(n - days["good"][row]),
        "day_missed_expected": n * (1 - wanted),
        "conduct_event": known.conduct.get((name, day)),
    }


def _isolated_days(known: Judged, number: int) -> int:
    """How many days of the last year would each be isolated if it were the rarest."""
    days, rare = known.single_days, known.foreseen_days.chance
    mine = (days["who"] == number) & ~np.isnan(rare) & (days["day"] > known.last_day - people_single_days.YEAR)
    return int((rare[mine] * known.rarest_days.worth[number] <= DAY_RATE).sum())


def own_charts(known: Judged) -> Any:
    """One row per employee and week (or weeks taken together), in order."""
    return arrays.rows_to_table(OWN_CHARTS, _weeks(known) if len(known.days["n"]) else [])


def _weeks(known: Judged) -> Iterator[Row]:
    records, sigma = known.records, known.sigma
    level = _centre(known)
    wanted, spread = people_charts.expected(records, level[:, None])
    alarms = people_charts.alarms(known.chart.z, records.n > 0, known.limits.limit)
    outside = _outside(records, wanted, sigma)
    for number, name in enumerate(records.employees):
        for period in range(records.lengths[number]):
            n = records.n[number, period]
            centre, reach = wanted[number, period] / n, 3 * sigma[number] * np.sqrt(spread[number, period]) / n
            yield {
                "employee": name,
                "start_at": known.monday(int(records.first_week[number, period])),
                "weeks_count": int(records.weeks[number, period]),
                "n": round(n),
                "resolved_share": digits(records.good[number, period] / n),
                "expected_share": digits(centre),
                "limit_low_share": digits(max(centre - reach, 0.0)),
                "limit_high_share": digits(min(centre + reach, 1.0)),
                "outside": bool(outside[number, period]),
                "climb": digits(known.chart.climb[number, period]),
                "climb_limit": digits(known.limits.limit),
                "alarm": bool(alarms[number, period]),
            }


def _centre(known: Judged) -> Array:
    """The level about which the limits lie: that of the whole record, or of what was before where it has climbed."""
    records, shifts = known.records, known.shifts
    whole = people_charts.own_level(records, known.sigma, known.funnel.spread)
    climbed = shifts.height > known.limits.limit
    before = known.chart.level[np.arange(len(whole)), shifts.start]
    return np.where(climbed, before, whole)


def _outside(records: people_periods.Records, wanted: Array, sigma: Array) -> Array:
    """Weeks with fewer resolved than come up once in a thousand, with the spread that σz says."""
    n = np.maximum(records.n, 1.0)
    share = np.clip(wanted / n, 1e-6, 1 - 1e-6)
    alike = np.clip((sigma[:, None] ** 2 - 1) / np.maximum(n - 1, 1.0), 1e-6, 0.9)
    parts = (part.ravel() for part in (records.good, n, share, (1 - alike) / alike))
    found: Array = (people_tails.at_most(*parts).reshape(n.shape) < SELDOM) & (records.n > 0)
    return found
