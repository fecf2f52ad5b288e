from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses.promises import deliverability
from aboveboard.analyses.promises.tables import DELIVERABILITY
from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.model import Playbook

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
DAYTIME = ((time(10), time(20)),)


def rows(table: pa.Table, playbook: Playbook, *, cut: str = "all", as_of: datetime = AS_OF) -> list[dict[str, Any]]:
    found = deliverability(ibis.memtable(table), playbook, as_of=as_of).to_pyarrow().to_pylist()
    return [row for row in found if row["slice"] == cut]


def of_minutes(simulated: ModuleType, minutes: np.ndarray, *, seed: int = 1, as_of: datetime = AS_OF) -> pa.Table:
    made, _ = simulated.shop_day(np.random.default_rng(seed), len(minutes), 60)
    return simulated.outcomes_table(made, minutes, as_of=as_of)


def weekly(simulated: ModuleType, hours: Calendar | None, /, **promise: Any) -> Playbook:
    book = simulated.playbook()
    calendars = {} if hours is None else {hours.name: hours}
    return replace(book, calendars=calendars, promises={"p": replace(book.promises["p"], **promise)})


def test_the_deliverable_time_is_the_quantile_within_five_percent(simulated: ModuleType) -> None:
    rng = np.random.default_rng(11)
    minutes = simulated.log_normal_minutes(rng, 5000, 0.8)
    (row,) = rows(of_minutes(simulated, minutes), simulated.playbook())
    truth = 180 * np.exp(0.5 * (simulated.Z[0.95] - simulated.Z[0.8]))
    assert tuple(row) == DELIVERABILITY.columns
    assert row["minutes_deliverable"] == pytest.approx(truth, rel=0.05)
    assert row["minutes_deliverable"] == pytest.approx(np.quantile(minutes, 0.95, method="inverted_cdf"), rel=0.001)
    assert row["minutes_deliverable_low"] < row["minutes_deliverable"] < row["minutes_deliverable_high"]
    assert (row["verdict"], row["honest"]) == ("not deliverable", "5 hours")
    assert (row["starts_count"], row["minutes_promised"], row["minutes_added"]) == (5000, 180, None)


def test_the_planted_closing_time_is_said_in_words(simulated: ModuleType) -> None:
    made, minutes = simulated.closing_shop(np.random.default_rng(12), 2000, 15 + 2 / 3)
    table = simulated.outcomes_table(made, minutes, as_of=AS_OF)
    (row,) = rows(table, simulated.playbook())
    assert row["honest"] in {f"3 hours until {end}, else tomorrow 11:00" for end in ("15:30", "15:45")}


def test_a_shop_closed_at_weekends_says_the_next_open_day(simulated: ModuleType) -> None:
    shop = Calendar("shop", simulated.ZONE, dict.fromkeys(range(1, 6), DAYTIME))
    made, hour = simulated.shop_day(np.random.default_rng(13), 3000, 60)
    kept = [(m, h) for m, h in zip(made, hour, strict=True) if m.astimezone(simulated.ZONE).isoweekday() <= 5]
    made, hours = [m for m, _ in kept], np.array([h for _, h in kept])
    friday = np.array([m.astimezone(simulated.ZONE).isoweekday() == 5 for m in made])
    rng = np.random.default_rng(14)
    later = (24 * np.where(friday, 3, 1) + 10 - hours) * 60 + 50 * rng.random(len(made))
    minutes = np.where(hours < 16, 60.0, later)
    (row,) = rows(simulated.outcomes_table(made, minutes, as_of=AS_OF), weekly(simulated, shop))
    assert row["honest"] == "3 hours until 16:00, else the next open day 11:00"


def test_where_only_the_load_of_the_evening_slows_it_down_the_rest_is_a_duration(simulated: ModuleType) -> None:
    rng = np.random.default_rng(15)
    made, hour = simulated.shop_day(rng, 3000, 60)
    minutes = np.where(hour < 16, 60.0, 250 + 40 * rng.random(3000))
    (row,) = rows(simulated.outcomes_table(made, minutes, as_of=AS_OF), simulated.playbook())
    assert row["honest"] == "3 hours until 16:00, else 5 hours"


def test_a_deliverable_promise_stays_as_it_is(simulated: ModuleType) -> None:
    (row,) = rows(of_minutes(simulated, np.full(500, 60.0)), simulated.playbook())
    assert (row["verdict"], row["honest"]) == ("deliverable", "3 hours")


def test_nineteen_are_not_enough(simulated: ModuleType) -> None:
    (row,) = rows(of_minutes(simulated, np.full(19, 400.0)), simulated.playbook())
    assert (row["verdict"], row["honest"]) == ("not enough data", "not enough data")
    assert row["minutes_deliverable"] == 400


def test_what_is_mostly_never_met_has_no_honest_time(simulated: ModuleType) -> None:
    minutes = np.where(np.arange(200) % 2, 60.0, 1e7)
    (row,) = rows(of_minutes(simulated, minutes), simulated.playbook())
    assert row["minutes_deliverable"] is None
    assert row["honest"] == "no time at all"


def test_a_promise_by_date_is_lengthened_by_days(simulated: ModuleType) -> None:
    rng = np.random.default_rng(16)
    late = of_minutes(simulated, 180 + 1440 * (2 * rng.random(1000) - 0.5))
    book = weekly(simulated, None, within=None, by="due")
    (row,) = rows(late, book)
    assert row["minutes_added"] == pytest.approx(1440 * 1.4, rel=0.03)
    assert row["honest"] == "the time promised plus 2 days"


def test_a_promise_on_a_calendar_speaks_of_opening_hours(simulated: ModuleType) -> None:
    shop = Calendar("shop", simulated.ZONE, dict.fromkeys(range(1, 8), DAYTIME))
    (row,) = rows(of_minutes(simulated, np.full(100, 400.0)), weekly(simulated, shop, calendar="shop"))
    assert row["honest"] == "7 opening hours"


def test_every_slice_has_its_verdict(simulated: ModuleType) -> None:
    made, minutes = simulated.closing_shop(np.random.default_rng(17), 2000, 16)
    hours = rows(simulated.outcomes_table(made, minutes, as_of=AS_OF), simulated.playbook(), cut="hour")
    verdicts = {int(row["value"]): row["verdict"] for row in hours}
    assert {hour for hour, verdict in verdicts.items() if verdict == "not deliverable"} == {16, 17, 18, 19}
    assert all(row["honest"] is None for row in hours)


def test_busy_moments_are_told_from_calm_ones(simulated: ModuleType) -> None:
    # One start an hour is quick; of ten at once each waits for the ones before it.
    calm = [
        datetime(2026, 3, 2, 15, tzinfo=UTC) + timedelta(days=day, hours=hour) for day in range(40) for hour in (0, 1)
    ]
    rush = [
        datetime(2026, 3, 2, 19, tzinfo=UTC) + timedelta(days=day, seconds=i) for day in range(40) for i in range(10)
    ]
    minutes = np.array([20.0] * len(calm) + [40.0 * (i + 1) for _ in range(40) for i in range(10)])
    found = rows(simulated.outcomes_table(calm + rush, minutes, as_of=AS_OF), simulated.playbook(), cut="load")
    share = {row["value"]: row["kept_share"] for row in found}
    assert share["1"] == 1
    assert share["4"] == 0
    assert sum(row["starts_count"] for row in found) == len(minutes)


def test_load_counts_what_ran_in_the_same_team_just_before(simulated: ModuleType) -> None:
    from aboveboard.analyses.promises.load import running as running_before

    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    made = [start + timedelta(minutes=minute) for minute in (0, 10, 20, 30, 60)]
    team = ["a", "a", "b", "a", "a"]
    table = simulated.outcomes_table(made, np.array([60.0, 15.0, 60.0, 60.0, 60.0]), as_of=AS_OF, team=team)
    running = running_before(ibis.memtable(table)).to_pyarrow().to_pylist()
    # The second is met at minute 25, the first at minute 60, in which the last one is made.
    assert {row["event"]: row["running"] for row in running} == {
        "e000000": 0,
        "e000001": 1,
        "e000002": 0,
        "e000003": 1,
        "e000004": 1,
    }


def test_no_outcomes_no_rows(simulated: ModuleType) -> None:
    empty = of_minutes(simulated, np.full(3, 60.0)).slice(0, 0)
    assert rows(empty, simulated.playbook()) == []


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "5 minutes"),
        (61, "90 minutes"),
        (100, "2 hours"),
        (1440, "24 hours"),
        (1441, "2 days"),
        (600000, "417 days"),
    ],
)
def test_durations_are_rounded_up_to_what_people_say(minutes: float, words: str) -> None:
    from aboveboard.analyses.promises import honest

    assert honest.duration(minutes) == words
