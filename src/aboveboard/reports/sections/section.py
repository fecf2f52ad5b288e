"""A section of the report on all of the organisation: a question, its answer, figures with their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aboveboard.reports.exhibits import Figure, Row


@dataclass(frozen=True)
class Section:
    """One question and its answer.

    `anchor` is the section's id on the page, `kinds` the families of findings that lead to it ("handoff" for
    handoff.lost and its like). `numbers` are (key, number, what it is); `pairs` two statements each, side by side.
    """

    anchor: str
    title: str
    answer: str
    figures: Sequence[Figure]
    kinds: Sequence[str] = ()
    numbers: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    note: str = ""
    pairs: Sequence[Row] = ()
