"""Files that take their place when they are whole: after a crash either all of one is there, or what was there before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary place beside `path`; what was written there becomes `path`, unless writing failed.

    Raises OSError where the place cannot be written to, or the disk is full.
    """
    fresh = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        yield fresh
        settle(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def settle(finished: Path, place: Path) -> None:
    """Move a file to its place, on the disk and not only in the memory of the machine."""
    _flush(finished)
    finished.replace(place)
    _flush(place.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
