"""Journeys and touchpoints: a golden journey, the same as plain Python, and what must not move a score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import mean
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from aboveboard.analyses import journeys
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Row = dict[str, Any]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
PLAYBOOK = reader.read(
    """
touchpoints: [call, visit, bill]
journeys:
  repair: [call, visit]
  whole: [call, visit, bill]
measures:
  rating: {scale: [0, 10], good_from: 9}
  toil: {scale: [1, 7], good_from: 3, high_is: hard}
"""
)
SCALES = {"rating": (0, 10), "toil": (7, 1)}
"""The worst answer and the best."""


def answer(n: int, **line: Any) -> Row:
    said = {"id": f"e{n:03}", "type": "survey.answered", "time": FIRST + timedelta(minutes=n), "recorded_at": FIRST}
    return said | {"subject": "visit:1", "customer": "ann", "outcome": "rating"} | line


def opened(rows: list[Row]) -> Ledger:
    return Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA))


def found(rows: list[Row], **more: Any) -> tuple[dict[Any, Row], dict[Any, Row]]:
    with opened(rows) as led:
        by_subject = led.arrow(journeys.journeys(led.events, PLAYBOOK, **more)).to_pylist()
        by_place = led.arrow(journeys.touchpoints(led.events, PLAYBOOK, **more)).to_pylist()
    return (
        {(row["subject"], row["measure"]): row for row in by_subject},
        {(row["touchpoint"], row["measure"]): row for row in by_place},
    )


def test_a_journey_by_hand() -> None:
    rows = [
        answer(1, touchpoint="call", value=10),
        answer(2, touchpoint="visit", value=10),
        answer(3, touchpoint="bill", value=9),
        answer(4, touchpoint="bill", value=6),
        answer(5, touchpoint="bill", value=2, outcome="toil"),
        answer(6, value=1),
        answer(7, touchpoint="call", value=11),
        answer(8, touchpoint="call", value=3, outcome="unheard of"),
    ]
    one, _ = found(rows)
    assert set(one) == {("visit:1", "rating"), ("visit:1", "toil")}
    rating = one["visit:1", "rating"]
    assert rating["score"] == pytest.approx((100 + 100 + 75) / 3)
    assert rating["points_lost"] == pytest.approx(100 / 12)
    assert (rating["blemishes"], rating["excellent"]) == ("bill", "call, visit")
    assert (rating["journey"], rating["answers_count"], rating["touchpoints_count"]) == ("whole", 4, 3)
    assert (rating["first_at"], rating["last_at"]) == (rows[0]["time"], rows[3]["time"])
    assert one["visit:1", "toil"]["score"] == pytest.approx(100 * 5 / 6)


def test_what_a_touchpoint_rests_on() -> None:
    rows = [answer(n, customer=f"c{n}", touchpoint="call", value=10 - n % 2) for n in range(40)]
    rows += [answer(100 + n, customer=f"d{n}", touchpoint="bill", value=5 + n % 2) for n in range(40)]
    _, places = found(rows)
    bill, call = places["bill", "rating"], places["call", "rating"]
    assert bill["score"] == pytest.approx(55)
    reach = stats.t.ppf(0.975, 39) * np.std([5, 6] * 20, ddof=1) / np.sqrt(40) * 10
    assert (bill["score_low"], bill["score_high"]) == (pytest.approx(55 - reach), pytest.approx(55 + reach))
    assert (call["good_count"], call["best_count"], bill["good_count"]) == (40, 20, 0)
    assert bill["rest_score"] == pytest.approx(95)
    assert bill["differs"]
    assert bill["points_lost_share"] == pytest.approx(45 / 50)


def test_one_customer_who_answers_often_is_one_witness() -> None:
    lone = [answer(n, customer="ann", touchpoint="call", value=3) for n in range(50)]
    _, places = found(lone)
    assert places["call", "rating"]["score_low"] is None
    assert places["call", "rating"]["p_value"] is None


ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "subject": st.sampled_from(("visit:1", "visit:ß", None)),
            "customer": st.sampled_from(("ann", "Bö", None)),
            "touchpoint": st.sampled_from(("call", "visit", "bill", "elsewhere", None)),
            "outcome": st.sampled_from(("rating", "toil", "nps", None)),
            "value": st.one_of(st.none(), st.integers(-1, 11).map(float)),
            "type": st.sampled_from(("survey.answered", "survey.answered", "step.declined")),
        }
    ),
    max_size=40,
).map(lambda rows: [answer(n) | row for n, row in enumerate(rows)])


def reference(rows: list[Row], end: datetime) -> dict[Any, tuple[float, list[str], list[str]]]:
    """Per subject and measure: the score, the blemishes and the excellent touchpoints, one answer at a time."""
    given: dict[Any, dict[str, list[float]]] = {}
    for row in rows:
        known = row["type"] == "survey.answered" and row["outcome"] in SCALES and row["time"] <= end
        if known and row["subject"] and row["touchpoint"] and row["value"] is not None:
            worst, best = SCALES[row["outcome"]]
            quality = (row["value"] - worst) / (best - worst)
            if 0 <= quality <= 1:
                places = given.setdefault((row["subject"], row["outcome"]), {})
                places.setdefault(row["touchpoint"], []).append(quality)
    return {
        key: (
            100 * mean(mean(values) for values in places.values()),
            sorted((p for p in places if mean(places[p]) < 1), key=lambda p: (round(mean(places[p]), 9), p)),
            sorted(p for p in places if mean(places[p]) == 1),
        )
        for key, places in given.items()
    }


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ANSWERS, minutes=st.integers(0, 50))
def test_the_same_as_plain_python(rows: list[Row], minutes: int) -> None:
    end = FIRST + timedelta(minutes=minutes)
    one, places = found(rows, as_of=end)
    expected = reference(rows, end)
    assert set(one) == set(expected)
    for key, (score, blemishes, excellent) in expected.items():
        row = one[key]
        assert row["score"] == pytest.approx(score)
        assert set((row["blemishes"] or "").split(", ")) - {""} == set(blemishes)
        assert set((row["excellent"] or "").split(", ")) - {""} == set(excellent)
        assert (row["blemishes_count"], row["excellent_count"]) == (len(blemishes), len(excellent))
    for row in places.values():
        assert 0 <= row["score"] <= 100
        assert row["score_low"] is None or row["score_low"] <= row["score"] <= row["score_high"]


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ANSWERS, which=st.integers(0, 39))
def test_a_declined_step_never_lowers_a_score(rows: list[Row], which: int) -> None:
    offer = answer(99, type="step.offered", rule="step:repair/water")
    accepted, refused = ({**offer, "id": "x", "type": kind} for kind in ("step.done", "step.declined"))
    assert found([*rows, offer, accepted]) == found([*rows, offer, refused])


def test_the_interval_covers() -> None:
    """Customers who answer several times, much alike: about 95 of 100 intervals hold the true score."""
    rng = np.random.default_rng(8)
    rows = []
    for place in range(60):
        mood = rng.normal(6, 1.2, 40)
        values = np.clip(np.round(np.tile(mood, 3)), 0, 10)
        rows += [
            answer(n, id=f"{place}-{n}", customer=f"c{place}-{n % 40}", touchpoint=f"p{place}", value=float(value))
            for n, value in enumerate(values)
        ]
    truth = 10 * np.mean(np.clip(np.round(rng.normal(6, 1.2, 200_000)), 0, 10))
    held = [row["score_low"] <= truth <= row["score_high"] for row in found(rows)[1].values()]
    assert len(held) == 60
    assert np.mean(held) >= 0.88
