"""The committed events are what the script writes, and hold what the stories tell."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from aboveboard.ledger.columns import NAMES as COLUMNS
from aboveboard.ledger.vocabulary import VOCABULARY
from aboveboard.simulate import stories

FOLDER = Path(__file__).resolve().parents[2] / "stories"


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_committed_file_is_what_the_script_writes(name: str) -> None:
    written = stories.STORIES[name]().csv()
    assert (FOLDER / name / "events.csv").read_text(encoding="utf-8") == written, (
        "write it anew: python -m aboveboard.simulate.stories"
    )


@pytest.mark.parametrize("name", stories.STORIES)
def test_each_file_is_small_and_of_ledger_columns(name: str) -> None:
    path = FOLDER / name / "events.csv"
    assert path.stat().st_size < 1_500_000
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) <= set(COLUMNS)
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert all(isinstance(json.loads(row["attributes"]), dict) for row in rows if row["attributes"])


def test_two_phones_has_seven_contacts_over_four_channels() -> None:
    with (FOLDER / "two-phones" / "events.csv").open(encoding="utf-8", newline="") as file:
        hero = [row for row in csv.DictReader(file) if row["customer"] == "customer-dana"]
    contacts = [row for row in hero if row["type"] == "contact.started"]
    assert [row["channel"] for row in contacts] == ["web", "chat", "phone", "store", "phone", "store", "chat"]
    assert sum(float(row["value"]) for row in hero if row["type"] == "contact.ended") == 176


@pytest.mark.parametrize("name", stories.STORIES)
def test_known_types_fill_the_columns_they_need(name: str) -> None:
    with (FOLDER / name / "events.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["type"] in VOCABULARY:
                missing = [column for column in VOCABULARY[row["type"]].needs if column in row and not row[column]]
                assert not missing, f"{row['id']} ({row['type']}) lacks {missing}"
