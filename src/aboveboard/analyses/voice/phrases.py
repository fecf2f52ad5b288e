"""Phrases that say what a text is about: one to three words in a row that neither begin nor end with a small word."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LONGEST = 3
_SMALL = Path(__file__).with_name("words") / "small.toml"
_LINK = re.compile(r"https?://\S+|www\.\S+")
_NAME = re.compile(r"(?<!\w)@\w+")
_PART = re.compile(r"[.!?;:,()\[\]\"“”„\n]+|\s[-–—]+\s|\.\.\.")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@cache
def small_words() -> frozenset[str]:
    """The small words of all languages that ship."""
    listed = tomllib.loads(_SMALL.read_text(encoding="utf-8"))
    return frozenset(word for words in listed.values() for word in words.split())


def parts(text: str) -> Iterator[list[str]]:
    """The words between two signs, as written; names of accounts and links are left out, and end a part."""
    bare = _NAME.sub(" . ", _LINK.sub(" . ", html.unescape(text).replace("’", "'")))
    for part in _PART.split(bare):
        words = _WORD.findall(part)
        if words:
            yield words


def is_small(word: str) -> bool:
    """A small word, a number, or a letter by itself."""
    return word in small_words() or len(word) < 3 or not any(sign.isalpha() for sign in word)


def phrases(text: str, longest: int = LONGEST) -> list[tuple[str, str]]:
    """Each phrase of a text, in lower case and as written, in order of place; a phrase may come twice."""
    found: list[tuple[str, str]] = []
    for words in parts(text):
        lower = [word.casefold() for word in words]
        small = [is_small(word) for word in lower]
        for start in range(len(words)):
            if small[start]:
                continue
            # A phrase of three may hold a small word in its middle: "quality of service"; of two it has none.
            ends = (end for end in range(start + 1, min(start + longest, len(words)) + 1) if not small[end - 1])
            found += [(" ".join(lower[start:end]), " ".join(words[start:end])) for end in ends]
    return found
