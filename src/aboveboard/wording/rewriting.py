"""A sentence put better by taking out or replacing the words that a rule minds; what it says stays."""

from __future__ import annotations

import re
from functools import cache

from aboveboard.wording import patterns
from aboveboard.wording.lexicon import Lexicon
from aboveboard.wording.model import Edit, Wordings
from aboveboard.wording.tokens import Line

_LEADING = re.compile(r"[\s,;:–—-]*(?:(?:but|so|and|aber|also|und)\b[\s,]*)?", re.IGNORECASE)


@cache
def _pattern(written: str, lexicon_code: str) -> patterns.Pattern:
    from aboveboard.wording.lexicon import lexicon

    return patterns.parse(written, lexicon(lexicon_code))


def edit(line: Line, span: tuple[int, int], wordings: Wordings, lexicon: Lexicon) -> Edit | None:
    """The first rewrite of the rule that fits in the sentence of `span`, as a change of the text; None where none does.

    A replacement that ends a sentence takes nothing with it; one that is empty takes the comma or the "but" that followed,
    and what then starts the sentence gets its capital. Nothing is proposed that would leave no words.
    """
    begins, ends = line.sentence(span[0])
    for find, to in wordings.rewrites:
        match = _pattern(find, lexicon.code).compiled.search(line.line, begins, ends)
        if match and match.start() < span[1] and span[0] < match.end():
            return _edit(line, match.span(), (begins, ends), to)
    return None


def _edit(line: Line, match: tuple[int, int], sentence: tuple[int, int], to: str) -> Edit | None:
    start, end = line.span(*match)
    first, last = line.span(*sentence)
    if to:
        return Edit(start, end, _capital(to) if start <= first else to)
    text = line.text
    if start > first and not text[end:last].strip(" .!?,"):  # at the end of the sentence
        before = text[first:start].rstrip(" ,;:–—-")
        return Edit(first + len(before), end, "") if before else None
    left = _LEADING.match(text, end)
    end = left.end() if left else end
    if not text[end:last].strip(" .!?,"):
        return None
    if start > first:
        return Edit(start, end, "")
    return Edit(start, end + 1, text[end].upper())


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def better(line: Line, at: int, change: Edit) -> str:
    """The sentence at `at` with the change made."""
    first, last = line.span(*line.sentence(at))
    first, last = min(first, change.start), max(last, change.end)
    return line.text[first : change.start] + change.to + line.text[change.end : last]
