"""Rule books looked at whole: every situation, every choice, every set of rules, by the plain Python predicates alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations, product
from typing import Any

from aboveboard.playbook.expressions import to_python, tree
from aboveboard.playbook.model import Fact, Playbook
from aboveboard.prover import plain

Row = dict[str, Any]


def _trees(playbook: Playbook) -> Iterator[tree.Node]:
    for section in (playbook.promises, playbook.policies, playbook.incentives):
        for entry in section.values():
            for need in entry.requires:
                yield from (each.tree for each in (need.when, need.then) if each)


def _asked(playbook: Playbook) -> set[str]:
    """The facts of which some condition asks whether they have a value: they may have none."""
    nodes = [
        node for each in _trees(playbook) for node in tree.walk(each) if isinstance(node, tree.IsNull | tree.Coalesce)
    ]
    return {column.name for node in nodes for column in tree.walk(node) if isinstance(column, tree.Column)}


def _values(fact: Fact, absent: bool) -> list[Any]:
    if fact.type == "boolean":
        found: list[Any] = [False, True]
    elif fact.type == "enumeration":
        found = list(fact.options)
    else:
        assert fact.low is not None and fact.high is not None
        found = [plain.exact(number) for number in range(int(fact.low), int(fact.high) + 1)]
    return [*found, None] if absent else found


def _kept(entry: Any) -> Any:
    needs = [
        (
            None if need.when is None else to_python.function(plain.exactly(need.when.tree)),
            to_python.function(plain.exactly(need.then.tree)),
        )
        for need in entry.requires
    ]
    return lambda row: all((when is not None and when(row) is not True) or then(row) is True for when, then in needs)


class Enumerated:
    """One playbook, every rule's truth at every situation and choice. Choices are bits: kept[rule][situation] is a set of them."""

    def __init__(self, playbook: Playbook, asked: set[str] | None = None) -> None:
        absent = _asked(playbook) if asked is None else asked
        values = {name: _values(fact, name in absent) for name, fact in playbook.situation.items()}
        world = [name for name, fact in playbook.situation.items() if not fact.decision]
        ours = [name for name, fact in playbook.situation.items() if fact.decision]
        self.situations: list[Row] = [
            dict(zip(world, each, strict=True)) for each in product(*(values[name] for name in world))
        ]
        self.choices: list[Row] = [
            dict(zip(ours, each, strict=True)) for each in product(*(values[name] for name in ours))
        ]
        self.kept: dict[str, list[int]] = {}
        for kind in ("promises", "policies", "incentives"):
            for name, entry in getattr(playbook, kind).items():
                if entry.requires:
                    self.kept[
                        f"{kind.removesuffix('ies').removesuffix('s')}{'y' if kind == 'policies' else ''}:{name}"
                    ] = self._bits(_kept(entry))

    def _bits(self, kept: Any) -> list[int]:
        return [
            sum(1 << number for number, choice in enumerate(self.choices) if kept({**situation, **choice}))
            for situation in self.situations
        ]

    @property
    def all(self) -> int:
        """Every choice."""
        return (1 << len(self.choices)) - 1

    def can(self, rules: Any, at: int) -> int:
        """The choices that keep all these rules in one situation."""
        left = self.all
        for rule in rules:
            left &= self.kept[rule][at]
        return left

    @cached_property
    def conflicts(self) -> dict[frozenset[str], set[int]]:
        """Every minimal set of rules that cannot all be kept, with the situations in which it bites."""
        found: dict[frozenset[str], set[int]] = {}
        for at in range(len(self.situations)):
            here: list[frozenset[str]] = []
            for size in range(1, len(self.kept) + 1):
                for rules in combinations(self.kept, size):
                    if not self.can(rules, at) and not any(known <= set(rules) for known in here):
                        here.append(frozenset(rules))
            for rules in here:
                found.setdefault(rules, set()).add(at)
        return found

    def follows(self, rules: Any, rule: str) -> bool:
        """Whether whoever keeps these rules keeps that rule, in every situation."""
        return all(not self.can(rules, at) & ~self.kept[rule][at] for at in range(len(self.situations)))

    @cached_property
    def says_nothing_new(self) -> set[str]:
        """Rules that follow from others which do not conflict among themselves."""
        found = set()
        for rule in self.kept:
            others = [name for name in self.kept if name != rule]
            sets = (set(each) for size in range(len(others) + 1) for each in combinations(others, size))
            peaceful = (each for each in sets if not any(known <= each for known in self.conflicts))
            if any(self.follows(each, rule) for each in peaceful):
                found.add(rule)
        return found


def change(old: Mapping[int, int] | list[int], new: list[int]) -> str:
    """How a rule changed, by every situation and choice."""
    forbids = any(old[at] & ~new[at] for at in range(len(new)))
    allows = any(new[at] & ~old[at] for at in range(len(new)))
    return {(False, False): "same", (True, False): "stricter", (False, True): "looser", (True, True): "different"}[
        forbids, allows
    ]
