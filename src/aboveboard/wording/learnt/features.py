"""What the model sees of a sentence: its words, pairs and threes of words, turns of phrase, and runs of letters.

Words of politeness are left out before anything is counted, so that they can neither raise nor lower a score. Numbers are
all one. Runs of letters stand in for endings, for parts of compounds and for sloppy spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from aboveboard.wording.lexicon import Lexicon
from aboveboard.wording.tokens import ENDS, FILLER, START, Line

NUMBER = "#"
LONGEST_GAP = 3
"""So many words may stand between the two of a pair."""
EDGE = "_"
MATTER = "*"
"""Stands in a turn of phrase for every word but the commonest."""
COMMON = 250
"""So many words are the commonest."""
Words = tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """One sentence of a line: its words with the marks at both ends, and which tokens of the line they are."""

    words: Words
    tokens: tuple[int, ...]


def sentences(line: Line, lexicon: Lexicon, cited: Sequence[tuple[int, int]] = ()) -> list[Sentence]:
    """The sentences of a line that hold words once politeness, and stretches of the line that are only `cited`, are gone."""
    found: list[Sentence] = []
    held: list[tuple[str, int]] = []
    for number, at in enumerate(line.offsets):
        word = line.line[at + 1 : line.line.index(" ", at + 1)]
        if word == START:
            held = []
        elif word in ENDS:
            held = _impolite(held, lexicon)
            if held:
                words, tokens = zip(*held, strict=True)
                found.append(Sentence((START, *words, word), (tokens[0], *tokens, number)))
        elif not any(start <= at < end for start, end in cited):
            plain = word.lstrip(FILLER) or word
            held.append((NUMBER if plain[0].isdigit() else plain, number))
    return found


def _impolite(held: list[tuple[str, int]], lexicon: Lexicon) -> list[tuple[str, int]]:
    words = [word for word, _ in held]
    kept: list[tuple[str, int]] = []
    at = 0
    while at < len(words):
        phrase = next((p for p in lexicon.polite.get(words[at], ()) if tuple(words[at : at + len(p)]) == p), ())
        if not phrase:
            kept.append(held[at])
        at += len(phrase) or 1
    return kept


def single(words: Words) -> list[str]:
    """The words themselves."""
    return list(words)


def pairs(words: Words) -> list[str]:
    """Words that follow one another."""
    return [f"{one} {other}" for one, other in pairwise(words)]


def gaps(words: Words) -> list[str]:
    """Pairs of words with one to three others between them."""
    return [
        f"{one} {words[other]}"
        for at, one in enumerate(words)
        for other in range(at + 2, min(at + LONGEST_GAP + 2, len(words)))
    ]


def letters(words: Words) -> list[str]:
    """Runs of three to five letters within each word, its edges marked."""
    return [run for word in words for run in runs(word)]


@lru_cache(maxsize=20_000)
def runs(word: str) -> tuple[str, ...]:
    """The runs of letters of one word."""
    if word in ENDS or word in (START, NUMBER):
        return ()
    text = f"{EDGE}{word}{EDGE}"
    return tuple(text[at : at + size] for size in (3, 4, 5) for at in range(max(1, len(text) - size + 1)))


def across(words: Words) -> list[str]:
    """Runs of four to six letters that reach from one word into another."""
    text = f"{EDGE}{EDGE.join(words)}{EDGE}"
    edges = [at for at, sign in enumerate(text) if sign == EDGE][1:-1]
    starts: set[int] = set()
    found = []
    for size in (4, 5, 6):
        starts = {at for edge in edges for at in range(max(0, edge - size + 2), edge) if at + size <= len(text)}
        found += [text[at : at + size] for at in starts]
    return found


def threes(words: Words) -> list[str]:
    """Runs of three words."""
    return _runs_of(words, 3)


def turns(words: Words, common: frozenset[str]) -> list[str]:
    """Runs of three to five words of which only the `common` ones are told apart: how it is said, without what it is about."""
    said = tuple(word if word in common else MATTER for word in words)
    return [run for size in (3, 4, 5) for run in _runs_of(said, size)]


def _runs_of(words: Words, size: int) -> list[str]:
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


def commonest(counts: Mapping[str, int]) -> frozenset[str]:
    """The words that stand in most texts."""
    return frozenset(sorted(counts, key=lambda word: (-counts[word], word))[:COMMON])


def of(words: Words, common: frozenset[str]) -> list[list[str]]:
    """The features of a sentence, by group."""
    return [
        single(words),
        pairs(words),
        gaps(words),
        threes(words),
        turns(words, common),
        letters(words),
        across(words),
    ]


GROUPS = {"words": 1.0, "pairs": 0.7, "gaps": 0.7, "threes": 0.7, "turns": 0.7, "letters": 1.0, "across": 0.7}
"""The groups of features, in the order of `of`, each with its weight: within a group every sentence has length one."""
