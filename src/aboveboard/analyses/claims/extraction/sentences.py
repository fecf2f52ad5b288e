"""A message as sentences, with what is not the writer's own taken out.

Everything keeps its place: what is taken out becomes blanks of the same length, so that a position in a sentence is
one in the message as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "\u00a0": " ", "\t": " ", "*": " ", "_": " "})
# Words of others: three or more between quotation marks, lines that quote a mail, and everything below its head.
_QUOTED = re.compile(
    r"„[^„“”\n]*[“”]|“[^“”\n]*”|«[^«»\n]*»|\"[^\"\n]{1,400}\"|^[ ]*>.*$"
    r"|^(?:on .{5,80} wrote|am .{5,80} schrieb.{0,60}|-----+ ?(?:original message|ursprüngliche nachricht).*):?[\s\S]*",
    re.MULTILINE | re.IGNORECASE,
)
_NOT_BLANK = re.compile(r"\S")
_END = re.compile(r"[.!?…]+[)\"'”“»]*(?=\s|$)|\n+|;\s|:\s+(?=(?:i|we|ich|wir|your|the|ihre?|die|der|das)\b)|\s[–—-]\s")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|nr|st|e\.g|i\.e|approx|ca|bzw|z\. ?b|d\. ?h|u\. ?a|usw|evtl|ggf|inkl|str|tel|abs|"
    r"vs|etc|fr|hr|prof|jan|feb|aug|sept?|okt|oct|nov|de[cz]))\.$"
)
_DAY = re.compile(r"\b\d{1,2}\.$")
_MONTH = re.compile(r" (?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez|\d)")


LONGEST = 1_000
"""No sentence is longer: what has no full stop for so long is cut, or hostile text would cost the square of its length."""


def plain(text: str) -> str:
    """The text in lower case with straight apostrophes and without others' words; every character keeps its place."""
    lower = text.translate(_STRAIGHT).lower()
    if len(lower) != len(text):  # a few letters (İ) grow when they become small
        lower = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text.translate(_STRAIGHT))
    return _QUOTED.sub(_blank, lower) if _QUOTED.search(lower) else lower


def spans(plain_text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends. A semicolon and a dash between spaces end one too."""
    start = 0
    for end in _ends(plain_text):
        for first in range(start, end, LONGEST):
            last = min(first + LONGEST, end)
            if not plain_text[first:last].isspace():
                yield first, last
        start = end


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match.group()[0] != "." or not _is_no_end(text, match.start(), match.end()):
            yield match.end()
    yield len(text)


def _is_no_end(text: str, dot: int, after: int) -> bool:
    """Whether a full stop belongs to an abbreviation or to a day ("am 5. mai") rather than ends a sentence."""
    before = text[max(0, dot - 8) : dot + 1]
    if _DAY.search(before):
        return _MONTH.match(text, after) is not None
    return _ABBREVIATION.search(before) is not None and text[after : after + 1] == " "


def _blank(match: re.Match[str]) -> str:
    words = match.group()
    if words[0] in '„“«"' and len(words.split()) < 3:
        return " " + words[1:-1] + " "  # a name in quotation marks is the writer's own word
    return _NOT_BLANK.sub(" ", words)
