"""A fix that holds is seldom called back; one whose problem returns is noticed soon, and never before it does."""

from __future__ import annotations

import numpy as np
from benchmarks import planted_fixes as bench

from aboveboard.analyses.fixes import recurrence


def test_a_return_is_noticed_and_calm_is_left_alone() -> None:
    holds = bench.watched(30, per_week=10, keeps=0.2, returns=None, seed=910)
    assert sum(week is not None for week in holds) <= 5
    back = bench.watched(20, per_week=10, keeps=0.2, returns=20, seed=911)
    assert np.median([week for week in back if week is not None]) <= 4


def test_too_few_weeks_or_no_gap_to_return_over_say_nothing() -> None:
    calm, loud = np.full(30, 2.0), np.full(30, 50.0)
    size = np.ones(30)
    wanted = {"before": 20.0, "dispersion": 1.5, "rho": 0.2}
    assert recurrence.came_back(calm[:4], size[:4], calm=1, **wanted) is None
    assert recurrence.came_back(loud, size, calm=5, **(wanted | {"before": 50.0})) is None
    assert recurrence.came_back(np.concatenate([calm[:10], loud]), np.ones(40), calm=5, **wanted) == 10
