"""Random formulas and traces, small enough to be looked at whole and full of ties and windows that end exactly at an event."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from tests.analyses.claims.monitor.reference import MINUTE, Trace

from aboveboard.analyses.claims import monitor
from aboveboard.playbook import conditions
from aboveboard.playbook.temporal import tree

ATOMS = tuple(conditions.parse(f"type = '{name}'") for name in "abc")


def formula(draw: random.Random, depth: int = 3) -> tree.Formula:
    """A formula of at most this depth; every operator is as likely as every other."""
    if depth == 0 or draw.random() < 0.15:
        return tree.Atom(draw.choice(ATOMS))
    kind = draw.choice((tree.Not, tree.And, tree.Or, tree.Implies, *tree.PREFIXES.values(), *tree.INFIXES.values()))
    below = [formula(draw, depth - 1) for _ in range(3)]
    if kind is tree.Not:
        return tree.Not(below[0])
    if kind in (tree.And, tree.Or):
        return kind(tuple(below[: draw.choice((2, 3))]))
    if kind is tree.Implies:
        return tree.Implies(below[0], below[1])
    within = interval(draw, ahead=kind in (tree.Eventually, tree.Always, tree.Until))
    if kind in tree.INFIXES.values():
        return kind(below[0], below[1], within)
    return kind(below[0], within)


def interval(draw: random.Random, *, ahead: bool) -> tree.Interval:
    low = draw.choice((0.0, 0.0, 1.0, 2.5))
    high = draw.choice((None, low, low + 0.5, low + 2, low + 6, "claim.due" if ahead else None))
    return tree.Interval(low, high)


def trace(draw: random.Random, longest: int = 8) -> Trace:
    """One to `longest` events over a few minutes, in steps of half a minute; the record ends at the last of them or later."""
    times = sorted(draw.randrange(16) * MINUTE // 2 for _ in range(draw.randint(1, longest)))
    met = {atom: [draw.random() < 0.5 for _ in times] for atom in ATOMS}
    as_of = times[-1] + draw.choice((0, 0, 1, 4)) * MINUTE // 2
    due = draw.choice((None, draw.randrange(20) * MINUTE // 2))
    return Trace(times, met, as_of, due)


def together(traces: Sequence[Trace]) -> monitor.Traces:
    """Traces that end at the same moment, as the monitor takes them."""
    return monitor.Traces(
        trace=np.repeat(np.arange(len(traces)), [len(each.times) for each in traces]),
        time=np.concatenate([np.array(each.times, dtype=np.int64) for each in traces]),
        atoms={atom: np.concatenate([np.array(each.met[atom]) for each in traces]) for atom in ATOMS},
        as_of=traces[0].as_of,
        due=np.repeat(
            [monitor.FAR if each.due is None else each.due for each in traces], [len(each.times) for each in traces]
        ),
    )


def batch(draw: random.Random, count: int) -> list[Trace]:
    """Traces whose record ends at one moment."""
    found = [trace(draw) for _ in range(count)]
    as_of = max(each.as_of for each in found)
    return [Trace(each.times, each.met, as_of, each.due) for each in found]
