"""Are fixes judged right? Series in which nothing was changed, and others with a change of known size.

Run: `python -m benchmarks planted_fixes [RUNS]` (1,000 by default, about six minutes). It prints the tables of
docs/measures/fixes.md: how often a change that changed nothing is called one, with ordinary least squares and Newey–West
beside it on the same series; how often the interval holds the truth; the power week by week; how often a fix that
holds is called back, and how soon one that does not. The tests run the same functions on fewer series.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from itertools import product

import numpy as np
import numpy.typing as npt

from aboveboard.analyses import fixes
from aboveboard.analyses.fixes import judging, looks, recurrence, regression
from aboveboard.analyses.fixes.regression import Design, Floats
from aboveboard.analyses.fixes.releases import Criterion
from aboveboard.analyses.fixes.series import Series
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.playbook.model import Playbook
from aboveboard.simulate import planted_fixes
from aboveboard.simulate.planted_fixes import Planted

SEED = 4_120_000
RHO = 0.5
HALVED = Criterion("reduce by", 0.5, "default")
WEEKDAYS: Floats = np.array([0.0, 1.0, 2.0, 0.0, -1.0, 1.0, 3.0])
DESIGNS = {
    "24 weeks before, 8 after": (24, 8, 7),
    "52 weeks before, 12 after": (52, 12, 7),
    "104 weeks before, 12 after": (104, 12, 7),
    "8 weeks of days before, 8 after": (8, 8, 1),
    "16 weeks of days before, 12 after": (16, 12, 1),
    "24 weeks of days before, 12 after": (24, 12, 1),
}


def design(before: int, after: int, days: int) -> Design:
    """The design that the analysis takes for so many weeks before and after, in periods of so many days."""
    per_week = 7 // days
    place = np.arange(-before * per_week, after * per_week)
    size = np.full(len(place), days / 7)
    return Series(days, place, size, size, False, after, None, None).planned(after)


def bells(shape: Design, runs: int, *, rho: float, days: int, seed: int) -> Floats:
    """Series of normal numbers in which nothing was changed; days go up and down with the week."""
    rng = np.random.default_rng([SEED, seed])
    found = looks.correlated(rng.standard_normal((len(shape.columns), runs)), rho)
    return found + WEEKDAYS[np.arange(len(found)) % 7][:, None] if days == 1 else found


def ours(series: Floats, shape: Design) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """By series: a change was shown at some weekly look; the 95 % interval at the last look holds none."""
    drawn = looks.yardstick(shape)
    thresholds = drawn.thresholds(len(shape.looks))
    found = regression.fit(series, shape)
    runs = range(series.shape[1])
    shown = [
        any(
            found.t[k, run] ** 2 > drawn.threshold(thresholds, found.rho[k, run], k) ** 2
            for k in range(len(thresholds))
        )
        for run in runs
    ]
    missed = [abs(found.t[-1, run]) > drawn.reach(found.rho[-1, run], len(thresholds) - 1) for run in runs]
    return np.array(shown), np.array(missed)


def plain(series: Floats, shape: Design, *, newey_west: bool) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """The same by ordinary least squares, tested at 1.96 standard errors at every look; and at the last look alone.

    Newey, W. K. and West, K. D. (1987). Econometrica 55, 703–708, with the usual 4 (T/100)^(2/9) lags.
    """
    by_look = []
    for size in shape.looks:
        columns, values = shape.columns[:size], series[:size]
        inverse = np.linalg.inv(columns.T @ columns)
        found = inverse @ columns.T @ values
        left = values - columns @ found
        pull = (columns @ inverse[:, -1])[:, None] * left
        if newey_west:
            lags = int(4 * (size / 100) ** (2 / 9))
            variance = (pull**2).sum(axis=0)
            for lag in range(1, lags + 1):
                variance = variance + 2 * (1 - lag / (lags + 1)) * (pull[lag:] * pull[:-lag]).sum(axis=0)
        else:
            variance = inverse[-1, -1] * (left**2).sum(axis=0) / (size - columns.shape[1])
        by_look.append(np.abs(found[-1]) > intervals.Z95 * np.sqrt(np.maximum(variance, 1e-12)))
    return np.any(by_look, axis=0), by_look[-1]


def counts(
    runs: int,
    *,
    per_week: float,
    keeps: float,
    before: int,
    after: int,
    seed: int,
    of: int | None = None,
    varies: float = 0.3,
) -> Iterable[Series]:
    """Weeks of over-dispersed counts, alike from week to week; after the change `keeps` of them is left.

    `of`: cases a week, of which `per_week` are breakdowns (a share); None: counts.
    """
    rng = np.random.default_rng([SEED, seed])
    place = np.arange(-before, after)
    waves = looks.correlated(rng.standard_normal((len(place), runs)), RHO) * varies - varies**2 / 2
    level = np.where(place < 0, per_week, per_week * keeps)[:, None] * np.exp(waves)
    size = np.full(len(place), float(of or 1))
    bad = rng.binomial(of, np.minimum(level / of, 1.0)) if of else rng.poisson(level)
    for run in range(runs):
        yield Series(7, place, bad[:, run].astype(float), size, of is not None, after, None, None)


def judged(series: Iterable[Series], weeks: int, truth: float) -> tuple[Floats, Floats, Floats]:
    """By series: the week at which a change was shown (0: none) with its sign; does the interval hold the truth; its width."""
    every = list(series)
    # Thresholds go by the design alone, which all have in common.
    plan = judging.plan(every[0], HALVED, weeks)
    shown, held, width = [], [], []
    for one in every:
        found = judging.shown(one, plan)
        shown.append(float(found[0] * found[1]) if found else 0.0)
        estimate = judging.estimate(one, plan)
        assert estimate is not None
        held.append(float(estimate.effect[1] <= truth <= estimate.effect[2]))
        width.append(estimate.effect[2] - estimate.effect[1])
    return np.array(shown), np.array(held), np.array(width)


def watched(
    runs: int, *, per_week: float, keeps: float, returns: int | None, seed: int, weeks: int = 52
) -> list[int | None]:
    """By series with a fix that is shown: the week at which the old rate was said to be back, counted from its return, or None.

    `returns`: weeks after the change from which the old rate is back; None: it holds.
    """
    calm = 8
    rng = np.random.default_rng([SEED, seed])
    waves = looks.correlated(rng.standard_normal((calm + weeks, runs)), RHO) * 0.3 - 0.045
    level = np.full(calm + weeks, per_week * keeps)
    if returns is not None:
        level[returns:] = per_week
    bad = rng.poisson(level[:, None] * np.exp(waves)).astype(float)
    dispersion = 1 + per_week * np.expm1(0.09)
    rho = RHO * (dispersion - 1) / dispersion
    size = np.ones(calm + weeks)
    found = [
        recurrence.came_back(bad[:, run], size, calm=calm, before=per_week, dispersion=dispersion, rho=rho)
        for run in range(runs)
    ]
    return [None if week is None else week + 1 - (returns or 0) for week in found]


def share(hits: npt.ArrayLike) -> str:
    """A share with its Wilson interval."""
    found = np.asarray(hits, float)
    low, high = intervals.wilson(found.sum(), len(found))
    return f"{100 * found.mean():.1f} % ({100 * float(low):.1f}–{100 * float(high):.1f})"


def _nothing_changed(runs: int) -> None:
    print(f"Nothing was changed, AR(1) {RHO}, normal numbers; days with a weekly season; {runs:,} runs\n")
    heads = (
        "series",
        "ours, weekly looks",
        "OLS, weekly looks",
        "Newey–West, weekly looks",
        "OLS, one look",
        "Newey–West, one look",
    )
    print(f"| {' | '.join(heads)} | our interval misses |\n|{'---|' * 7}")
    for number, (name, (before, after, days)) in enumerate(DESIGNS.items()):
        shape = design(before, after, days)
        drawn = bells(shape, runs, rho=RHO, days=days, seed=number)
        shown, missed = ours(drawn, shape)
        ols, newey = plain(drawn, shape, newey_west=False), plain(drawn, shape, newey_west=True)
        cells = (shown, ols[0], newey[0], ols[1], newey[1], missed)
        print(f"| {name} | {' | '.join(share(cell) for cell in cells)} |", flush=True)


def _other_correlations(runs: int) -> None:
    print(f"\n| correlation | {' | '.join(DESIGNS)} |\n|{'---|' * (1 + len(DESIGNS))}")
    for rho in (0.0, 0.3, 0.7, 0.85):
        cells = []
        for number, (before, after, days) in enumerate(DESIGNS.values()):
            shape = design(before, after, days)
            cells.append(share(ours(bells(shape, runs, rho=rho, days=days, seed=100 + number), shape)[0]))
        print(f"| {rho} | {' | '.join(cells)} |", flush=True)


def _counted(runs: int) -> None:
    print(
        "\n| breakdowns a week | left | change shown | interval holds the truth | its mean width |\n|---|---|---|---|---|"
    )
    cases = [(size, None) for size in (1, 3, 10, 30)] + [(4, 40), (20, 40)]
    for number, ((per_week, of), keeps) in enumerate(product(cases, (1.0, 0.5, 0.2))):
        drawn = counts(runs, per_week=per_week, keeps=keeps, before=52, after=12, seed=200 + number, of=of)
        truth = (keeps - 1) * per_week / (of or 1)
        shown, held, width = judged(drawn, 12, truth)
        name = f"{per_week} of {of}" if of else f"{per_week}"
        print(
            f"| {name} | {keeps:.0%} | {share(shown != 0)} | {share(held)} | {width.mean():.2g} |".replace(
                "%", " %"
            ).replace("  %", " %"),
            flush=True,
        )


def _scales(runs: int) -> None:
    """The same test on the rates as they are and on the stable scale."""
    print("\n| breakdowns a week | left | shown on the rates | shown on the stable scale |\n|---|---|---|---|")
    shape = design(52, 12, 7)
    for number, (per_week, keeps) in enumerate(product((1, 3, 10, 30), (1.0, 0.5))):
        every = list(counts(runs, per_week=per_week, keeps=keeps, before=52, after=12, seed=300 + number))
        rates, stable = (np.column_stack([getattr(one, name) for one in every]) for name in ("rate", "stable"))
        print(
            f"| {per_week} | {100 * keeps:.0f} % | {share(ours(rates, shape)[0])} | {share(ours(stable, shape)[0])} |",
            flush=True,
        )


def _power(runs: int) -> None:
    weeks = (2, 4, 6, 8, 12, 16, 20, 26)
    print(
        f"\n| weeks before, a week, left | {' | '.join(f'week {week}' for week in weeks)} |\n|{'---|' * (1 + len(weeks))}"
    )
    for number, (before, per_week, keeps) in enumerate(product((52, 104), (5, 20), (0.7, 0.5, 0.2))):
        drawn = counts(runs, per_week=per_week, keeps=keeps, before=before, after=26, seed=400 + number)
        shown = judged(drawn, 26, 0.0)[0]
        cells = [f"{100 * ((shown < 0) & (-shown <= week)).mean():.0f} %" for week in weeks]
        print(f"| {before}, {per_week}, {100 * keeps:.0f} % | {' | '.join(cells)} |", flush=True)


def _foretold(runs: int) -> None:
    print("\n| a week | chance foretold from the weeks before (mean) | halved, shown in 12 weeks |\n|---|---|---|")
    for number, per_week in enumerate((3, 10, 30)):
        every = list(counts(runs, per_week=per_week, keeps=0.5, before=52, after=12, seed=500 + number))
        plans = [judging.plan(one.first(0), HALVED, 12) for one in every]
        shown = judged(every, 12, 0.0)[0]
        print(
            f"| {per_week} | {100 * np.mean([plan.power for plan in plans]):.0f} % | {share(shown < 0)} |", flush=True
        )


def _watch(runs: int) -> None:
    heads = ("a week, left", "called back in a year though it holds", "back: noticed in 26 weeks", "median weeks")
    print(f"\n| {' | '.join(heads)} |\n|---|---|---|---|")
    for number, (per_week, keeps) in enumerate(product((5, 20), (0.5, 0.2))):
        holds = watched(runs, per_week=per_week, keeps=keeps, returns=None, seed=600 + number)
        back = watched(runs, per_week=per_week, keeps=keeps, returns=20, seed=700 + number)
        noticed = [week for week in back if week is not None and 0 < week <= 26]
        late = [week is not None and 0 < week <= 26 for week in back if week is None or week > 0]
        false = share([week is not None for week in holds])
        median = np.median(noticed or [np.nan])
        print(f"| {per_week}, {100 * keeps:.0f} % | {false} | {share(late)} | {median:.0f} |", flush=True)


CHANGES = {
    "nothing was changed": Planted("x", weeks_after=20),
    "nothing was changed, busy tide, other matters known": Planted("x", weeks_after=20, tide=0.3, others=100),
    "halved, to be halved": Planted("x", keeps=0.5, weeks_after=20),
    "four fifths gone, to be halved": Planted("x", keeps=0.2, weeks_after=20),
    "four fifths gone, in one team": Planted("x", keeps=0.2, weeks_after=20, team="north", tide=0.3),
    "halved, to be reduced by 90 %": Planted(
        "x", keeps=0.5, weeks_after=20, plan={"reduce_by": 0.9, "window_weeks": 12}
    ),
    "four fifths gone, back after 14 weeks": Planted(
        "x", keeps=0.2, weeks_after=26, returns=14, plan={"window_weeks": 12}
    ),
    "four fifths gone, 8 weeks of record": Planted("x", per_week=40, keeps=0.2, weeks_before=8, weeks_after=12),
}


def _companies(count: int) -> None:
    """Whole ledgers, from events to verdicts."""
    words = ("fixed", "partly", "no evidence", "worse", "too early", "came back")
    print(f"\n| planted | {' | '.join(words)} |\n|{'---|' * 7}")
    for number, (name, planted) in enumerate(CHANGES.items()):
        verdicts = []
        for seed in range(count):
            with Ledger.of(planted_fixes.events([planted], SEED + 1_000 * number + seed)) as ledger:
                verdicts += [study.verdict for study in fixes.studies(ledger.events, Playbook())]
        print(f"| {name} | {' | '.join(str(verdicts.count(word)) for word in words)} |", flush=True)


def main() -> None:
    """Print what was measured."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    began = time.process_time()
    _nothing_changed(runs)
    _other_correlations(runs)
    _counted(runs)
    _scales(runs)
    _power(max(runs // 2, 1))
    _foretold(max(runs // 5, 1))
    _watch(max(runs // 2, 1))
    _companies(max(runs // 25, 1))
    print(f"\n{time.process_time() - began:.0f} s of processor time.")


if __name__ == "__main__":
    main()
