"""Verdicts on people: what a bad day, a fall, a shared bad day and little data lead to; and what never leads to anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import attribution
from aboveboard.analyses.attribution import people_charts, people_limits
from aboveboard.analyses.attribution.people import Judged
from aboveboard.analyses.attribution.people_tables import OWN_CHARTS, PEOPLE
from aboveboard.engines import Ledger, ledgers
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook
from aboveboard.simulate import planted_people

PLAYBOOK = Playbook("A desk")
PLAN = planted_people.Plan(employees=40, bad_days=3, falls=4, fall_week=30, fall_to=0.6, alike=0.0, outage=100, teams=2)
Row = Mapping[str, Any]


def judged(events: pa.Table) -> Judged:
    with Ledger.of(events) as ledger:
        model = attribution.resolved(ledger.events, PLAYBOOK)
        return attribution.judged(ledger.events, model, PLAYBOOK)


def rows(known: Judged) -> list[Row]:
    return list(ledgers.arrow(attribution.people(known)).to_pylist())


@cache
def company() -> tuple[planted_people.Contacts, Judged]:
    drawn = planted_people.contacts(8, PLAN)
    return drawn, judged(planted_people.events(drawn, PLAN))


def _as_judged(known: Judged, days: Mapping[str, Any]) -> list[Row]:
    return rows(Judged(dict(days), known.last_day, known.zone, known.conduct))


def test_bad_days_are_isolated_and_falls_are_shifts() -> None:
    drawn, known = company()
    found = rows(known)
    for number in PLAN.bad:
        assert found[number]["verdict"] == "isolated"
        assert (found[number]["since"] - planted_people.FIRST).days == drawn.bad_day[number]
        assert found[number]["day_missed_count"] > 3 * found[number]["day_missed_expected"]
    for number in PLAN.falling:
        row = found[number]
        assert row["verdict"] == "shift"
        assert abs((row["since"] - planted_people.FIRST).days / 7 - PLAN.fall_week) <= 6
        assert row["since_share_high"] < row["before_share"]
    others = found[PLAN.bad_days + PLAN.falls :]
    assert {row["verdict"] for row in others} <= {"steady", "not enough data"}
    assert sum(row["verdict"] == "steady" for row in others) > 25


def test_the_rows_have_their_columns_in_order_of_keys_and_numbers_that_fit() -> None:
    _, known = company()
    people, charts = ledgers.arrow(attribution.people(known)), ledgers.arrow(attribution.own_charts(known))
    assert tuple(people.column_names) == PEOPLE.columns and tuple(charts.column_names) == OWN_CHARTS.columns
    found = people.to_pylist()
    assert [row["employee"] for row in found] == planted_people.keys(PLAN)
    assert sum(row["n"] for row in found) == sum(row["n"] for row in charts.to_pylist())
    for row in found:
        assert row["shrunken_share_low"] < row["shrunken_share"] < row["shrunken_share_high"]
    # Employees are alike: nothing of the distances between them is left but chance.
    assert not any(row["apart"] for row in found[PLAN.bad_days + PLAN.falls :])


def test_who_has_fewer_than_twenty_contacts_is_never_judged() -> None:
    _, known = company()
    days = known.days
    few = (days["employee"] == "e0003") & (np.cumsum(np.where(days["employee"] == "e0003", days["n"], 0)) > 19)
    kept = {name: column[~few] for name, column in days.items()}
    worst = kept["employee"] == "e0003"
    kept["good"] = np.where(worst, 0.0, kept["good"])
    row = _as_judged(known, kept)[3]
    assert row["n"] < 20
    assert (row["verdict"], row["since"], row["reason"]) == ("not enough data", None, "fewer than 20 contacts")
    assert row["funnel_z"] is None and not row["apart"]


@pytest.mark.parametrize("employee", ["e0020", pytest.param("e0031", marks=pytest.mark.slow)])
def test_no_single_day_makes_a_shift_whatever_happens_on_it(employee: str) -> None:
    """The most contacts of any day, none of them resolved, on each of some days in turn, the last one too."""
    _, known = company()
    days = known.days
    mine = np.flatnonzero(days["employee"] == employee)
    for place in (mine[len(mine) // 2], mine[-1]):
        changed = {name: column.copy() for name, column in days.items()}
        scale = 60.0 / changed["n"][place]
        for name in ("n", "expected", "spread"):
            changed[name][place] *= scale
        changed["good"][place] = 0.0
        verdict = {row["employee"]: row["verdict"] for row in _as_judged(known, changed)}[employee]
        assert verdict != "shift"


def test_one_week_moves_the_sum_by_less_than_any_limit() -> None:
    most = people_charts.step(np.zeros(1), np.array([-np.inf]))[0]
    assert most == people_charts.CLIP - people_charts.ALLOWANCE < people_limits.LEAST_LIMIT
    _, known = company()
    assert known.limits.limit >= people_limits.LEAST_LIMIT


def test_a_day_on_which_everybody_failed_is_the_systems() -> None:
    _, known = company()
    out = known.days["day"] == known.days["day"].min() + 100
    assert out.sum() > 20
    raw, adjusted = known.days, known.adjusted
    assert raw["good"][out].sum() < 0.45 * raw["expected"][out].sum()
    assert adjusted["expected"][out].sum() == pytest.approx(raw["good"][out].sum(), rel=0.15)
    # No other day is excused for it.
    assert adjusted["expected"][~out].sum() == pytest.approx(raw["good"][~out].sum(), rel=0.01)
    charts = ledgers.arrow(attribution.own_charts(known)).to_pylist()
    week = [row for row in charts if (row["start_at"] - planted_people.FIRST).days == 98]
    assert len(week) > 30 and sum(row["outside"] or row["alarm"] for row in week) <= 2


def test_what_only_one_or_two_had_is_not_everybodys() -> None:
    _, known = company()
    days = known.days
    day = days["day"].min() + 8
    two = (days["day"] == day) & np.isin(days["employee"], ["e0020", "e0021"])
    changed = days | {"good": np.where(two, 0.0, days["good"])}
    before, after = (replace(known, days=held).adjusted["expected"] for held in (days, changed))
    others = (days["day"] == day) & ~two
    assert after[others] == pytest.approx(before[others], rel=0.12)


def test_names_do_not_matter() -> None:
    _, known = company()
    names = np.unique(known.days["employee"])
    new = dict(
        zip(names, np.random.default_rng(2).permutation([f"x{number}" for number in range(len(names))]), strict=True)
    )
    renamed = known.days | {"employee": np.array([new[name] for name in known.days["employee"]], dtype=object)}
    order = np.lexsort([renamed["day"], renamed["team"].astype(str), renamed["employee"].astype(str)])
    found = {
        row["employee"]: row for row in _as_judged(known, {name: column[order] for name, column in renamed.items()})
    }
    for row in rows(known):
        other = dict(found[new[row["employee"]]])
        assert other.pop("employee") != row["employee"]
        for name, value in other.items():
            assert value == (pytest.approx(row[name], rel=1e-6) if isinstance(value, float) else row[name]), name


@pytest.mark.parametrize("count", [0, pytest.param(15, marks=pytest.mark.slow), 60])
def test_ledgers_that_say_little_give_tables_that_say_so(count: int) -> None:
    small = planted_people.Plan(employees=3, weeks=3, per_week=12)
    events = planted_people.events(planted_people.contacts(1, small), small).slice(0, count)
    known = judged(events)
    found = rows(known)
    assert all(row["verdict"] == "not enough data" for row in found)
    assert sum(row["n"] for row in found) == count
    nobody = events.set_column(SCHEMA.get_field_index("employee"), "employee", pa.nulls(count, pa.string()))
    assert rows(judged(nobody)) == []
    assert ledgers.arrow(attribution.own_charts(judged(nobody))).num_rows == 0
