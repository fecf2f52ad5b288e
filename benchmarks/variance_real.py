"""System or person in the public sets: what goes with the differences, by the components that each set names.

    python -m benchmarks variance_real

prints the tables of docs/measures/attribution-real.md. `ABOVEBOARD_DATA` is the folder of the public data.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aboveboard.analyses.attribution import binary, gaussian, spread, telling_apart
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.fit import Fit
from aboveboard.analyses.shared import intervals
from benchmarks import variance_sets
from benchmarks.variance_sets import Cases, Parcel

FOLDER = Path(os.environ.get("ABOVEBOARD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Part:
    """One component: its standard deviation with its interval, and its share of the variance with its interval."""

    name: str
    levels: int
    sd: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True)
class Split:
    """What goes with the differences; `apart` says of each component that was not fitted alone why."""

    cases: Cases
    fit: Fit
    parts: list[Part]
    apart: dict[str, str]


def gathered(
    cases: Cases, covariates: Sequence[Sequence[float]] = ()
) -> tuple[Design, np.ndarray, np.ndarray, np.ndarray]:
    """One cell per combination of levels (and covariates): design, count, sum and sum of squares."""
    keys = list(zip(*cases.levels.values(), *covariates, strict=True))
    place: dict[tuple[object, ...], int] = {}
    index = np.array([place.setdefault(key, len(place)) for key in keys])
    columns = list(zip(*place, strict=True))
    many = len(cases.levels)
    named = dict(zip(cases.levels, columns[:many], strict=True))
    y = np.array(cases.y)
    sums = [np.bincount(index, weights) for weights in (np.ones(len(y)), y, y * y)]
    return Design.of(named, columns[many:]), sums[0], sums[1], sums[2]


def split(cases: Cases) -> Split:
    """Fit what can be told apart."""
    design, count, total, squares = gathered(cases)
    apart, names = {}, []
    for group in telling_apart.groups(design, count):
        if telling_apart.CHANCE in group:
            apart |= {name: "has about one case each" for name in group if name != telling_apart.CHANCE}
            continue
        names.append(group[0])
        apart |= dict.fromkeys(group[1:], f"cannot be told from {group[0]}")
    chosen = design.only([name for name in design.names if name in names])
    fit = binary.fit(chosen, count, total) if cases.binary else gaussian.fit(chosen, count, total, squares)
    return Split(cases, fit, list(_parts(fit, latent=cases.binary)), apart)


def _parts(fit: Fit, *, latent: bool) -> Iterator[Part]:
    ends = spread.spread(fit, latent=latent)
    chance = float(spread.LOGISTIC if latent else fit.residual**2)
    variances = np.append(fit.sds**2, chance)
    every = list(range(len(variances)))
    for number, name in enumerate((*fit.design.names, telling_apart.CHANCE)):
        share = ends.around(variances, [number], every)
        if name == telling_apart.CHANCE:
            yield Part(name, 0, float(np.sqrt(chance)), np.nan, np.nan, *share)
        else:
            sd, low, high = (float(values[number]) for values in (fit.sds, ends.low, ends.high))
            yield Part(name, fit.design.sizes[number], sd, low, high, *share)


@dataclass(frozen=True)
class Difference:
    """How much lower late parcels are scored, plainly and with seller, state, category and month the same."""

    plain: float
    adjusted: float
    low: float
    high: float


def lateness_and_scores(parcels: list[Parcel]) -> Difference:
    """The coefficient of lateness in a mixed model of the scores (the components as random effects, by REML)."""
    rated = [parcel for parcel in parcels if parcel.score is not None]
    late = [float(parcel.days_late > 0) for parcel in rated]
    cases = variance_sets.scores(rated)
    levels = {name: values for name, values in cases.levels.items() if name != "days to the carrier"}
    design, count, total, squares = gathered(Cases(cases.title, False, levels, cases.y), [late])
    fit = gaussian.fit(design, count, total, squares)
    scores, of_late = np.array(cases.y), np.array(late) > 0
    reach = intervals.Z95 * float(fit.fixed_sd[1])
    effect = float(fit.fixed[1])
    return Difference(float(scores[of_late].mean() - scores[~of_late].mean()), effect, effect - reach, effect + reach)


def _say(title: str, found: Split, took: float) -> None:
    cases = found.cases
    print(f"\n### {title}: {cases.title}\n\n{len(cases.y):,} cases, mean {np.mean(cases.y):.3f}; {took:.0f} s\n")
    print("| component | levels | standard deviation (95 %) | share of variance (95 %) |\n|---|---|---|---|")
    for part in found.parts:
        between = "" if np.isnan(part.low) else f" ({part.low:.2f}–{part.high:.2f})"
        share = f"{100 * part.share:.1f} % ({100 * part.share_low:.1f}–{100 * part.share_high:.1f} %)"
        print(f"| {part.name} | {part.levels or ''} | {part.sd:.2f}{between} | {share} |")
    for name, why in found.apart.items():
        print(f"\n{name} {why}.")


def _timed(title: str, cases: Cases) -> None:
    began = time.process_time()
    _say(title, split(cases), time.process_time() - began)


def _reviews(parcels: list[Parcel]) -> None:
    print(
        "\n### Olist: lateness and scores\n\n| parcel came | reviews | mean score | 1 or 2 stars (95 %) |\n|---|---|---|---|"
    )
    for says, low, high in (("in time", -999, 0), ("1–3 days late", 1, 3), ("4–7", 4, 7), ("8 or more", 8, 999)):
        scores = [p.score for p in parcels if p.score is not None and low <= p.days_late <= high]
        poor = sum(score <= 2 for score in scores)
        least, most = (float(end) for end in intervals.wilson(poor, len(scores)))
        share = f"{100 * poor / len(scores):.0f} % ({100 * least:.0f}–{100 * most:.0f} %)"
        print(f"| {says} | {len(scores):,} | {np.mean(scores):.2f} | {share} |")
    found = lateness_and_scores(parcels)
    print(
        f"\nLate against in time: {found.plain:.2f} stars; with seller, state, category and month the same {found.adjusted:.2f} "
        f"({found.low:.2f} to {found.high:.2f})."
    )
    many = variance_sets.orders_per_customer(parcels)
    print(f"\nCustomers by their number of orders in the sample: {dict(sorted(many.items()))}")


def main() -> None:
    """Print what each set says."""
    _timed("ServiceNow", variance_sets.servicenow(FOLDER))
    parcels = variance_sets.olist(FOLDER)
    _timed("Olist", variance_sets.late(parcels))
    _timed("Olist", variance_sets.scores(parcels))
    _reviews(parcels)
    _timed("BPI 2013", variance_sets.bpic2013(FOLDER))
    for cases in variance_sets.callcenter(FOLDER):
        _timed("Call centre (invented, no agent effect)", cases)


if __name__ == "__main__":
    main()
