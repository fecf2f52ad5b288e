"""The small model that ships, for organisations with too few rated words to learn from: weak, and said to be.

>>> read("The parcel arrived crushed and nobody answers.")[0]
'negative'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from aboveboard.analyses.voice.features import tokens
from aboveboard.analyses.voice.language import language_of

LANGUAGES = ("de", "en")
LABELS = ("negative", "neutral", "positive")
BIAS = "(always)"
STEM = 5
_WEIGHTS = Path(__file__).with_name("weights")


def read(text: str) -> tuple[str, float] | None:
    """The sentiment of a text and its probability; None in a language without weights, or where no word is known.

    A text too short to tell its language is read in that of which it holds most known words.
    """
    words = tokens(text)
    code = language_of(text)
    if code is not None and code not in LANGUAGES:
        return None
    seen = {one: _known(words, one) for one in ([code] if code else LANGUAGES)}
    best = max(seen, key=lambda one: (seen[one], one == "en"))
    return _said(words, best) if seen[best] else None


def features(words: list[str]) -> Iterator[str]:
    """What the model sees: that it was asked (bias), the words, their first five letters, and pairs of words."""
    yield BIAS
    seen = set(words) | {f"{word[:STEM]}…" for word in words if len(word) > STEM}
    seen |= {" ".join(pair) for pair in pairwise(["^", *words, "$"])}
    yield from sorted(seen)


def _known(words: list[str], code: str) -> int:
    return sum(word in weights(code) for word in set(words) if word[:1].isalpha())


def _said(words: list[str], code: str) -> tuple[str, float]:
    known = weights(code)
    scores = [0.0] * len(LABELS)
    for feature in features(words):
        for number, weight in enumerate(known.get(feature, ())):
            scores[number] += weight
    top = max(scores)
    shares = [math.exp(score - top) for score in scores]
    best = max(range(len(LABELS)), key=lambda number: shares[number])
    return LABELS[best], shares[best] / sum(shares)


@cache
def weights(code: str) -> Mapping[str, tuple[float, ...]]:
    """The weights of a language: per feature one for each of LABELS. The file may be read by whoever wonders why."""
    lines = (_WEIGHTS / f"{code}.tsv").read_text(encoding="utf-8").splitlines()
    split = (line.split("\t") for line in lines)
    return {feature: tuple(map(float, numbers)) for feature, *numbers in split}


@cache
def checked() -> Mapping[tuple[str, str, str], int]:
    """How the sentences were read by a model that had not seen their kind of customers: (language, sentiment, read as) → count."""
    lines = (_WEIGHTS / "check.tsv").read_text(encoding="utf-8").splitlines()
    return {(code, truth, said): int(count) for code, truth, said, count in (line.split("\t") for line in lines)}
