"""The file of a backup: a ZIP with a table or a file in each member, and a manifest that says what belongs in it.

`manifest.json` holds the version and the migrations of the desk that made it, the head of its journal, rows per table, and the
length and SHA-256 of every other member. `tables/<app>.<model>.jsonl` are JSON lines, the first the names of the columns;
`files/…` are what lay in the installation's folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from aboveboard.ledger.errors import AboveboardError

FORMAT = 1
_MANIFEST = "manifest.json"
TABLES, FILES = "tables/", "files/"
_CHUNK = 1 << 20
# What reading a ZIP with bytes that are not its own can end in.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, TypeError, OverflowError, RuntimeError,
)  # fmt: skip


class BackupError(AboveboardError):
    """A backup cannot be made, read or taken in; the text says why and what to do."""

    exit_code = 3


@dataclass
class Writing:
    """An archive that is being written: `member` for each part, then the manifest."""

    _zip: zipfile.ZipFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """A file in the archive to write to; what goes through is counted and hashed."""
        with self._zip.open(name, "w", force_zip64=True) as raw:
            hashed = _Hashed(raw)
            yield hashed  # type: ignore[misc] # writes, which is all that is asked of it
        self.members[name] = {"bytes": hashed.length, "sha256": hashed.digest.hexdigest()}

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, as the last."""
        said = {"format": FORMAT, **manifest, "members": self.members}
        self._zip.writestr(_MANIFEST, json.dumps(said, indent=1, ensure_ascii=False))


class _Hashed:
    def __init__(self, to: IO[bytes]) -> None:
        self._to, self.length, self.digest = to, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.length += len(data)
        self.digest.update(data)
        return self._to.write(data)


@contextmanager
def made(path: Path) -> Iterator[Writing]:
    """A new archive. It has its name once it is whole and on the disk; only its owner can read it.

    Raises BackupError where there is a file of this name, and OSError where it cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path}: there is a file of this name; a backup takes the place of none")
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
                yield Writing(zipped)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True)
class Archive:
    """A backup that is open for reading."""

    path: Path
    manifest: Mapping[str, Any]
    _zip: zipfile.ZipFile

    def check(self) -> None:
        """Read every member and compare it with the manifest. Raises BackupError at the first that is not as it was written."""
        there = {name for name in self._zip.namelist() if name != _MANIFEST}
        for name in sorted(there ^ set(self.manifest["members"])):
            raise BackupError(f"{self.path}: {name} {'does not belong in it' if name in there else 'is missing'}")
        for name, said in self.manifest["members"].items():
            if not _harmless(name):
                raise BackupError(f"{self.path}: {name!r} is no name that a backup has")
            with _readable(self.path):
                length, digest = self._measured(name)
            if (length, digest) != (said["bytes"], said["sha256"]):
                raise BackupError(f"{self.path}: {name} is not as it was written; the archive is damaged")

    def _measured(self, name: str) -> tuple[int, str]:
        digest, length = hashlib.sha256(), 0
        with self._zip.open(name) as member:
            while data := member.read(_CHUNK):
                digest.update(data)
                length += len(data)
        return length, digest.hexdigest()

    def rows(self, label: str) -> Iterator[list[Any]]:
        """The lines of a table: the names of its columns, then each row."""
        with self._zip.open(f"{TABLES}{label}.jsonl") as raw, io.TextIOWrapper(raw, "utf-8", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)

    def files(self) -> list[str]:
        """The files of the installation's folder, by their path in it."""
        return [name.removeprefix(FILES) for name in self.manifest["members"] if name.startswith(FILES)]

    def extract(self, into: Path) -> int:
        """Write the files into a folder; how many there were."""
        names = self.files()
        for name in names:
            place = into / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with self._zip.open(FILES + name) as member, place.open("wb") as file:
                while data := member.read(_CHUNK):
                    file.write(data)
        return len(names)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive for reading. Raises BackupError where the file is none, or one of a later version's form."""
    if not path.is_file():
        raise BackupError(f"{path}: there is no such file")
    with _readable(path):
        zipped = zipfile.ZipFile(path)
    with zipped:
        with _readable(path):
            manifest = json.loads(zipped.read(_MANIFEST))
            form = manifest["format"]
            _ = manifest["migrations"], manifest["tables"], manifest["journal"], manifest["members"].items()
        if form != FORMAT:
            raise BackupError(f"{path}: made by a later version of Aboveboard; install that one to take it in")
        yield Archive(path, manifest, zipped)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise BackupError(
            f"{path}: this is no backup of Aboveboard's, or it is damaged ({type(error).__name__})"
        ) from error


def _harmless(name: str) -> bool:
    """Whether a member's name stays below the folder that it is written to."""
    parts = PurePosixPath(name).parts
    plain = parts and "\\" not in name and "\0" not in name and not name.startswith("/") and ".." not in parts
    return bool(plain) and name.startswith((TABLES, FILES)) and len(parts) > 1
