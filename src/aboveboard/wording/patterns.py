"""The grammar in which rules are written, and how a pattern becomes a regular expression over a line (`tokens.Line`).

    supposed                  the word, in any case; fillers may stand before it
    understaff*               every word that begins so
    (manager|team leader)     one of these
    very?  (so very)?         may be left out
    @we                       one of a class of the language's lexicon
    ~3                        up to three words, within the sentence
    #                         a number
    ~3+                       the same, but none of them is a negation
    !never  !(not|never)      the next word is none of these
    <start> <end>             the sentence starts or ends here
    <question> <statement>    the sentence from here on ends in a question mark, or does not

A pattern is found by one of its `keys`, of the words that it cannot do without the rarest kind, and looked for only in lines
that have all that it `needs`: of every such kind a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from aboveboard.wording import contractions
from aboveboard.wording.errors import WordingError
from aboveboard.wording.lexicon import Lexicon, folded

_FILLERS = r"(?: ~[^ ]+)*"
_GAP = r"(?: ~[^ ]+)*(?: [^ ~^.?!][^ ]*)"
_ANCHORS = {
    "<start>": r" \^",
    "<end>": r"(?=(?: ~[^ ]+)* [.?!] )",
    "<question>": r"(?=[^^.?!]*\?)",
    "<statement>": r"(?![^^.?!]*\?)",
}
_ITEM = re.compile(r"\s*(?:(<\w+>)|~(\d+\+?)|(@[a-z-]+)|([^\s()|?!@~<>#]+|#)|([()|?!]))")


@dataclass(frozen=True)
class Pattern:
    """One pattern. `keys` are words of which a line must hold one; a key that ends in `*` is the start of a word.

    `needs` are sets of words, of each of which it must hold one.
    """

    written: str
    regex: str
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...]

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex + "(?= )")


@dataclass(frozen=True)
class _Part:
    """A piece of a pattern: its regular expression, and the sets of words of each of which one must be there."""

    regex: str
    needs: tuple[frozenset[str], ...] = ()


def parse(written: str, lexicon: Lexicon) -> Pattern:
    """Read a pattern; raises WordingError, which shows it, where it is none."""
    try:
        reading = _Reading(list(_items(written)), lexicon)
        part = reading.alternatives()
        if reading.at < len(reading.items):
            raise _Broken(f"there is a {reading.items[reading.at]!r} too many")
    except _Broken as broken:
        raise WordingError(f"pattern {written!r}: {broken}") from None
    if not part.needs:
        raise WordingError(f"pattern {written!r}: it holds no word that must be there")
    whole = tuple(dict.fromkeys(keys for keys in part.needs if not any(key.endswith("*") for key in keys)))
    return Pattern(written, part.regex, _rarest(part.needs, lexicon), whole)


class _Broken(Exception):  # noqa: N818 - it does not leave this module
    """What is wrong with a pattern."""


def _items(written: str) -> Iterator[str]:
    at = 0
    while at < len(written.rstrip()):
        match = _ITEM.match(written, at)
        if match is None:
            raise _Broken(f"{written[at:].strip()!r} is not part of the grammar")
        anchor, gap, name, word, sign = match.groups()
        yield anchor or (f"~{gap}" if gap else None) or name or word or sign
        at = match.end()


class _Reading:
    """Reads items from left to right, by recursive descent."""

    def __init__(self, items: list[str], lexicon: Lexicon, inside: tuple[str, ...] = ()) -> None:
        self.items, self.lexicon, self.inside, self.at = items, lexicon, inside, 0

    def alternatives(self) -> _Part:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return _either(options, self.lexicon)

    def _sequence(self) -> _Part:
        parts = []
        while self.at < len(self.items) and self.items[self.at] not in ("|", ")"):
            parts.append(self._one())
        if not parts:
            raise _Broken("an alternative is empty")
        return _joined(parts)

    def _one(self) -> _Part:
        if self._take("!"):
            return _Part(f"(?!{_FILLERS}{self._atom().regex} )")
        part = self._atom()
        if self._take("?"):
            return _Part(f"(?:{part.regex})?")
        return part

    def _atom(self) -> _Part:
        if self.at >= len(self.items):
            raise _Broken("it ends too soon")
        item = self.items[self.at]
        self.at += 1
        if item == "(":
            part = self.alternatives()
            if not self._take(")"):
                raise _Broken("a ( is not closed")
            return part
        if item in "|)?!":
            raise _Broken(f"a {item!r} stands where a word must")
        if item.startswith("<"):
            if item not in _ANCHORS:
                raise _Broken(f"{item} is none of {', '.join(_ANCHORS)}")
            return _Part(_ANCHORS[item])
        if item.startswith("~"):
            most, plain = item[1:].rstrip("+"), item.endswith("+")
            return _Part(f"(?:{self._unnegated if plain else ''}{_GAP}){{0,{int(most)}}}?")
        return self._class(item[1:]) if item.startswith("@") else self._word(item)

    @property
    def _unnegated(self) -> str:
        return f"(?!{_FILLERS} ~?(?:{'|'.join(map(re.escape, self.lexicon.negations))}) )"

    def _class(self, name: str) -> _Part:
        if name not in self.lexicon.classes or name in self.inside:
            raise _Broken(f"there is no class @{name}; there are {', '.join(sorted(self.lexicon.classes))}")
        phrases = self.lexicon.classes[name]
        return _either([self._phrase(phrase, name) for phrase in phrases], self.lexicon)

    def _phrase(self, phrase: str, name: str) -> _Part:
        return _Reading(list(_items(phrase)), self.lexicon, (*self.inside, name)).alternatives()

    def _word(self, item: str) -> _Part:
        if item == "#":
            return _Part(rf"{_FILLERS} \d[^ ]*")
        if item.endswith("*"):
            return _Part(f"{_FILLERS} ~?{re.escape(folded(item[:-1]))}[^ ]*", (frozenset({folded(item)}),))
        # A contraction is written as people write it, and read as the words it stands for.
        parts = [self._plain(word) for word, _ in contractions.expanded(item, 0, self.lexicon)]
        return _joined(parts)

    def _plain(self, word: str) -> _Part:
        words = (word, *self.lexicon.alike.get(word, ()))
        regex = re.escape(word) if len(words) == 1 else f"(?:{'|'.join(map(re.escape, words))})"
        return _Part(f"{_FILLERS} ~?{regex}", (frozenset(words),))

    def _take(self, item: str) -> bool:
        if self.at < len(self.items) and self.items[self.at] == item:
            self.at += 1
            return True
        return False


def _joined(parts: list[_Part]) -> _Part:
    return _Part("".join(part.regex for part in parts), tuple(keys for part in parts for keys in part.needs))


def _either(options: list[_Part], lexicon: Lexicon) -> _Part:
    if len(options) == 1:
        return options[0]
    regex = f"(?:{'|'.join(option.regex for option in options)})"
    if not all(option.needs for option in options):
        return _Part(regex)
    return _Part(regex, (frozenset().union(*(_rarest(option.needs, lexicon) for option in options)),))


def _rarest(needs: tuple[frozenset[str], ...], lexicon: Lexicon) -> frozenset[str]:
    """Of the words of which one must be there: those that are found least often. Function words are found everywhere."""
    return min(needs, key=lambda keys: _commonness(keys, lexicon))


def _commonness(keys: frozenset[str], lexicon: Lexicon) -> tuple[int, int, list[str]]:
    return sum(10 if key in lexicon.functions else 1 for key in keys), -min(map(len, keys)), sorted(keys)


class Index:
    """Patterns by their keys: which ones could match a line."""

    def __init__(self) -> None:
        self._words: dict[str, list[tuple[int, Pattern]]] = {}
        self._starts: dict[str, list[tuple[int, Pattern]]] = {}
        self._lengths: tuple[int, ...] = ()

    def add(self, pattern: Pattern, owner: int) -> None:
        """Add a pattern; `owner` is what `candidates` gives back with it."""
        for key in pattern.keys:
            where = self._starts if key.endswith("*") else self._words
            where.setdefault(key.rstrip("*"), []).append((owner, pattern))
        self._lengths = tuple(sorted({len(start) for start in self._starts}))

    def patterns(self) -> Iterator[Pattern]:
        """All of them; one that has several keys comes several times."""
        for held in (*self._words.values(), *self._starts.values()):
            yield from (pattern for _, pattern in held)

    def candidates(self, words: frozenset[str]) -> Iterator[tuple[int, Pattern]]:
        """The patterns one of whose keys is among the words, each once."""
        seen: set[int] = set()
        for word in sorted(words):
            held = [self._words.get(word, ())]
            held += [self._starts.get(word[:length], ()) for length in self._lengths if length <= len(word)]
            for owner, pattern in (pair for pairs in held for pair in pairs):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    if not any(keys.isdisjoint(words) for keys in pattern.needs):
                        yield owner, pattern
