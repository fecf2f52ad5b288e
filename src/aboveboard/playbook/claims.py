"""Claims of a playbook: laid over those that ship, and their words as patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from aboveboard.ledger.errors import AboveboardError

if TYPE_CHECKING:
    from aboveboard.playbook.model import Claim

SHIPPED: tuple[str, ...] = (
    "asked-superior",
    "checked",
    "reserved",
    "refunded",
    "changed",
    "will-do",
    "policy-forbids",
    "not-possible",
    "fixed",
)
"""The claims that ship: a playbook may change parts of them."""

_NEEDED = ("says", "words", "evidence")


class WordsError(AboveboardError):
    """Words between strokes are no regular expression."""


def missing(claim: Claim) -> tuple[str, ...]:
    """Return the keys that a claim must state and does not; one that ships may leave out any."""
    return () if claim.name in SHIPPED else tuple(key for key in _NEEDED if not getattr(claim, key))


def overlaid(shipped: Mapping[str, Claim], own: Mapping[str, Claim]) -> dict[str, Claim]:
    """Return the claims that apply: the shipped ones, changed where the playbook says so, then the playbook's own.

    What an entry of `own` states wins over the shipped entry of its name; its words are added to the shipped ones. Every
    claim that comes out has `same` and `commitment`.
    """
    changed = {name: _changed(claim, own[name]) if name in own else claim for name, claim in shipped.items()}
    applied = changed | {name: claim for name, claim in own.items() if name not in shipped}
    return {name: _complete(claim) for name, claim in applied.items()}


def _complete(claim: Claim) -> Claim:
    return replace(claim, same=claim.same or "subject", commitment=bool(claim.commitment))


def _changed(shipped: Claim, own: Claim) -> Claim:
    stated = {part.name: getattr(own, part.name) for part in fields(own)}
    languages = dict.fromkeys((*shipped.words, *own.words))
    words = {code: tuple(dict.fromkeys((*shipped.words.get(code, ()), *own.words.get(code, ())))) for code in languages}
    return replace(shipped, **{name: value for name, value in stated.items() if value is not None} | {"words": words})


def pattern(words: str) -> re.Pattern[str]:
    """Return words as a pattern that knows no capitals: a phrase as whole words, `/…/` as a regular expression.

    A blank in a phrase stands for any white space. Raises WordsError where a regular expression is none, or matches
    nothing at all.
    """
    if not (words.startswith("/") and words.endswith("/") and len(words) > 1):
        phrase = r"\s+".join(re.escape(word) for word in words.split())
        return re.compile(rf"(?<!\w){phrase}(?!\w)", re.IGNORECASE)
    try:
        found = re.compile(words[1:-1], re.IGNORECASE)
    except re.error as error:
        raise WordsError(f"{words!r} is no regular expression: {error}") from None
    if found.fullmatch(""):
        raise WordsError(f"{words!r} matches where there are no words at all")
    return found
