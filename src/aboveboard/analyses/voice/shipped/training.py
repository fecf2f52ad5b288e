"""Train the shipped model on the sentences in `training`, and say how well it reads kinds of customers it has not seen.

    python -m aboveboard.analyses.voice.shipped.training           # writes weights/<language>.tsv and weights/check.tsv
    python -m aboveboard.analyses.voice.shipped.training --check   # prints what check.tsv holds, writes nothing

The sentences were written for this project. In the check all sentences of one kind of customers are left out at a time.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aboveboard.analyses.voice import shipped
from aboveboard.analyses.voice.features import tokens

LOOSE = 0.5
"""Inverse ridge penalty."""
_FOLDER = Path(__file__).parent
Weights = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Sentence:
    """One sentence of one kind of customers, and how it is meant."""

    customers: str
    sentiment: str
    words: str


def read(code: str) -> list[Sentence]:
    """The sentences of a language."""
    with (_FOLDER / "training" / f"{code}.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Sentence(row["customers"], row["sentiment"], row["sentence"]) for row in rows]


def fit(known: Sequence[Sentence]) -> Weights:
    """Weights of a multinomial ridge logistic regression, to three places; those that round to nothing are left out."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    seen = [list(shipped.features(tokens(one.words))) for one in known]
    names = sorted({feature for one in seen for feature in one})
    column = {name: number for number, name in enumerate(names)}
    rows = np.repeat(np.arange(len(seen)), [len(one) for one in seen])
    columns = np.array([column[feature] for one in seen for feature in one])
    x = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(seen), len(names)))
    model = LogisticRegression(C=LOOSE, fit_intercept=False, max_iter=1000)
    model.fit(x, [one.sentiment for one in known])
    found = {name: tuple(round(float(w), 3) for w in model.coef_[:, column[name]]) for name in names}
    return {name: weights for name, weights in found.items() if max(map(abs, weights)) >= 0.02}


def check(code: str) -> Counter[tuple[str, str]]:
    """(sentiment, read as) → count, each kind of customers read by a model of all the others."""
    lines = read(code)
    counts: Counter[tuple[str, str]] = Counter()
    for kind in sorted({one.customers for one in lines}):
        weights = fit([one for one in lines if one.customers != kind])
        counts.update((one.sentiment, _said(one, weights)) for one in lines if one.customers == kind)
    return counts


def _said(one: Sentence, weights: Weights) -> str:
    scores = np.sum([weights.get(f, (0.0, 0.0, 0.0)) for f in shipped.features(tokens(one.words))], axis=0)
    return shipped.LABELS[int(np.argmax(scores))]


def table(code: str, counts: Counter[tuple[str, str]]) -> str:
    """The counts as lines of Markdown: a line per sentiment, a column per reading."""
    head = f"| {code} | " + " | ".join(f"read as {name}" for name in shipped.LABELS) + " | right |"
    lines = [head, "|---" * (len(shipped.LABELS) + 2) + "|"]
    for truth in shipped.LABELS:
        cells = [counts[truth, said] for said in shipped.LABELS]
        lines.append(f"| {truth} | " + " | ".join(map(str, cells)) + f" | {counts[truth, truth] / sum(cells):.2f} |")
    right = sum(counts[name, name] for name in shipped.LABELS)
    return "\n".join([*lines, f"\n{right} of {counts.total()} right ({right / counts.total():.2f})\n"])


def main() -> None:
    """Write the weights and the check, or with --check print it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    checking = arguments.parse_args().check
    lines = []
    for code in shipped.LANGUAGES:
        counts = check(code)
        print(table(code, counts))
        lines += [f"{code}\t{truth}\t{said}\t{count}\n" for (truth, said), count in sorted(counts.items())]
        if not checking:
            weights = fit(read(code))
            kept = "".join("\t".join([name, *(f"{w:.3f}" for w in of)]) + "\n" for name, of in sorted(weights.items()))
            (_FOLDER / "weights" / f"{code}.tsv").write_text(kept, encoding="utf-8")
    if not checking:
        (_FOLDER / "weights" / "check.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
