"""What is wrong with a playbook: every problem with its file, line and, where one is near, what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from aboveboard.ledger.errors import AboveboardError


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong. `line` counts from one; 0 is the file as a whole. `suggestion` is the nearest that would do."""

    file: str
    line: int
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" (did you mean {self.suggestion}?)" if self.suggestion else "")


class PlaybookError(AboveboardError):
    """The playbook cannot be used. `problems` holds all that is wrong, in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.file, each.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that looks most like `word`, if any does."""
    near = get_close_matches(word.lower(), known, n=1) or get_close_matches(word, known, n=1)
    return near[0] if near else None
