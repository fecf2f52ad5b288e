"""Is anybody accused who is honest? Ten thousand invented customers at a time, whose truth is known.

Run: `python -m benchmarks honest_customers` (under a minute). It prints the tables of docs/measures/denials.md. The tests
run the same functions with fewer seeds.

Honest customers differ: their rates of abuse events per occasion are all alike, gamma-, lognormal-distributed or of
several sorts, and so are the numbers of their occasions. Whoever is found among them is a false accusation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.exceptions import honest_rates
from aboveboard.analyses.exceptions.abuse import Rules, adjusted, screened

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]
Law = Callable[[np.random.Generator, int], Floats]
RULES = Rules()


def gamma(shape: float) -> Law:
    """Rates with mean 1 and variance 1 ÷ shape."""
    return lambda rng, n: rng.gamma(shape, 1 / shape, n)


def lognormal(spread: float) -> Law:
    """Rates with mean 1 and a standard deviation of log rate of `spread`: a longer tail than any gamma's."""
    return lambda rng, n: np.exp(spread * rng.standard_normal(n) - spread**2 / 2)


def sorts(share: float, times: float) -> Law:
    """A share of honest customers has `times` the trouble of the others, who differ too."""
    return lambda rng, n: np.where(rng.random(n) < share, times, 1.0) * rng.gamma(2, 0.5, n) / (1 + share * (times - 1))


LAWS: dict[str, Law] = {
    "all alike": lambda _rng, n: np.ones(n),
    "gamma, shape 2": gamma(2),
    "gamma, shape 0.5": gamma(0.5),
    "gamma, shape 0.25": gamma(0.25),
    "lognormal, spread 0.7": lognormal(0.7),
    "lognormal, spread 1.0": lognormal(1.0),
    "lognormal, spread 1.3": lognormal(1.3),
    "one in ten has five times the trouble": sorts(0.1, 5),
}
HARD = "one in fifty has ten times the trouble"


def occasions(rng: np.random.Generator, n: int, mean: float) -> Floats:
    """How often customers come: many once or twice, some often."""
    return 1.0 + rng.negative_binomial(0.8, 0.8 / (0.8 + mean - 1), n)


def accused(counts: Floats, exposures: Floats, *, segments: Ids | None = None, households: Ids | None = None) -> Flags:
    """Who is found, by the steps that `abuse.judge` takes. Segments and households are numbers, one per customer."""
    p_values = np.ones(len(counts))
    for segment in np.unique(segments) if segments is not None else [None]:
        mine = np.flatnonzero(segments == segment) if segments is not None else np.arange(len(counts))
        rates = honest_rates.fit(*honest_rates.records(counts[mine], exposures[mine], np.ones(len(mine))))
        if rates is not None:
            p_values[mine] = screened(rates, counts[mine], exposures[mine], RULES)
            if households is not None:
                _with_households(p_values, rates, counts, exposures, households)
    suspects = np.flatnonzero(p_values <= RULES.rate)
    tested = int((exposures >= RULES.least_exposure).sum())
    found = np.zeros(len(counts), bool)
    found[suspects] = adjusted(p_values[suspects], tested) <= RULES.rate
    return found


def _with_households(
    p_values: Floats, rates: honest_rates.HonestRates, counts: Floats, exposures: Floats, households: Ids
) -> None:
    all_counts, all_exposures = np.bincount(households, counts), np.bincount(households, exposures)
    for at in np.flatnonzero(p_values <= RULES.rate):
        home = households[at]
        others = float(all_counts[home] - counts[at]), float(all_exposures[home] - exposures[at])
        weights = rates.weights(counts[at], exposures[at])
        p_values[at] = rates.chances(counts[[at]], exposures[[at]], weights, others)[0]


def honest_runs(
    law: Law, seeds: Iterable[int], *, n: int = 10_000, rate: float = 0.05, often: float = 8.0
) -> list[int]:
    """How many are accused in each run of nobody but honest customers."""
    numbers = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        exposures = occasions(rng, n, often)
        counts = rng.poisson(rate * law(rng, n) * exposures).astype(float)
        numbers.append(int(accused(counts, exposures).sum()))
    return numbers


def planted_runs(
    law: Law, seeds: Iterable[int], *, abusers: int, often: tuple[int, int], abuse: float,
    n: int = 10_000, rate: float = 0.03,
) -> tuple[float, float]:  # fmt: skip
    """(share of the abusers who are found, mean share of false ones among those found).

    Abusers come as often as `often` says (from, to) and have `abuse` events per occasion.
    """
    found, false = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        exposures, rates = occasions(rng, n, 6), rate * law(rng, n)
        exposures[:abusers] = rng.integers(*often, abusers)
        rates[:abusers] = abuse
        is_found = accused(rng.poisson(rates * exposures).astype(float), exposures)
        found.append(float(is_found[:abusers].mean()))
        false.append(float(is_found[abusers:].sum() / max(is_found.sum(), 1)))
    return float(np.mean(found)), float(np.mean(false))


def monthly_looks(law: Law, seeds: Iterable[int], *, n: int = 10_000, rate: float = 0.05) -> float:
    """The share of runs in which anybody honest is accused at any of twelve looks, one a month, over the last year."""
    any_false = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rates = rate * law(rng, n)
        came = np.stack([rng.poisson(occasions(rng, n, 8) / 12) for _ in range(24)]).astype(float)
        happened = rng.poisson(rates * came).astype(float)
        looks = ((happened[at : at + 12].sum(axis=0), came[at : at + 12].sum(axis=0)) for at in range(12))
        any_false.append(any(accused(x[e > 0], e[e > 0]).any() for x, e in looks))
    return float(np.mean(any_false))


def known_reasons(seeds: Iterable[int], *, n: int = 10_000, rate: float = 0.05) -> dict[str, tuple[int, int]]:
    """Honest customers with ten times the trouble for a reason: accused where nobody knows it, and where somebody does.

    One in fifty: a district where parcels vanish, a kind of contract. Then the same as households of four.
    """
    accusations: dict[str, list[int]] = {"a segment of its own": [0, 0], "in households of four": [0, 0]}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        exposures = occasions(rng, n, 8)
        troubled = np.zeros(n, np.int64)
        troubled[: n // 50] = 1
        own = rate * np.where(troubled == 1, 10, 1) * rng.gamma(2, 0.5, n)
        counts = rng.poisson(own * exposures).astype(float)
        homes = np.arange(n) // 4
        for name, known in (
            ("a segment of its own", {"segments": troubled}),
            ("in households of four", {"households": homes}),
        ):
            accusations[name][0] += int(accused(counts, exposures).sum())
            accusations[name][1] += int(accused(counts, exposures, **known).sum())
    return {name: (without, known) for name, (without, known) in accusations.items()}


def main(seeds: int) -> None:
    """Print every measured rate, as Markdown."""
    print(f"| {seeds} runs of 10,000 honest customers whose rates are | runs that accuse anybody | accused in all |")
    print("|---|--:|--:|")
    for name, law in (LAWS | {HARD: sorts(0.02, 10)}).items():
        numbers = honest_runs(law, range(seeds))
        print(f"| {name} | {sum(n > 0 for n in numbers)} | {sum(numbers)} |", flush=True)
    few = range(max(seeds // 4, 3))
    looked = monthly_looks(LAWS["gamma, shape 2"], few)
    print(
        f"\nLooked at every month of a year (gamma, shape 2; {len(few)} runs): {looked:.2f} of the runs accuse anybody.\n"
    )
    print(
        f"| {len(few)} runs: one in fifty has ten times the trouble, and is | accused, not knowing | accused, knowing |"
    )
    print("|---|--:|--:|")
    for name, (without, known) in known_reasons(few).items():
        print(f"| {name} | {without} | {known} |", flush=True)
    print()
    print(
        "| abusers among 10,000 | their rate per occasion | their occasions | honest rates | found | false among found |"
    )
    print("|--:|--:|---|---|--:|--:|")
    for abusers, abuse, often in ((20, 0.9, (10, 31)), (20, 0.5, (10, 31)), (100, 0.9, (6, 26)), (300, 0.9, (6, 26))):
        for name in ("all alike", "gamma, shape 2", "lognormal, spread 1.0"):
            found, false = planted_runs(LAWS[name], few, abusers=abusers, often=often, abuse=abuse)
            print(
                f"| {abusers} | {abuse:g} | {often[0]}–{often[1] - 1} | {name} | {found:.2f} | {false:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
