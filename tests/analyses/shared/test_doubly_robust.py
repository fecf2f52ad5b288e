"""The estimate of a step's worth, on visits of which the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aboveboard.analyses.shared import doubly_robust
from aboveboard.analyses.shared.doubly_robust import Cases, Effect

GAIN = 0.3


def drawn(seed: int, *, size: int = 900, pull: float = 1.0, clusters: int = 0, spread: float = 0.0) -> Cases:
    """Visits in which rush both has the step left out and spoils the score; `pull` is how strongly."""
    rng = np.random.default_rng(seed)
    rush, skill = rng.integers(0, 2, size), rng.integers(0, 3, size)
    taken = rng.random(size) < 1 / (1 + np.exp(-(0.6 - pull * 1.4 * rush + 0.4 * pull * skill)))
    cluster = rng.integers(0, clusters, size) if clusters else np.full(size, -1)
    own = rng.normal(0, spread, max(clusters, 1))[cluster] if clusters else 0.0
    score = 5 + (GAIN + own) * taken - pull * rush + 0.5 * pull * skill + rng.normal(0, 1, size)
    mix = np.column_stack([rush, *(skill == value for value in range(3))]).astype(float)
    fold = rng.integers(0, 5, size)
    return Cases(np.ones(size), score, score**2, taken, fold, cluster.astype(np.int64), mix)


def everywhere(visits: Cases) -> np.ndarray:
    return np.ones(len(visits.n), dtype=bool)


def estimated(visits: Cases) -> Effect:
    found = doubly_robust.effect(visits, doubly_robust.pulls(visits), everywhere(visits))
    assert found is not None
    return found


def test_intervals_hold_the_truth_and_the_plain_difference_does_not() -> None:
    runs = [drawn(seed) for seed in range(80)]
    effects = [estimated(visits) for visits in runs]
    held = np.mean([one.low <= GAIN <= one.high for one in effects])
    assert 0.89 <= held <= 1.0, "95 % less three standard errors of 80 runs"
    assert abs(np.mean([one.value for one in effects]) - GAIN) < 0.03
    plain = np.array([doubly_robust.plain_difference(visits, everywhere(visits)) for visits in runs])
    assert plain.min() > GAIN + 0.1


def test_either_model_suffices() -> None:
    """Doubly robust: a score model that knows nothing is mended by the propensity, and the other way round."""
    off = []
    for seed in range(20):
        visits = drawn(seed, size=2_000)
        found = doubly_robust.pulls(visits)
        value = np.where(visits.taken, 1 / found.propensity, -1 / (1 - found.propensity)) * visits.total
        off.append(value.mean() - GAIN)
    # Weighting alone, no score model at all.
    assert abs(np.mean(off)) < 0.05


def test_without_case_mix_it_is_the_plain_difference() -> None:
    visits = replace(drawn(1), case_mix=np.zeros((900, 0)))
    assert estimated(visits).value == pytest.approx(
        doubly_robust.plain_difference(visits, everywhere(visits)), abs=0.02
    )


def test_cells_and_single_visits_give_the_same() -> None:
    visits = drawn(2, size=600)
    keys = np.column_stack([visits.case_mix, visits.taken, visits.fold])
    _, cell = np.unique(keys, axis=0, return_inverse=True)
    first = np.array([np.flatnonzero(cell == number)[0] for number in range(cell.max() + 1)])
    gathered = Cases(
        *(np.bincount(cell, weights=column) for column in (visits.n, visits.total, visits.squares)),
        *(column[first] for column in (visits.taken, visits.fold, visits.cluster, visits.case_mix)),
    )  # fmt: skip
    one, other = estimated(visits), estimated(gathered)
    assert len(gathered.n) < 100
    for name in ("value", "error", "freedom", "overlap", "effective"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6), name


def test_few_employees_who_differ_make_it_less_sure() -> None:
    alike = np.mean([estimated(drawn(seed, clusters=12)).error for seed in range(8)])
    apart = [estimated(drawn(seed, clusters=12, spread=0.8)) for seed in range(8)]
    assert np.mean([one.error for one in apart]) > 1.5 * alike
    assert {one.freedom for one in apart} == {11}


def test_too_little_to_compare_is_no_estimate() -> None:
    visits = drawn(3)
    assert doubly_robust.effect(visits, doubly_robust.pulls(visits), np.zeros(900, dtype=bool)) is None
    for taken in (np.ones(900, dtype=bool), np.zeros(900, dtype=bool), np.arange(900) < 12):
        one_way = replace(visits, taken=taken)
        assert doubly_robust.effect(one_way, doubly_robust.pulls(one_way), everywhere(visits)) is None
    nobody = Cases(*(np.zeros(0) for _ in range(3)), np.zeros(0, bool), *(np.zeros(0, np.int64),) * 2, np.zeros((0, 2)))
    assert doubly_robust.effect(nobody, doubly_robust.pulls(nobody), everywhere(nobody)) is None


def test_visits_that_go_one_way_only_do_not_count() -> None:
    visits = drawn(4, size=2_000)
    sure = visits.case_mix[:, 0] == 1
    one_way = replace(visits, taken=visits.taken | sure)
    found = estimated(one_way)
    assert found.overlap == pytest.approx(1 - sure.mean(), abs=0.05)
    assert found.low <= GAIN <= found.high


def test_p_values_at_their_landmarks() -> None:
    one = Effect(value=0.2, error=0.1, freedom=1e6, overlap=1.0, effective=100.0)
    assert (one.low, one.high) == pytest.approx((0.004, 0.396), abs=1e-3)
    assert one.p == pytest.approx(0.0455, abs=1e-4)
    assert one.p_at_least(0.2) == pytest.approx(0.5)
    assert one.p_at_least(0.3645) == pytest.approx(0.05, abs=1e-3)


def test_that_effects_are_one_or_are_not() -> None:
    def at(value: float) -> Effect:
        return Effect(value, 0.1, 100, 1.0, 100.0)

    assert doubly_robust.p_of_difference([at(0.2), at(0.2), at(0.2)]) == pytest.approx(1.0)
    # Q = 2 × (0.2 / 0.1)² = 8 on one degree of freedom.
    assert doubly_robust.p_of_difference([at(0.0), at(0.4)]) == pytest.approx(0.00468, abs=1e-5)
    assert np.isnan(doubly_robust.p_of_difference([at(0.2)]))
