"""Files as somebody exports them (a folder, a zip, a gzip) → plain files on disk, with a guard against bombs."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aboveboard.ledger import unpacking
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.limits import USUAL
from aboveboard.sources.problems import FilesError


@dataclass(frozen=True)
class Found:
    """A file that was handed over: its name for matching, and how to get at it (`member` of a zip, or the file)."""

    path: Path
    name: str
    member: str | None = None
    alias: str | None = None

    def __str__(self) -> str:
        return f"{self.path}!{self.member}" if self.member else str(self.path)


def found(paths: Iterable[Path | str]) -> list[Found]:
    """Every file behind the paths: files, the files of a folder, the members of a zip; `alias=path` names one outright.

    Raises FilesError for a path that is not there, a damaged zip, and where nothing is left.
    """
    files = [file for path in paths for file in _expand(path)]
    if not files:
        raise FilesError("No file was given. Name the files of the export, or the folder or zip that holds them.")
    return files


def on_disk(file: Found, folder: Path) -> Path:
    """A path that holds the file's bytes unpacked; temporary copies go into `folder`."""
    if file.name.lower().endswith((".xlsx", ".xls", ".ods")):
        raise FilesError(f"{file}: spreadsheets are not read. Save the sheet as CSV (UTF-8).")
    try:
        if file.member is None:
            return unpacking.plain(file.path, folder, USUAL)
        target = folder / f"{len(list(folder.iterdir()))}-{Path(file.name).name}"
        with zipfile.ZipFile(file.path) as archive, archive.open(file.member) as source:
            unpacking.copy(source, target, file, archive.getinfo(file.member).compress_size, USUAL)
        return unpacking.plain(target, folder, USUAL)
    except RuntimeError as error:  # zipfile's word for a password
        raise FilesError(f"{file}: cannot be unpacked ({error}). Unpack it first.") from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise FilesError(f"{file}: the packed file is damaged or cut short ({error}). Fetch it again.") from None
    except LedgerError as error:
        raise FilesError(str(error)) from None
    except OSError as error:
        raise FilesError(f"{file}: cannot be read: {error.strerror or error}.") from None


def _expand(path: Path | str) -> Iterator[Found]:
    text = str(path)
    alias, _, rest = text.partition("=")
    if rest and alias.isidentifier() and not Path(text).exists():
        yield from (Found(file.path, file.name, file.member, alias) for file in _expand(rest))
        return
    place = Path(text)
    if place.is_dir():
        for inner in sorted(place.iterdir()):
            if inner.is_file() and not inner.name.startswith("."):
                yield from _expand(inner)
    elif not place.exists():
        raise FilesError(f"{place}: there is no such file.")
    elif not place.is_file():
        raise FilesError(f"{place}: this is not a file that can be read.")
    elif place.suffix.lower() == ".zip":
        yield from _members(place)
    else:
        yield Found(place, place.name)


def _members(path: Path) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise FilesError(f"{path}: this is not a zip file, or it is damaged ({error}).") from None
    names = [name for name in inside if not Path(name).name.startswith(".") and not name.startswith("__MACOSX/")]
    if not names:
        raise FilesError(f"{path}: there is no file in this zip.")
    yield from (Found(path, Path(name).name, name) for name in names)
