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
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse

from aboveboard.wording import lexicon, rulebook, tokens
from aboveboard.wording.learnt import features, model, reading
from aboveboard.wording.learnt.model import NONE, Floats, Model
from aboveboard.wording.model import Audience

PENALTY = 0.3
"""Ridge penalty on every weight but the bias (le Cessie and van Houwelingen 1992)."""
LEAST_OFTEN = 3
"""A feature that stands in fewer sentences is not learnt from."""
STEPS = 40
TINY = 1e-6
"""Keeps the root of the likenesses real where two texts are one."""
COLUMNS = len(rulebook.ORDER) + 1
PRECISION: Mapping[str, float] = {"en": 0.91, "de": 0.92}
"""Per language, so large a share of remarks must be right where the threshold is chosen: 0.9, and what is lost from there to the
next writer (about 0.01 in English and 0.02 in German, by the benchmark's figures at 0.91 and 0.92)."""
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
    return Texts(rows).model()


class Texts:
    """Labelled texts made ready: which features they have, how often, and how alike any two texts are.

    What a feature is and how rare it is comes from the words of all of them; their labels count only where a model is
    learnt from them.
    """

    def __init__(self, rows: Sequence[Labelled]) -> None:
        said = [words for row in rows for words in row.sentences]
        common = features.commonest(Counter(word for row in rows for word in set(chain(*row.sentences))))
        by_words = {words: features.of(words, common) for words in said}
        held = [
            Counter(name for row in rows for name in {name for words in row.sentences for name in by_words[words][at]})
            for at in range(len(features.GROUPS))
        ]
        self.names = [sorted(name for name, count in counts.items() if count >= LEAST_OFTEN) for counts in held]
        self.often = np.array([counts[name] for counts, group in zip(held, self.names, strict=True) for name in group])
        self.usual = np.zeros(len(self.names), np.float32)
        self.rows = rows
        self.y = np.array([rulebook.ORDER.index(row.rule) + 1 if row.rule else NONE for row in rows])
        none = np.zeros((len(self.often), COLUMNS), np.float32)
        empty = self._model(none, none[0])
        ids = [[one for words in row.sentences for one in empty.ids(words)] for row in rows]
        lengths = np.array([squares(empty, one) for one in ids])
        self.usual = np.maximum(np.median(lengths, axis=0), 1).astype(np.float32)  # a text may hold nothing of a group
        self.x = matrix(replace(empty, usual=self.usual), ids, lengths)
        self.alike: Doubles = (self.x @ self.x.T).toarray()

    def model(self, wanted: npt.NDArray[np.bool_] | None = None) -> Model:
        """A model learnt from the `wanted` texts, else from all."""
        kept = np.arange(len(self.rows)) if wanted is None else np.flatnonzero(wanted)
        shares, bias = descend(self.alike[np.ix_(kept, kept)], self.y[kept])
        return self._model(np.asarray(self.x[kept].T @ shares, np.float32), bias)

    def _model(self, weights: Floats, bias: Floats) -> Model:
        return model.assembled(rulebook.ORDER, self.names, self.often, len(self.rows), self.usual, weights, bias)


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


def descend(alike: Doubles, y: Numbers) -> tuple[Doubles, Floats]:
    """What each text adds to the weights, and the bias, of a ridge-penalised softmax regression, by L-BFGS (Liu and Nocedal 1989).

    The best weights are a sum over the texts (Kimeldorf and Wahba 1971), of which there are far fewer than features: `alike` holds
    the product of any two. Steps are taken in its root, where the penalty is a plain sum of squares.
    """
    count = len(y)
    root = linalg.cholesky(alike + TINY * np.eye(count), lower=True)
    forth, back = root.astype(np.float32), np.ascontiguousarray(root.T, np.float32)
    wanted = np.eye(COLUMNS, dtype=np.float32)[y]

    def loss(held: Doubles) -> tuple[float, Doubles]:
        steps, bias = held[:-COLUMNS].reshape(count, COLUMNS).astype(np.float32), held[-COLUMNS:].astype(np.float32)
        scores = forth @ steps + bias
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        error = powers / sums - wanted
        value = (np.log(sums[:, 0]) - scores[np.arange(count), y]).sum() + PENALTY / 2 * (steps**2).sum()
        slopes = np.concatenate([(back @ error + PENALTY * steps).ravel(), error.sum(axis=0)])
        return float(value), slopes.astype(np.float64)

    start = np.zeros((count + 1) * COLUMNS)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    shares = linalg.solve_triangular(root, found[:-COLUMNS].reshape(count, COLUMNS), lower=True, trans="T")
    return shares, found[-COLUMNS:].astype(np.float32)


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


def threshold(judged: Judged, precision: float) -> float:
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


def thresholds(judged: Mapping[str, Judged], language: str) -> tuple[float, float]:
    """From which probability on a remark is made, by the independent writers, and from which on it is sure, by all of them.

    The others are harder, so that the second is higher, and never lower. Without an independent writer both are one.
    """
    ordinary = [one for writer, held in judged.items() if independent(writer) for one in held]
    precision = PRECISION[language]
    sure = threshold([one for held in judged.values() for one in held], precision)
    least = threshold(ordinary, precision) if ordinary else sure
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


def judged(known: Model, texts: Sequence[Labelled]) -> Judged:
    """How a model judges texts."""
    return [(row, *probabilities(known, row)) for row in texts]


def breaking(rows: Mapping[str, Sequence[Labelled]]) -> list[str]:
    """The writers who break rules; the others wrote formulae of the trade, which are always learnt from."""
    return [writer for writer, texts in rows.items() if any(row.rule for row in texts)]


def each(rows: Mapping[str, Sequence[Labelled]]) -> tuple[Model, dict[str, Judged]]:
    """A model of all writers; and what each who breaks rules wrote, as a model judges it that no label of that writer went into."""
    texts = Texts([row for held in rows.values() for row in held])
    who = np.array([writer for writer, held in rows.items() for _ in held])
    return texts.model(), {writer: judged(texts.model(who != writer), rows[writer]) for writer in breaking(rows)}


def trained(folder: Path, code: str) -> Model:
    """The model of a language: of all writers, with the thresholds that models without each writer call for."""
    whole, unseen = each(read(folder, code))
    least, sure = thresholds(unseen, code)
    return replace(whole, least=least, sure=sure)


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
