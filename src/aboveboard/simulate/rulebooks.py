"""Companies whose rules are known to be good or bad: twelve policies, three for each verdict, 5,000 requests in a year.

What is planted is drawn anew for every seed within ranges that look like life: some rules are asked for ten times a day and
some once a month, managers take an hour, harm shows after weeks, and most of what is known of a request has
nothing to do with harm. `rulebook(null=True)` is a company in which nothing should change, with rules that lie just on the edge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from aboveboard.simulate import blocks
from aboveboard.simulate.blocks import DAY, MINUTE, Blocks, Flags, Floats, Ints

CHANGE, PUSH, KEEP, NOT_ENOUGH = "change the rule", "push authority down", "keep and explain", "not enough data"
REQUESTS, DAYS = 5_000, 365
START = datetime(2025, 1, 6, tzinfo=UTC)
_FIRST = round(START.timestamp()) * blocks.SECOND
_CHANNELS, _TEAMS = ("web", "phone", "store", "chat"), ("north desk", "south desk", "centre desk")
_REASONS, _LEVELS = ("changed mind", "arrived late", "wrong size", "gift"), ("rep", "lead", "manager")
LIMIT = 90.0
"""Where a relaxed region is planted, harm is low for requests of at most this value that do not come by phone."""


@dataclass(frozen=True)
class Rule:
    """One policy as planted.

    `weight` is its share of the requests; `approve` how often the answer is yes, at `level`; `harm` the chance of harm after a
    yes and `usual` that of ordinary cases (None: the ledger shows none); `risky` how many times likelier harm is for
    requests by phone of a high value (`region`: outside the region), which the approver, where it `tells`, refuses more
    often and thinks longer about. `since` is the day on which the rule began.
    """

    name: str
    verdict: str
    weight: float
    margin: float | None
    approve: float
    level: str
    harm: float
    usual: float | None
    risky: float = 1.0
    tells: bool = False
    region: bool = False
    since: int = 0
    within_days: int = 30


@dataclass(frozen=True)
class Rulebook:
    """A planted company: its events, its playbook (YAML), when it is judged, and the truth.

    `harm` is, per policy, the chance of harm of those in fact granted, less that of ordinary cases; `regions` are the
    policies in which only a region is harmless.
    """

    events: pa.Table
    playbook: str
    as_of: datetime
    rules: tuple[Rule, ...]
    harm: dict[str, float] = field(default_factory=dict)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict that each policy deserves."""
        return {rule.name: rule.verdict for rule in self.rules}


def rulebook(seed: int, *, null: bool = False, requests: int = REQUESTS) -> Rulebook:
    """Make one company; the same for the same seed."""
    rng = np.random.default_rng((seed, int(null)))
    rules = _nothing_to_change(rng) if null else _planted(rng)
    shares = np.array([rule.weight for rule in rules]) * rng.uniform(0.85, 1.15, len(rules))
    counts = np.maximum(np.round(requests * shares / shares.sum()).astype(int), 1)
    written, truth = Blocks(), {}
    for number, (rule, count) in enumerate(zip(rules, counts, strict=True)):
        truth[rule.name] = _Requests(rng, rule, int(count), number).write(written)
    end = _FIRST + DAYS * DAY
    as_of = datetime.fromtimestamp(end // blocks.SECOND, UTC)
    return Rulebook(written.table(end=end), _playbook(rules), as_of, rules, truth)


def _planted(rng: np.random.Generator) -> tuple[Rule, ...]:
    def near(value: float, spread: float = 0.15) -> float:
        return float(value * rng.uniform(1 - spread, 1 + spread))

    return (
        Rule("return-without-box", CHANGE, 0.13, 0.04, near(0.93, 0.03), "rep", near(0.015), near(0.015)),
        Rule("late-by-a-week", CHANGE, 0.12, 0.03, near(0.82, 0.03), "lead", near(0.01), near(0.012)),
        Rule("price-match", CHANGE, 0.20, 0.04, near(0.9, 0.04), "rep", near(0.015), near(0.015), risky=20, region=True),
        Rule("refund-over-limit", PUSH, 0.09, 0.02, near(0.975, 0.01), "manager", near(0.11), near(0.02)),
        Rule("free-repair", PUSH, 0.09, 0.03, near(0.97, 0.01), "manager", near(0.12), None),
        Rule("early-upgrade", PUSH, 0.08, 0.04, near(0.98, 0.008), "lead", near(0.01), near(0.012)),
        Rule("cash-without-receipt", KEEP, 0.06, 0.02, near(0.6), "rep", near(0.15), None),
        Rule("goods-on-trust", KEEP, 0.07, 0.02, near(0.7, 0.08), "manager", near(0.10), near(0.02), risky=2.5, tells=True),
        Rule("account-for-another", KEEP, 0.08, 0.02, near(0.93, 0.02), "manager", near(0.10), near(0.02), risky=4, tells=True),
        Rule("name-on-the-invoice", NOT_ENOUGH, 0.008, 0.02, near(0.8), "rep", near(0.02), near(0.02)),
        Rule("new-trial-period", NOT_ENOUGH, 0.04, 0.03, near(0.9, 0.04), "rep", near(0.02), near(0.02), since=337, within_days=45),
        Rule("delivery-to-a-neighbour", NOT_ENOUGH, 0.03, None, near(0.9, 0.04), "rep", near(0.02), near(0.02)),
    )  # fmt: skip


def _nothing_to_change(rng: np.random.Generator) -> tuple[Rule, ...]:
    """Harm beyond the margin, or right on it; approvers who tell, or who say yes just nine times in ten."""
    planted = {rule.name: rule for rule in _planted(rng)}
    kept = [rule for rule in planted.values() if rule.verdict == KEEP]
    edge = replace(planted["return-without-box"], verdict=KEEP, weight=0.08, usual=0.015, harm=0.055)
    nine = replace(planted["refund-over-limit"], verdict=KEEP, weight=0.08, approve=0.9)
    return (
        *(replace(rule, weight=0.08) for rule in kept),
        *(replace(edge, name=name) for name in ("return-without-box", "late-by-a-week", "price-match")),
        *(replace(nine, name=name) for name in ("refund-over-limit", "free-repair", "early-upgrade")),
        *(rule for rule in planted.values() if rule.verdict == NOT_ENOUGH),
    )


class _Requests:
    """The requests under one rule, as columns, and what becomes of them."""

    def __init__(self, rng: np.random.Generator, rule: Rule, count: int, number: int) -> None:
        self.rng, self.rule, self.count = rng, rule, count
        self.subjects = blocks.joined(f"case:{number}-", pa.array(np.arange(count)).cast(pa.string()))
        self.asked: Ints = _FIRST + np.sort(rng.integers(rule.since * 1440, DAYS * 1440, count)) * MINUTE
        self.channel, self.team = rng.integers(0, len(_CHANNELS), count), rng.integers(0, len(_TEAMS), count)
        self.value: Floats = np.round(rng.lognormal(4.1, 0.7, count), 2)
        self.told = _told(rng, count)
        phone = self.channel == _CHANNELS.index("phone")
        self.risky: Flags = (self.value > LIMIT) | phone if rule.region else phone & (self.value > 40)
        self.risk: Floats = np.minimum(rule.harm * np.where(self.risky, rule.risky, 1.0), 0.9)

    def write(self, written: Blocks) -> float:
        """Write the events; the answer is the true difference of harm of those granted."""
        rng, rule = self.rng, self.rule
        refuse = np.full(self.count, 1 - rule.approve)
        if rule.tells:
            # The same share of noes, four times as often where the risk is.
            refuse *= np.where(self.risky, 4.0, 1.0) / (1 + 3 * self.risky.mean())
        granted: Flags = rng.random(self.count) >= refuse
        answered: Flags = rng.random(self.count) < 0.98
        median = 3.0 if rule.level == "rep" else 25.0
        waits = rng.lognormal(np.log(median * (np.where(self.risky, 2.5, 1.0) if rule.tells else 1.0)), 0.5, self.count)
        decided: Ints = self.asked + np.maximum(np.round(waits * 60), 5).astype(np.int64) * blocks.SECOND
        line = {
            "subject": self.subjects, "channel": blocks.one_of(_CHANNELS, self.channel),
            "team": blocks.one_of(_TEAMS, self.team), "rule": f"policy:{rule.name}",
            "customer": blocks.named("customer-", rng.integers(0, 4_000, self.count)),
        }  # fmt: skip
        rep = blocks.named("employee-", rng.integers(0, 30, self.count))
        written.add("exception.requested", self.asked, **line, employee=rep, value=self.value, attributes=self.told)
        by = rep if rule.level == "rep" else blocks.named(f"{rule.level}-", rng.integers(0, 4, self.count))
        level = json.dumps({"level": rule.level})
        cost = np.round(self.value * 0.3, 2)
        for type, those in (("exception.granted", granted), ("exception.denied", ~granted)):
            outcome = type.removeprefix("exception.")
            written.add(
                type,
                decided,
                where=those & answered,
                **line,
                employee=by,
                outcome=outcome,
                value=cost,
                attributes=level,
            )
        self._harm(written, granted & answered, decided, line)
        self._ordinary(written)
        return float(self.risk[granted & answered].mean() - (rule.usual or 0.0)) if (granted & answered).any() else 0.0

    def _harm(self, written: Blocks, granted: Flags, decided: Ints, line: dict[str, object]) -> None:
        harmed: Flags = granted & (self.rng.random(self.count) < self.risk)
        written.add(
            "harm.found", decided + _lag(self.rng, self.count, self.rule), where=harmed, **line, value=self.value
        )

    def _ordinary(self, written: Blocks) -> None:
        """Three cases to each request in which the rule held and nobody asked."""
        rule, rng = self.rule, self.rng
        if rule.usual is None:
            return
        count = 3 * self.count
        at: Ints = _FIRST + rng.integers(rule.since * 1440, DAYS * 1440, count) * MINUTE
        subjects = blocks.joined(f"case:{rule.name}-", pa.array(np.arange(count)).cast(pa.string()))
        line = {"subject": subjects, "rule": f"policy:{rule.name}"}
        written.add("rule.kept", at, **line)
        harmed: Flags = rng.random(count) < rule.usual
        written.add("harm.found", at + _lag(rng, count, rule), where=harmed, **line, value=np.full(count, 30.0))


def _lag(rng: np.random.Generator, count: int, rule: Rule) -> Ints:
    """From the grant to the harm: days, mostly early, always within the rule's time."""
    return np.round(rng.beta(1.2, 3.0, count) * rule.within_days * 1440).astype(np.int64) * MINUTE


def _told(rng: np.random.Generator, count: int) -> pa.Array:
    """What else is said of a request: nothing in it has to do with harm."""
    reasons, years = rng.integers(0, len(_REASONS), count), rng.integers(0, 15, count)
    documents = [
        json.dumps({"reason": _REASONS[reason], "customer_years": int(year), "note": f"n{number}"})
        for number, (reason, year) in enumerate(zip(reasons, years, strict=True))
    ]
    return pa.array(documents)


def _playbook(rules: tuple[Rule, ...]) -> str:
    lines = ["organisation: A shop of many rules", "policies:"]
    for rule in rules:
        lines += [
            f"  {rule.name}:",
            f"    says: {rule.name.replace('-', ' ').capitalize()} is not allowed.",
            "    owner: head of service",
            "    authority: {rep: 0, lead: 100, manager: 1000}",
            f"    harm_within: {rule.within_days} days",
        ]
        lines += [f"    harm_margin: {rule.margin}"] if rule.margin is not None else []
    return "\n".join(lines) + "\n"
