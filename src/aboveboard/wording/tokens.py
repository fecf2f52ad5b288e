"""A text as the patterns read it: one line of folded words, each of which knows where it stands in the text.

The line of "We're not supposed to, please!" is ` ^ we are not supposed to ~please ! `. `^` starts a sentence, `.`, `!` and
`?` end it, `~` marks a filler, `{}` stands for a placeholder of a template. Every word has a blank before and after it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from aboveboard.wording import contractions
from aboveboard.wording.lexicon import Lexicon

START = "^"
ENDS = ".?!"
FILLER = "~"
PLACEHOLDER = "{}"

_PLACEHOLDERS = r"\{\{.*?\}\}|<%.*?%>|%\{\w+\}|\$\{[\w.]+\}|\{[\w.]+\}|\[\[\s*\w+\s*\]\]"
_TOKEN = re.compile(
    rf"(?P<skip>\{{%.*?%\}}|\{{#.*?#\}})|(?P<place>{_PLACEHOLDERS})"
    r"|(?P<link>https?://\S+|\S+@\S+\.\w+)|(?P<number>\d+(?:[.,:]\d+)*%?(?![^\W\d_]))"
    r"|(?P<word>[^\W\d_]+(?:['’ʼ`´][^\W\d_]+)*['’]?|[^\W_]+)"
    r"|(?P<end>[.!?…;]+|\n[ \t\r>]*\n\s*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Line:
    """The line, and where in the text each of its words stands."""

    text: str
    line: str
    offsets: Sequence[int]
    spans: Sequence[tuple[int, int]]
    words: frozenset[str]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text for `line[start:end]`, without what only leads up to it."""
        first, last = bisect_right(self.offsets, start) - 1, bisect_right(self.offsets, end - 1) - 1
        while first < last and self.line[self.offsets[first] + 1] in (START, FILLER):
            first += 1
        return self.spans[first][0], self.spans[last][1]

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the line for `text[start:end]`; empty where no word lies in it."""
        held = [
            number
            for number, span in enumerate(self.spans)
            if start <= span[0] and span[1] <= end and span[0] < span[1]
        ]
        if not held:
            return 0, 0
        return self.offsets[held[0]], self.offsets[held[-1]] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [at for at in self.offsets if self.line[at + 1] == START]

    def sentence_number(self, at: int) -> int:
        """Which sentence the place in the line is in, from one."""
        return bisect_right(self._starts, at)

    def sentence(self, start: int) -> tuple[int, int]:
        """The stretch of the line from the mark that starts the sentence around `start` to the one that ends it."""
        begins = self.line.rfind(f" {START} ", 0, start + 3)
        ends = min((at for at in (self.line.find(f" {mark} ", start) for mark in ENDS) if at >= 0), default=-1)
        return max(begins, 0), ends + 2 if ends >= 0 else len(self.line) - 1


def read(text: str, lexicon: Lexicon) -> Line:
    """The line of a text in a language."""
    found = _marked(_worded(text, lexicon), lexicon)
    offsets, parts, position = [], [], 0
    for word, _ in found:
        offsets.append(position)
        parts.append(" " + word)
        position += len(word) + 1
    return Line(
        text, "".join(parts) + " ", offsets, [span for _, span in found], frozenset(w.lstrip(FILLER) for w, _ in found)
    )


def _worded(text: str, lexicon: Lexicon) -> contractions.Found:
    """Words and marks in their order; a contraction is several words, each with a stretch of its own."""
    found: contractions.Found = []
    fresh = True
    for match in _TOKEN.finditer(text):
        kind, span = match.lastgroup, match.span()
        if kind == "skip":
            continue
        if kind == "end":
            if not fresh:
                found.append(("?" if "?" in match[0] else "!" if "!" in match[0] else ".", span))
            fresh = True
            continue
        if fresh:
            found.append((START, (span[0], span[0])))
            fresh = False
        if kind == "word":
            found += contractions.expanded(match[0], span[0], lexicon)
        else:
            found.append((PLACEHOLDER if kind == "place" else match[0].lower() if kind == "number" else "{link}", span))
    if not fresh:
        found.append((".", (len(text), len(text))))
    return found


def _marked(found: contractions.Found, lexicon: Lexicon) -> contractions.Found:
    """Set the filler mark before the words of fillers; the longest phrase counts."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in lexicon.fillers:
        by_first.setdefault(phrase[0], []).append(phrase)
    words = [word for word, _ in found]
    marked = list(found)
    at = 0
    while at < len(words):
        held = next((p for p in by_first.get(words[at], ()) if tuple(words[at : at + len(p)]) == p), ())
        for offset in range(len(held)):
            marked[at + offset] = (FILLER + words[at + offset], found[at + offset][1])
        at += len(held) or 1
    return marked
