"""How likely a candidate makes its claim: a logistic regression over the words in and around it.

The weights are a text file per language, one feature and its weight a line, so that whoever wonders why a sentence was
passed over can read it. They come from sentences written for the purpose (`training`), and nothing is learnt at run time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from aboveboard.analyses.claims.extraction.patterns import Candidate

THRESHOLD = 0.4
"""From this probability on a candidate is a claim. Below one half, for among the sentences written for training what
looks like a claim and is none is far more frequent than in real messages."""
BIAS = "(always)"
_FOLDER = Path(__file__).with_name("weights")
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[?]")
_BEFORE, _AFTER = 4, 5


def features(plain_text: str, candidate: Candidate) -> Iterator[str]:
    """What the model sees: the pattern, the words of the match (=), those before (<) and after it (>), and pairs.

    Words before and after are those of the same sentence. Each is seen once for all claims and once for its own.
    """
    yield BIAS
    yield f"pattern {candidate.pattern.id}"
    first, last = candidate.sentence
    inside = _WORD.findall(plain_text, candidate.start, candidate.end)
    before = _WORD.findall(plain_text, first, candidate.start)[-_BEFORE:]
    after = _WORD.findall(plain_text, candidate.end, last)[:_AFTER]
    seen = {f"={word}" for word in inside} | {f"<{word}" for word in before} | {f">{word}" for word in after}
    seen |= {f"<{pair}" for pair in _pairs([*before, *inside[:1]])}
    seen |= {f"={pair}" for pair in _pairs(inside)}
    seen |= {f">{pair}" for pair in _pairs([*inside[-1:], *after])}
    for word in sorted(seen):
        yield word
        yield f"{candidate.claim} {word}"


def probability(plain_text: str, candidate: Candidate) -> float:
    """The probability that the candidate's words make its claim."""
    known = weights(candidate.language)
    return logistic(sum(known.get(feature, 0.0) for feature in features(plain_text, candidate)))


def logistic(score: float) -> float:
    """1 ÷ (1 + e^−score), without overflow."""
    return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))


@cache
def weights(code: str) -> Mapping[str, float]:
    """The shipped weights of a language, by feature."""
    lines = (_FOLDER / f"{code}.tsv").read_text(encoding="utf-8").splitlines()
    return {feature: float(weight) for feature, weight in (line.split("\t") for line in lines)}


def _pairs(words: list[str]) -> Iterator[str]:
    return (f"{one} {other}" for one, other in pairwise(words))
