"""A customer counts once, and one missed promise is enough."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest

from aboveboard.analyses.promises.every_time import every_time
from aboveboard.analyses.promises.tables import EVERY_TIME

NEW_YORK = ZoneInfo("America/New_York")
AS_OF = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def spring(simulated: ModuleType) -> pa.Table:
    """800 promises to 300 customers, some of whom nobody knows, over weeks in which the clocks change."""
    rng = np.random.default_rng(12)
    made = [datetime(2026, 2, 22, tzinfo=UTC) + timedelta(minutes=int(one)) for one in rng.integers(0, 35 * 1440, 800)]
    minutes = np.where(rng.random(800) < 0.9, 60.0, 400.0)
    table = simulated.outcomes_table(made, minutes, as_of=max(made) + timedelta(minutes=30))
    whom = [None if one < 20 else f"c{one}" for one in rng.integers(0, 300, 800)]
    return table.set_column(table.column_names.index("customer"), "customer", pa.array(whom, pa.string()))


def in_python(table: pa.Table) -> dict[datetime | None, tuple[int, int, int, int, bool]]:
    """Monday (None: all) → customers, of them whole, ended, kept, and whether any promise still runs."""
    held: dict[datetime | None, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in table.to_pylist():
        day = row["made_at"].astimezone(NEW_YORK).date()
        monday = day - timedelta(days=day.weekday())
        start = datetime(monday.year, monday.month, monday.day, tzinfo=NEW_YORK).astimezone(UTC)
        for span in (None, start):
            held[span][row["customer"] or row["subject"] or row["event"]].append(row["outcome"])
    told = {}
    for span, customers in held.items():
        ended = {whom: [one for one in all_ if one in ("kept", "late", "broken")] for whom, all_ in customers.items()}
        ended = {whom: all_ for whom, all_ in ended.items() if all_}
        every = [one for all_ in ended.values() for one in all_]
        running = any(one in ("open", "at risk") for all_ in customers.values() for one in all_)
        whole = sum(set(all_) == {"kept"} for all_ in ended.values())
        told[span] = (len(ended), whole, len(every), every.count("kept"), running)
    return told


def found(table: pa.Table, simulated: ModuleType) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        every_time(ibis.memtable(table), simulated.playbook(), as_of=AS_OF).to_pyarrow().to_pylist()
    )
    return rows


def test_it_counts_as_plain_python_does(spring: pa.Table, simulated: ModuleType) -> None:
    rows, wanted = found(spring, simulated), in_python(spring)
    assert tuple(rows[0]) == EVERY_TIME.columns
    assert {row["period_start_at"] for row in rows} == set(wanted)
    for row in rows:
        customers, whole, ended, kept, running = wanted[row["period_start_at"]]
        counted = tuple(row[name] for name in ("customers_count", "whole_count", "ended_count", "kept_count"))
        assert counted == (customers, whole, ended, kept)
        if row["span"] == "week" and running:
            assert row["whole_share"] is None
        else:
            assert row["whole_share"] == pytest.approx(whole / customers)
            assert row["whole_share_low"] < row["whole_share"] < row["whole_share_high"]
    assert rows[0]["whole_share"] < rows[0]["kept_count"] / rows[0]["ended_count"]


def test_before_anything_has_ended_it_says_nothing(spring: pa.Table, simulated: ModuleType) -> None:
    assert found(spring.slice(0, 0), simulated) == []
