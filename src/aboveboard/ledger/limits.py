"""How much an import will swallow: bounds that no honest file meets, so that a dishonest one cannot fill the machine."""

from __future__ import annotations

from dataclasses import dataclass

from aboveboard.ledger.errors import LedgerError

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE
RATIO_COUNTS_FROM = 64 * MEGABYTE
"""Small files may shrink to next to nothing."""


@dataclass(frozen=True)
class Limits:
    """`unpacked_bytes` and `ratio` bound a compressed file (the ratio counts once `RATIO_COUNTS_FROM` bytes are out).

    `row_bytes` bounds one row of text, longer rows are rejected; `columns` the width of a table; `memory` and `threads` what
    the checks may take before they spill to disk (None: all processors).
    """

    unpacked_bytes: int = 200 * GIGABYTE
    ratio: float = 200.0
    row_bytes: int = 16 * MEGABYTE
    columns: int = 1_000
    memory: str = "2GB"
    threads: int | None = None


USUAL = Limits()


def refuse_bomb(name: object, *, packed: int, unpacked: int, limits: Limits = USUAL) -> None:
    """Raise LedgerError where `packed` bytes have unpacked to `unpacked`, which is beyond the limits. `name` is the file's."""
    if unpacked > limits.unpacked_bytes or (unpacked > RATIO_COUNTS_FROM and unpacked > limits.ratio * max(packed, 1)):
        raise LedgerError(
            f"{name}: {packed:,} bytes unpack to more than {unpacked - 1:,}; no honest file does. "
            "If this one is honest, unpack it first and import what comes out"
        )
