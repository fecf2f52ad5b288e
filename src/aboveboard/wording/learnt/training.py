"""Train the models of the wording rules on labelled sentences, and write their weights.

    python -m aboveboard.wording.learnt.training FOLDER

FOLDER holds `<language>*.csv` with the columns author, audience, rule (empty where none is broken) and sentence, as
`tests/wording/sentences` does. `python -m benchmarks wording` says how well such models do on writers they have not seen.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from aboveboard.wording import lexicon, rulebook, tokens
from aboveboard.wording.learnt import features, model, reading
from aboveboard.wording.learnt.model import NONE, Floats, Model
from aboveboard.wording.model import Audience

PENALTY = 0.15
"""Ridge penalty on every weight but the bias (le Cessie and van Houwelingen 1992)."""
LEAST_OFTEN = 2
"""A feature that stands in fewer sentences is not learnt from."""
STEPS = 60
PRECISION = 0.9
"""So large a share of remarks must be right on writers that the model has not seen."""
Numbers = npt.NDArray[np.intp]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """One labelled text of one or two sentences, as words; `rule` is empty where none is broken."""

    author: str
    audience: str
    rule: str
    text: str
    sentences: tuple[features.Words, ...]


def read(folder: Path, code: str) -> dict[str, list[Labelled]]:
    """The labelled sentences of a language by writer: each wrote one file, in several voices."""
    rows: dict[str, list[Labelled]] = {}
    for file in sorted(folder.glob(f"{code}*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows[file.stem] = [labelled(row, code) for row in csv.DictReader(lines)]
    return rows


def labelled(row: Mapping[str, str], code: str) -> Labelled:
    """A row of the file as the model reads it."""
    return Labelled(row["author"], row["audience"], row["rule"], row["sentence"], words(row["sentence"], code))


@lru_cache(maxsize=50_000)
def words(text: str, code: str) -> tuple[features.Words, ...]:
    """The sentences of a text, as words."""
    known = lexicon.lexicon(code)
    return tuple(sentence.words for sentence in features.sentences(tokens.read(text, known), known))


def fit(rows: Sequence[Labelled]) -> Model:
    """A model of these sentences; every threshold is one half."""
    rules = rulebook.ORDER
    named = [
        [[name for one in row.sentences for name in group(one)] for row in rows] for _, group, _ in features.GROUPS
    ]
    counts = [Counter(name for row in group for name in set(row)) for group in named]
    names = [sorted(name for name, count in held.items() if count >= LEAST_OFTEN) for held in counts]
    often = np.array([held[name] for held, group in zip(counts, names, strict=True) for name in group])
    none = np.zeros((len(often), len(rules) + 1), np.float32)
    halves = dict.fromkeys(rules, 0.5)
    usual = np.zeros(len(names), np.float32)
    empty = model.assembled(rules, names, often, len(rows), usual, none, none[0], halves)
    usual = np.median([squares(empty, row) for row in rows], axis=0).astype(np.float32)
    empty = replace(empty, usual=usual)
    x = matrix(empty, rows)
    y = np.array([rules.index(row.rule) + 1 if row.rule else NONE for row in rows])
    weights, bias = descend(x, y, len(rules) + 1)
    return model.assembled(rules, names, often, len(rows), usual, weights, bias, halves)


def squares(known: Model, row: Labelled) -> Floats:
    """The squared length of each group of features in a text."""
    empty = np.zeros(len(known.numbers), np.float32)
    total: Floats = np.sum([empty, *(known.seen(words).squares for words in row.sentences)], axis=0, dtype=np.float32)
    return total


def matrix(known: Model, rows: Sequence[Labelled]) -> sparse.csr_array:
    """One row per text: its features, a group at its weight over its length. What stands in two sentences counts twice."""
    groups = np.repeat(np.arange(len(known.numbers)), [len(numbers) for numbers in known.numbers])
    ids, values, ends = [], [], [0]
    for row in rows:
        flat = np.array([one for words in row.sentences for group in known.ids(words) for one in group], np.intp)
        rarity = known.rarity[flat]
        ids.append(flat)
        values.append((rarity * known.scales(squares(known, row))[groups[flat]]).astype(np.float64))
        ends.append(ends[-1] + len(flat))
    shape = (len(rows), len(known.rarity))
    matrix = sparse.csr_array((np.concatenate(values), np.concatenate(ids), np.array(ends)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def descend(x: sparse.csr_array, y: Numbers, columns: int) -> tuple[Floats, Floats]:
    """Ridge-penalised softmax regression by L-BFGS (Liu and Nocedal 1989)."""
    count, size = x.shape
    wanted, back = np.eye(columns)[y], x.T.tocsr()

    def loss(held: Doubles) -> tuple[float, Doubles]:
        weights, bias = held[:-columns].reshape(size, columns), held[-columns:]
        scores = x @ weights + bias
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        error = powers / sums - wanted
        value = float((np.log(sums[:, 0]) - scores[np.arange(count), y]).sum() + PENALTY / 2 * (weights**2).sum())
        return value, np.concatenate([(back @ error + PENALTY * weights).ravel(), error.sum(axis=0)])

    start = np.zeros((size + 1) * columns)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return found[:-columns].reshape(size, columns).astype(np.float32), found[-columns:].astype(np.float32)


def probabilities(known: Model, row: Labelled) -> tuple[str, float]:
    """The likeliest rule of a text for its audience, and its probability: that of the sentence where it is highest."""
    audience: Audience = "internal" if row.audience == "internal" else "customer"
    if not row.sentences:
        return "", 0.0
    found = reading.probabilities(known, row.sentences, audience)[:, 1:]
    kept = reading.columns(known, audience)[1:]
    best = int(found.max(axis=0).argmax())
    return known.rules[kept[best] - 1], float(found[:, best].max())


Judged = Sequence[tuple[Labelled, str, float]]
"""Texts with the likeliest rule and its probability, by a model that has not seen their writer."""


def threshold(judged: Judged, precision: float = PRECISION) -> float:
    """The lowest probability from which on this share of all remarks is right.

    One for all rules: some thirty sentences per rule and writer are too few to choose one for each.
    """
    order = sorted(judged, key=lambda one: -one[2])
    right = np.cumsum([rule == row.rule for row, rule, _ in order])
    enough = np.flatnonzero(right >= precision * np.arange(1, len(order) + 1))
    return order[enough[-1]][2] if len(enough) else 1.0


def write(known: Model, path: Path) -> None:
    """Write a model: weights in steps of 1/127 of the largest of their column."""
    weights = known.pulls / known.rarity[:, None]
    steps = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        path,
        rules=_letters("\n".join(known.rules)),
        names=_letters("\n\n".join("\n".join(numbers) for numbers in known.numbers)),
        counts=known.counts.astype(np.uint16),
        texts=np.array(known.texts),
        usual=known.usual,
        weights=np.round(weights / steps).astype(np.int8),
        steps=steps,
        bias=known.bias,
        thresholds=np.array([known.thresholds[rule] for rule in known.rules]),
    )


def _letters(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def trained(folder: Path, code: str) -> Model:
    """The model of a language: of all writers, with the threshold that models without each writer call for."""
    rows = read(folder, code)
    judged: list[tuple[Labelled, str, float]] = []
    for writer, texts in rows.items():
        if any(row.rule for row in texts):
            known = fit([row for other, held in rows.items() if other != writer for row in held])
            judged += [(row, *probabilities(known, row)) for row in texts]
    whole = fit([row for texts in rows.values() for row in texts])
    return replace(whole, thresholds=dict.fromkeys(whole.rules, threshold(judged)))


def main() -> None:
    """Write the weights of every language."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    folder = asked.parse_args().folder
    for code in lexicon.codes():
        known = trained(folder, code)
        write(known, model.FOLDER / f"{code}.npz")
        print(f"{code}: {len(known.rarity):,} features, threshold {known.thresholds[known.rules[0]]:.3f}")


if __name__ == "__main__":
    main()
