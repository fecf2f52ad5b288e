"""Hostile files: what is given to `aboveboard import`, and what must come of it. Other modules here add their own.

    @case("a quote is never closed", recorded=2, rejected=1)
    def _(folder: Path) -> Path: ...

A case makes its file (or files, or files and a mapping) in the folder and says the exact counts, or a part of the error.
Nothing is stored: every file is made when its test runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Given:
    """What the import is called with."""

    files: tuple[Path, ...]
    mapping: Path | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """Either `error` (part of the message) or exact counts; `seconds` is when a hang is called a hang."""

    name: str
    make: Callable[[Path], Given | Path]
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    error: str | None = None
    seconds: int = 20
    slow: bool = False
    says: str | None = None
    lines: tuple[int, ...] | None = None

    def given(self, folder: Path) -> Given:
        made = self.make(folder)
        return made if isinstance(made, Given) else Given((made,))


CASES: list[Case] = []


def case(
    name: str,
    *,
    recorded: int = 0,
    known: int = 0,
    rejected: int = 0,
    error: str | None = None,
    seconds: int = 20,
    slow: bool = False,
    says: str | None = None,
    lines: tuple[int, ...] | None = None,
) -> Callable[[Callable[[Path], Given | Path]], Callable[[Path], Given | Path]]:
    """Register a hostile file. `says` is a part of a reason or note; `lines` are the physical lines of the rejects."""

    def register(make: Callable[[Path], Given | Path]) -> Callable[[Path], Given | Path]:
        assert all(other.name != name for other in CASES), f"two cases are called {name}"
        CASES.append(Case(name, make, recorded, known, rejected, error, seconds, slow, says, lines))
        return make

    return register
