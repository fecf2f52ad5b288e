"""A case's life, its cause, and the gate before an act on a person."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.desk.cases import rules
from aboveboard.desk.people.rules import ForbiddenError, Held, Person
from aboveboard.desk.policies.rules import Authority
from aboveboard.playbook import reader

LEAD = Person(1, "Ada", "e-1", (Held("lead", "North"),))
REP = Person(2, "Bo", "e-2", (Held("frontline", "North"),))
BOOK = reader.read("organisation: x\npolicies:\n  goodwill: {says: Money., authority: {frontline: 20, lead: 100}}")


@given(st.lists(st.sampled_from(sorted(rules.STEPS)), max_size=30))
def test_no_way_through_life_closes_a_case_whose_customer_was_not_told_a_decision(asked: list[str]) -> None:
    state, taken = "received", ["received"]
    for name in asked:
        try:
            state = rules.step(name, state=state).after
        except rules.CaseError:
            assert name not in rules.steps(state)
            continue
        taken.append(state)
    for at, one in enumerate(taken):
        if one == "closed":
            assert taken[at - 1] == "told"
            assert taken[at - 2] == "decided"
        if one in ("appealed", "reopened"):
            assert taken[at - 1] in ("told", "closed")


def test_every_state_has_a_way_on_and_can_be_reached() -> None:
    assert all(rules.steps(state) for state in rules.STATES)
    assert {one.after for one in rules.STEPS.values()} | {"received"} == set(rules.STATES)


@pytest.mark.parametrize("cause", ["difficult customer", "customer", "", "Promise"])
def test_a_customer_is_never_the_cause(cause: str) -> None:
    with pytest.raises(rules.CaseError, match="never the cause"):
        rules.checked_cause(cause, "", answered=rules.QUESTIONS)


def test_nor_in_the_words_beside_it() -> None:
    with pytest.raises(rules.CaseError, match="difficult customer"):
        rules.checked_cause("nothing", "Typical difficult customer.", answered=())
    assert rules.checked_cause("staffing", "Two were ill.", answered=()) == "staffing"


@given(st.sets(st.sampled_from(sorted(rules.QUESTIONS))))
def test_a_person_is_the_cause_only_after_the_whole_system(answered: set[str]) -> None:
    if answered == set(rules.QUESTIONS):
        assert rules.checked_cause("person", "", answered=answered) == "person"
    else:
        with pytest.raises(rules.CaseError, match="last thing"):
            rules.checked_cause("person", "", answered=answered)


ANSWERS = st.dictionaries(st.sampled_from(sorted(rules.QUESTIONS)), st.sampled_from(sorted(rules.ANSWERS)))
VERDICTS = st.sampled_from([None, "system-induced", "mostly ends well", "cannot tell"])


@given(ANSWERS, VERDICTS, st.text(max_size=3))
def test_the_gate_opens_by_answers_and_test_or_by_a_reason_on_record(
    answers: dict[str, str], verdict: str | None, override: str
) -> None:
    found = rules.gate(answers, verdict)
    complete = set(answers) == set(rules.QUESTIONS) and verdict is not None
    fair = "no" not in answers.values() and verdict != "system-induced"
    assert found.is_open == (complete and fair)
    if found.is_open or override.strip():
        rules.need_open(found, override=override)
    else:
        with pytest.raises(rules.GateError):
            rules.need_open(found, override=override)


def test_a_remedy_needs_authority_for_all_that_the_case_cost() -> None:
    policy = BOOK.policies["goodwill"]
    rules.need_authority(Authority("lead", Decimal(100)), policy, before=40.0, cost=60.0)
    rules.need_authority(Authority("owner", None), policy, before=0.0, cost=1e6)
    with pytest.raises(rules.CaseError, match="up to 100 here, and 41 of it is given"):
        rules.need_authority(Authority("lead", Decimal(100)), policy, before=41.0, cost=60.0)
    with pytest.raises(rules.CaseError, match="Who may: frontline up to 20, lead up to 100"):
        rules.need_authority(Authority(None, Decimal(0)), policy, before=0.0, cost=1.0)


def test_an_appeal_is_decided_by_another_mind() -> None:
    with pytest.raises(rules.CaseError, match="somebody else"):
        rules.need_another_mind(LEAD, team="North", appealed=True, decided_by=LEAD.id)
    with pytest.raises(ForbiddenError):
        rules.need_another_mind(REP, team="North", appealed=True, decided_by=9)
    rules.need_another_mind(LEAD, team="North", appealed=True, decided_by=9)
