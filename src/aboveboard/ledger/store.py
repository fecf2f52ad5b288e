"""A ledger on disk: a folder of Parquet parts, one for each import, that is whole at every moment.

    LEDGER/.aboveboard           says that this is a ledger, and of which form
    LEDGER/part-000001.parquet   events; a part is never changed once it is there
    LEDGER/rejects/…csv          what imports could not use
    LEDGER/.working/             an import at work; whatever a killed one left is removed by the next
    LEDGER/.lock                 held by the one writer; the system lets go of it even when the writer is killed

A part is written in `.working`, flushed to the disk, and only then renamed into its place, so that a reader sees all of
an import or nothing of it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aboveboard.ledger import places
from aboveboard.ledger.errors import LedgerError

FORM = 1
_MARK, _LOCK, _WORKING, _REJECTS = ".aboveboard", ".lock", ".working", "rejects"


def is_ledger(path: Path) -> bool:
    """Whether the folder is a ledger that `Store` made."""
    return (path / _MARK).is_file()


@dataclass(frozen=True)
class Store:
    """The ledger in a folder. Opening it touches nothing; the folder is made by the first import."""

    path: Path

    def parts(self) -> list[Path]:
        """The Parquet files of the ledger, oldest first; none while the ledger is empty or does not exist."""
        return sorted(self.path.glob("part-*.parquet"))

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Take the ledger for writing, alone. Raises LedgerError where another process has it, or it is no ledger."""
        self._check()
        self.path.mkdir(parents=True, exist_ok=True)
        with _alone(self.path / _LOCK):
            if not is_ledger(self.path):
                self._found()
            working = self.path / _WORKING
            _clear(working)
            working.mkdir()
            try:
                yield Writing(self, working)
            finally:
                _clear(working)

    def append(self, part: Path) -> Path:
        """Add a finished Parquet file of checked events as the next part; the file moves into the ledger."""
        with self.writing() as writing:
            return writing.append(part)

    def _check(self) -> None:
        """Refuse a place that is no ledger and must not become one, before anything in it is touched."""
        if is_ledger(self.path):
            _check_form(self.path)
        elif self.path.exists() and not self.path.is_dir():
            raise LedgerError(f"{self.path}: this is a file; a ledger is a folder: name another")
        elif self.path.exists() and any(not entry.name.startswith(".") for entry in self.path.iterdir()):
            raise LedgerError(f"{self.path}: the folder is not empty and no ledger; name a new folder, or a ledger")

    def _found(self) -> None:
        """Make the folder a ledger."""
        fresh = self.path / f"{_MARK}.new"
        fresh.write_text(json.dumps({"what": "an Aboveboard ledger", "form": FORM}) + "\n", encoding="utf-8")
        places.settle(fresh, self.path / _MARK)


@dataclass(frozen=True)
class Writing:
    """A ledger held for writing: `working` is a folder for temporary files, removed at the end."""

    store: Store
    working: Path

    def append(self, part: Path) -> Path:
        """Put a finished Parquet file in its place, as the next part. After this the import has happened."""
        taken = [int(path.stem.removeprefix("part-")) for path in self.store.parts()]
        place = self.store.path / f"part-{max(taken, default=0) + 1:06}.parquet"
        places.settle(part, place)
        return place

    def keep_rejects(self, rejects: Path, name: str) -> Path:
        """Put a finished file of rejected rows beside the parts, under a name that is not taken."""
        folder = self.store.path / _REJECTS
        folder.mkdir(exist_ok=True)
        place, number = folder / f"{name}.csv", 2
        while place.exists():
            place, number = folder / f"{name}-{number}.csv", number + 1
        places.settle(rejects, place)
        return place


def _check_form(path: Path) -> None:
    try:
        form = json.loads((path / _MARK).read_text(encoding="utf-8")).get("form")
    except (ValueError, AttributeError) as error:
        raise LedgerError(f"{path / _MARK}: this should say which form of ledger it is: {error}") from error
    if form != FORM:
        raise LedgerError(f"{path}: this ledger has form {form}, and this version of Aboveboard writes form {FORM}")


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock file. The number of the process that holds it stands in it, for the one who must wait."""
    import fcntl  # here, so that a ledger can be read where there is no fcntl

    with lock.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            who = file.read(20).strip() or "unknown"
            raise LedgerError(
                f"{lock.parent}: another import is writing to this ledger (process {who}); try again when it is done"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
