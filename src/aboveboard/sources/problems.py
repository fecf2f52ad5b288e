"""What can be wrong with a mapping: every problem with its line, gathered so that one run names them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from aboveboard.ledger.errors import AboveboardError


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where (line counted from one; 0 is the file as a whole), what, and what would be right."""

    file: str
    line: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message}" + (f" {self.suggestion}" if self.suggestion else "")


class MappingError(AboveboardError):
    """A mapping is wrong, or does not fit the files it was given. `problems` says each thing once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FilesError(AboveboardError):
    """An export file is absent, cannot be opened, or is not what its name says."""

    exit_code = 3


def nearest(word: str, known: Iterable[str], *, otherwise: str = "Known") -> str:
    """ "Did you mean …?", or the list of what is known where nothing is near; empty where nothing is known."""
    names = sorted({str(name) for name in known})
    lowered = {name.lower(): name for name in names}
    if near := get_close_matches(word.lower(), lowered, n=1, cutoff=0.6):
        return f"Did you mean `{lowered[near[0]]}`?"
    if not names:
        return ""
    shown = ", ".join(names[:30]) + (", …" if len(names) > 30 else "")
    return f"{otherwise}: {shown}."
