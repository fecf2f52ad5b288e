"""Told answers are those of a plain loop over the events, and the same on every engine."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from aboveboard.analyses import enablement
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=70)
ZONE = ZoneInfo("America/New_York")
BOOK = reader.read("organisation: A desk\ntimezone: America/New_York\n")
ROUND = timedelta(days=14)


@cache
def rows() -> tuple[Row, ...]:
    """Answers across the night on which New York's clocks change; some with keys, some out of range, some of no team."""
    die = random.Random(5)
    made: list[Row] = []
    blank = {**dict.fromkeys(SCHEMA.names), "recorded_at": FIRST, "source": "x"}
    for number in range(1500):
        type = die.choice(["pulse.answered"] * 12 + ["pulse.asked", "pulse.replied"])
        made.append(blank | {
            "id": f"e{(number * 271) % 1511:04d}", "type": type,
            "time": FIRST + timedelta(hours=die.randrange(70 * 24), microseconds=die.randrange(2)),
            "team": die.choice(["north", "north", "süd", "east", "tiny", None]),
            "outcome": die.choice(["training", "tools", "system", "help", "lunch"]),
            "employee": die.choice([None, None, *(f"p{n}" for n in range(9))]),
            "value": die.choice([None, 0.0, 6.0, *(float(n) for n in range(1, 6)), 2.5]),
        })  # fmt: skip
    return tuple(made)


def by_hand() -> tuple[dict[tuple[str, str, int], tuple[int, float]], dict[tuple[str, str], list[int]]]:
    """(cell, question, week) → answers and their sum; and by team and question the days to the reply of each, −1 for none."""
    known = [row for row in rows() if row["time"] <= AS_OF and row["team"] and row["outcome"] != "lunch"]
    latest: dict[Any, Row] = {}
    for row in known:
        if row["type"] != "pulse.answered" or row["value"] is None or not 1 <= row["value"] <= 5:
            continue
        same = (row["team"], row["outcome"])
        asked = [one["time"] for one in known if one["type"] == "pulse.asked" and (one["team"], one["outcome"]) == same]
        before = max((at for at in asked if at <= row["time"]), default=None)
        origin = before if before is not None and row["time"] - before <= ROUND else row["time"]
        week = (origin.astimezone(ZONE).date() - date(1969, 12, 29)).days // 7
        replies = [
            one["time"] for one in known
            if one["type"] == "pulse.replied" and (one["team"], one["outcome"]) == same and one["time"] >= row["time"]
        ]  # fmt: skip
        line = {**row, "week": week, "replied": min(replies, default=None)}
        key = (*same, week, row["employee"] or row["id"])
        if key not in latest or (row["time"], row["id"]) > (latest[key]["time"], latest[key]["id"]):
            latest[key] = line
    closed = [
        line for line in latest.values()
        if datetime(1969, 12, 29, tzinfo=UTC) + timedelta(weeks=line["week"] + 1, days=1) + ROUND <= AS_OF
    ]  # fmt: skip
    groups: dict[Any, list[Row]] = defaultdict(list)
    for line in closed:
        groups[line["team"], line["outcome"], line["week"]].append(line)
    counts = [(*key, len(own)) for key, own in groups.items()]
    told: dict[Any, list[Row]] = defaultdict(list)
    for team, question, week, cell in enablement.publishing.cells(counts):
        told[cell, question, week] += groups[team, question, week]
    sums, days = {}, defaultdict(list)
    for (cell, question, week), own in told.items():
        own.sort(key=lambda line: (hashlib.md5(line["id"].encode(), usedforsecurity=False).hexdigest(), line["id"]))
        kept = own[: len(own) // 5 * 5]
        sums[cell, question, week] = len(kept), sum(line["value"] for line in kept)
        days[cell, question] += [(line["replied"] - line["time"]).days if line["replied"] else -1 for line in kept]
    return sums, dict(days)


def agree(opened: Opener) -> None:
    with opened(pa.Table.from_pylist(list(rows()), schema=SCHEMA)) as led:
        study = enablement.studied(led.events, BOOK, as_of=AS_OF)
        answers = led.arrow(study.answers).to_pylist()
    sums, days = by_hand()
    assert len(sums) > 20 and any(cell.startswith("(small") for cell, _, _ in sums)
    assert {(one.team, one.question, one.week): (one.count, pytest.approx(one.total)) for one in study.told} == sums
    found: dict[Any, list[int]] = defaultdict(list)
    for row in answers:
        waited = -1 if row["replied_at"] is None else (row["replied_at"] - row["at"]) // 86_400_000_000
        found[row["cell"], row["question"]].append(waited)
    assert {key: sorted(own) for key, own in found.items()} == {key: sorted(own) for key, own in days.items()}


def test_each_engine_tells_what_a_plain_loop_tells(opened: Opener) -> None:
    agree(opened)


@pytest.mark.slow
def test_spark_tells_what_a_plain_loop_tells(opened_on_spark: Opener) -> None:
    agree(opened_on_spark)
