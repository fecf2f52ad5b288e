"""Who may decide what is sought, what a decision needs, and which words say that it was granted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk.conftest import NOW

from aboveboard.analyses.escalations.changes import ABOUT_OUR_WORK
from aboveboard.desk.cases.rules import STATES
from aboveboard.desk.escalations import rules
from aboveboard.desk.people.rules import Held, Person
from aboveboard.playbook.model import Playbook, Policy

REFUND = Policy("refund", "Refunds within 30 days.", "finance", {"rep": 20.0, "lead": 100.0, "manager": 1000.0})
BOOK = Playbook(policies={"refund": REFUND})
NAMED = {"frontline": frozenset({"rep"}), "cx-lead": frozenset({"manager"})}


def held(role: str, team: str | None = "North") -> Person:
    return Person(1, "Bo", "e-1", (Held(role, team),))


def level(person: Person, sought: rules.Sought, team: str = "North") -> str | None:
    found = rules.authority(person, sought, team=team, book=BOOK, named=NAMED)
    return found.level if found else None


class TestAuthority:
    def test_a_level_belongs_to_whoever_holds_it_or_a_higher_one(self) -> None:
        assert rules.ladder(BOOK) == ["lead", "manager", "owner"]
        assert rules.ladder(Playbook()) == ["lead", "owner"]
        lead, cora = held("lead"), held("cx-lead", None)
        assert [level(lead, rules.Sought(one)) for one in rules.ladder(BOOK)] == ["lead", None, None]
        assert [level(cora, rules.Sought(one)) for one in rules.ladder(BOOK)] == ["manager", "manager", "owner"]
        assert level(lead, rules.Sought("lead"), team="South") is None, "another team"
        assert level(held("frontline"), rules.Sought("lead")) is None

    def test_under_a_policy_the_amount_and_the_level_both_count(self) -> None:
        lead, owner = held("lead"), held("policy-owner", "finance")
        assert level(lead, rules.Sought("lead", REFUND, Decimal(100))) == "lead"
        assert level(lead, rules.Sought("manager", REFUND, Decimal(101))) is None
        assert level(lead, rules.Sought("manager", REFUND, Decimal(50))) is None, "it was passed on"
        assert level(owner, rules.Sought("owner", REFUND, Decimal(5000))) == "owner", (
            "the rule is theirs, whatever the team"
        )
        assert level(held("cx-lead", None), rules.Sought("manager", REFUND, Decimal(50))) == "manager"

    @given(st.sampled_from(["lead", "manager"]), st.booleans())
    def test_what_is_passed_on_ends_at_the_top(self, start: str, of_policy: bool) -> None:
        sought = rules.Sought(start, REFUND if of_policy else None, Decimal(10))
        seen = [start]
        while sought.level != rules.OWNER:
            sought = rules.higher(sought, BOOK)
            seen.append(sought.level)
        assert seen == rules.ladder(BOOK)[rules.ladder(BOOK).index(start) :]
        with pytest.raises(rules.EscalationsError, match="Nobody stands above"):
            rules.higher(sought, BOOK)


class TestDecision:
    @given(
        st.sampled_from([rules.GRANTED, rules.PARTLY]), st.sampled_from(["", " ", "nothing", "None.", "-", "nichts"])
    )
    def test_what_changes_nothing_is_not_granted(self, outcome: str, changes: str) -> None:
        with pytest.raises(rules.EscalationsError, match="nothing is granted"):
            rules.checked_change(outcome, "why", changes, nothing=True)

    def test_a_refusal_says_that_nothing_changes(self) -> None:
        with pytest.raises(rules.EscalationsError, match="or that nothing does"):
            rules.checked_change(rules.DENIED, "why", "", nothing=False)
        assert rules.checked_change(rules.DENIED, "why", "", nothing=True) == rules.NOTHING
        assert rules.checked_change(rules.DENIED, "why", "A voucher. ", nothing=True) == "A voucher."
        with pytest.raises(rules.EscalationsError, match="Say why"):
            rules.checked_change(rules.DENIED, " ", "", nothing=True)
        with pytest.raises(rules.EscalationsError, match="no decision 'passed'"):
            rules.checked_change("passed", "why", "x", nothing=False)

    def test_a_part_is_more_than_nothing_and_less_than_all(self) -> None:
        assert rules.checked_amount(rules.PARTLY, Decimal(4), Decimal(9)) == 4
        assert rules.checked_amount(rules.GRANTED, Decimal(4), Decimal(9)) == 9
        assert rules.checked_amount(rules.PARTLY, None, None) is None
        for wrong in (None, Decimal(0), Decimal(9), Decimal("NaN")):
            with pytest.raises(rules.EscalationsError, match="less than 9"):
                rules.checked_amount(rules.PARTLY, wrong, Decimal(9))


class TestChange:
    def first(self, *rows: rules.Row) -> str | None:
        found = rules.first_change(rows, subject="case:1", customer="c-1", since=NOW, until=NOW + timedelta(days=3))
        return found.type if found else None

    def row(self, type_: str, hours: float = 1, subject: str | None = "case:1", **more: str) -> rules.Row:
        at = NOW + timedelta(hours=hours)
        return rules.Row(type_, more.get("outcome"), more.get("audience"), at, subject, more.get("customer"))

    def test_words_and_our_own_work_change_nothing(self) -> None:
        assert self.first(self.row("remedy.given", outcome="Apology"), self.row("message.sent")) is None
        assert self.first(self.row("status.changed", outcome="closed", audience="customer")) is None
        assert self.first(self.row("status.changed", outcome="exchanged", audience="internal")) is None
        assert self.first(self.row("booking.moved", 2), self.row("remedy.given", outcome="refund")) == "remedy.given"

    def test_no_state_of_a_case_is_a_change(self) -> None:
        assert set(STATES.values()) <= ABOUT_OUR_WORK

    def test_only_in_its_time_and_on_its_matter(self) -> None:
        assert self.first(self.row("remedy.given", -1), self.row("remedy.given", 73)) is None
        assert self.first(self.row("remedy.given", subject="case:2", customer="c-1")) is None
        assert self.first(self.row("remedy.given", subject=None, customer="c-1")) == "remedy.given"
        assert self.first(self.row("promise.kept", subject=None, customer="c-1")) is None


class TestSaidToBeGranted:
    @pytest.mark.parametrize(
        "text",
        [
            "My manager has approved your refund.",
            "Thank you. Your request was approved by my supervisor!",
            "Our management agreed to waive the fee.",
            "Meine Vorgesetzte hat Ihrer Bitte zugestimmt.",
            "Der Umtausch wurde von der Filialleitung genehmigt.",
        ],
    )
    def test_a_plain_yes_is_found(self, text: str) -> None:
        (found,) = rules.said_to_be_granted(text)
        assert text[found.start : found.end] == found.words
        assert found.sentence[0] <= found.start < found.end <= found.sentence[1]

    @pytest.mark.parametrize(
        "text",
        [
            "My manager has not approved it.",
            "I asked my manager whether she agreed.",
            "Once my supervisor has approved it, we refund you.",
            "It must be approved by a manager.",
            "Your manager approved the order.",
            "Meine Vorgesetzte hat nicht zugestimmt.",
            "We granted it.",
        ],
    )
    def test_conditions_and_negations_are_left_out(self, text: str) -> None:
        assert rules.said_to_be_granted(text) == []
