"""Which part of what a rule forbids does no harm? Regions found on one half of the requests, confirmed on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aboveboard.analyses.exceptions import features, harm, judging, regions
from aboveboard.analyses.exceptions.features import Asked, Test
from aboveboard.analyses.exceptions.margins import Cases
from aboveboard.analyses.exceptions.regions import Bar
from aboveboard.analyses.exceptions.tables import RELAXATIONS
from aboveboard.analyses.shared import arrays, discoveries
from aboveboard.analyses.shared.survival import Estimate
from aboveboard.playbook.expressions import to_sql, tree
from aboveboard.playbook.model import Playbook

RATE = 0.05
"""At most so many of the confirmed regions are false."""
SAFE = 0.025
"""A policy whose harm is within the margin as a whole, on the half that is searched, at this p needs no region."""
WORTH = 0.05
"""A region that holds a smaller share of the requests is no rule worth writing."""


@dataclass(frozen=True)
class _Half:
    """Granted and followed to the end inside a region, on one half of the requests."""

    harmed: int
    n: int


@dataclass(frozen=True)
class _Found:
    """One region of one policy, before it is known how many others there are."""

    policy: str
    number: int
    words: str
    condition: str
    size: int
    requests: int
    granted: int
    decided: int
    discovery: _Half
    confirmation: _Half
    p: float
    stands: bool


def relaxations(requests: Any, events: Any, ordinary: Any, playbook: Playbook) -> Any:
    """The regions of every policy in which exceptions did no harm: table RELAXATIONS (see `tables`).

    `requests` and `ordinary` are the tables of those names. Looked at are policies with a harm_margin whose harm is not
    within it as a whole, on the half that is searched; and of those, requests whose asking was written down.
    A region is confirmed where, on the other half, harm is within the margin (score test, or exact without ordinary
    cases; Benjamini and Hochberg over all regions of the playbook at 5 %), at least twenty were granted and followed,
    those refused inside may be twice as harmful, and it holds a twentieth of the requests. Executes.
    """
    known = features.asked(requests, events)
    beside = harm.cells(ordinary, "policy")
    found = [
        one
        for name, policy in sorted(playbook.policies.items())
        if policy.harm_margin is not None
        for one in _of_policy(
            name,
            known.of(known.rows["policy"] == name),
            Bar(harm.compared_with(beside.get((name,))), policy.harm_margin),
        )
    ]
    confirmed = discoveries.benjamini_hochberg([one.p for one in found], rate=RATE)
    return arrays.rows_to_table(
        RELAXATIONS, (_row(one, bool(passed)) for one, passed in zip(found, confirmed, strict=True))
    )


def condition(nodes: Sequence[tree.Node]) -> str:
    """The conditions joined, as the playbook writes them."""
    return to_sql.text(nodes[0] if len(nodes) == 1 else tree.And(tuple(nodes)))


def _of_policy(policy: str, known: Asked, bar: Bar) -> Iterator[_Found]:
    followed, harmed = known.followed, known.harmed
    searched = known.half == 0
    n, x = int((followed & searched).sum()), int((harmed & searched).sum())
    if n < 2 * regions.ENOUGH or float(bar.within_p(np.array(x), np.array(n))) <= SAFE:
        return
    # What is asked of the requests is learned on the half that is searched, and then asked of all.
    tests = features.tests(known.of(searched))
    if not tests:
        return
    meets = np.column_stack([test.meets(known) for test in tests])
    for number, rule in enumerate(regions.find(meets[searched], followed[searched], harmed[searched], bar), start=1):
        inside = rule.holds(meets)
        yield _found(policy, number, [tests[place] for place in rule.places], known, inside, bar)


def _found(policy: str, number: int, tests: Sequence[Test], known: Asked, inside: arrays.Array, bar: Bar) -> _Found:
    halves = [
        _Half(
            int((inside & known.harmed & (known.half == half)).sum()),
            int((inside & known.followed & (known.half == half)).sum()),
        )
        for half in (0, 1)
    ]
    outcome = known.rows["outcome"][inside]
    granted, decided = int((outcome == "granted").sum()), int((outcome != "undecided").sum())
    whole = _Half(halves[0].harmed + halves[1].harmed, halves[0].n + halves[1].n)
    p = float(bar.within_p(np.array(float(halves[1].harmed)), np.array(float(halves[1].n))))
    return _Found(
        policy=policy,
        number=number,
        words=" and ".join(test.words for test in tests),
        condition=condition([test.node(known) for test in tests]),
        size=len(tests),
        requests=int(inside.sum()),
        granted=granted,
        decided=decided,
        discovery=halves[0],
        confirmation=halves[1],
        p=p,
        stands=halves[1].n >= regions.ENOUGH and inside.mean() >= WORTH and _stands(whole, granted, decided, bar),
    )


def _stands(whole: _Half, granted: int, decided: int, bar: Bar) -> bool:
    """Whether those granted inside can stand for those refused inside (see `judging.stands_for_all`)."""
    approval, high = granted / decided, estimate(whole.harmed, whole.n).high
    beside = 0.0 if bar.ordinary is None else bar.ordinary.share().value
    room = judging.tolerated(approval, whole.harmed / whole.n, beside, bar.margin)
    return approval == 1 or room >= judging.TWICE * high


def _row(found: _Found, passed: bool) -> Mapping[str, Any]:
    return {
        "policy": found.policy,
        "number": found.number,
        "region": found.words,
        "condition": found.condition,
        "conditions_count": found.size,
        "requests_count": found.requests,
        **arrays.estimate_columns("approval_share", estimate(found.granted, found.decided)),
        "discovery_count": found.discovery.n,
        "discovery_harm_count": found.discovery.harmed,
        **arrays.estimate_columns("discovery_harm_share", estimate(found.discovery.harmed, found.discovery.n)),
        "confirmation_count": found.confirmation.n,
        "confirmation_harm_count": found.confirmation.harmed,
        **arrays.estimate_columns("confirmation_harm_share", estimate(found.confirmation.harmed, found.confirmation.n)),
        "confirmation_p": found.p,
        "confirmed": passed and found.stands,
    }


def estimate(count: float, n: float) -> Estimate:
    """A share with its Wilson interval; NaN where n is 0."""
    return Cases(count, n).share()
