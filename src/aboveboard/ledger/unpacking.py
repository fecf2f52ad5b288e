"""Compressed files become plain ones, within limits: a bomb is refused while it unpacks, not after."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.limits import MEGABYTE, Limits, refuse_bomb

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ANOTHER = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7-zip", b"(\xb5/\xfd": "zstd", b"Rar!": "RAR"}


def plain(path: Path, working: Path, limits: Limits) -> Path:
    """Return the file itself, or what is in it, unpacked into `working` under its own name.

    Raises LedgerError where the file is damaged, unpacks beyond the limits, or is a zip of anything but one file.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_GZIP):
        return _gunzip(path, working, limits)
    if head.startswith(_ZIP):
        return _unzip(path, working, limits)
    for magic, name in _ANOTHER.items():
        if head.startswith(magic):
            raise LedgerError(f"{path}: this is packed with {name}; unpack it first, or pack it with gzip or zip")
    return path


def _gunzip(path: Path, working: Path, limits: Limits) -> Path:
    name = path.name.removesuffix(".gz")
    out = working / (name if name != path.name else f"{name}.plain")
    try:
        with gzip.open(path, "rb") as packed:
            copy(packed, out, path, path.stat().st_size, limits)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LedgerError(f"{path}: the gzip file is damaged or ends too soon ({error}); fetch it again") from error
    return out


def _unzip(path: Path, working: Path, limits: Limits) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(path, archive)
            out = working / Path(member.filename.replace("\\", "/")).name
            with archive.open(member) as packed:
                copy(packed, out, path, member.compress_size, limits)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise LedgerError(f"{path}: the zip file is damaged ({error}); fetch it again") from error
    except RuntimeError as error:  # zipfile says so of a password
        raise LedgerError(f"{path}: the zip file is encrypted; unpack it first") from error
    return out


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    names = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
    if any(entry.filename == "[Content_Types].xml" for entry in names):
        raise LedgerError(f"{path}: this is an office document; save the sheet as CSV (UTF-8) and import that")
    if len(names) != 1:
        shown = ", ".join(entry.filename for entry in names[:3]) or "nothing"
        raise LedgerError(
            f"{path}: a zip must hold one file of events, this one holds {len(names)} ({shown}); unpack it"
        )
    return names[0]


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def copy(packed: IO[bytes] | gzip.GzipFile, out: Path, name: object, packed_bytes: int, limits: Limits) -> None:
    """Unpack into `out`; raise LedgerError, with the file's `name`, as soon as it goes beyond the limits."""
    size = 0
    with out.open("wb") as file:
        while chunk := packed.read(MEGABYTE):
            size += len(chunk)
            refuse_bomb(name, packed=packed_bytes, unpacked=size, limits=limits)
            file.write(chunk)
