"""pm4py reads what we write, and we read what it writes: pm4py runs as a process of its own, in its own environment.

The environment `.venv-pm4py` is made on the first run and kept; ABOVEBOARD_PM4PY may name a Python that has pm4py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.ledger import columns, formats
from aboveboard.ledger.formats import rows

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SIDE = Path(__file__).with_name("pm4py_side.py")
OCEL = ("jsonocel", "sqlite", "xmlocel")


def has_pm4py(python: str | Path) -> bool:
    found = subprocess.run([python, "-c", "import importlib.util as u; raise SystemExit(u.find_spec('pm4py') is None)"])
    return found.returncode == 0


@pytest.fixture(scope="session")
def pm4py() -> str:
    """A Python that has pm4py."""
    if named := os.environ.get("ABOVEBOARD_PM4PY"):
        return named
    home = ROOT / ".venv-pm4py"
    python = home / "bin" / "python"
    if not python.exists() or not has_pm4py(python):
        uv = shutil.which("uv")
        make = [uv, "venv", "-q", "--clear", home] if uv else [sys.executable, "-m", "venv", home]
        install = [uv, "pip", "install", "-q", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
        try:
            subprocess.run(make, check=True, timeout=120)
            subprocess.run([*install, "pm4py"], check=True, timeout=900)
        except (subprocess.SubprocessError, OSError) as problem:
            pytest.skip(f"pm4py cannot be installed here: {problem}")
    return str(python)


def side(python: str, *arguments: object) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [python, SIDE, *map(str, arguments)], capture_output=True, text=True, timeout=600, env=environment
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def summaries(python: str, *paths: Path) -> list[Any]:
    return list(json.loads(side(python, "summary", *paths).rpartition("SUMMARY")[2]))


def table(path: Path) -> pa.Table:
    return pa.Table.from_batches(list(formats.read(path)), rows.READ_SCHEMA)


@pytest.fixture(scope="session")
def theirs(pm4py: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theirs")
    side(pm4py, "write", folder)
    return folder


def test_xes_of_theirs(theirs: Path) -> None:
    first, second, third = table(theirs / "theirs.xes").to_pylist()
    assert [(r["subject"], r["type"], r["employee"]) for r in (first, second, third)] == [
        ("case:1", "open", "Ann"), ("case:1", "close", "Bob"), ("case:2", "open", "Ann"),
    ]  # fmt: skip
    assert first["time"] == datetime(2024, 1, 1, 10, 0, 0, 123_000, UTC)
    kept = json.loads(first["attributes"])
    assert {key: kept[key] for key in ("n", "f", "b", "t")} == {"n": 1, "f": 0.5, "b": True, "t": "a & b"}
    assert float(kept["case:amount"]) == 5
    assert rows.moment(kept["d"], UTC) == datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", OCEL)
def test_ocel_of_theirs(name: str, theirs: Path, pm4py: str, tmp_path: Path) -> None:
    path = theirs / f"theirs.{name}"
    found = table(path)
    first, second = found.to_pylist()
    assert (first["id"], first["type"], first["subject"]) == ("e1", "place order", "order:o1")
    assert (second["subject"], second["time"]) == ("item:i2", datetime(2024, 1, 2, 10, tzinfo=UTC))
    kept = json.loads(first["attributes"])
    assert sorted(kept["ocel"]["relationships"]) == [["i1", "of"], ["i2", "of"], ["o1", "it"]]
    assert {r["objectId"] for r in kept["ocel"]["objects"][-1]["relationships"]} == {"i1", "i2"}
    assert float(kept["n"]) == 1.5
    mine = tmp_path / f"mine.{name}"
    formats.of(path).module.write(found, mine)
    before, after = summaries(pm4py, path, mine)
    assert before == after


@pytest.fixture(scope="session")
def ours() -> pa.Table:
    start = datetime(2024, 1, 1, 9, 30, tzinfo=UTC)
    told = [
        {
            "id": f"event {number}", "type": ("order.placed", "order.paid", "note.written")[number % 3],
            "time": start + timedelta(minutes=7 * number), "recorded_at": start, "subject": f"order:{number // 3}",
            "customer": None if number % 5 == 0 else f"c{number % 4}", "team": "North & South", "value": number / 2,
            "text": 'He said "no" <twice>\nand left' if number % 3 == 2 else None,
            "attributes": json.dumps({"level": "lead", "n": number, "says": {"order": "late"}}),
        }
        for number in range(30)
    ]  # fmt: skip
    return pa.Table.from_pylist(told, schema=columns.SCHEMA)


def test_they_read_our_xes(ours: pa.Table, pm4py: str, tmp_path: Path) -> None:
    paths = [tmp_path / "ours.xes", tmp_path / "ours.xes.gz"]
    for path in paths:
        formats.to_write(path).module.write(ours, path)
    meant = sorted([row["subject"], row["type"], row["time"].isoformat()] for row in ours.to_pylist())
    for found in summaries(pm4py, *paths):
        assert found["events"] == 30
        assert found["cases"] == {f"order:{n}": 3 for n in range(10)}
        assert [[case, name, moment(time)] for case, name, time in found["rows"]] == [
            [case, name, moment(time)] for case, name, time in meant
        ]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("name", OCEL)
def test_they_read_our_ocel(name: str, ours: pa.Table, pm4py: str, tmp_path: Path) -> None:
    path = tmp_path / f"ours.{name}"
    formats.to_write(path).module.write(ours, path)
    (found,) = summaries(pm4py, path)
    told = ours.to_pylist()
    assert sorted((e, t, moment(w)) for e, t, w in found["events"]) == sorted(
        (r["id"], r["type"], r["time"]) for r in told
    )
    meant = [[r["id"], r["subject"], "subject"] for r in told] + [[r["id"], "team:North & South", "team"] for r in told]
    meant += [[r["id"], f"customer:{r['customer']}", "customer"] for r in told if r["customer"]]
    assert found["relations"] == sorted(meant)
    assert ["order:3", "order"] in found["objects"]
    assert {"level", "n", "text", "value"} <= set(found["columns"])


def test_a_real_log_both_ways(real_data: Path, pm4py: str, tmp_path: Path) -> None:
    found = table(real_data / "helpdesk" / "helpdesk.xes.gz")
    paths = [tmp_path / "real.xes", tmp_path / "real.jsonocel"]
    for path in paths:
        formats.to_write(path).module.write(found, path)
    as_xes, as_ocel = summaries(pm4py, *paths)
    assert (as_xes["events"], len(as_xes["cases"])) == (21_348, 4_580)
    assert len(as_ocel["events"]) == 21_348
    assert sum(kind == "case" for _, kind in as_ocel["objects"]) == 4_580
