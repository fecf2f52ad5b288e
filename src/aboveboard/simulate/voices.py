"""What people say: customers about their delivery, employees about their tools, and each about the other."""

from __future__ import annotations

import numpy as np

from aboveboard.simulate.blocks import DAY, HOUR, Blocks, Clock, named, one_of
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.orders import DEPOTS, Delivered

PULSE = ("training", "tools", "system", "help")
WORDS = ("Came when they said. Thank you.", "Waited in all day for nothing.")


def write(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, delivered: Delivered) -> None:
    """Write surveys, reviews, pulses, recognition, abuse and departures."""
    _after_deliveries(blocks, rng, people, delivered)
    _inside(blocks, clock, rng)


def _after_deliveries(blocks: Blocks, rng: np.random.Generator, people: Customers, delivered: Delivered) -> None:
    count = len(delivered.at)
    line = {
        "customer": people.first_key(delivered.person), "subject": named("order:", delivered.number), "touchpoint": "delivery",
        "channel": "email", "team": one_of(DEPOTS, delivered.depot),
    }  # fmt: skip
    score = np.clip(np.round(rng.normal(np.where(delivered.late, 5.5, 8.8), 1.4)), 0, 10)
    blocks.add(
        "survey.answered", delivered.at + 20 * HOUR, where=rng.random(count) < 0.2, **line, outcome="nps", value=score
    )
    stars = np.clip(np.round(rng.normal(np.where(delivered.late, 2.2, 4.4), 0.8)), 1, 5)
    blocks.add(
        "review.posted", delivered.at + 2 * DAY, where=rng.random(count) < 0.04, **line, value=stars,
        text=one_of(WORDS, delivered.late.astype(np.int64)),
    )  # fmt: skip
    left = rng.random(count) < np.where(delivered.late, 0.05, 0.01)
    blocks.add("customer.left", delivered.at + 12 * DAY, where=left, customer=people.first_key(delivered.person))


def _inside(blocks: Blocks, clock: Clock, rng: np.random.Generator) -> None:
    """Write a monthly pulse of every depot, a few kind words, and the few customers who shouted."""
    months = np.arange(14, clock.days, 30)
    count = len(months) * len(DEPOTS) * 8
    depot = np.tile(np.arange(len(DEPOTS)), len(months) * 8)
    at = clock.utc(np.repeat(months, len(DEPOTS) * 8), 9 + 8 * rng.random(count))
    team = one_of(DEPOTS, depot)
    # A pulse is anonymous from the start: it carries the team and nobody's key.
    blocks.add(
        "pulse.answered",
        at,
        team=team,
        outcome=one_of(PULSE, rng.integers(len(PULSE), size=count)),
        value=np.clip(np.round(rng.normal(3.6, 0.9, count)), 1, 5),
    )
    crew = {"team": team, "employee": named("crew-", 1 + np.arange(count, dtype=np.int64) % 24)}
    kind = rng.random(count) < 0.1
    blocks.add("recognition.given", at, where=kind, **crew, text="Thank you for staying late with the lorry.")
    blocks.add("conduct.reported", at, where=rng.random(count) < 0.04, **crew, text="Shouted at on the doorstep.")
