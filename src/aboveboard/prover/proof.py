"""What a playbook's rules ask for together: which of them cannot all be kept, where, and what would free them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from aboveboard.playbook.conditions import Condition
from aboveboard.playbook.model import Playbook
from aboveboard.prover import conditions, edits, logic, plain, regions, rulebook, samples, search, telling
from aboveboard.prover.edits import Edit
from aboveboard.prover.errors import UndecidedError
from aboveboard.prover.logic import Formula, Value
from aboveboard.prover.possible import Possible
from aboveboard.prover.regions import Region
from aboveboard.prover.remarks import Reading, Remark
from aboveboard.prover.rulebook import Rule, Rulebook
from aboveboard.prover.solving import Limits
from aboveboard.prover.to_z3 import Terms

PROVED, UNCHECKED = "proved", "proved, not checked again"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Conflict:
    """Rules of which any can be kept without the others, and in some situations not all of them together.

    `when` is where it bites: there no choice keeps all, and without any one of them some choice does. None where that was
    not worked out in time. `sample` is a situation there, `says` its story in two sentences, `where` the region in words.
    `verdict` is "proved" where plain Python came to the same by trying the choices out, and "proved, not checked again"
    where there are too many to try.
    """

    rules: tuple[str, ...]
    when: Condition | None
    region: Region | None
    sample: Mapping[str, Value]
    says: str
    where: str = ""
    edits: tuple[Edit, ...] = ()
    verdict: str = PROVED

    @property
    def key(self) -> str:
        """The rules as one text."""
        return " + ".join(self.rules)


@dataclass(frozen=True)
class Proof:
    """Everything that was found. `unknown` says, in words, what had no answer in time: nothing else is left open."""

    conflicts: tuple[Conflict, ...]
    remarks: tuple[Remark, ...]
    unknown: tuple[str, ...]
    book: Rulebook

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rules": [rule.name for rule in self.book.rules],
            "conflicts": [conflict_as_dict(each) for each in self.conflicts],
            "shadowed": [remark_as_dict(each) for each in self.remarks if each.by],
            "remarks": [remark_as_dict(each) for each in self.remarks if not each.by],
            "unknown": list(self.unknown),
        }


def prove(
    playbook: Playbook,
    *,
    between: tuple[date, date] | None = None,
    limits: Limits | None = None,
    with_edits: bool = True,
    with_remarks: bool = True,
) -> Proof:
    """Find every conflict among the rules of a playbook's `requires`, and what else they show together.

    `between` are the days whose opening hours count, where facts have a calendar. Raises ProverError where a rule has no
    exact form; what has no answer within `limits` is said in `unknown`.
    """
    return _Proving(playbook, rulebook.read(playbook, between=between), limits or Limits()).proof(
        with_edits, with_remarks
    )


class _Proving:
    """One proof in the making."""

    def __init__(self, playbook: Playbook, book: Rulebook, limits: Limits) -> None:
        self.playbook, self.book, self.limits = playbook, book, limits
        self.terms = Terms(book.situation)
        self.possible = Possible(book, self.terms, limits)
        self.telling = telling.Telling(playbook, book)
        self.unknown: list[str] = []

    def proof(self, with_edits: bool, with_remarks: bool) -> Proof:
        sets = self._sets()
        conflicts = [found for each in sets if (found := self._conflict(each, with_edits)) is not None]
        remarks: list[Remark] = []
        if with_remarks:
            reading = Reading(
                self.playbook,
                self.book,
                self.telling,
                self.limits,
                [frozenset(each.name for each in found) for found in sets],
            )
            remarks = reading.remarks()
            self.unknown += reading.unknown
        return Proof(tuple(conflicts), tuple(remarks), tuple(self.unknown), self.book)

    def _sets(self) -> list[tuple[Rule, ...]]:
        found: list[tuple[Rule, ...]] = []
        for group in search.groups(self.book):
            try:
                for each in search.Search(self.book, group, self.possible).conflicts():
                    found.append(each)
                    if len(found) >= self.limits.conflicts:
                        self.unknown.append(
                            f"whether there are more than {len(found)} conflicts: the search stopped there"
                        )
                        return found
            except UndecidedError:
                names = ", ".join(rule.title for rule in group[:3]) + (", …" if len(group) > 3 else "")
                self.unknown.append(f"whether these are all the conflicts among {names}")
        order = {rule.name: number for number, rule in enumerate(self.book.rules)}
        return sorted(found, key=lambda rules: [order[rule.name] for rule in rules])

    def _conflict(self, rules: tuple[Rule, ...], with_edits: bool) -> Conflict | None:
        names = tuple(rule.name for rule in rules)
        try:
            region = regions.region(self.book, self._bites(rules), self.terms, self.limits)
            if region is None:
                return None
            values = samples.sample(
                self.book, region, self._spoken_of(rules), self.telling.clock, self.terms, self.limits
            )
        except UndecidedError:
            self.unknown.append(f"where {', '.join(names)} cannot all be kept")
            said = "There are situations in which no choice keeps these rules."
            return Conflict(names, None, None, {}, said, "in some situations", (), UNCHECKED)
        when = conditions.of_region(region, self.book.situation)
        found = Conflict(names, when, region, values, self.telling.story(rules, values), self.telling.where(region))
        found = replace(found, verdict=self._checked(rules, found))
        return (
            replace(found, edits=tuple(edits.Editing(self.telling, rules, region, self.limits).edits()))
            if with_edits
            else found
        )

    def _bites(self, rules: Sequence[Rule]) -> Formula:
        """No choice keeps all of them, and without any one of them some choice does."""
        without = (self.possible.where(rule for rule in rules if rule is not left_out) for left_out in rules)
        return logic.both([logic.opposite(self.possible.where(rules)), *without])

    def _spoken_of(self, rules: Sequence[Rule]) -> list[str]:
        facts = set().union(*(logic.facts(rule.kept) for rule in rules))
        return [name for name, known in self.book.situation.items() if name in facts and not known.decision]

    def _checked(self, rules: Sequence[Rule], found: Conflict) -> str:
        """The sample tried out in plain Python. Raises AssertionError where it does not bear out what the solver said."""
        assert found.region is not None
        values = found.sample
        assert logic.holds(found.region.formula, values), f"the sample of {found.key} lies outside its region"
        try:
            assert plain.choice(self.book, rules, values) is None, f"there is a choice that keeps {found.key}"
            for left_out in rules:
                rest = [rule for rule in rules if rule is not left_out]
                choice = plain.choice(self.book, rest, values)
                assert choice is not None, f"{found.key} is not minimal"
                here = {**_something(self.book, rest), **values, **choice}
                assert all(plain.kept(self.book, rule, here) for rule in rest), f"{choice} does not keep what it should"
        except plain.UntriedError:
            return UNCHECKED
        return PROVED


def _something(book: Rulebook, rules: Sequence[Rule]) -> dict[str, Value]:
    """Any value for facts on which nothing depends, so that a predicate that mentions them can be evaluated."""
    names = set().union(set(), *(logic.facts(rule.kept) for rule in rules))
    return {name: _any(known) for name, known in book.situation.items() if name in names or known.decision}


def _any(known: Any) -> Value:
    if known.sort == "truth":
        return False
    if known.sort == "word":
        return str(known.words[0])
    value: Value = known.low if known.low is not None else known.high if known.high is not None else Fraction(0)
    return value


def conflict_as_dict(found: Conflict) -> dict[str, Any]:
    """One conflict for JSON."""
    return {
        "rules": list(found.rules),
        "when": found.when.sql if found.when else None,
        "where": found.where,
        "sample": telling.plain(found.sample),
        "says": found.says,
        "verdict": found.verdict,
        "edits": [edit_as_dict(edit) for edit in found.edits],
    }


def edit_as_dict(edit: Edit) -> dict[str, Any]:
    """One edit for JSON."""
    return {
        "rule": edit.rule, "kind": edit.kind, "requirement": edit.number, "key": edit.key,
        "old": edit.old, "new": edit.new, "says": edit.says,
        "size": round(edit.size, 6), "file": edit.place.file, "line": edit.place.line,
    }  # fmt: skip


def remark_as_dict(remark: Remark) -> dict[str, Any]:
    """One remark for JSON."""
    return {
        "kind": remark.kind, "rules": list(remark.rules), "by": list(remark.by), "fact": remark.fact,
        "when": remark.when.sql if remark.when else None,
        "sample": telling.plain(remark.sample) if remark.sample is not None else None,
        "says": remark.says,
    }  # fmt: skip
