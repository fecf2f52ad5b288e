"""Struck dead at any moment, the journal has every event it accepted, once, and its seals hold."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from aboveboard.desk.journal import actions, queries, tasks

from .test_journal import NOW

WRITER = Path(__file__).with_name("writing.py")
ROUNDS = 12


@pytest.mark.slow
def test_killed_over_and_over(database: str, tmp_path: Path) -> None:
    """A writer that seals and copies as it goes is killed at random moments, and goes on where it was."""
    chance = random.Random(7)
    accepted: list[str] = []
    for number in range(ROUNDS):
        accepted += written(database, tmp_path, number, chance.uniform(0.02, 0.6))
    actions.seal(now=NOW)
    found = queries.verify()
    assert (found.faults, found.unsealed) == ((), 0)
    ids = [row[0] for _, row in queries.events(after=0, until=queries.latest())]
    assert len(ids) == len(set(ids)) >= len(accepted) > 0
    assert set(accepted) <= set(ids)
    tasks.copy(folder=tmp_path / "copy")
    assert tasks.freshness(folder=tmp_path / "copy").behind == 0
    assert copied(tmp_path / "copy") == sorted(ids)
    connection.close()


def written(database: str, folder: Path, number: int, seconds: float) -> list[str]:
    """What a writer said was accepted before it was killed, so many seconds after its first event."""
    environment = {**os.environ, "ABOVEBOARD_DATABASE": database}
    command = [sys.executable, str(WRITER), str(number), str(folder / "copy")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    whole = (first + rest).split("\n")
    return [line for line in whole[:-1] if line]


def copied(folder: Path) -> list[str]:
    import pyarrow.parquet as pq

    return sorted(name for part in folder.glob("part-*.parquet") for name in pq.read_table(part)["id"].to_pylist())
