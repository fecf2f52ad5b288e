"""Which answers are told together: five or more, for good, and never so that a team could be subtracted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from aboveboard.analyses import enablement
from aboveboard.analyses.enablement import publishing
from aboveboard.analyses.enablement.tables import SMALL
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def cells(*counts: tuple[str, int, int]) -> list[tuple[str, int, str]]:
    made = publishing.cells((team, "tools", week, count) for team, week, count in counts)
    return sorted((team, week, cell) for team, _, week, cell in made)


def test_five_stand_alone_and_small_teams_together_where_any_of_them_may_be_taken_away() -> None:
    assert cells(("a", 1, 5), ("b", 1, 4)) == [("a", 1, "a")]
    assert cells(("b", 1, 4), ("c", 1, 4)) == []  # without b only four are left
    assert cells(("b", 1, 4), ("c", 1, 3), ("d", 1, 2)) == [(team, 1, SMALL) for team in "bcd"]


def test_what_a_team_was_told_as_it_stays() -> None:
    first = [("b", 1, 4), ("c", 1, 4), ("d", 1, 3)]
    grown = cells(*first, ("b", 2, 9), ("c", 2, 3), ("d", 2, 4))
    assert [row for row in grown if row[1] == 2] == [("b", 2, SMALL), ("c", 2, SMALL), ("d", 2, SMALL)]
    shrunk = cells(("a", 1, 6), ("a", 2, 3), ("b", 2, 4), ("c", 2, 4), ("d", 2, 4))
    assert ("a", 2, SMALL) not in shrunk and ("b", 2, SMALL) in shrunk


def test_later_weeks_change_nothing_about_earlier_ones() -> None:
    counts = [("a", 1, 5), ("b", 1, 3), ("c", 1, 3), ("d", 1, 3), ("a", 2, 4), ("b", 2, 8), ("c", 3, 6), ("e", 3, 7)]
    whole = cells(*counts)
    for last in (1, 2):
        assert cells(*(row for row in counts if row[1] <= last)) == [row for row in whole if row[1] <= last]


def answer(number: int, at: datetime, type: str = "pulse.answered", **columns: Any) -> dict[str, Any]:
    line = {
        "id": f"{type}{number}",
        "type": type,
        "time": at,
        "recorded_at": at,
        "team": "a",
        "outcome": "tools",
        "value": 3.0,
    }
    return dict.fromkeys(SCHEMA.names) | line | columns


def told(rows: list[dict[str, Any]], as_of: datetime) -> list[publishing.Told]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as led:
        return list(enablement.studied(led.events, Playbook(), as_of=as_of).told)


def test_a_week_is_told_when_it_is_closed() -> None:
    rows = [answer(n, MONDAY + timedelta(hours=n)) for n in range(7)]
    assert told(rows, MONDAY + timedelta(days=21)) == []
    [cell] = told(rows, MONDAY + timedelta(days=22, hours=1))
    assert (cell.count, cell.total) == (5, 15.0)


def test_answers_belong_to_the_week_in_which_they_were_asked() -> None:
    asked = answer(0, MONDAY + timedelta(days=6), "pulse.asked")
    rows = [answer(n, MONDAY + timedelta(days=6 + n)) for n in range(1, 7)]  # six days, over two weeks
    later = MONDAY + timedelta(days=60)
    assert [cell.count for cell in told([asked, *rows], later)] == [5]
    # Without the asking each belongs to its own week, and an answer three weeks after the asking does too.
    late = [answer(n + 20, MONDAY + timedelta(days=27, hours=n)) for n in range(5)]
    assert len({cell.week for cell in told([asked, *rows, *late], later)}) == 2


def test_one_person_with_a_key_counts_once_a_week_with_the_last_answer() -> None:
    rows = [answer(n, MONDAY + timedelta(hours=n), employee=f"p{n % 4}", value=1.0 + n % 5) for n in range(12)]
    later = MONDAY + timedelta(days=60)
    assert told(rows, later) == []  # twelve answers of four people
    fifth = answer(90, MONDAY + timedelta(hours=20), employee="p9", value=5.0)
    [cell] = told([*rows, fifth], later)
    assert (cell.count, cell.total) == (5, 5.0 + sum(1.0 + n % 5 for n in range(8, 12)))


def test_what_is_no_answer_is_left_out() -> None:
    rows = [answer(n, MONDAY + timedelta(hours=n)) for n in range(4)]
    rows += [answer(10, MONDAY, value=6.0), answer(11, MONDAY, value=None), answer(12, MONDAY, outcome="lunch")]
    rows += [answer(13, MONDAY, team=None)]
    assert told(rows, MONDAY + timedelta(days=60)) == []
