"""System or person in the public sets: the key figures of docs/measures/attribution-real.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import variance_real, variance_sets

pytestmark = pytest.mark.slow


def shares(cases: variance_sets.Cases) -> dict[str, variance_real.Part]:
    return {part.name: part for part in variance_real.split(cases).parts}


def test_no_agent_of_the_invented_call_centre_has_an_effect(real_data: Path) -> None:
    found = variance_sets.callcenter(real_data)
    assert [len(cases.y) for cases in found] == [5000, 4054, 4054]
    for cases in found:
        agent = shares(cases)["employee"]
        assert agent.levels == 8
        assert agent.low == 0.0
        assert agent.share < 0.001
        assert agent.share_high < 0.0205


def test_parcels_are_late_by_the_way_to_the_carrier_the_month_and_the_state_and_not_by_product(real_data: Path) -> None:
    parcels = variance_sets.olist(real_data)
    assert len(parcels) == 5_096
    found = shares(variance_sets.late(parcels))
    expected = {"days to the carrier": 0.205, "month": 0.144, "seller": 0.079, "customer's state": 0.051}
    assert {name: found[name].share for name in expected} == pytest.approx(expected, abs=0.005)
    assert all(found[name].low > 0 for name in expected)
    assert found["product category"].share < 0.001
    cost = variance_real.lateness_and_scores(parcels)
    assert (cost.plain, cost.adjusted) == pytest.approx((-2.12, -2.05), abs=0.01)
    assert cost.high < -1.9


def test_priority_goes_with_most_of_whether_an_agreement_is_kept(real_data: Path) -> None:
    found = shares(variance_sets.servicenow(real_data))
    expected = {"priority": 0.625, "group": 0.076, "person": 0.067, "opener": 0.054, "category": 0.019}
    assert {name: found[name].share for name in expected} == pytest.approx(expected, abs=0.005)


def test_the_last_to_touch_an_incident_and_not_its_impact_goes_with_its_time(real_data: Path) -> None:
    found = shares(variance_sets.bpic2013(real_data))
    assert found["impact"].share < 0.001
    assert found["person"].share == pytest.approx(0.559, abs=0.005)
