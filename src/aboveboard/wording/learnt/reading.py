"""Which sentences of a message the model remarks on, and which of their words weigh most.

A sentence is judged alone and with each neighbour, for what makes words right or wrong may stand in the sentence beside
them. Its probability is the mean of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from aboveboard.wording.learnt.features import GROUPS, LONGEST_GAP, Sentence, Words, runs
from aboveboard.wording.learnt.model import NONE, Floats, Model
from aboveboard.wording.model import Audience
from aboveboard.wording.tokens import ENDS, START

INTERNAL_RULES = ("contempt",)
FEWEST = 4
"""Sentences of fewer words are not judged: hardly any as short was trained on."""
SHORTEST = 3
"""A remark of the model spans at least so many words."""


@dataclass(frozen=True)
class Found:
    """One sentence that probably breaks a rule, `sure` or not. `tokens` are the first and the last of the line's that weigh."""

    rule: str
    probability: float
    sure: bool
    tokens: tuple[int, int]


def columns(model: Model, audience: Audience) -> list[int]:
    """The columns that can be true of words to this audience."""
    internal = audience == "internal"
    return [NONE, *(n for n, rule in enumerate(model.rules, 1) if (rule in INTERNAL_RULES) == internal)]


def probabilities(model: Model, sentences: Sequence[Words], audience: Audience) -> Floats:
    """One row per sentence, one column per `columns`."""
    kept = columns(model, audience)
    seen = [model.seen(words) for words in sentences]
    alone = np.array([model.probabilities(one, kept) for one in seen])
    if len(seen) == 1:
        return alone
    beside = [model.probabilities(one.with_(other), kept) for one, other in pairwise(seen)]
    around = np.array([np.mean(beside[max(0, at - 1) : at + 1], axis=0) for at in range(len(seen))])
    return np.asarray(np.sqrt(alone * around), np.float32)


def read(model: Model, sentences: Sequence[Sentence], audience: Audience) -> Iterator[Found]:
    """Every sentence of enough words whose likeliest rule is likely enough."""
    if not sentences:
        return
    kept = columns(model, audience)
    for sentence, row in zip(sentences, probabilities(model, [one.words for one in sentences], audience), strict=True):
        best = int(row[1:].argmax()) + 1
        if row[best] >= model.least and len(sentence.words) - len((START, ".")) >= FEWEST:
            first, last = weightiest(model, sentence.words, kept[best])
            rule, probability = model.rules[kept[best] - 1], float(row[best])
            yield Found(rule, probability, probability >= model.sure, (sentence.tokens[first], sentence.tokens[last]))


def weightiest(model: Model, words: Words, column: int) -> tuple[int, int]:
    """The first and last word of the stretch that pulls most towards a column and away from "no rule is broken".

    Each feature's pull is shared out among its words. The stretch is the one whose words' pulls exceed the mean of the
    sentence by most in sum (Bentley 1984), without the marks at the ends.
    """
    pulls = _by_word(model, words, column)
    last = len(words) - 2 if words[-1] in ENDS else len(words) - 1
    first = 1 if words[0] == START else 0
    over = pulls - pulls[first : last + 1].mean()
    best, found, total, begins = -np.inf, (first, last), 0.0, first
    for at in range(first, last + 1):
        if total <= 0:
            total, begins = 0.0, at
        total += float(over[at])
        if total > best:
            best, found = total, (begins, at)
    return _widened(*found, first, last)


def _widened(begins: int, ends: int, first: int, last: int) -> tuple[int, int]:
    while ends - begins + 1 < SHORTEST and (begins > first or ends < last):
        begins, ends = max(first, begins - 1), min(last, ends + 1)
    return begins, ends


def _by_word(model: Model, words: Words, column: int) -> Floats:
    pulls = np.zeros(len(words), np.float32)
    scale = dict(zip(GROUPS, model.scales(model.seen(words).squares).tolist(), strict=True))
    number = dict(zip(GROUPS, model.numbers, strict=True))

    def pull(group: str, name: str) -> float:
        at = number[group].get(name)
        return 0.0 if at is None else float(model.pulls[at, column] - model.pulls[at, NONE]) * scale[group]

    for at, word in enumerate(words):
        pulls[at] += pull("words", word) + sum(pull("letters", run) for run in runs(word))
        for other in range(at + 1, min(at + LONGEST_GAP + 2, len(words))):
            half = pull("pairs" if other == at + 1 else "gaps", f"{word} {words[other]}") / 2
            pulls[[at, other]] += half
        pulls[at : at + 3] += pull("threes", " ".join(words[at : at + 3])) / 3
    return pulls
