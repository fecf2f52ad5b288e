"""How much an import will swallow: bounds that no honest file meets, so that a dishonest one cannot fill the machine."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE


@dataclass(frozen=True)
class Limits:
    """`unpacked_bytes` and `ratio` bound a compressed file (the ratio counts once 64 MB have come out); `row_bytes` one
    row of text, longer rows are rejected; `columns` the width of a table; `memory` and `threads` what the checks may
    take before they spill to disk (None: all processors)."""

    unpacked_bytes: int = 200 * GIGABYTE
    ratio: float = 200.0
    row_bytes: int = 16 * MEGABYTE
    columns: int = 1_000
    memory: str = "2GB"
    threads: int | None = None


USUAL = Limits()
