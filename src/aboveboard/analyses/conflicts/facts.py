"""The facts of the situation, read off the events that start a promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.ledger import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aboveboard.playbook.model import Playbook
    from aboveboard.prover import Conflict, Proof
    from aboveboard.prover.days import Days

_EPOCH = 719_163  # the ordinal of 1970-01-01


def untold(proof: Proof, playbook: Playbook, conflict: Conflict) -> str | None:
    """Why the starts of the conflict's promise cannot be placed; None where they can."""
    if promise_of(conflict) is None:
        return "no promise is among the rules"
    if conflict.region is None:
        return "where it bites was not found in time"
    missing = [
        name for name in conflict.region.facts if not _is_day(proof, name) and playbook.situation[name].source is None
    ]
    return f"the playbook does not say where {', '.join(missing)} is recorded (`from`)" if missing else None


def promise_of(conflict: Conflict) -> str | None:
    """The first promise among the rules; None where there is none."""
    return _first(conflict, "promise")


def incentive_of(conflict: Conflict) -> str | None:
    """The first incentive among the rules; None where there is none."""
    return _first(conflict, "incentive")


def _first(conflict: Conflict, kind: str) -> str | None:
    found = (name.partition(":")[2] for name in conflict.rules if name.startswith(f"{kind}:"))
    return next(found, None)


def starts(events: Any, outcomes: Any, promise: str) -> Any:
    """The starts of a promise as its events, with `outcome`."""
    ends = outcomes.filter(outcomes.promise == promise).select("event", "outcome")
    columns = [name for name in events.columns if name != "outcome"]
    return events.select(*columns).inner_join(ends, [events.id == ends.event]).select(*columns, "outcome")


def read(started: Any, proof: Proof, playbook: Playbook, names: Sequence[str]) -> Any:
    """One row per start: `event`, `outcome` and the facts named. The day is still a number here: local days since 1970."""
    found = {
        name: local_time.local(started.time, playbook.timezone) // 86_400
        if _is_day(proof, name)
        else _told(playbook, name, started)
        for name in names
    }
    return started.select(event=started.id, outcome=started.outcome, **found)


def _told(playbook: Playbook, name: str, started: Any) -> Any:
    source = playbook.situation[name].source
    assert source is not None
    return source.to_ibis(started)


def bites(placed: Any, proof: Proof, conflict: Conflict) -> Any:
    """Rows of `read` (or rows put together from them) with `bites`: whether the conflict does there.

    Absent where a fact is that must be known, or lies outside what the situation says of it.
    """
    from aboveboard.prover import conditions, logic

    assert conflict.when is not None and conflict.region is not None
    days = proof.book.days
    if days is not None and days.fact.name in conflict.region.facts:
        placed = placed.mutate(**{days.fact.name: _kind_of_day(placed[days.fact.name], days)})
    bounds = logic.both(proof.book.situation[name].bounds for name in conflict.region.facts)
    possible = conditions.of_formula(bounds, proof.book.situation).to_ibis(placed)
    return placed.mutate(bites=ibis.cases((possible, conflict.when.to_ibis(placed)), else_=ibis.null("boolean")))


def _is_day(proof: Proof, name: str) -> bool:
    return proof.book.days is not None and proof.book.days.fact.name == name


def _kind_of_day(number: Any, days: Days) -> Any:
    """Which kind of day each was; absent on days that were not looked at."""
    kinds = [(number.isin([day.toordinal() - _EPOCH for day in dates]), kind) for kind, dates in days.dates.items()]
    return ibis.cases(*kinds, else_=ibis.null("string"))
