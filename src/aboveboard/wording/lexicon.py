"""What the matcher knows of a language: contractions, fillers, word classes, function words (`languages/<code>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "languages"

_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})


def folded(word: str) -> str:
    """A word without case and in one spelling: "Können" and "koennen" are one."""
    return word.lower().translate(_SPELLINGS)


@dataclass(frozen=True)
class Lexicon:
    """One language. All words are folded.

    `spoken` gives the words that a contraction or a sloppy spelling stands for ("won't" → will, not); `endings` those of
    what follows an apostrophe ("'re" → are). `fillers` are phrases that may stand anywhere without changing what is said:
    politeness, apologies, adverbs of manner. `polite` are those of them that are nothing but politeness, by their first word,
    which the learnt model does not see. `alike` are words that a written word also stands for ("is" → 's).
    `negations` turn round what follows. `classes` are named alternatives for patterns. `functions` are the function
    words that give the language away.
    """

    code: str
    name: str
    spoken: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, str]
    fillers: tuple[tuple[str, ...], ...]
    polite: Mapping[str, tuple[tuple[str, ...], ...]]
    alike: Mapping[str, tuple[str, ...]]
    negations: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    functions: frozenset[str]


def codes() -> tuple[str, ...]:
    """The languages there are, by code."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def lexicon(code: str) -> Lexicon:
    """The language with this code; KeyError where there is none."""
    path = FOLDER / f"{code}.toml"
    if code not in codes():
        raise KeyError(code)
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    polite = _longest_first(held["polite"])
    return Lexicon(
        code,
        held["name"],
        {folded(short): tuple(folded(full).split()) for short, full in held["spoken"].items()},
        {folded(short): folded(full) for short, full in held["endings"].items()},
        _longest_first([*held["fillers"], *held["polite"]]),
        {first: phrases for first in {p[0] for p in polite} if (phrases := tuple(p for p in polite if p[0] == first))},
        {folded(word): tuple(map(folded, others)) for word, others in held["alike"].items()},
        tuple(map(folded, held["negations"])),
        {name: tuple(phrases) for name, phrases in held["classes"].items()},
        frozenset(folded(word) for word in held["functions"].split()),
    )


def _longest_first(phrases: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted({tuple(folded(phrase).split()) for phrase in phrases}, key=lambda one: (-len(one), one)))
