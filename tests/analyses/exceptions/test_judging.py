"""The verdict on one rule: each word where it belongs, and “not enough data” wherever something is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aboveboard.analyses.exceptions import judging
from aboveboard.analyses.exceptions.judging import CHANGE, KEEP, NOT_ENOUGH, PUSH, Record
from aboveboard.analyses.exceptions.margins import Judgement
from aboveboard.analyses.shared.survival import Estimate

NOTHING = Estimate(np.nan, np.nan, np.nan)
GOOD = Record(
    decided=400, followed=350, approval=Estimate(0.95, 0.92, 0.97), climbed=Estimate(0.0, 0.0, 0.01), above=NOTHING,
    harm=Estimate(0.01, 0.004, 0.025), judged=Judgement(Estimate(0.0, -0.01, 0.012), 0.001, 0.999), margin=0.02,
    auc=NOTHING, tolerated=0.21, compared=True,
)  # fmt: skip
ABOVE = replace(GOOD, climbed=Estimate(0.97, 0.95, 0.99), above=Estimate(0.98, 0.96, 0.99))
BLIND = Estimate(0.51, 0.42, 0.6)


def verdict(record: Record, **claims: Any) -> judging.Verdict:
    held = {"within": False, "always": False, "beyond": False, "regions": (), **claims}
    return judging.verdict(record, **held)


def test_harm_within_the_margin_changes_the_rule() -> None:
    found = verdict(GOOD, within=True)
    assert found.word == CHANGE
    assert found.why == (
        "Harm after exceptions is within the margin: 0 points more than in ordinary cases (−1 to 1.2), where 2 are accepted."
    )


def test_a_yes_that_always_comes_from_above_moves_down() -> None:
    assert verdict(ABOVE, within=True, always=True).word == PUSH
    assert verdict(replace(ABOVE, auc=BLIND), beyond=True, always=True).word == PUSH


@pytest.mark.parametrize(
    "record",
    [
        replace(ABOVE, auc=Estimate(0.62, 0.53, 0.7)),  # the approver tells
        replace(ABOVE, auc=Estimate(0.6, 0.4, 0.8)),  # the approver may well tell
        replace(ABOVE, auc=NOTHING),  # nobody knows
        replace(ABOVE, auc=BLIND, above=Estimate(0.93, 0.88, 0.96)),  # not nearly always
        replace(GOOD, auc=BLIND),  # the frontline decides already
    ],
)
def test_otherwise_a_harmful_rule_is_kept(record: Record) -> None:
    assert verdict(record, always=True, beyond=True).word == KEEP


def test_a_region_that_was_confirmed_changes_the_rule_there() -> None:
    found = verdict(GOOD, beyond=True, regions=("value is at most 50",))
    assert (found.word, found.in_regions) == (CHANGE, True)


def test_those_granted_must_be_able_to_stand_for_those_refused() -> None:
    few = replace(GOOD, approval=Estimate(0.3, 0.26, 0.35), tolerated=0.024)
    found = verdict(few, within=True)
    assert found.word == NOT_ENOUGH
    assert "a staged trial would tell" in found.why
    assert verdict(replace(few, auc=Estimate(0.7, 0.6, 0.8)), within=True).word == KEEP


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (replace(GOOD, margin=None), "no harm_margin"),
        (replace(GOOD, decided=19), "Only 19 requests"),
        (replace(GOOD, followed=3), "Only 3 exceptions are old enough"),
        (GOOD, "either side of the margin"),
    ],
)
def test_what_is_missing_is_said(record: Record, words: str) -> None:
    found = verdict(record, within=record.followed < 20)
    assert found.word == NOT_ENOUGH
    assert words in found.why


def test_what_the_refused_may_do_is_what_the_margin_leaves() -> None:
    share = judging.tolerated(0.9, 0.01, 0.008, 0.02)
    assert 0.9 * 0.01 + 0.1 * share == pytest.approx(0.008 + 0.02)
    assert np.isnan(judging.tolerated(1.0, 0.01, 0.0, 0.02))
