"""Which components cannot be told from one another: each team with a policy of its own, each customer with one contact.

A component adds to the covariance of two cases where they share a level. Two components whose matrices of shared levels are
the same up to a factor (about the mean) explain the same differences, and no amount of data says which of them does. Such
components are fitted as one, under both names; so are those that are nearly the same, because what would tell them apart is a
handful of cases. The correlations here are those of the equations of MINQUE (Rao 1971, Journal of Multivariate Analysis
1, 257–275): where that system is singular, so is the information on the variances.
"""

from __future__ import annotations

import numpy as np

from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.attribution.equations import DENSE
from aboveboard.analyses.shared.arrays import Array

ALIKE = 0.98
"""Components whose matrices correlate more than this are the same but for a few cases."""
SINGULAR = 1e-6
"""A smaller eigenvalue of the correlations says that several components together repeat what the others say."""
CHANCE = "chance"
"""What is left from case to case: a component with one case per level cannot be told from it."""


def groups(design: Design, count: Array) -> list[tuple[str, ...]]:
    """Components that must stand together, each group from the finest; CHANCE is in the group that is one with the residual."""
    names = (*design.names, CHANCE)
    likeness = correlations(design, count)
    together = [{number} for number in range(len(names))]
    for one in range(len(names)):
        for other in range(one):
            if likeness[one, other] > ALIKE:
                _join(together, {one, other})
    _join_singular(together, likeness)
    return [_named(group, design, names) for group in together]


def _join_singular(together: list[set[int]], likeness: Array) -> None:
    """Join what only several components together repeat, until nothing is repeated."""
    while len(together) > 1:
        chosen = [min(group) for group in together]
        values, vectors = np.linalg.eigh(likeness[np.ix_(chosen, chosen)])
        if values[0] > SINGULAR:
            return
        _join(together, {chosen[place] for place in np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)})


def _join(together: list[set[int]], members: set[int]) -> None:
    joined = set().union(*(group for group in together if group & members))
    together[:] = sorted([*(group for group in together if not group & members), joined], key=min)


def _named(group: set[int], design: Design, names: tuple[str, ...]) -> tuple[str, ...]:
    sizes = (*design.sizes, np.inf)
    return tuple(names[number] for number in sorted(group, key=lambda number: (-sizes[number], number)))


def correlations(design: Design, count: Array) -> Array:
    """How alike two components' matrices of shared levels are about the mean: −1 to 1; the last row is the residual's."""
    total, many = float(count.sum()), len(design.sizes)
    levels = design.sums(count)
    at_cell = [np.append(sums, 0.0)[code] for sums, code in zip(levels, design.codes, strict=True)]
    squares = [float(sums @ sums) for sums in levels]
    inner = np.empty((many + 1, many + 1))
    for one in range(many):
        for other in range(one + 1):
            meeting = float((_met(design, count, one, other) ** 2).sum())
            crossing = float((count * at_cell[one] * at_cell[other]).sum())
            value = meeting - 2 * crossing / total + squares[one] * squares[other] / total**2
            inner[one, other] = inner[other, one] = value
        inner[one, many] = inner[many, one] = levels[one].sum() - squares[one] / total
    inner[many, many] = total - 1
    size = np.sqrt(np.maximum(np.diag(inner), 1e-300))
    return inner / size[:, None] / size


def _met(design: Design, count: Array, one: int, other: int) -> Array:
    """How many cases each pair of levels has together; pairs that never met may be left out."""
    wide = design.sizes[other] + 1
    key = design.codes[one] * wide + design.codes[other]
    known = (design.codes[one] < design.sizes[one]) & (design.codes[other] < design.sizes[other])
    if design.sizes[one] * wide > DENSE:
        key = np.unique(key, return_inverse=True)[1]
    return np.bincount(key[known], count[known])
