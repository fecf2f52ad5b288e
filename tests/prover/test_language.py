"""What a playbook may say, and what is said of it: calendars, decisions, absent facts, pay, evidence, versions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.prover import Conflict, Limits, compare, plain, prove, rulebook
from aboveboard.prover.edits import applied
from aboveboard.prover.errors import ProverError

YEAR = (date(2025, 7, 1), date(2026, 6, 30))


def needs(*requires: str) -> str:
    """Requirements written as "when: …, then: …"."""
    lines = []
    for each in requires:
        when, _, then = each.rpartition("then: ")
        lines.append(f'      - then: "{then}"')
        if when:
            lines.append(f'        when: "{when.removeprefix("when: ").removesuffix(", ")}"')
    return "\n".join(lines) + "\n"


def promise(name: str, *requires: str) -> str:
    head = f"  {name}:\n    says: We promise {name}.\n    starts: type = 'a'\n    kept_by: type = 'b'\n    within: 1 hour\n"
    return f"{head}    requires:\n{needs(*requires)}"


def policy(name: str, *requires: str, more: str = "") -> str:
    return f"  {name}:\n    says: The rule {name}.\n{more}    requires:\n{needs(*requires)}"


def book(situation: str, promises: str = "", policies: str = "", more: str = "") -> Playbook:
    text = f"timezone: Europe/Berlin\n{more}situation:\n{situation}"
    text += f"promises:\n{promises}" if promises else ""
    text += f"policies:\n{policies}" if policies else ""
    return reader.read(text)


def rules(found: Conflict) -> set[str]:
    return {name.partition(":")[2] for name in found.rules}


def test_one_playbook_holds_a_small_conflict_in_one_place_and_a_larger_one_in_another() -> None:
    found = prove(
        book(
            "  hour: {type: number, min: 0, max: 24}\n  at: {type: number, min: 0, max: 60, decision: true}\n",
            promise("soon", "then: at <= hour + 3"),
            policy("late", "when: hour > 20, then: at >= hour + 4")
            + policy("queue", "when: hour > 16, then: at >= hour + 2")
            + policy("closing", "then: at <= 18 or at >= 34"),
        )
    )
    by_rules = {frozenset(rules(each)): each.when.sql for each in found.conflicts if each.when}
    assert by_rules == {
        frozenset({"soon", "late"}): "hour > 20",
        frozenset({"soon", "queue", "closing"}): "hour > 16",
    }
    assert all(each.verdict == "proved" for each in found.conflicts)


def test_what_is_ours_to_choose_is_no_conflict_while_any_choice_is_left() -> None:
    facts = "  full: {type: boolean}\n  way: {type: enumeration, options: [post, shop, door], decision: true}\n"
    rules_ = policy("no-post", "when: full, then: way <> 'post'") + policy("no-shop", "when: full, then: way <> 'shop'")
    assert prove(book(facts, policies=rules_)).conflicts == ()
    (found,) = prove(book(facts, policies=rules_ + policy("no-door", "then: way <> 'door'"))).conflicts
    assert rules(found) == {"no-post", "no-shop", "no-door"} and found.when and found.when.sql == "full"
    assert found.says == (
        "Full. The policy no-post needs way shop or door, the policy no-shop post or door and the policy no-door post or shop: "
        "no choice keeps all three."
    )


CALENDAR = 'calendars:\n  shop: {open: {mon-fri: "10:00-20:00", sat: "10:00-14:00"}, holidays: DE-BE}\n'
HOURS = (
    "  ordered_at: {type: time, min: 0, max: 24, calendar: shop}\n"
    "  ready_at: {type: time, min: 0, max: 48, decision: true, calendar: shop}\n"
)


def test_opening_hours_stand_in_the_way_across_midnight_sundays_and_holidays() -> None:
    playbook = book(
        HOURS, promise("next-day", "then: ready_at <= ordered_at + 24 and ready_at >= ordered_at + 4"), more=CALENDAR
    )
    (found,) = prove(playbook, between=YEAR).conflicts
    assert set(found.rules) == {"promise:next-day", "calendar:shop"}
    days = rulebook.read(playbook, between=YEAR).days
    assert days is not None and found.when is not None
    bites = found.when.to_python()

    def clash(day: date, hour: float) -> bool:
        kind = next(name for name, dates in days.dates.items() if day in dates)
        return bites({"day": kind, "ordered_at": hour}) is True

    friday, saturday, thursday = date(2026, 1, 16), date(2026, 1, 17), date(2026, 1, 15)
    assert not clash(thursday, 17.0)  # the next day at ten will do
    assert not clash(friday, 15.0)  # today
    assert clash(saturday, 10.5)  # closed from two o'clock until Monday
    assert clash(date(2026, 4, 2), 17.0)  # Maundy Thursday: Good Friday is closed
    assert clash(date(2026, 4, 30), 16.5)  # the first of May
    assert not clash(friday, 16.0 + 1.0)  # Saturday from ten


def test_on_the_night_the_clocks_change_the_shop_opens_by_the_wall_clock() -> None:
    calendar = 'calendars:\n  shop: {open: {daily: "10:00-20:00"}}\n'
    facts = "  ready_at: {type: time, min: 0, max: 48, decision: true, calendar: shop}\n"
    playbook = book(facts, promise("soon", "then: ready_at <= 33.5"), more=calendar)
    days = rulebook.read(playbook, between=YEAR).days
    assert days is not None
    hours = {dates: days.hours[kind, "shop"] for kind, dates in days.dates.items()}
    spring = next(spans for dates, spans in hours.items() if date(2026, 3, 28) in dates)
    autumn = next(spans for dates, spans in hours.items() if date(2025, 10, 25) in dates)
    usual = next(spans for dates, spans in hours.items() if date(2026, 1, 15) in dates)
    assert [int(spans[1][0]) for spans in (spring, usual, autumn)] == [33, 34, 35]


def test_facts_with_a_calendar_need_days() -> None:
    with pytest.raises(ProverError, match="say which days count"):
        prove(book(HOURS, promise("soon", "then: ready_at >= ordered_at"), more=CALENDAR))


def test_what_had_no_answer_in_time_is_said_and_nothing_is_claimed() -> None:
    playbook = book(HOURS, promise("soon", "then: ready_at >= ordered_at"), more=CALENDAR)
    found = prove(playbook, between=YEAR, limits=Limits(seconds=0.0))
    assert found.conflicts == () and any("all the conflicts" in each for each in found.unknown)


def test_edits_free_the_conflict_and_leave_every_free_situation_free() -> None:
    playbook = book(
        "  hour: {type: integer, min: 8, max: 20}\n  at: {type: integer, min: 8, max: 48, decision: true}\n",
        promise("soon", "then: at <= hour + 3"),
        policy("closing", "when: hour >= 17, then: at >= 24"),
    )
    (found,) = prove(playbook).conflicts
    assert {edit.says for edit in found.edits} == {
        "In soon, write 7 in place of 3",
        "In closing, write 20 in place of 24",
        "Let soon apply only where: hour at most 16",
    }
    for edit in found.edits:
        assert prove(applied(playbook, edit)).conflicts == ()


def test_gaps_refusals_and_dead_rules() -> None:
    facts = (
        "  gold: {type: boolean}\n  days: {type: integer, min: 0, max: 400}\n"
        "  answer: {type: enumeration, options: [refund, voucher, nothing], decision: true, decided: true, refuses: [nothing]}\n"
    )
    playbook = book(
        facts,
        policies=policy("gold", "when: gold, then: answer = 'refund'")
        + policy("late", "when: days > 90 and not gold, then: answer = 'nothing'")
        + policy("unlawful", "when: days > 300 and not gold, then: answer = 'nothing'", more="    evidence: law\n")
        + policy("middle", "when: not gold and days between 31 and 90, then: answer in ('voucher', 'refund')")
        + policy("ancient", "when: days > 500, then: answer = 'nothing'")
        + policy("nobody", "when: gold, then: answer <> 'nothing'", more="    authority: {rep: 0, lead: 0}\n"),
    )
    found = {
        (each.kind, each.rules[0] if len(each.rules) == 1 else "", each.when.sql if each.when else None)
        for each in prove(playbook).remarks
    }
    assert ("gap", "", "not (gold) and days <= 90") in found
    assert ("refuses without evidence", "policy:late", "not (gold) and days > 90") in found
    assert not any(kind == "refuses without evidence" and rule == "policy:unlawful" for kind, rule, _ in found)
    assert ("never applies", "policy:ancient", None) in found and ("says nothing", "policy:ancient", None) in found
    assert ("says nothing new", "policy:unlawful", None) in found and (
        "says nothing new",
        "policy:nobody",
        None,
    ) in found
    assert ("nobody may bend it", "policy:nobody", None) in found


PAY = """
situation:
  busy: {type: boolean}
  served: {type: enumeration, options: [order, walk-in], decision: true}
promises:
  first-come:
    says: Orders are prepared first.
    starts: type = 'a'
    kept_by: type = 'b'
    within: 1 hour
    requires: [{then: served = 'order'}]
incentives:
  commission:
    paid_to: stores
    for: type = 'c'
    pays: case when served = 'walk-in' then 5 %s else 2 end
"""


def test_an_incentive_that_pays_best_for_breaking_a_promise_is_told_and_equal_pay_clears_it() -> None:
    (found,) = [each for each in prove(reader.read(PAY % "")).remarks if each.kind == "pays for another act"]
    assert found.rules == ("incentive:commission",) and found.when is None
    clear = "case when served = 'walk-in' then 5 when busy is null then 1 else 5 end"
    equal = reader.read((PAY % "").replace("case when served = 'walk-in' then 5  else 2 end", clear))
    assert [each.when.sql for each in prove(equal).remarks if each.kind == "pays for another act" and each.when] == [
        "busy is null"
    ]


def test_a_version_that_forbids_more_is_stricter_and_says_what_it_forbids() -> None:
    facts = "  hour: {type: number, min: 0, max: 24}\n  at: {type: number, min: 0, max: 48, decision: true}\n"
    old = book(facts, promise("soon", "then: at <= hour + 3"))
    new = book(facts, promise("soon", "then: at <= hour + 2"), policy("gap", "then: at >= hour + 2.5"))
    found = compare(old, new)
    how: dict[str, Any] = {each.rule: each for each in found.changes}
    assert how["promise:soon"].how == "stricter" and how["policy:gap"].how == "added" and found.whole.how == "stricter"
    witness = how["promise:soon"].forbidden
    assert witness["hour"] + 2 < witness["at"] <= witness["hour"] + 3
    assert [set(each.rules) for each in found.came] == [{"promise:soon", "policy:gap"}] and found.went == ()
    assert compare(old, old).whole.how == "same"


def test_the_plain_check_finds_the_choice_that_a_wrong_answer_would_miss() -> None:
    playbook = book(
        "  hour: {type: number, min: 0, max: 24}\n  at: {type: number, min: 0, max: 48, decision: true}\n"
        "  n: {type: integer, decision: true}\n",
        promise("soon", "then: at < hour + 3 and at > hour + 2 and 2 * n = 6"),
    )
    read = rulebook.read(playbook)
    found = plain.choice(read, read.rules, {"hour": Fraction(10)})
    assert found is not None and 12 < found["at"] < 13 and found["n"] == 3  # type: ignore[operator]
    assert plain.kept(read, read.rules[0], {"hour": Fraction(10), **found})
    odd = book("  n: {type: integer, decision: true}\n", promise("odd", "then: 2 * n = 5"))
    read = rulebook.read(odd)
    assert plain.choice(read, read.rules, {}) is None
