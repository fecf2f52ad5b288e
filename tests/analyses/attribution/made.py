"""Cases with components of known worth, cells of them, and what lme4 says of them."""

from __future__ import annotations

import csv
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aboveboard.analyses.attribution.design import Design

LME4 = Path(__file__).with_name("lme4.R")
Levels = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Gathered:
    """Cases gathered into cells: what `gaussian.fit` and `binary.fit` take."""

    design: Design
    count: Any
    total: Any
    squares: Any


def drawn(seed: int, sds: Mapping[str, tuple[int, float]], count: int, *, middle: float = 0.5) -> tuple[Levels, Any]:
    """Cases in levels drawn at random, and the middle plus the effects of each case's levels (no chance yet)."""
    random = np.random.default_rng(seed)
    levels, sums = {}, np.full(count, middle)
    for name, (many, sd) in sds.items():
        code = random.integers(many, size=count)
        sums += random.normal(0, sd, many)[code]
        levels[name] = [f"{name}-{number:03}" for number in code]
    return levels, sums


def gathered(levels: Mapping[str, Sequence[str | None]], y: Sequence[float]) -> Gathered:
    """One cell per combination of levels, in order of their first case."""
    held: dict[tuple[str | None, ...], list[float]] = defaultdict(list)
    for key, value in zip(zip(*levels.values(), strict=True), y, strict=True):
        held[key].append(float(value))
    columns = dict(zip(levels, zip(*held, strict=True), strict=True))
    numbers = [[fold(values) for values in held.values()] for fold in (len, sum, lambda v: sum(x * x for x in v))]
    return Gathered(Design.of(columns), *(np.array(each, float) for each in numbers))


def lme4(levels: Levels, numbers: Mapping[str, Sequence[float]], folder: Path) -> dict[str, float]:
    """What lme4 prints: `sd <component>`, fixed, fixed_sd, seconds."""
    file = folder / "cases.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*levels, *numbers])
        writer.writerows(zip(*levels.values(), *(map(float, column) for column in numbers.values()), strict=True))
    done = subprocess.run(["Rscript", str(LME4), str(file)], capture_output=True, text=True, check=True)
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in done.stdout.splitlines()}
