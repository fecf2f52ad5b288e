"""The goods: ordered, brought, fitted, collected, and covered by an insurance nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from aboveboard.simulate.blocks import DAY, HOUR, MINUTE, Blocks, Clock, Flags, Ints, named, one_of, same, waits
from aboveboard.simulate.customers import Customers
from aboveboard.simulate.truth import Rates

DEPOTS = ("Northgate", "Eastmoor", "Southbank", "Westhay")
STORES = ("Market Square", "Canal Street", "Hill Road")
CHANNELS = ("web", "store", "phone")
INSTALLER = "Fitwell"
CUT_OFF = 14.0


@dataclass(frozen=True)
class Delivered:
    """The deliveries, for those who write about what came of them: one row per order brought to a home."""

    person: Ints
    number: Ints
    depot: Ints
    at: Ints
    late: Flags


def write(blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates) -> Delivered:
    """Write all orders of the company and return the deliveries."""
    count = round(len(people) * 1.6)
    person = rng.integers(len(people), size=count)
    placed_at = clock.utc(rng.integers(clock.days, size=count), 8 + 13 * rng.beta(1.8, 2.0, size=count))
    number = np.arange(count, dtype=np.int64) + 10_000
    brought = rng.random(count) < 0.7
    delivered = _deliver(blocks, clock, rng, people, rates, person[brought], placed_at[brought], number[brought])
    _fit(blocks, rng, people, rates, delivered)
    _collect(blocks, clock, rng, people, rates, person[~brought], placed_at[~brought], number[~brought])
    return delivered


def _deliver(
    blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates,
    person: Ints, placed_at: Ints, number: Ints,
) -> Delivered:  # fmt: skip
    """Write orders brought home. Whether one comes late depends on the hour it was placed, and on nothing else."""
    count = len(person)
    day, hour = clock.local(placed_at)
    channel = rng.choice(len(CHANNELS), p=(0.55, 0.25, 0.20), size=count)
    late = rng.random(count) < np.where(hour >= CUT_OFF, rates.late_after_cut_off, rates.late_delivery)
    at = clock.utc(day + 1 + late, 8.0 + 9.9 * rng.random(count))
    depot = people.depot[person]
    line = {"customer": people.key(person, rng), "subject": named("order:", number), "touchpoint": "delivery"}
    hands = {**line, "team": one_of(DEPOTS, depot)}
    blocks.add(
        "order.placed", placed_at, **hands, channel=one_of(CHANNELS, channel),
        due=pa.array(clock.utc(day + 1, np.full(count, 18.0))),
        value=np.round(rng.lognormal(6.1, 0.4, count)), attributes=people.attributes(person, rng),
    )  # fmt: skip
    gone = rng.random(count) < 0.01
    blocks.add("order.cancelled", placed_at + 3 * HOUR, where=gone, **line)
    blocks.add("order.shipped", at - rng.integers(20, 200, count) * MINUTE, where=~gone, **hands)
    fitting = _wants_fitting(number)
    facts = tuple(f'{{"fitting":"{fits}","replaces":"{old}"}}' for fits in ("no", "yes") for old in ("no", "yes"))
    blocks.add(
        "order.delivered", at, where=~gone, **hands,
        attributes=one_of(facts, 2 * fitting.astype(np.int64) + replaces(number).astype(np.int64)),
    )  # fmt: skip
    there = ~gone
    return Delivered(person[there], number[there], depot[there], at[there], late[there])


def _wants_fitting(number: Ints) -> Flags:
    return number % 5 < 2


def replaces(number: Ints) -> Flags:
    """Whether the machine takes the place of an old one: so it is in two orders of three."""
    return number % 3 > 0


def _fit(blocks: Blocks, rng: np.random.Generator, people: Customers, rates: Rates, delivered: Delivered) -> None:
    """Write the hand-off to the fitters, who are another firm, and their visit. A lost one is found when the customer calls."""
    wanted = _wants_fitting(delivered.number)
    number, sent_at, depot, person = (
        delivered.number[wanted],
        delivered.at[wanted] + 15 * MINUTE,
        delivered.depot[wanted],
        delivered.person[wanted],
    )
    count = len(number)
    lost = rng.random(count) < np.where(depot == DEPOTS.index("Eastmoor"), rates.lost_to_installer, rates.lost_anywhere)
    line = {"customer": people.first_key(person), "subject": named("order:", number), "touchpoint": "fitting"}
    blocks.add(
        "handoff.sent",
        sent_at,
        **line,
        team=one_of(DEPOTS, depot),
        attributes=same(f'{{"to":"{INSTALLER}","vendor":true}}', count),
    )
    received_at = sent_at + waits(rng, count)
    blocks.add(
        "handoff.received", received_at, where=~lost, **line, team=INSTALLER, attributes=same('{"vendor":true}', count)
    )
    asked_at = sent_at + (6 + 3 * rng.random(count)) // 1 * DAY + rng.integers(0, 180, count) * MINUTE
    done_at = np.where(lost, asked_at + 2 * DAY, received_at + rng.integers(20, 96, count) * HOUR).astype(np.int64)
    blocks.add("installation.done", done_at, **line, team=INSTALLER, attributes=same('{"vendor":true}', count))
    ask = {
        **line,
        "channel": "phone",
        "team": "phone line",
        "touchpoint": "order question",
        "employee": named("agent-", 1 + number % 40),
    }
    spoken = 6 + rng.integers(0, 12, count)
    asks = lost & (rng.random(count) < 0.6)
    blocks.add("contact.started", asked_at.astype(np.int64), where=asks, **ask)
    blocks.add(
        "contact.ended",
        (asked_at + spoken * MINUTE).astype(np.int64),
        where=asks,
        **ask,
        value=spoken.astype(float),
        outcome="unresolved",
    )


def _collect(
    blocks: Blocks, clock: Clock, rng: np.random.Generator, people: Customers, rates: Rates,
    person: Ints, placed_at: Ints, number: Ints,
) -> None:  # fmt: skip
    """Write reservations for collection: what the web says of the stock, what the store says, and the cover sold along."""
    count = len(person)
    day, hour = clock.local(placed_at)
    placed_at = clock.utc(day, 9 + (hour - 8) * 0.7)  # the stores prepare from nine to a quarter past eight
    store = rng.choice(len(STORES), p=(0.4, 0.35, 0.25), size=count)
    line = {"customer": people.key(person, rng), "subject": named("order:", number), "touchpoint": "collection"}
    shop = {**line, "team": one_of(STORES, store)}
    blocks.add(
        "order.placed", placed_at, **shop, channel="web", value=np.round(rng.lognormal(5.2, 0.5, count)),
        attributes=people.attributes(person, rng),
    )  # fmt: skip
    blocks.add(
        "status.changed", placed_at, **line, channel="web", audience="customer", outcome="in stock",
        attributes=same('{"says":{"stock":"in stock"}}', count),
    )  # fmt: skip
    slow = rng.random(count) < 0.02
    ready_at = placed_at + np.where(slow, rng.integers(125, 300, count), rng.integers(10, 100, count)) * MINUTE
    blocks.add("order.ready", ready_at, **shop, channel="store")
    wrong = rng.random(count) < np.where(
        store == STORES.index("Market Square"), rates.wrong_stock, rates.wrong_stock_anywhere
    )
    seller = named("seller-", 1 + (number * 7) % 18)
    words = ("It is here and ready for you.", "The web shop says we have it, but there is none in the store.")
    says = ('{"says":{"stock":"in stock"}}', '{"says":{"stock":"not in stock"}}')
    told = rng.random(count) < 0.5
    blocks.add(
        "message.sent", ready_at + 30 * MINUTE, where=told, **shop, channel="store", employee=seller, audience="customer",
        text=one_of(words, wrong.astype(np.int64)), attributes=one_of(says, wrong.astype(np.int64)),
    )  # fmt: skip
    covered = rng.random(count) < 0.3
    blocks.add(
        "cover.sold",
        ready_at + 40 * MINUTE,
        where=covered,
        **shop,
        channel="store",
        employee=seller,
        value=np.full(count, 79.0),
    )
    dropped = covered & (rng.random(count) < rates.unwanted_cover)
    blocks.add("cover.cancelled", ready_at + rng.integers(3, 28, count) * DAY, where=dropped, **line, channel="phone")
