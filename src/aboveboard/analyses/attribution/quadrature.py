"""Yes or no where many levels have few cases: the largest component integrated out level by level, not taken as normal.

Laplace's approximation takes the likelihood of each level's effect as normal, which five cases do not make it: standard
deviations come out too small, or far too great where nearly all cases end alike. Given the effects of all other components the
levels of the largest are independent of one another, so each is integrated by adaptive Gauss–Hermite quadrature (Pinheiro and
Bates 1995, Journal of Computational and Graphical Statistics 4, 12–35); Laplace's approximation is then taken of what is left, a
function of the other components, which have many cases each, and of the fixed effects under a flat prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import Equations, dense, scaled
from aboveboard.analyses.attribution.laplace import Point, sigmoid
from aboveboard.analyses.shared.arrays import Array

NODES = 7
ROUNDS = 50
CLOSE = 1e-11
"""Relative change of the likelihood at which the search for the others' effects ends."""


@dataclass(frozen=True)
class _Levels:
    """What quadrature says of the largest component's levels, the others' effects given.

    `log` is the log likelihood of all cases, those without a level included; `nodes` and `weights` are nodes × levels, and the
    weights of a level add up to one.
    """

    log: float
    nodes: Array
    weights: Array


class Nested:
    """The restricted deviance (up to a constant that is Laplace's too) as a function of standard deviations."""

    def __init__(self, design: Design, count: Array, successes: Array, start: Point) -> None:
        self.design, self.count, self.successes = design, count, successes
        self.shape = Equations(design, np.ones(len(count)))
        self.first, self.rest = self.shape.first, self.shape.rest
        self.code, self.size = design.codes[self.first], design.sizes[self.first]
        self.known = self.code < self.size
        self.at, self.log_weights = _rule()
        self.point: Point = [each.copy() for each in start]
        self.middle = self.point[1 + self.first].copy()

    def __call__(self, ratios: Array) -> float:
        """The deviance where the others' effects are likeliest."""
        precisions = 1 / ratios**2
        odds = self._odds(self.point)
        levels = self._levels(odds, ratios[self.first])
        before = self._penalised(levels, odds, self.point, precisions)
        for _ in range(ROUNDS):
            slope, curvature = self._around(levels, odds, self.point, precisions)
            step = np.linalg.solve(curvature, slope)
            after, levels, odds = self._shortened(step, ratios[self.first], precisions, before)
            if before - after <= CLOSE * (abs(after) + 1):
                break
            before = after
        curvature = self._around(levels, odds, self.point, precisions)[1]
        sizes = [self.design.sizes[number] for number in self.rest]
        logs = sum(size * np.log(ratios[number] ** 2) for size, number in zip(sizes, self.rest, strict=True))
        return float(after + np.linalg.slogdet(curvature)[1] + logs)

    def predicted(self, ratios: Array) -> Point:
        """The effects at these standard deviations: of the largest component the mean over its nodes."""
        self(ratios)
        levels = self._levels(self._odds(self.point), ratios[self.first])
        point = [each.copy() for each in self.point]
        point[1 + self.first] = (levels.weights * levels.nodes).sum(axis=0)
        return point

    def _odds(self, point: Point) -> Array:
        """The log odds per cell without the largest component."""
        odds = self.design.fixed @ point[0]
        for number in self.rest:
            odds = odds + np.append(point[1 + number], 0.0)[self.design.codes[number]]
        return odds

    def _sums(self, values: Array) -> Array:
        return np.bincount(self.code, values, self.size + 1)[: self.size]

    def _levels(self, odds: Array, sd: float) -> _Levels:
        """Nodes about each level's likeliest effect, as wide as the likelihood is there (the search begins where it last ended)."""
        middle, precision = self.middle, 1 / sd**2
        for _ in range(ROUNDS):
            share = sigmoid(odds + np.append(middle, 0.0)[self.code])
            curvature = self._sums(self.count * share * (1 - share)) + precision
            step = (self._sums(self.successes - self.count * share) - middle * precision) / curvature
            middle = middle + np.clip(step, -1.0, 1.0)
            if np.abs(step).max(initial=0.0) < 1e-10:
                break
        self.middle = middle
        nodes = middle + self.at[:, None] / np.sqrt(curvature)
        logs = np.empty_like(nodes)
        for place, node in enumerate(nodes):
            each = odds + np.append(node, 0.0)[self.code]
            logs[place] = self._sums(self.successes * each - self.count * np.logaddexp(0, each))
        logs += self.log_weights[:, None] - nodes**2 * precision / 2 - np.log(curvature * sd**2) / 2
        most = logs.max(axis=0)
        weights = np.exp(logs - most)
        total = weights.sum(axis=0)
        alone = ~self.known
        none = (self.successes[alone] * odds[alone] - self.count[alone] * np.logaddexp(0, odds[alone])).sum()
        return _Levels(float((most + np.log(total)).sum() + none), nodes, weights / total)

    def _penalised(self, levels: _Levels, odds: Array, point: Point, precisions: Array) -> float:
        against = sum(float(point[1 + number] @ point[1 + number]) * precisions[number] for number in self.rest)
        return float(-2 * levels.log + against)

    def _around(self, levels: _Levels, odds: Array, point: Point, precisions: Array) -> tuple[Array, Array]:
        """The slope of the log likelihood in the others' effects, and its negative curvature."""
        expected, spread = np.zeros(len(odds)), np.zeros(len(odds))
        squares: Any = np.zeros((self.shape.width, self.shape.width))
        for node, weight in zip(levels.nodes, levels.weights, strict=True):
            share = sigmoid(odds + np.append(node, 0.0)[self.code])
            part = np.append(weight, 1.0 / len(levels.nodes))[self.code]
            expected += part * self.count * share
            spread += part * self.count * share * (1 - share)
            cross = scaled(self.shape.crossed(self.count * share), np.sqrt(weight))
            squares = squares + dense(cross.T @ cross)
        mean = self.shape.crossed(expected)
        _, slope = self.shape.right_side(self.successes - expected)
        curvature = Equations(self.design, spread).small - squares + dense(mean.T @ mean)
        added = np.zeros(self.shape.width)
        for number, at in self.shape.slots.items():
            added[at] = precisions[number]
            slope[at] -= precisions[number] * point[1 + number]
        return slope, curvature + np.diag(added)

    def _shortened(self, step: Array, sd: float, precisions: Array, before: float) -> tuple[float, _Levels, Array]:
        """The step, halved until it does not climb."""
        old = self.point
        for halvings in range(12):
            part = 0.5**halvings * step
            self.point = [old[0] + part[: len(old[0])], *old[1:]]
            for number, at in self.shape.slots.items():
                self.point[1 + number] = old[1 + number] + part[at]
            odds = self._odds(self.point)
            levels = self._levels(odds, sd)
            after = self._penalised(levels, odds, self.point, precisions)
            if after <= before + CLOSE * (abs(before) + 1):
                break
        return after, levels, odds


def _rule() -> tuple[Array, Array]:
    """Nodes and log weights for the integral of exp(f) about a mode, in standard deviations of the normal there."""
    at, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return at, np.log(weights / np.sqrt(2 * np.pi)) + at**2 / 2
