"""Findings from survey answers: what is said, when it is not said, and of whom (never an employee)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses.journeys import tables
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.findings import ratings
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader

START = datetime(2026, 3, 2, tzinfo=UTC)
BOOK = reader.read("measures: {nps: {scale: [0, 10]}, ces: {scale: [1, 7], high_is: hard}}")


def found(spec: Any, *rows: dict[str, Any]) -> list[Finding]:
    table: pa.Table = ledgers.arrow(rows_to_table(spec, rows))
    return list(ratings.findings({spec.name: table}, BOOK, as_of=START))


def score(**more: Any) -> dict[str, Any]:
    return {
        "measure": "nps", "kind": "nps", "slice": "team", "value": "north", "formula": "rule", "unit": "points",
        "answers_count": 200, "customers_count": 200, "score": -12.0, "score_low": -25.0, "score_high": 1.0,
        "rest_score": 20.0, "differs": True,
    } | more  # fmt: skip


def test_a_part_that_is_lower() -> None:
    (one,) = found(tables.MEASURES, score())
    assert one.kind == "measure.lower-at"
    assert one.sentence == "At north, nps is −12 (−25 to +1, 200 answers); for the rest +20 (rule)."
    hard = {"measure": "ces", "unit": "mean", "score": 5.0, "rest_score": 3.0, "score_low": 4.8, "score_high": 5.2}
    assert len(found(tables.MEASURES, score(**hard))) == 1, "where low is good, more is worse"
    for quiet in (score(differs=False), score(score=18.0), score(slice="touchpoint"), score(**hard | {"score": 2.0})):
        assert found(tables.MEASURES, quiet) == []


def test_the_latest_period_outside_the_limits() -> None:
    def week(number: int, distance: float, **more: Any) -> dict[str, Any]:
        return {
            "measure": "nps", "period_start_at": START + timedelta(weeks=number), "period": "week", "complete": True,
            "answers_count": 50, "unit": "points", "distance": distance, "center": 20.0, "limit_low": 12.0,
            "limit_high": 28.0, "signal": not 12 <= distance <= 28,
        } | more  # fmt: skip

    (one,) = found(tables.TREND, week(0, 20), week(1, 35), week(2, 90, complete=False, signal=False))
    assert one.sentence.startswith("In the week from 9 Mar 2026, nps was 35 of 100 points from perfect (50 answers)")
    assert one.sentence.endswith("worse than chance explains.") and one.weight > 0
    assert found(tables.TREND, week(0, 35), week(1, 20)) == []
    (better,) = found(tables.TREND, week(0, 5))
    assert better.weight == 0 and "keep it" in better.action


def test_silence_that_moves_the_score() -> None:
    parts = [
        {"measure": "nps", "record": "all", "customers_count": 1000, "answered_count": 300, "response_share": 0.3,
         "response_share_low": 0.27, "response_share_high": 0.33, "score": 70.0, "standardised_score": 60.0, "differs": True},
        {"measure": "nps", "record": "a promise was missed", "response_share": 0.1, "differs": False},
        {"measure": "nps", "record": "promises were kept", "response_share": 0.4, "differs": False},
    ]  # fmt: skip
    (one,) = found(tables.RESPONSE, *parts)
    assert "10 % of the customers to whom a promise was missed" in one.sentence
    assert one.sentence.endswith("the score is 60 of 100 and not 70.")
    assert found(tables.RESPONSE, parts[0] | {"standardised_score": 69.0}, *parts[1:]) == []


def driver(name: str, share: float, *, drives: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "measure": "nps", "driver": name, "driver_measure": "stars", "verdict": "known", "cases_count": 400, "share": share,
        "share_low": share - 0.1, "share_high": share + 0.1, "r2": 0.5, "r2_part": share / 2, "driver_score": 60.0,
        "drives": drives,
    } | more  # fmt: skip


def test_the_greatest_driver() -> None:
    (one,) = found(tables.DRIVERS, driver("delivery", 0.6), driver("desk", 0.4))
    assert "60 % (50–70 %) goes with “delivery”, which stands at 60 of 100" in one.sentence
    (one,) = found(tables.DRIVERS, driver("on-time", 0.6, driver_measure="kept"))
    assert "whether “on-time” was kept" in one.sentence
    assert found(tables.DRIVERS, driver("delivery", 0.6, drives=False), driver("desk", 0.4)) == []
    assert found(tables.DRIVERS, driver("delivery", 0.6, verdict="not enough data")) == []


def test_a_budget_that_is_surely_spent() -> None:
    row = {
        "touchpoint": "desk", "source": "measure:csat", "window": "30 days", "objective": 0.8, "ended_count": 100,
        "missed_count": 40, "missed_share": 0.4, "missed_share_low": 0.31, "missed_share_high": 0.5, "allowed_count": 20.0,
        "left_count": -20.0, "state": "surely spent",
    }  # fmt: skip
    (one,) = found(tables.BUDGETS, row)
    assert one.sentence.endswith("at “desk” were not good (31–50 %); the objective allows 20.")
    for quiet in ({"state": "spent"}, {"window": "all"}, {"source": "promise:x"}):
        assert found(tables.BUDGETS, row | quiet) == []


@pytest.mark.parametrize(("rank", "low", "said"), [(1, 2.0, 1), (2, 2.0, 0), (1, 0.0, 0)])
def test_the_first_small_step(rank: int, low: float, said: int) -> None:
    row = {
        "step": "s", "says": "Say 5 hours.", "owner": "ops", "reach_weekly": 60.0, "spared_weekly": 5.0,
        "spared_weekly_low": low, "spared_weekly_high": 8.0, "effort_days": 1.0, "suggestions_count": 3, "rank": rank,
    }  # fmt: skip
    told = found(tables.SMALL_STEPS, row)
    assert len(told) == said
    if told:
        assert "Say 5 hours. If it works wholly it spares about 5.0 breakdowns a week (2.0–8.0)" in told[0].sentence
        assert told[0].owner == "ops"
