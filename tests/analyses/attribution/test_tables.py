"""From events to the two tables: what is counted, what is left out and why, and ledgers that say little."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses import attribution
from aboveboard.analyses.attribution.tables import EFFECTS, VARIANCE
from aboveboard.engines import Ledger, ledgers
from aboveboard.ledger import columns
from aboveboard.playbook.model import Playbook

START = datetime(2026, 3, 2, tzinfo=UTC)
PLAYBOOK = Playbook("A desk")


def _contacts(count: int = 1500) -> list[dict[str, Any]]:
    """Teams differ in how many they resolve, employees do not; every team has one policy of its own."""
    random = np.random.default_rng(4)
    rows = []
    for number in range(count):
        team = int(random.integers(5))
        at = START + timedelta(minutes=int(random.integers(60 * 24 * 60)))
        resolved = random.random() < (0.3, 0.45, 0.6, 0.75, 0.9)[team]
        row = {"id": f"c{number}", "type": "contact.ended", "time": at, "recorded_at": at, "channel": "phone"}
        row |= {"team": f"team {team}", "rule": f"policy:p{team}", "employee": f"e{random.integers(25):02}"}
        rows.append(row | {"outcome": "resolved" if resolved else "unresolved", "value": float(random.exponential(9))})
    rows[0] |= {"employee": None, "team": None, "rule": None}
    return rows


def _tables(rows: list[dict[str, Any]], **more: Any) -> tuple[pa.Table, pa.Table]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=columns.SCHEMA)) as ledger:
        models = attribution.models(ledger.events, None, PLAYBOOK, **more)
        return ledgers.arrow(attribution.variance(models)), ledgers.arrow(attribution.effects(models))


@pytest.fixture(scope="module")
def tables() -> Iterator[tuple[pa.Table, pa.Table]]:
    yield _tables(_contacts())


def _variance(tables: tuple[pa.Table, pa.Table], outcome: str) -> dict[str, dict[str, Any]]:
    return {row["component"]: row for row in tables[0].to_pylist() if row["outcome"] == outcome}


def test_the_teams_are_found_and_the_employees_are_not_blamed(tables: tuple[pa.Table, pa.Table]) -> None:
    found = _variance(tables, "resolved")
    assert found["employee"]["share"] < 0.01
    assert found["team + policy"]["low"] > 0.05
    assert found["system"]["known_low"] > 0.8
    parts = ("employee", "team + policy", "hour", "chance")
    assert sum(found[name]["share"] for name in parts) == pytest.approx(1, abs=1e-6)
    for row in found.values():
        assert not row["identified"] or row["low"] <= row["share"] <= row["high"]


def test_what_is_not_identified_is_named_and_has_no_number(tables: tuple[pa.Table, pa.Table]) -> None:
    found = _variance(tables, "resolved")
    assert (found["team"]["told_from"], found["policy"]["told_from"]) == ("policy", "team")
    assert found["channel"]["reason"] == "all cases have the same"
    for name in ("team", "policy", "channel"):
        assert not found[name]["identified"]
        assert found[name]["share"] is None and found[name]["sd"] is None


def test_effects_count_every_case_and_shrink(tables: tuple[pa.Table, pa.Table]) -> None:
    rows = [row for row in tables[1].to_pylist() if row["outcome"] == "resolved"]
    teams = [row for row in rows if row["component"] == "team + policy"]
    assert sum(row["n"] for row in teams) == 1499  # one contact names no team
    assert all(row["effect_low"] < row["effect"] < row["effect_high"] for row in teams)
    worst, best = min(teams, key=lambda row: row["raw"]), max(teams, key=lambda row: row["raw"])
    assert worst["raw"] < worst["shrunken"] < best["shrunken"] < best["raw"]


def test_employees_stand_in_a_column_of_their_own_and_in_order_of_keys(tables: tuple[pa.Table, pa.Table]) -> None:
    people = [row for row in tables[1].to_pylist() if row["component"] == "employee" and row["outcome"] == "resolved"]
    assert [row["employee"] for row in people] == [f"e{number:02}" for number in range(25)]
    assert all(row["level"] is None for row in people)
    assert all(row["employee"] is None for row in tables[1].to_pylist() if row["component"] != "employee")


def test_events_after_as_of_do_not_exist() -> None:
    rows = _contacts()
    middle = START + timedelta(days=30)
    before = [row for row in rows if row["time"] <= middle]
    assert _tables(rows, as_of=middle)[0].equals(_tables(before)[0])


@pytest.mark.parametrize("rows", [[], _contacts(50)])
def test_too_few_events_give_empty_tables_with_their_columns(rows: list[dict[str, Any]]) -> None:
    variance, effects = _tables(rows)
    assert (tuple(variance.column_names), variance.num_rows) == (VARIANCE.columns, 0)
    assert (tuple(effects.column_names), effects.num_rows) == (EFFECTS.columns, 0)


def test_nothing_is_split_where_nothing_is_known_of_the_cases() -> None:
    bare = [row | dict.fromkeys(("team", "rule", "employee", "channel", "value")) for row in _contacts(300)]
    variance, _ = _tables(bare)
    assert set(variance["component"].to_pylist()) == {"hour", "system", "chance"}
    assert variance["known_share"].to_pylist()[-2] is None
