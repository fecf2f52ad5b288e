"""A conflict told as a story: what the customer's situation is, and what each rule then needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aboveboard.playbook.model import Playbook
from aboveboard.prover import choices, clock, conditions, logic
from aboveboard.prover.facts import Known
from aboveboard.prover.logic import Atom, Formula, Value
from aboveboard.prover.regions import Box, Region
from aboveboard.prover.rulebook import Rule, Rulebook

_COUNTS = {2: "both", 3: "all three", 4: "all four", 5: "all five"}


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high`; None has no end. An end counts as part of it where `from_low`, `to_high`."""

    low: Fraction | None
    high: Fraction | None
    from_low: bool = True
    to_high: bool = True


class Telling:
    """How the facts of one playbook are said."""

    def __init__(self, playbook: Playbook, book: Rulebook) -> None:
        self.playbook, self.book = playbook, book
        self.clock = clock.facts(playbook, book)

    def story(self, rules: Sequence[Rule], values: Mapping[str, Value]) -> str:
        """Two sentences: the situation, and why nobody can keep the rules in it."""
        return f"{self.situation(values)} {self._needs(rules, values)}"

    def situation(self, values: Mapping[str, Value]) -> str:
        """The situation in one sentence."""
        parts = [self.fact(name, value) for name, value in values.items()]
        if not parts:
            return "In every situation it is the same."
        text = ", ".join(parts)
        return f"{text[0].upper()}{text[1:]}."

    def fact(self, name: str, value: Value) -> str:
        """One fact as a person would say it."""
        plain, said = name.replace("_", " "), self.value(name, value)
        fact = self.playbook.situation.get(name)
        if self.book.days is not None and name == self.book.days.fact.name:
            return f"on {said}"
        if value is None:
            return f"no {plain}"
        if fact is not None and fact.says:
            return fact.says.replace("…", said)
        if isinstance(value, bool):
            return plain if value else f"not {plain}"
        if name in self.clock:
            return f"{plain.removesuffix(' at')} at {said}"
        if self.book.situation[name].sort == "integer" and name.endswith("s"):
            return f"{said} {plain}"
        return f"{plain} {said}"

    def value(self, name: str, value: Value) -> str:
        """A value of a fact as a person would write it."""
        known = self.book.situation[name]
        if self.book.days is not None and name == self.book.days.fact.name:
            day = self.book.days.dates[str(value)][0]
            return f"{day:%A} {day.day} {day:%B %Y}"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, Fraction):
            return "nothing" if value is None else "any other" if value == "…" else value
        if name in self.clock:
            return clock.said(value)
        if known.sort == "moment":
            return f"{conditions.moment(value):%Y-%m-%d}"
        return number(value)

    def where(self, region: Region | None) -> str:
        """Where a region is, as a person would say it: "ordered after 16:00, at least 10 people wait in the shop"."""
        if region is None:
            return "in some situations"
        if not region.whole:
            return conditions.of_region(region, self.book.situation).sql
        if not all(region.boxes):
            return "in every situation"
        return "; or ".join(self._box(box) for box in region.boxes)

    def _box(self, box: Box) -> str:
        alone: dict[str, list[Formula]] = {}
        for leaf in box:
            alone.setdefault(" ".join(sorted(logic.facts(leaf))), []).append(leaf)
        order = list(self.book.situation)
        parts = []
        for names, leaves in sorted(alone.items(), key=lambda pair: (" " in pair[0], order.index(pair[0].split()[0]))):
            if " " in names:
                parts.append(conditions.of_formula(logic.both(leaves), self.book.situation).sql)
            else:
                parts.append(self._limits(names, logic.both(leaves)))
        return ", ".join(parts)

    def _limits(self, name: str, formula: Formula) -> str:
        """What is asked of one fact of the world."""
        known, plain = self.book.situation[name], name.replace("_", " ")
        if any(isinstance(leaf, logic.Absent) and leaf.holds for leaf in logic.leaves(formula)):
            return f"no {plain}"
        if known.sort == "truth":
            return plain if logic.holds(formula, {name: True}) else f"not {plain}"
        if self.book.days is not None and name == self.book.days.fact.name:
            days = [word for word in known.words if logic.holds(formula, {name: word})]
            return f"on {' or '.join(days)}"
        said = self.allowed(formula, known)
        fact = self.playbook.situation.get(name)
        if fact is not None and fact.says:
            return fact.says.replace("…", said)
        if name in self.clock:
            return f"{plain.removesuffix(' at')} {said}"
        return f"{said} {plain}" if known.sort == "integer" and name.endswith("s") else f"{plain} {said}"

    def _needs(self, rules: Sequence[Rule], values: Mapping[str, Value]) -> str:
        if len(rules) == 1:
            return f"No choice keeps {_named(rules[0])} there."
        before: str | None = None
        parts: list[str] = []
        for rule in rules:
            decision, phrase = self._need(rule, values, before)
            verb = "has" if rule.kind == "calendar" else "needs"
            parts.append(f"{_named(rule)} {'' if parts and decision == before else f'{verb} '}{phrase}")
            before = decision
        joined = f"{', '.join(parts[:-1])} and {parts[-1]}"
        return f"{_first(joined)}: no choice keeps {_COUNTS.get(len(rules), f'all {len(rules)}')}."

    def _need(self, rule: Rule, values: Mapping[str, Value], before: str | None) -> tuple[str | None, str]:
        """The decision that a rule speaks of in this situation, and what it needs of it."""
        left = choices.given(rule.kept, values)
        names = logic.facts(left)
        if len(names) != 1:
            asked = (
                [conditions.of_formula(left, self.book.situation).sql]
                if names
                else [part.requirement.then.sql for part in rule.parts]
            )
            return None, " and ".join(asked)
        (name,) = names
        phrase = self.allowed(left, self.book.situation[name])
        if name == before:
            return name, phrase
        plain = name.replace("_", " ")
        return name, f"it {plain.removesuffix(' at')} {phrase}" if name in self.clock and plain.endswith(
            " at"
        ) else f"{plain} {phrase}"

    def allowed(self, formula: Formula, known: Known) -> str:
        """What a formula over one decision leaves of it, in words."""
        if known.sort == "truth":
            words = [
                word for value, word in ((True, "yes"), (False, "no")) if logic.holds(formula, {known.name: value})
            ]
            return " or ".join(words) or "impossible"
        if known.sort == "word":
            left = [word for word in known.words if logic.holds(formula, {known.name: word})]
            return " or ".join(left) or "impossible"
        return " or ".join(self._span(span, known.name) for span in spans(formula, known)) or "impossible"

    def _span(self, span: Span, name: str) -> str:
        if self.book.situation[name].sort == "integer":
            span = _whole(span)
        low, high = (None if end is None else self.value(name, end) for end in (span.low, span.high))
        timed = name in self.clock or self.book.situation[name].sort == "moment"
        if low is None and high is None:
            return "at any time" if timed else "anything"
        if low == high:
            return f"at {low}" if timed else f"exactly {low}"
        if high is None:
            word = ("from" if span.from_low else "after") if timed else ("at least" if span.from_low else "above")
            return f"{word} {low}"
        if low is None:
            word = ("by" if span.to_high else "before") if timed else ("at most" if span.to_high else "below")
            return f"{word} {high}"
        return f"between {low} and {high}"


def spans(formula: Formula, known: Known) -> list[Span]:
    """The numbers that make a formula over one number true, as spans in order; an end at the fact's own bound is none."""
    ends = sorted(
        {
            (-leaf.linear.constant / leaf.linear.of(known.name))
            for leaf in logic.leaves(formula)
            if isinstance(leaf, Atom)
        }
        | {end for end in (known.low, known.high) if end is not None}
    )
    whole = logic.both([formula, known.bounds])
    pieces: list[tuple[Fraction | None, Fraction | None, bool]] = []
    for number, end in enumerate(ends):
        before = ends[number - 1] if number else None
        middle = (before + end) / 2 if before is not None else end - 1
        pieces += [(before, end, _true(whole, known, middle)), (end, end, _true(whole, known, end))]
    last = ends[-1] if ends else None
    pieces.append((last, None, _true(whole, known, Fraction(0) if last is None else last + 1)))
    found: list[Span] = []
    for low, high, true in pieces:
        if not true:
            continue
        closed = low == high and low is not None
        if found and found[-1].high == low and (closed or found[-1].to_high):
            found[-1] = Span(found[-1].low, high, found[-1].from_low, closed)
        else:
            found.append(Span(low, high, closed, closed))
    return [_unbounded(span, known) for span in found]


def _unbounded(span: Span, known: Known) -> Span:
    low = None if span.low is not None and span.low == known.low and span.low != span.high else span.low
    high = None if span.high is not None and span.high == known.high and span.low != span.high else span.high
    return Span(low, high, span.from_low, span.to_high)


def _whole(span: Span) -> Span:
    """The same whole numbers with their ends counted in: below 10 is at most 9."""
    low, high = span.low, span.high
    if low is not None:
        low = Fraction(math.ceil(low) if span.from_low else math.floor(low) + 1)
    if high is not None:
        high = Fraction(math.floor(high) if span.to_high else math.ceil(high) - 1)
    return Span(low, high)


def _true(formula: Formula, known: Known, value: Fraction) -> bool:
    return logic.holds(formula, {known.name: value})


def number(value: Fraction) -> str:
    """A number in decimals, rounded to what a person would read."""
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.6g}"


def _named(rule: Rule) -> str:
    return f"the {rule.kind} {rule.title}"


def _first(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def plain(values: Mapping[str, Value]) -> dict[str, float | int | str | bool | None]:
    """Values for JSON: whole numbers as such, other numbers as decimals."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Value) -> float | int | str | bool | None:
    if not isinstance(value, Fraction):
        return value
    return int(value) if value.denominator == 1 else float(value)
