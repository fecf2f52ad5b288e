"""Every measure by its own rule, with intervals that hold, over time, and with those who did not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.planted_drivers import nps_coverage
from scipy import stats

from aboveboard.analyses import journeys
from aboveboard.analyses.journeys import scales
from aboveboard.analyses.journeys.trend import limits
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.playbook.problems import PlaybookError

Row = dict[str, Any]
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLAYBOOK = reader.read(
    """
promises:
  on-time: {says: On time., starts: type = 'order.placed', kept_by: type = 'order.delivered', by: due, objective: 0.9}
measures:
  nps: {scale: [0, 10]}
  csat: {scale: [1, 5], good_from: 4, objective: 0.8}
  ces: {scale: [1, 7], good_from: 5, high_is: easy}
  stars: {scale: [1, 5]}
"""
)


def answer(n: int, measure: str, value: float, **line: Any) -> Row:
    at = FIRST + timedelta(minutes=n)
    said = {"id": f"e{n:05}", "type": "survey.answered", "time": at, "recorded_at": at, "outcome": measure}
    return said | {"customer": f"c{n}", "value": value} | line


def ask(analysis: Any, rows: list[Row], **more: Any) -> list[Row]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        return list(led.arrow(analysis(led.events, PLAYBOOK, **more)).to_pylist())


def by_part(rows: list[Row]) -> dict[Any, Row]:
    return {(row["measure"], row["slice"], row["value"]): row for row in rows}


def test_each_measure_by_its_own_rule() -> None:
    rows = [answer(n, "nps", v) for n, v in enumerate([10, 9, 9, 8, 7, 6, 0, 10, 10, 3])]
    rows += [answer(100 + n, "csat", v) for n, v in enumerate([5, 4, 4, 3, 1])]
    rows += [answer(200 + n, "ces", v) for n, v in enumerate([7, 5, 2])]
    rows += [answer(300, "csat", 6), answer(301, "unheard of", 3), answer(302, "stars", 4)]
    found = by_part(ask(journeys.measures, rows))
    nps = found["nps", "all", "all"]
    assert (nps["kind"], nps["unit"], nps["score"]) == ("nps", "points", pytest.approx(20))
    assert (nps["promoters_count"], nps["passives_count"], nps["detractors_count"]) == (5, 2, 3)
    assert nps["standard_error"] == pytest.approx(100 * np.sqrt((0.5 + 0.3 - 0.2**2) / 10))
    csat = found["csat", "all", "all"]
    assert (csat["kind"], csat["score"], csat["off_scale_count"]) == ("csat", pytest.approx(0.6), 1)
    assert csat["formula"] == "share of 4–5, of 1–5"
    ces = found["ces", "all", "all"]
    assert (ces["kind"], ces["score"], ces["good_share"]) == ("ces", pytest.approx(14 / 3), pytest.approx(2 / 3))
    reach = stats.t.ppf(0.975, 2) * np.std([7, 5, 2], ddof=1) / np.sqrt(3)
    assert ces["score_low"] == pytest.approx(max(1, 14 / 3 - reach))
    assert found["stars", "all", "all"]["kind"] == "rating"
    assert found["stars", "all", "all"]["score_low"] is None
    assert not any(measure == "unheard of" for measure, _, _ in found)


def test_a_customer_who_answers_often_is_one_witness() -> None:
    once = [answer(n, "nps", 10 if n % 2 else 3) for n in range(40)]
    often = [answer(n, "nps", 10 if n % 2 else 3, customer=f"c{n % 8}") for n in range(40)]
    narrow, wide = (by_part(ask(journeys.measures, rows))["nps", "all", "all"] for rows in (once, often))
    assert narrow["score"] == wide["score"] == 0
    assert wide["customers_count"] == 8
    assert wide["standard_error"] > 2 * narrow["standard_error"]


def test_parts_that_differ_are_told() -> None:
    rows = [answer(n, "csat", 5 if n % 10 else 1, team="north", touchpoint="desk") for n in range(60)]
    rows += [answer(100 + n, "csat", 5 if n % 2 else 1, team="south", channel="web") for n in range(60)]
    found = by_part(ask(journeys.measures, rows))
    assert found["csat", "team", "south"]["differs"]
    assert found["csat", "team", "south"]["rest_score"] == pytest.approx(0.9)
    assert found["csat", "touchpoint", "desk"]["rest_score"] is None
    assert found["csat", "channel", "web"]["answers_count"] == 60


@pytest.mark.parametrize(("n", "chances"), [(20, (0.8, 0.15, 0.05)), (50, (0.55, 0.3, 0.15)), (400, (0.3, 0.4, 0.3))])
def test_nps_intervals_hold(n: int, chances: tuple[float, float, float]) -> None:
    ours, plain = nps_coverage(3, n, chances, 3_000)
    assert 0.935 <= ours / 3_000 <= 0.98
    assert ours >= plain - 15


def test_where_all_answer_alike_the_interval_still_has_a_width() -> None:
    one = scales.nps(12, 0, 12)
    assert (one.value, one.high) == (100, 100)
    assert one.low < 90
    assert np.isnan(scales.nps(0, 0, 0).value)


def test_distance_and_its_limits_by_hand() -> None:
    # z = ±2.5 in turn: the mean moving range is 5, σ_z = 5 ÷ 1.128.
    distance, variance, n = np.array([25.0, 15.0] * 5), np.full(10, 400.0), np.full(10, 100.0)
    center, low, high = limits(distance, variance, n)
    assert center == 20
    np.testing.assert_allclose(high - 20, 3 * 2 * 5 / 1.128)
    np.testing.assert_allclose(20 - low, np.minimum(20, 3 * 2 * 5 / 1.128))


def test_a_bad_week_stands_out_and_the_running_one_is_not_judged() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for week in range(14):
        for n in range(40):
            bad = week in (9, 13)
            value = rng.choice([1, 2]) if bad else rng.choice([3, 4, 5], p=[0.2, 0.3, 0.5])
            minutes = week * 7 * 1440 + n * 60
            at = FIRST + timedelta(minutes=minutes)
            rows.append(answer(week * 100 + n, "csat", float(value), time=at))
    found = ask(journeys.trend, rows)
    assert {row["period"] for row in found} == {"week"} and len(found) == 14
    assert [row["period_start_at"] for row in found if row["signal"]] == [datetime(2026, 3, 9, tzinfo=UTC)]
    assert not found[-1]["complete"] and found[-1]["limit_low"] is None


def orders(missed: int, kept: int) -> list[Row]:
    rows: list[Row] = []
    for n in range(missed + kept):
        common = {"customer": f"c{n}", "subject": f"order:{n}", "recorded_at": FIRST, "touchpoint": "delivery"}
        due = FIRST + timedelta(days=1)
        rows.append(common | {"id": f"p{n}", "type": "order.placed", "time": FIRST, "due": due})
        late = timedelta(hours=30 if n < missed else 20)
        rows.append(common | {"id": f"d{n}", "type": "order.delivered", "time": FIRST + late})
    return rows


def test_who_is_silent_is_said_and_weighed() -> None:
    from aboveboard.analyses import promises

    # Of 40 who were let down 20 answer, with 1; of 60 others 15, with 5.
    rows = orders(40, 60)
    rows += [answer(5000 + n, "csat", 1, customer=f"c{n}", subject=f"order:{n}") for n in range(20)]
    rows += [answer(6000 + n, "csat", 5, customer=f"c{40 + n}", subject=f"order:{40 + n}") for n in range(15)]
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        as_of = FIRST + timedelta(days=9)
        kept = led.keep(promises.outcomes(led.events, PLAYBOOK, as_of=as_of), "kept")
        told = led.arrow(journeys.response(led.events, PLAYBOOK, promises=kept, as_of=as_of)).to_pylist()
        left = led.arrow(journeys.budgets(led.events, PLAYBOOK, promises=kept, as_of=as_of)).to_pylist()
    found = {row["record"]: row for row in told}
    assert (found["all"]["customers_count"], found["all"]["answered_count"], found["all"]["basis"]) == (100, 35, "seen")
    assert found["a promise was missed"]["response_share"] == pytest.approx(0.5)
    assert found["all"]["score"] == pytest.approx(100 * 15 / 35)
    assert found["all"]["standardised_score"] == pytest.approx(60)
    assert found["all"]["differs"]
    (budget,) = (row for row in left if row["window"] == "all" and row["source"] == "promise:on-time")
    assert (budget["missed_count"], budget["allowed_count"]) == (40, pytest.approx(10))
    assert budget["state"] == "surely spent"


def test_budgets_of_answers_need_an_objective() -> None:
    rows = [answer(n, "csat", 5 if n % 4 else 2, touchpoint="desk") for n in range(40)]
    rows += [answer(100 + n, "stars", 1, touchpoint="desk") for n in range(40)]
    rows += [answer(200 + n, "csat", 1, touchpoint="door", time=FIRST - timedelta(days=90)) for n in range(30)]
    found = {(row["touchpoint"], row["window"]): row for row in ask(journeys.budgets, rows)}
    assert set(found) == {(place, window) for place in ("desk", "door") for window in ("all", "30 days")}
    assert found["desk", "30 days"]["left_count"] == pytest.approx(40 * 0.2 - 10)
    assert found["desk", "30 days"]["state"] == "spent"
    assert (found["door", "30 days"]["ended_count"], found["door", "30 days"]["state"]) == (0, "not enough data")
    assert found["door", "all"]["state"] == "surely spent"


def test_an_objective_needs_good_answers() -> None:
    with pytest.raises(PlaybookError, match="good_from"):
        reader.read("measures: {csat: {scale: [1, 5], objective: 0.8}}")


def test_without_measures_there_is_nothing() -> None:
    book = reader.read("organisation: x")
    with Ledger.of(pa.Table.from_pylist([answer(1, "csat", 4)], schema=SCHEMA)) as led:
        for analysis in (journeys.measures, journeys.response, journeys.trend, journeys.budgets, journeys.drivers):
            assert led.arrow(analysis(led.events, book)).num_rows == 0
