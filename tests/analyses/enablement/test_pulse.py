"""Planted companies: what a team lacks is seen, beside the promises that it breaks; where nothing differs nothing is said."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from aboveboard.analyses import enablement, promises
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_pulses
from aboveboard.simulate.planted_pulses import Team

Row = dict[str, Any]
BOOK = reader.read(planted_pulses.PLAYBOOK)
COMPANY = [
    *planted_pulses.teams(14, 6, strains=0.3),
    Team("untrained", 24, {"training": 1.6}, 0.3),
    Team("unheard", 9, replied=False),
    *(Team(f"tiny {n}", 4) for n in range(4)),
]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Row]]:
    events = planted_pulses.events(COMPANY, 4)
    with Ledger.of(events) as led:
        moment = max(events["time"].to_pylist())
        outcomes = led.keep(promises.outcomes(led.events, BOOK, as_of=moment), "promises")
        study = enablement.studied(led.events, BOOK)
        pulse = led.keep(enablement.pulse(study, promises=outcomes, zone=BOOK.timezone), "pulse")
        made = {"pulse": pulse, "replies": enablement.replies(study), "links": enablement.links(pulse)}
        return {name: led.arrow(table).to_pylist() for name, table in made.items()}


def whole(tables: dict[str, list[Row]], question: str) -> dict[str, Row]:
    return {row["team"]: row for row in tables["pulse"] if row["question"] == question and row["week_start_at"] is None}


def test_what_a_team_lacks_is_seen(tables: dict[str, list[Row]]) -> None:
    training = whole(tables, "training")
    row = training["untrained"]
    assert row["differs"] and row["score_low"] < 2.1 < row["score_high"] < row["rest_score"]
    assert [team for team, one in training.items() if one["differs"]] == ["untrained"]
    assert row["breakdown_share_low"] < 0.3 < row["breakdown_share_high"] and row["cases_count"] > 50


def test_a_total_is_the_sum_of_what_is_told(tables: dict[str, list[Row]]) -> None:
    for question in ("training", "tools", "system", "help"):
        rows = [row for row in tables["pulse"] if row["question"] == question]
        cells = [row for row in rows if row["week_start_at"] and row["team"] != "all"]
        total = whole(tables, question)["all"]
        assert sum(row["answers_count"] for row in cells) == total["answers_count"]
        mean = sum(row["answers_count"] * row["score"] for row in cells) / total["answers_count"]
        assert total["score"] == pytest.approx(mean)
        assert {row["team"] for row in cells} >= {"untrained", "(small teams together)"}
        assert all(row["answers_count"] % 5 == 0 for row in rows)


def test_a_change_is_told_from_the_week_before(tables: dict[str, list[Row]]) -> None:
    weeks = [
        row
        for row in tables["pulse"]
        if row["team"] == "untrained" and row["question"] == "help" and row["week_start_at"]
    ]
    assert weeks[0]["change"] is None and len(weeks) > 3
    for one, other in pairwise(weeks):
        assert other["change"] == pytest.approx(other["score"] - one["score"])
        assert other["change_low"] < other["change"] < other["change_high"]


def test_answers_that_wait_are_counted_with_their_age(tables: dict[str, list[Row]]) -> None:
    rows = {row["team"]: row for row in tables["replies"]}
    assert rows["unheard"]["replied_count"] == 0 and rows["unheard"]["unanswered_days_median"] > 50
    assert rows["untrained"]["replied_share"] > 0.6 and 6 <= rows["untrained"]["reply_days_median"] <= 12
    parts = [row for team, row in rows.items() if team != "all"]
    assert rows["all"]["answers_count"] == sum(row["answers_count"] for row in parts)


def test_teams_without_tools_break_more(tables: dict[str, list[Row]]) -> None:
    links = {row["question"]: row for row in tables["links"]}
    assert links["tools"]["correlation"] < 0 and links["tools"]["correlation_high"] < 0 and links["tools"]["q"] < 0.05
    assert links["help"]["q"] > 0.05 and links["help"]["says"].startswith("No sure link")


def test_few_teams_say_nothing() -> None:
    events = planted_pulses.events([Team("one", 9), Team("two", 9)], 1, rounds=2)
    with Ledger.of(events) as led:
        outcomes = led.keep(promises.outcomes(led.events, BOOK, as_of=max(events["time"].to_pylist())), "promises")
        pulse = led.keep(
            enablement.pulse(enablement.studied(led.events, BOOK), promises=outcomes, zone=BOOK.timezone), "pulse"
        )
        [row, *_] = led.arrow(enablement.links(pulse)).to_pylist()
    assert row["correlation"] is None and "too few" in row["says"]


def test_a_ledger_without_a_pulse_gives_no_rows() -> None:
    events = planted_pulses.events([], 1)
    with Ledger.of(events) as led:
        study = enablement.studied(led.events, BOOK)
        pulse = led.keep(enablement.pulse(study, zone=BOOK.timezone), "pulse")
        for table in (pulse, enablement.replies(study), enablement.links(pulse)):
            assert led.arrow(table).num_rows == 0
