"""Which language a text is in: its function words tell, and where they do not, a statistical guesser.

Function words are counted first because messages are short: "Sure, no problem" gives a guesser of a hundred languages too
little to go by. The guesser (py3langid: Lui and Baldwin 2012, langid.py, ACL demo session, 25–30) is loaded only when it
is asked, for it takes most of a second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from aboveboard.wording.lexicon import folded, lexicon

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
MOST_READ = 2000
"""So many characters are enough to know a language by."""
CLEAR = 0.25
"""From this share of function words on, with twice as many as in any other language, nothing else is asked."""
SURE = 0.8
"""The guesser's probability from which on a language without rules is believed."""
SHORT = 4
"""Texts of fewer words than this are not left unread because the guesser thinks of some other language."""


def detect(text: str, codes: Sequence[str]) -> str | None:
    """The language of `text` among `codes`; None where it is another one, or where there are no words.

    A text that could be several is the first of `codes` that fits best.
    """
    words = [folded(word) for word in _WORD.findall(text[:MOST_READ])]
    if not words:
        return None
    shares = {code: sum(word in lexicon(code).functions for word in words) / len(words) for code in codes}
    best, *others = sorted(codes, key=lambda code: -shares[code])
    next_best = max((shares[code] for code in others), default=0.0)
    if shares[best] >= CLEAR and shares[best] >= 2 * next_best:
        return best
    if not _is_latin(text):
        return None
    return _guessed(text[:MOST_READ], len(words), codes, best if shares[best] > next_best else None)


def _is_latin(text: str) -> bool:
    letters = "".join(_WORD.findall(text))
    return 2 * len(_LATIN.findall(letters)) >= len(letters)


def _guessed(text: str, words_count: int, codes: Sequence[str], leaning: str | None) -> str | None:
    ranked: list[tuple[str, float]] = _guesser().rank(text)
    language, probability = ranked[0]
    if language in codes:
        return leaning or language
    if words_count >= SHORT and (probability >= SURE or leaning is None):
        return None
    return leaning or next(code for code, _ in ranked if code in codes)


@cache
def _guesser() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
