"""A playbook's requirements as rules: the story of the two phones, absent facts, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import z3

from aboveboard.playbook import reader
from aboveboard.prover import facts, logic, rulebook, to_z3
from aboveboard.prover.errors import ProverError

STORY = Path(__file__).parents[2] / "stories/two-phones/playbook.yaml"
PULLING = ("promise:pick-up-in-3-hours", "policy:walk-ins-first", "policy:doors-close")


def _some_choice(book: rulebook.Rulebook, names: tuple[str, ...], **situation: Fraction) -> bool:
    """Whether our choices can keep these rules in this situation."""
    terms = to_z3.Terms(book.situation)
    solver = z3.Solver()
    solver.add(terms.words(), *(terms.equals(name, value) for name, value in situation.items()))
    solver.add(*(terms.term(facts.bounds(book.situation, decisions=side)) for side in (True, False)))
    solver.add(*(terms.term(rule.kept) for rule in book.rules if rule.name in names))
    return bool(solver.check() == z3.sat)


def test_at_a_quarter_past_four_with_fourteen_waiting_no_choice_keeps_all_three_rules() -> None:
    book = rulebook.read(reader.read(STORY))
    dana = {"ordered_at": Fraction("16.25"), "walk_ins": Fraction(14)}
    assert not _some_choice(book, PULLING, **dana)
    for dropped in PULLING:
        assert _some_choice(book, tuple(name for name in PULLING if name != dropped), **dana), dropped


@pytest.mark.parametrize("ordered_at, walk_ins", [("16", 14), ("16.25", 9)])
def test_until_four_or_with_nine_waiting_there_is_a_choice(ordered_at: str, walk_ins: int) -> None:
    book = rulebook.read(reader.read(STORY))
    assert _some_choice(book, PULLING, ordered_at=Fraction(ordered_at), walk_ins=Fraction(walk_ins))


def _book(requirement: str) -> str:
    return f"""
policies:
  a-rule:
    says: A rule.
    requires: [{{{requirement}}}]
situation:
  size: {{type: number}}
  price: {{type: number}}
  note: {{type: string}}
"""


def test_where_a_fact_is_absent_a_when_does_not_apply_and_a_then_is_not_kept() -> None:
    book = rulebook.read(reader.read(_book("when: size > 1 or size is null, then: price > 2 and price is not null")))
    (rule,) = book.rules
    here = {"size": None, "price": Fraction(3), "note": "x"}
    assert logic.holds(rule.kept, here)
    assert not logic.holds(rule.kept, here | {"price": None})
    book = rulebook.read(reader.read(_book("when: size > 1, then: price is null and size is not null")))
    assert logic.holds(book.rules[0].kept, {"size": None, "price": Fraction(1), "note": "x"})


@pytest.mark.parametrize(
    "condition, part",
    [
        ("size * price > 3", "`size \\* price` multiplies two facts"),
        ("1 / size > 3", "`1 / size` divides by a fact"),
        ("cast(size as integer) = 3", "drops a fraction"),
        ("note like '%late%'", "`note` may be any text"),
    ],
)
def test_what_is_not_exact_is_refused_with_its_place(condition: str, part: str) -> None:
    with pytest.raises(ProverError, match=rf"<text>:\d+: policy:a-rule: .*{part}"):
        rulebook.read(reader.read(_book(f'then: "{condition}"')))
