"""Files that may be packed with gzip: opened by what they hold, written by their name, and never a bomb."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import places

SUSPICIOUS_SIZE, SUSPICIOUS_RATIO = 256 << 20, 400  # a gzip that unpacks beyond both is a bomb; real logs give 10–60


def opened(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where its first bytes (not its name) say gzip."""
    with path.open("rb") as head:
        packed = head.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def refuse_bomb(path: Path, unpacked: int) -> None:
    """Raise LedgerError if a packed file has unpacked to a size that no real log has."""
    if unpacked > SUSPICIOUS_SIZE and unpacked > SUSPICIOUS_RATIO * path.stat().st_size:
        raise LedgerError(
            f"{path}: unpacks to more than {SUSPICIOUS_RATIO} times its size: a zip bomb? "
            "Unpack it by hand if it is meant."
        )


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes its place when it is whole; packed, the same bytes each time, if named `.gz`."""
    with places.replacing(path) as fresh, fresh.open("wb") as raw:
        if path.suffix == ".gz":
            with (
                gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
                io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as out,
            ):
                yield out
        else:
            with io.TextIOWrapper(raw, encoding="utf-8", newline="\n") as out:
                yield out
