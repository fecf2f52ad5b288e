"""What no data can tell apart is not split: it is named, and fitted as one."""

from __future__ import annotations

import numpy as np
import pytest
from tests.analyses.attribution import made

from aboveboard.analyses.attribution import modelling, telling_apart
from aboveboard.analyses.attribution.outcomes import Cells

COUNT = 1200


def _groups(levels: dict[str, list[str | None]]) -> list[tuple[str, ...]]:
    held = made.gathered(levels, np.zeros(COUNT))
    return [group for group in telling_apart.groups(held.design, held.count) if len(group) > 1]


def _drawn(many: int, seed: int) -> list[str | None]:
    return [f"l{number}" for number in np.random.default_rng(seed).integers(many, size=COUNT)]


def test_crossed_and_nested_components_are_told_apart() -> None:
    team = _drawn(8, 1)
    employee: list[str | None] = [f"{name}/{other}" for name, other in zip(team, _drawn(5, 2), strict=True)]
    assert _groups({"employee": employee, "team": team, "hour": _drawn(6, 3)}) == []


def test_a_policy_of_its_own_for_each_team_is_not_told_from_the_team() -> None:
    team = _drawn(8, 1)
    policy: list[str | None] = [f"policy of {name}" for name in team]
    assert _groups({"team": team, "policy": policy, "hour": _drawn(6, 3)}) == [("team", "policy")]


def test_nor_where_a_handful_of_cases_would_have_to_tell_them() -> None:
    team = _drawn(8, 1)
    policy: list[str | None] = [f"policy of {name}" for name in team]
    policy[:4] = ["policy of l0"] * 4
    assert _groups({"team": team, "policy": policy}) == [("team", "policy")]


def test_one_case_per_level_is_chance() -> None:
    single: list[str | None] = [f"c{number}" for number in range(COUNT)]
    assert _groups({"employee": single, "team": _drawn(8, 1)}) == [(telling_apart.CHANCE, "employee")]


def test_what_only_several_together_repeat_is_one_group() -> None:
    """Two halves of the teams, each known only by a component of its own: together they are the teams."""
    team = _drawn(8, 1)
    first: list[str | None] = [name if name < "l4" else None for name in team]  # type: ignore[operator]
    second: list[str | None] = [name if name >= "l4" else None for name in team]  # type: ignore[operator]
    assert _groups({"team": team, "policy": first, "channel": second}) == [("team", "policy", "channel")]


def test_nothing_is_split_by_luck() -> None:
    """The joint component has the variance of both; the two under it have none of their own."""
    random = np.random.default_rng(5)
    team = _drawn(20, 1)
    worth = dict(zip(sorted(set(team)), random.normal(0, 0.8, 20), strict=True))  # type: ignore[type-var]
    y = np.array([worth[name] for name in team]) + random.normal(size=COUNT)
    held = made.gathered({"team": team, "policy": [f"p {name}" for name in team], "hour": _drawn(6, 3)}, y)
    cells = Cells("minutes", "number", held.design, held.count, held.total, held.squares, {})
    model = modelling.model(cells)
    assert model.titles == ("team + policy", "hour")
    assert model.told_from == {"team": "policy", "policy": "team"}
    assert model.fit is not None
    assert 0.5 < model.fit.sds[0] < 1.2


def test_too_many_levels_beside_others_are_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = {"employee": _drawn(50, 1), "team": _drawn(30, 2), "hour": _drawn(6, 3)}
    held = made.gathered(levels, np.random.default_rng(4).normal(size=COUNT))
    cells = Cells("minutes", "number", held.design, held.count, held.total, held.squares, {})
    monkeypatch.setattr(modelling, "MOST_OTHERS", 20)
    model = modelling.model(cells)
    assert model.titles == ("employee", "hour")
    assert "too many levels" in model.reasons["team"]
