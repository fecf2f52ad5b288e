"""What holds of a version before it is stored."""

from __future__ import annotations

from aboveboard.ledger.errors import AboveboardError


class PlaybookVersionError(AboveboardError):
    """A version cannot be made, or none is in force; the text says why and what to do."""

    exit_code = 2
