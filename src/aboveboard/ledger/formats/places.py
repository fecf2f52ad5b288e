"""Where a format writes to: a finished file takes its place at once, or nothing does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from aboveboard.ledger.errors import LedgerError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary place beside `path`; what was written there becomes `path`, unless writing failed.

    Raises LedgerError where the place cannot be written to, or the disk is full.
    """
    fresh = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        yield fresh
        fresh.replace(path)
    except (OSError, duckdb.IOException) as error:
        raise LedgerError(f"{path}: cannot be written: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)
