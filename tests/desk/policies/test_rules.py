"""How far somebody may bend a rule: what the playbook gives their levels, and never further."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.people.test_rules import PEOPLE

from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import rules
from aboveboard.playbook.model import Policy

TEAMS = st.sampled_from([None, "North", "South"])
LEVELS = ("frontline", "lead", "manager", "rep")
MONEY = st.integers(0, 2000).map(Decimal)
POLICIES = st.builds(
    lambda names, limits, owner: Policy("p", "says", owner, dict(zip(names, sorted(limits), strict=False))),
    st.permutations(LEVELS),
    st.lists(st.sampled_from([0.0, 0.0, 20.0, 100.0, 99.99]), max_size=4),
    st.sampled_from([None, "North", "north", "finance"]),
)
NAMED = st.dictionaries(st.sampled_from(sorted(people.ROLES)), st.frozensets(st.sampled_from(LEVELS)))


@given(PEOPLE, POLICIES, TEAMS, NAMED, MONEY)
def test_authority_is_the_highest_of_the_levels_held_for_that_team(
    person: people.Person, policy: Policy, team: str | None, named: rules.Levels, amount: Decimal
) -> None:
    acts = [
        one
        for one in person.held
        if one.team in (None, team) and {rules.ASK, rules.DECIDE} & people.ROLES[one.role].acts
    ]
    limits = [
        policy.authority[level]
        for one in acts
        for level in policy.authority
        if level == one.role or level in named.get(one.role, ())
    ]
    able = people.may(person, rules.ASK) or people.may(person, rules.DECIDE)
    reach = people.reach(person, rules.CHANGE)
    owner = people.may(person, rules.DECIDE) and (
        reach.everything or bool(policy.owner and policy.owner.title() in reach.teams)
    )
    by_hand = able and (owner or any(limit > 0 and amount <= Decimal(str(limit)) for limit in limits))
    assert rules.authority(person, policy, team=team, named=named).covers(amount) == by_hand


@given(PEOPLE, POLICIES, TEAMS, NAMED, MONEY, MONEY)
def test_who_may_grant_more_may_grant_less(
    person: people.Person, policy: Policy, team: str | None, named: rules.Levels, one: Decimal, other: Decimal
) -> None:
    mine = rules.authority(person, policy, team=team, named=named)
    assert mine.covers(min(one, other)) or not mine.covers(max(one, other))


@given(PEOPLE, POLICIES, TEAMS, NAMED, MONEY)
def test_nobody_decides_beyond_their_reach(
    person: people.Person, policy: Policy, team: str | None, named: rules.Levels, amount: Decimal
) -> None:
    if rules.may_decide(person, policy, team=team, amount=amount, named=named):
        assert people.reach(person, rules.DECIDE).holds(team) or rules.owns(person, policy.owner, rules.CHANGE)
        assert rules.authority(person, policy, team=team, named=named).covers(amount)
    if person.only is not None and not {rules.ASK, rules.DECIDE} & person.only:
        assert not rules.authority(person, policy, team=team, named=named)


@given(POLICIES, MONEY)
def test_the_level_needed_is_the_lowest_that_suffices(policy: Policy, amount: Decimal) -> None:
    enough = [level for level, limit in policy.authority.items() if limit > 0 and amount <= Decimal(str(limit))]
    assert rules.needed(policy, amount) == (enough[0] if enough else rules.OWNER)


@given(st.text(max_size=5) | st.sampled_from(sorted(rules.EVIDENCE)), st.text(max_size=5), st.booleans())
def test_a_refusal_stands_on_evidence_and_a_reason(evidence: str, reason: str, found: bool) -> None:
    stands = evidence in rules.EVIDENCE and bool(reason.strip()) and (found or evidence != "abuse")
    if stands:
        rules.check_refusal(evidence, reason, abuse_found=found)
    else:
        with pytest.raises(rules.PoliciesError):
            rules.check_refusal(evidence, reason, abuse_found=found)


AUTHORITY = st.dictionaries(
    st.text("abcdef -", min_size=1, max_size=8).map(str.strip).filter(bool),
    st.integers(0, 10**6),
    min_size=1,
    max_size=4,
)


@given(AUTHORITY)
def test_authority_reads_back_as_it_is_written(authority: dict[str, int]) -> None:
    assert rules.meant("authority", rules.written(authority)) == authority


@given(st.dictionaries(st.sampled_from(["says", "harm_margin"]), st.sampled_from(["", "0.02", "words", " words "])))
def test_what_is_not_touched_does_not_change(before: dict[str, str]) -> None:
    assert rules.changed(before, before) == []


def test_authority_pushed_down_is_drafted_for_the_lowest_level_alone() -> None:
    policy = Policy("p", "says", None, {"rep": 0.0, "lead": 100.0, "manager": 1000.0})
    assert rules.drafted("policy.push-authority-down", policy) == [
        ("authority", {"rep": 100.0, "lead": 100.0, "manager": 1000.0})
    ]
    assert rules.drafted("policy.change-the-rule", policy) == []
    assert rules.drafted("policy.push-authority-down", Policy("p", "says", None, {"rep": 5.0})) == []


def test_what_a_finding_is_about() -> None:
    assert rules.rule_about({"policy": "refund", "clause": "late"}) == "policy:refund"
    assert rules.rule_about({"procedure": "visit", "step": "water"}) == "step:visit/water"
    with pytest.raises(rules.PoliciesError, match="nothing to change"):
        rules.rule_about({"team": "North"})
    with pytest.raises(rules.PoliciesError, match="lead: 100"):
        rules.meant("authority", "lead 100")
