"""What customers ask for that is not there: sentences that wish, miss or ask why there is none, and what it is they want."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aboveboard.analyses.voice import phrases
from aboveboard.analyses.voice.language import language_of

Row = dict[str, Any]
_WORDS = Path(__file__).with_name("words") / "requests.toml"
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+|\n|$)")
_MOST = 300


@dataclass(frozen=True)
class Way:
    """One way of asking: tried where a sentence holds one of `needs`; its group `wanted` is what is asked for."""

    id: str
    needs: tuple[str, ...]
    match: re.Pattern[str]


@dataclass(frozen=True)
class Language:
    """The ways of asking of a language, and what withdraws a match."""

    code: str
    ways: tuple[Way, ...]
    stops: re.Pattern[str]


@cache
def languages() -> tuple[Language, ...]:
    """The languages that have ways of asking."""
    tree = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return tuple(
        Language(
            code,
            tuple(
                Way(f"{code}.{one['name']}", tuple(one["needs"]), re.compile(one["match"] + held["end"], re.IGNORECASE))
                for one in held["pattern"]
            ),
            re.compile(held["stops"], re.IGNORECASE),
        )
        for code, held in tree.items()
    )


def requests(texts: Sequence[str]) -> list[Row]:
    """Of each different text its requests, one per sentence: of_text, wanted, about, sentence, start, pattern, language.

    `about` gathers requests: of the words in `wanted` that carry matter the one that most requests share.
    """
    found = [row for text in texts for row in _of(text)]
    spoken = [sorted(set(_matter(row["wanted"]))) for row in found]
    often = Counter(word for words in spoken for word in words)
    for row, words in zip(found, spoken, strict=True):
        row["about"] = min(words, key=lambda word: (-often[word], row["wanted"].casefold().find(word)), default=None)
    return [row for row in found if row["about"] is not None]


def _matter(wanted: str) -> Iterator[str]:
    for words in phrases.parts(wanted):
        yield from (word.casefold() for word in words if not phrases.is_small(word.casefold()))


def _of(text: str) -> Iterator[Row]:
    plain = text.replace("’", "'")
    code = language_of(text)
    for place in _SENTENCE.finditer(plain):
        sentence = place.group().strip()
        for language in languages():
            # A long text in another language is not asked; of a short one the pattern itself must tell.
            if code is not None and code != language.code:
                continue
            row = _asked(sentence, language)
            if row is not None:
                start = place.start() + len(place.group()) - len(place.group().lstrip())
                yield row | {"of_text": text, "start": start}
                break


def _asked(sentence: str, language: Language) -> Row | None:
    lower = sentence.casefold()
    for way in language.ways:
        if any(word in lower for word in way.needs):
            match = way.match.search(sentence)
            if match and not language.stops.search(sentence):
                wanted = " ".join(match["wanted"].split())
                shown = " ".join(sentence.split())
                shown = shown if len(shown) <= _MOST else shown[:_MOST].rsplit(" ", 1)[0] + "…"
                return {"wanted": wanted, "sentence": shown, "pattern": way.id, "language": language.code}
    return None
