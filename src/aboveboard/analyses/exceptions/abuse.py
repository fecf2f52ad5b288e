"""Whose record of abuse is unlike that of honest customers? Few, found with care, for a while, and with a way to object."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from aboveboard.analyses.exceptions import abuse_record, honest_rates
from aboveboard.analyses.exceptions.abuse_record import GRANTED, History
from aboveboard.analyses.exceptions.denial_tables import ABUSE
from aboveboard.analyses.exceptions.honest_rates import Floats, HonestRates
from aboveboard.analyses.shared import arrays, discoveries, horizon
from aboveboard.engines import ledgers
from aboveboard.ledger import epochs

WINDOW = timedelta(days=365)
LEAST_EVENTS = 3
LEAST_EXPOSURE = 5
TIMES = 5.0
SURE = 0.95
FALSE_DISCOVERY_RATE = 0.05
SMALL_SEGMENT = 100
"""Segments with fewer customers than this are held against all customers together."""
MOST_EVENTS = 20


@dataclass(frozen=True)
class Rules:
    """When a record is a finding. A record shorter than the leasts is not even tested."""

    window: timedelta = WINDOW
    least_events: int = LEAST_EVENTS
    least_exposure: int = LEAST_EXPOSURE
    times: float = TIMES
    sure: float = SURE
    rate: float = FALSE_DISCOVERY_RATE


@dataclass(frozen=True)
class Standing:
    """One customer's record at one moment, and what is made of it."""

    count: int
    exposure: int
    p_value: float
    probability: float


@dataclass(frozen=True)
class Judgement:
    """Everybody's record judged at one moment; `now` in microseconds since 1970, `cut` the greatest p of a finding."""

    rules: Rules
    now: int
    rates: Mapping[str, HonestRates]
    histories: Mapping[str, History]
    found: Mapping[str, tuple[Standing, float]]
    cut: float

    def standing(self, customer: str, at: int) -> Standing | None:
        """The record as it stood at a moment: events up to then, within the window. None where it was too short."""
        history = self.histories.get(customer)
        if history is None:
            return None
        count, exposure = history.within(at - self._window, at)
        rates = self.rates.get(history.segment)
        if rates is None or count < self.rules.least_events or exposure < self.rules.least_exposure:
            return None
        weights = rates.weights(*history.within(self.now - self._window, self.now))
        counts, exposures = np.array([count], float), np.array([exposure], float)
        p = float(rates.chances(counts, exposures, weights, history.others)[0])
        return Standing(count, exposure, p, rates.above(count, exposure, self.rules.times))

    def in_force(self, customer: str | None, at: int) -> tuple[str, ...]:
        """The abuse events of the finding on that customer that was in force at a moment; empty where none was.

        The record is taken as it stood then and held to the same limit as today's.
        """
        standing = None if customer is None else self.standing(customer, at)
        if customer is None or standing is None or not self._suffices(standing):
            return ()
        return self.histories[customer].ids(at - self._window, at)

    def found_at(self, customer: str) -> int:
        """The abuse event with which the finding of today came into force, in microseconds."""
        history = self.histories[customer]
        moments = [int(at) for at in history.abuse_at if self.now - self._window < at <= self.now]
        since = moments[-1]
        for at in reversed(moments):
            if not self.in_force(customer, at):
                break
            since = at
        return since

    def expires_at(self, customer: str) -> int:
        """When the record will have aged so far that it no longer suffices, if nothing is added to it; microseconds."""
        history = self.histories[customer]
        recent = history.abuse_at[history.abuse_at > self.now - self._window]
        lapses = (int(at) + self._window for at in recent)
        return next(at for at in lapses if not self.in_force(customer, at))

    def _suffices(self, standing: Standing) -> bool:
        return standing.p_value <= self.cut and standing.probability >= self.rules.sure

    @property
    def _window(self) -> int:
        return horizon.width(self.rules.window, name="window")


def judge(
    events: Any,
    *,
    as_of: datetime | None = None,
    rules: Rules | None = None,
    occasions: Collection[str] = (GRANTED,),
) -> Judgement:
    """Judge every customer's record of the last `rules.window` at `as_of` (the last time in the events where absent).

    A customer is found where three things hold: at least `least_events` abuse events on at least `least_exposure`
    occasions; an honest customer of the segment would come to so many so seldom that the share of false findings
    among all stays at or below `rate` (Benjamini–Hochberg over all customers with enough occasions, see
    `honest_rates` for the chance); and the rate is above `times` the segment's median with a posterior probability
    of at least `sure`. What counts as event and as occasion: `abuse_record`.
    """
    rules = rules or Rules()
    now = _now(events, as_of)
    timed, _ = horizon.until(events, as_of)
    record = abuse_record.of(
        timed,
        now=now,
        window=horizon.width(rules.window, name="window"),
        long=rules.least_events,
        occasions=occasions,
    )
    rates = _rates(record.segments)
    blank = Judgement(rules, now, rates, record.histories, {}, 1.0)
    standings = {name: blank.standing(name, now) for name in _suspects(blank)}
    known = {name: one for name, one in standings.items() if one is not None and one.probability >= rules.sure}
    # A rate that is not surely high enters the limit as 1, which makes no false finding likelier.
    q_values = adjusted(np.array([one.p_value for one in known.values()]), _tested(record, rules))
    found = {name: (known[name], float(q)) for name, q in zip(known, q_values, strict=True) if q <= rules.rate}
    cut = rules.rate * max(len(found), 1) / max(_tested(record, rules), 1)
    return Judgement(rules, now, rates, record.histories, found, cut)


def _suspects(blank: Judgement) -> list[str]:
    """The customers worth a closer look: those whose chance does not already exceed the limit by itself."""
    window = horizon.width(blank.rules.window, name="window")
    within = {name: one.within(blank.now - window, blank.now) for name, one in sorted(blank.histories.items())}
    suspects: list[str] = []
    for segment, rates in blank.rates.items():
        names = [name for name in within if blank.histories[name].segment == segment]
        records = np.array([within[name] for name in names], float).reshape(-1, 2)
        p_values = screened(rates, records[:, 0], records[:, 1], blank.rules)
        suspects += [name for name, p in zip(names, p_values, strict=True) if p <= blank.rules.rate]
    return sorted(suspects)


def screened(rates: HonestRates, counts: Floats, exposures: Floats, rules: Rules) -> Floats:
    """The p-value of each record that enters the limit: 1 where it is too short, or the rate is not surely high."""
    p_values = np.ones(len(counts))
    long = np.flatnonzero((counts >= rules.least_events) & (exposures >= rules.least_exposure))
    p_values[long] = rates.unlike(counts[long], exposures[long])
    for at in long[p_values[long] <= rules.rate]:
        if rates.above(counts[at], exposures[at], rules.times) < rules.sure:
            p_values[at] = 1.0
    return p_values


def _tested(record: abuse_record.Record, rules: Rules) -> int:
    """How many customers had occasions enough: how often somebody comes back says nothing of abuse."""
    return int(sum(each[exposures >= rules.least_exposure].sum() for _, exposures, each in record.segments.values()))


def _now(events: Any, as_of: datetime | None) -> int:
    if as_of is not None:
        return horizon.micros(as_of)
    last = ledgers.arrow(events.aggregate(last=events.time.max())).to_pylist()[0]["last"]
    return 0 if last is None else epochs.micros_of(last)


def _rates(segments: Mapping[str, tuple[Floats, Floats, Floats]]) -> dict[str, HonestRates]:
    """The honest rates of each segment; small segments have those of all customers."""
    large = {name: one for name, one in segments.items() if one[2].sum() >= SMALL_SEGMENT}
    rates = {name: honest_rates.fit(*one) for name, one in large.items()}
    if len(large) < len(segments):
        together = honest_rates.fit(*(np.concatenate(part) for part in zip(*segments.values(), strict=True)))
        rates |= dict.fromkeys(segments.keys() - large.keys(), together)
    # Histories may speak of segments in which nothing happened within the window.
    return {name: one for name, one in rates.items() if one is not None}


def adjusted(p_values: Floats, tested: int) -> Floats:
    """Benjamini–Hochberg q-values of the least p-values among `tested`; those of the others count as 1."""
    others = np.ones(max(tested - len(p_values), 0))
    return discoveries.adjusted(np.concatenate([p_values, others]))[: len(p_values)]


def abuse(judgement: Judgement, *, exposure: str = "exceptions granted") -> Any:
    """The findings in force: table ABUSE (see `denial_tables`); `exposure` says in words what the occasions are."""
    return arrays.rows_to_table(ABUSE, _rows(judgement, exposure))


def _rows(judgement: Judgement, exposure: str) -> Iterable[Mapping[str, Any]]:
    for customer, (standing, q_value) in sorted(judgement.found.items()):
        history = judgement.histories[customer]
        rates = judgement.rates[history.segment]
        rate = rates.rate(standing.count, standing.exposure)
        expires_at = epochs.moment_of(judgement.expires_at(customer))
        window = horizon.width(judgement.rules.window, name="window")
        yield {
            "customer": customer,
            "segment": history.segment,
            "exposure": exposure,
            "exposure_count": standing.exposure,
            "abuse_count": standing.count,
            "rate": standing.count / standing.exposure,
            "segment_rate": rates.median,
            "segment_count": rates.customers,
            "posterior_rate": rate.mean,
            "posterior_rate_low": rate.low,
            "posterior_rate_high": rate.high,
            "times": judgement.rules.times,
            "probability": standing.probability,
            "p_value": standing.p_value,
            "q_value": q_value,
            "found_at": epochs.moment_of(judgement.found_at(customer)),
            "expires_at": expires_at,
            "events": ", ".join(history.ids(judgement.now - window, judgement.now)[:MOST_EVENTS]),
            "appeal": _appeal(standing, judgement.rules.window, expires_at),
        }


def _appeal(standing: Standing, window: timedelta, expires_at: datetime) -> str:
    """What the customer is told: what stands on record, until when it counts, and how to object. No reproach."""
    until = f"{expires_at.day} {expires_at:%B %Y}"
    return (
        f"Our records say that {standing.count} of the {standing.exposure} exceptions we made for you in the last "
        f"{window.days} days turned out badly afterwards. Because of this we may decline to make another one until "
        f"{until}. It touches nothing else that you buy or book with us. Our records may be wrong: if you see it "
        "differently, tell us in your own words. Somebody who was not involved will look at each of them again and "
        "answer you, with the reason. You can ask to see what we have on record."
    )
