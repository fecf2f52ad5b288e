"""The step in a series at the moment of a change, when neighbouring periods are alike: regression with AR(1) errors by REML.

Residual maximum likelihood: Patterson, H. D. and Thompson, R. (1971). Recovery of inter-block information when block sizes
are unequal. Biometrika 58, 545–554; for autocorrelated errors Cheang, W.-K. and Reinsel, G. C. (2000). Bias reduction of
autoregressive estimates in time series regression model through restricted maximum likelihood. JASA 95, 1173–1184. The
likelihood is maximised over a grid of correlations: then many series of one design cost one pass for each of them, and a
look at every week of a series costs no more than its last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GRID: Floats = np.round(np.arange(0.0, 0.96, 0.05), 2)
"""Correlations tried. Below zero none: a series that swings from week to week would make everything look sure."""


@dataclass(frozen=True)
class Design:
    """What a series is explained by: one row per period; the last column is the step, 1 from the change on, 0 before.

    `weight` is what a period's variance is divided by. `looks` are the numbers of periods known at each look, rising.
    """

    columns: Floats
    weight: Floats
    looks: tuple[int, ...]

    @property
    def before(self) -> int:
        """How many periods lie before the change."""
        return int((self.columns[:, -1] == 0).sum())


@dataclass(frozen=True)
class Fit:
    """The fitted step at every look (first axis) of every series (second axis).

    `step` its size, `error` its standard error, `rho` the correlation of neighbouring periods, `spread` the standard deviation
    of a period of weight one around its mean.
    """

    step: Floats
    error: Floats
    rho: Floats
    spread: Floats

    @property
    def t(self) -> Floats:
        """The step in standard errors."""
        return self.step / self.error


def fit(series: Floats, design: Design) -> Fit:
    """Fit every column of `series` (one row per period of the design) at every look."""
    shape = (len(design.looks), series.shape[1])
    best, step, error, rho, spread = np.full(shape, -np.inf), *(np.full(shape, np.nan) for _ in range(4))
    for correlation in GRID:
        likelihood, value, variance, innovation = _at(correlation, series, design)
        better = likelihood > best
        best = np.where(better, likelihood, best)
        step, error = np.where(better, value, step), np.where(better, np.sqrt(variance), error)
        rho = np.where(better, correlation, rho)
        spread = np.where(better, np.sqrt(innovation / (1 - correlation**2)), spread)
    return Fit(step, error, rho, spread)


def coefficients(series: Floats, design: Design, rho: float) -> tuple[Floats, Floats, float]:
    """All coefficients of one series at a given correlation: (values, their covariance, the spread), at the last look."""
    end = design.looks[-1]
    columns, values = (_whitened(part[:end], design.weight[:end], rho) for part in (design.columns, series[:, None]))
    inverse = np.linalg.inv(columns.T @ columns)
    found = (inverse @ columns.T @ values)[:, 0]
    innovation = float(((values[:, 0] - columns @ found) ** 2).sum()) / (end - columns.shape[1])
    return found, inverse * innovation, float(np.sqrt(innovation / (1 - rho**2)))


def _at(rho: float, series: Floats, design: Design) -> tuple[Floats, Floats, Floats, Floats]:
    """At one correlation: the REML likelihood, the step, its variance and the variance of an innovation; looks × series."""
    columns, values = _whitened(design.columns, design.weight, rho), _whitened(series, design.weight, rho)
    width = columns.shape[1]
    square, cross, total = np.zeros((width, width)), np.zeros((width, values.shape[1])), np.zeros(values.shape[1])
    found: list[tuple[Floats, Floats, Floats, Floats]] = []
    start = 0
    for end in design.looks:
        part, own = columns[start:end], values[start:end]
        square, cross = square + part.T @ part, cross + part.T @ own
        total, start = total + (own**2).sum(axis=0), end
        inverse = np.linalg.inv(square)
        solved = inverse @ cross
        left = np.maximum(total - (cross * solved).sum(axis=0), 1e-12)
        freedom = end - width
        determinant = np.linalg.slogdet(square)[1]
        likelihood = 0.5 * (np.log(1 - rho**2) - determinant - freedom * np.log(left))
        innovation = left / freedom
        found.append((likelihood, solved[-1], inverse[-1, -1] * innovation, innovation))
    return tuple(np.array(each) for each in zip(*found, strict=True))  # type: ignore[return-value]


def _whitened(values: Floats, weight: Floats, rho: float) -> Floats:
    """Each row less `rho` times the one before it, in units of its own standard deviation: what is left is independent."""
    scaled = values * np.sqrt(weight)[:, None]
    found = np.empty_like(scaled)
    found[0] = scaled[0] * np.sqrt(1 - rho**2)
    found[1:] = scaled[1:] - rho * scaled[:-1]
    return found


def design(
    place: Ints,
    *,
    season: int = 0,
    trend: bool = False,
    control: Floats | None = None,
    weight: Floats | None = None,
    looks: Sequence[int] = (),
) -> Design:
    """Level, trend, season, control and step of the periods at `place` (counted from the change: −1 is the last before it).

    `season` is the length of a season in periods (7: the days of the week; 52: a yearly wave, one harmonic; 0: none).
    `control` is a series that the change does not touch, one value per period. `looks` count the periods known (default: all).
    """
    size = len(place)
    parts: list[Floats] = [np.ones(size)]
    if trend:
        parts.append(place / size)
    if season == 7:
        parts += [np.asarray(place % 7 == day, float) for day in range(1, 7)]
    elif season:
        parts += [np.sin(2 * np.pi * place / season), np.cos(2 * np.pi * place / season)]
    if control is not None:
        away = control - control.mean()
        parts.append(away / (away.std() or 1.0))
    parts.append(np.asarray(place >= 0, float))
    return Design(np.column_stack(parts), np.ones(size) if weight is None else weight, tuple(looks or (size,)))
