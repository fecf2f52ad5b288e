"""What the numbers allow to be said of a step."""

from __future__ import annotations

import pytest

from aboveboard.analyses.procedures import contexts, saying
from aboveboard.analyses.procedures.advice import Candidate, judge
from aboveboard.analyses.procedures.contexts import Context, Cut
from aboveboard.analyses.shared.doubly_robust import Effect
from aboveboard.playbook import conditions

HOME, ROAD = Context("touchpoint", "at home"), Context("touchpoint", "roadside")


def effect(value: float, error: float = 0.03, overlap: float = 1.0) -> Effect:
    return Effect(value, error, 500.0, overlap, 500.0)


def said(**of: Effect | None) -> dict[str, str]:
    names = {"all": None, "home": HOME, "road": ROAD}
    given = [Candidate("water", names[name], one, 0.1) for name, one in of.items()]
    return {name: verdict.advice for name, verdict in zip(of, judge(given), strict=True)}


@pytest.mark.parametrize(
    ("value", "error", "overlap", "wanted"),
    [
        (0.5, 0.05, 1.0, "keep"),
        (0.0, 0.03, 1.0, "drop"),
        (-0.4, 0.1, 1.0, "drop"),
        (0.05, 0.01, 1.0, "drop"),  # sure, and too small to be worth having
        (0.0, 0.1, 1.0, "not enough data"),  # nothing shown is not shown to be nothing
        (0.3, 0.2, 1.0, "not enough data"),
        (0.5, 0.05, 0.4, "not enough data"),
        (0.0, 0.03, 0.4, "not enough data"),
    ],
)
def test_one_step_in_all_visits(value: float, error: float, overlap: float, wanted: str) -> None:
    assert said(all=effect(value, error, overlap)) == {"all": wanted}


def test_a_row_says_where_the_step_is_worth_having_and_where_that_is_not_sure() -> None:
    names = (None, ROAD, HOME, Context("channel", "web"))
    given = [
        Candidate("w", at, effect(*of), 0.1) for at, of in zip(names, ((0.3,), (0.6,), (0.0,), (0.3, 0.2)), strict=True)
    ]
    whole, *parts = judge(given)
    options = {"measure": "rating", "scored": 90, "taken": 60}
    assert saying.sentence(whole, parts=parts, **options) == (
        "All visits: +0.30 on rating with it (+0.24 to +0.36); worth having: roadside; not: at home; not sure: channel web."
    )
    assert saying.sentence(parts[0], parts=[], **options) == "Roadside: +0.60 on rating with it (+0.54 to +0.66)."
    assert saying.sentence(parts[1], parts=[], **options).endswith(", surely less than the 0.30 worth having here.")
    assert saying.sentence(parts[2], parts=[], **options).endswith("; not sure enough to say.")
    unsure = judge([Candidate("w", None, effect(0.5, overlap=0.3), 0.1)])[0]
    assert saying.sentence(unsure, parts=[], **options).endswith(
        "; only 30 % of these visits could have gone either way."
    )


def test_without_an_estimate_nothing_is_advised() -> None:
    assert said(all=None) == {"all": "not enough data"}


def test_worth_here_and_not_there_is_conditional() -> None:
    found = said(all=effect(0.3), home=effect(0.0), road=effect(0.6))
    assert found == {"all": "make conditional", "home": "make conditional", "road": "keep"}


def test_less_than_half_of_what_it_is_worth_elsewhere_will_do() -> None:
    # At home it may add up to 0.17: too much to drop a step, too little where it adds 0.6 by the roadside.
    unsure = effect(0.0, error=0.1)
    assert said(all=effect(0.3), home=unsure, road=effect(0.6))["home"] == "make conditional"
    assert said(all=effect(0.3), home=unsure, road=effect(0.2, 0.2))["home"] == "not enough data"
    assert said(all=effect(0.3), home=unsure)["home"] == "not enough data"


def test_keep_needs_worth_in_every_context_with_data() -> None:
    assert said(all=effect(0.5), home=effect(0.4), road=effect(0.7))["all"] == "keep"
    assert said(all=effect(0.5), home=effect(0.35, 0.3), road=effect(0.7))["all"] == "not enough data"
    assert said(all=effect(0.5), home=None, road=effect(0.7))["all"] == "keep"
    assert said(all=effect(0.0), home=effect(0.0), road=effect(-0.3))["all"] == "drop"


def test_many_steps_of_no_worth_bring_no_kept_one() -> None:
    # Twenty steps, the luckiest of which is two standard errors above nothing.
    lucky = [Candidate(f"s{n}", None, effect(0.2 if n == 0 else 0.0, 0.1), 0.1) for n in range(20)]
    assert {verdict.advice for verdict in judge(lucky)} == {"not enough data"}
    assert judge(lucky[:1])[0].advice == "keep"


@pytest.mark.parametrize(
    ("called", "values", "wanted"),
    [
        ("touchpoint", ["at home"], "touchpoint = 'at home'"),
        ("channel", ["phone", "chat"], "channel in ('phone', 'chat')"),
        ("attributes.kind", ["o'Neil"], "attributes.kind = 'o''Neil'"),
        ("attributes.kind of car", ["new", "old"], "attributes.\"kind of car\" in ('new', 'old')"),
    ],
)
def test_a_context_as_a_condition_that_the_playbook_reads(called: str, values: list[str], wanted: str) -> None:
    written = contexts.condition(called, values)
    assert written == wanted
    assert conditions.parse(written).to_sql() == wanted


def test_the_surest_cut_stands_for_a_step() -> None:
    cuts = {
        "water": [Cut("channel", {}, 0.01), Cut("touchpoint", {HOME: None}, 0.0001), Cut("attributes.kind", {}, 0.2)],
        "greet": [Cut("channel", {}, 0.3), Cut("touchpoint", {}, 0.6)],
    }
    assert {step: cut.called for step, cut in contexts.matter(cuts).items()} == {"water": "touchpoint"}
    assert [Context("attributes.kind", "new").words, Context("channel", "web").words, ROAD.words] == [
        "kind new", "channel web", "roadside",
    ]  # fmt: skip
