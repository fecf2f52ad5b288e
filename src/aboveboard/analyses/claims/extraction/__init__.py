"""Which claims a message makes: patterns propose, guards withdraw, a small trained model has the last word.

>>> [(f.claim, f.words) for f in extract("I have asked my manager. If you agree, I will refund the fee.")]
[('asked-superior', 'I have asked my manager')]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aboveboard.analyses.claims.extraction import grounds, languages, model, patterns, sentences

OwnWords = Mapping[str, Sequence[tuple[str, re.Pattern[str]]]]
"""Words of a playbook's own: per language code, pairs of a claim and a pattern that makes it."""


@dataclass(frozen=True)
class Found:
    """One claim in one text: its words and their place (`start`, `end`), the sentence they stand in, and where it is from."""

    claim: str
    words: str
    start: int
    end: int
    sentence: tuple[int, int]
    language: str | None
    pattern: str
    probability: float
    kind: str | None = None


def extract(text: str, own: OwnWords | None = None) -> list[Found]:
    """The claims of one message, in order of place. English and German; other languages give none.

    Where a message makes one claim several times each stands by itself. `own` adds words: they are tried on every sentence,
    their guards are those of the language, and the model, which knows nothing of them, is not asked (probability 1).
    """
    plain = sentences.plain(text)
    found: list[Found] = []
    for code in patterns.LANGUAGES:
        proposed = grounds.candidates(plain, code, (own or {}).get(code, ()))
        if proposed and languages.may_be(plain, code):
            judged = ((c, 1.0 if c.pattern.own else model.probability(plain, c)) for c in proposed)
            found += [_found(text, c, p) for c, p in judged if p >= model.THRESHOLD]
    return sorted(found, key=lambda one: (one.start, one.claim))


def _found(text: str, candidate: patterns.Candidate, probability: float) -> Found:
    start, end = candidate.start, candidate.end
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    pattern = candidate.pattern
    words = " ".join(text[start:end].split())
    return Found(
        candidate.claim,
        words,
        start,
        end,
        candidate.sentence,
        candidate.language,
        pattern.id,
        probability,
        pattern.kind,
    )
