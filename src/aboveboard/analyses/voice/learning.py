"""Learn labels from texts that carry one, and read the others; with what was right on texts that were not learnt from.

Logistic regression over words and pieces of words, and, where there are sentence vectors, a second one over these; the
two opinions are mixed as logarithms (a logarithmic pool: Genest and Zidek 1986, Statistical Science 1, 114–135).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.voice import alike
from aboveboard.analyses.voice.features import Counted, Indices

Floats = npt.NDArray[np.float64]
FOLDS = 5
MOST_LEARNT = 20_000
"""So many different texts are learnt from at most; which, their plain forms' hash decides."""
WORDS_WEIGHT = 0.6
"""What the words say against what the vectors say."""
TILTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How far rare labels are lifted: their probability is divided by frequency to this power (prior shift, Saerens et al. 2002)."""
_LOOSE = {"words": 3.0, "vectors": 15.0}
"""Inverse ridge penalties; vectors are of unit length, in hundreds of columns."""
_STEPS = 30


@dataclass(frozen=True)
class Labelled:
    """A text (its number) with a label, said `count` times."""

    text: int
    label: str
    count: int


@dataclass(frozen=True)
class Learnt:
    """What came of learning: per text and label a probability (rows of NaN where nothing could be read).

    A text that was learnt from has the opinion of a model that has read neither it nor any text nearly equal to it.
    `group` numbers the texts' groups of nearly equal ones; `labels` are in alphabetical order.
    """

    labels: tuple[str, ...]
    probability: Floats
    tilt: float
    group: Indices
    examples: tuple[Labelled, ...]

    def label(self, row: int) -> str | None:
        """The likeliest label of a text."""
        return None if np.isnan(self.probability[row, 0]) else self.labels[int(self.probability[row].argmax())]


def learn(texts: Sequence[str], examples: Sequence[Labelled], vectors: Floats | None = None) -> Learnt:
    """Learn from `examples` and read all of `texts` (different ones, in a fixed order).

    Five folds, groups of nearly equal texts kept together. How far rare labels are lifted (see TILTS) is chosen for the
    best mean F1 over labels, for each fold on the four others, and for new texts on all.
    """
    names = alike.groups(texts)
    order = {name: number for number, name in enumerate(sorted(set(names)))}
    group = np.array([order[name] for name in names], np.int64)
    chosen = _chosen(examples, names)
    labels = tuple(sorted({one.label for one in chosen}))
    counted = Counted.of(texts)
    fold = np.array([alike.fold(name, FOLDS) for name in names], np.int64)
    raw = _opinions(counted, vectors, chosen, labels, fold)
    return _tilted(raw, chosen, labels, fold, group)


def _chosen(examples: Sequence[Labelled], names: Sequence[str]) -> tuple[Labelled, ...]:
    texts = {one.text for one in examples}
    if len(texts) > MOST_LEARNT:
        ordered = sorted(texts, key=lambda text: (alike.fold(names[text], 1 << 32), text))
        texts = set(ordered[:MOST_LEARNT])
    return tuple(one for one in examples if one.text in texts)


def _opinions(
    counted: Counted, vectors: Floats | None, examples: Sequence[Labelled], labels: Sequence[str], fold: Indices
) -> Floats:
    """Log-probabilities: of learnt texts by the model without their fold, of others by the model of all."""
    taught = np.array([one.text for one in examples], np.int64)
    rated = np.zeros(len(fold), bool)
    rated[taught] = True
    found = np.full((len(fold), len(labels)), np.nan)
    for number in range(FOLDS):
        asked = np.flatnonzero(rated & (fold == number))
        if len(asked):
            found[asked] = _opinion(counted, vectors, [e for e in examples if fold[e.text] != number], labels, asked)
    # A text nearly equal to one that was learnt from is judged as that one is: without its group.
    others = np.flatnonzero(~rated)
    if len(others):
        found[others] = _opinion(counted, vectors, examples, labels, others)
    return found


def _opinion(
    counted: Counted, vectors: Floats | None, examples: Sequence[Labelled], labels: Sequence[str], asked: Indices
) -> Floats:
    """Log-probabilities of `asked` by a model of the examples."""
    rows = np.array([one.text for one in examples], np.int64)
    seen = counted.seen_by(np.unique(rows))
    words = _fitted(seen[rows], examples, labels, seen[asked], _LOOSE["words"])
    # What holds nothing that was ever seen is not read: the answer would be the commonest label, whatever it says.
    words[np.diff(seen[asked].indptr) == 0] = np.nan
    if vectors is None:
        return words
    meant = _fitted(vectors[rows], examples, labels, vectors[asked], _LOOSE["vectors"])
    return np.asarray(np.where(np.isnan(words), meant, WORDS_WEIGHT * words + (1 - WORDS_WEIGHT) * meant))


def _fitted(known: object, examples: Sequence[Labelled], labels: Sequence[str], asked: object, loose: float) -> Floats:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    said = np.array([one.label for one in examples])
    weight = np.array([one.count for one in examples], float)
    # Stochastic average gradients (Defazio et al. 2014): on these sparse columns fifteen times quicker than L-BFGS.
    model = LogisticRegression(C=loose, solver="saga", max_iter=_STEPS, tol=1e-2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is one more penalty
        model.fit(known, said, sample_weight=weight)
    found = np.full((asked.shape[0], len(labels)), np.log(1e-9))  # type: ignore[attr-defined]
    found[:, [labels.index(name) for name in model.classes_]] = model.predict_log_proba(asked)
    return np.asarray(np.maximum(found, np.log(1e-9)))


def _tilted(
    raw: Floats, examples: Sequence[Labelled], labels: tuple[str, ...], fold: Indices, group: Indices
) -> Learnt:
    rows = np.array([one.text for one in examples], np.int64)
    truth = np.array([labels.index(one.label) for one in examples], np.int64)
    count = np.array([one.count for one in examples], float)
    prior = np.log(np.bincount(truth, count, len(labels)) / count.sum())
    probability = np.full(raw.shape, np.nan)
    taught = np.zeros(len(raw), bool)
    taught[rows] = True
    for number in range(FOLDS):
        others = fold[rows] != number
        tilt = _best(raw[rows[others]], truth[others], count[others], prior)
        asked = taught & (fold == number)
        probability[asked] = _shares(raw[asked] - tilt * prior)
    tilt = _best(raw[rows], truth, count, prior)
    probability[~taught] = _shares(raw[~taught] - tilt * prior)
    return Learnt(labels, probability, tilt, group, tuple(examples))


def _best(raw: Floats, truth: Indices, count: Floats, prior: Floats) -> float:
    scores = [macro_f1((raw - tilt * prior).argmax(axis=1), truth, count, len(prior)) for tilt in TILTS]
    return TILTS[int(np.argmax(scores))]


def macro_f1(said: Indices, truth: Indices, count: Floats, labels_count: int) -> float:
    """The mean over labels of F1, twice the right ones ÷ (said + true ones)."""
    right = np.bincount(truth, count * (said == truth), labels_count)
    both = np.bincount(truth, count, labels_count) + np.bincount(said, count, labels_count)
    return float(np.mean(2 * right / np.where(both > 0, both, 1)))


def _shares(logs: Floats) -> Floats:
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
