"""An attacker with a whole year of reports tries to single people out. He must not get below five.

He sees published numbers and nothing else. So that he can read from a number whose answers are in it, each answer carries a
signature: its value is 1 + 2^−k, with another k for each answer to a question. A sum of such values names its terms. With
that he has more than any reader: the members of every published cell. Then linear algebra over all cells, totals and
margins, of reports of several days: is there any combination that holds one to four answers?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aboveboard.analyses import enablement
from aboveboard.analyses.enablement import publishing
from aboveboard.analyses.enablement.pulse import _of as pulse_rows
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook

Row = dict[str, Any]
Part = frozenset[str]
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
MOST = 44
"""Signatures of so many answers fit into one number."""
LEAST = 5


def event(number: int, type: str, at: datetime, **columns: Any) -> Row:
    blank = dict.fromkeys(SCHEMA.names)
    return {**blank, "id": f"e{(number * 7919) % 9973:04d}", "type": type, "time": at, "recorded_at": at, **columns}


def ledger(rounds: Iterable[Mapping[str, int]], *, gap: int, asked: bool, spread: int = 1) -> list[Row]:
    """Rounds of answers to one question, `gap` days apart: how many of each team answer. Each answer is a signature."""
    rows: list[Row] = []
    given = 0
    for number, teams in enumerate(rounds):
        start = FIRST + timedelta(days=gap * number)
        for team, count in teams.items():
            if asked:
                rows.append(event(len(rows), "pulse.asked", start, team=team, outcome="tools"))
            for place in range(count):
                if given >= MOST:
                    return rows
                at = start + timedelta(hours=1, minutes=(place * spread * 60 * 24) % (10 * 60 * 24))
                value = 1 + 2.0 ** -(given + 1)
                rows.append(event(len(rows), "pulse.answered", at, team=team, outcome="tools", value=value))
                given += 1
    return rows


def reports(rows: list[Row], days: Iterable[int]) -> list[Row]:
    """The rows of `pulse` as published on each of these days."""
    published: list[Row] = []
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        for day in days:
            study = enablement.studied(led.events, Playbook(), as_of=FIRST + timedelta(days=day))
            published += led.arrow(enablement.pulse(study, zone=Playbook().timezone)).to_pylist()
    return published


def members(row: Row) -> Part:
    """Whose answers a published score holds, read from the score alone."""
    left = row["score"] * row["answers_count"] - row["answers_count"]
    found = set()
    for place in range(1, MOST + 1):
        if left >= 2.0**-place - 2.0 ** -(MOST + 2):
            left -= 2.0**-place
            found.add(place)
    assert abs(left) < 2.0 ** -(MOST + 1), "the number does not decode: the attacker cannot read it"
    return frozenset(str(place) for place in found)


def isolated(parts: Iterable[Part], least: int = LEAST) -> Part | None:
    """Fewer than `least` people whom a linear combination of the parts holds and nobody else; None where there are none.

    People who are in the same parts are in every combination together or not at all. So only classes of fewer than
    `least` can be got at; a set of them is got at where the parts, cut down to everybody else, lose rank.
    """
    distinct = sorted({part for part in parts if part}, key=sorted)
    patterns: dict[tuple[bool, ...], set[str]] = {}
    for person in sorted(frozenset().union(*distinct)):
        patterns.setdefault(tuple(person in part for part in distinct), set()).add(person)
    classes = list(patterns.values())
    matrix = np.array(list(patterns), dtype=float).T
    rank = np.linalg.matrix_rank(matrix) if matrix.size else 0
    small = [place for place, people in enumerate(classes) if len(people) < least]
    for size in range(1, least):
        for chosen in combinations(small, size):
            people = frozenset().union(*(classes[place] for place in chosen))
            if len(people) < least:
                rest = np.delete(matrix, chosen, axis=1)
                if rank > (np.linalg.matrix_rank(rest) if rest.size else 0):
                    return people
    return None


def people(*names: int) -> Part:
    return frozenset(str(name) for name in names)


def test_the_attacker_can_attack() -> None:
    """Held against tables that are known to leak, and one that is known not to."""
    total, north = people(*range(12)), people(*range(9))
    assert isolated([total, north]) == people(9, 10, 11)
    assert isolated([people(1, 2, 3)]) == people(1, 2, 3)
    assert isolated([people(*range(5)), people(*range(6))]) == people(5)
    three = [people(*range(12)), people(*range(5)), people(*range(5, 10))]
    assert isolated(three) == people(10, 11)  # no difference of two of them, but one of three
    assert isolated([people(*range(5)), people(*range(10)), people(*range(10, 15))]) is None
    assert isolated([]) is None


def published_without_care(rows: list[Row], days: Iterable[int]) -> list[Part]:
    """What a table with a plain threshold of five and true totals would publish: the attacker's easy prey."""
    parts = []
    for day in days:
        held: dict[str, set[str]] = {}
        number = 0
        for row in rows:
            if row["type"] == "pulse.answered":
                number += 1
                if row["time"] <= FIRST + timedelta(days=day):
                    held.setdefault(row["team"], set()).add(str(number))
        parts += [frozenset(team) for team in held.values() if len(team) >= LEAST]
        parts.append(frozenset().union(*held.values()))
    return parts


ROUND = st.fixed_dictionaries({}, optional={team: st.integers(1, 9) for team in ("north", "süd", "east", "west")})
LEDGERS = st.builds(
    ledger,
    st.lists(ROUND, min_size=1, max_size=5),
    gap=st.sampled_from((5, 7, 10, 28)),
    asked=st.booleans(),
    spread=st.integers(0, 3),
)
DAYS = st.lists(st.integers(1, 190), min_size=1, max_size=3)


def attack(rows: list[Row], days: Iterable[int]) -> int:
    """Attack the reports; how many different parts there were to attack with."""
    found = reports(rows, days)
    parts = [members(row) for row in found]
    for row, part in zip(found, parts, strict=True):
        assert len(part) == row["answers_count"], "the count and the score are of different answers"
    assert isolated(parts) is None
    return len(set(parts))


COUNTS = st.lists(
    st.tuples(st.sampled_from(("north", "süd", "east", "west")), st.integers(1, 4), st.integers(1, 9)),
    max_size=14,
    unique_by=lambda count: count[:2],
)


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(COUNTS.filter(lambda counts: sum(count for _, _, count in counts) <= MOST))
def test_no_cells_and_totals_isolate_anybody(counts: list[tuple[str, int, int]]) -> None:
    """Without an engine: cells from counts, a signature for each answer that is told, and the rows written from them.

    Every week is a report of its own, so that what was told earlier is attacked together with what is told later.
    """
    found: list[Row] = []
    for last in range(1, 5):
        known = [(team, "tools", week, count) for team, week, count in counts if week <= last]
        told: dict[tuple[str, int], list[int]] = {}
        for team, _, week, cell in publishing.cells(known):
            own = [place for place, one in enumerate(answered(counts)) if one == (team, week)]
            told.setdefault((cell, week), []).extend(own)
        fives = {key: sorted(own)[: len(own) // LEAST * LEAST] for key, own in told.items()}
        cells = [
            publishing.Told(cell, "tools", week, len(own), len(own) + sum(2.0 ** -(place + 1) for place in own), 0.0)
            for (cell, week), own in sorted(fives.items())
        ]
        found += pulse_rows("tools", cells, Playbook().timezone)
    assert isolated(members(row) for row in found) is None


def answered(counts: list[tuple[str, int, int]]) -> list[tuple[str, int]]:
    """One entry per answer: its team and week."""
    return [(team, week) for team, week, count in counts for _ in range(count)]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(LEDGERS.filter(bool), DAYS)
def test_nobody_is_isolated_in_whole_ledgers(rows: list[Row], days: list[int]) -> None:
    attack(rows, [*days, 200])


def test_there_is_something_to_attack_and_without_care_it_falls() -> None:
    rounds = [{"north": 7, "süd": 3, "east": 6}, {"north": 8, "süd": 2, "east": 9}]
    rows = ledger(rounds, gap=28, asked=True)
    days = (25, 60)
    assert attack(rows, days) >= 5
    assert isolated(published_without_care(rows, days)) is not None


def test_one_newcomer_is_not_the_difference_of_two_weeks() -> None:
    """People who answer alike every week, one more of them each time: no two told numbers differ by one to four people."""
    for start in (5, 9):
        rows = ledger([{"north": start}, {"north": start + 1}, {"north": start + 2}], gap=28, asked=True)
        found = reports(rows, (100,))
        weeks = [row["answers_count"] for row in found if row["week_start_at"] is not None]
        assert weeks and all(abs(one - other) % LEAST == 0 for one in weeks for other in weeks)


def test_replies_are_told_of_five_or_of_none() -> None:
    rng = np.random.default_rng(3)
    for _ in range(2):
        rows = []
        for number in range(int(rng.integers(2, 5))):
            team = f"team {number}"
            for place in range(int(rng.integers(5, 14))):
                at = FIRST + timedelta(days=int(rng.integers(0, 4)), minutes=place)
                rows.append(event(len(rows), "pulse.answered", at, team=team, outcome="help", value=3.0))
            at = FIRST + timedelta(days=int(rng.integers(0, 5)))
            rows.append(event(len(rows), "pulse.replied", at, team=team, outcome="help", text="Read."))
        with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
            study = enablement.studied(led.events, Playbook(), as_of=FIRST + timedelta(days=40))
            told = led.arrow(enablement.replies(study)).to_pylist()
        whole = [row for row in told if row["team"] == "all"]
        parts = [row for row in told if row["team"] != "all"]
        for side in ("replied_count", "unanswered_count"):
            counts = [row[side] for row in told]
            assert all(count == 0 or count >= LEAST for count in counts), told
            # What a total holds beyond the parts that are told is nothing.
            assert sum(row[side] for row in parts) == sum(row[side] for row in whole)
