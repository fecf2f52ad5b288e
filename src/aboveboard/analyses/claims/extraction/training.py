"""Train the model on the sentences in `../training`, and say how well it does on families of sentences it has not seen.

    python -m aboveboard.analyses.claims.extraction.training           # writes weights/<language>.tsv
    python -m aboveboard.analyses.claims.extraction.training --check   # prints precision and recall, writes nothing

The sentences were written for this project. A family is one way of saying (or of not quite saying) one thing; in the
check a whole family is left out at a time, so that its paraphrases cannot give it away.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aboveboard.analyses.claims.extraction import grounds, model, patterns, sentences

Floats = npt.NDArray[np.float64]
PENALTY = 0.15
"""Ridge penalty on every weight but the bias."""
STEPS = 400
FOLDS = 10
AFTERWARDS = {
    "first-look-": "written after the patterns, which were then mended once",
    "unseen-": "written after that, and nothing mended since",
}
_FOLDER = Path(__file__).parents[1] / "training"
_WEIGHTS = Path(__file__).with_name("weights")


@dataclass(frozen=True)
class Sentence:
    """One training sentence, the claims that it makes, and the family it belongs to."""

    family: str
    claims: frozenset[str]
    words: str


@dataclass(frozen=True)
class Example:
    """One candidate in one sentence, and whether the sentence makes its claim."""

    sentence: Sentence
    claim: str
    features: tuple[str, ...]
    right: bool


def read(code: str, name: str = "") -> list[Sentence]:
    """The sentences of a language: family, claims joined by `;`, sentence. `name` reads another file of that form."""
    with (_FOLDER / f"{name}{code}.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Sentence(r["family"], frozenset(filter(None, r["claims"].split(";"))), r["sentence"]) for r in rows]


def examples(lines: Iterable[Sentence], code: str) -> list[Example]:
    """Every candidate of every sentence."""
    found = []
    for line in lines:
        plain = sentences.plain(line.words)
        for candidate in grounds.candidates(plain, code):
            seen = tuple(model.features(plain, candidate))
            found.append(Example(line, candidate.claim, seen, candidate.claim in line.claims))
    return found


def fit(known: Sequence[Example]) -> dict[str, float]:
    """Weights of a ridge-penalised logistic regression over the features of `known`, to three places.

    le Cessie, S. and van Houwelingen, J. C. (1992). Ridge estimators in logistic regression. Applied Statistics 41,
    191–201. Weights that round to 0 are left out.
    """
    names = sorted({feature for example in known for feature in example.features})
    column = {name: index for index, name in enumerate(names)}
    x = np.zeros((len(known), len(names)))
    for row, example in enumerate(known):
        x[row, [column[feature] for feature in example.features]] = 1
    y = np.array([example.right for example in known], dtype=np.float64)
    weights = _descend(x, y, free=column[model.BIAS])
    return {name: float(f"{weight:.3f}") for name, weight in zip(names, weights, strict=True) if abs(weight) >= 0.0005}


def _descend(x: Floats, y: Floats, *, free: int) -> Floats:
    """Accelerated gradient descent (Nesterov 1983) with the step 1/L of the loss's curvature; `free` is not penalised."""
    penalty = np.full(x.shape[1], PENALTY)
    penalty[free] = 1e-3
    rate = 1 / (np.linalg.norm(x, 2) ** 2 / 4 + PENALTY)
    now = ahead = np.zeros(x.shape[1])
    for step in range(STEPS):
        error = 1 / (1 + np.exp(-(x @ ahead))) - y
        after = ahead - rate * (x.T @ error + penalty * ahead)
        ahead = after + step / (step + 3) * (after - now)
        now = after
    return now


def score(weights: dict[str, float], example: Example) -> float:
    """The probability that the weights give an example."""
    return model.logistic(sum(weights.get(feature, 0.0) for feature in example.features))


Counts = Counter[tuple[str, str]]
"""How many right, wrong and missed, per claim: (claim, "right")."""


def tally(lines: Iterable[Sentence], found: Iterable[tuple[Example, bool]]) -> Counts:
    """Claims found rightly and wrongly, and those missed, one per sentence and claim."""
    accepted = {(e.sentence, e.claim) for e, is_claim in found if is_claim}
    counts: Counts = Counter()
    for line in lines:
        mine = {claim for sentence, claim in accepted if sentence is line}
        counts.update((claim, "right") for claim in mine & line.claims)
        counts.update((claim, "wrong") for claim in mine - line.claims)
        counts.update((claim, "missed") for claim in line.claims - mine)
    return counts


def check(code: str) -> dict[str, Counts]:
    """Counts of two ways: patterns and guards alone, and with a model that has not seen the sentence's family."""
    lines = read(code)
    known = examples(lines, code)
    return {
        "patterns and guards": tally(lines, [(e, True) for e in known]),
        "with the model": tally(lines, _left_out(known)),
    }


def afterwards(code: str, name: str) -> Counts:
    """Counts of the shipped weights on sentences that were written after the patterns: file `<name><code>.tsv`."""
    lines, weights = read(code, name), dict(model.weights(code))
    return tally(lines, [(e, score(weights, e) >= model.THRESHOLD) for e in examples(lines, code)])


def _left_out(known: Sequence[Example]) -> Iterator[tuple[Example, bool]]:
    """Each example judged by a model trained without its fold; a family is whole in one of ten folds."""
    families = sorted({e.sentence.family for e in known}, key=_shuffled)
    order = {family: index % FOLDS for index, family in enumerate(families)}
    fold = [order[e.sentence.family] for e in known]
    for number in range(FOLDS):
        weights = fit([e for e, other in zip(known, fold, strict=True) if other != number])
        mine = (e for e, other in zip(known, fold, strict=True) if other == number)
        yield from ((e, score(weights, e) >= model.THRESHOLD) for e in mine)


def _shuffled(name: str) -> str:
    """An order that has nothing to do with the alphabet, and is the same everywhere."""
    return hashlib.sha256(name.encode()).hexdigest()


def table(counts: Counts) -> str:
    """Precision and recall by claim, and of all, as lines of Markdown."""
    by_claim: dict[str, Counter[str]] = {}
    for (claim, what), count in sorted(counts.items()):
        for name in (claim, "all"):
            by_claim.setdefault(name, Counter())[what] += count
    whole = by_claim.pop("all", Counter())
    return "\n".join(_line(name, held) for name, held in [*by_claim.items(), ("all", whole)])


def _line(claim: str, held: Counter[str]) -> str:
    right, found, there = held["right"], held["right"] + held["wrong"], held["right"] + held["missed"]
    return f"| {claim} | {there} | {_share(right, found)} | {_share(right, there)} |"


def _share(count: int, n: int) -> str:
    return f"{count / n:.2f} ({count}/{n})" if n else "–"


def main() -> None:
    """Write the weights, or with --check print how well they do."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    checking = arguments.parse_args().check
    for code in patterns.LANGUAGES:
        if checking:
            counts = check(code) | {
                says: afterwards(code, name)
                for name, says in AFTERWARDS.items()
                if (_FOLDER / f"{name}{code}.tsv").exists()
            }
            for says, held in counts.items():
                print(
                    f"\n{code}, {says}\n\n| claim | sentences | precision | recall |\n|---|---|---|---|\n{table(held)}"
                )
        else:
            weights = fit(examples(read(code), code))
            lines = "".join(f"{name}\t{weight:.3f}\n" for name, weight in sorted(weights.items()))
            (_WEIGHTS / f"{code}.tsv").write_text(lines, encoding="utf-8")
            print(f"{code}: {len(weights):,} weights")


if __name__ == "__main__":
    main()
