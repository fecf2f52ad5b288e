"""What a rule, a switch or a file can have wrong."""

from __future__ import annotations

from aboveboard.ledger.errors import AboveboardError


class WordingError(AboveboardError):
    """A rule cannot be read, or a name is no rule or language: says which, and what was probably meant."""


class UnreadableError(AboveboardError):
    """A file holds no text that can be linted."""

    exit_code = 3
