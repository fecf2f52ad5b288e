"""The findings tell what was planted, spare the innocent, and stay quiet where nothing was planted."""

from __future__ import annotations

from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from aboveboard.analyses import episodes
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.reports import run
from aboveboard.simulate import company
from aboveboard.simulate.score import Score, score
from aboveboard.simulate.truth import Rates, kept_shares

SEEDS = range(1, 6)


@cache
def _results(seed: int, *, null: bool) -> tuple[company.Company, run.Results]:
    made = company.company(seed=seed, customers=4000, null=null)
    with Ledger.of(made.events) as ledger:
        return made, run.run(ledger, reader.read(made.playbook))


def _score(made: company.Company, results: run.Results) -> Score:
    return score(made.truth, [(finding.kind, finding.about) for finding in results.findings])


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_planted_is_found_and_the_innocent_are_spared(seed: int) -> None:
    made, results = _results(seed, null=False)
    scored = _score(made, results)
    # In a quarter of the companies the crews differ so much that of the offer it says "not enough data" (planted-causes.md).
    assert set(scored.missed) <= {"an offer that helps some"}
    assert scored.accused == ()
    # One false finding in twenty is what the limits allow, and they come in groups: one depot is late on several cuts.
    assert scored.precision >= 0.7, scored.false
    honest = {row["promise"]: row["honest"] for row in results.tables["deliverability"].to_pylist() if row["honest"]}
    assert "until 14:00" in honest["delivered-tomorrow"]
    assert all("employee" not in finding.about for finding in results.findings)


@pytest.mark.slow
def test_nine_comparing_findings_in_ten_have_a_cause() -> None:
    scores = [_score(*_results(seed, null=False)) for seed in range(1, 6)]
    assert sum(len(one.false) for one in scores) / sum(one.told for one in scores) <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_where_nothing_was_planted_little_is_said(seed: int) -> None:
    made, results = _results(seed, null=True)
    scored = _score(made, results)
    assert scored.accused == ()
    # Four families of comparison, each with a false-discovery rate of 5 %: two at once would be one in a hundred.
    assert len(scored.false) <= 1, scored.false


def test_the_true_shares_are_those_of_the_rates() -> None:
    shares = kept_shares(Rates.without())
    assert shares["repaired-in-two-days", "weekday", "1"] == shares["repaired-in-two-days", "weekday", "2"]
    assert kept_shares(Rates())["repaired-in-two-days", "weekday", "1"] == pytest.approx(0.25)


def test_links_find_the_second_keys() -> None:
    made = company.company(seed=1, customers=4000)
    with Ledger.of(made.events) as ledger:
        rows = ledger.arrow(episodes.links(ledger.events)).to_pylist()
    # A key that never filled in a form has no name to be known by.
    forms = made.events.filter(pc.is_in(made.events["type"], pa.array(["order.placed"])))
    known = set(forms["customer"].to_pylist())
    there = {pair for pair in made.truth.same_person if set(pair) <= known}
    linked = {(row["left"], row["right"]) for row in rows if row["band"] == "linked"}
    assert len(there) >= 30
    assert len(linked & there) >= 0.95 * len(there)
    assert len(linked - there) <= 0.05 * len(linked)
