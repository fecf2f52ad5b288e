"""Where a format writes to: a finished file takes its place at once, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from aboveboard.ledger import places
from aboveboard.ledger.errors import LedgerError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary place beside `path`; what was written there becomes `path`, unless writing failed.

    Raises LedgerError where the place cannot be written to, or the disk is full.
    """
    try:
        with places.replacing(path) as fresh:
            yield fresh
    except (OSError, duckdb.IOException) as error:
        raise LedgerError(f"{path}: cannot be written: {error}") from error
