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

PENALTY = 0.3
"""Ridge penalty on every weight but the bias (le Cessie and van Houwelingen 1992)."""
LEAST_OFTEN = 3
"""A feature that stands in fewer sentences is not learnt from."""
STEPS = 40
REMEMBERED = 5
"""So many earlier steps shape the next one."""
PRECISION = 0.92
"""So large a share of remarks must be right on writers that the model has not seen: 0.9 is wanted, and a threshold chosen on some
writers gives a little less on the next."""
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
    """A model of these sentences; both thresholds are one half."""
    rules = rulebook.ORDER
    common = features.commonest(Counter(word for row in rows for word in {w for said in row.sentences for w in said}))
    held: list[Counter[str]] = [Counter() for _ in features.GROUPS]
    for row in rows:
        for group, counts in zip(
            zip(*(features.of(said, common) for said in row.sentences), strict=True), held, strict=False
        ):
            counts.update({name for names in group for name in names})
    names = [sorted(name for name, count in counts.items() if count >= LEAST_OFTEN) for counts in held]
    often = np.array([counts[name] for counts, group in zip(held, names, strict=True) for name in group])
    none = np.zeros((len(often), len(rules) + 1), np.float32)
    usual = np.zeros(len(names), np.float32)
    empty = model.assembled(rules, names, often, len(rows), usual, none, none[0])
    ids = [[one for said in row.sentences for one in empty.ids(said)] for row in rows]
    lengths = np.array([squares(empty, one) for one in ids])
    usual = np.maximum(np.median(lengths, axis=0), 1).astype(np.float32)  # a text may hold nothing of a group
    x = matrix(replace(empty, usual=usual), ids, lengths)
    y = np.array([rules.index(row.rule) + 1 if row.rule else NONE for row in rows])
    weights, bias = descend(x, y, len(rules) + 1)
    return model.assembled(rules, names, often, len(rows), usual, weights, bias)


def squares(known: Model, ids: Sequence[Sequence[int]]) -> Floats:
    """The squared length of each group of features in a text, of the features of its sentences by group."""
    count = len(known.numbers)
    sums = [float((known.rarity[group] ** 2).sum()) for group in ids]
    return np.array([sum(sums[at::count]) for at in range(count)], np.float32)


def matrix(known: Model, ids: Sequence[Sequence[Sequence[int]]], lengths: Floats) -> sparse.csr_array:
    """One row per text: its features, a group at its weight over its length. What stands in two sentences counts twice."""
    groups = np.repeat(np.arange(len(known.numbers)), [len(numbers) for numbers in known.numbers])
    flat = [np.array([one for group in held for one in group], np.intp) for held in ids]
    values = [known.rarity[one] * known.scales(at)[groups[one]] for one, at in zip(flat, lengths, strict=True)]
    ends = np.cumsum([0, *map(len, flat)])
    shape = (len(flat), len(known.rarity))
    matrix = sparse.csr_array((np.concatenate(values).astype(np.float64), np.concatenate(flat), ends), shape=shape)
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

    start, options = np.zeros((size + 1) * columns), {"maxiter": STEPS, "maxcor": REMEMBERED}
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
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


def independent(writer: str) -> bool:
    """Did this writer know nothing of rules, patterns and others' sentences? Then the name of the file ends in a number."""
    return writer[-1].isdigit()


def thresholds(judged: Mapping[str, Judged]) -> tuple[float, float]:
    """From which probability on a remark is made, by the independent writers, and from which on it is sure, by all of them.

    The others are harder, so that the second is higher, and never lower. Without an independent writer both are one.
    """
    ordinary = [one for writer, held in judged.items() if independent(writer) for one in held]
    sure = threshold([one for held in judged.values() for one in held])
    least = threshold(ordinary) if ordinary else sure
    return least, max(least, sure)


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
        thresholds=np.array([known.least, known.sure]),
    )


def _letters(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def without(rows: Mapping[str, Sequence[Labelled]], *left: str) -> Model:
    """A model of all writers but those left out."""
    return fit([row for writer, texts in rows.items() if writer not in left for row in texts])


def judged(known: Model, texts: Sequence[Labelled]) -> Judged:
    """How a model judges texts."""
    return [(row, *probabilities(known, row)) for row in texts]


def breaking(rows: Mapping[str, Sequence[Labelled]]) -> list[str]:
    """The writers who break rules; the others wrote formulae of the trade, which are always learnt from."""
    return [writer for writer, texts in rows.items() if any(row.rule for row in texts)]


def trained(folder: Path, code: str) -> Model:
    """The model of a language: of all writers, with the thresholds that models without each writer call for."""
    rows = read(folder, code)
    least, sure = thresholds({writer: judged(without(rows, writer), rows[writer]) for writer in breaking(rows)})
    return replace(without(rows), least=least, sure=sure)


def main() -> None:
    """Write the weights of every language."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    folder = asked.parse_args().folder
    for code in lexicon.codes():
        known = trained(folder, code)
        write(known, model.FOLDER / f"{code}.npz")
        print(f"{code}: {len(known.rarity):,} features, thresholds {known.least:.3f} and {known.sure:.3f}")


if __name__ == "__main__":
    main()
