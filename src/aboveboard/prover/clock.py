"""Which facts are hours on one clock, so that 34 is said as ten o'clock the next day."""

from __future__ import annotations

from fractions import Fraction

from aboveboard.playbook.expressions import tree
from aboveboard.playbook.model import Fact, Playbook
from aboveboard.prover import logic
from aboveboard.prover.logic import Atom
from aboveboard.prover.rulebook import Rulebook

_DAY = 24


def facts(playbook: Playbook, book: Rulebook) -> frozenset[str]:
    """Facts that are times, have a calendar or come from `local_hour`, and those that rules set off against one of them."""
    found = {fact.name for fact in playbook.situation.values() if _is_clock(fact)}
    pairs = [
        set(leaf.linear.names)
        for rule in book.rules
        for leaf in logic.leaves(rule.kept)
        if isinstance(leaf, Atom) and sorted(factor for _, factor in leaf.linear.terms) == [-1, 1]
    ]
    while more := set().union(*(pair for pair in pairs if pair & found)) - found:
        found |= more
    return frozenset(found)


def _is_clock(fact: Fact) -> bool:
    source = fact.source.tree if fact.source else None
    hour = isinstance(source, tree.Local) and source.name == "local_hour"
    return fact.type == "time" or fact.calendar is not None or hour


def said(hours: Fraction) -> str:
    """Hours from midnight as a person says them: 16.25 is 16:15, 34 is 10:00 the next day."""
    minutes = round(hours * 60)
    day, rest = divmod(minutes, _DAY * 60)
    time = f"{rest // 60:02d}:{rest % 60:02d}"
    if day in (0, 1, -1):
        return time + {0: "", 1: " the next day", -1: " the day before"}[day]
    return f"{time} {abs(day)} days {'later' if day > 0 else 'earlier'}"
