"""What can be wrong with a mapping, or with the files that it is laid over."""

from __future__ import annotations

from collections.abc import Iterable

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.problems import ProblemsError, nearest


class MappingError(ProblemsError):
    """A mapping is wrong, or does not fit the files it was given. `problems` says each thing once."""


class FilesError(AboveboardError):
    """An export file is absent, cannot be opened, or is not what its name says."""

    exit_code = 3


def meant(word: str, known: Iterable[str], *, otherwise: str = "Known") -> str:
    """ "Did you mean …?", or the list of what is known where nothing is near; empty where nothing is known."""
    names = sorted({str(name) for name in known})
    if near := nearest(word, names):
        return f"Did you mean `{near}`?"
    if not names:
        return ""
    shown = ", ".join(names[:30]) + (", …" if len(names) > 30 else "")
    return f"{otherwise}: {shown}."
