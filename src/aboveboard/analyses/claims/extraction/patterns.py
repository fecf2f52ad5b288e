"""Which words may make which claim: the patterns and guards of each language, read from `words/<language>.toml`.

A pattern proposes that some words make a claim. A guard withdraws it: a question, a condition, what somebody else said.
What is left is told apart by its reason (`grounds`) and goes to the trained model (`model`), which has the last word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aboveboard.analyses.claims.extraction import sentences

LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).with_name("words")
_NAMED = re.compile(r"\{([a-z]\w*)\}")
_STRONGER = {"not-possible": "policy-forbids"}
"""A claim that says no more when the same sentence makes the other: what a rule forbids is not possible either."""


@dataclass(frozen=True)
class Pattern:
    """Words that make `claim`; tried where the text holds one of `needs`. `kind` is the act of a commitment; `own`
    marks one from a playbook."""

    id: str
    claim: str
    needs: tuple[str, ...]
    match: re.Pattern[str]
    kind: str | None = None
    own: bool = False


@dataclass(frozen=True)
class Guard:
    """Words around a match that withdraw it. `where` they stand: before, just-before, after, sentence or message.

    `claims` and `kinds` (of commitments) are what it stops; empty: all.
    """

    id: str
    where: str
    match: re.Pattern[str]
    claims: frozenset[str]
    kinds: frozenset[str] = frozenset()

    def stops(self, pattern: Pattern, message: str, sentence: str, start: int, end: int) -> bool:
        """Whether it withdraws what `pattern` proposes from `start` to `end` of the sentence."""
        if (self.claims and pattern.claim not in self.claims) or (self.kinds and pattern.kind not in self.kinds):
            return False
        words = {"after": sentence[end:], "sentence": sentence, "message": message}.get(self.where, sentence[:start])
        return self.match.search(words) is not None


@dataclass(frozen=True)
class Grounds:
    """Words of a sentence that give a rule as the reason why not, and words that give the world as the reason (see `grounds`)."""

    rule: re.Pattern[str]
    world: re.Pattern[str]


@dataclass(frozen=True)
class Language:
    """All patterns, guards and grounds of one language."""

    code: str
    patterns: tuple[Pattern, ...]
    guards: tuple[Guard, ...]
    grounds: Grounds


@dataclass(frozen=True)
class Candidate:
    """Words that a pattern proposes and no guard withdraws. `sentence`, `start` and `end` count from the text's start."""

    claim: str
    pattern: Pattern
    language: str
    sentence: tuple[int, int]
    start: int
    end: int


@cache
def language(code: str) -> Language:
    """The patterns and guards of `code`. Raises KeyError naming a `{word}` that the file does not define."""
    tree = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = tree["words"]
    return Language(
        code,
        tuple(_pattern(code, entry, words) for entry in tree["pattern"]),
        tuple(_guard(code, entry, words) for entry in tree["guard"]),
        Grounds(**{name: _compiled(match, words) for name, match in tree["grounds"].items()}),
    )


def candidates(plain_text: str, code: str, own: Iterable[tuple[str, re.Pattern[str]]] = ()) -> list[Candidate]:
    """What the patterns of a language propose and its guards let stand, in order of place.

    `plain_text` is the message as `sentences.plain` gives it. Of overlapping words that make one claim the longest stand.
    `own` are words of a playbook: the claim, and the pattern that makes it.
    """
    book = language(code)
    tried = [pattern for pattern in book.patterns if any(map(plain_text.__contains__, pattern.needs))]
    tried += [Pattern(f"{code}.own", claim, ("",), match, own=True) for claim, match in own if match.search(plain_text)]
    if not tried:
        return []
    found: list[Candidate] = []
    for sentence in sentences.spans(plain_text):
        found += _in_sentence(plain_text, sentence, tried, book)
    return found


def _in_sentence(message: str, place: tuple[int, int], tried: Iterable[Pattern], book: Language) -> list[Candidate]:
    words, found = message[slice(*place)], []
    for pattern in tried:
        if not any(map(words.__contains__, pattern.needs)):
            continue
        for match in pattern.match.finditer(words):
            start, end = match.span()
            if _asked(words, end) or any(guard.stops(pattern, message, words, start, end) for guard in book.guards):
                continue
            found.append(Candidate(pattern.claim, pattern, book.code, place, place[0] + start, place[0] + end))
    return list(_strongest(found))


def _asked(sentence: str, end: int) -> bool:
    """A question claims nothing, unless what it asks comes after the claim: "I have booked it, is that all right?"."""
    if not sentence.rstrip().endswith("?"):
        return False
    return re.match(r"[^,]*,\s*(?:is|are|do|does|would|can|could|will|shall|anything|ist|passt|kann|können|soll)\b",
                    sentence[end:]) is None  # fmt: skip


def _strongest(found: list[Candidate]) -> Iterator[Candidate]:
    claims = {candidate.claim for candidate in found}
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda c: (c.start - c.end, c.start, c.pattern.id)):
        weaker = _STRONGER.get(one.claim) in claims
        overlaps = any(one.claim == other.claim and one.start < other.end and other.start < one.end for other in kept)
        if not (weaker or overlaps):
            kept.append(one)
    yield from sorted(kept, key=lambda c: (c.start, c.claim))


def _pattern(code: str, entry: dict[str, Any], words: dict[str, str]) -> Pattern:
    name = f"{code}.{entry['id']}"
    return Pattern(name, entry["claim"], tuple(entry["needs"]), _compiled(entry["match"], words), entry.get("kind"))


def _guard(code: str, entry: dict[str, Any], words: dict[str, str]) -> Guard:
    name = f"{code}.{entry['id']}"
    claims, kinds = (frozenset(entry.get(key, ())) for key in ("claims", "kinds"))
    return Guard(name, entry["where"], _compiled(entry["match"], words), claims, kinds)


def _compiled(match: str, words: dict[str, str]) -> re.Pattern[str]:
    while _NAMED.search(match):
        match = _NAMED.sub(lambda named: words[named.group(1)], match)
    return re.compile(match)
