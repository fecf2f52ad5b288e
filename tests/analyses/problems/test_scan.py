"""The scan on counts alone: what it finds, what it does not, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import problem_callers as measured

from aboveboard.analyses.problems import spread, windows
from aboveboard.analyses.problems.cells import Cells, of_counts
from aboveboard.analyses.problems.chance import Chance, Tail
from aboveboard.analyses.problems.clock import Calendar
from aboveboard.analyses.problems.regions import Region
from aboveboard.analyses.problems.scan import scan
from aboveboard.analyses.problems.windows import Ground
from aboveboard.simulate.planted_problems import Planted

WEEKS = Calendar(20_000, 20_000 + 26 * 7 - 1, 7)


def counted(n: np.ndarray, broken: np.ndarray, *, hours: np.ndarray | None = None) -> list[Cells]:
    """Cells of one stratum from a table of teams and weeks."""
    team, week = (each.ravel() for each in np.indices(n.shape))
    absent = np.full(team.size, None, dtype=object)
    named = np.array([f"team {number}" for number in team], dtype=object)
    table = {"kind": np.full(team.size, "complaint", dtype=object), "rule": absent, "team": named, "channel": absent}
    table |= {"product": absent, "period": week, "weekday": np.ones(team.size, dtype=int)}
    table |= {
        "hour": np.zeros(team.size, dtype=int) if hours is None else hours,
        "n": n.ravel(),
        "broken": broken.ravel(),
    }
    return of_counts(table, WEEKS)


def test_a_cluster_of_eight_is_found_where_it_was_planted() -> None:
    planted = Planted(shop=3, start=100, end=107, count=8)
    hits = [measured.outcome(measured.drawn(seed, (planted,)), measured.scanned).hit for seed in range(2)]
    assert any(hits)


def test_what_was_found_is_not_found_again_by_another_name() -> None:
    rng = np.random.default_rng(1)
    n = np.full((6, 26), 40)
    broken = rng.binomial(n, 0.03)
    broken[2, 10:12] += 20
    found = scan(counted(n, broken)).found
    assert [each.region.place for each in found] == [(("team", "team 2"),)]
    first = 20_000 + 70
    assert (found[0].region.start, found[0].region.end) == (first, first + 14)
    broken[4, 20:22] += 20
    assert {each.region.place[0][1] for each in scan(counted(n, broken)).found} == {"team 2", "team 4"}


def test_a_bad_team_is_bad_all_the_time_and_a_bad_week_is_everybodys() -> None:
    rng = np.random.default_rng(2)
    n = np.full((6, 26), 40)
    broken = rng.binomial(n, 0.05)
    broken[1] = rng.binomial(n[1], 0.2)
    team = scan(counted(n, broken)).found[0].region
    assert team.place == (("team", "team 1"),) and team.whole
    broken = rng.binomial(n, 0.05)
    broken[:, 7] = rng.binomial(n[:, 7], 0.3)
    week = scan(counted(n, broken)).found[0].region
    assert week.place == () and (week.end - week.start) == 7 and week.start == 20_000 + 49


def test_weeks_that_go_wrong_together_are_noise_and_a_cluster_in_them_is_not() -> None:
    rng = np.random.default_rng(3)
    n = np.full((8, 26), 60)
    broken = spread.drawn(rng, n, 0.1, 0.032)
    assert 0.016 <= spread.spread(n, broken) <= 0.064
    assert scan(counted(n, broken)).found == ()
    broken[5, 3:6] = 40
    assert spread.spread(n, broken) <= 0.064, "an outstanding region is left out of the noise"
    assert [each.region.place for each in scan(counted(n, broken)).found] == [(("team", "team 5"),)]


def test_independent_breakdowns_are_seldom_taken_for_gathered_and_gathered_ones_are() -> None:
    n = np.full((10, 182), 2)
    weeks = np.repeat(np.arange(26), 7)

    def judged(seed: int, correlation: float, extra: int = 0) -> float:
        rng = np.random.default_rng([5, seed])
        rates = spread.drawn(rng, np.full((10, 26), 10**6), 0.05, correlation)[:, weeks] / 10**6
        broken = rng.binomial(n, rates)
        broken[3, 70 : 70 + extra] = n[3, 70 : 70 + extra]
        return spread.spread(n, broken)

    assert sum(judged(seed, 0.0) > 0 for seed in range(5)) <= 1
    assert sum(judged(seed, 0.0, extra=4) > 0 for seed in range(5)) <= 2, "a cluster is not noise"
    assert sum(judged(seed, 0.1) > 0 for seed in range(5)) >= 4


def test_what_orders_of_a_shop_have_in_common_those_of_its_web_channel_have_too() -> None:
    own = {(): 0.1, ("team",): 0.3, ("channel",): 0.0, ("team", "channel"): 0.0, ("channel", "product"): 0.2}
    inherited = spread.inherited(own)
    assert inherited == {**own, ("channel",): 0.1, ("team", "channel"): 0.3}


def test_noise_is_seen_on_whatever_day_it_begins() -> None:
    n = np.full((10, 182), 2)
    rates = spread.drawn(np.random.default_rng(6), np.full((10, 27), 10**6), 0.05, 0.1) / 10**6
    for late in (0, 3):
        weeks = (np.arange(182) + late) // 7
        broken = np.random.default_rng([6, 1]).binomial(n, rates[:, weeks])
        assert spread.spread(n, broken) > 0


def test_nothing_is_found_where_there_is_nothing_to_find() -> None:
    n = np.full((3, 26), 10)
    assert scan(counted(n, np.zeros_like(n))).found == ()
    assert scan(counted(n, n)).found == ()
    assert scan([]).found == ()


def test_the_score_is_kulldorffs() -> None:
    n, broken = np.array([[10, 10, 10, 10]]), np.array([[0, 6, 0, 0]])
    score, start, size = windows.best(n, broken, np.array([100]), np.array([12]), 0.0, whole=True)
    expected = 10 * 0.12
    ratio = 6 * np.log(6 / expected) + 6 * np.log(6 / (12 - expected))
    assert score[0] == pytest.approx(ratio / (1 - 0.12)) and (start[0], size[0]) == (1, 1)
    few = windows.best(n, np.array([[0, 4, 0, 0]]), np.array([100]), np.array([12]), 0.0, whole=True)
    assert few[0][0] == -np.inf, "four are no problem"


def test_the_tail_is_what_was_simulated_and_goes_on_falling() -> None:
    tail = Tail(np.arange(100.0, 0, -1), np.cumsum(np.full(100, 0.01)))
    assert tail.beyond(50.0) == pytest.approx(0.51)
    assert tail.beyond(61.0) == pytest.approx(0.40)
    assert 0 < tail.beyond(140.0) < tail.beyond(120.0) < 0.1


def test_chances_are_chances() -> None:
    """Of places without a cause, five in a hundred come to the score that chance would bring to five in a hundred."""
    rng = np.random.default_rng(4)
    chance = Chance(Ground(4_000, 120, 0.0), np.full(26, 154), whole=True)
    n = rng.multinomial(400, np.full(26, 1 / 26), 3_000)
    broken = rng.binomial(n, 0.03)
    rest = rng.binomial(3_600, 0.03, 3_000)
    scores = windows.best(n, broken, np.full(3_000, 4_000), broken.sum(axis=1) + rest, 0.0, whole=True)[0]
    p = np.array([chance.of_size(8, score) if np.isfinite(score) else 1.0 for score in scores])
    assert 0.03 <= (p <= 0.05).mean() <= 0.07 and (p <= 0.01).mean() <= 0.02


def test_the_key_is_the_causes_and_holds_no_dates() -> None:
    one = Region("promise missed", "promise:ready-by", (("team", "Ärger & Co"),), start=3, end=9, whole=False)
    later = Region("promise missed", "promise:ready-by", (("team", "Ärger & Co"),), start=30, end=99, whole=False)
    other = Region("promise missed", "promise:ready-by", (("team", "Arger & Co"),))
    assert one.key == later.key != other.key
    assert one.key.startswith("promise-missed-ready-by-rger-co-")
    assert one.words == "at Ärger & Co, from 4 Jan 1970 to 9 Jan 1970"
