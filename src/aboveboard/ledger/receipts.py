"""What came of an import: counts that add up, and where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Receipt:
    """read = recorded + known + rejected, always.

    `known` are events that the ledger, or the same file further up, holds already. `rejects` is the file of rejected
    rows (None: there are none), `by_reason` how many for which reason. `lacking` counts recorded events whose type
    needs a column that they do not fill: "order.placed without subject". `notes` say how a doubtful file was read.
    """

    read: int
    recorded: int
    known: int
    rejected: int
    rejects: Path | None = None
    by_reason: Mapping[str, int] = field(default_factory=dict)
    lacking: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: Path | None = None

    def __post_init__(self) -> None:
        if self.read != self.recorded + self.known + self.rejected:
            raise AssertionError(f"the counts of an import do not add up: {self}")


def total(receipts: Iterable[Receipt]) -> Receipt:
    """One receipt over several imports; paths are those of no one of them, and stay None."""
    kept = list(receipts)
    by_reason: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for receipt in kept:
        by_reason.update(receipt.by_reason)
        lacking.update(receipt.lacking)
    return Receipt(
        sum(r.read for r in kept), sum(r.recorded for r in kept), sum(r.known for r in kept), sum(r.rejected for r in kept),
        by_reason=dict(by_reason.most_common()), lacking=dict(lacking.most_common()),
        notes=tuple(note for r in kept for note in r.notes),
    )  # fmt: skip
