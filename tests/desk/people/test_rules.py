"""How far a person's reach goes: what their roles give, and never further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.desk.people import rules

TEAMS = ("North", "South")
HELD = st.builds(rules.Held, st.sampled_from(sorted(rules.ROLES)), st.sampled_from([None, *TEAMS]))
PEOPLE = st.builds(
    rules.Person,
    id=st.just(1),
    name=st.just("Bo"),
    employee=st.just("e-1"),
    held=st.lists(HELD, max_size=4).map(tuple),
    only=st.none() | st.frozensets(st.sampled_from(sorted(rules.ACTS))),
)


@given(PEOPLE, st.sampled_from(sorted(rules.ACTS)), st.sampled_from([None, *TEAMS]))
def test_a_reach_is_what_the_roles_give_one_by_one(person: rules.Person, act: str, team: str | None) -> None:
    by_hand = any(act in rules.ROLES[one.role].acts and (one.team is None or one.team == team) for one in person.held)
    by_hand = by_hand and (person.only is None or act in person.only)
    assert rules.reach(person, act).holds(team) == by_hand


@given(PEOPLE, HELD, st.sampled_from(sorted(rules.ACTS)), st.sampled_from([None, *TEAMS]))
def test_another_role_never_takes_anything_away(
    person: rules.Person, more: rules.Held, act: str, team: str | None
) -> None:
    richer = rules.Person(person.id, person.name, person.employee, (*person.held, more), person.only)
    assert rules.reach(richer, act).holds(team) or not rules.reach(person, act).holds(team)


@given(PEOPLE)
def test_a_page_is_shown_only_where_something_is_within_reach(person: rules.Person) -> None:
    for act in rules.ACTS:
        assert rules.may(person, act) == any(rules.reach(person, act).holds(team) for team in (None, *TEAMS))


def test_roles_name_acts_that_there_are() -> None:
    assert {act for role in rules.ROLES.values() for act in role.acts} == set(rules.ACTS)


def test_who_reads_names_and_who_reads_cases() -> None:
    """An administrator reads no case, an analyst no name, an auditor changes nothing."""
    assert "cases.read" not in rules.ROLES["admin"].acts
    assert not {"names.read", "cases.read", "customers.read"} & rules.ROLES["analyst"].acts
    assert all(act.endswith(".read") for act in rules.ROLES["auditor"].acts)


def test_no_key_can_make_keys_or_people() -> None:
    assert not {"people.manage", "keys.manage", "names.read", "audit.read"} & rules.acts_of(rules.SCOPES)
    with pytest.raises(rules.PeopleError, match="there is no everything"):
        rules.acts_of(["everything"])
