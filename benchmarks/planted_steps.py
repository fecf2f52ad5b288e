"""Are the steps weighed right? Companies with steps of known worth, left out for reasons that also move what customers say.

Run: `python -m benchmarks planted_steps [COMPANIES]` (20 by default, about a minute). It prints the tables of
docs/measures/procedures.md: what is advised of steps whose worth is known, how often the interval holds the truth, and
the plain difference of means beside it. The tests run the same functions on fewer visits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aboveboard.analyses import procedures
from aboveboard.analyses.procedures import advice
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_steps

Row = Mapping[str, Any]
HIDDEN = 0.4


@dataclass(frozen=True)
class Weighed:
    """One row of `steps` beside the truth; `plain` is the plain difference's 95 % interval (None in a context)."""

    seed: int
    step: str
    row: Row
    truth: float
    plain: tuple[float, float] | None

    @property
    def held(self) -> bool:
        """The interval holds the truth."""
        return bool(self.row["effect_low"] <= self.truth <= self.row["effect_high"])


def company(seed: int, *, count: int = planted_steps.COUNT, hidden: float = 0.0) -> list[Weighed]:
    """Every step of one company in every context found, with what it truly adds."""
    drawn = planted_steps.visits(seed, count=count, hidden=hidden)
    truth = planted_steps.effects(seed, count=count, hidden=hidden)
    with Ledger.of(planted_steps.events(drawn)) as ledger:
        rows = ledger.arrow(procedures.steps(ledger.events, reader.read(planted_steps.playbook()))).to_pylist()
    weighed = []
    for row in rows:
        step = row["step"].removeprefix(f"{planted_steps.PROCEDURE}/")
        if row["effect"] is not None:
            plain = _plain(drawn, step) if row["context"] == "all" else None
            weighed.append(Weighed(seed, step, row, truth[step, row["context"]], plain))
    return weighed


def _plain(drawn: planted_steps.Visits, step: str) -> tuple[float, float]:
    """The plain difference of the two means, with the interval that a spreadsheet would give it."""
    taken, known = drawn.taken[step], drawn.answered
    one, other = drawn.rating[known & taken], drawn.rating[known & ~taken]
    gap = float(one.mean() - other.mean())
    reach = intervals.Z95 * float(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    return gap - reach, gap + reach


def advised(weighed: Iterable[Weighed], steps: Iterable[str], *words: str) -> tuple[int, int]:
    """Of the rows of all visits on these steps: how many are advised one of the words, and how many there are."""
    mine = [one for one in weighed if one.step in set(steps) and one.row["context"] == "all"]
    return sum(one.row["advice"] in words for one in mine), len(mine)


def contexts_found(weighed: Iterable[Weighed]) -> tuple[int, int]:
    """Of the steps that help in one context: how many are to be conditional on just that one, and how many there are."""
    mine = [one for one in weighed if one.step in planted_steps.IN_CONTEXT and one.row["context"] == "all"]
    right = {step: f"= '{context}'" for step, context in planted_steps.IN_CONTEXT.items()}
    return sum(str(one.row["proposed_when"]).endswith(right[one.step]) for one in mine), len(mine)


def _share(count: int, n: int) -> str:
    low, high = intervals.wilson(count, n)
    return f"{count} of {n} ({100 * count / n:.0f} %, {100 * float(low):.0f}–{100 * float(high):.0f} %)"


def _verdicts(weighed: list[Weighed]) -> None:
    keep, conditional, drop = advice.KEEP, advice.CONDITIONAL, advice.DROP
    print("| steps | advised | companies × steps |\n|---|---|---|")
    for name, steps, words in (
        ("of no use", planted_steps.USELESS, (drop,)),
        ("harmful", planted_steps.HARMFUL, (drop,)),
        ("useful everywhere", planted_steps.USEFUL, (keep,)),
        ("useful everywhere", planted_steps.USEFUL, (drop, conditional)),
        ("useful in one context", planted_steps.IN_CONTEXT, (conditional,)),
        ("useful in one context", planted_steps.IN_CONTEXT, (drop,)),
    ):
        print(f"| {name} | {' or '.join(words)} | {_share(*advised(weighed, steps, *words))} |")
    print(f"| useful in one context | conditional on just that one | {_share(*contexts_found(weighed))} |\n")


def _coverage(weighed: list[Weighed]) -> None:
    print("| step | truly adds | estimate | its interval holds it | plain difference | its interval holds it |")
    print("|---|---|---|---|---|---|")
    for step in (one.name for one in planted_steps.STEPS):
        mine = [one for one in weighed if one.step == step and one.plain]
        if not mine:
            continue
        truth, estimate = np.mean([one.truth for one in mine]), np.mean([one.row["effect"] for one in mine])
        naive = np.mean([one.row["naive"] for one in mine])
        plain = sum(one.plain[0] <= one.truth <= one.plain[1] for one in mine if one.plain)
        held = sum(one.held for one in mine)
        print(
            f"| {step} | {truth:+.2f} | {estimate:+.2f} | {held} of {len(mine)} | {naive:+.2f} | {plain} of {len(mine)} |"
        )
    every = [one for one in weighed if one.plain]
    parts = [one for one in weighed if one.plain is None]
    print(
        f"\nIntervals that hold the truth: {_share(sum(o.held for o in every), len(every))} over all visits,", end=" "
    )
    print(f"{_share(sum(o.held for o in parts), len(parts))} in contexts that were found.")


def _by_size(sizes: Iterable[int], companies: int) -> None:
    heads = (
        "visits a company",
        "of no use: drop",
        "useful everywhere: keep",
        "useful everywhere: drop or make conditional",
    )
    print(f"\n| {' | '.join(heads)} | intervals that hold the truth |\n|---|---|---|---|---|")
    for size in sizes:
        weighed = [one for seed in range(companies) for one in company(seed, count=size)]
        useless = advised(weighed, planted_steps.USELESS, advice.DROP)
        kept = advised(weighed, planted_steps.USEFUL, advice.KEEP)
        lost = advised(weighed, planted_steps.USEFUL, advice.DROP, advice.CONDITIONAL)
        held = sum(one.held for one in weighed), len(weighed)
        print(f"| {size:,} | " + " | ".join(f"{count} of {n}" for count, n in (useless, kept, lost, held)) + " |")


def _unseen(companies: int) -> None:
    swayed = [one for seed in range(companies) for one in company(seed, hidden=HIDDEN) if one.plain]
    off = np.mean([one.row["effect"] - one.truth for one in swayed])
    held = sum(one.held for one in swayed)
    print(
        f"\nWith an impression that only the employee saw and nobody wrote down ({companies} companies): estimates are off"
    )
    print(f"by {off:+.2f} points on average, and {held} of {len(swayed)} intervals hold the truth.")


def main() -> None:
    """Print what was measured."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    began = time.process_time()
    weighed = [one for seed in range(companies) for one in company(seed)]
    each = (time.process_time() - began) / companies
    _verdicts(weighed)
    _coverage(weighed)
    _by_size((1_500, 3_000, 6_000), max(companies // 2, 1))
    _unseen(max(companies // 4, 1))
    print(f"\n{planted_steps.COUNT:,} visits a company; {each:.1f} s of processor time each.")


if __name__ == "__main__":
    main()
