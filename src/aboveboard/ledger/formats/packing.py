"""Files that may be packed with gzip: opened by what they hold, written by their name, and never a bomb."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from aboveboard.ledger.formats import places


def opened(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where its first bytes (not its name) say gzip."""
    with path.open("rb") as head:
        packed = head.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


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
