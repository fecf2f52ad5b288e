"""What can be wrong with a condition, said with the place in its text."""

from __future__ import annotations

from aboveboard.ledger.errors import AboveboardError


class ConditionError(AboveboardError):
    """A condition cannot be understood, or does not fit the columns.

    `message` says what is wrong, `sql` is the text as written, `at` the offset in it of the first character that is
    wrong (None where it is the whole), `suggestion` the nearest thing that would do.
    """

    def __init__(self, message: str, *, sql: str, at: int | None = None, suggestion: str | None = None) -> None:
        self.message, self.sql, self.at, self.suggestion = message, sql, at, suggestion
        super().__init__(self._says())

    @property
    def excerpt(self) -> str:
        """The text around the place, on one line."""
        return shortened(self.sql, self.at or 0)

    def _says(self) -> str:
        place = f"in: {self.excerpt}" if self.at is None else f"character {self.at + 1} of: {self.excerpt}"
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{self.message} ({place}){hint}"


def shortened(sql: str, at: int = 0, *, width: int = 90) -> str:
    """Return the text on one line, cut to what stands around offset `at`."""
    start = max(0, at - width // 2) if len(sql) > width else 0
    piece = " ".join(sql[start : start + width].split())
    return ("…" if start else "") + piece + ("…" if start + width < len(sql) else "")
