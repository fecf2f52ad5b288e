"""`aboveboard analyse` on another engine gives the same findings as on this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aboveboard.cli import main

STORY = Path(__file__).resolve().parents[2] / "stories" / "waiter"
EVENTS = """id,type,time,subject,customer,team,channel,value,outcome
1,order.paid,2026-03-02T10:00:00Z,order:1,ann,North,web,20,
2,order.ready,2026-03-02T11:00:00Z,order:1,ann,North,store,,
3,order.paid,2026-03-02T10:30:00Z,order:2,bob,South,web,30,
4,order.ready,2026-03-02T18:00:00Z,order:2,bob,South,store,,
5,contact.started,2026-03-02T15:00:00Z,order:2,bob,South,phone,,
6,order.paid,2026-03-03T09:00:00Z,order:3,cy,North,phone,12.5,
7,contact.started,2026-03-03T20:00:00Z,order:3,cy,North,chat,,
"""
PLAYBOOK = """organisation: Two shops
timezone: Europe/London
promises:
  ready-in-three-hours:
    says: Ready within three hours.
    starts: type = 'order.paid'
    kept_by: type = 'order.ready'
    within: 3 hours
    objective: 0.9
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    events, playbook = tmp_path / "events.csv", tmp_path / "playbook.yaml"
    events.write_text(EVENTS)
    playbook.write_text(PLAYBOOK)
    return events, playbook


def findings(files: tuple[Path, Path], out: Path, *more: str) -> list[dict[str, object]]:
    events, playbook = files
    done = CliRunner().invoke(main, ["analyse", str(events), "--playbook", str(playbook), "--out", str(out), *more])
    assert done.exit_code == 0, done.output
    found = json.loads((out / "findings.json").read_text())["findings"]
    assert isinstance(found, list)
    return found


def nearly(found: Any) -> Any:
    """The same with figures to ten digits: engines add in different orders, so the last digits of a sum differ."""
    if isinstance(found, dict):
        return {name: nearly(value) for name, value in found.items()}
    if isinstance(found, list):
        return [nearly(one) for one in found]
    return float(f"{found:.10g}") if isinstance(found, float) else found


@pytest.mark.slow
def test_postgres_finds_what_duckdb_finds(files: tuple[Path, Path], tmp_path: Path, postgres: str) -> None:
    here = findings(files, tmp_path / "duckdb")
    there = findings(files, tmp_path / "postgres", "--engine", "postgres", "--server", postgres)
    assert nearly(here) == nearly(there)
    assert {f["kind"] for f in here} >= {"promise.broken"}


@pytest.mark.slow
def test_a_spark_cluster_finds_what_duckdb_finds(tmp_path: Path, spark: Any) -> None:
    story = STORY / "events.csv", STORY / "playbook.yaml"
    here = findings(story, tmp_path / "duckdb")
    there = findings(story, tmp_path / "spark", "--engine", "spark", "--server", spark.sparkContext.master)
    assert nearly(here) == nearly(there)
    assert len({f["kind"] for f in here}) > 3
    assert spark.range(1).count() == 1, "the session was open before, and is open still"


def test_without_an_address_it_says_what_to_give(files: tuple[Path, Path], tmp_path: Path) -> None:
    events, playbook = files
    arguments = [
        "analyse",
        str(events),
        "--playbook",
        str(playbook),
        "--out",
        str(tmp_path / "o"),
        "--engine",
        "postgres",
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 4
    assert "PostgreSQL needs an address" in done.output
