"""What is wrong with a file that people write, a playbook or a mapping: every problem with its place, and what was meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from aboveboard.ledger.errors import AboveboardError


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong. `line` counts from one; 0 is the file as a whole.

    `suggestion` is the nearest that would do, `hint` a sentence on what to do.
    """

    file: str
    line: int
    message: str
    suggestion: str | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        meant = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{place}: {self.message}{meant}" + (f" {self.hint}" if self.hint else "")


class ProblemsError(AboveboardError):
    """A file that people write cannot be used. `problems` holds all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlaybookError(ProblemsError):
    """The playbook cannot be used. `problems` are in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(sorted(problems, key=lambda each: (each.file, each.line)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like `word`, in whatever case, if any does."""
    lowered = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), lowered, n=1)
    return lowered[near[0]] if near else None
