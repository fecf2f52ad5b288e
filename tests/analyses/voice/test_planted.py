"""What is planted in invented voices is found, and the errors that are shown are the errors that are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aboveboard.analyses import voice
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import reader
from aboveboard.simulate import planted_voices
from aboveboard.simulate.planted_voices import NEW, WORSE, Truth

Row = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    truth: Truth
    voice: list[Row]
    themes: list[Row]
    by: list[Row]
    emerging: list[Row]
    requests: list[Row]
    models: list[Row]


def heard(**how: Any) -> Heard:
    made = planted_voices.planted_voices(**how)
    with Ledger.of(made.events) as ledger:
        read = voice.read(ledger.events, reader.read(made.playbook))
        kept = ledger.keep(voice.voice(read), "voice")
        tables = (kept, read.themes, voice.by(kept), voice.emerging(read), read.requests, read.models)
        return Heard(made.truth, *(ledgers.arrow(table).to_pylist() for table in tables))


@pytest.fixture(scope="module")
def found() -> Iterator[Heard]:
    yield heard(seed=101, texts=480)


def test_words_without_stars_are_read_as_well_as_the_shown_error_says(found: Heard) -> None:
    unrated = [row for row in found.voice if row["rated"] is None]
    right = sum(row["sentiment"] == found.truth.mood[row["event"]] for row in unrated) / len(unrated)
    (shown,) = [row for row in found.models if row["slice"] == "all" and row["label"] == "all"]
    assert shown["learnt_from"] == "own ratings" and not shown["weak"]
    assert right > 0.8 and shown["accuracy"] > shown["majority_share"] + 0.2
    assert right == pytest.approx(shown["accuracy"], abs=0.1)


def test_the_worse_shop_is_told_apart_and_no_other(found: Heard) -> None:
    shops = [row for row in found.by if row["cut"] == "team" and row["theme"] == "all"]
    assert [row["value"] for row in shops if row["negative_differs"]] == [WORSE]
    for row in shops:
        mine = [one for one in found.voice if one["team"] == row["value"]]
        truly = sum(found.truth.mood[one["event"]] == "negative" for one in mine) / len(mine)
        assert row["negative_share_low"] < truly < row["negative_share_high"]


def test_the_new_matter_is_found_and_nothing_else_is_new(found: Heard) -> None:
    assert [row["words"] for row in found.emerging] == [NEW]
    (row,) = found.emerging
    truly = {row["event"] for row in found.voice if found.truth.matter[row["event"]] == NEW}
    assert row["touchpoint"] == "till" and row["example_event"] in truly
    assert len(truly) - 2 <= row["customers_count"] <= len(truly)


def test_what_is_asked_for_is_gathered(found: Heard) -> None:
    assert {row["about"] for row in found.requests} == {"evening"}
    assert all("evening delivery" in row["wanted"] for row in found.requests)
    assert all(row["sentence"].startswith(("I wish", "It would", "Please", "Why")) for row in found.requests)


def test_themes_hold_together_and_have_names_of_their_own(found: Heard) -> None:
    assert len(found.themes) >= 3
    largest = 0
    for row in found.themes:
        matters = Counter(found.truth.matter[one["event"]] for one in found.voice if one["theme"] == row["theme"])
        assert row["texts_count"] == matters.total() == round(row["share"] * len(found.voice))
        largest += matters.most_common(1)[0][1]
        assert any(word in row["theme"].casefold() for word in ("parcel", "courier", "invoice", "sofa", "website"))
    # Chance would give two fifths: deliveries are the commonest matter.
    assert largest > 0.5 * sum(row["texts_count"] for row in found.themes)


def test_counts_add_up(found: Heard) -> None:
    (whole,) = [row for row in found.by if row["cut"] == "all" and row["theme"] == "all"]
    assert whole["texts_count"] == len(found.voice) == 480
    for cut in ("team", "channel", "touchpoint", "week"):
        rows = [row for row in found.by if row["cut"] == cut and row["theme"] == "all"]
        assert sum(row["texts_count"] for row in rows) == 480
        assert sum(row["negative_count"] for row in rows) == whole["negative_count"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(201, 206))
def test_where_nothing_is_planted_nothing_is_found(seed: int) -> None:
    quiet = heard(seed=seed, texts=480, null=True)
    assert not quiet.requests
    assert not [row for row in quiet.emerging if row["kind"] == "theme"]
    assert not [row for row in quiet.by if row["cut"] == "team" and row["theme"] == "all" and row["negative_differs"]]
