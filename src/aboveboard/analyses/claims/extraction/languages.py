"""Which language a message is in, where it is long enough to tell.

Short messages are taken for what the pattern says they are: the patterns of one language hardly ever fit another.
"""

from __future__ import annotations

from functools import cache
from typing import Any

LONG = 60
"""From this many characters on the language is guessed, and a pattern of another one does not count."""
_NEAR = ("en", "de", "nl", "da", "sv", "no", "fr", "es", "it", "pt", "pl", "lb", "af")


def may_be(text: str, code: str) -> bool:
    """Whether a text may be in the language `code`: it is too short to tell, or the guess says so."""
    if len(text) < LONG:
        return True
    guess, _ = _guesser().classify(text[:400])
    return bool(guess == code)


@cache
def _guesser() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    guesser = LanguageIdentifier.from_model_file(MODEL_FILE)
    guesser.set_languages(list(_NEAR))
    return guesser
