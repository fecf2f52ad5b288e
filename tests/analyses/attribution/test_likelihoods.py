"""The fits are where the likelihood, written out in full, is greatest; and nothing hangs on order, names or cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analyses.attribution import dense_reference, made

from aboveboard.analyses.attribution import binary, gaussian, laplace, quadrature
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.fit import Fit

SDS = {"employee": (9, 0.5), "team": (4, 0.8), "hour": (3, 0.3)}


def fitted(levels: Mapping[str, Sequence[str | None]], y: Any, *, kind: str) -> Fit:
    held = made.gathered(levels, y)
    if kind == "binary":
        return binary.fit(held.design, held.count, held.total)
    return gaussian.fit(held.design, held.count, held.total, held.squares)


def cases(seed: int, count: int, *, kind: str, absent: float = 0.0) -> tuple[dict[str, list[str | None]], Any]:
    levels, sums = made.drawn(seed, SDS, count)
    random = np.random.default_rng(seed + 1000)
    some: dict[str, list[str | None]] = {name: list(column) for name, column in levels.items()}
    for place in np.flatnonzero(random.random(count) < absent):
        some["employee"][place] = None
    if kind == "binary":
        return some, (random.random(count) < 1 / (1 + np.exp(-sums))).astype(float)
    return some, sums + random.normal(size=count)


@pytest.mark.parametrize("absent", [0.0, 0.3])
def test_restricted_likelihood_is_the_dense_one_and_greatest_at_the_fit(absent: float) -> None:
    levels, y = cases(3, 160, kind="gaussian", absent=absent)
    fit = fitted(levels, y, kind="gaussian")

    def dense(sds: Any, residual: float) -> float:
        return dense_reference.restricted_deviance(levels, y, list(sds), residual)

    least = dense(fit.sds, fit.residual)
    assert fit.deviance == pytest.approx(least, rel=1e-9)
    for factor in (0.97, 1.03):
        assert dense(fit.sds, fit.residual * factor) > least
        for one in np.flatnonzero(fit.sds):
            moved = fit.sds.copy()
            moved[one] *= factor
            assert dense(moved, fit.residual) > least


@pytest.mark.parametrize("absent", [0.0, 0.3])
def test_laplace_is_the_dense_one_and_greatest_at_the_fit(absent: float) -> None:
    levels, y = cases(5, 300, kind="binary", absent=absent)
    held = made.gathered(levels, y)
    fit = laplace.plain(held.design, held.count, held.total)
    least = dense_reference.laplace_deviance(levels, y, fit.sds, fit.fixed[0])
    assert fit.deviance == pytest.approx(least, rel=1e-8)
    for change in (-0.03, 0.03):
        assert dense_reference.laplace_deviance(levels, y, fit.sds, fit.fixed[0] + change) > least
        for one in np.flatnonzero(fit.sds):
            moved = fit.sds.copy()
            moved[one] *= 1 + change
            assert dense_reference.laplace_deviance(levels, y, moved, fit.fixed[0]) > least


@pytest.mark.parametrize("kind", ["gaussian", "plain", "restricted"])
def test_slopes_are_those_of_the_deviance(kind: str) -> None:
    levels, y = cases(11, 200, kind="gaussian" if kind == "gaussian" else "binary", absent=0.2)
    held = made.gathered(levels, y)
    if kind != "gaussian":
        restricted = kind == "restricted"
        deviance: Any = laplace.Laplace(held.design, held.count, held.total, restricted=restricted)
        at = np.array([0.4, 0.7, 0.2, 0.3])[: 3 if restricted else 4]
    else:
        deviance = gaussian._Restricted(held.design, held.count, held.total, float(held.squares.sum()))
        at = np.array([0.4, 0.7, 0.2])
    for one in range(len(at)):
        reach = np.where(np.arange(len(at)) == one, 1e-5, 0.0)
        slope = (deviance(at + reach)[0] - deviance(at - reach)[0]) / 2e-5
        assert deviance(at)[1][one] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("absent", [0.0, 0.2])
def test_quadrature_is_the_integral_written_out(absent: float) -> None:
    """One component: level by level over a fine grid, and the intercept, which 400 cases make normal, by Laplace."""
    random = np.random.default_rng(4)
    people = [None if random.random() < absent else f"p{n:03}" for n in np.repeat(np.arange(100), 4)]
    y = (random.random(400) < 0.7).astype(float)
    held = made.gathered({"employee": people}, y)
    nested = quadrature.Nested(held.design, held.count, held.total, [np.array([0.8]), np.zeros(100)])
    for sd in (0.4, 1.5):
        found = nested(np.array([sd]))
        (middle,) = nested.point[0]
        reach = 1e-3
        here, above, below = (
            dense_reference.integrated_deviance(people, y, sd, middle + move) for move in (0, reach, -reach)
        )
        bend = (above - 2 * here + below) / reach**2 / 2
        assert found == pytest.approx(here + np.log(bend), rel=1e-5)
        assert (above - below) / (2 * reach) / bend == pytest.approx(0, abs=5e-3)


def test_few_cases_per_level_are_integrated_and_many_are_not() -> None:
    levels, y = cases(5, 300, kind="binary")
    assert fitted(levels, y, kind="binary").likelihood is not None
    held = made.gathered({"team": levels["team"]}, y)
    found = binary.fit(held.design, held.count * 10, held.total * 10)
    assert found.likelihood is None
    assert found.sds == pytest.approx(laplace.restricted(held.design, held.count * 10, held.total * 10).sds)


def test_prediction_variances_are_those_of_the_whole_inverse() -> None:
    levels, y = cases(13, 150, kind="gaussian")
    fit = fitted(levels, y, kind="gaussian")
    columns = [np.ones((len(y), 1)), *(dense_reference.markers(column) for column in levels.values())]
    whole = np.hstack(columns)
    added = np.concatenate(
        [[0.0], *(np.full(c.shape[1], r**-2.0) for c, r in zip(columns[1:], fit.ratios, strict=True))]
    )
    inverse = np.linalg.inv(whole.T @ whole + np.diag(added))
    expected = fit.residual * np.sqrt(np.diag(inverse))
    assert np.concatenate([fit.fixed_sd, *fit.effects_sd]) == pytest.approx(expected, rel=1e-6)


def test_a_covariate_takes_what_is_its_own() -> None:
    levels, y = cases(17, 400, kind="gaussian")
    days = np.linspace(-1, 1, 400)
    design = Design.of(levels, [days])
    ones = np.ones(400)
    fit = gaussian.fit(design, ones, y + 3 * days, (y + 3 * days) ** 2)
    assert fit.fixed[1] == pytest.approx(3, abs=4 * fit.fixed_sd[1])
    assert fit.fixed_sd[1] < 0.2


def test_sparse_tables_give_what_dense_ones_give(monkeypatch: pytest.MonkeyPatch) -> None:
    levels, y = cases(19, 300, kind="binary", absent=0.2)
    dense = fitted(levels, y, kind="binary")
    monkeypatch.setattr("aboveboard.analyses.attribution.equations.DENSE", 0)
    sparse = fitted(levels, y, kind="binary")
    assert sparse.sds == pytest.approx(dense.sds, rel=1e-7)
    assert np.concatenate(sparse.effects_sd) == pytest.approx(np.concatenate(dense.effects_sd), rel=1e-7)


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["gaussian", "binary"]))
def test_order_names_and_cells_change_nothing(seed: int, kind: str) -> None:
    levels, y = cases(seed, 240, kind=kind, absent=0.1)
    if not 5 < y.sum() < 235 and kind == "binary":
        return
    fit = fitted(levels, y, kind=kind)
    random = np.random.default_rng(seed)
    order = random.permutation(len(y))
    new = {
        f"{name}-{number:03}": f"{random.integers(10**9)}" for name, (many, _) in SDS.items() for number in range(many)
    }
    shuffled = {name: [None if column[i] is None else new[column[i]] for i in order] for name, column in levels.items()}
    # One cell per case: the finest cells that there are.
    split = Design.of(shuffled)
    ones, moved = np.ones(len(y)), y[order]
    other = (
        binary.fit(split, ones, moved) if kind == "binary" else gaussian.fit(split, ones, moved, moved * moved)
    )  # fmt: skip
    assert other.sds == pytest.approx(fit.sds, rel=1e-5, abs=1e-4)
    assert other.fixed == pytest.approx(fit.fixed, rel=1e-5, abs=1e-5)
    for name in levels:
        number = fit.design.names.index(name)
        renamed = dict(zip(split.levels[number], other.effects[number], strict=True))
        after = [renamed[new[level]] for level in fit.design.levels[number]]
        assert after == pytest.approx(list(fit.effects[number]), abs=1e-4)


def test_a_component_of_no_effect_may_come_out_as_nothing_at_all() -> None:
    random = np.random.default_rng(2)
    levels = {"employee": [f"e{n}" for n in random.integers(30, size=3000)]}
    found = [fitted(levels, random.normal(size=3000), kind="gaussian").sds[0] for _ in range(20)]
    assert found.count(0.0) >= 5
    assert max(found) < 0.12
