"""Are the drivers right? Companies whose satisfaction is made of known parts, and companies in which nothing drives it.

Run: `python -m benchmarks planted_drivers [COMPANIES]` (200 by default, some minutes). It prints the tables of
docs/measures/journeys.md: how often the intervals hold the true share, how often a touchpoint that adds nothing is said to,
and how often one that does is found. The tests run the same functions on fewer companies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from aboveboard.analyses import journeys
from aboveboard.analyses.journeys import scales, shares
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_drivers

FIRST_SEED = 5_000
SIZES = (200, 1_000, 4_000)


@dataclass(frozen=True)
class Told:
    """One driver of one company: what is said of it, and what is so."""

    name: str
    share: float
    low: float
    high: float
    p: float
    drives: bool
    truth: float

    @property
    def held(self) -> bool:
        """The interval holds the truth."""
        return self.low <= self.truth <= self.high


def company(seed: int, count: int, *, yes: bool = False, null: bool = False) -> list[Told]:
    """The drivers of one company. With `null` nothing drives anything, and there is no true share (NaN)."""
    adds = dict.fromkeys(planted_drivers.ADDS, 0.0) if null else planted_drivers.ADDS
    events = planted_drivers.events(seed, count, adds=adds, yes=yes)
    with Ledger.of(events) as ledger:
        rows = ledger.arrow(journeys.drivers(ledger.events, reader.read(planted_drivers.playbook()))).to_pylist()
    covariance = planted_drivers.true_covariance_of_yes() if yes else planted_drivers.true_covariance()
    parts = shares.lmg(covariance)
    truth = dict(zip(planted_drivers.ADDS, (parts / parts.sum()).tolist(), strict=True))
    return [
        Told(
            row["driver"], row["share"], row["share_low"], row["share_high"], row["p_value"], row["drives"],
            np.nan if null else truth[row["driver"]],
        )
        for row in rows
        if row["verdict"] == "known"
    ]  # fmt: skip


def share(count: int, n: int) -> str:
    """A share with its interval, in words."""
    low, high = intervals.wilson(count, n)
    return f"{count:,} of {n:,} ({100 * count / n:.1f} %, {100 * float(low):.1f}–{100 * float(high):.1f} %)"


def _line(name: str, told: Iterable[Told]) -> str:
    found = list(told)
    idle, real = ([one for one in found if (one.name in planted_drivers.IDLE) is is_idle] for is_idle in (True, False))
    return (
        f"| {name} | {share(sum(o.held for o in found), len(found))} | {share(sum(o.p <= 0.05 for o in idle), len(idle))} | "
        f"{share(sum(o.drives for o in idle), len(idle))} | {share(sum(o.drives for o in real), len(real))} |"
    )


def nps_coverage(seed: int, n: int, chances: tuple[float, float, float], times: int) -> tuple[int, int]:
    """Of `times` samples of n answers (promoters, passives, detractors): how many intervals of ours, and plain ones, hold."""
    rng = np.random.default_rng(seed)
    truth = 100 * (chances[0] - chances[2])
    ours = plain = 0
    for promoters, _, detractors in rng.multinomial(n, chances, times):
        one = scales.nps(promoters, detractors, n)
        ours += one.low <= truth <= one.high
        plain += abs(one.value - truth) <= intervals.Z95 * one.error
    return ours, plain


def main() -> None:
    """Print the tables."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seeds = range(FIRST_SEED, FIRST_SEED + companies)
    print("| journeys a company | intervals that hold | adds nothing: p ≤ 0.05 | adds nothing: said to drive | found |")
    print("|---|---|---|---|---|")
    for count in SIZES:
        print(_line(f"{count:,}", (one for seed in seeds for one in company(seed, count))), flush=True)
    print(_line("1,000, yes or no", (one for seed in seeds for one in company(seed, 1_000, yes=True))), flush=True)
    none = [company(seed, 1_000, null=True) for seed in seeds]
    flat = [one for told in none for one in told]
    print(f"\nNothing drives anything: p ≤ 0.05 in {share(sum(o.p <= 0.05 for o in flat), len(flat))}; a company in which "
          f"any is said to: {share(sum(any(o.drives for o in told) for told in none), len(none))}.")  # fmt: skip
    print("\n| driver | truly | mean estimate |\n|---|---|---|")
    told = [one for seed in seeds for one in company(seed, 1_000)]
    for name in planted_drivers.ADDS:
        mine = [one for one in told if one.name == name]
        print(f"| {name} | {100 * mine[0].truth:.1f} % | {100 * np.mean([one.share for one in mine]):.1f} % |")
    print("\n| NPS from | promoters, passives, detractors | our interval holds | the plain one |\n|---|---|---|---|")
    for n, chances in (
        (20, (0.3, 0.4, 0.3)),
        (20, (0.8, 0.15, 0.05)),
        (50, (0.55, 0.3, 0.15)),
        (300, (0.55, 0.3, 0.15)),
    ):
        ours, plain = nps_coverage(FIRST_SEED, n, chances, 20_000)
        print(
            f"| {n} answers | {', '.join(f'{100 * c:.0f} %' for c in chances)} | {ours / 200:.1f} % | {plain / 200:.1f} % |"
        )


if __name__ == "__main__":
    main()
