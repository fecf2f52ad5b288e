"""A ledger on disk is whole at every moment: one writer, no half part, nothing left behind."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aboveboard.ledger import intake, store
from aboveboard.ledger.errors import LedgerError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> store.Store:
    return store.Store(tmp_path / "ledger")


def finished(folder: Path, content: bytes = b"PAR1") -> Path:
    path = folder / "finished.parquet"
    path.write_bytes(content)
    return path


def test_opening_touches_nothing(ledger: store.Store) -> None:
    assert ledger.parts() == []
    assert not ledger.path.exists()
    assert not store.is_ledger(ledger.path)


def test_parts_are_numbered_and_moved(ledger: store.Store, tmp_path: Path) -> None:
    places = [ledger.append(finished(tmp_path)) for _ in range(3)]
    assert [place.name for place in places] == ["part-000001.parquet", "part-000002.parquet", "part-000003.parquet"]
    assert ledger.parts() == places
    assert not (tmp_path / "finished.parquet").exists()


def test_a_number_is_never_given_twice(ledger: store.Store, tmp_path: Path) -> None:
    first, second = ledger.append(finished(tmp_path)), ledger.append(finished(tmp_path))
    first.unlink()
    assert ledger.append(finished(tmp_path)).name > second.name


def test_a_second_writer_is_told_who_has_it(ledger: store.Store) -> None:
    with (
        ledger.writing(),
        pytest.raises(LedgerError, match=r"another import is writing .*process \d+"),
        ledger.writing(),
    ):
        pass
    with ledger.writing():
        pass


def test_a_writer_in_another_process_is_kept_out(ledger: store.Store) -> None:
    code = "import sys, pathlib; from aboveboard.ledger import store\nwith store.Store(pathlib.Path(sys.argv[1])).writing(): pass"
    with ledger.writing():
        done = subprocess.run([sys.executable, "-c", code, ledger.path], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "another import is writing" in done.stderr


def test_what_a_killed_import_left_is_removed(ledger: store.Store) -> None:
    with ledger.writing():
        pass
    left = ledger.path / ".working" / "spill"
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"PAR1")
    with ledger.writing() as writing:
        assert list(writing.working.iterdir()) == []
    assert not (ledger.path / ".working").exists()


def test_a_failing_import_leaves_nothing(ledger: store.Store) -> None:
    with pytest.raises(RuntimeError), ledger.writing() as writing:
        finished(writing.working)
        raise RuntimeError
    assert sorted(path.name for path in ledger.path.iterdir()) == [".aboveboard", ".lock"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(LedgerError, match="not empty and no ledger"), store.Store(tmp_path).writing():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_ledger(tmp_path: Path) -> None:
    path = finished(tmp_path)
    with pytest.raises(LedgerError, match="this is a file"), store.Store(path).writing():
        pass


@pytest.mark.parametrize(
    ("mark", "complaint"), [('{"form": 99}', "has form 99"), ("[]", "which form"), ("{", "which form")]
)
def test_a_ledger_of_another_form_is_not_written_to(ledger: store.Store, mark: str, complaint: str) -> None:
    with ledger.writing():
        pass
    (ledger.path / ".aboveboard").write_text(mark)
    with pytest.raises(LedgerError, match=complaint), ledger.writing():
        pass


def test_reject_files_do_not_overwrite_each_other(ledger: store.Store) -> None:
    with ledger.writing() as writing:
        names = [writing.keep_rejects(finished(writing.working), "today").name for _ in range(3)]
    assert names == ["today.csv", "today-2.csv", "today-3.csv"]


FULL = """
import datetime, pathlib, resource, signal, sys
from aboveboard.ledger import intake
from aboveboard.ledger.errors import LedgerError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    intake.take_file(pathlib.Path(sys.argv[1]), into=pathlib.Path(sys.argv[2]), recorded_at=datetime.datetime.now(datetime.UTC))
except LedgerError as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.parametrize(
    ("room", "flaw"), [(1_000, ""), (50_000, ""), (50_000, "a ragged row\n"), (200_000, "a ragged row\n")]
)
def test_a_full_disk_is_an_error_and_nothing_half(ledger: store.Store, tmp_path: Path, room: int, flaw: str) -> None:
    """The disk is full as soon as a file has `room` bytes: the system refuses to write more, as a full disk does."""
    path = tmp_path / "events.csv"
    rows = (f"{n},order.paid,2026-03-01,{hashlib.md5(str(n).encode()).hexdigest() * 2}\n" for n in range(10_000))
    path.write_text("id,type,time,text\n" + "".join(rows) + flaw)
    done = subprocess.run(
        [sys.executable, "-c", FULL, path, ledger.path, str(room)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert "the disk is full; nothing was recorded" in done.stdout
    assert ledger.parts() == []
    assert not (ledger.path / ".working").exists()
    assert intake.take_file(path, into=ledger.path, recorded_at=NOW).recorded == 10_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        done = None
    if done is None or done.returncode:
        pytest.skip("a small disk cannot be mounted here: that takes the super-user")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(
    "flaw", ["", "a ragged row\n", 'x,order.paid,soon,"a bad\ntime"\n', 'y,order.paid,2026-03-01, "x"\n']
)
@pytest.mark.parametrize("ids", [True, False])
def test_a_really_full_disk(flaw: str, ids: bool, small_disk: Path, tmp_path: Path) -> None:
    """Nothing half is left, the ledger that was there before is untouched, and with room the import goes through."""
    ledger, path, first = store.Store(small_disk / "ledger"), tmp_path / "events.csv", tmp_path / "first.csv"
    first.write_text("id,type,time\n1,order.paid,2026-03-01\n")
    kept = intake.take_file(first, into=ledger.path, recorded_at=NOW).part
    rows = (f"{n},order.paid,2026-03-01,{hashlib.sha256(str(n).encode()).hexdigest() * 2}\n" for n in range(40_000))
    path.write_text(f"{'id' if ids else 'customer'},type,time,text\n" + "".join(rows) + flaw)
    with pytest.raises(LedgerError, match="the disk is full; nothing was recorded"):
        intake.take_file(path, into=ledger.path, recorded_at=NOW)
    assert ledger.parts() == [kept]
    assert not (ledger.path / ".working").exists()
    assert not (ledger.path / "rejects").exists()
    elsewhere = intake.take_file(path, into=tmp_path / "elsewhere", recorded_at=NOW)
    assert elsewhere.recorded == 40_000 + (flaw.startswith("y"))
    assert intake.take_file(first, into=ledger.path, recorded_at=NOW).known == 1
