"""Companies with components of known worth: how near the estimates come, and how often the intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import variance_components as planted


@pytest.mark.parametrize(
    ("kind", "companies"), [("gaussian", 40), pytest.param("binary", 40, marks=pytest.mark.slow), ("binary", 2)]
)
def test_intervals_hold_what_was_planted(kind: str, companies: int) -> None:
    found = planted.coverage(companies, 5_000, kind=kind, sds=planted.SDS)
    least = int(0.9 * len(found)) if companies > 2 else 4
    assert sum(one.held for one in found) >= least
    assert sum(one.share_held for one in found) >= least


@pytest.mark.parametrize("kind", ["gaussian", pytest.param("binary", marks=pytest.mark.slow)])
def test_employees_who_are_all_alike_are_not_said_to_differ(kind: str) -> None:
    found = planted.coverage(20, 5_000, kind=kind, sds=planted.NOTHING)
    people = [one for one in found if one.component == "employee"]
    assert sum(one.low > 0 for one in people) <= 2


def test_estimates_come_near_what_the_levels_have() -> None:
    found = [one for seed in range(3) for one in planted.estimates(seed, 60_000, kind="gaussian", sds=planted.SDS)]
    off = [abs(one.sd / one.drawn - 1) for one in found]
    assert np.median(off) < 0.03
    assert max(off) < 0.25
