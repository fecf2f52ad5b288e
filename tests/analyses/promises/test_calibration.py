"""The error rates that docs/measures/promises.md states, measured again on fewer runs of the same simulation."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest


@pytest.mark.parametrize(("n", "kept", "censored"), [(100, 0.8, 0.3), (400, 0.95, 0.0), (2000, 0.98, 0.3)])
def test_the_interval_of_the_kept_share_holds_it_95_times_in_100(
    simulated: ModuleType, n: int, kept: float, censored: float
) -> None:
    # 1,500 runs: four standard errors are 2.3 points.
    assert simulated.kept_share_coverage(np.random.default_rng(21), 1500, n, kept, censored) == pytest.approx(
        0.95, abs=0.02
    )


@pytest.mark.parametrize("objective", [0.8, 0.95])
def test_the_deliverable_time_and_its_interval(simulated: ModuleType, objective: float) -> None:
    held, near = simulated.quantile_coverage(np.random.default_rng(22), 400, 5000, objective)
    assert held == pytest.approx(0.95, abs=0.03)
    assert near >= 0.99


def test_steady_weeks_rarely_signal(simulated: ModuleType) -> None:
    rng = np.random.default_rng(23)
    assert simulated.trend_signals(rng, 100, days_alike=True) <= 0.006
    assert simulated.trend_signals(rng, 100, days_alike=False) <= 0.012
