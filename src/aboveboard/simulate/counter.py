"""Behind the counter: what the rules forbid and who bends them, what customers are told meanwhile, and who was asked.

Four rules, each as such rules are. One stands in everybody's way and is bent without harm; one may be bent by the lead
alone, who always says yes; one is bent now and then and costs dear; one is hardly ever asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.simulate.blocks import DAY, HOUR, MINUTE, Blocks, Clock, Flags, Ints, joined, named, one_of, same
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.truth import Rates

TEAMS = ("counter", "phone line", "chat desk")
CHANNELS = ("store", "phone", "chat")
AGENTS = 40
INDEBTING = (
    "We're not supposed to take it back after thirty days, but for you I'll do it just this once.",
    "Strictly I'm not allowed to do this. I'll make an exception for you, because you asked so nicely.",
    "I shouldn't really do this, but I'll make an exception. You owe me one!",
)
PLAIN = (
    "I have taken it back. The money is on your card within the week.",
    "That's done: your return is booked, and I have refunded the full price.",
    "It is in order. I have refunded the price to the card you paid with.",
)
FEE_BACK = (
    "The delivery fee has been refunded to your card.",
    "That is settled: I have refunded the fee.",
)
SLOTS = (
    "I have asked my supervisor, and you have the slot on Saturday.",
    "I've checked with my team lead: Saturday between nine and twelve is yours.",
    "I spoke to my manager about it, and the lorry comes on Saturday.",
)
NO_WITH_REASON = (
    "We can refund you as soon as the machine has reached the depot. Shall I book the pick-up for tomorrow?",
    "The refund goes out the day the machine is back with us, because it is checked there first.",
)
ESCALATED = (
    "I have passed your complaint on to our head of service.",
    "Your complaint has been escalated to my manager.",
)


@dataclass(frozen=True)
class _Asked:
    """Requests to bend one rule: who asks, when, and what every event about them carries."""

    at: Ints
    line: dict[str, Any]

    def __len__(self) -> int:
        return len(self.at)


def write(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Write everything that happens behind the counter."""
    _late_returns(blocks, clock, rng, people, rates)
    _delivery_fees(blocks, clock, rng, people, rates)
    _money_before_goods(blocks, clock, rng, people, rates)
    _price_matches(blocks, clock, rng, people)
    _slots(blocks, clock, rng, people, rates)
    _complaints(blocks, clock, rng, people, rates)


def _asked(
    clock: Clock, rng: np.random.Generator, people: Customers, policy: str, share: float, *, least: int = 0
) -> _Asked:
    """So many of all customers ask; each request is a matter of its own."""
    count = max(least, round(len(people) * share))
    person, desk = rng.integers(len(people), size=count), rng.choice(3, p=(0.4, 0.35, 0.25), size=count)
    at = clock.utc(rng.integers(clock.days, size=count), 9 + 9 * rng.random(count))
    line: dict[str, Any] = {
        "customer": people.first_key(person),
        "subject": named(f"{policy}:", np.arange(count, dtype=np.int64)),
        "channel": one_of(CHANNELS, desk),
        "team": one_of(TEAMS, desk),
        "employee": named("agent-", rng.integers(1, AGENTS + 1, count)),
        "rule": f"policy:{policy}",
    }
    return _Asked(at, line)


def _late_returns(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Machines brought back in the fifth week: everybody bends the rule on the spot, and says so. No harm follows."""
    asked = _asked(clock, rng, people, "returns-within-30-days", rates.late_returns, least=8)
    count = len(asked)
    blocks.add("exception.requested", asked.at, **asked.line, attributes=_json("days", rng.integers(31, 46, count)))
    granted = rng.random(count) < 0.9
    decided_at = asked.at + rng.integers(2, 9, count) * MINUTE
    _decide(blocks, asked, decided_at, granted, "agent", value=np.round(rng.lognormal(3.0, 0.3, count), 2))
    blocks.add("order.returned", decided_at, where=granted, **asked.line)
    _pay(blocks, asked, decided_at + MINUTE, granted, np.full(count, 180.0))
    indebts = rng.random(count) < rates.indebting_words
    words = np.where(indebts, rng.integers(3, size=count), 3 + rng.integers(3, size=count))
    _say(blocks, asked, decided_at + 2 * MINUTE, granted, one_of((*INDEBTING, *PLAIN), words))
    _say(blocks, asked, decided_at + 2 * MINUTE, ~granted, one_of(NO_WITH_REASON, rng.integers(2, size=count)))
    _harm(blocks, rng, asked, decided_at, granted & (rng.random(count) < 0.002))
    if rates.late_returns > 0.02:
        at = clock.utc(np.array([round(clock.days * 0.4)]), np.array([17.0]))
        blocks.add(
            "suggestion.made", at, rule="policy:returns-within-30-days", employee="agent-12", team="counter",
            text="Thirty days are over before the fitter has been. Could we say sixty?",
        )  # fmt: skip


def _delivery_fees(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """The fee of a delivery that went wrong: the lead alone may give it back, and does, three quarters of an hour later."""
    asked = _asked(clock, rng, people, "delivery-fee-stays", rates.fee_requests, least=8)
    count = len(asked)
    blocks.add("exception.requested", asked.at, **asked.line)
    granted = rng.random(count) < 0.985
    decided_at = asked.at + rng.integers(25, 70, count) * MINUTE
    _decide(blocks, asked, decided_at, granted, "lead", value=np.full(count, 29.0), by="lead-")
    _pay(blocks, asked, decided_at + MINUTE, granted, np.full(count, 29.0))
    _say(blocks, asked, decided_at + 4 * MINUTE, granted, one_of(FEE_BACK, rng.integers(2, size=count)))


def _slots(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Chats about another day for the delivery: a superior was asked, it says; where nobody was, the record is silent."""
    count = max(12, round(len(people) * 0.06))
    at = clock.utc(rng.integers(clock.days, size=count), 9 + 9 * rng.random(count))
    line: dict[str, Any] = {
        "customer": people.first_key(rng.integers(len(people), size=count)),
        "subject": named("slot:", np.arange(count, dtype=np.int64)),
        "channel": "chat",
        "team": "chat desk",
    }
    agent = {"employee": named("agent-", rng.integers(1, AGENTS + 1, count))}
    empty = rng.random(count) < rates.empty_claims
    lead = {"attributes": same('{"authority":"lead"}', count)}
    blocks.add("escalation.opened", at + 2 * MINUTE, where=~empty, **line, **agent, **lead)
    blocks.add(
        "escalation.decided", at + 9 * MINUTE, where=~empty, **line, employee="lead-1", outcome="granted", **lead
    )
    # Wherever something is asked for upstairs, a few come back as they went.
    moved = rng.random(count) >= rates.theatre_anywhere
    blocks.add("booking.changed", at + 10 * MINUTE, where=moved, **line, **agent)
    blocks.add(
        "message.sent", at + 12 * MINUTE, where=moved, **line, **agent, audience="customer",
        text=one_of(SLOTS, rng.integers(3, size=count)),
    )  # fmt: skip


def _money_before_goods(
    blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates
) -> None:
    """Refunds before the machine is back: bent half the time, and one in eight machines never comes."""
    asked = _asked(clock, rng, people, "goods-before-money", rates.early_refunds, least=8)
    count = len(asked)
    blocks.add("exception.requested", asked.at, **asked.line)
    granted = rng.random(count) < 0.55
    decided_at = asked.at + rng.integers(5, 30, count) * MINUTE
    why = ('{"level":"lead","evidence":"impossible","reason":"the machine is still on its way"}', '{"level":"lead"}')
    refused = {"attributes": one_of(why, (rng.random(count) < 0.3).astype(np.int64))}
    _decide(blocks, asked, decided_at, granted, "lead", value=np.full(count, 240.0), by="lead-", refused=refused)
    _pay(blocks, asked, decided_at + MINUTE, granted, np.full(count, 240.0))
    _say(blocks, asked, decided_at + 3 * MINUTE, ~granted, one_of(NO_WITH_REASON, rng.integers(2, size=count)))
    _harm(blocks, rng, asked, decided_at, granted & (rng.random(count) < 0.13))


def _price_matches(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers) -> None:
    """A rule about which hardly anybody asks: nobody can know yet."""
    asked = _asked(clock, rng, people, "no-price-match", 0.002, least=6)
    count = len(asked)
    blocks.add("exception.requested", asked.at, **asked.line)
    granted = rng.random(count) < 0.6
    _decide(blocks, asked, asked.at + 12 * MINUTE, granted, "agent", value=np.full(count, 25.0))


def _complaints(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> None:
    """Complaints that climb: at the complaints desk most come back as they went; at the returns desk something is done."""
    count = max(12, round(len(people) * 0.07))
    person, desk = rng.integers(len(people), size=count), rng.integers(2, size=count)
    at = clock.utc(rng.integers(clock.days, size=count), 9 + 8 * rng.random(count))
    line: dict[str, Any] = {
        "customer": people.first_key(person),
        "subject": named("complaint:", np.arange(count, dtype=np.int64)),
        "channel": "email",
        "team": one_of(("complaints desk", "returns desk"), desk),
    }
    agent = {"employee": named("agent-", rng.integers(1, AGENTS + 1, count))}
    authority = same('{"authority":"manager"}', count)
    blocks.add("complaint.received", at, **line)
    blocks.add("escalation.opened", at + 2 * HOUR, **line, **agent, attributes=authority)
    blocks.add(
        "message.sent", at + 2 * HOUR + 5 * MINUTE, **line, **agent, audience="customer",
        text=one_of(ESCALATED, rng.integers(2, size=count)),
    )  # fmt: skip
    decided_at = at + rng.integers(20, 60, count) * HOUR
    theatre = rng.random(count) < np.where(desk == 0, rates.theatre, rates.theatre_anywhere)
    blocks.add("escalation.decided", decided_at, **line, employee="manager-1", outcome="decided", attributes=authority)
    remedy = {"outcome": "voucher", "value": np.full(count, 40.0)}
    blocks.add("remedy.given", decided_at + HOUR, where=~theatre, **line, **agent, **remedy)
    blocks.add("note.written", decided_at + HOUR, where=theatre, **line, **agent, audience="internal",
               text="Talked it over with the manager. Leave it.")  # fmt: skip


def _decide(
    blocks: Blocks, asked: _Asked, at: Ints, granted: Flags, level: str, *, value: np.ndarray, by: str = "",
    refused: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    said = {**asked.line, "attributes": same(f'{{"level":"{level}"}}', len(asked))}
    if by:
        said["employee"] = named(by, 1 + asked.at // MINUTE % 5)
    blocks.add("exception.granted", at, where=granted, **said, outcome="granted", value=value)
    blocks.add("exception.denied", at, where=~granted, **{**said, **(refused or {})}, outcome="denied")


def _pay(blocks: Blocks, asked: _Asked, at: Ints, where: Flags, value: np.ndarray) -> None:
    blocks.add("payment.refunded", at, where=where, **asked.line, value=value)


def _say(blocks: Blocks, asked: _Asked, at: Ints, where: Flags, text: pa.Array) -> None:
    blocks.add("message.sent", at, where=where, **asked.line, audience="customer", text=text)


def _harm(blocks: Blocks, rng: np.random.Generator, asked: _Asked, at: Ints, where: Flags) -> None:
    later = at + rng.integers(4, 30, len(asked)) * DAY
    blocks.add("harm.found", later, where=where, **asked.line, value=np.full(len(asked), 240.0))


def _json(key: str, numbers: Ints) -> pa.Array:
    return joined(f'{{"{key}":', named("", numbers), "}")
