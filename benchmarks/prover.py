"""Is the prover right, and how long does it take? Random books against enumeration, and large books with planted conflicts.

Run: `python -m benchmarks prover [BOOKS]` (2,000 by default, about a quarter of an hour). It prints the tables of
docs/measures/prover.md. The tests run the same functions on fewer books.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import combinations
from random import Random

import z3
from tests.prover import test_exhaustive

from aboveboard.playbook import reader
from aboveboard.prover import Limits, facts, prove, rulebook, to_z3
from aboveboard.simulate import planted_rules, random_rules

FIRST = 1_000
"""Seeds below this one were used while the prover was written."""
SIZES = (50, 100, 200, 400, 1_000)
PAIRS = 1_000


def against_enumeration(books: int) -> None:
    """Random books over few values, absent ones among them, each looked at whole; the edits of every fourth."""
    began = time.process_time()
    conflicts = edits = wrong = absent = rules = 0
    for seed in range(FIRST, FIRST + books):
        random = Random(seed)  # noqa: S311 - an invented book
        text = random_rules.playbook(random)
        book = reader.read(text)
        absent += " null" in text
        rules += len(book.promises) + len(book.policies)
        try:
            conflicts += test_exhaustive.check_one(book)
            edits += test_exhaustive.check_edits(book) if seed % 4 == 0 else 0
            test_exhaustive.check_two(book, test_exhaustive.second_version(random, book, text))
        except AssertionError as error:
            wrong += 1
            print(f"seed {seed}: {error}", file=sys.stderr)
    spent = time.process_time() - began
    print("| books | of them with absent facts | rules | conflicts | edits | mismatches |\n|---|---|---|---|---|---|")
    print(f"| {books:,} | {absent:,} | {rules:,} | {conflicts:,} | {edits:,} | {wrong} |")
    print(f"\n{spent:.0f} s of processor time.\n")


def growth(sizes: Sequence[int] = SIZES) -> None:
    """Books of more and more rules: reading, every conflict with its region and sample, and everything else that is said."""
    print("| rules | facts | planted | found | others found | conflicts, s | remarks too, s | with edits, s |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        made = planted_rules.book(seed=FIRST + size, rules=size)
        playbook = reader.read(made.text)
        times, found = [], frozenset[frozenset[str]]()
        for with_remarks, with_edits in ((False, False), (True, False), (True, True)):
            began = time.process_time()
            proof = prove(playbook, limits=Limits(seconds=600), with_remarks=with_remarks, with_edits=with_edits)
            times.append(time.process_time() - began)
            assert not proof.unknown, proof.unknown
            found = frozenset(frozenset(each.rules) for each in proof.conflicts)
        right = len(found & made.planted)
        print(f"| {size:,} | {planted_rules.FACTS} | {len(made.planted)} | {right} | {len(found) - right} | ", end="")
        print(" | ".join(f"{each:.1f}" for each in times) + " |", flush=True)


def pairwise(size: int = 200) -> None:
    """The plain way beside it: ask z3 of each pair of rules whether some situation leaves no choice."""
    made = planted_rules.book(seed=FIRST + size, rules=size)
    book = rulebook.read(reader.read(made.text))
    terms = to_z3.Terms(book.situation)
    chosen = list(combinations(book.rules, 2))
    asked = Random(1).sample(chosen, min(PAIRS, len(chosen)))  # noqa: S311 - a sample of pairs
    # The planted pairs are among those asked, so that what it finds can be told.
    planted = [tuple(book.by_name[name] for name in sorted(names)) for names in made.planted if len(names) == 2]
    asked = [*planted, *asked]
    began, clashes, unknown = time.process_time(), 0, 0
    for one, other in asked:
        answer = _clash(book, terms, one, other)
        clashes += answer == z3.sat
        unknown += answer == z3.unknown
    each = (time.process_time() - began) / len(asked)
    pairs, triples = len(planted), len(made.planted) - len(planted)
    told = f"{1000 * each:.1f} ms each over {len(asked):,} of {len(chosen):,} pairs"
    print(f"\n{size} rules, pair by pair: {told}, so {each * len(chosen):.0f} s for all of them")
    print(
        f"({unknown} without an answer in 10 s). It found {clashes} of {pairs} planted pairs, and of the {triples} planted sets"
    )
    print("of three it can find none.")


def _clash(book: rulebook.Rulebook, terms: to_z3.Terms, one: rulebook.Rule, other: rulebook.Rule) -> z3.CheckSatResult:
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    decisions = [terms.of(name) for name in book.decisions]
    word = [name for name in book.decisions if book.situation[name].sort == "word"]
    able = [terms.term(facts.bounds(book.situation, decisions=True))]
    able += [z3.And(terms.of(name) >= 0, terms.of(name) < len(book.situation[name].words)) for name in word]
    kept = z3.And(*able, terms.term(one.kept), terms.term(other.kept))
    solver.add(terms.words(), terms.term(book.world), z3.ForAll(decisions, z3.Not(kept)))
    return solver.check()


def main() -> None:
    """Print what was measured."""
    growth()
    pairwise()
    print()
    against_enumeration(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)


if __name__ == "__main__":
    main()
