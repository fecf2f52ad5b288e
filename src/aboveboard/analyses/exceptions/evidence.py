"""What a refusal rests on: four classes of evidence, what events say of it, and the words of a reason that mean one of them.

The words are a list, to be read and argued about. A reason that names the rule itself ("policy", "our terms") is no evidence: the
rule is what is in question. Abuse is on no list: it needs a finding (`abuse`), for a word is quickly written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

ABUSE, NONE = "abuse", "none"
STATED = ("law", "safety", "impossible")
"""What `attributes.evidence` may say and be believed."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "law": (
        "against the law", "by law", "the law", "unlawful", "illegal", "legally required", "legal requirement",
        "legal obligation", "statutory", "court order", "regulator*", "licence", "license", "under age", "underage",
        "age limit", "data protection", "gdpr", "sanctions", "customs",
    ),
    "safety": (
        "safety", "unsafe", "not safe", "danger*", "hazard*", "allerg*", "risk of injury", "health risk",
        "contaminat*", "fire risk",
    ),
    "impossible": (
        "impossible", "not possible", "out of stock", "sold out", "fully booked", "discontinued", "no longer made",
        "no longer exists", "does not exist", "no capacity", "already used", "already gone",
    ),
}  # fmt: skip
"""Per class the words and phrases of a reason that mean it, in small letters; a star stands for any ending."""
HIDING = ("policy", "policies", "rule", "rules", "terms", "procedure")
"""Beside these words "not possible" only means that somebody does not allow it."""


def by_words(reason: Any, words: Mapping[str, Sequence[str]] = WORDS) -> Any:
    """The class that the words of a reason mean, as a string expression; absent where they mean none of them.

    Whole words only, whatever their case. The first class of the list wins.
    """
    said = reason.lower()
    hides = said.re_search(_any_of(HIDING))
    meant = [
        (said.re_search(_any_of(phrases)) & ~hides if name == "impossible" else said.re_search(_any_of(phrases)), name)
        for name, phrases in words.items()
    ]
    return ibis.cases(*((found.fill_null(False), name) for found, name in meant), else_=ibis.null("string"))


def _any_of(phrases: Sequence[str]) -> str:
    # Every engine knows this much of regular expressions; \b they write differently.
    inner = "|".join(phrase.replace("*", "[a-z]*") for phrase in phrases)
    return f"(^|[^a-z])({inner})([^a-z]|$)"
