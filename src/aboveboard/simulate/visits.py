"""At the door: what the crew does on a delivery, step by step, and what the customer makes of it.

To take the old machine away is a kindness where there is one, and a puzzle where there is none. The leaflet is left
because it always was. Steps are skipped for reasons that lie with the van and the clock, and not with the customer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aboveboard.simulate.blocks import HOUR, MINUTE, Blocks, Flags, Ints, named, one_of, same
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.orders import DEPOTS, Delivered, replaces
from aboveboard.simulate.truth import Rates


def write(
    blocks: Blocks, rng: np.random.Generator, people: Customers, delivered: Delivered, rates: Rates
) -> None:  # fmt: skip
    """Write the steps of every delivery, and what those say who answer."""
    count = len(delivered.at)
    old_one = replaces(delivered.number)
    line = {
        "customer": people.first_key(delivered.person),
        "subject": named("order:", delivered.number),
        "touchpoint": "delivery",
        "team": one_of(DEPOTS, delivered.depot),
        "employee": named("crew-", 1 + delivered.number % 24),
    }
    levelled = _step(blocks, rng, line, delivered.at + 6 * MINUTE, "level-it", 0.85, "stairs blocked")
    left = _step(blocks, rng, line, delivered.at + 9 * MINUTE, "leave-the-leaflet", 0.6, "none left in the van")
    offered = rng.random(count) < 0.6
    _offer(blocks, rng, line, delivered.at + 7 * MINUTE, offered, old_one)
    score = rng.normal(
        3.7 + 0.5 * levelled + rates.old_machine_worth * (offered & old_one) + 0.0 * left - 1.2 * delivered.late, 0.7
    )
    answers = rng.random(count) < 0.45
    blocks.add(
        "survey.answered", delivered.at + rng.integers(3, 30, count) * HOUR, where=answers, **line, channel="email",
        outcome="csat", value=np.clip(np.round(score), 1, 5),
    )  # fmt: skip


def _step(
    blocks: Blocks, rng: np.random.Generator, line: dict[str, Any], at: Ints, step: str, share: float, reason: str
) -> Flags:
    """Write a step as done, or as skipped with its reason; return where it was done."""
    done: Flags = rng.random(len(at)) < share
    rule = f"step:delivery-visit/{step}"
    blocks.add("step.done", at, where=done, **line, rule=rule, outcome="done")
    because = same(f'{{"reason":"{reason}"}}', len(at))
    blocks.add("step.skipped", at, where=~done, **line, rule=rule, outcome="skipped", attributes=because)
    return done


def _offer(
    blocks: Blocks, rng: np.random.Generator, line: dict[str, Any], at: Ints, offered: Flags, old_one: Flags
) -> None:  # fmt: skip
    """Write the offer to take the old machine, and its answer; no room in the van is the reason where it is not made."""
    count = len(at)
    said = {**line, "rule": "step:delivery-visit/take-the-old-one"}
    declined = rng.random(count) < np.where(old_one, 0.15, 0.97)
    blocks.add("step.offered", at, where=offered, **said, outcome="offered")
    blocks.add("step.done", at + MINUTE, where=offered & ~declined, **said, outcome="done")
    blocks.add("step.declined", at + MINUTE, where=offered & declined, **said, outcome="declined")
    again = offered & declined & (rng.random(count) < 0.04)
    blocks.add("step.offered", at + 3 * MINUTE, where=again, **said, outcome="offered")
    blocks.add("step.declined", at + 3 * MINUTE, where=again, **said, outcome="declined")
    full = same('{"reason":"van full"}', count)
    blocks.add("step.skipped", at, where=~offered, **said, outcome="skipped", attributes=full)
