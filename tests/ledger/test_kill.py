"""Kill a real import at random moments and run it again: the ledger is whole, and nothing is in it twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from aboveboard.ledger import store

ROWS, UNNAMED, BAD = 40_000, 5_000, 50
ROUNDS, STRIKES = 20, 10
IMPORT = [sys.executable, "-m", "aboveboard.cli", "import"]


def files(folder: Path) -> list[Path]:
    """Two files that overlap: one read at speed; one with bad rows and rows without ids, read with care."""
    clean, flawed = folder / "clean.csv", folder / "flawed.csv"
    rows = [f"e{n},order.placed,2026-03-01T10:00:00Z,order:{n},{'words ' * 5}\n" for n in range(ROWS)]
    clean.write_text("id,type,time,subject,text\n" + "".join(rows))
    unnamed = [f",order.paid,2026-03-02,order:{n % 1_000},\n" for n in range(UNNAMED)]
    bad = [f"b{n},,2026-03-02,,\n" for n in range(BAD)]
    flawed.write_text("id,type,time,subject,text\n" + "".join(rows[-5_000:] + unnamed + bad))
    return [clean, flawed]


def run(paths: list[Path], into: Path, seconds: float | None = None) -> int | None:
    """Import; with `seconds`, kill the process then. Returns its exit code, None if it was killed."""
    process = subprocess.Popen([*IMPORT, *paths, "--into", into], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    _, errors = process.communicate()
    assert b"Traceback" not in errors, errors.decode()
    return process.returncode if process.returncode >= 0 else None


def undisturbed(paths: list[Path], into: Path) -> float:
    """Import to the end; returns how many seconds it took."""
    started = time.monotonic()
    assert run(paths, into) == 1  # some rows are rejected
    return time.monotonic() - started


def check_whole(into: Path) -> int:
    """Every part can be read to its end and no id comes twice; returns the number of events."""
    parts = store.Store(into).parts()
    for part in parts:
        pq.read_table(part)
    if not parts:
        return 0
    names = [str(part) for part in parts]
    rows, ids = duckdb.execute("SELECT count(*), count(DISTINCT id) FROM read_parquet(?)", [names]).fetchone() or (0, 0)
    assert rows == ids
    return int(rows)


@pytest.mark.slow
def test_kill(tmp_path: Path) -> None:
    paths, chance = files(tmp_path), random.Random(20261122)
    whole = undisturbed(paths, tmp_path / "undisturbed")
    assert check_whole(tmp_path / "undisturbed") == ROWS + UNNAMED
    killed = 0
    for number in range(ROUNDS):
        into = tmp_path / f"ledger-{number}"
        killed += run(paths, into, chance.uniform(0.2, 1.0) * whole) is None
        before = check_whole(into)
        assert before in (0, ROWS, ROWS + UNNAMED), "an import is there as a whole or not at all"
        # The first run is the slowest, as Python compiles its libraries there: later kills go by the quicker ones.
        whole = min(whole, undisturbed(paths, into))
        assert check_whole(into) == ROWS + UNNAMED
        assert not (into / ".working").exists()
    assert killed >= ROUNDS // 3, "too few of the kills struck before the end to show anything"


@pytest.mark.slow
def test_kill_one_ledger_over_and_over(tmp_path: Path) -> None:
    """The same ledger is struck again and again before it gets an import in peace."""
    paths, chance, into = files(tmp_path), random.Random(7), tmp_path / "ledger"
    for _ in range(STRIKES):
        run(paths, into, chance.uniform(0.3, 1.0))
        check_whole(into)
    assert run(paths, into) == 1
    assert check_whole(into) == ROWS + UNNAMED
