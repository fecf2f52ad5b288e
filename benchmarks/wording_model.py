"""Would a trained model find more than the patterns do? Leave one author out, over the development authors.

    python -m benchmarks wording_model

Per rule and language a logistic regression (ridge) over words, pairs of words and runs of four and five letters is trained on
all authors but one and scores that one. The recall told is the best that any threshold reaches at a precision of 0.9 over
all of them: the threshold is chosen on the scores themselves, so that the truth is less.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from aboveboard.wording import lexicon, rulebook, tokens
from benchmarks import wording

AUTHORS = wording.AUTHORS["development"]
LEAST_OFTEN = 3
STEPS, RATE, RIDGE = 150, 0.5, 1e-3
Floats = npt.NDArray[np.float64]


def features(sentence: str, language: lexicon.Lexicon) -> set[str]:
    """The words of a sentence as the matcher reads it, their pairs, and its runs of four and five letters."""
    line = tokens.read(sentence, language).line.replace(tokens.FILLER, "")
    words = [word for word in line.split() if word not in (tokens.START, *tokens.ENDS)]
    text = " ".join(words)
    runs = {f"…{text[at : at + size]}" for size in (4, 5) for at in range(len(text) - size + 1)}
    return {*words, *map(" ".join, pairwise(words)), *runs}


def matrix(found: list[set[str]]) -> Floats:
    """One row per sentence, of length one; features that stand in fewer than three sentences are left out."""
    counts = Counter(feature for one in found for feature in one)
    number = {feature: n for n, feature in enumerate(sorted(f for f, count in counts.items() if count >= LEAST_OFTEN))}
    rows = np.zeros((len(found), len(number)))
    for row, one in zip(rows, found, strict=True):
        row[[number[feature] for feature in one if feature in number]] = 1
    return rows / np.maximum(1, np.sqrt(rows.sum(axis=1, keepdims=True)))


def trained(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Weights and bias by gradient descent; both classes weigh the same."""
    weights, bias = np.zeros(x.shape[1]), 0.0
    balance = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    for _ in range(STEPS):
        pull = (1 / (1 + np.exp(-(x @ weights + bias))) - y) * balance
        weights -= RATE * (x.T @ pull / len(y) + RIDGE * weights)
        bias -= RATE * float(pull.mean())
    return weights, bias


def left_out(x: Floats, y: Floats, author: npt.NDArray[np.str_]) -> Floats:
    """The score of each sentence by a model that has read nothing of its author."""
    scores = np.zeros(len(y))
    for one in sorted(set(author.tolist())):
        weights, bias = trained(x[author != one], y[author != one])
        scores[author == one] = x[author == one] @ weights + bias
    return scores


def recalled(scores: Floats, y: Floats, precision: float = 0.9) -> int:
    """How many are found at the threshold that finds most at this precision."""
    right = np.cumsum(y[np.argsort(-scores, kind="stable")])
    enough = right[right / np.arange(1, len(y) + 1) >= precision]
    return int(enough[-1]) if len(enough) else 0


def table() -> Iterator[str]:
    """Found of all, per rule and language."""
    yield "| rule | English | German |\n|---|---|---|"
    cells: dict[str, list[str]] = {rule.id: [] for rule in rulebook.shipped()}
    for language in ("en", "de"):
        rows = wording.sentences(language, AUTHORS)
        x = matrix([features(row["sentence"], lexicon.lexicon(language)) for row in rows])
        author = np.array([row["author"] for row in rows])
        for rule, held in cells.items():
            y = np.array([row["rule"] == rule for row in rows], float)
            held.append(f"{recalled(left_out(x, y, author), y)} of {y.sum():.0f}")
    yield from (f"| {rule} | {' | '.join(held)} |" for rule, held in cells.items())


def main() -> int:
    """Print the table."""
    for line in table():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
