"""Which language a text is in, where it is long enough to tell (py3langid: Lui and Baldwin 2012, langid.py)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

LONG = 40
"""A shorter text has no language: guesses at it are wrong too often."""


@lru_cache(maxsize=100_000)
def language_of(text: str) -> str | None:
    """The language by code; None for a text shorter than LONG."""
    if len(text.strip()) < LONG:
        return None
    code, _ = _guesser().classify(text[:400])
    return str(code)


@cache
def _guesser() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
