"""Are people judged rightly? Companies whose employees are alike but for a bad day, or a fall, that was planted.

Run: `python -m benchmarks people` (a quarter of an hour) prints the tables of docs/measures/people.md, 20 companies in every row.
Options: `python -m benchmarks.people --companies 5 --parts steady falls days --correlations 0.05`. The tests run the same company
on fewer employees. How soon a fall could be found at all: `people_bound`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from aboveboard.analyses import attribution
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook.model import Playbook
from aboveboard.simulate import planted_people
from aboveboard.simulate.planted_people import Plan
from benchmarks import people_bound

Row = Mapping[str, Any]
PLAYBOOK = Playbook("A desk")
FIRST_SEED = 100
"""Seeds below were looked at while the method was made."""
SPREADS = (0.0, 0.05, 0.1)
MOST_ON_DAYS = 0.05
"""Days are planted in weeks that differ up to this."""


@dataclass(frozen=True)
class Company:
    """One planted company and what was said of it."""

    plan: Plan
    drawn: planted_people.Contacts
    people: list[Row]
    charts: dict[str, list[Row]]
    seconds: float


def company(seed: int, plan: Plan) -> Company:
    """Draw a company and judge everybody."""
    drawn = planted_people.contacts(seed, plan)
    with Ledger.of(planted_people.events(drawn, plan)) as led:
        began = time.process_time()
        known = attribution.judged(led.events, attribution.resolved(led.events, PLAYBOOK), PLAYBOOK)
        people = led.arrow(attribution.people(known)).to_pylist()
        weeks = led.arrow(attribution.own_charts(known)).to_pylist()
        seconds = time.process_time() - began
    charts: dict[str, list[Row]] = {name: [] for name in planted_people.keys(plan)}
    for week in weeks:
        charts[week["employee"]].append(week)
    return Company(plan, drawn, people, charts, seconds)


def companies(count: int, plan: Plan) -> list[Company]:
    """Several of one plan, of seeds that nobody had looked at."""
    return [company(FIRST_SEED + number, plan) for number in range(count)]


def flagged(found: list[Company]) -> tuple[int, int]:
    """Employee-weeks that stand out in an own chart (alarm, or below the limit), and how many there are."""
    weeks = [week for one in found for chart in one.charts.values() for week in chart]
    return sum(week["alarm"] or week["outside"] for week in weeks), len(weeks)


def plain_p_chart(found: list[Company]) -> int:
    """Employee-weeks below the lower limit of a plain p-chart: three binomial standard deviations about everybody's share."""
    below = 0
    for one in found:
        weeks = [week for chart in one.charts.values() for week in chart]
        n, share = (np.array([week[name] for week in weeks], float) for name in ("n", "resolved_share"))
        middle = (n * share).sum() / n.sum()
        below += int((share < middle - 3 * np.sqrt(middle * (1 - middle) / n)).sum())
    return below


def delays(found: list[Company]) -> list[float]:
    """Weeks from the fall to the first alarm, of every employee whose share fell; infinite where there was none."""
    listed = []
    for one in found:
        names = planted_people.keys(one.plan)
        for number, fall_week in zip(one.plan.falling, one.plan.fall_weeks, strict=True):
            fell = planted_people.FIRST + timedelta(weeks=fall_week)
            alarms = [
                week["start_at"] for week in one.charts[names[number]] if week["alarm"] and week["start_at"] >= fell
            ]
            listed.append((alarms[0] - fell).days / 7 + 1 if alarms else float("inf"))
    return listed


def alarmed(found: list[Company]) -> float:
    """The share of employee-weeks with an alarm while nobody had fallen yet."""
    some = [
        week["alarm"]
        for one in found
        for chart in one.charts.values()
        for week in chart
        if week["start_at"] < planted_people.FIRST + timedelta(weeks=one.plan.fall_week)
    ]
    return sum(some) / len(some)


def verdicts(found: list[Company], chosen: str) -> Counter[str]:
    """Verdicts on those with a `bad` day, those `falling`, or the `others`."""
    counted: Counter[str] = Counter()
    for one in found:
        groups = {"bad": set(one.plan.bad), "falling": set(one.plan.falling)}
        groups["others"] = set(range(one.plan.employees)) - groups["bad"] - groups["falling"]
        counted.update(str(one.people[number]["verdict"]) for number in groups[chosen])
    return counted


def share(count: int, n: int) -> str:
    """A share in words, with its interval."""
    low, high = intervals.wilson(count, n)
    return f"{count:,} of {n:,} ({100 * count / n:.2f} %, {100 * float(low):.2f}–{100 * float(high):.2f} %)"


def _said(counted: Counter[str]) -> str:
    return ", ".join(f"{word} {number}" for word, number in sorted(counted.items()))


def _steady(count: int, correlations: Sequence[float]) -> None:
    print(
        f"200 identical employees × 52 weeks × 25 contacts, one day on which everybody fails; {count} companies each\n",
        flush=True,
    )
    print("| correlation within a week | own charts | plain p-chart | verdicts |\n|---|---|---|---|")
    for alike in correlations:
        found = companies(count, Plan(alike=alike, outage=100))
        marked, weeks = flagged(found)
        plain = share(plain_p_chart(found), weeks)
        print(f"| {alike} | {share(marked, weeks)} | {plain} | {_said(verdicts(found, 'others'))} |", flush=True)


def _falls(count: int, correlations: Sequence[float]) -> None:
    print(
        f"\nA fall 85 → 75 % at 25 contacts a week, 20 of 200 employees, from week 53 of 104 on; {count} companies each\n"
    )
    print("| correlation | they fall | alarms before | weeks to the alarm: median | 90 % within | within six ", end="")
    print("| a test that knows all: median | within six | no rule: more | verdict at the end, who fell | the others |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for every, said in ((1, "week after week"), (0, "all at once")):
        for alike in correlations:
            found = companies(count, Plan(alike=alike, weeks=104, falls=20, fall_week=52, fall_every=every))
            waited, before = np.array(delays(found)), alarmed(found)
            middle, most = np.quantile(waited, [0.5, 0.9], method="lower")
            best = people_bound.bound(alike, before)
            fell, others = (_said(verdicts(found, chosen)) for chosen in ("falling", "others"))
            within = f"{(waited <= people_bound.GOAL).mean():.0%}"
            known = f"{best.median:.0f} | {best.within:.0%} | {best.most:.0%}"
            print(f"| {alike} | {said} | {before:.2%} | {middle:.0f} | {most:.0f} | {within} | {known} ", end="")
            print(f"| {fell} | {others} |", flush=True)


def _bad_days(count: int, correlations: Sequence[float]) -> None:
    print(f"\nA bad day of 12 contacts, 20 of 200 employees; {count} companies each\n")
    print("| correlation | resolved that day | isolated, the right day | verdict on those who had it | on the others |")
    print("|---|---|---|---|---|", flush=True)
    for alike in (alike for alike in correlations if alike <= MOST_ON_DAYS):
        for good in (0.0, 0.1, 0.2):
            found = companies(count, Plan(alike=alike, bad_days=20, bad_share=good))
            right = sum(
                one.people[number]["verdict"] == "isolated"
                and (one.people[number]["since"] - planted_people.FIRST).days == one.drawn.bad_day[number]
                for one in found
                for number in one.plan.bad
            )
            bad, others = (_said(verdicts(found, chosen)) for chosen in ("bad", "others"))
            held = share(right, 20 * count)
            print(f"| {alike} | {good:.0%} | {held} | {bad} | {others} |", flush=True)


def main() -> None:
    """Print what was measured."""
    options = argparse.ArgumentParser()
    options.add_argument("--companies", type=int, default=20)
    options.add_argument("--correlations", type=float, nargs="+", default=SPREADS)
    parts = {"steady": _steady, "falls": _falls, "days": _bad_days}
    options.add_argument("--parts", nargs="+", choices=parts, default=list(parts))
    chosen = options.parse_args()
    for part in chosen.parts:
        parts[part](chosen.companies, chosen.correlations)
    one = company(FIRST_SEED, Plan())
    print(
        f"\n{one.seconds:.1f} s of processor time for {len(one.drawn.at):,} contacts of {one.plan.employees} employees."
    )


if __name__ == "__main__":
    main()
