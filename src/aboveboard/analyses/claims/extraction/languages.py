"""Which language a message is in, where it is long enough to tell.

Short messages are taken for what the pattern says they are: the patterns of one language hardly ever fit another. In longer
ones the small words tell; only where they do not is the guesser asked (py3langid: Lui and Baldwin 2012, langid.py, ACL
system demonstrations, 25–30), whose model takes a third of a second to load.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LONG = 60
"""From this many characters on the language is looked at, and a pattern of another one does not count."""
SURE = 3
"""So many different small words of a language settle it."""
_NEAR = ("en", "de", "nl", "da", "sv", "no", "fr", "es", "it", "pt", "pl", "lb", "af")
_WORD = re.compile(r"[^\W\d_]+")
# Words that the other languages of _NEAR do not share.
_SMALL = {
    "en": frozenset(("the", "and", "your", "you", "are", "have", "been", "with", "this", "that", "it", "to", "of", "our", "my")),
    "de": frozenset(("der", "und", "ist", "sie", "ihr", "ihre", "ihnen", "ich", "wir", "nicht", "mit", "das", "auf", "für")),
}  # fmt: skip


def may_be(text: str, code: str) -> bool:
    """Whether a text in lower case may be in the language `code`: it is too short to tell, or looks like it."""
    if len(text) < LONG or len(_SMALL[code].intersection(_WORD.findall(text[:400]))) >= SURE:
        return True
    guess, _ = _guesser().classify(text[:400])
    return bool(guess == code)


@cache
def _guesser() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    guesser = LanguageIdentifier.from_model_file(MODEL_FILE)
    guesser.set_languages(list(_NEAR))
    return guesser
