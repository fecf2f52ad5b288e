from __future__ import annotations

from aboveboard.simulate.score import score
from aboveboard.simulate.truth import Rates, Truth, causes

TRUTH = Truth(causes(Rates()), ("Northgate",))
CUT_OFF = ("promise.not-deliverable", {"promise": "delivered-tomorrow"})
FALSE = ("promise.breaks-where", {"promise": "call-back", "slice": "team", "value": "Northgate"})
FACT = ("promise.at-risk", {"promise": "call-back"})


def test_what_was_planted_and_said_is_found() -> None:
    assert "cut-off hour" in score(TRUTH, [CUT_OFF]).found
    assert "cut-off hour" in score(TRUTH, []).missed


def test_a_claim_without_a_cause_is_false_and_a_fact_is_not() -> None:
    result = score(TRUTH, [CUT_OFF, FALSE, FACT])
    assert result.told == 2
    assert result.false == (FALSE,)
    assert result.precision == 0.5
    assert result.accused == ("Northgate",)


def test_nothing_planted_and_nothing_said_is_perfect() -> None:
    result = score(Truth(), [FACT])
    assert (result.recall, result.precision) == (1.0, 1.0)


def test_a_consequence_of_a_cause_is_not_false() -> None:
    at_eastmoor = ("promise.breaks-where", {"promise": "installed-in-five-days", "slice": "team", "value": "Eastmoor"})
    elsewhere = ("promise.breaks-where", {"promise": "installed-in-five-days", "slice": "team", "value": "Westhay"})
    assert score(TRUTH, [at_eastmoor]).false == ()
    assert score(TRUTH, [elsewhere]).false == (elsewhere,)
