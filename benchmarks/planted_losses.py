"""Is what a breakdown costs estimated right? Companies that lose customers they let down, by a known measure.

Run: `python -m benchmarks planted_losses`, or `python -m benchmarks.planted_losses COMPANIES` (100 by default, some
minutes). It prints the tables of docs/measures/money.md: how often the intervals hold the truth, the plain difference
beside it, what happens where lateness does nothing, and what a grudge that nobody wrote down does. The tests run the same
functions on fewer companies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.analyses import money, promises
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_losses

FIRST_SEED = 7_000
Row = Mapping[str, Any]
HIDDEN = 0.5


@dataclass(frozen=True)
class Told:
    """One outcome of one company: its row of `consequences` (or of `value_at_stake`: outcome `value`), and the truth."""

    outcome: str
    estimate: float
    low: float
    high: float
    naive: float
    verdict: str
    limit: float
    truth: float

    @property
    def held(self) -> bool:
        """The interval holds the truth."""
        return self.low <= self.truth <= self.high


def companies(
    seeds: Iterable[int], *, count: int = planted_losses.COUNT, effect: float = 1.0, hidden: float = 0.0
) -> list[Told]:
    """What is said of each company, and what is so. All of them are in one ledger, each with a promise of its own."""
    how: dict[str, Any] = {"count": count, "effect": effect, "hidden": hidden}
    drawn = {f"on-time-{seed}": planted_losses.customers(seed, **how) for seed in seeds}
    truth = {f"on-time-{seed}": planted_losses.truth(seed, **how) for seed in seeds}
    book = reader.read(planted_losses.playbook(*drawn))
    events = pa.concat_tables([planted_losses.events(one, name) for name, one in drawn.items()])
    with Ledger.of(events) as ledger:
        as_of = ledger.arrow(ledger.events.aggregate(last=ledger.events.time.max()))["last"][0].as_py()
        kept = ledger.keep(promises.outcomes(ledger.events, book, as_of=as_of), "promises")
        found = money.study(ledger.events, kept, book, as_of=as_of)
        rows = ledger.arrow(money.consequences(found)).to_pylist()
        stakes = ledger.arrow(money.value_at_stake(found)).to_pylist()
    told = [
        _told(row, row["outcome"], "effect", truth[_name(row)][row["outcome"]])
        for row in rows
        if row["effect"] is not None
    ]
    each = {name: one["refunded"] - one["spent"] for name, one in truth.items()}
    return told + [_told(row, "value", "value_each", each[_name(row)]) for row in stakes if row["value"] is not None]


def _name(row: Row) -> str:
    return str(row["cause"]).removeprefix("promise:")


def _told(row: Row, outcome: str, of: str, truth: float) -> Told:
    naive, limit = row.get("naive"), row["e_value_limit"]
    ends = (row[of], row[f"{of}_low"], row[f"{of}_high"])
    return Told(outcome, *ends, naive if naive is not None else np.nan, row["verdict"], limit or np.nan, truth)


def _share(count: int, n: int) -> str:
    low, high = intervals.wilson(count, n)
    return f"{count:,} of {n:,} ({100 * count / n:.1f} %, {100 * float(low):.1f}–{100 * float(high):.1f} %)"


def _table(told: Iterable[Told]) -> None:
    by_outcome: dict[str, list[Told]] = {}
    for one in told:
        by_outcome.setdefault(one.outcome, []).append(one)
    print("| outcome | truly | estimate | plain difference | its interval holds the truth |\n|---|---|---|---|---|")
    for outcome, mine in by_outcome.items():
        means: Mapping[str, Any] = {
            name: np.mean([getattr(o, name) for o in mine]) for name in ("truth", "estimate", "naive")
        }
        plain = "–" if np.isnan(means["naive"]) else f"{means['naive']:+.3f}"
        held = _share(sum(one.held for one in mine), len(mine))
        print(f"| {outcome} | {means['truth']:+.3f} | {means['estimate']:+.3f} | {plain} | {held} |")


def main() -> None:
    """Print the tables."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seeds = range(FIRST_SEED, FIRST_SEED + companies)
    whole = _many(seeds)
    _table(whole)
    print(f"\nAll intervals: {_share(sum(one.held for one in whole), len(whole))}", flush=True)
    small = _many(seeds, count=800)
    print(f"\n800 customers: {_share(sum(one.held for one in small), len(small))}", flush=True)
    none = [one for one in _many(seeds, effect=0.0) if one.outcome != "refunded"]
    said = sum(one.verdict in ("more", "less", "costs") for one in none)
    print(f"\nLateness does nothing: intervals hold {_share(sum(one.held for one in none), len(none))}; "
          f"said to do something: {_share(said, len(none))}", flush=True)  # fmt: skip
    print(f"\nA grudge that nobody wrote down (log odds ±{HIDDEN} a standard deviation, on both):\n")
    _table(_many(seeds, hidden=HIDDEN))
    nothing = [one for one in _many(seeds, effect=0.0, hidden=HIDDEN) if one.outcome == "left"]
    limits = [one.limit for one in nothing if one.verdict == "more"]
    middle = f"; median E-value of the limit {np.median(limits):.2f}" if limits else ""
    print(f"\nThe same where lateness does nothing: leaving called more in {_share(len(limits), len(nothing))}{middle}")


def _many(seeds: range, **how: Any) -> list[Told]:
    """Ten companies to a ledger."""
    return [one for at in range(0, len(seeds), 10) for one in companies(seeds[at : at + 10], **how)]


if __name__ == "__main__":
    main()
