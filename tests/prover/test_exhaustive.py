"""Random playbooks over few values, absent ones included: what the prover says is what looking at everything says."""

from __future__ import annotations

import random as chance
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.prover.enumerated import Enumerated, _asked, change

from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.prover import prove, remarks, versions
from aboveboard.prover.edits import applied
from aboveboard.simulate import planted_rules, random_rules


def check_one(book: Playbook) -> int:
    """Hold everything that is said of one book against enumeration; how many conflicts it has."""
    everything = Enumerated(book)
    proof = prove(book, with_edits=False)
    assert proof.unknown == ()
    assert {frozenset(found.rules) for found in proof.conflicts} == set(everything.conflicts)
    for found in proof.conflicts:
        bites = found.when.to_python()
        where = {at for at, situation in enumerate(everything.situations) if bites(situation) is True}
        assert where == everything.conflicts[frozenset(found.rules)], found
        assert bites(found.sample) is True
        assert found.verdict == "proved"
    told = {
        name
        for each in proof.remarks
        if each.kind in (remarks.NOTHING, remarks.SHADOWED, remarks.SAME)
        for name in each.rules
    }
    assert told == everything.says_nothing_new
    return len(proof.conflicts)


def check_edits(book: Playbook) -> int:
    """Hold every edit against enumeration: the conflict is gone, and every situation that was free of conflict still is."""
    before = Enumerated(book)
    struck = set().union(*before.conflicts.values())
    count = 0
    for found in prove(book, with_remarks=False).conflicts:
        for edit in found.edits:
            after = Enumerated(applied(book, edit), _asked(book))
            assert frozenset(found.rules) not in after.conflicts, edit
            assert set().union(*after.conflicts.values()) <= struck, edit
            assert all(
                not old & ~new for old, new in zip(before.kept[edit.rule], after.kept[edit.rule], strict=True)
            ), edit
            count += 1
    return count


def check_two(old: Playbook, new: Playbook) -> None:
    """Hold what changed between two versions against enumeration."""
    asked = _asked(old) | _asked(new)
    before, after = Enumerated(old, asked), Enumerated(new, asked)
    found = versions.compare(old, new, with_conflicts=False)
    for each in found.changes:
        if each.rule in before.kept and each.rule in after.kept:
            assert each.how == change(before.kept[each.rule], after.kept[each.rule]), each
        else:
            assert each.how == ("added" if each.rule in after.kept else "removed")
    whole = [[book.can(book.kept, at) for at in range(len(book.situations))] for book in (before, after)]
    assert found.whole.how == change(*whole)


def second_version(random: chance.Random, book: Playbook, text: str) -> Playbook:
    """The playbook with the requirements of another one over the same facts, or with one requirement dropped."""
    facts = {name: fact.type for name, fact in book.situation.items()}
    if random.random() < 0.3:
        entry = next(iter(book.policies.values()))
        return replace(
            book, policies={**book.policies, entry.name: replace(entry, requires=entry.requires[1:] or entry.requires)}
        )
    lines = text.splitlines()
    which = [number for number, line in enumerate(lines) if "- then:" in line]
    lines[random.choice(which)] = f'      - then: "{random_rules.condition(random, facts, 1)}"'
    return reader.read("\n".join(lines) + "\n")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_what_is_said_is_what_enumeration_says(random: chance.Random) -> None:
    check_one(reader.read(random_rules.playbook(random)))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_edits_do_what_they_say(random: chance.Random) -> None:
    check_edits(reader.read(random_rules.playbook(random)))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_what_changed_is_what_enumeration_says(random: chance.Random) -> None:
    text = random_rules.playbook(random)
    book = reader.read(text)
    check_two(book, second_version(random, book, text))


@pytest.mark.slow
def test_many_more() -> None:
    for seed in range(100):
        random = chance.Random(seed)
        text = random_rules.playbook(random)
        book = reader.read(text)
        check_one(book)
        check_edits(book)
        check_two(book, second_version(random, book, text))


def test_planted_conflicts_are_found_and_nothing_else() -> None:
    made = planted_rules.book(seed=5, rules=50)
    proof = prove(reader.read(made.text), with_edits=False, with_remarks=False)
    assert {frozenset(found.rules) for found in proof.conflicts} == made.planted and len(made.planted) == 2
