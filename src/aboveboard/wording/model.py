"""What the linter works with: rules, and the remarks that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Audience = Literal["customer", "internal"]
"""`customer`: words said to customers; `internal`: words said about them, behind the curtain."""
Severity = Literal["error", "warning", "note"]

AUDIENCES: tuple[Audience, ...] = ("customer", "internal")
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Wordings:
    """One rule in one language.

    `patterns` are remarked on. One that overlaps an `exceptions` pattern is not, nor one that
    has a `redeemed` pattern beside it (the sentence before to two after): what makes the words right, as the reason and
    the way out do beside a rule.
    `rewrites` are (pattern, text): what stands there may be replaced by the text. `better` is advice in words.
    `flagged` and `fine` are example sentences; the tests hold them.
    """

    better: str
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    redeemed: tuple[str, ...] = ()
    rewrites: tuple[tuple[str, str], ...] = ()
    flagged: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule of the linter. `wordings` holds it by language code (`en`, `de`)."""

    id: str
    name: str
    why: str
    audience: Audience
    severity: Severity
    wordings: Mapping[str, Wordings] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """A change that keeps the content: replace `text[start:end]` by `to`."""

    start: int
    end: int
    to: str


@dataclass(frozen=True)
class Remark:
    """One place that a rule speaks of: `words` is `text[start:end]`, counted in characters.

    `better` is the sentence put better where an `edit` does it, else advice in words. `severity` is the rule's, or `note` where
    the words only look like it.
    """

    rule: str
    start: int
    end: int
    words: str
    why: str
    better: str
    language: str
    severity: Severity
    edit: Edit | None = None
