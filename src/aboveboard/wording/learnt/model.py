"""The probability that words break a rule: a softmax regression over the features of a sentence or of two that follow.

The weights of a language are `weights/<code>.npz`: names of the features by group, how many training sentences hold each,
a weight in steps of 1/127 of the largest for each rule, and the two thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aboveboard.wording.learnt import features
from aboveboard.wording.learnt.features import GROUPS, Words

Floats = npt.NDArray[np.float32]
NONE = 0
"""The column of "no rule is broken"; the rules follow it."""
FOLDER = Path(__file__).with_name("weights")


@dataclass(frozen=True)
class Seen:
    """What the known features of some words pull towards, by group and column, and the squared length of each group."""

    pulls: Floats
    squares: Floats

    def with_(self, other: Seen) -> Seen:
        """Both; a feature that stands in both counts twice."""
        return Seen(self.pulls + other.pulls, self.squares + other.squares)


@dataclass(frozen=True)
class Model:
    """One language.

    `counts[f]` of the `texts` trained on hold feature f; `rarity` is log((1 + texts) ÷ (1 + count)) + 1, its weight in the
    length of its group, and `usual` holds the middle squared length of each group. `pulls[f]` is what the feature adds to
    each column where it stands alone in its group. A probability of `least` makes a remark, one of `sure` a sure one.
    """

    rules: tuple[str, ...]
    numbers: tuple[dict[str, int], ...]
    common: frozenset[str]
    counts: npt.NDArray[np.integer]
    texts: int
    rarity: Floats
    usual: Floats
    pulls: Floats
    bias: Floats
    least: float
    sure: float

    def ids(self, words: Words) -> list[list[int]]:
        """The known features of a sentence, by group, each once."""
        return [
            [numbers[name] for name in set(names) & numbers.keys()]
            for names, numbers in zip(features.of(words, self.common), self.numbers, strict=True)
        ]

    def seen(self, words: Words) -> Seen:
        """What the features of a sentence pull towards."""
        ids = self.ids(words)
        flat = np.array([one for group in ids for one in group], np.intp)
        ends = np.cumsum([len(group) for group in ids])
        starts = [0, *ends[:-1].tolist()]
        sums = np.zeros((len(GROUPS), len(self.bias)), np.float32)
        squares = np.zeros(len(GROUPS), np.float32)
        pulls, rarity = self.pulls[flat], self.rarity[flat] ** 2
        for group, (start, end) in enumerate(zip(starts, ends.tolist(), strict=True)):
            if end > start:
                sums[group], squares[group] = pulls[start:end].sum(axis=0), rarity[start:end].sum()
        return Seen(sums, squares)

    def scores(self, seen: Seen) -> Floats:
        """One score per column; the softmax of them are probabilities."""
        scores: Floats = self.bias + self.scales(seen.squares) @ seen.pulls
        return scores

    def scales(self, squares: Floats) -> Floats:
        """What each group is multiplied by: its weight over its length, in short texts over the usual length."""
        weights = np.array([*GROUPS.values()], np.float32)
        return np.asarray(weights / np.sqrt(np.maximum(squares, self.usual)), np.float32)

    def probabilities(self, seen: Seen, columns: Sequence[int]) -> Floats:
        """The probability of each of `columns`, given that it is one of them."""
        scores = self.scores(seen)[list(columns)]
        powers: Floats = np.exp(scores - scores.max())
        powers /= powers.sum()
        return powers


@cache
def load(code: str) -> Model | None:
    """The shipped model of a language; None where there is none."""
    path = FOLDER / f"{code}.npz"
    if not path.exists():
        return None
    with np.load(path) as held:
        names = bytes(held["names"]).decode("utf-8").split("\n\n")
        rules = tuple(bytes(held["rules"]).decode("utf-8").split("\n"))
        weights = held["weights"].astype(np.float32) * held["steps"]
        least, sure = held["thresholds"].tolist()
        bias, usual = held["bias"], held["usual"]
        counts, texts = held["counts"], int(held["texts"])
    return assembled(rules, [group.split("\n") for group in names], counts, texts, usual, weights, bias, least, sure)


def assembled(
    rules: tuple[str, ...],
    names: Sequence[Sequence[str]],
    counts: npt.NDArray[np.integer],
    texts: int,
    usual: Floats,
    weights: Floats,
    bias: Floats,
    least: float = 0.5,
    sure: float = 0.5,
) -> Model:
    """A model of its parts; features are numbered through all groups. The commonest words are read off the counts."""
    numbers, first = [], 0
    for group in names:
        numbers.append({name: number for number, name in enumerate(group, first)})
        first += len(group)
    # Spärck Jones 1972: the fewer texts hold a feature, the more it tells.
    rarity = (np.log((1 + texts) / (1 + counts.astype(np.float64))) + 1).astype(np.float32)
    common = features.commonest(dict(zip(names[0], counts.tolist(), strict=False)))
    pulls = weights * rarity[:, None]
    return Model(rules, tuple(numbers), common, counts, texts, rarity, usual, pulls, bias, least, sure)
